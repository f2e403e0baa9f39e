"""Tasks as folders in Harbor's form, for agents that live in a container: instruction.md, task.toml, environment/, tests/.

Beside the agent's container runs ours, which serves the environment over MCP. The agent explores with the tools and
writes its answer to a file; the verifier submits that answer to a fresh episode, on the control plane, whose token only
the verifier and our container have. So neither the reference nor the reward is ever near the agent.

What is needed to run one: an image of this project (its Dockerfile), by default called codegym-mcp.
Source of the form: https://www.harborframework.com/docs/tasks, as of its schema version 1.1.
"""

import json
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from codegym_mcp.catalog import Catalog
from codegym_mcp.definition import Definition
from codegym_mcp.types import Task
from synth.export.rows import card_at, task_line
from synth.export.tables import write_text

IMAGE = "codegym-mcp"
SERVER, PORT = "codegym", 8000
"""Name of our container in the task's network, and its port."""
ANSWER = "/app/answer.json"
AGENT_S = 1800.0

INSTRUCTION = """{prompt}

The data of this task are hidden behind the tools of the MCP server `{name}`: call `Start` first, then its other tools.
When you have the answer, write it as JSON to `{answer}`. It has this JSON Schema:

```json
{schema}
```
"""
TOML = """schema_version = "1.1"

[task]
name = "codegym/{name}-{id}"
description = {description}
keywords = ["tool-use", "mcp"]

[metadata]
difficulty = "{level}"
category = {topic}
licence = {licence}
content_hash = "{hash}"

[agent]
timeout_sec = {agent_s}

[verifier]
timeout_sec = 60.0

[environment]
build_timeout_sec = 600.0

[[environment.mcp_servers]]
name = "{name}"
transport = "streamable-http"
url = "http://{server}:{port}/envs/{name}/mcp"
"""
COMPOSE = """services:
  main:
    depends_on:
      {server}:
        condition: service_healthy
  {server}:
    image: {image}
    command: [serve, /environments/{name}, --transport, http, --host, 0.0.0.0, --allow-host, {server}]
    environment:
      CODEGYM_TOKEN: {token}
    volumes:
      - ./{name}:/environments/{name}:ro
    healthcheck:
      test: [CMD, /opt/codegym/bin/python, -c, "import urllib.request as u; u.urlopen('http://127.0.0.1:{port}/healthz')"]
      interval: 2s
      retries: 30
"""
DOCKERFILE = "FROM python:3.12-slim\nWORKDIR /app\n"
TEST = "#!/bin/sh\nmkdir -p /logs/verifier\npython3 /tests/verify.py > /logs/verifier/reward.txt\n"
VERIFY = '''"""Prints the reward of an answer: submitted to a fresh episode of the task. Arguments: control plane, file."""

import json
import sys
import urllib.request

TOKEN, ENVIRONMENT, TASK = {token!r}, {name!r}, {id!r}


def ask(base, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {{"Authorization": "Bearer " + TOKEN, "Content-Type": "application/json"}}
    with urllib.request.urlopen(urllib.request.Request(base + path, data, headers), timeout=30) as reply:
        return json.load(reply)


def reward(base, file):
    try:
        with open(file, encoding="utf-8") as stream:
            answer = json.load(stream)
    except (OSError, ValueError):
        return 0.0
    id = ask(base, "/episodes", {{"environment": ENVIRONMENT, "task": TASK}})["id"]
    ask(base, f"/episodes/{{id}}/call", {{"tool": "Done", "arguments": {{"answer": answer}}}})
    return ask(base, f"/episodes/{{id}}")["reward"] or 0.0


if __name__ == "__main__":
    base, file = (sys.argv[1:] + [{base!r}, {answer!r}][len(sys.argv) - 1 :])[:2]
    print(reward(base, file))
'''


def export_harbor(catalog: Catalog, out: Path, *, names: Sequence[str] | None = None, image: str = IMAGE) -> list[Path]:
    """Write a folder for every task of native environments; returns them.

    Args:
        names: default: all environments.
        image: of our container.
    """
    return [
        _write(out / f"{name}-{task.id}", catalog.definition(name), task, image, card_at(catalog, name))
        for name in (names if names is not None else catalog.names())
        for task in catalog.tasks(name)
    ]


def _write(folder: Path, definition: Definition, task: Task, image: str, card: dict[str, Any]) -> Path:
    done = definition.tool("Done")
    schema = done.input_schema["properties"]["answer"] if done else {}
    values = {
        "name": definition.name,
        "id": task.id,
        "level": task.level,
        "hash": definition.hash,
        "prompt": task.prompt or definition.prompt,
        "schema": json.dumps(schema, indent=2),
        "description": json.dumps(f"One task of the tool-use environment {definition.name}."),
        "topic": json.dumps(card.get("topic", "")),
        "licence": json.dumps(card.get("licence", "")),
        "image": image,
        "server": SERVER,
        "port": PORT,
        "base": f"http://{SERVER}:{PORT}/control",
        "token": secrets.token_urlsafe(24),
        "answer": ANSWER,
        "agent_s": AGENT_S,
    }
    inside = folder / "environment" / definition.name
    write_text(folder / "instruction.md", INSTRUCTION.format(**values))
    write_text(folder / "task.toml", TOML.format(**values))
    write_text(folder / "environment" / "Dockerfile", DOCKERFILE)
    write_text(folder / "environment" / "docker-compose.yaml", COMPOSE.format(**values))
    write_text(inside / "env.py", definition.source)
    write_text(inside / "tasks.jsonl", task_line(task) + "\n")
    write_text(folder / "tests" / "verify.py", VERIFY.format(**values))
    write_text(folder / "tests" / "test.sh", TEST)
    (folder / "tests" / "test.sh").chmod(0o755)
    return folder

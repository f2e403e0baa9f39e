"""verifiers' own Agent and `null` harness run our tasks; the script is behind an endpoint of OpenAI's kind.

The harness's chat program, a process of its own, speaks MCP to the episode's URL through the SDK that verifiers pins. Only
the environment that uv would make for it, with packages that are here already, is left out.
"""

import asyncio
import json
import logging
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import verifiers.v1 as vf
from script import Script, answer, asked
from verifiers.v1.configs.client import EvalClientConfig
from verifiers.v1.runtimes import SubprocessConfig
from verifiers.v1.runtimes.base import Runtime
from verifiers.v1.utils.loaders import taskset_class

from codegym_mcp.adapters.verifiers import CodegymTaskConfig, CodegymTaskset, CodegymTasksetConfig
from codegym_mcp.types import Task

PROGRAMS = Path(tempfile.mkdtemp())
PLUGIN = 'from codegym_mcp.adapters.verifiers import CodegymTaskset\n__all__ = ["CodegymTaskset"]\n'
"""As in docs/adapters.md."""


async def program(self: Runtime, script: str, env: Any = None, *, activate: bool = True) -> list[str]:
    """In place of uv's environment: this one."""
    path = PROGRAMS / "program.py"
    path.write_text(script)
    return [sys.executable, str(path)]


Runtime.prepare_uv_script = program


class Endpoint(BaseHTTPRequestHandler):
    """Chat completions from the script of the hour, streamed as the harness wants them."""

    script: Script
    requests: list[dict[str, Any]]

    def do_POST(self) -> None:
        """One turn."""
        Endpoint.requests.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        text = self.script.next()
        calls = [json.loads(part.split("</tool_call>")[0]) for part in text.split("<tool_call>")[1:]]
        functions = [{"name": call["name"], "arguments": json.dumps(call["arguments"])} for call in calls]
        message: dict[str, Any] = {"role": "assistant", "content": None if calls else text}
        if calls:
            message["tool_calls"] = [{"id": f"c{i}", "type": "function", "function": f} for i, f in enumerate(functions)]
        for number, call in enumerate(message.get("tool_calls", [])):
            call["index"] = number
        head = {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": "script"}
        ends = {"index": 0, "delta": {}, "finish_reason": "tool_calls" if calls else "stop"}
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        chunks = [
            {**head, "choices": [{"index": 0, "delta": message, "finish_reason": None}]},
            {**head, "choices": [ends]},
            {**head, "choices": [], "usage": usage},
        ]
        sent = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + "data: [DONE]\n\n"
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("content-length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent.encode())

    def log_message(self, *_: Any) -> None:
        """Quiet."""


async def play(task: Task, port: int, ask: dict[str, Any]) -> dict[str, Any]:
    """One rollout, and two more at once where the ask wants them; what verifiers records of the first."""
    Endpoint.script, Endpoint.requests = Script(ask), []
    where = CodegymTaskConfig(urls=ask["urls"], max_steps=ask["max_steps"], lost_after_s=ask["lost_after_s"])
    taskset = CodegymTaskset(CodegymTasksetConfig(task=where, environments=[task.environment], level=task.level))
    tasks = list(taskset)
    found = next(each for each in tasks if each.data.task.id == task.id)
    config = vf.AgentConfig(
        harness={"id": "null"},
        runtime=SubprocessConfig(),
        model="script",
        client=EvalClientConfig(base_url=f"http://127.0.0.1:{port}/v1", api_key_var="CODEGYM_TOKEN"),
        max_turns=ask["options"].get("max_turns"),
    )
    async with vf.make_agent(config) as agent:
        trace = await agent.run(found)
        both = await asyncio.gather(agent.run(found), agent.run(found)) if ask["options"].get("twice") else []
    request = Endpoint.requests[0] if Endpoint.requests else {}
    return {
        "ok": trace.ok,
        "rewards": {name: reward and reward.value for name, reward in trace.rewards.items()},
        "metrics": dict(trace.metrics),
        "reward": trace.reward,
        "errors": [error.type for error in trace.errors],
        "why": str(trace.errors[-1])[:500] if trace.errors else "",
        "stop": trace.stop_condition,
        "answered": [message.content for message in trace.tool_messages],
        "messages": request.get("messages"),
        "tools": request.get("tools"),
        "status": trace.state.last and trace.state.last.status,
        "plugin": taskset_class("codegym_tasks").__name__,
        "levels": sorted({each.data.task.level for each in tasks}),
        "episodes": [each.state.opened.id for each in both if each.state.opened],
        "record": trace.model_dump_json(),
    }


async def main() -> None:
    """Ask by ask."""
    told = asked()
    task = Task.model_validate_json(told["task"])
    (PROGRAMS / "codegym_tasks.py").write_text(PLUGIN)
    sys.path.append(str(PROGRAMS))
    endpoint = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    threading.Thread(target=endpoint.serve_forever, daemon=True).start()
    answer({name: await play(task, endpoint.server_port, ask) for name, ask in told["asks"].items()})


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    asyncio.run(main())

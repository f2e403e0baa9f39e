"""Give the recorded completions the keys of the present prompts: `python -m tests.synth.record`.

Plays every problem and every wrong model with the texts that are there, found by problem and step, whatever prompt they
were recorded under. A text may be edited by hand, or added as `<problem>/<step>.txt`, before this is run. What a change of
the prompts, or of a checker's feedback, asks for anew is told at the end: it has to be written.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from codegym_mcp.sandbox.pool import Pool
from synth.generate.completions import Completion, Completions, slug
from synth.generate.generate import augment, generate
from synth.generate.recorded import NotRecorded, RecordedModel
from synth.problem import Candidate
from tests.synth import completions

CREATED = "2026-11-21T00:00:00+00:00"


class Recorder(RecordedModel):
    """Answers from the texts of a folder, and keeps them under the keys that are asked for."""

    def __init__(self, root: Path) -> None:
        super().__init__(completions.MODEL, Completions(root))
        self.used: set[Path] = set()

    async def _make(
        self, key: str, messages: list[dict[str, Any]], sampling: dict[str, Any], problem: str, step: str, sample: int
    ) -> Completion:
        paths = sorted((self.completions.root / slug(problem)).glob(f"{step}.*"))
        if not paths:
            return await super()._make(key, messages, sampling, problem, step, sample)
        head, text = read(paths[0])
        for path in paths:
            path.unlink()
        words = sum(len(str(message["content"]).split()) for message in messages)
        return self.completions.keep(
            Completion(
                key=key,
                problem=problem,
                step=step,
                model=self.name,
                sample=sample,
                finish_reason=head.get("finish_reason", "stop"),
                prompt_tokens=words,
                completion_tokens=len(text.split()),
                created=CREATED,
                text=text,
            )
        )


def read(path: Path) -> tuple[dict[str, Any], str]:
    """The first line, if it is one of ours, and the text, whatever its hash."""
    text = path.read_text(encoding="utf-8")
    line, _, body = text.partition("\n")
    try:
        head = json.loads(line)
    except ValueError:
        return {}, text
    return (head, body) if isinstance(head, dict) and "finish_reason" in head else ({}, text)


async def main() -> int:
    """Play everything; the number of texts that are missing."""
    missing = 0
    async with Pool(zygotes=1) as pool:
        for name in completions.NAMES:
            missing += await _play(Recorder(completions.GOOD), pool, name)
        for scenario in completions.SCENARIOS:
            missing += await _play(Recorder(completions.WRONG / scenario), pool, None)
    return missing


async def _play(model: Recorder, pool: Pool, name: str | None) -> int:
    try:
        if name is not None:
            result = await generate(model, pool, completions.read_problem(name))
            if name == completions.AUGMENTED and isinstance(result, Candidate):
                result = await augment(model, pool, result)
        else:
            problem, inputs = await completions.wrong_problem(pool)
            result = await generate(
                model, pool, problem, inputs, settings=completions.wrong_settings(model.completions.root.name)
            )
    except NotRecorded as exc:
        print(f"{model.completions.root.name}: {exc}")
        return 1
    outcome = f"{result.reason}: {result.detail}" if hasattr(result, "reason") else result.notes["solvers"]
    print(f"{model.completions.root.name}/{name or completions.WRONG_PROBLEM}: {outcome}")
    return 0


if __name__ == "__main__":
    sys.exit(min(1, asyncio.run(main())))

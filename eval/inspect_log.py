"""A run as Inspect's logs, to read every message in its viewer: one log for each who played, one sample for each episode.

One way only: `episodes.jsonl` stays what figures are made from. Tasks are exported without their configurations, so neither
hidden state nor a reference answer is in a log, beyond what a player itself saw or submitted.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codegym_mcp.rollout import Message, tool_call
from codegym_mcp.types import Step, Trajectory
from eval.absent import Absent
from eval.agents import messages_of
from eval.records import FILE, Record, read_records, slug
from eval.scores import ending_of

if TYPE_CHECKING:
    from inspect_ai.log import EvalLog, EvalSample

PIP = "pip install 'inspect-ai>=0.3.285,<0.4'"
KINDS = {"InvalidArguments": "parsing", "ToolTimeout": "timeout", "ToolOverLimit": "limit"}
"""Our errors -> Inspect's."""
OUTCOMES = {True: "committed", False: "rolled back"}


def export(folder: Path, out: Path) -> list[Path]:
    """Write a run's logs, the evaluated one's first; baselines have logs of their own beside it.

    Returns:
        their paths.

    Raises:
        Absent: inspect-ai is not installed.
        InvalidRequest: the folder holds no run.
    """
    try:
        from inspect_ai.log import write_eval_log
    except ImportError as exc:
        raise Absent("The package inspect-ai", f"`{PIP}` brings it.") from exc
    given, records = read_records(folder)
    begun = datetime.fromtimestamp((folder / FILE).stat().st_mtime, UTC).isoformat(timespec="seconds")
    out.mkdir(parents=True, exist_ok=True)
    paths = []
    for number, subject in enumerate(dict.fromkeys([given.get("model", ""), *(record.subject for record in records)])):
        mine = [record for record in records if record.subject == subject]
        if mine:
            paths.append(out / f"{number:02d}-{given.get('benchmark', 'run')}-{slug(subject)}.eval")
            write_eval_log(log_of(given, subject, mine, begun), str(paths[-1]), format="eval")
    return paths


def log_of(given: Mapping[str, Any], subject: str, records: Sequence[Record], created: str) -> "EvalLog":
    """All episodes of one who played.

    Args:
        given: what the run was asked to do.
        created: time, as in ISO 8601.
    """
    from inspect_ai.log import EvalConfig, EvalDataset, EvalLog, EvalMetric, EvalResults, EvalScore, EvalSpec, EvalStats

    samples = [sample_of(record, subject) for record in records]
    rewards = [one.trajectory.reward for one in records if one.trajectory.reward is not None]
    mean = EvalMetric(name="mean", value=sum(rewards) / len(rewards)) if rewards else None
    score = EvalScore(
        name="reward",
        scorer="reward",
        scored_samples=len(rewards),
        unscored_samples=len(records) - len(rewards),
        metrics={"mean": mean} if mean else {},
    )
    ids = list(dict.fromkeys(str(sample.id) for sample in samples))
    kept = ("protocol", "split", "settings", "deviations", "versions", "tasks_hash", "agent")
    return EvalLog(
        status="success",
        eval=EvalSpec(
            created=created,
            task=given.get("benchmark", "run"),
            task_id=f"{given.get('tasks_hash', '')}-{slug(subject)}",
            dataset=EvalDataset(name=given.get("benchmark"), samples=len(ids), sample_ids=ids),
            model=subject,
            config=EvalConfig(epochs=1 + max(record.run for record in records)),
            packages=given.get("versions", {}),
            metadata={key: given[key] for key in kept if key in given},
        ),
        results=EvalResults(total_samples=len(records), completed_samples=len(rewards), scores=[score]),
        stats=EvalStats(model_usage=_usage(records, subject)),
        samples=samples,
    )


def sample_of(record: Record, subject: str) -> "EvalSample":
    """One episode."""
    from inspect_ai.log import EvalError, EvalSample
    from inspect_ai.model import ModelOutput
    from inspect_ai.scorer import Score

    played = record.trajectory
    messages = list(_messages(played))
    said = [message for message in messages if message.role == "assistant"]
    told = ending_of(played)
    why = (played.error or {}).get("message", told)
    return EvalSample(
        id=f"{played.environment}/{played.task.id}",
        epoch=record.run + 1,
        input=next((message.text for message in messages if message.role == "user"), ""),
        target="",
        messages=messages,
        output=ModelOutput.from_message(said[-1]) if said else ModelOutput(model=subject),
        scores=None if played.reward is None else {"reward": Score(value=played.reward, explanation=told)},
        error=EvalError(message=why, traceback="", traceback_ansi="") if played.reward is None else None,
        metadata=_facts(played),
        model_usage=_usage([record], subject),
        total_time=played.elapsed_s,
    )


def _facts(played: Trajectory) -> dict[str, Any]:
    """What there is to know of an episode besides its messages; the task's configuration is not among it."""
    return {
        "environment": played.environment,
        "environment_hash": played.environment_hash,
        "task": played.task.id,
        "level": played.task.level,
        "split": played.task.split,
        "seed": played.seed,
        "status": played.status,
        "ending": ending_of(played),
        "initial_digest": played.initial_digest,
        "figures": played.figures,
        "calls": [{"tool": step.tool, **_of_step(step)} for step in played.steps],
    }


def _of_step(step: Step) -> dict[str, Any]:
    outcome = {"step": step.number, "outcome": OUTCOMES[step.committed], "digest": step.digest}
    return outcome | ({"error": step.error} if step.error else {})


def _messages(played: Trajectory) -> Iterator[Any]:
    """The conversation as Inspect's messages; one that nobody recorded is made from the steps."""
    from inspect_ai.model import ChatMessageAssistant, ChatMessageSystem, ChatMessageTool, ChatMessageUser

    steps = iter(played.steps)
    following = next(steps, None)
    names: dict[str, str] = {}
    for message in played.messages or messages_of(played.task.prompt or "", played.steps):
        text = _text(message)
        match message.get("role"):
            case "assistant":
                calls = _calls(message)
                names |= {call.id: call.function for call in calls}
                yield ChatMessageAssistant(content=text, tool_calls=calls or None)
            case "tool":
                step = following if following is not None and following.text == text else None
                following = next(steps, None) if step is not None else following
                id = str(message.get("tool_call_id", ""))
                about = _of_step(step) if step else None
                yield ChatMessageTool(content=text, tool_call_id=id, function=names.get(id), error=_error(step), metadata=about)
            case "system":
                yield ChatMessageSystem(content=text)
            case _:
                yield ChatMessageUser(content=text)


def _calls(message: Message) -> list[Any]:
    from inspect_ai.tool import ToolCall

    found = []
    for call in message.get("tool_calls") or []:
        tool, arguments = tool_call(call)
        malformed = isinstance(arguments, str)
        found.append(
            ToolCall(
                id=str(call.get("id", "")),
                function=tool,
                arguments={"malformed": arguments} if malformed else arguments,
                parse_error="no JSON object" if malformed else None,
            )
        )
    return found


def _error(step: Step | None) -> Any:
    from inspect_ai.tool import ToolCallError

    return ToolCallError(KINDS.get(step.error or "", "unknown"), step.text) if step is not None and step.is_error else None


def _text(message: Message) -> str:
    """Its words; of other parts than text, that they were there."""
    content = message.get("content")
    if isinstance(content, list):
        return "\n".join(str(part.get("text", f"[{part.get('type', 'part')}]")) for part in content)
    return str(content or "")


def _usage(records: Sequence[Record], subject: str) -> dict[str, Any]:
    from inspect_ai.model import ModelUsage

    known = [record.usage for record in records if record.usage is not None]
    read, written = sum(one.prompt for one in known), sum(one.completion for one in known)
    usage = ModelUsage(input_tokens=read, output_tokens=written, total_tokens=read + written)
    return {subject: usage} if known else {}

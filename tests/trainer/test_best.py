"""The best model of a run: kept with its pass rate, never lost to a kill. The trainer is a stand-in; nothing is learned."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("trl", reason="pip install -e '.[train]'")
from trainer.config import Config, Evaluation, Optimiser
from trainer.metrics import Journal, Window
from trainer.run import Run, best_so_far, replace_folder


class Killed(BaseException):
    """What ends a process."""


class Quiet:
    """A display that shows nothing."""

    def tell(self, text: str) -> None:
        """Not shown."""

    @contextmanager
    def stage(self, name: str, steps: int) -> Iterator[Callable[..., None]]:
        """No bar."""
        yield lambda step, figures: None


class Steps:
    """A trainer that calls its callbacks as if it had made each step, and saves a model by its step."""

    def __init__(self, rates: list[float], callbacks: list[Any], killed_at: int) -> None:
        self.callback_handler = SimpleNamespace(callbacks=callbacks)
        self._rates, self._killed_at, self.step = rates, killed_at, 0

    def train(self, resume_from_checkpoint: str | None) -> None:
        """As many steps as there are pass rates."""
        for step in range(1, len(self._rates) + 1):
            self.step = step
            for callback in self.callback_handler.callbacks:
                callback.on_step_end(None, SimpleNamespace(global_step=step), None)

    def save_model(self, folder: str) -> None:
        """A file that tells the step."""
        if self.step == self._killed_at:
            raise Killed
        Path(folder).mkdir(exist_ok=True)
        (Path(folder) / "model").write_text(str(self.step))


def train(folder: Path, rates: list[float], *, killed_at: int = 0) -> None:
    """The part of a run that trains, with an evaluation after each step.

    Args:
        rates: pass rates after each step.
        killed_at: step whose model is never saved; 0: none.
    """
    config = Config(optimiser=Optimiser(trainer="sync", steps=len(rates)), evaluation=Evaluation(every=1))
    run = Run(config, folder, Quiet())  # type: ignore[arg-type]
    player = SimpleNamespace(
        publish=lambda trainer: None,
        trainer=lambda folder, start, worker, callbacks: Steps(rates, callbacks, killed_at),
        template=SimpleNamespace(tokenizer=SimpleNamespace(save_pretrained=lambda folder: None)),
        trained=lambda weights: None,
    )

    def part(step: int) -> float:
        Journal(folder / "run.jsonl").write("evaluation", name="during", step=f"during {step}", solved=rates[step - 1])
        return rates[step - 1]

    anything: Any = SimpleNamespace(version=0, part=part)
    run._optimise(anything, player, anything, Window({}), folder, anything)  # type: ignore[arg-type]


def kept(folder: Path) -> tuple[str, dict[str, Any]]:
    """The step that the best model was saved at, and what its folder tells of it."""
    return (folder / "best" / "model").read_text(), json.loads((folder / "best" / "best.json").read_text())


def test_best_model_is_kept_with_its_step_and_its_pass_rate(tmp_path: Path) -> None:
    train(tmp_path, [0.2, 0.6, 0.4])
    assert kept(tmp_path) == ("2", {"step": 2, "solved": 0.6})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["best", "config.json", "last", "run.jsonl"]


def test_best_model_is_not_missed_where_the_run_was_killed_before_it_was_saved(tmp_path: Path) -> None:
    """Its pass rate was written down by then, and the resumed run waited for a higher one."""
    with pytest.raises(Killed):
        train(tmp_path, [0.2, 0.6, 0.4], killed_at=2)
    assert kept(tmp_path)[0] == "1"
    train(tmp_path, [0.2, 0.6, 0.4])
    assert kept(tmp_path) == ("2", {"step": 2, "solved": 0.6})


def test_resumed_run_keeps_no_worse_model(tmp_path: Path) -> None:
    train(tmp_path, [0.2, 0.6, 0.4])
    train(tmp_path, [0.5, 0.6, 0.1])
    assert kept(tmp_path) == ("2", {"step": 2, "solved": 0.6})
    assert best_so_far(tmp_path / "best", {"solved": 0.7}) == 0.7, "the model that the run began with was better"
    assert best_so_far(tmp_path / "none", {}) == 0.0


@pytest.mark.parametrize("renames", [0, 1, 2])
def test_replaced_model_is_whole_whenever_the_run_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, renames: int
) -> None:
    best, part = tmp_path / "best", tmp_path / "best.part"
    for folder, solved in ((best, 0.2), (part, 0.6)):
        folder.mkdir()
        (folder / "best.json").write_text(json.dumps({"step": 1, "solved": solved}))
    rename, made = Path.rename, 0

    def killing(self: Path, target: Path) -> Path:
        nonlocal made
        if made == renames:
            raise Killed
        made += 1
        return rename(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", killing)
        if renames < 2:
            with pytest.raises(Killed):
                replace_folder(part, best)
        else:
            replace_folder(part, best)
    assert best_so_far(best, {}) == (0.6 if renames == 2 else 0.2) and best.exists()
    assert not best.with_name("best.old").exists()

"""The processes of one run, where accelerate or torchrun has started several. No training here."""

import os
from datetime import timedelta
from typing import TypeVar

T = TypeVar("T")

PATIENCE_S = 6 * 3600.0
"""How long the others wait for the first one: it evaluates, and plays demonstrations."""
APART = 1_000_003
"""Between the seeds of two processes."""


def world_size() -> int:
    """How many there are."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def local_size() -> int:
    """How many there are on this machine."""
    return int(os.environ.get("LOCAL_WORLD_SIZE", "1"))


def process_rank() -> int:
    """Which of them this is; 0 writes, evaluates and reports."""
    return int(os.environ.get("RANK", "0"))


def own_seed(seed: int) -> int:
    """A seed that no other process has."""
    return seed + APART * process_rank()


def wait_for_all() -> None:
    """Until every process has come here."""
    if world_size() > 1:
        _join()
        import torch

        torch.distributed.barrier()


def from_first(value: T) -> T:
    """What the first process has here, in all of them; plain data."""
    if world_size() == 1:
        return value
    _join()
    import torch

    held = [value]
    torch.distributed.broadcast_object_list(held, src=0)
    return held[0]


def from_all(value: T) -> list[T]:
    """What every process has here, in all of them, by rank; plain data."""
    if world_size() == 1:
        return [value]
    _join()
    import torch

    held = [value] * world_size()
    torch.distributed.all_gather_object(held, value)
    return held


def _join() -> None:
    """Be one of the processes; the trainers would see to it later, with less patience."""
    import torch
    from accelerate import PartialState

    PartialState(cpu=not torch.cuda.is_available(), timeout=timedelta(seconds=PATIENCE_S))

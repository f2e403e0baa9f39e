"""Several requests at once, with an outcome that does not depend on which one ends first."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

T = TypeVar("T")


async def together(work: Sequence[Coroutine[Any, Any, T]]) -> list[T]:
    """Do all of it, to the end; then the first failure, in the order given, is raised. Completions are paid for: none is lost.

    Returns:
        the results in the order given.
    """
    results = await asyncio.gather(*work, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return [result for result in results if not isinstance(result, BaseException)]

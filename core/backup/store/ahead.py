"""Lets threads work a little ahead of whoever takes the results, in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from core.base.operation import Context

THREADS = 2
BATCH = 16
"""Chunks that one thread works on at a time: 1 MiB."""

Result = TypeVar("Result")


def ahead(
    context: Context,
    threads: ThreadPoolExecutor,
    works: Iterable[Callable[[], Result]],
    most: int,
) -> Iterator[Result]:
    """Yield the results of *works* in order, at most *most* of them ahead.

    Raises what a work raises, and `Cancelled`; what was not begun by then is not.
    """
    waiting: deque[Future[Result]] = deque()
    try:
        for work in works:
            context.check()
            waiting.append(threads.submit(work))
            if len(waiting) > most:
                yield waiting.popleft().result()
        while waiting:
            context.check()
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()

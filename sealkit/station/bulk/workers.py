"""Work spread over all cores, its results in the order of the work."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import wait
from typing import Any, TypeVar

Task = TypeVar("Task")
Done = TypeVar("Done")
Progress = Callable[[int, int], None]
"""Told how many are done, and of how many."""

_AHEAD = 16
"""How many tasks for each core may be done before their results are taken: enough to go on with
while a batch is written, and a bound of memory."""

_YOUNG_MAX = 50_000
"""How many objects may come before the collector of garbage looks at them."""

_TURN_S = 0.0005
"""How long a thread goes on while another waits: a tenth of the usual. A worker can do nothing
while what it has done is not taken."""


@contextmanager
def workers(begin: Callable[..., None], *arguments: Any) -> Iterator[ProcessPoolExecutor]:
    """Processes for each core; each calls `begin` first."""
    # Not forked from here: a program with threads, as the service is, must not be. A server that
    # has none, and has loaded what the workers need, is forked instead.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["__main__", begin.__module__, __name__])
    with ProcessPoolExecutor(
        os.cpu_count() or 1, context, initializer=_start, initargs=(begin, arguments)
    ) as pool:
        try:
            yield pool
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


@contextmanager
def settled() -> Iterator[None]:
    """Meanwhile the collector of garbage looks only at what comes, not at all that is loaded, and
    the thread that hands work to the workers need not wait long for the one that uses it."""
    before, interval = gc.get_threshold(), sys.getswitchinterval()
    _settle()
    sys.setswitchinterval(_TURN_S)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)
        gc.unfreeze()
        gc.set_threshold(*before)


def _settle() -> None:
    gc.freeze()
    gc.set_threshold(_YOUNG_MAX)


def _start(begin: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    # Ctrl-C is for whoever gave the work; a parent that was killed cannot say that it is over.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    begin(*arguments)
    _settle()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def in_order(
    pool: ProcessPoolExecutor, work: Callable[[Task], Done], tasks: Iterable[Task]
) -> Iterator[Done]:
    """The results of all tasks, in their order, while later ones are being worked on."""
    most = _AHEAD * (os.cpu_count() or 1)
    going: deque[Future[Done]] = deque()
    for task in tasks:
        going.append(pool.submit(work, task))
        if len(going) >= most:
            yield going.popleft().result()
    while going:
        yield going.popleft().result()

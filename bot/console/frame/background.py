"""Work that takes longer than a page may: done in a thread, asked after by its name, one of a name at a time.

What is found stays in this process and is gone with it; whatever must outlive it is stored by the work itself.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from bot.clock import Clock
from bot.errors import MadoguchiError

_MOST_KEPT = 64

Report = Callable[[int, int], None]
"""Called by the work with how much is done, and of how much."""


@dataclass
class Task:
    """One piece of work; `result` is there when it has ended well, `fault` when it has not."""

    name: str
    started_at: datetime
    done: int = 0
    total: int = 0
    result: object = None
    fault: str = ""
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def is_running(self) -> bool:
        """Whether it goes on."""
        return not self.ended.is_set()


class Background:
    """The pieces of work of this process, the latest kept."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._tasks: OrderedDict[str, Task] = OrderedDict()

    def find(self, name: str) -> Task | None:
        """The work of this name, running or ended; None when it was never begun here, or long ago."""
        with self._lock:
            return self._tasks.get(name)

    def start(self, name: str, work: Callable[[Report], object]) -> Task:
        """Begins it, or gives the one that is running; one that has ended is done anew.

        Args:
            name: what is worked out, of what: the same name means the same result.
            work: gets a `Report` for its progress.
        """
        with self._lock:
            task = self._tasks.get(name)
            if task is not None and task.is_running:
                return task
            task = self._tasks[name] = Task(name, self._clock())
            self._tasks.move_to_end(name)
            while len(self._tasks) > _MOST_KEPT:
                self._tasks.popitem(last=False)
        threading.Thread(target=self._run, args=(task, work), name=f"background {name}", daemon=True).start()
        return task

    def _run(self, task: Task, work: Callable[[Report], object]) -> None:
        def report(done: int, total: int) -> None:
            task.done, task.total = done, total

        try:
            task.result = work(report)
        except MadoguchiError as error:
            task.fault = str(error)
        except Exception as error:  # noqa: BLE001 - the thread has no caller; the page tells, without the error's text
            task.fault = f"予期しない問題が起きました（{type(error).__name__}）"
        finally:
            task.ended.set()

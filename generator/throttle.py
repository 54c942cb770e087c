"""How fast an outside service may be asked: so many requests a second, so many at once."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType


class Throttle:
    """A token bucket without a burst, shared by threads: `with throttle:` waits for its turn, and holds a place until done."""

    def __init__(
        self,
        rate: float,
        at_once: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`rate` requests a second in the long run, none of them in a burst; `at_once` at the same time."""
        self.interval = 1 / rate
        self.sleep = sleep
        self._clock = clock
        self._places = threading.BoundedSemaphore(at_once)
        self._lock = threading.Lock()
        self._next = clock()

    def __enter__(self) -> Self:
        """Waits for a place and for its moment."""
        self._places.acquire()
        with self._lock:
            now = self._clock()
            turn = max(now, self._next)
            self._next = turn + self.interval
        if turn > now:
            self.sleep(turn - now)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Frees the place."""
        self._places.release()

    def pause(self, seconds: float) -> None:
        """Nobody asks for so long: the service said it has had enough."""
        with self._lock:
            self._next = max(self._next, self._clock() + seconds)

"""Stripe is never asked more than twenty times a second, nor more than eight times at once; and less when it says so."""

from __future__ import annotations

import threading
import time

import pytest

from generator.stripe_links import AT_ONCE, REQUESTS_A_SECOND
from generator.throttle import Throttle


class Time:
    """A clock that runs only while somebody waits."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._lock = threading.Lock()

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        with self._lock:
            self.now += seconds


def moments(throttle: Throttle, clock: Time, count: int, work: float = 0.0) -> list[float]:
    """When each of so many requests went out; each takes `work` seconds."""
    found = []
    for _ in range(count):
        with throttle:
            found.append(clock.now)
            clock.now += work
    return found


def most_in_a_second(found: list[float]) -> int:
    return max(sum(start <= moment < start + 1 for moment in found) for start in found)


@pytest.mark.parametrize("work", [0.0, 0.01, 0.2])
def test_fewer_than_twenty_in_any_second(work: float) -> None:
    clock = Time()
    throttle = Throttle(REQUESTS_A_SECOND, AT_ONCE, clock=clock, sleep=clock.wait)
    assert most_in_a_second(moments(throttle, clock, 200, work)) < 20


def test_a_pause_does_not_make_up_for_itself_with_a_burst() -> None:
    clock = Time()
    throttle = Throttle(REQUESTS_A_SECOND, AT_ONCE, clock=clock, sleep=clock.wait)
    before = moments(throttle, clock, 30)
    clock.now += 60
    assert most_in_a_second([*before, *moments(throttle, clock, 60)]) < 20


def test_when_stripe_has_had_enough_nobody_asks_for_as_long_as_it_says() -> None:
    clock = Time()
    throttle = Throttle(REQUESTS_A_SECOND, AT_ONCE, clock=clock, sleep=clock.wait)
    moments(throttle, clock, 5)
    said = clock.now
    throttle.pause(7)
    after = moments(throttle, clock, 40)
    assert after[0] >= said + 7
    assert most_in_a_second(after) < 20
    throttle.pause(0.001)  # a shorter one takes nothing back
    assert moments(throttle, clock, 1)[0] >= after[-1] + throttle.interval - 1e-9


def test_as_fast_as_it_may_and_no_slower() -> None:
    clock = Time()
    throttle = Throttle(REQUESTS_A_SECOND, AT_ONCE, clock=clock, sleep=clock.wait)
    found = moments(throttle, clock, 181)
    assert found[-1] - found[0] == pytest.approx(180 / REQUESTS_A_SECOND)


def test_never_more_than_eight_at_once() -> None:
    throttle = Throttle(1e6, AT_ONCE)
    lock, inside, most = threading.Lock(), 0, 0

    def ask() -> None:
        nonlocal inside, most
        with throttle:
            with lock:
                inside += 1
                most = max(most, inside)
            time.sleep(0.01)
            with lock:
                inside -= 1

    threads = [threading.Thread(target=ask) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == AT_ONCE == 8


def test_a_request_that_fails_frees_its_place() -> None:
    clock = Time()
    throttle = Throttle(1e6, 1, clock=clock, sleep=clock.wait)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), throttle:
            raise ZeroDivisionError

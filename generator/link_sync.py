"""Does what a link plan says, account by account: what goes down goes first, and nothing replaces what was just paid."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Protocol, TypeVar

from generator.domain.linkplan import Action
from generator.errors import RelanceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from generator.domain.linkplan import LinkPlan, Seen, Step, Wanted

AT_ONCE = 8
_AHEAD = 4 * AT_ONCE  # accounts that wait for a thread: enough to keep all busy, few enough to stay small
W_contra = TypeVar("W_contra", contravariant=True)


class Maker(Protocol[W_contra]):
    """Who can make links, put them up and take them down."""

    def create(self, wanted: Wanted, words: W_contra, generation: int) -> Seen:
        """A new link; the same again when asked again."""

    def activate(self, link: str) -> Seen:
        """An old link, active again."""

    def deactivate(self, link: str) -> bool:
        """Takes a link down; False when it had been paid before."""


@dataclass(slots=True)
class Synced:
    """How the links of one account stand after its steps: address by key. `whole`: exactly those that were wanted."""

    account: str
    links: dict[str, str] = field(default_factory=dict)
    whole: bool = True
    done: int = 0
    error: RelanceError | None = None


def apply(
    plan: LinkPlan, maker: Maker[W_contra], words: Callable[[Wanted], W_contra], *, done: Callable[[int], None]
) -> Iterator[Synced]:
    """Does the plan, several accounts at once, and yields each when it is done; `done` is told how many steps each took.

    An account whose steps fail is yielded with its error; the others go on.
    """
    work = (list(steps) for _, steps in groupby(plan.steps, key=lambda step: step.account))
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for synced in _bounded(threads, work, lambda steps: _sync(steps, maker, words)):
            done(synced.done)
            yield synced


def _bounded(
    threads: ThreadPoolExecutor, work: Iterable[Sequence[Step]], task: Callable[[Sequence[Step]], Synced]
) -> Iterator[Synced]:
    """Results as they come, with few tasks waiting: ten thousand accounts take no more memory than thirty."""
    waiting: set[Future[Synced]] = set()
    for steps in work:
        if all(step.action in {Action.KEEP, Action.CONSUMED} for step in steps):
            yield task(steps)  # nothing to ask anybody
            continue
        waiting.add(threads.submit(task, steps))
        if len(waiting) >= _AHEAD:
            ready, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for future in ready:
                yield future.result()
    for future in waiting:
        yield future.result()


def _sync(steps: Sequence[Step], maker: Maker[W_contra], words: Callable[[Wanted], W_contra]) -> Synced:
    synced = Synced(steps[0].account)
    try:
        for step in steps:
            _one(step, maker, words, synced)
    except RelanceError as error:
        synced.whole, synced.error = False, error
    return synced


def _one(step: Step, maker: Maker[W_contra], words: Callable[[Wanted], W_contra], synced: Synced) -> None:
    """One step. After a link that was paid in the meantime nothing new is put up: the next run knows what it paid."""
    if step.action is Action.DEACTIVATE and step.seen is not None:
        synced.done += 1
        if not maker.deactivate(step.seen.id):
            synced.whole = False
    elif step.action is Action.KEEP and step.wanted is not None and step.seen is not None:
        synced.links[step.wanted.key] = step.seen.url
    elif step.action in {Action.REACTIVATE, Action.CREATE} and step.wanted is not None:
        synced.done += 1
        if not synced.whole:
            return
        if step.action is Action.CREATE:
            made = maker.create(step.wanted, words(step.wanted), step.generation)
        elif step.seen is not None:
            made = maker.activate(step.seen.id)
        synced.links[step.wanted.key] = made.url
        if made.used or not made.active:
            synced.whole = False
    elif step.wanted is not None:
        synced.whole = False  # paid, and not in the ledger yet

"""Runs that fail, are killed, and meet payments halfway: clients never pay twice what we ask once, and no cent is lost."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from generator import link_sync
from generator.sandbox import Fault, serve
from generator.stripe_links import Cashier
from tests.links import story as telling
from tests.links.story import Story
from tests.support.effort import SOAK
from tests.support.sandbox import LOOPBACK
from tests.support.till import KEY, Killed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from generator.sandbox import Request

SEEDS = 240 if SOAK else 8
REVISIONS = 6 if SOAK else 4
BATCHES = 12


@pytest.mark.parametrize("batch", range(min(BATCHES, SEEDS)))
def test_whatever_breaks_it_comes_right_in_one_clean_run(
    batch: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    counts: Counter[str] = Counter()
    for seed in range(batch, SEEDS, BATCHES):
        # one request after the other makes the same story of the same seed; some stories are told with eight at once
        monkeypatch.setattr(link_sync, "AT_ONCE", 8 if seed % 4 == 0 else 1)
        counts += tell(Story(tmp_path / str(seed), seed))
        capsys.readouterr()
    if SOAK:
        with capsys.disabled():
            print(f"\n{dict(counts)}")  # noqa: T201 - the counts are quoted


class OverSockets(Story):
    """The same over a socket of this machine, where the machine is only ever switched off while it writes."""

    base = ""

    def cashier(self, faults: Callable[[Request], Fault | None]) -> Cashier:
        def survived(request: Request) -> Fault | None:
            try:
                return faults(request)
            except Killed:
                return Fault.DROP_BEFORE

        self.sandbox.faults = survived
        return Cashier(KEY, "sable", base=self.base, rate=1e9, timeout=10, sleep=lambda _: None)

    @staticmethod
    def killed_after_answer(cashier: Cashier) -> None:
        del cashier


@LOOPBACK
@pytest.mark.parametrize("seed", range(1000, 1012 if SOAK else 1001))
def test_so_it_does_over_sockets(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(telling, "FAULTS", tuple(fault for fault in Fault if fault is not Fault.TIMEOUT))
    story = OverSockets(tmp_path / "sable", seed)
    with serve(story.sandbox) as served:
        story.base = served.url
        tell(story)
    capsys.readouterr()


def tell(story: Story) -> Counter[str]:
    """Some weeks, each of them with bad runs and then one good one, after which there is nothing left to do."""
    for _ in range(REVISIONS):
        story.counts["revisions"] += 1
        story.days_pass()
        story.owner_works()
        story.clients_act()
        for _ in range(story.chance.randint(1, 3)):
            story.run_badly()
            story.no_two_links_for_one_key()
            if story.likely(0.4):
                story.clients_act(2)
        story.run()
        check(story)
        before, asked = story.state(), story.counts["changes"]
        story.run()
        assert story.counts["changes"] == asked, (
            f"seed {story.seed}: a run with nothing to do changes something at Stripe"
        )
        assert story.state() == before, f"seed {story.seed}: a run with nothing to do writes something"
    return story.counts


def check(story: Story) -> None:
    """After one run in which nothing went wrong."""
    story.no_two_links_for_one_key()
    story.exactly_the_wanted_links_are_active()
    story.links_ask_what_the_accounts_ask()
    story.every_payment_is_booked_once()

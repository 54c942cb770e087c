"""`relance publish` that is killed anywhere, and repeated: it ends as if nothing had happened, here or on another machine.

What is believed is what clients can see: the web root, the links at Stripe, the mail server's box, and what was pushed. They are
held against those of a run that nobody disturbed.
"""

from __future__ import annotations

import random
import re
import shutil
import time
from collections import Counter
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from difflib import unified_diff
from io import StringIO
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from generator.cli import main
from generator.commands import check
from generator.commands.publish_outcome import Phase
from tests.support.effort import SOAK, one_in
from tests.support.halted import ANY, boundary
from tests.support.mortal import Death
from tests.support.publishing import MODELS, Story, World, journal_of, noon, world
from tests.support.remote import git
from tests.support.sandbox import KEY, LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.support.mortal import End

pytestmark = LOOPBACK

SEED = 20261123
#: Boundaries too: all is decided, and not pushed; all is done, and nobody has heard of it.
BOUNDARIES = [*(boundary(phase) for phase in Phase), "send | quit"]
BOUNDARIES.insert(BOUNDARIES.index(boundary(Phase.DEPLOY)), "record | git: push: before")
BATCHES = 12 if SOAK else 1
POINTS = 10 if SOAK else 1  #: in each batch
MORNINGS = MODELS if SOAK else ("second",)
#: The steps at which the run of a story dies, and the next one, and the one after it: on which morning, and whether each goes on elsewhere.
BETWEEN: Sequence[tuple[str, Sequence[Sequence[str]], bool]] = (
    ("second", [one_in(3, BOUNDARIES)], False),
    *((model, [[step] for step in BOUNDARIES], fresh) for model in MODELS for fresh in (False, True) if SOAK),
)
#: Where one run stands still while another machine publishes: a step, or a number for one of all steps. Only with `make soak`: a pair
#: of them is in the tests of publish itself.
MEETINGS: Sequence[str | int] = (*BOUNDARIES, *range(30)) if SOAK else ()
_LEFT_BY_GIT = re.compile(r"when none is at work, delete (\S+/\.git/\S+\.lock)")
_AMOUNT = re.compile(r"\d[\d\u202f\u00a0 ]*,\d\d")


@dataclass(frozen=True)
class Undisturbed:
    """What a morning is like when nothing happens, and the steps that it takes.

    `settled` are the pages once another run knows that the messages have left: a claim that was told is in the history.
    """

    state: dict[str, Any]
    steps: tuple[str, ...]
    settled: dict[str, str]

    def is_page(self, place: str, text: str) -> bool:
        """Whether a file of the site is the right one."""
        return text in {self.state["pages"].get(place), self.settled.get(place)}


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("publish")) as made:
        yield made


@pytest.fixture(scope="module")
def undisturbed(everything: World) -> dict[str, Undisturbed]:
    """Each morning as it should be; a run that is repeated does nothing but tell that its messages have left."""
    found = {}
    for model in MORNINGS:
        story = Story(everything, model, f"undisturbed-{model}")
        end = story.run()
        assert end.status == 0, end.said + end.complained
        state = story.state()
        assert all(one.page and _amounts(one.text) for one in story.arrivals)
        assert story.run().status == 0
        found[model] = Undisturbed(state, end.steps, story.pages())
        assert {**story.state(), "pages": state["pages"]} == state
    return found


@dataclass
class Trial:
    """One morning that is broken off."""

    story: Story
    right: Undisturbed
    counts: Counter[str]

    def __post_init__(self) -> None:
        self.before = self.story.site()
        self.told: set[str] = set()  #: lines of the journal that must never be lost
        self.public: dict[str, bytes] = {}

    def breaks_off(self, death: Death, *, fresh: bool) -> bool:
        """Whether the run died before its end; it is looked at as it lies there, and on the machine that goes on."""
        end = self.story.run(dies=death)
        self.look(end)
        if not end.killed:
            assert end.status == 0, end.said + end.complained
            return False
        self.counts["kills"] += 1
        phase, _, what = end.steps[-1].rpartition(" | ")
        self.counts[f"in {phase or 'send'}"] += 1
        self.counts[f"at {what.split(':')[0]}"] += 1
        if fresh:  # what was not pushed is lost with the disk
            self.told = set(journal_of(self.story.remote).splitlines(keepends=True))
            self.story.moves()
            self.counts["from a fresh clone"] += 1
        else:
            self.told |= self.story.lines()
            self.counts["on the same disk"] += 1
        return True

    def look(self, end: End) -> None:
        """What holds at any moment."""
        story, right = self.story, self.right.state
        now = story.site()
        if now != self.before:
            assert self.pushed(right), "something was public before it was pushed"
            pages = story.pages()
            assert pages.keys() == right["pages"].keys(), "half a site, or another one"
            assert self.public.keys() <= now.keys(), "what was public is gone"
            for place, text in pages.items():
                assert self.right.is_page(place, text), f"{place}: {_differs(right['pages'][place], text)}"
            self.public = now
        keys: Counter[str] = Counter(
            link.metadata["relance_key"] for link in story.stripe.store.links if link.active and not link.used_up
        )
        assert not keys or max(keys.values()) == 1, "two links for one way to pay"
        for arrival in story.arrivals:
            assert arrival.announced, "a message left that the repository did not know of"
            assert arrival.page is not None, "a message arrived before its page"
            shown = arrival.page.decode()
            assert story.plain(shown) == right["pages"][f"p/KEY-{arrival.client}/index.html"]
            for amount in _amounts(arrival.text):
                assert amount in _spaced(shown), f"{amount} is not on the page"
        if end.status not in {0, 3}:
            assert end.killed, end.complained

    def pushed(self, right: dict[str, Any]) -> bool:
        return (self.story.events(), self.story.rows()) == (right["journal"], right["rows"])

    def repeats(self) -> None:
        """Until there is nothing left to do; of what is uncertain the owner is asked, once, and tells the truth."""
        story = self.story
        end = self.again()
        doubtful = story.doubtful()
        self.counts["uncertain messages"] += len(doubtful)
        for client in doubtful:
            assert f"relance resend {client}" in end.said + end.complained, f"nobody is told about {client}"
        story.owner_answers()
        if doubtful:
            self.again()
        assert not story.doubtful()

    def again(self) -> End:
        end = self.story.run()
        self.look(end)
        if left := _LEFT_BY_GIT.search(end.complained):  # git itself was cut off: the owner is told what to do about it
            Path(left[1]).unlink()
            self.counts["locks of git that the owner deleted"] += 1
            end = self.story.run()
            self.look(end)
        assert end.status == 0, end.said + end.complained
        return end

    def ends_well(self, *but: str) -> None:
        """As if nothing had happened."""
        story, right = self.story, self.right.state
        state = story.state()
        for what in state.keys() - {"pages", *but}:
            assert state[what] == right[what], what
        if "journal" not in but:  # two machines may each have drawn a key for a client: both pages stay
            assert len(story.site()) == len(right["pages"])
        for arrival in story.arrivals:
            assert story.shown(arrival), f"{arrival.client} was led to a page that is gone"
        lines = journal_of(story.remote).splitlines()
        if "journal" in but:  # two machines may each have decided the same: what they did, they did once
            lines = [line for line in lines if '"event":"intent"' in line or '"event":"result"' in line]
        assert len(lines) == len(set(lines)), "a line of the journal is there twice"
        assert {line.rstrip("\n") for line in self.told} <= set(lines), "a line of the journal is lost"
        changed = git(story.folder, "status", "--porcelain", "--untracked-files=all").splitlines()
        assert [name for name in changed if not name.endswith(".tmp")] == []  # of a file that never came into its place
        assert git(story.folder, "rev-parse", "HEAD") == git(story.remote, "rev-parse", "main")
        self.counts["messages"] += len(story.arrivals)
        self.counts.update({f"the owner said {word}": count for word, count in story.owner_said.items()})
        self.counts["mornings"] += 1


def _differs(one: str, other: str) -> list[str]:
    return list(unified_diff(one.splitlines(), other.splitlines(), lineterm="", n=0))[:20]


def _amounts(text: str) -> list[str]:
    return [_spaced(found) for found in _AMOUNT.findall(text)]


def _spaced(text: str) -> str:
    """With one kind of space: a message and a page may break elsewhere."""
    return re.sub(r"[\u202f\u00a0]|&nbsp;|&#8239;", " ", text)


def tell(trial: Trial, deaths: Sequence[tuple[Death, bool]]) -> None:
    """One morning, killed so many times, then done."""
    try:
        for death, fresh in deaths:
            if not trial.breaks_off(death, fresh=fresh):
                break
        trial.repeats()
        trial.ends_well()
    except AssertionError as wrong:
        raise AssertionError(f"{trial.story.model}, {deaths}: {wrong}") from wrong
    shutil.rmtree(trial.story.place)


def show(capsys: pytest.CaptureFixture[str], counts: Counter[str]) -> None:
    with capsys.disabled():
        print(f"\n{counts['kills']} kills: {dict(sorted(counts.items()))}")  # noqa: T201 - the counts are quoted


@pytest.mark.parametrize(("model", "stories", "fresh"), BETWEEN)
def test_killed_between_any_two_phases_and_repeated_it_ends_as_if_nothing_had_happened(
    model: str,
    stories: Sequence[Sequence[str]],
    fresh: bool,  # noqa: FBT001 - a case
    everything: World,
    undisturbed: dict[str, Undisturbed],
    capsys: pytest.CaptureFixture[str],
) -> None:
    counts = Counter[str]()
    for steps in stories:
        story = Story(everything, model, f"between-{model}-{fresh}-{len(steps)}-{counts['mornings']}")
        tell(Trial(story, undisturbed[model], counts), [(Death(step), fresh) for step in steps])
    show(capsys, counts)


@pytest.mark.parametrize("batch", range(BATCHES))
def test_killed_anywhere_and_repeated_it_ends_as_if_nothing_had_happened(
    batch: int, everything: World, undisturbed: dict[str, Undisturbed], capsys: pytest.CaptureFixture[str]
) -> None:
    chance, counts = random.Random(SEED + batch), Counter[str]()
    for number in range(POINTS):
        model = chance.choice(list(MORNINGS))
        points = chance.sample(range(1, len(undisturbed[model].steps)), chance.choice([1, 1, 2]) if SOAK else 2)
        deaths = [
            (Death(ANY, point), chance.random() < 0.4 if SOAK else bool(place)) for place, point in enumerate(points)
        ]
        tell(Trial(Story(everything, model, f"point-{batch}-{number}"), undisturbed[model], counts), deaths)
    show(capsys, counts)


# Two at once


@pytest.fixture
def second_machine(everything: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """This process is another machine, with the same secrets."""
    monkeypatch.setenv("STRIPE_API_KEY", KEY)
    monkeypatch.setenv("STRIPE_API_BASE", everything.stripe.url)
    monkeypatch.setattr(check, "template_problems", lambda *_: [])  # the same for all runs, and slow


@contextmanager
def standing_still(story: Story, death: Death) -> Iterator[list[End]]:
    """A run that stands still at this step as long as the block lasts; then it goes on, and its end is in the list."""
    go = story.place / "go"
    ends: list[End] = []
    run = Thread(target=lambda: ends.append(story.run(dies=replace(death, until=str(go)))))
    run.start()
    try:
        while run.is_alive() and not go.with_suffix(".reached").exists():
            time.sleep(0.002)
        yield ends
    finally:
        go.touch()
        run.join()


def publish_here(story: Story, folder: Path) -> tuple[int, str]:
    """`relance publish` in this process: its status, and what it said."""
    with redirect_stdout(StringIO()) as said, redirect_stderr(said):
        where = ["--folder", str(folder), "--date", story.today.isoformat()]
        status = main(["publish", *where], now=noon(story.today))
    return status, said.getvalue()


@pytest.mark.usefixtures("second_machine")
@pytest.mark.parametrize("step", MEETINGS)
def test_a_second_run_meanwhile_leaves_with_a_clear_word_or_is_another_machines_and_nothing_is_done_twice(
    step: str | int, everything: World, undisturbed: dict[str, Undisturbed]
) -> None:
    right = undisturbed["second"]
    story = Story(everything, "second", f"two-{str(step).replace(' | ', '-')}")
    there = story.other_machine()
    locked = 10  # from then on it holds its folder
    death = (
        Death(step) if isinstance(step, str) else Death(ANY, random.Random(step).randrange(locked, len(right.steps)))
    )
    with standing_still(story, death) as ends:
        status, said = publish_here(story, story.folder)
        assert status == 3
        assert "another run of relance is at work" in said
        status, said = publish_here(story, there)
        assert status in {0, 3}, said
    assert ends[0].status in {0, 3}, ends[0].complained
    last = story.run()
    if "git pull --rebase" in last.complained:
        git(story.folder, "pull", "--quiet", "--rebase")
        last = story.run()
    assert last.status == 0, last.said + last.complained
    assert not story.doubtful(), "each machine knows what it did"
    trial = Trial(story, right, Counter())
    trial.look(last)
    trial.ends_well("journal")

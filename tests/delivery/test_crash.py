"""Runs of `relance send` that are killed at every step, on a server that fails too: nothing goes twice, nothing is lost unseen.

What is believed is the server's own folder: a client got what lies there. It is held against what the next run can know,
on the same disk or in a fresh clone of what was pushed.
"""

from __future__ import annotations

import random
import shutil
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from datetime import time as hour
from hashlib import blake2b
from typing import TYPE_CHECKING

import pytest

from generator.domain.delivery import State
from generator.journal import read_journal
from generator.problems import stops
from generator.workspace import open_workspace
from tests.support.effort import SOAK, one_in
from tests.support.mailhost import Fault, Mailhost, Taken, Trouble, mailhost
from tests.support.mortal import REPOSITORY, STEPS, Death, End, Mortal, mortal
from tests.support.owner import PORTAL
from tests.support.remote import cloned, git, push_all, pushed
from tests.support.sandbox import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from generator.domain.delivery import Attempt
    from generator.workspace import Workspace

pytestmark = LOOPBACK

SEED = 20261116
BATCHES = (
    24 if SOAK else 1
)  #: in each of them every kind of step (every second in the ordinary run) is the last one once
DAYS = (date(2026, 11, 16), date(2026, 11, 17), date(2026, 11, 18))  # no second reminder within a week
CLIENTS = {
    "verdier": "compta@verdier.example",
    "kite": "accounts@kite.example",
    "lune": "facture@lune.example",
    "sel": "bureau@sel.example",
    "orme": "atelier@orme.example",
}
BATCH = 3
DECIDED = tuple(step for step in STEPS if step.startswith("decided"))
#: All that a server can do to a message without taking it for good, or without saying so.
FAULTS = (
    Fault.GREY,
    Fault.FULL,
    Fault.BUSY,
    Fault.RATE,
    Fault.CUT_BEFORE_DOT,
    Fault.CUT_AFTER_DOT,
    Fault.LOST,
    Fault.STALL,
    Fault.NONSENSE,
    Fault.LEAVE,
    Fault.CLOSED,
    Fault.GONE,
    Fault.SPAM,
)


@pytest.fixture(scope="module")
def relance() -> Iterator[Mortal]:
    with mortal() as process:
        yield process


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailhost]:
    with mailhost(tmp_path_factory.mktemp("box")) as server:
        yield server


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory, relance: Mortal, host: Mailhost) -> Path:
    """`folder`, built on the first day, and `remote.git`, where it was pushed. Each story begins with a copy."""
    place = tmp_path_factory.mktemp("model")
    folder = place / "folder"
    (folder / "ledger").mkdir(parents=True)
    write_folder(folder, host.port)
    end = relance.learn("build", "--folder", str(folder), "--date", DAYS[0].isoformat(), now=noon(DAYS[0]))
    assert end.status == 0, end.complained
    pushed(folder)
    return place


def write_folder(folder: Path, port: int) -> None:
    """Five clients, each late for a first reminder; one of them for two invoices."""
    (folder / "portal.toml").write_text(
        f"""{PORTAL}
[smtp]
host = "127.0.0.1"
port = {port}
security = "none"
retry_after_seconds = 0
per_minute = 6000
timeout_seconds = 1
batch = {BATCH}
[reminders]
approve = "none"
""",
        encoding="utf-8",
    )
    rows = [f"{name};Établissements {name.title()};{address};business" for name, address in CLIENTS.items()]
    (folder / "ledger/clients.csv").write_text("\n".join(["id;name;email;kind", *rows, ""]), encoding="utf-8")
    late = [f"F-{number};{name};2026-10-01;2026-11-02;{number}00.00" for number, name in enumerate(CLIENTS, start=1)]
    late.append("F-9;kite;2026-10-02;2026-11-03;90.00")
    (folder / "ledger/invoices.csv").write_text(
        "\n".join(["number;client;issued;due;total", *late, ""]), encoding="utf-8"
    )


def noon(day: date) -> datetime:
    return datetime.combine(day, hour(12), UTC)


@dataclass
class Story:
    """One folder over three days on which everything goes wrong. `mistaken`: whom the owner told to write to once more in vain."""

    place: Path
    relance: Mortal
    host: Mailhost
    chance: random.Random
    push: bool
    approve: bool
    counts: Counter[str]
    folder: Path = field(init=False)
    day: int = 0
    disks: int = 1
    stale: bool = False  #: whether the outbox is not that of today's ledger and journal any more
    remaining: int = len(CLIENTS)
    mistaken: Counter[str] = field(default_factory=Counter)

    def begin(self, model: Path) -> None:
        shutil.copytree(model, self.place)
        self.folder = self.place / "folder"
        git(self.folder, "remote", "set-url", "origin", str(self.place / "remote.git"))
        self.host.box = self.place / "box"
        self.host.box.mkdir()
        if self.approve:
            portal = self.folder / "portal.toml"
            portal.write_text(
                portal.read_text("utf-8").replace('approve = "none"', 'approve = "all"'), encoding="utf-8"
            )
            push_all(self.folder)

    @property
    def today(self) -> date:
        return DAYS[self.day]

    def likely(self, share: float) -> bool:
        return self.chance.random() < share

    # What happens

    def comes_to(self, step: str) -> bool:
        """Whether the next run may get as far as this."""
        if step in DECIDED:
            return self.approve and self.remaining == len(CLIENTS)
        return self.remaining > 0 and (self.push or step not in REPOSITORY)

    def when(self, step: str) -> int:
        """At which of the times that a run takes this step: of the first, as often as not."""
        at_once = BATCH if self.push and step.startswith(("intent", "commit", "push")) else 1
        most = 1 if step in {"connect", "quit", *DECIDED} else -(-self.remaining // at_once)
        return self.chance.choice([1, self.chance.randint(1, most)])

    def run(self, verb: str, *options: str, dies: Death | None = None) -> End:
        """One run of relance, and what it left behind."""
        where = ("--folder", str(self.folder), "--date", self.today.isoformat())
        end = self.relance.run(verb, *where, *options, now=noon(self.today), dies=dies)
        assert "Traceback" not in end.complained, end.complained
        self.settle()
        self.counts[f"{verb} ended with {end.status}"] += 1
        self.stale = verb == "resend" or (self.stale and not (verb == "build" and end.status == 0))
        if end.killed and dies is not None:
            self.counts[f"killed at {dies.step}"] += 1
            self.counts["machines that lost their power"] += dies.power
        self.check(end)
        return end

    def send(self, dies: Death | None = None) -> End:
        """As an owner does it: what is old is built anew, and then goes."""
        options = [
            "--offline-pages",
            *(["--push"] if self.push else []),
            *(["--approve", "all"] if self.approve else []),
        ]
        if self.stale:
            built = self.run("build", dies=dies)
            if built.killed:
                return built
        end = self.run("send", *options, dies=dies)
        assert end.status != 1, end.complained
        return end

    def settle(self) -> None:
        """The server does to its end what it had begun when its client vanished."""
        stop = time.monotonic() + 10
        while not self.host.idle and time.monotonic() < stop:
            time.sleep(0.005)
        assert self.host.idle

    def trouble(self) -> None:
        """The server has a bad day."""
        self.host.troubles.clear()
        self.host._struck.clear()
        for _ in range(self.chance.choice([0, 0, 1, 1, 2])):
            address = self.chance.choice(["", *CLIENTS.values()])
            self.host.troubles.append(
                Trouble(self.chance.choice(FAULTS), address, first=self.chance.choice([0, 1, 1, 1, 2]))
            )
            self.counts[f"server: {self.host.troubles[-1].fault}"] += 1

    def restart(self) -> None:
        """The machine is there again, or another one, which has what was pushed and nothing else."""
        if self.push and self.likely(0.5):
            self.disks += 1
            fresh = cloned(self.place / "remote.git", f"clone-{self.disks}")
            compiled = self.folder / "report" / ".templates"  # costs time and says nothing
            shutil.copytree(compiled, fresh / "report" / ".templates")
            shutil.rmtree(self.folder)
            self.folder = fresh
            self.counts["restarts from a fresh clone"] += 1
            self.check(None)
            self.stale = True
        else:
            self.counts["restarts on the same disk"] += 1
        if self.likely(0.1) and self.day < len(DAYS) - 1:
            self.day += 1
            self.stale = True

    def owner_answers(self, *, all_of_them: bool = False) -> None:
        """What is uncertain: the owner asks around, or does not; once in a while they are told something wrong."""
        left: list[str] = []
        lost: list[str] = []
        for name, attempts in self.doubtful().items():
            if not all_of_them and self.likely(0.5):
                self.counts["uncertain, left open for now"] += 1
                continue
            arrived = any(attempt.intent.digest in self.arrived(name) for attempt in attempts)
            wrong = self.likely(0.25) and not all_of_them
            (left if arrived and not wrong else lost).append(name)
            self.mistaken[name] += arrived and wrong
            word = "had arrived, and sent again on the owner's word" if wrong else "had arrived"
            self.counts[f"uncertain, {word if arrived else 'had not arrived'}"] += 1
        for verb, names in (("sent", left), ("resend", lost)):
            if names:
                assert self.run(verb, *names).status == 0

    # What is known

    def known(self) -> Workspace:
        return open_workspace(self.folder)

    def in_state(self, state: State) -> dict[str, list[Attempt]]:
        """Attempts in this state, by client."""
        memory = self.known().memory
        found = {name: [one for one in memory.get(name).deliveries.attempts if one.state is state] for name in CLIENTS}
        return {name: attempts for name, attempts in found.items() if attempts}

    def doubtful(self) -> dict[str, list[Attempt]]:
        return self.in_state(State.UNCERTAIN)

    def box(self, name: str) -> list[Taken]:
        return [mail for mail in self.host.taken if mail.recipients == [CLIENTS[name]]]

    def arrived(self, name: str) -> set[str]:
        return {digest(mail) for mail in self.box(name)}

    # What must hold

    def check(self, end: End | None) -> None:
        """After each run, and before the first one on another disk."""
        _, problems = read_journal(self.folder / "journal")
        assert not stops(problems), problems
        known = self.known()
        clients = known.decide(self.today).by_client()
        due = {accounts[0].client.id for accounts in clients if accounts[0].reminders.due_today}
        boxes = {name: self.box(name) for name in CLIENTS}
        assert sum(map(len, boxes.values())) == len(self.host.taken), "somebody else was written to"
        for name, mails in boxes.items():
            attempts = known.memory.get(name).deliveries.attempts
            assert len(mails) <= 1 + self.mistaken[name], f"{name} got it twice"
            for mail in mails:
                self._is_on_record(name, mail, attempts)
            for attempt in attempts:
                left = attempt.intent.digest in {digest(mail) for mail in mails}
                assert left or attempt.state is not State.SENT, f"{name}: never left"
            states = {attempt.state for attempt in attempts}
            assert mails or name in due or states & {State.UNCERTAIN, State.REFUSED}, f"{name}: lost"
            if end is not None and not mails and State.REFUSED in states and "refused " in end.said:
                assert name in end.said, f"{name}: refused, and nobody is told"
        self.remaining = len(due)

    def _is_on_record(self, name: str, mail: Taken, attempts: Sequence[Attempt]) -> None:
        said = [attempt for attempt in attempts if attempt.intent.digest == digest(mail)]
        assert any(one.again or one.state in {State.SENT, State.UNCERTAIN} for one in said), f"{name}: not on record"
        kept = self.folder.glob(f"journal/*/messages/{digest(mail)}.eml")
        assert [path.read_bytes() for path in kept] == [mail.content], f"{name}: not kept"

    def the_owner_is_asked(self) -> None:
        """A run says of whom nobody knows."""
        uncertain = self.doubtful()
        end = self.send()
        for name in uncertain:
            assert f"{name}: reminder-1 of 2026-11-" in end.said, end.said
            assert f"relance resend {name}" in end.said

    def finish(self) -> None:
        """The server is well again, the owner finds everything out: each client has it, and nothing is left to do."""
        self.host.troubles.clear()
        for _ in range(5):
            self.the_owner_is_asked()
            refused = self.in_state(State.REFUSED)  # the addresses were right after all
            if not (refused or self.doubtful()):
                break
            self.owner_answers(all_of_them=True)
            if refused:
                assert self.run("resend", *refused).status == 0
        assert all(self.box(name) for name in CLIENTS), "lost"
        before = len(self.host.taken)
        self.stale = self.stale or self.likely(0.3)
        end = self.send()
        assert end.status == 0
        assert len(self.host.taken) == before
        assert not self.doubtful()
        assert "No message is due today" in end.said
        self.counts["mails"] += before
        self.counts["stories"] += 1
        self.counts["mails sent again on the owner's word"] += before - len(CLIENTS)


def digest(mail: Taken) -> str:
    return blake2b(mail.content, digest_size=16).hexdigest()


@pytest.mark.parametrize("batch", range(BATCHES))
def test_whatever_is_killed_nobody_gets_it_twice_and_nothing_is_lost_unseen(
    batch: int, tmp_path: Path, relance: Mortal, host: Mailhost, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance, counts = random.Random(SEED + batch), Counter[str]()
    chosen = one_in(2, chance.sample(STEPS, len(STEPS)))
    waiting = list(chosen)
    number = 0
    while waiting:
        number += 1
        first = waiting[0]
        push = first in REPOSITORY or chance.random() < 0.5
        approve = first in DECIDED or chance.random() < 0.2
        story = Story(tmp_path / str(number), relance, host, chance, push=push, approve=approve, counts=counts)
        try:
            tell(story, model, waiting)
        except AssertionError as wrong:
            raise AssertionError(f"batch {batch}, story {number}: {wrong}\n{dict(counts)}") from wrong
        shutil.rmtree(story.place)
    killed = {step for step in STEPS if counts[f"killed at {step}"]}
    assert killed >= set(chosen), f"never killed at {set(chosen) - killed}"
    kills = sum(count for what, count in counts.items() if what.startswith("killed at "))
    with capsys.disabled():
        print(f"\n{kills} kills: {dict(sorted(counts.items()))}")  # noqa: T201 - the counts are quoted


def tell(story: Story, model: Path, waiting: list[str]) -> None:
    """Up to five runs that are killed, each on what the one before left, as long as anything is left to send."""
    story.begin(model)
    for _ in range(5):
        possible = [step for step in waiting if story.comes_to(step)]
        if not possible:
            break
        step = possible[0]
        story.trouble()
        end = story.send(Death(step, story.when(step), power=not story.push and story.likely(0.4)))
        if end.killed:
            waiting.remove(step)
        story.restart()
        story.owner_answers()
    story.finish()

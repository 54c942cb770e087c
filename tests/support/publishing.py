"""Two mornings of one owner, to be published and broken off: their folder, Stripe, a mail server, a web root and a repository.

The first morning is the first publish ever. The second one has everything that a publish can meet: money at Stripe, a page that
changes, one that goes, one that is new; links that go up and down; two kinds of messages.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
import time
from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from datetime import time as hour
from email import message_from_bytes, policy
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from generator.delivery.pages import mark_of
from generator.domain.delivery import State
from generator.sandbox import Sandbox, serve
from generator.workspace import open_workspace
from tests.support.halted import PLACE
from tests.support.mailhost import Mailhost
from tests.support.mortal import Death, End, Mortal, mortal
from tests.support.owner import SELLER, SITE
from tests.support.remote import cloned, git, push_all, pushed
from tests.support.sandbox import KEY
from tests.support.webhost import Webhost, webhost

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage
    from pathlib import Path

    from generator.sandbox import Served
    from generator.workspace import Workspace

FIRST, SECOND = date(2026, 11, 16), date(2026, 11, 17)
MODELS = {"first": FIRST, "second": SECOND}
CLIENTS = {
    "verdier": "compta@verdier.example",  # pays online in the night
    "kite": "accounts@kite.example",  # a part is booked
    "lune": "facture@lune.example",  # leaves before anybody wrote
    "sel": "bureau@sel.example",  # becomes late
    "orme": "atelier@orme.example",  # is late already
}
NEW = {"noir": "studio@noir.example"}
BILLS = {
    "F-1": ("verdier", "2026-10-01", "2026-11-02", "1200.00"),
    "F-2": ("kite", "2026-10-01", "2026-11-02", "800.00"),
    "F-3": ("lune", "2026-11-10", "2026-12-10", "90.00"),
    "F-4": ("sel", "2026-10-12", "2026-11-12", "450.00"),
    "F-5": ("orme", "2026-09-30", "2026-11-01", "2400.00"),
}
_AMOUNT = re.compile(r"\d[\d\u202f\u00a0 ]*,\d\d")
_LINK = re.compile(r"plink_\w+")
_PAGE = re.compile(r"/p/([a-z2-7]{26})/")
#: What a message says only on its way: not what it says to a client.
_OF_THE_WAY = frozenset({"date", "message-id", "references", "in-reply-to"})


@dataclass
class Arrival:
    """One message, and what the site showed at the moment it arrived."""

    client: str
    message: EmailMessage
    digest: str
    page: bytes | None
    announced: bool  #: whether the repository knew by then that it was about to leave

    @property
    def address(self) -> str:
        """The place of the page that it leads to."""
        found = _PAGE.search(self.text)
        assert found is not None
        return found[0]

    @property
    def text(self) -> str:
        """What the client reads."""
        body = self.message.get_body(("plain",))
        assert body is not None
        return str(body.get_content())


class Post(Mailhost):
    """A mail server that looks at the site, and at the repository, at the moment a message comes."""

    def __init__(self, box: Path, site: Webhost) -> None:
        super().__init__(box)
        self.site = site
        self.seen: list[Arrival] = []
        self.remote = box

    def keep(self, envelope: Any) -> None:
        """As ever; and what could be seen by then."""
        content = bytes(envelope.original_content or b"")
        message = message_from_bytes(content, policy=policy.default)
        client = next(name for name, address in (CLIENTS | NEW).items() if address in envelope.rcpt_tos)
        digest = blake2b(content, digest_size=16).hexdigest()
        arrival = Arrival(client, message, digest, None, announced=digest in journal_of(self.remote))
        arrival.page = self.site.answer(arrival.address)
        self.seen.append(arrival)
        super().keep(envelope)


def journal_of(remote: Path) -> str:
    """All lines of the journal that was pushed."""
    return _journal_at(remote, (remote / "refs/heads/main").read_text(encoding="ascii"))


@lru_cache(maxsize=8)
def _journal_at(remote: Path, _commit: str) -> str:
    found = git(remote, "grep", "-h", "", "main", "--", "journal/*.jsonl", "portal.toml")  # the latter is always there
    return "".join(f"{line}\n" for line in found.splitlines() if line.startswith("{"))


@dataclass
class World:
    """What stands outside of the owner's folder. One story at a time has it."""

    place: Path
    relance: Mortal
    site: Webhost
    post: Post
    stripe: Served

    def sandbox(self, state: Path) -> Sandbox:
        """Stripe, as it was left in that file."""
        known = Sandbox(clock=lambda: datetime.combine(SECOND, hour(6), UTC), record=False, state=state)
        known._keeper = None  # the file stays as it is
        known.served_at = self.stripe.url
        self.stripe.server.sandbox = known  # type: ignore[attr-defined]
        return known


@contextmanager
def world(place: Path) -> Iterator[World]:
    """All of it, while the block lasts, with both mornings prepared."""
    with ExitStack() as stack:
        site = stack.enter_context(webhost(place / "none"))
        post = Post(place / "box", site)
        post.start()
        stack.callback(post.stop)
        stripe = stack.enter_context(serve(Sandbox(clock=lambda: datetime.now(UTC))))
        environment = {"STRIPE_API_KEY": KEY, "STRIPE_API_BASE": stripe.url, PLACE: str(place)}
        relance = stack.enter_context(mortal("tests.support.halted", **environment))
        made = World(place, relance, site, post, stripe)
        _prepare(made)
        yield made


def _prepare(known: World) -> None:
    """The two mornings: `first` before anything was published, `second` a night after that."""
    folder = known.place / "first" / "folder"
    _write(folder, known)
    pushed(folder)
    end = known.relance.learn("build", "--folder", str(folder), "--date", FIRST.isoformat(), now=noon(FIRST))
    assert end.status == 0, end.complained
    for name in ("output", "outbox", "journal"):
        shutil.rmtree(folder / name)
    (folder / "report" / ".build.json").unlink()
    (folder / "report" / ".messages.json").unlink()
    story = Story(known, "first", "second")
    end = story.run()
    assert end.status == 0, end.complained
    _night(story)
    (story.place / "stripe.json").write_text(story.stripe.store.dump(), encoding="utf-8")


def _write(folder: Path, known: World) -> None:
    (folder / "ledger").mkdir(parents=True)
    steps = "".join(
        f'[[reminders.steps]]\nname = "{name}"\ndays = {days}\n{offers}\n'
        for name, days, offers in (
            ("reminder-1", 5, 'offers = ["discount"]'),
            ("reminder-2", 20, ""),
        )
    )
    (folder / "portal.toml").write_text(
        f"""{SELLER.replace(SITE, known.site.url)}
[offers.discount]
percent = "5"
days = 10
[publish]
report = "never"
[stripe]
ledger = "sable"
deactivate_at_most_percent = 100
[deploy]
target = "folder"
path = "../web"
wait_seconds = 0
[smtp]
host = "127.0.0.1"
port = {known.post.port}
security = "none"
retry_after_seconds = 0
per_minute = 6000
timeout_seconds = 30
batch = 2
[late_fees]
mode = "claim"
claim_from = "reminder-1"
[reminders]
approve = "none"
receipts = true
{steps}""",
        encoding="utf-8",
    )
    _write_ledger(folder, CLIENTS, BILLS)


def _write_ledger(folder: Path, clients: dict[str, str], bills: dict[str, tuple[str, str, str, str]]) -> None:
    rows = [f"{name};Établissements {name.title()};{address};business" for name, address in clients.items()]
    (folder / "ledger/clients.csv").write_text("\n".join(["id;name;email;kind", *rows, ""]), encoding="utf-8")
    late = [";".join((number, *bill)) for number, bill in bills.items()]
    (folder / "ledger/invoices.csv").write_text(
        "\n".join(["number;client;issued;due;total", *late, ""]), encoding="utf-8"
    )


def _night(story: Story) -> None:
    """One pays, one pays a part, one is gone, one is new, one becomes late."""
    link = next(one for one in story.stripe.store.links if one.active and one.total == 120_000)
    story.stripe.pay(link.id)
    bills = {number: bill for number, bill in BILLS.items() if bill[0] != "lune"}
    bills["F-6"] = ("noir", "2026-10-01", "2026-11-02", "300.00")
    clients = {name: address for name, address in (CLIENTS | NEW).items() if name != "lune"}
    _write_ledger(story.folder, clients, bills)
    (story.folder / "ledger/payments.csv").write_text(
        "date;client;amount;invoice\n2026-11-16;kite;300.00;F-2\n", encoding="utf-8"
    )
    push_all(story.folder)


def noon(day: date) -> datetime:
    """The moment of a run."""
    return datetime.combine(day, hour(12), UTC)


@dataclass
class Story:
    """One copy of a morning, under a name of its own."""

    world: World
    model: str
    name: str
    disks: int = 1
    owner_said: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.place = self.world.place / self.name
        shutil.copytree(self.world.place / self.model, self.place, symlinks=True)
        self.folder = self.place / "folder"
        self.remote = self.place / "remote.git"
        git(self.folder, "remote", "set-url", "origin", str(self.remote))
        self.stripe = self.world.sandbox(self.place / "stripe.json")
        self.world.site.folder = self.web
        post = self.world.post
        post.box, post.remote, post.seen = self.place / "box", self.remote, []
        post.box.mkdir(exist_ok=True)
        for path in post.box.iterdir():
            path.unlink()

    @property
    def today(self) -> date:
        """The day of the morning."""
        return MODELS[self.model]

    @property
    def web(self) -> Path:
        """Where the site is."""
        return self.place / "web"

    def run(
        self, *words: str, dies: Death | None = None, folder: Path | None = None, relance: Mortal | None = None
    ) -> End:
        """`relance publish`, or what the words say, and whatever the mail server had begun."""
        verb, *options = words or ("publish",)
        where = ("--folder", str(folder or self.folder), "--date", self.today.isoformat())
        end = (relance or self.world.relance).run(verb, *where, *options, now=noon(self.today), dies=dies)
        assert "Traceback" not in end.complained, end.complained
        stop = time.monotonic() + 10
        while not self.world.post.idle and time.monotonic() < stop:
            time.sleep(0.002)
        return end

    def other_machine(self) -> Path:
        """A folder with what was pushed, and nothing else."""
        self.disks += 1
        fresh = cloned(self.remote, f"clone-{self.disks}")
        shutil.copytree(
            self.world.place / "first" / "folder" / "report" / ".templates", fresh / "report" / ".templates"
        )
        return fresh

    def moves(self) -> None:
        """The machine is lost: another one goes on with what was pushed."""
        self.folder = self.other_machine()

    def opened(self) -> Workspace:
        """The folder, as a run would read it."""
        return open_workspace(self.folder)

    def shown(self, arrival: Arrival) -> bytes | None:
        """What the address that a message leads to shows."""
        return self.world.site.answer(arrival.address)

    @property
    def arrivals(self) -> list[Arrival]:
        """What clients got."""
        return list(self.world.post.seen)

    # What is doubtful

    def doubtful(self) -> dict[str, list[str]]:
        """The digests of messages of which nobody knows, by client."""
        found: dict[str, list[str]] = {}
        for client, known in self.opened().memory.clients.items():
            digests = [one.intent.digest for one in known.deliveries.attempts if one.state is State.UNCERTAIN]
            if digests:
                found[client] = digests
        return found

    def owner_answers(self) -> None:
        """The owner asks around, and tells what is true."""
        arrived = {arrival.digest for arrival in self.arrivals}
        for client, digests in self.doubtful().items():
            verb = "sent" if arrived & set(digests) else "resend"
            self.owner_said[verb] += 1
            assert self.run(verb, client).status == 0

    # What is compared

    def state(self) -> dict[str, Any]:
        """Everything that counts, without what chance drew: keys of pages, ids of links, moments."""
        return {
            "pages": self.pages(),
            "links": self.links(),
            "messages": self.messages(),
            "rows": self.rows(),
            "journal": self.events(),
            "sent": self.sent(),
        }

    def site(self) -> dict[str, bytes]:
        """The site, file by file, as it is."""
        return {str(path.relative_to(self.web)): path.read_bytes() for path in self.web.rglob("*") if path.is_file()}

    def pages(self) -> dict[str, str]:
        """The site, file by file, without what chance drew."""
        found: dict[str, str] = {}
        for place, content in self.site().items():
            text = self.plain(_text(content))
            assert found.setdefault(self.plain(place), text) == text, "two pages of one client, and they differ"
        return found

    def lines(self) -> set[str]:
        """The lines of the folder's journal that are whole."""
        files = [path.read_text(encoding="utf-8", errors="replace") for path in self.folder.glob("journal/*/*.jsonl")]
        return {line for text in files for line in text.splitlines(keepends=True) if line.endswith("\n")}

    def links(self) -> list[tuple[str, int, str]]:
        """What can be paid at Stripe: for which way to pay, and how much."""
        active = [link for link in self.stripe.store.links if link.active and not link.used_up]
        return sorted((self.plain(link.metadata["relance_key"]), link.total, link.currency) for link in active)

    def messages(self) -> list[tuple[str, str, str]]:
        """To whom, about what, with which words."""
        return sorted((one.client, str(one.message["subject"]), self.plain(one.text)) for one in self.arrivals)

    def rows(self) -> dict[str, list[dict[str, str]]]:
        """What relance learnt, as it was pushed."""
        names = git(self.remote, "ls-tree", "-r", "--name-only", "main", "ledger/relance").splitlines()
        return {
            name: list(
                csv.DictReader(git(self.remote, "show", f"main:{name}").lstrip("\ufeff").splitlines(), delimiter=";")
            )
            for name in names
        }

    def events(self) -> list[str]:
        """What was decided, without links and messages, of which it depends how often they were tried."""
        lines = [json.loads(line) for line in journal_of(self.remote).splitlines()]
        kept = [
            line for line in lines if line["event"] not in {"links", "intent", "result", "resend", "settled", "sent"}
        ]
        return sorted(self.plain(json.dumps(line, sort_keys=True)) for line in kept)

    def sent(self) -> list[str]:
        """Which messages the journal believes to have left."""
        clients = self.opened().memory.clients.items()
        return sorted(
            f"{client} {one.step} {one.on} {[item.invoice for item in one.items]}"
            for client, known in clients
            for one in known.sent
        )

    def plain(self, text: str) -> str:
        """A text without what chance drew."""
        for key, client in self.keys().items():
            text = text.replace(key, f"KEY-{client}")
        names = {link.id: link.metadata["relance_key"] for link in self.stripe.store.links}
        text = _LINK.sub(lambda found: f"LINK-{names.get(found[0], found[0])}", text)
        mark = mark_of(text.encode())
        return text.replace(mark, "MARK") if mark else text

    def keys(self) -> dict[str, str]:
        """Whose each key is, as it was pushed."""
        events = (json.loads(line) for line in journal_of(self.remote).splitlines())
        return {event["key"]: event["client"] for event in events if event["event"] == "key"}


def _text(content: bytes) -> str:
    return content.decode("utf-8", "backslashreplace")

"""The workflow that `relance init` writes, executed: what its steps say is done, against everything that a publish speaks to.

A bare repository is the origin, and each job begins with a clone of its own, as on a service's machine; Stripe is the
sandbox that ships, mail goes to a real server, the site is read over http. Three things are not those of the service:
the ready-made actions, `gh`, and `pip install`, in whose place stands the relance that these tests run (tests/support/hub.py).
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from datetime import time as hour
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any

import pytest

from generator.cli import main
from generator.sandbox import Sandbox, serve
from tests.support.effort import SOAK
from tests.support.hub import Hub
from tests.support.mailhost import Mailhost, taken
from tests.support.ready import Ready, ready
from tests.support.remote import git, push_all, pushed
from tests.support.sandbox import KEY, LOOPBACK
from tests.support.webhost import Webhost, webhost
from tests.support.workflow import machine, read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from generator.sandbox import Served
    from tests.support.workflow import Step

pytestmark = LOOPBACK

VERDIER, KITE, OWNER = "compta@verdier.example", "accounts@kite.example", "nora@lumen.example"
MONDAY, TUESDAY, NEXT_MONDAY = "2026-11-16", "2026-11-17", "2026-11-23"
CLIENTS = "id;name;email;kind\nverdier;Éditions Verdier;compta@verdier.example;business\nkite;Kite & Fils;accounts@kite.example;business\n"
INVOICES = """number;client;issued;due;total
F-1;verdier;2026-09-30;2026-11-02;1200.00
F-2;kite;2026-09-30;2026-11-02;800.00
"""
POLICY = """
[smtp]
host = "127.0.0.1"
port = {port}
security = "none"
retry_after_seconds = 0
per_minute = 6000
[publish]
report = "never"
[[reminders.steps]]
name = "reminder-1"
days = 5
[[reminders.steps]]
name = "reminder-2"
days = 15
confirm = true
"""


def at(day: str) -> datetime:
    """Early in the morning."""
    return datetime.combine(datetime.fromisoformat(day), hour(7), UTC)


@dataclass
class World:
    """What stands outside of the repository; one shop at a time has it. `model` is a folder under git, with its remote beside it."""

    place: Path
    relance: Ready
    web: Webhost
    post: Mailhost
    stripe: Served
    model: Path
    shops: int = 0


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    place = tmp_path_factory.mktemp("hub")
    model = place / "model" / "folder"
    with ExitStack() as stack:
        web = stack.enter_context(webhost(place / "none"))
        post = Mailhost(place / "none-yet")
        post.start()
        stack.callback(post.stop)
        stripe = stack.enter_context(serve(Sandbox(clock=lambda: datetime.now(UTC))))
        _write(model, web.url, post.port)
        relance = stack.enter_context(ready(model, at(MONDAY)))
        shutil.move(model / "report" / ".templates", place / "compiled")
        for made in ("output", "outbox", "report", "journal"):
            shutil.rmtree(model / made)
        pushed(model)
        git(model.parent / "remote.git", "config", "receive.advertisePushOptions", "true")
        yield World(place, relance, web, post, stripe, model)


def _write(folder: Path, url: str, port: int) -> None:
    """The owner's folder as `relance init` makes it, with the workflow; and what they write into it then."""
    words = [
        "--name",
        "Atelier Lumen",
        "--email",
        OWNER,
        "--url",
        url,
        "--stripe",
        "--deploy",
        "folder",
        "--to",
        "../web",
    ]
    assert main(["init", str(folder), "--yes", "--ci", "github", *words]) == 0
    file = folder / "portal.toml"
    text = file.read_text("utf-8").replace("[reminders]\n", '[reminders]\napprove = "none"\n')
    file.write_text(text + POLICY.format(port=port), encoding="utf-8")
    for path in (folder / "ledger").iterdir():
        path.unlink()
    (folder / "ledger/clients.csv").write_text(CLIENTS, encoding="utf-8")
    (folder / "ledger/invoices.csv").write_text(INVOICES, encoding="utf-8")


@dataclass
class Shop:
    """One owner with a repository of their own at a service. `day` is the day that everybody believes it to be."""

    world: World
    place: Path
    day: str = MONDAY

    def __post_init__(self) -> None:
        shutil.copytree(self.world.model.parent, self.place, symlinks=True)
        self.folder, self.remote = self.place / "folder", self.place / "remote.git"
        git(self.folder, "remote", "set-url", "origin", str(self.remote))
        web = self.place / "web"
        self.world.web.folder = web
        self.world.post.box = self.place / "box"
        self.world.post.box.mkdir()
        self.stripe = Sandbox(clock=lambda: self.now, record=False)
        self.stripe.served_at = self.world.stripe.url
        self.world.stripe.server.sandbox = self.stripe  # type: ignore[attr-defined]
        self.environ: dict[str, str] = {"STRIPE_API_BASE": self.world.stripe.url}
        self.hub = Hub(
            self.place, self.remote, web, self.environ, {"STRIPE_API_KEY": KEY}, compiled=self.world.place / "compiled"
        )
        self.world.relance.put_into(self.hub.bin)
        self.comes(self.day)
        self.policy('path = "../web"', f'path = "{web}"\nwait_seconds = 1')

    @property
    def now(self) -> datetime:
        return at(self.day)

    def comes(self, day: str) -> None:
        """Another day begins."""
        self.day = day
        self.environ["RELANCE_NOW"] = self.now.isoformat()

    def writes(self, name: str, text: str) -> None:
        """The owner changes a file, and pushes what there is."""
        (self.folder / name).write_text(text, encoding="utf-8")
        git(self.folder, "pull", "--quiet", "--rebase", "--autostash")
        push_all(self.folder)

    def policy(self, before: str, after: str) -> None:
        """The owner changes their policy, and pushes it."""
        text = (self.folder / "portal.toml").read_text("utf-8")
        assert before in text
        self.writes("portal.toml", text.replace(before, after))

    # What can be seen

    def mails(self) -> list[tuple[str, str]]:
        """To whom something was sent, and its subject, in their order."""
        found = (message_from_bytes(one.content, policy=policy.default) for one in taken(self.place / "box"))
        return [(str(one["To"]), str(one["Subject"])) for one in found]

    def written_to(self) -> list[str]:
        """Who got an email."""
        return sorted(address for one in taken(self.place / "box") for address in one.recipients)

    def journal(self) -> list[dict[str, Any]]:
        """What the repository knows."""
        if "journal" not in git(self.remote, "ls-tree", "--name-only", "main").split():
            return []
        lines = git(self.remote, "grep", "-h", "", "main", "--", "journal/*.jsonl").splitlines()
        return [json.loads(line) for line in lines]

    def page(self, client: str) -> str:
        """What a client sees; empty when there is nothing."""
        key = next(line["key"] for line in self.journal() if line["event"] == "key" and line["client"] == client)
        return (self.world.web.answer(f"/p/{key}/") or b"").decode()

    def links(self) -> list[int]:
        """What can be paid at Stripe, in cents."""
        return sorted(link.total for link in self.stripe.store.links if link.active and not link.used_up)

    def pay(self, cents: int) -> None:
        """A client pays with a link."""
        self.stripe.pay(next(link.id for link in self.stripe.store.links if link.active and link.total == cents))


@pytest.fixture
def shop(world: World, tmp_path: Path) -> Shop:
    """Two clients who are late, and nothing published yet."""
    return Shop(world, tmp_path / "shop")


def test_a_week(shop: Shop) -> None:
    ran = shop.hub.pushed()
    assert ran.good, ran.said
    assert shop.written_to() == [KITE, VERDIER]
    assert "1\u202f200,00" in shop.page("verdier")
    assert shop.links() == [80_000, 120_000]
    assert (shop.place / "installed").read_text().startswith("./ci/relance-")
    assert shop.hub.pushed().jobs == {}, "what it pushed itself starts nothing"

    shop.pay(80_000)
    shop.comes(TUESDAY)
    ran = shop.hub.morning()
    assert ran.good, ran.said
    assert shop.written_to() == [KITE, VERDIER], "nothing twice"
    assert shop.links() == [120_000], "what is paid is taken down"
    assert "tout est réglé" in shop.page("kite")
    booked = git(shop.remote, "show", "main:ledger/relance/payments.csv")
    assert booked.count(";kite;800,00;") == 1, booked
    if SOAK:
        before = git(shop.remote, "rev-parse", "main")
        assert shop.hub.morning().good
        assert git(shop.remote, "rev-parse", "main") == before

    shop.comes(NEXT_MONDAY)
    ran = shop.hub.morning()
    assert ran.good, ran.said
    assert shop.hub.list.count("- [ ]") == 1
    assert VERDIER not in shop.written_to()[2:]
    tick = shop.hub.tick("(verdier)")
    ran = shop.hub.run("issues", tick)
    assert ran.good, ran.said
    assert shop.written_to() == [KITE, VERDIER, VERDIER]
    assert shop.hub.list == "", "nothing waits any more"
    if SOAK:
        assert shop.hub.run("issues", tick).good
        assert shop.written_to() == [KITE, VERDIER, VERDIER]


# What goes wrong


def test_a_ledger_with_a_mistake_is_red_and_nothing_is_public_or_sent(shop: Shop) -> None:
    shop.writes("ledger/invoices.csv", INVOICES.replace("1200.00", "douze cents"))
    ran = shop.hub.pushed()
    assert not ran.good
    assert "ledger/invoices.csv:2" in ran.summary
    assert "douze cents" in ran.said
    assert not shop.hub.web.exists()
    assert (shop.links(), shop.written_to(), shop.journal()) == ([], [], [])


def test_without_stripe_and_a_mail_server_the_rest_goes_on(shop: Shop) -> None:
    text = (shop.folder / "portal.toml").read_text("utf-8")
    a, b = text.index("\n[smtp]\n"), text.index("\n[publish]\n")
    shop.writes("portal.toml", re.sub(r"^\[stripe\].*\nledger = .*\n", "", text[:a] + text[b:], flags=re.MULTILINE))
    ran = shop.hub.pushed()
    assert ran.good, ran.said
    assert "1\u202f200,00" in shop.page("verdier")
    assert "no [stripe]" in ran.said
    assert "no [smtp]" in ran.said
    assert (shop.links(), shop.written_to()) == ([], [])


def test_without_the_secret_of_stripe_nobody_is_reminded_who_may_have_paid(shop: Shop) -> None:
    shop.hub.secrets.clear()
    ran = shop.hub.pushed()
    assert not ran.good
    assert "STRIPE_API_KEY is not set" in ran.said
    assert "STRIPE\\_API\\_KEY" in ran.summary
    assert not shop.hub.web.exists()
    assert (shop.links(), shop.written_to(), shop.journal()) == ([], [], [])


@pytest.mark.parametrize("other", ["owner", *(["run"] if SOAK else [])])
def test_whom_another_machine_overtakes_ends_and_the_next_run_goes_on(shop: Shop, other: str) -> None:
    def meanwhile(step: Step) -> None:
        if step.id == "publish" and other == "owner":
            shop.hub.before = None
            shop.writes("ledger/payments.csv", "date;client;amount;invoice\n2026-11-15;verdier;1200.00;F-1\n")
        elif step.id == "publish":
            shop.hub.before = None
            assert shop.hub.morning().good

    shop.hub.before = meanwhile
    ran = shop.hub.pushed()
    assert not ran.good
    assert "others pushed" in ran.said, ran.said
    if other == "owner":
        assert (shop.links(), shop.written_to(), shop.hub.web.exists()) == ([], [], False)
    ran = shop.hub.morning()
    assert ran.good, ran.said
    assert shop.written_to() == ([KITE] if other == "owner" else [KITE, VERDIER])
    assert shop.links() == ([80_000] if other == "owner" else [80_000, 120_000])


# What is proposed


def test_a_proposal_says_what_it_would_change_and_writes_nothing(shop: Shop) -> None:
    git(shop.folder, "switch", "--quiet", "--create", "avoir")
    (shop.folder / "ledger" / "invoices.csv").write_text(f"{INVOICES}F-3;kite;2026-09-30;2026-10-30;150.00\n", "utf-8")
    push_all(shop.folder, "--set-upstream", "origin", "avoir")
    known = git(shop.remote, "for-each-ref")
    ran = shop.hub.proposed("avoir")
    assert ran.good, ran.said
    (comment,) = shop.hub.kept["comments"]
    assert comment.startswith("<!-- relance -->\n## Si"), comment
    assert "| Kite &amp; Fils | première relance | 950,00\u00a0€ | partirait |" in comment, comment
    assert "If merged: 1 page changes" in comment
    assert "page changes kite" in comment
    assert "| envoi | · serait fait |" in comment, comment
    assert git(shop.remote, "for-each-ref") == known
    assert (shop.links(), shop.written_to(), shop.hub.web.exists()) == ([], [], False)


# GitHub Pages


def test_for_pages_each_part_may_do_its_own_and_together_they_do_all(shop: Shop) -> None:
    text = (shop.folder / "portal.toml").read_text("utf-8")
    path = next(line for line in text.splitlines() if line.startswith("path = "))
    text = text.replace(f"{path}\n", "").replace('target = "folder"', 'target = "github-pages"')
    (shop.folder / "portal.toml").write_text(text.replace('report = "never"', 'report = "news"'), "utf-8")
    assert main(["init", str(shop.folder), "--ci", "github"]) == 0
    push_all(shop.folder)
    ran = shop.hub.pushed()
    assert ran.good, ran.said
    assert list(ran.jobs) == ["publish", "site", "send"]
    assert shop.written_to() == [KITE, VERDIER, OWNER]
    assert "1\u202f200,00" in shop.page("verdier")
    assert [subject for address, subject in shop.mails() if OWNER in address] == ["relance\u00a0: 2 relances parties"]
    if SOAK:
        shop.pay(80_000)
        shop.comes(TUESDAY)
        ran = shop.hub.morning()
        assert ran.good, ran.said
        subjects = [subject for address, subject in shop.mails() if OWNER in address]
        assert subjects[1:] == ["relance\u00a0: 1 règlement reçu"], "of each run one report, which knows both halves"


# GitLab


def test_the_file_of_gitlab_does_the_same(shop: Shop) -> None:
    (shop.folder / ".gitlab-ci.yml").unlink(missing_ok=True)
    assert main(["init", str(shop.folder), "--ci", "gitlab"]) == 0
    push_all(shop.folder)
    data = read_yaml(git(shop.remote, "show", "main:.gitlab-ci.yml"))
    clone = shop.place / "clone"
    git(shop.place, "clone", "--quiet", str(shop.remote), str(clone))
    git(clone, "checkout", "--quiet", "--detach", "HEAD")
    git(clone, "branch", "--quiet", "--delete", "main")
    address = "https://gitlab-ci-token:t0ken@gitlab.example/lumen/relances.git"
    settings = shop.place / "gitconfig"
    settings.write_text(f'[url "{shop.remote}"]\n\tinsteadOf = {address}\n', encoding="utf-8")
    told = {
        name: str(value["value"] if isinstance(value, dict) else value) for name, value in data["variables"].items()
    }
    told |= {"CI_SERVER_PROTOCOL": "https", "CI_SERVER_FQDN": "gitlab.example", "CI_PROJECT_PATH": "lumen/relances"}
    told |= {"CI_JOB_TOKEN": "t0ken", "CI_PROJECT_VISIBILITY": "private", "GIT_CONFIG_GLOBAL": str(settings)}
    environ = {**machine(shop.hub.bin), **shop.environ, **shop.hub.secrets, **told, "CI_PROJECT_DIR": str(clone)}
    job = data["publish"]
    script = [*data[job["extends"]]["before_script"], *job["script"]]
    ended = subprocess.run(  # noqa: S603 - the steps that relance wrote
        ["bash", "-eo", "pipefail", "-c", "\n".join(script)],  # noqa: S607 - that of the machine
        cwd=clone, env=environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert shop.written_to() == [KITE, VERDIER]
    assert "1\u202f200,00" in shop.page("verdier")
    assert "2 relances parties" in (clone / "summary.md").read_text("utf-8")
    assert git(clone, "rev-parse", "HEAD") == git(shop.remote, "rev-parse", "main")
    assert "t0ken" not in ended.stdout + ended.stderr

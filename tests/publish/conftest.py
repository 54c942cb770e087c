"""A folder with everything that a publish speaks to, all of it on this machine: git, Stripe, a mail server, a web server."""

from __future__ import annotations

import re
import ssl
import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

import pytest

from generator.arguments import make_parser
from generator.commands import Context, check
from generator.commands.build import template_problems
from generator.commands.publish import WORK, publish
from generator.commands.publish_outcome import Phase
from generator.lock import exclusive
from tests.support.mailhost import Mailhost, mailhost
from tests.support.owner import PORTAL, Owner, new_owner
from tests.support.remote import git, pushed, without_settings
from tests.support.sandbox import KEY, Clock, Running, running
from tests.support.webhost import Webhost, webhost

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from generator.commands.publish import Work
    from generator.commands.publish_outcome import PhaseOutcome, RunOutcome
    from generator.commands.publish_run import Publishing
    from generator.domain.decide import Decision
    from generator.domain.ledger import Problem
    from generator.workspace import Workspace

DAY = "2026-11-16"


@dataclass
class Scene:
    """One owner on 16 November 2026, and all the world they need."""

    owner: Owner
    web: Webhost
    mail: Mailhost
    stripe: Running
    remote: Path

    def publish(self, *options: str, date: str | None = DAY) -> int:
        """Runs `relance publish`."""
        return self.owner.run("publish", *options, date=date)

    def configure(self, *, stripe: bool = True, smtp: str | None = "", deploy: str | None = "", more: str = "") -> None:
        """Writes `portal.toml`: everything, unless something is left out."""
        text = PORTAL.replace("https://payer.atelier-sable.example", self.web.url) + '[publish]\nreport = "never"\n'
        if stripe:
            text += '[stripe]\nledger = "sable"\n'
        if smtp is not None:
            text += (
                f'[smtp]\nhost = "127.0.0.1"\nport = {self.mail.port}\nsecurity = "none"\n'
                f"retry_after_seconds = 0\nper_minute = 6000\n{smtp}\n"
            )
        if deploy is not None:
            text += f'[deploy]\ntarget = "folder"\npath = "{self.web.folder}"\n{deploy or "wait_seconds = 0"}\n'
        reminders = "" if "[reminders]" in more else '[reminders]\napprove = "none"\n'
        self.owner.write("portal.toml", text + reminders + more)

    def commit(self) -> None:
        """The owner commits and pushes what they changed by hand."""
        git(self.owner.folder, "add", "--all")
        git(self.owner.folder, "commit", "--quiet", "--allow-empty", "--message", "Le jour")
        git(self.owner.folder, "push", "--quiet")

    def journal(self) -> str:
        """What the pushed repository knows of what was done."""
        names = git(self.remote, "ls-tree", "-r", "--name-only", "main", "journal").splitlines()
        return "\n".join(git(self.remote, "show", f"main:{name}") for name in names if name.endswith(".jsonl"))

    def addressees(self) -> list[str]:
        """Who got an email."""
        return sorted(address for mail in self.mail.taken for address in mail.recipients)

    def state(self) -> dict[str, object]:
        """Everything that counts of what a run could have changed: the folder, what was pushed, the site, Stripe's links."""
        places = (".git/", "outbox/", "report/")
        site = {path: path.read_bytes() for path in self.web.folder.rglob("*") if path.is_file()}
        return {
            **{name: content for name, content in self.owner.files().items() if not name.startswith(places)},
            "pushed": git(self.remote, "rev-parse", "main"),
            "site": site,
            "links": sorted(link.id for link in self.stripe.client.v1.payment_links.list({"limit": 100}).data),
        }

    def active_links(self) -> int:
        """How many links can be paid at Stripe."""
        return len(self.stripe.client.v1.payment_links.list({"active": True, "limit": 100}).data)


def published(
    scene: Scene,
    work: Mapping[Phase, Work] = WORK,
    *,
    hour: int = 12,
    sleep: Callable[[float], None] = time.sleep,
) -> RunOutcome:
    """One run as the command makes it, with phases and waits of the test's own; what became of it."""
    context = Context(scene.owner.folder, datetime(2026, 11, 16, hour, 30, tzinfo=UTC))
    options = make_parser().parse_args(["publish"])

    def patient(run: Publishing) -> PhaseOutcome:
        run.sleep = sleep
        return work[Phase.VERIFY](run)

    with exclusive(scene.owner.folder):
        return publish(context, options, {**work, Phase.VERIFY: patient})


_TRIED: dict[str, list[Problem]] = {}


@pytest.fixture(autouse=True)
def _templates_tried_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Templates are tried with every policy of these tests once: most of them have the same."""

    def tried(workspace: Workspace, decision: Decision) -> list[Problem]:
        policy = re.sub(r"\d{4,5}|/\S+", "", (workspace.folder / "portal.toml").read_text(encoding="utf-8"))
        own = sorted(path.read_text(encoding="utf-8") for path in (workspace.folder / "portal_templates").rglob("*.md"))
        key = f"{policy}{own}"
        if key not in _TRIED:
            _TRIED[key] = template_problems(workspace, decision)
        return _TRIED[key]

    monkeypatch.setattr(check, "template_problems", tried)


@pytest.fixture(autouse=True)
def _certificates_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No page of these tests has one, and reading all that are believed takes longer than a page."""
    monkeypatch.setattr("generator.delivery.pages.ssl.create_default_context", _trust)


@cache
def _trust() -> ssl.SSLContext:
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    without_settings(monkeypatch, tmp_path)


@pytest.fixture
def scene(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    """Two clients late enough for a first reminder; nothing has been published yet."""
    clock = Clock(datetime(2026, 11, 16, 9, 30, tzinfo=UTC))
    with ExitStack() as stack:
        made = Scene(
            owner=new_owner(tmp_path / "folder", capsys),
            web=stack.enter_context(webhost(tmp_path / "web")),
            mail=stack.enter_context(mailhost(tmp_path / "box")),
            stripe=stack.enter_context(running(clock=clock, contract=False)),
            remote=tmp_path / "remote.git",
        )
        monkeypatch.setenv("STRIPE_API_KEY", KEY)
        monkeypatch.setenv("STRIPE_API_BASE", made.stripe.url)
        made.configure()
        pushed(made.owner.folder)
        yield made

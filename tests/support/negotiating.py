"""A debt that is negotiated: an owner's folder with its Stripe account, its mail server and its published site, morning after morning."""

from __future__ import annotations

import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time
from datetime import date as day
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import partial
from html import unescape
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from icalendar import Calendar, Event

from generator.sandbox import AccountSettings
from generator.stripe_links import Cashier
from tests.support.mailhost import Mailhost, mailhost
from tests.support.owner import PLANS, SELLER, SITE, Owner
from tests.support.sandbox import Clock, Running, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest

    from generator.sandbox.records import Link

CLIENT = "verdier"
KEY = "rk_test_AtelierSable01234"
CLIENTS = """id;name;email;contact;salutation;kind;language
verdier;Éditions Verdier-Roux;compta@verdier.example;Anne Verdier;Madame Verdier;business;fr
"""
INVOICES = """numéro;client;date d'émission;échéance;objet;montant ttc
F-2026-118;verdier;30/09/2026;30/10/2026;Refonte du site;1 200,00
"""
PAYMENTS = "date;client;montant;facture;référence\n"
AGREEMENTS = "ledger/relance/agreements.csv"
STRIPE = """
[stripe]
ledger = "sable"
"""
MAIL = """
[smtp]
host = "127.0.0.1"
port = {port}
security = "none"
retry_after_seconds = 0
per_minute = 6000
"""


@dataclass
class Desk:
    """An owner's folder and the Stripe account that its key opens; payments are made in the sandbox, by the day."""

    owner: Owner
    at: Running

    def run(self, *arguments: str, date: str) -> int:
        """Runs `relance …` on that day, which is the day of the sandbox too."""
        self.at.clock.at = datetime.combine(day.fromisoformat(date), time(10), UTC)
        return self.owner.run(*arguments, date=date)

    def does(self, *arguments: str, date: str) -> str:
        """Runs it, and it works: what was said."""
        status = self.run(*arguments, date=date)
        assert status == 0, (arguments, self.owner.said, self.owner.complained)
        assert "Traceback" not in self.owner.complained
        return self.owner.said

    def cash(self, date: str) -> None:
        """What was paid is booked, and the links follow."""
        self.does("reconcile", date=date)
        self.does("links", "--apply", date=date)

    def morning(self, date: str) -> None:
        """What CI does, but for the mail: reconcile, links, build."""
        self.cash(date)
        self.does("build", date=date)

    def posts(self, date: str) -> None:
        """What is due that day was written and sent by hand; the links of its offers can be paid."""
        self.does("links", "--apply", date=date)
        self.does("sent", CLIENT, date=date)

    def show(self, date: str) -> dict[str, Any]:
        """The account, as the public JSON has it."""
        (account,) = self.owner.show(CLIENT, date=date)
        return account

    def links(self) -> list[Link]:
        """Every link that can be paid."""
        return [link for link in self.at.sandbox.store.links if link.active and not link.used_up]

    def active(self) -> list[str]:
        """The links that can be paid: `plan 300.00`."""
        return sorted(named(link) for link in self.links())

    def pay(self, what: str) -> str:
        """The client pays the link of that kind and amount, by card; the session."""
        (link,) = [link.id for link in self.links() if named(link) == what]
        return self.at.sandbox.pay(link)

    def booked(self, *rows: str) -> None:
        """The owner's own file of payments, with these in it: `24/11/2026;verdier;300,00;;RF…`."""
        self.owner.write("ledger/payments.csv", PAYMENTS + "".join(f"{row}\n" for row in rows))

    def writes(self, date: str) -> EmailMessage | None:
        """The message of that morning, which the owner sends by hand and records; None when nobody is written to."""
        self.morning(date)
        found = sorted((self.owner.folder / "outbox").glob(f"{date}-{CLIENT}-*.eml"))
        if not found:
            return None
        (path,) = found
        mail = message_from_bytes(path.read_bytes(), policy=policy.strict)
        assert isinstance(mail, EmailMessage)
        self.does("sent", CLIENT, date=date)
        return mail

    def letter(self, date: str) -> EmailMessage:
        """The same, when there must be one."""
        mail = self.writes(date)
        assert mail is not None, self.show(date)["reminders"]
        return mail

    def words(self, date: str) -> str:
        """All that the client's page says, on one line, without its markup."""
        page = self.owner.page(CLIENT, date).partition("<main")[2].partition("</main>")[0]
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())

    def offers(self, date: str, kind: str = "plan") -> list[dict[str, Any]]:
        """The open offers of a kind, plans by their number of payments."""
        return [offer for offer in self.show(date)["offers"] if offer["kind"] == kind]


@dataclass
class Negotiation(Desk):
    """The same with a mail server, and the site where clients read it."""

    host: Mailhost
    site: str

    def send(self, date: str) -> list[EmailMessage]:
        """Everything that is due leaves, with the owner's word; what was taken by the mail server."""
        before = len(self.host.taken)
        self.does("send", "--approve", "all", date=date)
        mails = [message_from_bytes(mail.content, policy=policy.strict) for mail in self.host.taken[before:]]
        return [mail for mail in mails if isinstance(mail, EmailMessage)]

    def whole_morning(self, date: str) -> list[EmailMessage]:
        """What CI does: reconcile, links, build, send."""
        self.morning(date)
        return self.send(date)

    def page(self, date: str) -> str:
        """Where the client's page is."""
        return str(self.show(date)["portal_url"])


def named(link: Link) -> str:
    """A link by its kind and amount: `plan 300.00`."""
    return f"{link.metadata['relance_kind']} {link.total // 100}.{link.total % 100:02d}"


def written(mail: EmailMessage, form: str = "plain") -> str:
    """The words of an email, in one of its two forms; the text on one line."""
    body = mail.get_body((form,))
    assert body is not None
    text = str(body.get_content())
    return " ".join(text.split()) if form == "plain" else text


def calendar(mail: EmailMessage) -> list[tuple[str, int, str, str]]:
    """The dates that go with an email for the client's calendar: name, sequence, status, day."""
    parts = [part for part in mail.walk() if part.get_content_type() in {"text/calendar", "application/ics"}]
    content = [part.get_payload(decode=True) for part in parts]
    if not content:
        return []
    assert isinstance(content[0], bytes)
    found = Calendar.from_ical(content[0])
    assert isinstance(found, Calendar)
    events = [event for event in found.walk() if isinstance(event, Event)]
    return sorted(
        (
            (str(event["uid"]), int(str(event["sequence"])), str(event["status"]), event.decoded("dtstart").isoformat())
            for event in events
        ),
        key=lambda event: event[3],
    )


@contextmanager
def desk(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    patch: pytest.MonkeyPatch,
    *,
    more: str = "",
    invoices: str = INVOICES,
    site: str = SITE,
) -> Iterator[Desk]:
    """A folder with one client who owes 1 200,00 since 30 October 2026, and its sandbox; `more` is the rest of the policy."""
    defaults = Cashier.__init__.__kwdefaults__
    assert defaults is not None
    patch.setitem(defaults, "rate", 1e6)
    with running(clock=Clock(), contract=False, account=AccountSettings(name="Atelier Sable")) as at:
        patch.setenv("STRIPE_API_KEY", KEY)
        patch.setenv("STRIPE_API_BASE", at.url)
        owner = Owner(folder, capsys)
        owner.write("portal.toml", SELLER.replace(SITE, site) + PLANS + STRIPE + more)
        owner.write("ledger/clients.csv", CLIENTS)
        owner.write("ledger/invoices.csv", invoices)
        owner.write("ledger/payments.csv", PAYMENTS)
        yield Desk(owner, at)


@contextmanager
def negotiation(folder: Path, capsys: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> Iterator[Negotiation]:
    """The same with mail and a published site, all on this machine."""
    with mailhost(folder / "box") as host, _published(folder / "sable" / "output") as site:
        more = MAIL.format(port=host.port)
        with desk(folder / "sable", capsys, patch, more=more, site=site) as made:
            yield Negotiation(made.owner, made.at, host, site)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's own name
        """Nothing."""

    def end_headers(self) -> None:
        """Two builds in one second have one Last-Modified: a browser must not believe it."""
        self.send_header("Cache-Control", "no-store")
        super().end_headers()


@contextmanager
def _published(output: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(output)))
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()

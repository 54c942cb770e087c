"""`clients.csv` and `contacts.csv`: who is invoiced, and the people there."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from generator import checks
from generator.checks import slug
from generator.domain.ledger import Channel, Client, Contact, Kind
from generator.domain.policy import NO_LADDER
from generator.problems import facts as problems
from generator.readers import cells
from generator.readers.row import SPOILT, place_of
from generator.readers.words import CHANNELS, FEE_MODES, KINDS, LANGUAGES, ROLES

if TYPE_CHECKING:
    from generator.readers.facts import Facts
    from generator.readers.row import Row

_LONGEST_WAIT = 999
_APART = re.compile(r"[\s,;]+")
_NO_REMINDER = frozenset({NO_LADDER, "aucun", "aucune"})


def read_clients(facts: Facts) -> None:
    """Every client; an id that is taken keeps its first row."""
    for row in facts.rows("clients"):
        client = _client(facts, row)
        if row.failed:
            facts.spoilt[client.id] = client
        else:
            facts.clients[client.id] = client


def _client(facts: Facts, row: Row) -> Client:
    identity = _id(facts, row)
    name = row.need("name")
    days = row.read("payment_days", cells.days_of_month)
    habit = row.read("pays_on", cells.days_of_month)
    grace = row.read("grace_days", lambda text: cells.whole(text, 0, _LONGEST_WAIT))
    row.read("terms", cells.terms)
    return Client(
        id=identity,
        name=name,
        email=row.read("email", checks.email) or "",
        contact=row.text("contact"),
        salutation=row.text("salutation"),
        phone=row.text("phone"),
        language=row.word("language", LANGUAGES, facts.seller.language, "language"),
        kind=row.word("kind", KINDS, Kind.UNKNOWN, "kind of client"),
        group=row.text("group"),
        channel=row.word("channel", CHANNELS, None, "channel"),
        siren=row.read("siren", checks.siren) or "",
        vat_number=row.read("vat_number", checks.vat_number) or "",
        address=row.text("address"),
        terms=row.text("terms"),
        payment_days=days or (),
        pays_on=habit or (),
        grace_days=grace,
        hold_until=row.day("hold_until"),
        insolvent_since=row.day("insolvent_since"),
        opt_out=row.yes("opt_out"),
        ladder=_ladder(row.text("ladder")),
        skip_steps=_steps(row.text("skip_steps")),
        late_fees=row.word("late_fees", FEE_MODES, None, "way with late fees"),
        notes=row.text("notes"),
        source=row.source,
    )


def _ladder(text: str) -> str:
    """The name of a ladder: small letters, as in portal.toml."""
    return NO_LADDER if slug(text) in _NO_REMINDER else text.casefold()


def _steps(text: str) -> tuple[str, ...]:
    """The names of steps, separated by spaces, commas or semicolons."""
    return tuple(dict.fromkeys(name for name in _APART.split(text.casefold()) if name))


def _id(facts: Facts, row: Row) -> str:
    identity = unicodedata.normalize("NFC", row.need("id"))
    if not identity or identity == SPOILT:
        return ""
    flaw = cells.client_id(identity)
    if flaw is not None:
        row.fail(flaw.at(row.ref("id"), identity))
    key = checks.fold(identity)
    first = facts.client_rows.setdefault(key, row)
    facts.client_ids.setdefault(key, identity)
    if first is not row:
        row.fail(problems.CLIENT_DUPLICATE.at(row.ref("id"), identity, place=place_of(first, row)))
    return identity


def read_contacts(facts: Facts) -> None:
    """Every person at a client."""
    for row in facts.rows("contacts"):
        contact = Contact(
            client=facts.client(row),
            name=row.need("name"),
            role=row.word("role", ROLES, "", "role") if row.need("role") else "",
            email=row.read("email", checks.email) or "",
            phone=row.text("phone"),
            channel=row.word("channel", CHANNELS, None, "channel"),
            language=row.word("language", LANGUAGES, "", "language"),
            source=row.source,
        )
        if not row.failed:
            facts.contacts.append(contact)


def is_written_to(client: Client) -> bool:
    """Whether a client's messages are emails, as they are unless another channel is chosen."""
    return client.channel in {None, Channel.EMAIL}

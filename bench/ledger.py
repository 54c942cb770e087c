"""A deterministic ledger of any size: N clients and about five invoices each, in the mix that small firms really have.

    python -m bench.ledger FOLDER --clients 1000

Client number n depends on n alone, so that a ledger of 1,000 clients is the beginning of the one of 10,000 and two
sizes can be compared. Debts that are late have been reminded once, so that the day measured is a busy one: messages to
write, plans and discounts to offer. Everything is invented; addresses are under `.example`.
"""

from __future__ import annotations

import argparse
import csv
import json
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from generator.domain.terms import due_date, parse_terms

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Row = dict[str, object]

TODAY = date(2026, 11, 23)
_SEED = 2026
_FIRST_REMINDER = timedelta(days=8)
_SILENCE = timedelta(days=10)

_POLICY = """\
[seller]
name = "Atelier Merle & Noyer"
contact = "Apolline Merle"
email = "compta@merle-noyer.example"
phone = "02 61 91 37 00"
address = "14 rue des Tanneurs, 37000 Tours"
siren = "123 456 782"
iban = "FR76 9999 9000 3700 0123 4567 851"
terms = "30"

[site]
url = "https://payer.merle-noyer.example"

[ledger]
payments_up_to = "2026-11-20"

[offers.discount]
percent = "5"
minimum = "100.00"
from = "issued"

[offers.plans]
counts = [2, 3, 4]
minimum_debt = "300.00"

# its own ladder, all by email: what is measured is writing, and stays the same when the default ladder changes
[[reminders.steps]]
name = "courtesy"
days = -3

[[reminders.steps]]
name = "reminder-1"
days = 7

[[reminders.steps]]
name = "reminder-2"
days = 14
offers = ["plan"]

[[reminders.steps]]
name = "reminder-3"
days = 30
offers = ["plan"]

[[reminders.steps]]
name = "formal-notice"
days = 45
channel = "letter"
"""


def _listed(words: str) -> list[str]:
    return words.split("|")


_PEOPLE = _listed("Éloïse|Marc-Antoine|Aïcha|Loïc|Zoé|Idriss|Solène|Gaëtan|Irène|Baptiste|Noémie|Imogen")
_FAMILIES = _listed("Le Goff|N’Diaye|d’Ambray|Lhôpital|Œuvrard|Béranger|Prud’homme|Vasseur|O’Hara|Férec|Noël")
_TRADES = _listed("Librairie|Brasserie|Hôtel|Cabinet|Clinique|Galerie|Théâtre|Atelier|Boulangerie|Studio")
_PLACES = _listed("des Quais|du Vieux Puits|de l’Étang|des Tilleuls|de la Fabrique|du Pré-aux-Ânes|des Halles")
_WORKS = _listed("Refonte du luminaire|Pose d'une bibliothèque|Restauration du lustre|Lampes|Vitrine en chêne")
_ROOMS = _listed("de l'entrée|de la salle|du hall|du premier étage|de l'atelier|de la boutique")

_CLIENT_COLUMNS = _listed("id|name|email|contact|salutation|phone|kind|language|address|terms|hold_until")
_INVOICE_COLUMNS = _listed(
    "number|client|issued|total|currency|subject|vat|order|promised_on|discount_percent|discount_days|disputed_on|"
    "dispute_reason|credit_of"
)
_PAYMENT_COLUMNS = _listed("date|client|amount|currency|invoice|method|reference")

#: How often things happen.
_ENGLISH, _ON_HOLD, _IN_POUNDS, _WITH_ORDER = 0.12, 0.02, 0.02, 0.3
_DISPUTED, _PROMISED, _PRINTED_DISCOUNT = 0.02, 0.02, 0.04
_CREDITED, _PART_PAID, _NAMED, _BOUNCED = 0.03, 0.04, 0.9, 0.01


@dataclass(slots=True)
class Rows:
    """The rows of the three files and the lines of the journal, as they are being made."""

    clients: list[Row] = field(default_factory=list)
    invoices: list[Row] = field(default_factory=list)
    payments: list[Row] = field(default_factory=list)
    journal: list[Row] = field(default_factory=list)


def write_ledger(folder: Path, clients: int) -> Path:
    """Makes an owner's folder with that many clients and returns it. The same number gives the same bytes."""
    rows = Rows()
    for number in range(1, clients + 1):
        _client(rows, number)
    ledger, journal = folder / "ledger", folder / "journal" / "2026-11"
    for made in (ledger, journal):
        made.mkdir(parents=True, exist_ok=True)
    (folder / "portal.toml").write_text(_POLICY, encoding="utf-8")
    _write(ledger / "clients.csv", _CLIENT_COLUMNS, rows.clients)
    _write(ledger / "invoices.csv", _INVOICE_COLUMNS, rows.invoices)
    _write(ledger / "payments.csv", _PAYMENT_COLUMNS, rows.payments)
    lines = "".join(json.dumps(event) + "\n" for event in rows.journal)
    (journal / "20261113T060000Z-00000000.jsonl").write_text(lines, encoding="utf-8")
    return folder


def pay_one(folder: Path, client: str, amount: str) -> None:
    """One more payment comes in, as on any morning."""
    row = [TODAY.isoformat(), client, amount, "EUR", "", "virement", ""]
    with (folder / "ledger" / "payments.csv").open("a", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";", lineterminator="\n").writerow(row)


def _client(rows: Rows, number: int) -> None:
    draw = Random(f"{_SEED}/{number}")  # noqa: S311 - nothing is secret here
    key = f"C-{number:05d}"
    kind = draw.choices(("business", "consumer", "public"), (70, 22, 8))[0]
    family = draw.choice(_FAMILIES)
    person = f"{draw.choice(_PEOPLE)} {family}"
    english = draw.random() < _ENGLISH
    terms = draw.choices(("30", "30 fin de mois", "45", "fin de mois 15"), (70, 15, 10, 5))[0]
    rows.clients.append(
        {
            "id": key,
            "name": person if kind == "consumer" else f"{draw.choice(_TRADES)} {draw.choice(_PLACES)} {number}",
            "email": f"compta{number}@client-{number % 97}.example",
            "contact": person,
            "salutation": f"{'Ms' if english else 'Madame'} {family}",
            "phone": f"06 39 98 {number // 100 % 100:02d} {number % 100:02d}",
            "kind": kind,
            "language": "en" if english else "fr",
            "address": f"{draw.randint(1, 99)} rue des Tanneurs, {draw.randint(10, 95)}000 Ville",
            "terms": terms,
            "hold_until": TODAY + timedelta(days=14) if draw.random() < _ON_HOLD else "",
        }
    )
    punctual = draw.choices((0.98, 0.8, 0.35), (60, 30, 10))[0]
    for index in range(draw.choices(range(1, 10), (4, 8, 14, 20, 20, 14, 10, 6, 4))[0]):
        invoice, cents = _invoice(draw, key, f"F-{number:05d}-{index + 1}")
        rows.invoices.append(invoice)
        if not _paid(rows, draw, invoice, cents, punctual):
            _reminded(rows, invoice, cents, terms)


def _invoice(draw: Random, client: str, number: str) -> tuple[Row, int]:
    """An invoice and its total in cents."""
    issued = TODAY - timedelta(days=draw.randint(0, 320))
    cents = draw.randint(6_000, 900_000)
    row: Row = {
        "number": number,
        "client": client,
        "issued": issued,
        "total": _decimal(cents),
        "currency": "GBP" if draw.random() < _IN_POUNDS else "EUR",
        "subject": f"{draw.choice(_WORKS)} {draw.choice(_ROOMS)}",
        "vat": "20",
        "order": f"BC {draw.randint(100, 999)}" if draw.random() < _WITH_ORDER else "",
    }
    event = draw.random()
    if event < _DISPUTED:
        row |= {"disputed_on": issued + timedelta(days=20), "dispute_reason": "Une pièce manque"}
    elif event < _DISPUTED + _PROMISED:
        row["promised_on"] = TODAY + timedelta(days=draw.randint(0, 9))
    elif event < _DISPUTED + _PROMISED + _PRINTED_DISCOUNT:
        row |= {"discount_percent": "2", "discount_days": 10}
    return row, cents


def _paid(rows: Rows, draw: Random, invoice: Row, cents: int, punctual: float) -> bool:
    """Pays an invoice, or a part of it, as this client does; whether nothing of it is left."""
    issued = date.fromisoformat(str(invoice["issued"]))
    paid_on = issued + timedelta(days=draw.randint(5, 30) if draw.random() < punctual else draw.randint(35, 150))
    if paid_on >= TODAY:
        return False
    same: Row = {name: invoice[name] for name in ("client", "currency")}
    how, named = draw.random(), draw.random() < _NAMED
    if how < _CREDITED:
        credit = cents // 10
        note: Row = {"number": f"A{invoice['number']}", "issued": paid_on, "total": _decimal(-credit)}
        rows.invoices.append(same | note | {"subject": "Avoir", "credit_of": invoice["number"]})
        cents -= credit
    partly, bounced = how > 1 - _PART_PAID, named and draw.random() < _BOUNCED
    if partly:
        cents //= 2
    payment = same | {
        "date": paid_on,
        "amount": _decimal(cents),
        "invoice": invoice["number"] if named else "",
        "method": draw.choice(("virement", "chèque", "carte")),
        "reference": f"VIR {invoice['number']}" if named else "VIR SEPA",
    }
    rows.payments.append(payment)
    if bounced:
        rows.payments.append(payment | {"date": min(paid_on + timedelta(days=6), TODAY), "amount": _decimal(-cents)})
    return not (partly or bounced)


def _reminded(rows: Rows, invoice: Row, cents: int, terms: str) -> None:
    """The first reminder of what has been late for a while."""
    issued = date.fromisoformat(str(invoice["issued"]))
    on = due_date(issued, parse_terms(terms)) + _FIRST_REMINDER
    if on > TODAY - _SILENCE:
        return
    item = {"invoice": invoice["number"], "step": "reminder-1", "issued": issued.isoformat(), "total": cents}
    sent: Row = {"event": "sent", "client": invoice["client"], "step": "reminder-1", "channel": "email"}
    rows.journal.append(sent | {"on": on.isoformat(), "items": [item | {"currency": invoice["currency"]}]})


def _decimal(cents: int) -> str:
    sign, cents = ("-" if cents < 0 else ""), abs(cents)
    return f"{sign}{cents // 100},{cents % 100:02d}"


def _write(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="", delimiter=";", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main() -> None:
    """Writes a ledger from the command line."""
    parser = argparse.ArgumentParser(description="Writes a deterministic ledger for benchmarks.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--clients", type=int, default=1000)
    arguments = parser.parse_args()
    write_ledger(arguments.folder, arguments.clients)


if __name__ == "__main__":
    main()

"""A deterministic ledger of any size: N clients and about five invoices each, in the mix that small firms really have.

    python -m bench.ledger FOLDER --clients 1000

Client number n depends on n alone, so that a ledger of 1,000 clients is the beginning of the one of 10,000 and two
sizes can be compared. Everything is invented; addresses are under `.example`.
"""

from __future__ import annotations

import argparse
import csv
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

TODAY = date(2026, 11, 23)
_SEED = 2026

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

[offers.plans]
counts = [2, 3, 4]
minimum_debt = "300.00"
"""

_PEOPLE = (
    "Éloïse",
    "Marc-Antoine",
    "Aïcha",
    "Loïc",
    "Zoé",
    "Idriss",
    "Solène",
    "Gaëtan",
    "Irène",
    "Baptiste",
    "Noémie",
    "Imogen",
)
_FAMILIES = (
    "Le Goff",
    "N’Diaye",
    "d’Ambray",
    "Lhôpital",
    "Œuvrard",
    "Béranger",
    "Prud’homme",
    "Vasseur",
    "O’Hara",
    "Férec",
    "Noël",
)
_TRADES = (
    "Librairie",
    "Brasserie",
    "Hôtel",
    "Cabinet",
    "Clinique",
    "Galerie",
    "Théâtre",
    "Atelier",
    "Boulangerie",
    "Studio",
)
_PLACES = (
    "des Quais",
    "du Vieux Puits",
    "de l’Étang",
    "des Tilleuls",
    "de la Fabrique",
    "du Pré-aux-Ânes",
    "des Halles",
    "du Rossignol",
)
_WORKS = (
    "Refonte du luminaire",
    "Pose d'une bibliothèque",
    "Restauration d'un lustre",
    "Table en noyer",
    "Lampes de chevet",
    "Vitrine en chêne",
)
_ROOMS = ("de l'entrée", "de la salle", "du hall", "du premier étage", "de l'atelier", "de la boutique")

_CLIENT_COLUMNS = (
    "id",
    "name",
    "email",
    "contact",
    "salutation",
    "phone",
    "kind",
    "language",
    "address",
    "terms",
    "hold_until",
)
_INVOICE_COLUMNS = (
    "number", "client", "issued", "due", "total", "currency", "subject", "vat", "order", "promised_on",
    "discount_percent", "discount_days", "disputed_on", "dispute_reason", "credit_of",
)  # fmt: skip
_PAYMENT_COLUMNS = ("date", "client", "amount", "currency", "invoice", "method", "reference")


@dataclass(slots=True)
class Rows:
    """The rows of the three files, as they are being made."""

    clients: list[dict[str, object]] = field(default_factory=list)
    invoices: list[dict[str, object]] = field(default_factory=list)
    payments: list[dict[str, object]] = field(default_factory=list)


def write_ledger(folder: Path, clients: int) -> Path:
    """Makes an owner's folder with that many clients and returns it. The same number gives the same bytes."""
    rows = Rows()
    for number in range(1, clients + 1):
        _client(rows, number)
    ledger = folder / "ledger"
    ledger.mkdir(parents=True, exist_ok=True)
    (folder / "portal.toml").write_text(_POLICY, encoding="utf-8")
    _write(ledger / "clients.csv", _CLIENT_COLUMNS, rows.clients)
    _write(ledger / "invoices.csv", _INVOICE_COLUMNS, rows.invoices)
    _write(ledger / "payments.csv", _PAYMENT_COLUMNS, rows.payments)
    return folder


def pay_one(folder: Path, client: str, amount: str) -> None:
    """One more payment comes in, as on any morning."""
    with (folder / "ledger" / "payments.csv").open("a", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";", lineterminator="\n").writerow(
            [TODAY.isoformat(), client, amount, "EUR", "", "virement", ""]
        )


def _client(rows: Rows, number: int) -> None:
    draw = Random(f"{_SEED}/{number}")  # noqa: S311 - nothing is secret here
    key = f"C-{number:05d}"
    kind = draw.choices(("business", "consumer", "public"), (70, 22, 8))[0]
    family = draw.choice(_FAMILIES)
    person = f"{draw.choice(_PEOPLE)} {family}"
    name = person if kind == "consumer" else f"{draw.choice(_TRADES)} {draw.choice(_PLACES)} {number}"
    english = draw.random() < 0.12  # noqa: PLR2004 - shares of a mix are plainest where they are drawn
    rows.clients.append(
        {
            "id": key,
            "name": name,
            "email": f"compta{number}@client-{number % 97}.example",
            "contact": person,
            "salutation": f"{'Ms' if english else 'Madame'} {family}",
            "phone": f"06 39 98 {number // 100 % 100:02d} {number % 100:02d}",
            "kind": kind,
            "language": "en" if english else "fr",
            "address": f"{draw.randint(1, 99)} rue des Tanneurs, {draw.randint(10, 95)}000 Ville",
            "terms": draw.choices(("", "30 fin de mois", "45", "fin de mois 15"), (70, 15, 10, 5))[0],
            "hold_until": (TODAY + timedelta(days=14)).isoformat() if draw.random() < 0.02 else "",  # noqa: PLR2004
        }
    )
    punctual = draw.choices((0.98, 0.8, 0.35), (60, 30, 10))[0]
    for index in range(draw.choices(range(1, 10), (4, 8, 14, 20, 20, 14, 10, 6, 4))[0]):
        _invoice(rows, draw, key, f"F-{number:05d}-{index + 1}", punctual)


def _invoice(rows: Rows, draw: Random, client: str, number: str, punctual: float) -> None:
    issued = TODAY - timedelta(days=draw.randint(0, 320))
    cents = draw.randint(6_000, 900_000)
    currency = "GBP" if draw.random() < 0.02 else "EUR"  # noqa: PLR2004
    row: dict[str, object] = {
        "number": number,
        "client": client,
        "issued": issued.isoformat(),
        "total": _euros(cents),
        "currency": currency,
        "subject": f"{draw.choice(_WORKS)} {draw.choice(_ROOMS)}",
        "vat": "20",
        "order": f"BC {draw.randint(100, 999)}" if draw.random() < 0.3 else "",  # noqa: PLR2004
    }
    event = draw.random()
    if event < 0.02:  # noqa: PLR2004
        row |= {
            "disputed_on": (issued + timedelta(days=20)).isoformat(),
            "dispute_reason": "Une pièce manque à la livraison",
        }
    elif event < 0.04:  # noqa: PLR2004
        row["promised_on"] = (TODAY + timedelta(days=draw.randint(0, 9))).isoformat()
    elif event < 0.08:  # noqa: PLR2004
        row |= {"discount_percent": "2", "discount_days": 10}
    rows.invoices.append(row)
    _payments(rows, draw, row, cents, punctual)


def _payments(rows: Rows, draw: Random, row: dict[str, object], cents: int, punctual: float) -> None:
    issued = date.fromisoformat(str(row["issued"]))
    paid_on = issued + timedelta(days=draw.randint(5, 30) if draw.random() < punctual else draw.randint(35, 150))
    if paid_on >= TODAY:
        return
    how = draw.random()
    if how < 0.03:  # noqa: PLR2004 - a credit note for a part, the rest paid
        credit = cents // 10
        note = {
            "number": f"A{row['number']}",
            "issued": paid_on.isoformat(),
            "total": _euros(-credit),
            "subject": "Avoir",
        }
        rows.invoices.append(note | {"client": row["client"], "currency": row["currency"], "credit_of": row["number"]})
        cents -= credit
    part = cents // 2 if how > 0.96 else cents  # noqa: PLR2004
    named = draw.random() < 0.9  # noqa: PLR2004
    paid = {
        "date": paid_on.isoformat(),
        "client": row["client"],
        "amount": _euros(part),
        "currency": row["currency"],
        "invoice": row["number"] if named else "",
        "method": draw.choice(("virement", "chèque", "carte")),
        "reference": f"VIR {row['number']}" if draw.random() < 0.5 else "",  # noqa: PLR2004
    }
    rows.payments.append(paid)
    if named and draw.random() < 0.01:  # noqa: PLR2004 - a cheque that bounced
        rows.payments.append(
            paid | {"date": min(paid_on + timedelta(days=6), TODAY).isoformat(), "amount": _euros(-part)}
        )


def _euros(cents: int) -> str:
    sign, cents = ("-" if cents < 0 else ""), abs(cents)
    return f"{sign}{cents // 100},{cents % 100:02d}"


def _write(path: Path, columns: Sequence[str], rows: Iterable[dict[str, object]]) -> None:
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

"""An owner's folder for tests of commands: written as an owner would, run as an owner would."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, time
from datetime import date as day
from typing import TYPE_CHECKING, Any

from generator.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

SITE = "https://payer.atelier-sable.example"
SELLER = f"""
[seller]
name = "Atelier Sable"
email = "compta@atelier-sable.example"
contact = "Nora Sable"
phone = "01 99 00 12 34"
address = "3 rue des Dunes, 64200 Biarritz"
siren = "123456782"
iban = "FR7630006000011234567890189"
terms = "30"

[site]
url = "{SITE}"
"""
DISCOUNT = """
[offers.discount]
percent = "5"
days = 10
"""
PLANS = """
[offers.plans]
counts = [2, 3, 4]
minimum_debt = "300.00"
minimum_instalment = "50.00"
"""
PORTAL = SELLER + DISCOUNT + PLANS

CLIENTS = """id;name;email;contact;salutation;kind;language
verdier;Éditions Verdier-Roux;compta@verdier.example;Anne Verdier;Madame Verdier;business;fr
kite;Kite & Sons;accounts@kite.example;Tom Kite;;business;en
"""

INVOICES = """numéro;client;date d'émission;échéance;objet;montant ttc
F-2026-118;verdier;30/09/2026;30/10/2026;Refonte du site;1 200,00
F-2026-120;kite;01/10/2026;31/10/2026;Oak shelves;800,00
F-2026-121;verdier;20/11/2026;20/12/2026;Maintenance;150,00
"""

PAYMENTS = """date;client;montant;facture
02/11/2026;kite;300,00;F-2026-120
"""


@dataclass
class Owner:
    """A folder, and the command line in it."""

    folder: Path
    capsys: pytest.CaptureFixture[str]
    said: str = ""
    complained: str = ""

    def run(self, *arguments: str, date: str | None = "2026-11-16") -> int:
        """Runs `relance …` here on that day; what it said is kept."""
        where = ["--folder", str(self.folder), *(["--date", date] if date else [])]
        now = datetime.combine(day.fromisoformat(date), time(12), UTC) if date else None
        status = main([arguments[0], *where, *arguments[1:]], now=now)
        captured = self.capsys.readouterr()
        self.said, self.complained = captured.out, captured.err
        return status

    def show(self, *arguments: str, date: str = "2026-11-16") -> list[dict[str, Any]]:
        """The public JSON."""
        assert self.run("show", *arguments, "--json", date=date) == 0, self.complained
        found: list[dict[str, Any]] = json.loads(self.said)
        return found

    def write(self, name: str, text: str, encoding: str = "utf-8") -> Path:
        """A file of the folder."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding=encoding)
        return path

    def page(self, client: str, date: str = "2026-11-16") -> str:
        """The page of a client, as it is in `output/`."""
        key = str(self.show(client, date=date)[0]["portal_url"]).rstrip("/").rsplit("/", 1)[1]
        return (self.folder / "output" / "p" / key / "index.html").read_text(encoding="utf-8")

    def files(self) -> dict[str, bytes]:
        """Every file of the folder."""
        found = (path for path in sorted(self.folder.rglob("*")) if path.is_file() and path.name != ".lock")
        return {str(path.relative_to(self.folder)): path.read_bytes() for path in found}


def new_owner(folder: Path, capsys: pytest.CaptureFixture[str]) -> Owner:
    """A small shop on 16 November 2026: one French client seventeen days late, one English who paid a part."""
    owner = Owner(folder, capsys)
    owner.write("portal.toml", PORTAL)
    owner.write("ledger/clients.csv", CLIENTS)
    owner.write("ledger/invoices.csv", INVOICES)
    owner.write("ledger/payments.csv", PAYMENTS)
    return owner

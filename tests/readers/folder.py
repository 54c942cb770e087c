"""A small owner's folder made of the texts that a test is about."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from generator.config import LedgerSettings, Seller, Settings
from generator.domain.policy import Policy
from generator.readers import read_ledger

if TYPE_CHECKING:
    from pathlib import Path

    from generator.domain.ledger import Ledger, Problem

SELLER = Seller("Atelier Lumen", "compta@atelier-lumen.example", terms="30")
CLIENTS = "id;name;email\nverdier;Studio Verdier;compta@verdier.example\nbrun;Atelier Brun;compta@brun.example\n"
INVOICES = "number;client;issued;due;total\nF-1;verdier;01/10/2026;31/10/2026;120,00\n"


class Read:
    """What was read: the ledger, and the problems as `code line column`."""

    def __init__(self, ledger: Ledger, problems: list[Problem]) -> None:
        self.ledger = ledger
        self.found = problems
        self.problems = [f"{problem.code} {problem.where.line} {problem.where.column}".rstrip() for problem in problems]

    def codes(self) -> list[str]:
        return [problem.code for problem in self.found]


def read(
    folder: Path,
    *,
    clients: str | bytes = CLIENTS,
    invoices: str | bytes = INVOICES,
    seller: Seller = SELLER,
    columns: dict[str, dict[str, str]] | None = None,
    policy: Policy | None = None,
    **others: str | bytes,
) -> Read:
    """Reads a folder with these files: `relance_promises` stands for `relance/promises.csv`."""
    for name, content in {"clients": clients, "invoices": invoices, **others}.items():
        path = folder / "ledger" / f"{name.replace('relance_', 'relance/')}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return again(folder, seller=seller, columns=columns, policy=policy)


def again(
    folder: Path,
    *,
    seller: Seller = SELLER,
    columns: dict[str, dict[str, str]] | None = None,
    form: str = "csv",
    path: str = "ledger",
    policy: Policy | None = None,
) -> Read:
    """Reads the folder as it is."""
    ledger = LedgerSettings(format=form, path=path, columns=columns or {})
    policy = policy or Policy(currency=seller.currency)
    return Read(*read_ledger(Settings(folder, seller, "https://payer.atelier-lumen.example", ledger, policy)))


def seller(**changes: str) -> Seller:
    """The usual seller, with other words."""
    return replace(SELLER, **changes)

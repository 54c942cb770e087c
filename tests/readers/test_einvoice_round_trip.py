"""The demo with its invoices as e-invoices, in three forms: the same accounts as from its own files."""

from __future__ import annotations

import re
import shutil
from datetime import date
from typing import TYPE_CHECKING, Any

from generator.domain.ledger import CreditNote, Invoice
from generator.public_json import account_json
from generator.resources import bundled
from generator.workspace import open_workspace
from tests.readers.einvoice_maker import Bill, Someone, cents, cii, facturx, put, ubl
from tests.support import exports

if TYPE_CHECKING:
    from pathlib import Path

    from generator.workspace import Workspace

ATELIER = bundled("examples") / "atelier"
DAY = date(2026, 11, 23)
#: A row that says one of these stays in invoices.csv, without what an e-invoice says.
ONLY_OURS = ("value", "promised_on", "discount_percent", "disputed_on")
THEIRS = ("due", "order", "subject", "vat", "currency", "document")


def bill(fact: Invoice | CreditNote, workspace: Workspace) -> Bill:
    """An invoice or a credit note as its seller would issue it."""
    seller, client = workspace.settings.seller, workspace.ledger.clients[fact.client]
    amount = fact.total if isinstance(fact, Invoice) else fact.amount
    rate = int(fact.vat[0][0]) if isinstance(fact, Invoice) else 20
    common = Bill(
        number=fact.number,
        issued=fact.issued.isoformat(),
        vat=((str(rate), round(amount.minor * 100 / (100 + rate))),),
        seller=Someone(seller.name, seller.siren, seller.vat_number),
        buyer=Someone(client.name, client.siren, email=client.email),
        currency=amount.currency,
        total=cents(amount.minor),
        iban=seller.iban,
        items=(fact.subject,),
    )
    if isinstance(fact, Invoice):
        return common.but(due=fact.due.isoformat(), order=fact.order)
    return common.but(kind="381", due="", preceding=(fact.invoice,) if fact.invoice else ())


def with_e_invoices(folder: Path, workspace: Workspace) -> int:
    """The demo's folder, every invoice in `factures/`, and only what these do not say left in invoices.csv: so many rows."""
    shutil.copytree(ATELIER, folder, dirs_exist_ok=True)
    policy = (folder / "portal.toml").read_text(encoding="utf-8")
    policy = re.sub(r"^\[ledger\.columns\.invoices\]\n.*\n", "", policy, flags=re.MULTILINE)
    policy = policy.replace("[ledger]\n", '[ledger]\ndocuments = "factures"\n')
    (folder / "portal.toml").write_text(policy, encoding="utf-8")
    ledger = workspace.ledger
    forms = (("xml", ubl), ("xml", cii), ("pdf", facturx))
    issued: list[Invoice | CreditNote] = [*ledger.invoices, *ledger.credit_notes]
    for place, fact in enumerate(issued):
        suffix, form = forms[place % len(forms)]
        put(folder, {f"{fact.number}.{suffix}": form(bill(fact, workspace))})
    rows = exports.rows_of(ledger)
    kept = [row for row in rows["invoices"] if row.get("status", "open") != "open" or any(map(row.get, ONLY_OURS))]
    rows["invoices"] = [{name: value for name, value in row.items() if name not in THEIRS} for row in kept]
    exports.write_csv(folder / "ledger", rows)
    return len(kept)


def accounts(workspace: Workspace) -> list[dict[str, Any]]:
    """The public form of every account, in one order."""
    return sorted(
        (account_json(account, None) for account in workspace.decide(DAY).accounts),
        key=lambda account: (str(account["client"]), str(account["currency"])),
    )


def test_the_demo_as_e_invoices_gives_the_same_accounts(tmp_path: Path) -> None:
    original = open_workspace(ATELIER)
    kept = with_e_invoices(tmp_path, original)
    assert 0 < kept < len(original.ledger.invoices) / 2
    found = open_workspace(tmp_path)
    assert {problem.code for problem in found.problems} == {"einvoice-added"}
    assert accounts(found) == accounts(original)

    def facts(workspace: Workspace) -> dict[str, tuple[object, ...]]:
        return {
            one.number: (one.client, one.issued, one.due, one.total, one.subject, one.order, one.status)
            for one in workspace.ledger.invoices
        }

    assert facts(found) == facts(original)
    assert {note.number: note.invoice for note in found.ledger.credit_notes} == {
        note.number: note.invoice for note in original.ledger.credit_notes
    }

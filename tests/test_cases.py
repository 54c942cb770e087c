"""Numbers that other systems' own tests agree on, replayed against our rules.

`tests/cases/*.json` holds one case an object: `name`, `source` (whose test it is), what is given and what is expected.
Where our rule differs on purpose, the case holds our answer, theirs, and why.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from generator.config import LedgerSettings, Seller, Settings
from generator.domain.decide import decide
from generator.domain.delivery import MessageSent, SentItem
from generator.domain.discount_vat import Computation, credits_by_rate
from generator.domain.ledger import Client, CreditNote, Invoice, Ledger, Payment
from generator.domain.memory import Memory, OfferKind
from generator.domain.money import Money, share, split
from generator.domain.policy import Anchor, PlanPolicy, Policy, ReminderPolicy, Step
from generator.domain.references import is_reference, make_reference
from generator.domain.terms import due_date, parse_terms
from generator.workspace import today_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.domain.account import Account

Case = dict[str, Any]
HERE = Path(__file__).parent / "cases"
CLIENT = Client("C-1", "Librairie des Halles", "compta@librairie.example")


def cases(*files: str) -> list[Any]:
    """The cases of these files, each under its own name."""
    found = [(name, case) for name in files for case in json.loads((HERE / f"{name}.json").read_text("utf-8"))]
    return [pytest.param(case, id=f"{name}: {case['name']}") for name, case in found]


@pytest.mark.parametrize("case", cases("due_dates"))
def test_due_date(case: Case) -> None:
    issued, due = date.fromisoformat(case["issued"]), date.fromisoformat(case["due"])
    assert due_date(issued, parse_terms(case["terms"]), case.get("payment_days", ())) == due


@pytest.mark.parametrize("case", cases("splits"))
def test_split(case: Case) -> None:
    currency = case.get("currency", "EUR")
    total = Money.of(case["total"], currency).minor
    by_percent = tuple(share(total, Decimal(percent)) for percent in case.get("percents", ()))
    shares = split(total, case["count"]) if "count" in case else by_percent
    assert [str(Money(part, currency)) for part in shares] == case["shares"]


@pytest.mark.parametrize("case", cases("references"))
def test_reference(case: Case) -> None:
    if "text" in case:
        assert is_reference(case["text"]) is case["valid"]
    elif case["reference"] is None:
        with pytest.raises(ValueError, match="21"):
            make_reference(case["payload"])
    else:
        assert make_reference(case["payload"]) == case["reference"]
        assert is_reference(case["reference"])


@pytest.mark.parametrize("case", cases("early_discounts", "payable_now", "allocation", "reminders"))
def test_account(case: Case) -> None:
    account = _account(case)
    assert case["expect"], "a case expects something"
    seen = {what: _SEEN[what](account) for what in case["expect"]}
    assert seen == case["expect"]


@pytest.mark.parametrize("case", cases("discount_vat"))
def test_credit_notes_of_discounts(case: Case) -> None:
    account = _account(case)
    seen = {what: _SEEN[what](account) for what in ("open", "credit")}
    parts = credits_by_rate(account.credits_due, account.items, Computation(case["computation"]))
    seen["credit_notes"] = {
        found.due.invoice: [[str(cut.rate), str(cut.net), str(cut.vat), str(cut.gross)] for cut in found.rates]
        for found in parts
    }
    assert seen == case["expect"]


@pytest.mark.parametrize("case", cases("today"))
def test_the_day_is_that_of_the_seller(case: Case) -> None:
    seller = Seller("Atelier Lumen", "compta@atelier-lumen.example", timezone=case["zone"])
    settings = Settings(HERE, seller, "https://payer.atelier-lumen.example", LedgerSettings(), Policy())
    assert today_in(settings, datetime.fromisoformat(case["now"])) == date.fromisoformat(case["expect"])


@pytest.mark.parametrize("path", sorted(HERE.glob("*.json")), ids=lambda path: path.stem)
def test_every_case_has_a_source_and_every_difference_a_reason(path: Path) -> None:
    found = json.loads(path.read_text("utf-8"))
    assert len({case["name"] for case in found}) == len(found)
    for case in found:
        assert case["source"], case["name"]
        assert ("theirs" in case) == ("why" in case), case["name"]


def _account(case: Case) -> Account:
    """The account that a case describes, on its day; every day is as good as another to write."""
    steps = tuple(Step(name, days, Anchor(start)) for name, days, start in case.get("steps", []))
    policy = Policy(
        plans=PlanPolicy(minimum_debt=Decimal(0), minimum_instalment=Decimal(0)),
        reminders=ReminderPolicy(
            steps=steps,
            minimum_gap_days=case.get("gap", 7),
            review_after_days=9999,
            business_days=False,
            minimum_amount=None,
        ),
    )
    decision = decide(
        _ledger(case), policy, _memory(case), date.fromisoformat(case["today"]), business=None, new_key=lambda: "a" * 26
    )
    (account,) = decision.accounts
    return account


def _ledger(case: Case) -> Ledger:
    return Ledger(
        clients={CLIENT.id: CLIENT},
        invoices=tuple(_invoice(entry) for entry in case["invoices"]),
        credit_notes=tuple(
            CreditNote(
                entry["number"],
                CLIENT.id,
                date.fromisoformat(entry["issued"]),
                _euros(entry["amount"]),
                entry.get("invoice", ""),
            )
            for entry in case.get("credit_notes", ())
        ),
        payments=tuple(
            Payment(
                CLIENT.id, date.fromisoformat(entry["date"]), _euros(entry["amount"]), tuple(entry.get("invoices", ()))
            )
            for entry in case.get("payments", ())
        ),
    )


def _invoice(entry: Case) -> Invoice:
    percent, days = entry.get("discount", (None, 0))
    return Invoice(
        number=entry["number"],
        client=CLIENT.id,
        issued=date.fromisoformat(entry["issued"]),
        due=date.fromisoformat(entry["due"]),
        total=_euros(entry["total"]),
        part=entry.get("part", ""),
        vat=tuple((Decimal(rate), None if net is None else Decimal(net)) for rate, net in entry.get("vat", ())),
        discount_percent=None if percent is None else Decimal(percent),
        discount_days=days,
    )


def _memory(case: Case) -> Memory:
    invoices = {invoice.id: invoice for invoice in map(_invoice, case["invoices"])}
    return Memory.of(
        MessageSent(
            CLIENT.id,
            step,
            "email",
            date.fromisoformat(on),
            tuple(
                SentItem(number, own, invoices[number].issued, invoices[number].total.minor, "EUR")
                for number, own in items.items()
            ),
        )
        for on, step, items in case.get("sent", ())
    )


def _euros(text: str) -> Money:
    return Money.of(text, "EUR")


def _discounts(account: Account) -> dict[str, dict[str, str]]:
    return {
        offer.items[0].id: {"pay": str(offer.amount), "saving": str(offer.saving), "until": str(offer.valid_until)}
        for offer in account.offers_of(OfferKind.DISCOUNT)
    }


def _reminder(account: Account) -> list[object] | None:
    due = account.reminders.due_today
    return None if due is None else [due.step.name, {item.id: due.steps.get(item.id, "") for item in due.items}]


def _next(account: Account) -> list[str] | None:
    following = account.reminders.next
    return None if following is None else [following.step, str(following.on)]


#: What a case may expect, and how it is seen on an account.
_SEEN: dict[str, Callable[[Account], object]] = {
    "open": lambda account: {item.id: str(item.open) for item in account.items},
    "open_total": lambda account: str(account.totals.open),
    "overdue": lambda account: str(account.totals.overdue),
    "to_pay": lambda account: str(account.totals.to_pay),
    "credit": lambda account: str(account.totals.credit),
    "guesses": lambda account: {guess.invoice: guess.how.value for guess in account.guesses},
    "discount": _discounts,
    "plans": lambda account: [str(offer.amount) for offer in account.offers_of(OfferKind.PLAN)],
    "reminder": _reminder,
    "next": _next,
    "held": lambda account: account.reminders.held and account.reminders.held.value,
}

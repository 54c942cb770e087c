"""The fictional workshop shows every situation that relance knows, on its own day."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from stdnum import iban
from stdnum.fr import siren

from generator.domain.account import Account, HistoryKind, How, Status
from generator.domain.delivery import Means
from generator.domain.due import Held
from generator.domain.ledger import Channel, InvoiceStatus, Kind
from generator.domain.memory import KeyMade, Memory, OfferKind, OfferMade
from generator.domain.money import Money
from generator.resources import bundled
from generator.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    from generator.domain.decide import Decision

ATELIER = bundled("examples") / "atelier"
MONDAY = date(2026, 11, 23)


@cache
def workshop() -> Workspace:
    """The workshop's folder, read in place: nothing here writes to it."""
    return open_workspace(ATELIER)


@cache
def decision() -> Decision:
    """What is decided on its day."""
    return workshop().decide(MONDAY)


def account(client: str, currency: str = "EUR") -> Account:
    """A client's account in a currency."""
    return next(found for found in decision().accounts if found.client.id == client and found.currency == currency)


def euros(text: str) -> Money:
    """An amount in euros."""
    return Money.of(text, "EUR")


def test_it_is_read_without_a_word_to_say() -> None:
    assert workshop().problems == ()


def test_its_day_is_a_business_day_and_is_written_beside_it() -> None:
    assert tomllib.loads((ATELIER / "demo.toml").read_text("utf-8"))["day"] == MONDAY
    assert workshop().business.is_business_day(MONDAY)
    assert "23 novembre 2026" in (ATELIER / "DEMO.md").read_text("utf-8")


def test_its_size_is_that_of_a_small_workshop() -> None:
    ledger = workshop().ledger
    assert len(ledger.clients) == 14
    assert len(ledger.invoices) + len(ledger.credit_notes) == 41


def test_every_client_has_a_key_of_its_own_already() -> None:
    keys = [key for found in decision().by_client() for key in found[0].keys]
    assert len(set(keys)) == len(keys) == 14
    assert all(len(key) == 26 for key in keys)
    assert not [event for event in decision().events if isinstance(event, KeyMade)]


@pytest.mark.parametrize(
    ("client", "step", "channel"),
    [
        ("C-001", "presentation", Channel.EMAIL),
        ("C-014", "courtesy", Channel.EMAIL),
        ("C-008", "reminder-1", Channel.EMAIL),
        ("C-009", "reminder-1", Channel.EMAIL),
        ("C-002", "reminder-2", Channel.PHONE),
        ("C-003", "reminder-3", Channel.EMAIL),
        ("C-004", "formal-notice", Channel.LETTER),
        ("C-005", "receipt", Channel.EMAIL),
        ("C-011", "instalment", Channel.EMAIL),
    ],
)
def test_every_step_is_due_to_somebody(client: str, step: str, channel: Channel) -> None:
    due = next(found for found in decision().accounts if found.client.id == client).reminders.due_today
    assert due is not None
    assert (due.step.name, due.channel) == (step, channel)


def test_nobody_else_is_written_to() -> None:
    written_to = {found.client.id for found in decision().accounts if found.reminders.due_today}
    assert written_to == {"C-001", "C-002", "C-003", "C-004", "C-005", "C-008", "C-009", "C-011", "C-014"}


@pytest.mark.parametrize(
    ("client", "held"),
    [
        ("C-006", Held.DISPUTED),
        ("C-007", Held.PROMISED),
        ("C-010", Held.HOLD),
        ("C-012", Held.PAID),
        ("C-013", Held.REVIEW),
    ],
)
def test_for_every_reason_somebody_is_left_alone(client: str, held: Held) -> None:
    assert account(client).reminders.held is held


def test_items_of_every_status() -> None:
    statuses = {item.status for found in decision().accounts for item in found.items}
    assert statuses == set(Status) - {Status.IN_FLIGHT}  # a debit is on its way once somebody pays in the sandbox


def test_its_journal_knows_the_payment_links_of_the_day() -> None:
    asking = [found for found in decision().accounts if found.wanted]
    assert len(asking) > 10
    for found in asking:
        assert set(found.links) == {wanted.key for wanted in found.wanted}, found.client.id
        assert all(url.startswith("https://payer-en-ligne.merle-noyer.example/pay/") for url in found.links.values())


def test_late_fees_are_claimed_from_one_client_with_the_formal_notice() -> None:
    assert [found.client.id for found in decision().accounts if found.claims] == ["C-004"]
    found = account("C-004")
    [claim] = found.claims
    assert (claim.invoice, claim.current.step, claim.told_on) == ("F-2026-097", "formal-notice", None)
    [period] = claim.current.periods
    assert (period.days, period.percent, claim.interest) == (
        46,
        Decimal("12.40"),
        euros("51.01"),
    )  # 3264 x 12.4 % x 46 / 365
    assert claim.indemnity == euros("40.00")
    assert (found.totals.to_pay, found.totals.fees) == (euros("3355.01"), euros("91.01"))


def test_clients_of_every_kind_and_in_two_languages() -> None:
    clients = workshop().ledger.clients.values()
    assert {client.kind for client in clients} == {Kind.BUSINESS, Kind.CONSUMER, Kind.PUBLIC}
    assert {client.language for client in clients} == {"fr", "en"}


def test_an_invoice_of_the_day_comes_with_a_discount_and_one_is_due_today() -> None:
    found = account("C-001")
    (discount,) = found.offers_of(OfferKind.DISCOUNT)
    assert [item.id for item in discount.items] == ["F-2026-131"]
    assert (discount.amount, discount.saving, discount.before_due) == (euros("2223.00"), euros("117.00"), True)
    assert [item.id for item in found.with_status(Status.DUE)] == ["F-2026-118"]


def test_three_payments_without_a_number_find_their_place() -> None:
    guesses = {(guess.client, guess.invoice): guess.how for found in decision().accounts for guess in found.guesses}
    assert guesses == {
        ("C-001", "F-2026-118"): How.OLDEST,
        ("C-012", "F-2026-105"): How.EXACT,
        ("C-014", "F-2026-074"): How.SUM,
        ("C-014", "F-2026-081"): How.SUM,
    }


def test_a_second_reminder_makes_offers_today() -> None:
    found = account("C-002")
    assert [offer.new for offer in found.offers if offer.kind is not OfferKind.FULL] == [True] * 4
    assert len([event for event in decision().events if isinstance(event, OfferMade) and event.client == "C-002"]) == 4
    assert [len(offer.instalments) for offer in found.offers_of(OfferKind.PLAN)] == [2, 3, 4]


def test_a_third_reminder_lists_a_younger_invoice_at_its_own_step() -> None:
    due = account("C-003").reminders.due_today
    assert due is not None
    assert due.steps == {"F-2026-104": "reminder-3", "F-2026-109": "reminder-2"}


def test_a_part_payment_leaves_offers_open_that_follow_what_is_left() -> None:
    found = account("C-005")
    assert [(item.paid, item.open) for item in found.items] == [(euros("1200.00"), euros("2400.00"))]
    (discount,) = found.offers_of(OfferKind.DISCOUNT)
    assert (discount.amount, discount.valid_until, discount.new) == (euros("2280.00"), date(2026, 11, 26), False)
    assert [part.amount for part in found.offers_of(OfferKind.PLAN)[-1].instalments] == [euros("600.00")] * 4


def test_a_draft_and_a_void_invoice_are_nowhere() -> None:
    assert {invoice.status for invoice in workshop().ledger.invoices} >= {InvoiceStatus.DRAFT, InvoiceStatus.VOID}
    assert {item.id for item in account("C-005").items} == {"F-2026-107"}


def test_a_public_body_disputes_one_invoice_and_owes_another() -> None:
    found = account("C-006")
    assert [item.dispute_reason for item in found.with_status(Status.DISPUTED)] == [
        "Deux appliques sur douze seraient montées à l'envers"
    ]
    assert found.totals.to_pay == euros("768.00")


def test_a_cheque_that_bounced_is_owed_again() -> None:
    found = account("C-008")
    assert found.totals.overdue == euros("690.00")
    assert HistoryKind.REVERSAL in {line.kind for line in found.history}


def test_one_client_has_two_currencies_that_are_never_added() -> None:
    assert account("C-009", "GBP").totals.overdue == Money.of("1480.00", "GBP")
    assert account("C-009", "EUR").totals.upcoming == euros("2950.00")


def test_credit_notes_of_an_invoice_and_of_their_own_are_applied() -> None:
    linked = next(item for item in account("C-014").items if item.id == "F-2026-094")
    assert (linked.credited, linked.open) == (euros("176.40"), euros("0.00"))
    assert account("C-010").totals.open == euros("1722.00")


def test_a_second_reminder_begins_with_a_call_and_a_third_has_a_second_reader() -> None:
    called, copied = account("C-002").reminders.due_today, account("C-003").reminders.due_today
    assert called is not None
    assert copied is not None
    assert called.call_first
    assert [(person.role, person.name) for person in copied.copy_to] == [("approves", "Chidi Okafor")]


def test_money_that_came_in_is_confirmed_and_nothing_is_asked_with_it() -> None:
    due = account("C-005").reminders.due_today
    assert due is not None
    assert [(receipt.on, receipt.amount, receipt.invoices) for receipt in due.receipts] == [
        (date(2026, 11, 20), euros("1200.00"), ("F-2026-107",))
    ]
    assert due.items == ()


def test_a_call_was_noted_and_an_answer_waits_to_be_read() -> None:
    (call,) = account("C-007").reminders.logged
    assert (call.means, call.reached, call.on) == (Means.CALL, True, date(2026, 11, 19))
    (answer,) = account("C-006").reminders.unread
    assert (answer.how, answer.sender) == ("reference", "finances@saint-remy-sur-loire.example")
    assert "F-2026-103" in answer.subject


def test_an_agreement_is_kept_and_each_instalment_was_announced_before_its_day() -> None:
    agreement = account("C-011").agreement
    assert agreement is not None
    assert agreement.holds
    assert [part.open for part in agreement.instalments] == [
        euros("0.00"),
        euros("0.00"),
        euros("300.00"),
        euros("300.00"),
    ]
    told = [message.about[0] for message in account("C-011").reminders.sent if message.step == "instalment"]
    due = account("C-011").reminders.due_today
    assert due is not None
    assert [*told, *due.about] == [f"AC-2026-003@{part.due.isoformat()}" for part in agreement.instalments[:3]]


def test_a_printed_discount_that_was_taken_leaves_nothing_open() -> None:
    found = account("C-012")
    assert {item.status for item in found.items} == {Status.PAID}
    assert [line.amount for line in found.history if line.kind is HistoryKind.DISCOUNT] == [euros("60.00")]
    assert not found.offers


def test_debts_of_a_year_wait_for_the_owner() -> None:
    found = account("C-013")
    assert found.reminders.to_review == ("F-2025-141", "F-2025-152")
    assert min(item.days_overdue for item in found.overdue) > 300


def test_everything_in_it_is_invented() -> None:
    ledger, seller = workshop().ledger, workshop().settings.seller
    addresses = [
        seller.email,
        *(client.email for client in ledger.clients.values()),
        *(contact.email for contact in ledger.contacts),
        *(answer.sender for found in decision().accounts for answer in found.reminders.unread),
    ]
    assert all(address.endswith(".example") for address in addresses)
    assert workshop().settings.site_url.endswith(".example")
    assert iban.is_valid(seller.iban)
    assert seller.iban[4:9] == "99999", "no bank has this code"
    assert siren.is_valid(seller.siren)
    assert all(client.siren.startswith("0") for client in ledger.clients.values() if client.siren), (
        "no company's begins with 0"
    )


@pytest.mark.parametrize(
    ("file", "encoding", "line_end"),
    [
        ("clients.csv", "utf-8-sig", b"\r\n"),
        ("invoices.csv", "utf-8-sig", b"\r\n"),
        ("payments.csv", "cp1252", b"\r\n"),
    ],
)
def test_it_is_written_as_a_french_spreadsheet_exports_it(file: str, encoding: str, line_end: bytes) -> None:
    data = (ATELIER / "ledger" / file).read_bytes()
    assert data.count(b"\xef\xbb\xbf") == (encoding == "utf-8-sig")
    assert line_end in data
    header = data.decode(encoding).splitlines()[0]
    assert ";" in header
    assert "é" in header


def test_what_is_decided_is_decided_once() -> None:
    known, events = workshop().memory.clients, decision().events
    after = {
        client: memory.plus([event for event in events if event.client == client]) for client, memory in known.items()
    }
    again = replace(workshop(), memory=Memory(after)).decide(MONDAY)
    assert events
    assert again.events == ()
    assert again.accounts == decision().accounts


def test_the_table_of_its_guide_names_every_client() -> None:
    guide = Path(ATELIER / "DEMO.md").read_text("utf-8")
    assert [client.name for client in workshop().ledger.clients.values() if client.name not in guide] == []

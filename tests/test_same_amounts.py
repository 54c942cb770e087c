"""The promise of the house: page, email, letter, QR code, transfer and JSON of one client on one day say the same amounts.

Ledgers are drawn at random; every sum of money found in a text must be one that the account holds, and what is asked
must be said everywhere.
"""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from generator.config import LedgerSettings, Seller, Settings
from generator.domain.fee_rules import FeePolicy
from generator.domain.ledger import (
    AgreementRecord,
    Channel,
    Client,
    CreditNote,
    FeeWaiver,
    Invoice,
    Kind,
    Ledger,
    Payment,
    Progress,
    Taking,
)
from generator.domain.money import Money, total
from generator.domain.policy import DEFAULT_LADDER, FeeMode, ReminderPolicy
from generator.messages import MessageTemplates, compose
from generator.public_json import account_json
from generator.rates import shipped_rates
from generator.site_render import Renderer
from generator.site_view import Way, view_of
from generator.wording import money
from tests.support.effort import examples
from tests.support.links import all_linked
from tests.support.world import GENEROUS, World

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from generator.domain.account import Account

TODAY = date(2026, 11, 23)
LADDER = tuple(replace(step, offers=("discount", "plan")) if step.offers else step for step in DEFAULT_LADDER)
POLICY = replace(GENEROUS, reminders=ReminderPolicy(steps=LADDER))
SELLER = Seller(
    name="Atelier Sable",
    email="compta@atelier-sable.example",
    phone="01 99 00 12 34",
    address="3 rue des Dunes\n64200 Biarritz",
    siren="123456782",
    iban="FR7630006000011234567890189",
)
SETTINGS = Settings(Path("nowhere"), SELLER, "https://payer.atelier-sable.example", LedgerSettings(), POLICY)
CLIENT = Client(
    "brun",
    "Brun & Fils",
    "compta@brun.example",
    "Léa Brun",
    phone="01 99 00 00 01",
    address="1 rue du Port\n29000 Quimper",
)
RENDERER = Renderer(SETTINGS)
TEMPLATES = MessageTemplates(SETTINGS)
MONEY = re.compile(
    r"(?:-?\d[\d\u202f\u00a0]*(?:,\d+)?\u00a0(?:€|£GB|JPY))|(?:-?(?:€|£|JP¥)\d{1,3}(?:,\d{3})*(?:\.\d+)?)"
)
#: What the law fixes, which a text may name although no account holds it.
INDEMNITY = {money(Money(4000, "EUR"), language) for language in ("fr", "en")} | {"40\u00a0€", "€40"}

amounts = st.integers(min_value=1, max_value=5_000_000)
invoices = st.lists(
    st.tuples(amounts, st.integers(0, 70), st.sampled_from(["EUR", "EUR", "GBP", "JPY"])), min_size=1, max_size=5
)
payments = st.lists(
    st.tuples(amounts, st.integers(0, 60), st.sampled_from(["EUR", "GBP", "JPY"]), st.booleans()), max_size=3
)
debits_ = st.lists(st.tuples(amounts, st.integers(0, 14), st.just("EUR"), st.booleans()), max_size=2)
credits_ = st.lists(st.tuples(st.integers(1, 50_000), st.integers(0, 60), st.booleans()), max_size=2)


def any_world(
    found: tuple[
        str,
        Kind,
        list[tuple[int, int, str]],
        list[tuple[int, int, str, bool]],
        list[tuple[int, int, bool]],
        list[tuple[int, int, str, bool]],
        Channel | None,
    ],
) -> World:
    """A client with these invoices, payments and credit notes; ages are in days before today."""
    language, kind, made, paid, credited, ordered, channel = found
    client = replace(CLIENT, language=language, kind=kind, channel=channel)
    bills = [
        Invoice(f"F-{number}", "brun", ago(age + 10), ago(age - 20), Money(minor, currency), f"Chantier {number}")
        for number, (minor, age, currency) in enumerate(made, start=1)
    ]
    first = bills[0]
    money_in = [
        Payment(
            "brun",
            ago(age),
            Money(minor, currency),
            (first.number,) if named and first.total.currency == currency else (),
        )
        for minor, age, currency, named in paid
    ]
    notes = [
        CreditNote(
            f"A-{index}",
            "brun",
            ago(age),
            Money(minor, "EUR"),
            first.number if linked and first.total.currency == "EUR" else "",
        )
        for index, (minor, age, linked) in enumerate(credited)
    ]
    debits = [
        Payment("brun", ago(age), Money(minor, currency), (first.number,) if named else (), stripe=(f"pi_{index}",))
        for index, (minor, age, currency, named) in enumerate(ordered)
    ]
    takings = tuple(Taking(Progress.IN_FLIGHT, debit) for debit in debits)
    return World(Ledger({"brun": client}, tuple(bills), tuple(notes), tuple(money_in), takings=takings), POLICY)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


worlds = st.tuples(
    st.sampled_from(["fr", "en"]),
    st.sampled_from(list(Kind)),
    invoices,
    payments,
    credits_,
    debits_,
    st.sampled_from([None, Channel.PHONE]),
).map(any_world)


def held(accounts: Sequence[Account]) -> Iterator[Money]:
    """Every amount that an account holds, and the sums that a text may make of what it lists."""
    for account in accounts:
        totals, nothing = account.totals, Money(0, account.currency)
        yield from (
            totals.open,
            totals.overdue,
            totals.upcoming,
            totals.disputed,
            totals.in_plan,
            totals.credit,
            totals.to_pay,
            totals.in_flight,
        )
        coming = [payment.amount.minor for payment in account.in_flight]
        covered = [item.in_flight.minor for item in account.items if item.in_flight and not item.open]
        yield from (Money(sum(found), account.currency) for found in (coming, covered))
        for item in account.items:
            off = (item.paid, item.credited, item.paid + item.credited)
            yield from (item.total, item.open, *off, *(-amount for amount in off))
            yield from (item.in_flight,) if item.in_flight else ()
        for claim in account.claims:
            periods = claim.current.periods
            yield from (claim.interest, claim.indemnity, claim.total, claim.waived, claim.paid, claim.open)
            yield from (-claim.waived, -claim.paid)
            yield from (Money(minor, account.currency) for one in periods for minor in (one.base, one.interest))
        if account.claims:
            yield from fee_sums(account)
        yield from (line.amount for line in account.history)
        yield from (-line.amount for line in account.history)
        for offer in account.offers:
            yield from (
                offer.amount,
                offer.saving,
                offer.amount + offer.saving,
                *(part.amount for part in offer.instalments),
            )
            yield from (item.open for item in offer.items)
        yield totals.open - totals.disputed
        for agreement in account.agreements:
            told = [
                (part.amount, part.net, part.paid, part.received, part.credited or nothing, part.open)
                for part in agreement.instalments
            ]
            yield from (amount for amounts in told for amount in amounts)
            yield from (total(column, account.currency) for column in zip(*told, strict=True))
        due = account.reminders.due_today
        yield from due.asked if due else ()
        yield from (receipt.amount for receipt in due.receipts) if due else ()
        listed = [item.open.minor for item in (due.items if due else ()) if item.open.currency == account.currency]
        yield Money(sum(listed), account.currency)


def fee_sums(account: Account) -> Iterator[Money]:
    """What a text may add up of the late fees that it lists: those of one message, or all."""
    due = account.reminders.due_today
    listed = {item.id for item in due.items} if due else set()
    for claims in (account.claims, [claim for claim in account.claims if claim.invoice in listed]):
        columns = [(one.interest, one.indemnity, one.total, one.waived, one.paid, one.open) for one in claims]
        if columns:
            yield from (total(column, account.currency) for column in zip(*columns, strict=True))
    fees = [item.open for item in account.items if item.fee_of and item.is_asked]
    yield total(fees, account.currency)
    principal = [item.open for item in (due.items if due else ()) if item.open.currency == account.currency]
    yield total([*principal, *(fee.open for fee in (due.fees if due else ()))], account.currency)


def as_said(amounts_held: Iterator[Money], language: str) -> set[str]:
    return {money(amount, language) for amount in amounts_held}


def sums(text: str) -> set[str]:
    plain = html.unescape(re.sub(r"<[^>]+>", "", text)).replace("\n", " ")
    return set(MONEY.findall(plain))


def ways(account: Account) -> list[Way]:
    """Every way to pay that a page shows with a transfer of its own."""
    view = view_of(account, SELLER)
    return [*([view.full] if view.full else []), *view.discounts, *view.plans]


@settings(max_examples=examples(120))
@given(worlds)
def test_every_text_says_amounts_that_the_account_holds_and_no_other(found: World) -> None:
    for day in (TODAY - timedelta(days=14), TODAY - timedelta(days=7)):
        if found.decide(day).accounts:
            found.send(day, found.decide(day).accounts[0].currency)
    found.build(TODAY)
    accounts = all_linked(found.decide(TODAY).accounts)
    language = accounts[0].client.language
    known = as_said(held(accounts), language)
    page = RENDERER.client(accounts).decode()
    assert sums(page) - known <= INDEMNITY
    message = compose(SETTINGS, accounts, TEMPLATES)
    spoken = message.language if message else language
    texts = [message.text, message.html] if message else []
    for text in texts:
        assert sums(text) - as_said(held(accounts), spoken) <= INDEMNITY
    for account in accounts:
        public = account_json(account, "https://x.example/p/k/")
        to_pay = money(account.totals.to_pay, language)
        assert public["totals"]["to_pay"] == str(account.totals.to_pay)  # type: ignore[index]
        if account.totals.to_pay:
            assert to_pay in sums(page)
        for shown, offer in zip(public["offers"], account.offers, strict=True):  # type: ignore[call-overload]
            assert shown["amount"] == str(offer.amount)
            assert [part["amount"] for part in shown["instalments"]] == [str(part.amount) for part in offer.instalments]
            assert sum(part.amount.minor for part in offer.instalments) in (0, offer.amount.minor)
            assert money(offer.amount, language) in sums(page)
    if message is not None:
        for amount in message.amounts:
            assert {money(amount, spoken)} <= sums(message.text) & sums(message.html)


CLAIMING = replace(
    POLICY,
    late_fees=FeeMode.CLAIM,
    claim_from="reminder-3",
    fees=FeePolicy(rates=shipped_rates()),
    reminders=replace(POLICY.reminders, review_after_days=400),
)
claiming = st.tuples(
    st.sampled_from(["fr", "en"]),
    st.sampled_from([Kind.BUSINESS, Kind.BUSINESS, Kind.PUBLIC]),
    st.lists(st.tuples(st.integers(20_000, 5_000_000), st.integers(65, 220), st.just("EUR")), min_size=1, max_size=3),
    st.lists(st.tuples(st.integers(1, 9_000), st.integers(0, 120), st.just("EUR"), st.booleans()), max_size=2),
    st.just([]),
    st.just([]),
    st.none(),
).map(any_world)


@settings(max_examples=examples(30))
@given(claiming, st.integers(0, 6000), st.integers(0, 4000), st.sampled_from([0, 1, 30]))
def test_late_fees_that_were_claimed_are_the_same_on_page_letter_code_and_link(
    found: World, waived: int, paid: int, later: int
) -> None:
    found.policy = CLAIMING
    for days in (21, 14):
        found.send(ago(days))
    step = found.send(ago(0))
    ledger = found.ledger
    if later and waived:
        waiver = FeeWaiver("brun", "F-1", TODAY + timedelta(days=1), Money(waived, "EUR"))
        ledger = replace(ledger, fee_waivers=(waiver,))
    if later and paid:
        money_in = Payment("brun", TODAY + timedelta(days=1), Money(paid, "EUR"), ("F-1",))
        ledger = replace(ledger, payments=(*ledger.payments, money_in))
    found.ledger = ledger
    day = TODAY + timedelta(days=later)
    found.build(day)
    accounts = all_linked(found.decide(day).accounts)
    language = accounts[0].client.language
    known = as_said(held(accounts), language)
    page = RENDERER.client(accounts).decode()
    assert sums(page) - known <= INDEMNITY
    message = compose(replace(SETTINGS, policy=CLAIMING), accounts, TEMPLATES)
    for text in [message.text, message.html] if message else []:
        assert sums(text) - known <= INDEMNITY
    (account,) = accounts
    fees = [item for item in account.items if item.fee_of and item.is_asked and item.open]
    if step == "reminder-3" and not (later and paid):
        assert account.claims
    for fee in fees:
        assert money(fee.open, language) in sums(page)
    assert account.totals.fees is None or account.totals.fees.minor == sum(claim.open.minor for claim in account.claims)
    if account.full is not None:
        assert account.full.amount == account.totals.to_pay
        assert {item.id for item in fees} <= {item.id for item in account.full.items}
        assert account.full.amount.minor == sum(item.open.minor for item in account.full.items)
    for way in ways(account):
        assert way.transfer is not None
        assert (way.transfer.epc or "").split("\n")[7] == f"EUR{way.offer.pay_now}"
    charged = {account.links[link.key]: link.amount for link in account.wanted}
    shown = re.findall(r'href="(https://buy[^"]*)" rel="noopener">(.*?)</a>', html.unescape(page))
    assert {address for address, _ in shown} == set(charged)
    for address, words in shown:
        assert sums(words) == {money(charged[address], language)}


def agreed(found: tuple[str, list[int], list[int], int]) -> World:
    """A client with an agreement in monthly instalments, some of it paid, and perhaps a credit note that came since."""
    language, parts, paid, credited = found
    bill = Invoice("F-1", "brun", ago(90), ago(60), Money(sum(parts), "EUR"), "Chantier 1")
    days = [ago(35) + timedelta(days=30 * number) for number in range(len(parts))]
    instalments = tuple((due, Money(minor, "EUR")) for due, minor in zip(days, parts, strict=True))
    money_in = [
        Payment("brun", ago(34 - 6 * number), Money(minor, "EUR"), ("F-1",)) for number, minor in enumerate(paid)
    ]
    notes = [CreditNote("A-1", "brun", ago(20), Money(credited, "EUR"), "F-1")] if credited else []
    ledger = Ledger(
        {"brun": replace(CLIENT, language=language)},
        (bill,),
        tuple(notes),
        tuple(money_in),
        agreements=(AgreementRecord("EC-1", "brun", ("F-1",), ago(50), instalments),),
    )
    reminders = replace(POLICY.reminders, receipts=True)
    return World(ledger, replace(POLICY, reminders=reminders))


agreements_ = st.tuples(
    st.sampled_from(["fr", "en"]),
    st.lists(st.integers(5_000, 90_000), min_size=1, max_size=4),
    st.lists(st.integers(1, 90_000), max_size=3),
    st.sampled_from([0, 0, 1_999, 60_000]),
).map(agreed)


@settings(max_examples=examples(60))
@given(agreements_, st.integers(0, 1), st.sampled_from([-3, -2, 0, 1, 3, 5, 10, 12]))
def test_a_word_about_an_instalment_or_a_payment_says_what_the_account_holds(
    found: World, month: int, shift: int
) -> None:
    day = ago(35) + timedelta(days=30 * month + shift)
    found.build(ago(49))
    found.build(day)
    accounts = all_linked(found.decide(day).accounts)
    message = compose(SETTINGS, accounts, TEMPLATES)
    if message is None:
        return
    known = as_said(held(accounts), message.language)
    for text in (message.text, message.html):
        assert sums(text) - known <= INDEMNITY
    whole = sums(message.subject)  # of several payments, what they come to
    for amount in message.amounts:
        assert {money(amount, message.language)} <= whole | (sums(message.text) & sums(message.html))
    due = accounts[0].reminders.due_today
    if due is not None and due.instalment is not None:
        charged = {account.links[link.key]: link.amount for account in accounts for link in account.wanted}
        for address in re.findall(r"https://buy[^)\s]*", message.text):
            assert [charged[address]] == list(message.amounts)


@settings(max_examples=examples(60))
@given(worlds)
def test_a_link_charges_what_is_said_beside_it(found: World) -> None:
    found.build(TODAY)
    accounts = all_linked(found.decide(TODAY).accounts)
    charged = {account.links[link.key]: link.amount for account in accounts for link in account.wanted}
    language = accounts[0].client.language
    page = html.unescape(RENDERER.client(accounts).decode())
    shown = re.findall(r'href="(https://buy[^"]*)" rel="noopener">(.*?)</a>', page)
    assert {address for address, _ in shown} == set(charged)
    for address, words in shown:
        assert sums(words) == {money(charged[address], language)}
    public = [account_json(account, "https://x.example/p/k/") for account in accounts]
    for offer in (offer for account in public for offer in account["offers"]):  # type: ignore[attr-defined]
        asked = offer["instalments"][0]["amount"] if offer["instalments"] else offer["amount"]
        assert offer["pay_url"] is None or str(charged[offer["pay_url"]]) == asked


@settings(max_examples=examples(60))
@given(worlds)
def test_what_is_on_its_way_is_neither_paid_nor_asked_for(found: World) -> None:
    found.build(TODAY)
    for account in found.decide(TODAY).accounts:
        for item in account.items:
            parts = (item.paid, item.credited, item.open, *([item.in_flight] if item.in_flight else []))
            assert sum(part.minor for part in parts) == item.total.minor


@settings(max_examples=examples(60))
@given(worlds)
def test_the_qr_code_asks_for_what_the_page_says(found: World) -> None:
    found.build(TODAY)
    for account in found.decide(TODAY).accounts:
        for way in ways(account):
            assert way.transfer is not None
            assert way.transfer.amount == way.offer.pay_now
            if account.currency == "EUR":
                assert (way.transfer.epc or "").split("\n")[7] == f"EUR{way.offer.pay_now}"
            else:
                assert way.transfer.epc is None


def test_the_reading_of_sums_would_notice_a_wrong_one() -> None:
    assert sums("<b>1\u202f234,50\u00a0€</b> et £12.30, -5,00\u00a0€") == {
        "1\u202f234,50\u00a0€",
        "£12.30",
        "-5,00\u00a0€",
    }
    assert Decimal("12.30") == Money(1230, "EUR").decimal

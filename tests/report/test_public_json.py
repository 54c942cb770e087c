"""The public JSON of an account: every key, its type and its order, whatever the account."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from generator.domain.account import Status
from generator.domain.delivery import SendIntended
from generator.domain.due import Held
from generator.domain.fee_rules import FeePolicy
from generator.domain.fees import account_fees
from generator.domain.late_fees import Nothing
from generator.domain.policy import FeeMode
from generator.public_json import account_json
from generator.rates import shipped_rates
from tests.report.claiming import made
from tests.report.morning import morning
from tests.support.links import addresses, linked
from tests.support.world import GENEROUS, world

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.domain.account import Account

URL = "https://payer.atelier-lumen.example/p/k1/"
RATES = FeePolicy(rates=shipped_rates())


def amount(decimals: int) -> Callable[[Any, str], None]:
    pattern = r"-?\d+" + (rf"\.\d{{{decimals}}}" if decimals else "")

    def check(value: Any, where: str) -> None:
        assert isinstance(value, str), where
        assert re.fullmatch(pattern, value), (where, value)

    return check


def day(value: Any, where: str) -> None:
    assert isinstance(value, str), where
    assert date.fromisoformat(value).isoformat() == value, where


def exactly(kind: type) -> Callable[[Any, str], None]:
    def check(value: Any, where: str) -> None:
        assert type(value) is kind, (where, value)

    return check


def maybe(check: Callable[[Any, str], None]) -> Callable[[Any, str], None]:
    def check_or_none(value: Any, where: str) -> None:
        if value is not None:
            check(value, where)

    return check_or_none


def one_of(*words: str) -> Callable[[Any, str], None]:
    def check(value: Any, where: str) -> None:
        assert value in words, (where, value)

    return check


def many(check: Callable[[Any, str], None]) -> Callable[[Any, str], None]:
    def check_all(value: Any, where: str) -> None:
        assert type(value) is list, where
        for index, entry in enumerate(value):
            check(entry, f"{where}[{index}]")

    return check_all


def shape(**keys: Callable[[Any, str], None]) -> Callable[[Any, str], None]:
    def check(value: Any, where: str) -> None:
        assert list(value) == list(keys), where
        for key, inner in keys.items():
            inner(value[key], f"{where}.{key}")

    return check


text = exactly(str)
whole = exactly(int)
yes_or_no = exactly(bool)
channel = one_of("email", "phone", "letter")


SENT = {"step": text, "date": day, "channel": channel, "invoices": many(text), "message_id": maybe(text)}


def amount_of_any(value: Any, where: str) -> None:
    """An amount beside its own currency, which may have any decimals."""
    assert re.fullmatch(r"-?\d+(\.\d+)?", value), (where, value)


def moment(value: Any, where: str) -> None:
    assert datetime.strptime(value, "%Y-%m-%dT%H:%M:%S%z").utcoffset() == timedelta(0), (where, value)


def late_fees_shape(money: Callable[[Any, str], None]) -> Callable[[Any, str], None]:
    return shape(
        interest=money,
        indemnity=money,
        periods=many(
            shape(
                **{"from": day},
                to=day,
                days=whole,
                rate=amount_of_any,
                interest=money,
                base=money,
                year_days=whole,
                half_year=day,
                basis=one_of("ecb", "legal", "fixed"),
                floored=yes_or_no,
                article=text,
            )
        ),
        reason=maybe(one_of(*(str(reason) for reason in Nothing))),
        known_from=maybe(day),
        known_until=maybe(day),
        indemnity_article=maybe(text),
        indemnity_at=maybe(text),
        claimed=maybe(
            shape(
                on=day,
                until=day,
                interest=money,
                indemnity=money,
                waived=money,
                paid=money,
                open=money,
                step=text,
                told_on=maybe(day),
            )
        ),
    )


def account_shape(decimals: int) -> Callable[[Any, str], None]:
    money = amount(decimals)
    return shape(
        as_of=day,
        currency=text,
        client=shape(
            id=text,
            name=text,
            language=text,
            kind=maybe(one_of("business", "consumer", "public")),
            channel=maybe(channel),
        ),
        portal_url=text,
        items=many(
            shape(
                invoice=text,
                issued=day,
                due=day,
                total=money,
                paid=money,
                credited=money,
                in_flight=money,
                open=money,
                days_overdue=whole,
                status=one_of("not_due", "due", "overdue", "disputed", "in_plan", "in_flight", "paid"),
                late_fees=maybe(late_fees_shape(money)),
                fees_of=maybe(text),
            )
        ),
        totals=shape(
            open=money,
            overdue=money,
            in_flight=money,
            credit=money,
            late_fees=maybe(money),
            claimed_fees=money,
            to_pay=money,
        ),
        offers=many(
            shape(
                key=text,
                kind=one_of("full", "discount", "plan"),
                amount=money,
                saving=money,
                valid_until=maybe(day),
                instalments=many(shape(due=day, amount=money)),
                pay_url=maybe(text),
                voucher=maybe(money),
            )
        ),
        agreement=maybe(
            shape(
                id=text,
                reference=text,
                signed_on=day,
                invoices=many(text),
                holds=yes_or_no,
                instalments=many(shape(due=day, amount=money, paid=money, credited=money, in_flight=money)),
                pay_url=maybe(text),
                saving=maybe(money),
                saved_on=maybe(day),
                saving_lost=yes_or_no,
                disputed=money,
                left=money,
            )
        ),
        vouchers=many(
            shape(
                id=text,
                amount=money,
                earned_on=day,
                valid_until=maybe(day),
                status=one_of("open", "used", "cancelled", "expired"),
                paid=many(text),
                invoices=many(text),
                following=maybe(text),
            )
        ),
        standing=shape(
            paid_invoices=whole,
            paid_on_time=whole,
            last_three_on_time=yes_or_no,
            average_days_late=maybe(whole),
            since=maybe(day),
            grade=maybe(one_of("A", "B", "C", "D")),
            figures=many(shape(measure=text, value=whole, of=whole, grade=maybe(one_of("A", "B", "C", "D")))),
        ),
        lateness=shape(
            until=day,
            days=whole,
            average_overdue=amount(decimals),
            days_late=maybe(whole),
            amount_days=amount(decimals),
            disputed=amount(decimals),
        ),
        reminders=shape(
            sent=many(shape(**SENT)),
            due_today=maybe(
                shape(
                    step=text,
                    channel=channel,
                    items=many(shape(invoice=text, step=maybe(text))),
                    waits=yes_or_no,
                    about=many(text),
                    asked=many(shape(currency=text, amount=amount_of_any)),
                )
            ),
            next=maybe(shape(step=text, date=day, channel=channel)),
            held=maybe(one_of(*(str(reason) for reason in Held))),
            held_until=maybe(day),
            to_review=many(text),
            uncertain=many(shape(**SENT, attempt=text, at=moment, to=many(text), subject=text)),
            answers=many(
                shape(
                    id=text,
                    date=day,
                    how=one_of("message", "reference", "sender", "noted"),
                    sender=maybe(text),
                    subject=maybe(text),
                    text=text,
                )
            ),
            unreachable=many(text),
        ),
    )


def shown(account: Account) -> Any:
    """What a program reads that parses the printed JSON."""
    return json.loads(json.dumps(account_json(account, URL, account_fees(account, RATES))))


def every_account() -> list[Account]:
    return [account for accounts in morning().clients for account in accounts]


@pytest.mark.parametrize("account", every_account(), ids=lambda account: f"{account.client.id}-{account.currency}")
def test_every_account_has_every_key_in_its_order_with_its_type(account: Account) -> None:
    account_shape(2)(shown(account), "account")


def test_the_morning_of_these_tests_shows_every_status_but_due_and_something_of_every_key() -> None:
    found = [shown(account) for account in every_account()]
    statuses = {item["status"] for account in found for item in account["items"]}
    assert statuses == {str(status) for status in Status} - {"due"}
    assert {offer["kind"] for account in found for offer in account["offers"]} == {"full", "discount", "plan"}
    assert {account["agreement"]["holds"] for account in found if account["agreement"]} == {True, False}
    reminders = [account["reminders"] for account in found]
    assert all(any(entry[key] for entry in reminders) for key in reminders[0])


@pytest.mark.parametrize(
    ("currency", "decimals", "total"), [("JPY", 0, "120000"), ("TND", 3, "120.500"), ("EUR", 2, "120.50")]
)
def test_amounts_have_the_decimals_of_their_currency(currency: str, decimals: int, total: str) -> None:
    account = world(f"invoice F-1 2026-10-01 due 2026-10-31 {total} currency={currency}").on("2026-11-02", currency)
    found = shown(account)
    account_shape(decimals)(found, "account")
    assert found["items"][0]["total"] == total
    assert found["totals"]["to_pay"] == total


def test_a_part_paid_invoice_adds_up() -> None:
    found = shown(
        world("invoice F-1 2026-10-01 due 2026-10-31 1200.00\npayment 2026-11-03 400.00 F-1").on("2026-11-09")
    )
    (item,) = found["items"]
    assert (item["total"], item["paid"], item["credited"], item["open"]) == ("1200.00", "400.00", "0.00", "800.00")
    assert (item["status"], item["days_overdue"]) == ("overdue", 9)
    assert found["totals"] == {
        "open": "800.00",
        "overdue": "800.00",
        "in_flight": "0.00",
        "credit": "0.00",
        "late_fees": "42.85",
        "claimed_fees": "0.00",
        "to_pay": "800.00",
    }


def test_late_fees_stand_beside_what_is_to_be_paid_and_the_total_is_that_of_the_items() -> None:
    found = shown(
        world(
            """invoice F-1 2026-10-01 due 2026-10-31 1200.00
            payment 2026-11-03 400.00 F-1
            invoice F-2 2026-10-01 due 2026-11-05 100.00"""
        ).on("2026-11-09")
    )
    first, second = (item["late_fees"] for item in found["items"])
    assert [(line["from"], line["to"], line["days"], line["rate"], line["interest"]) for line in first["periods"]] == [
        ("2026-11-01", "2026-11-03", 3, "12.40", "1.22"),
        ("2026-11-04", "2026-11-09", 6, "12.40", "1.63"),
    ]
    assert (first["interest"], first["indemnity"]) == ("2.85", "40.00")
    assert (second["interest"], second["indemnity"]) == ("0.14", "40.00")
    assert (found["totals"]["late_fees"], found["totals"]["to_pay"]) == ("82.99", "900.00")


def test_what_was_claimed_stands_in_both_items_and_every_key_of_it_is_documented() -> None:
    ledger = "invoice F-1 2026-10-01 due 2026-10-31 1200.00\nsent 2026-11-06 reminder-1 F-1"
    there = world(ledger, policy=replace(GENEROUS, late_fees=FeeMode.CLAIM, claim_from="reminder-1", fees=RATES))
    there.events.append(made("F-1", "2026-11-06", "2.04", step="reminder-1"))
    found = shown(there.on("2026-11-09"))
    account_shape(2)(found, "account")
    first, second = found["items"]
    assert (first["fees_of"], second["fees_of"], second["late_fees"]) == (None, "F-1", None)
    claimed = first["late_fees"]["claimed"]
    assert (claimed["interest"], claimed["indemnity"], claimed["open"]) == ("2.04", "40.00", "42.04")
    assert (second["open"], found["totals"]["claimed_fees"], found["totals"]["to_pay"]) == ("42.04", "42.04", "1242.04")
    documented = (Path(__file__).parents[2] / "docs/reference/json.md").read_text(encoding="utf-8")
    assert set(claimed) <= set(re.findall(r"`(\w+)`", documented))


def test_without_late_fees_nothing_is_said_of_them() -> None:
    account = world("invoice F-1 2026-10-01 due 2026-10-31 1200.00").on("2026-11-09")
    found = account_json(account, URL)
    account_shape(2)(json.loads(json.dumps(found)), "account")
    assert json.dumps(found).count('"late_fees": null') == 2


def test_a_debit_on_its_way_is_neither_paid_nor_asked_for() -> None:
    there = world("invoice F-1 2026-10-01 due 2026-10-31 1200.00\npayment 2026-11-03 400.00 F-1")
    there.add("debit 2026-11-08 500.00 F-1")
    found = shown(there.on("2026-11-09"))
    (item,) = found["items"]
    assert (item["total"], item["paid"], item["in_flight"], item["open"]) == ("1200.00", "400.00", "500.00", "300.00")
    assert (item["status"], found["totals"]["in_flight"], found["totals"]["to_pay"]) == ("overdue", "500.00", "300.00")
    there.add("debit 2026-11-09 300.00 F-1")
    found = shown(there.on("2026-11-09"))
    assert [(item["status"], item["open"]) for item in found["items"]] == [("in_flight", "0.00")]
    assert (found["totals"]["open"], found["offers"], found["reminders"]["held"]) == ("0.00", [], "in_flight")


def test_what_can_be_paid_online_says_where() -> None:
    account = linked(morning().of("lumiere"))
    found, where = shown(account), addresses(account)
    account_shape(2)(found, "account")
    assert [offer["pay_url"] for offer in found["offers"]] == [
        where["invoice 1200.00"],
        where["plan 600.00"],
        where["plan 400.00"],
        where["plan 300.00"],
    ]
    agreed = linked(morning().of("quai"))
    assert shown(agreed)["agreement"]["pay_url"] == addresses(agreed)["instalment 600.00"]


def test_the_full_offer_never_ends_and_a_plan_adds_up_to_its_amount() -> None:
    found = shown(morning().of("lumiere"))
    full, *others = found["offers"]
    assert (full["kind"], full["valid_until"], full["instalments"]) == ("full", None, [])
    plans = [offer for offer in others if offer["kind"] == "plan"]
    assert [len(plan["instalments"]) for plan in plans] == [2, 3, 4]
    for plan in plans:
        assert sum(Decimal(part["amount"]) for part in plan["instalments"]) == Decimal("1200.00")
        assert plan["valid_until"] == "2026-12-03"


def test_what_would_leave_today_names_the_own_step_of_each_item() -> None:
    story = world("""
        invoice F-1 2026-09-30 due 2026-10-30 1200.00
        invoice F-2 2026-10-17 due 2026-11-16 90.00
        sent 2026-11-06 reminder-1 F-1
        sent 2026-11-13 reminder-2 F-1
    """)
    due = shown(story.on("2026-11-23"))["reminders"]["due_today"]
    assert due == {
        "step": "reminder-1",
        "channel": "email",
        "items": [{"invoice": "F-1", "step": None}, {"invoice": "F-2", "step": "reminder-1"}],
        "waits": True,
        "about": [],
        "asked": [{"currency": "EUR", "amount": "1290.00"}],
    }


def test_what_was_approved_waits_no_longer() -> None:
    story = world("invoice F-1 2026-09-30 due 2026-10-30 1200.00")
    assert shown(story.on("2026-11-09"))["reminders"]["due_today"]["waits"] is True
    story.approve("2026-11-09")
    assert shown(story.on("2026-11-09"))["reminders"]["due_today"]["waits"] is False


def test_a_message_about_an_instalment_says_which_and_how_much_of_it() -> None:
    due = shown(morning().of("quai"))["reminders"]["due_today"]
    assert (due["step"], due["about"]) == ("instalment", ["EC-1@2026-11-25"])
    assert due["asked"] == [{"currency": "EUR", "amount": "600.00"}]


def test_sums_of_two_currencies_stand_apart_in_both_accounts() -> None:
    story = world("""
        invoice F-1 2026-09-30 due 2026-10-30 1200.00
        invoice F-2 2026-09-30 due 2026-10-30 150000 currency=JPY
    """)
    for currency in ("EUR", "JPY"):
        assert shown(story.on("2026-11-09", currency))["reminders"]["due_today"]["asked"] == [
            {"currency": "EUR", "amount": "1200.00"},
            {"currency": "JPY", "amount": "150000"},
        ]


def test_a_message_of_which_nobody_knows_says_how_to_find_it() -> None:
    story = world("invoice F-1 2026-09-30 due 2026-10-30 1200.00")
    assert story.hand_over("2026-11-09", "a1") == "reminder-1"
    (intent,) = (event for event in story.events if isinstance(event, SendIntended))
    at = datetime(2026, 11, 9, 6, 31, 12, tzinfo=UTC)
    found = replace(intent, message_id="abc@seller.example", subject="Facture F-1", at=at)
    story.events[story.events.index(intent)] = found
    assert shown(story.on("2026-11-10"))["reminders"]["uncertain"] == [
        {
            "step": "reminder-1",
            "date": "2026-11-09",
            "channel": "email",
            "invoices": ["F-1"],
            "message_id": "abc@seller.example",
            "attempt": "a1",
            "at": "2026-11-09T06:31:12Z",
            "to": ["brun@client.example"],
            "subject": "Facture F-1",
        }
    ]


def test_an_email_that_left_has_its_id_and_one_sent_by_hand_has_none() -> None:
    story = world("""
        invoice F-1 2026-09-30 due 2026-10-30 1200.00
        sent 2026-10-27 courtesy F-1
    """)
    story.hand_over("2026-11-09", "a1", "sent")
    (intent,) = (event for event in story.events if isinstance(event, SendIntended))
    story.events[story.events.index(intent)] = replace(intent, message_id="abc@seller.example")
    sent = shown(story.on("2026-11-10"))["reminders"]["sent"]
    assert [(message["step"], message["message_id"]) for message in sent] == [
        ("courtesy", None),
        ("reminder-1", "abc@seller.example"),
    ]


def test_an_answer_is_there_until_it_is_read() -> None:
    story = world("""
        invoice F-1 2026-09-30 due 2026-10-30 1200.00
        answer m1 2026-11-17 sender=roy@client.example "subject=Re: F-1" "text=Lundi."
    """)
    assert shown(story.on("2026-11-18"))["reminders"]["answers"] == [
        {
            "id": "m1",
            "date": "2026-11-17",
            "how": "message",
            "sender": "roy@client.example",
            "subject": "Re: F-1",
            "text": "Lundi.",
        }
    ]
    story.add("read_answer 2026-11-18 m1")
    assert shown(story.on("2026-11-18"))["reminders"]["answers"] == []


def test_a_client_on_hold_says_why_and_until_when() -> None:
    reminders = shown(morning().of("aubrac"))["reminders"]
    assert (reminders["held"], reminders["held_until"], reminders["due_today"]) == ("hold", "2026-11-30", None)
    assert reminders["next"] == {"step": "reminder-1", "date": "2026-12-01", "channel": "email"}


def test_old_debts_are_listed_for_review() -> None:
    reminders = shown(morning().of("vieux"))["reminders"]
    assert (reminders["held"], reminders["to_review"]) == ("review", ["F-031", "F-044"])


def test_what_the_ledger_does_not_say_is_null() -> None:
    found = shown(world("client brun kind=\ninvoice F-1 2026-10-01 due 2026-10-31 120.00").on("2026-11-02"))
    assert found["client"] == {"id": "brun", "name": "Brun", "language": "fr", "kind": None, "channel": None}
    assert found["agreement"] is None
    assert found["standing"]["average_days_late"] is None


def test_every_key_and_every_word_is_documented() -> None:
    documented = (Path(__file__).parents[2] / "docs/reference/json.md").read_text(encoding="utf-8")
    words = set(re.findall(r"`(\w+)`", documented))

    def keys(value: Any) -> set[str]:
        if isinstance(value, dict):
            return set(value) | {key for inner in value.values() for key in keys(inner)}
        return {key for inner in value for key in keys(inner)} if isinstance(value, list) else set()

    used = {key for account in every_account() for key in keys(shown(account))}
    assert not used - words
    assert not {str(reason) for reason in Held} - words
    assert not {str(status) for status in Status} - words

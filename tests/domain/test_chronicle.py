"""The past of one client as both sides may read it: every fact and message on its day, with its sum and where it is written."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from generator.domain.chronicle import Chronicler, Entry, EntryKind
from generator.domain.delivery import Outcome, SendResult
from generator.domain.facts import facts_by_client
from generator.domain.ledger import Promise, SourceRef
from generator.domain.memory import Memory
from generator.domain.money import Money
from generator.domain.policy import DiscountPolicy, Policy
from tests.support.world import World, day, world

LATE = """
    client brun
    invoice F-1 2026-10-02 due 2026-11-02 1200.00
"""


def entries(
    made: World, today: str = "2026-12-31", client: str = "brun", zone: str = "Europe/Paris"
) -> tuple[Entry, ...]:
    when = day(today)
    accounts = [account for account in made.decide(today).accounts if account.client.id == client]
    facts = facts_by_client(made.ledger, when).get(client, [])
    memory = Memory.of(made.events).get(client)
    return Chronicler(accounts, facts, memory, when, ZoneInfo(zone)).entries()


def told(text: str, today: str = "2026-12-31") -> list[str]:
    """Each line as a few words: the day, the kind, what it is about, the sum."""
    found = []
    for entry in entries(world(LATE + text), today):
        amounts = " + ".join(f"{amount} {amount.currency}" for amount in entry.amounts)
        found.append(" ".join(filter(None, [f"{entry.on:%m-%d}", entry.kind, entry.step, *entry.invoices, amounts])))
    return found[1:]  # the invoice itself is first, always


def test_facts_of_the_ledger_come_with_their_sums_in_the_order_of_their_days() -> None:
    text = "payment 2026-11-20 300.00 F-1\ncredit A-1 2026-11-10 100.00 F-1\ndebit 2026-11-25 50.00 F-1"
    assert entries(world(LATE + text))[0].until == day("2026-11-02")
    assert told(text) == [
        "11-10 credit_note F-1 100.00 EUR",
        "11-20 payment F-1 300.00 EUR",
        "11-25 in_flight F-1 50.00 EUR",
    ]


def test_money_that_went_back_is_told_as_such() -> None:
    text = "debit 2026-11-10 1200.00 F-1 state=paid\nrefund 2026-11-12 100.00 of=pi_1"
    assert told(text)[-1] == "11-12 reversal -100.00 EUR"


def test_nothing_of_a_day_to_come_is_told() -> None:
    text = "payment 2026-11-20 300.00 F-1\nsent 2026-11-16 reminder-1 F-1\ndispute F-1 2026-11-17 2026-11-20"
    assert told(text, "2026-11-17") == ["11-16 sent reminder-1 F-1 1200.00 EUR", "11-17 dispute F-1"]


def test_promises_and_disputes_stand_on_the_day_they_were_made() -> None:
    made = world(LATE + "promise 2026-11-09 2026-11-20 F-1\ndispute F-1 2026-11-10 2026-11-12 reason=Erreur")
    found = entries(made)[1:]
    assert [(entry.kind, entry.on.day, entry.until and entry.until.day, entry.text) for entry in found] == [
        (EntryKind.PROMISE, 9, 20, ""),
        (EntryKind.DISPUTE, 10, None, "Erreur"),
        (EntryKind.SETTLED, 12, None, ""),
    ]


def test_a_promise_is_told_once_to_whoever_owes_in_two_currencies() -> None:
    made = world(LATE + "invoice F-2 2026-10-02 due 2026-11-02 90.00 currency=GBP\npromise 2026-11-09 2026-11-20")
    assert [entry.kind for entry in entries(made)].count(EntryKind.PROMISE) == 1


def test_what_was_promised_of_it_is_told() -> None:
    made = world(LATE)
    promise = Promise(
        "brun", day("2026-11-09"), day("2026-11-20"), (), Money(45_000, "EUR"), SourceRef("promises.csv", 2)
    )
    made.ledger = replace(made.ledger, promises=(promise,))
    (_, entry) = entries(made)
    assert (entry.amounts, entry.source) == ((Money(45_000, "EUR"),), SourceRef("promises.csv", 2))


def test_what_an_invoices_own_row_says_of_it_is_told_too() -> None:
    made = world(
        "client brun\ninvoice F-1 2026-10-02 due 2026-11-02 9.00 promised=2026-11-20 disputed=2026-11-10 closed=2026-11-12"
    )
    assert [(entry.kind, entry.on.day) for entry in entries(made)[1:]] == [
        (EntryKind.DISPUTE, 10),
        (EntryKind.SETTLED, 12),
        (EntryKind.PROMISED_DAY, 20),
    ]


def test_a_dispute_at_the_bank_is_told_without_the_name_it_has_there() -> None:
    (_, entry) = entries(world(LATE + 'dispute F-1 2026-11-10 reason="Stripe dp_1Abc"'))
    assert (entry.kind, entry.by_bank, entry.text) == (EntryKind.DISPUTE, True, "")


def test_an_agreement_says_its_instalments() -> None:
    made = world(LATE + "agreement E-1 2026-11-10 F-1 2026-11-20:600.00 2026-12-20:600.00")
    (_, entry) = entries(made)
    assert entry.parts == ((day("2026-11-20"), Money(60_000, "EUR")), (day("2026-12-20"), Money(60_000, "EUR")))


def test_what_was_proposed_is_told_once_for_all_plans_of_a_day() -> None:
    made = world(LATE, Policy(discount=DiscountPolicy(percent=Decimal("5.50")), plans=world(LATE).policy.plans))
    made.send("2026-11-09")
    made.build("2026-11-16")
    found = [
        (entry.on.day, entry.counts, entry.text, entry.invoices)
        for entry in entries(made)
        if entry.kind is EntryKind.OFFER
    ]
    assert found == [(16, (2, 3, 4), "", ("F-1",))]


# Messages


def test_a_message_names_what_was_open_on_its_day() -> None:
    text = "payment 2026-11-12 300.00 F-1\nsent 2026-11-09 reminder-1 F-1\nsent 2026-11-16 reminder-2 F-1 by=letter"
    assert told(text) == [
        "11-09 sent reminder-1 F-1 1200.00 EUR",
        "11-12 payment F-1 300.00 EUR",
        "11-16 sent reminder-2 F-1 900.00 EUR",
    ]


def test_or_what_the_owner_approved_for_it_where_that_is_known() -> None:
    made = world(LATE)
    made.approve("2026-11-09")
    made.send("2026-11-09")
    made.add("payment 2026-11-06 200.00 F-1")  # booked later: the message had asked for all of it
    found = [entry for entry in entries(made) if entry.kind in {EntryKind.APPROVED, EntryKind.SENT}]
    assert [(entry.kind, entry.amounts) for entry in found] == [
        (EntryKind.APPROVED, (Money(120_000, "EUR"),)),
        (EntryKind.SENT, (Money(120_000, "EUR"),)),
    ]


def test_a_sum_is_said_for_each_currency() -> None:
    text = "invoice F-2 2026-10-02 due 2026-11-02 90.00 currency=GBP\nsent 2026-11-09 reminder-1 F-1 F-2"
    assert told(text)[-1] == "11-09 sent reminder-1 F-1 F-2 1200.00 EUR + 90.00 GBP"


def test_a_word_about_an_instalment_names_that_instalment() -> None:
    text = """agreement E-1 2026-11-10 F-1 2026-11-20:500.00 2026-12-20:700.00
              sent 2026-12-17 instalment F-1 about=E-1@2026-12-20"""
    assert told(text)[-1] == "12-17 sent instalment F-1 700.00 EUR"


def test_a_receipt_names_the_money_that_came() -> None:
    text = "sent 2026-11-13 receipt about=2026-11-12/EUR/30000/1,2026-11-12/EUR/5000/1"
    assert told(text) == ["11-13 sent receipt 350.00 EUR"]


@pytest.mark.parametrize("about", ["x", "2026-11-12/EUR", "2026-11-12/EURO/5/1", "2026-11-12/EUR/-5/1", "///"])
def test_a_receipt_that_cannot_be_read_has_no_sum(about: str) -> None:
    assert told(f"sent 2026-11-13 receipt about={about}") == ["11-13 sent receipt"]


@pytest.mark.parametrize(
    ("outcome", "kinds"),
    [
        ("", ["uncertain"]),
        ("outcome=sent", ["sent"]),
        ("outcome=refused", ["refused"]),
        ("outcome=bounced", ["sent", "bounced"]),
        ("outcome=later", []),
    ],
)
def test_what_became_of_a_message_is_told(outcome: str, kinds: list[str]) -> None:
    found = entries(world(f"{LATE}attempt a1 2026-11-09 reminder-1 F-1 {outcome}"))[1:]
    assert [entry.kind.value for entry in found] == kinds
    assert all(entry.to == ("brun@client.example",) for entry in found if entry.kind is not EntryKind.BOUNCED)


def test_a_message_that_came_back_left_first_and_came_back_on_its_day() -> None:
    made = world(
        f"{LATE}attempt a1 2026-11-09 reminder-1 F-1 outcome=sent\nresult a1 2026-11-11 bounced gone=brun@client.example"
    )
    found = entries(made)[1:]
    assert [(entry.kind, entry.on.day, entry.gone) for entry in found] == [
        (EntryKind.SENT, 9, ()),
        (EntryKind.BOUNCED, 11, ("brun@client.example",)),
    ]


def test_an_address_that_was_refused_at_once_is_told_with_the_message() -> None:
    made = world(f"{LATE}attempt a1 2026-11-09 reminder-1 F-1 to=a@b.example,c@b.example outcome=sent gone=c@b.example")
    assert entries(made)[-1].gone == ("c@b.example",)


def test_the_day_of_a_bounce_is_that_of_the_sellers_clock() -> None:
    made = world(f"{LATE}attempt a1 2026-11-09 reminder-1 F-1 outcome=sent")
    made.events.append(
        SendResult("brun", "a1", Outcome.BOUNCED, datetime(2026, 11, 11, 23, 30, tzinfo=UTC), ("brun@client.example",))
    )
    assert [entries(made, zone=zone)[-1].on.day for zone in ("UTC", "Europe/Paris", "America/Guadeloupe")] == [
        11,
        12,
        11,
    ]


def test_an_uncertain_message_that_may_have_gone_again_says_so() -> None:
    (_, entry) = entries(world(f"{LATE}attempt a1 2026-11-09 reminder-1 F-1\nresend 2026-11-10 a1"))
    assert (entry.kind, entry.again) == (EntryKind.UNCERTAIN, True)


def test_what_was_put_before_the_owner_is_told() -> None:
    assert told("prepared 2026-11-09 reminder-1 F-1 by=phone") == ["11-09 prepared reminder-1 F-1 1200.00 EUR"]


def test_calls_and_answers_are_told_in_their_own_words_and_notes_are_the_owners() -> None:
    made = world(
        f"""{LATE}
        call 2026-11-09 "Elle paie lundi"
        call 2026-11-10 "répondeur" reached=no
        note 2026-11-11 "ne pas insister"
        answer m1 2026-11-12 sender=roy@client.example subject=Re text=Bonjour"""
    )
    found = entries(made)[1:]
    assert [(entry.kind, entry.text, entry.to) for entry in found] == [
        (EntryKind.CALL, "Elle paie lundi", ()),
        (EntryKind.CALL_MISSED, "répondeur", ()),
        (EntryKind.ANSWER, "Bonjour", ("roy@client.example",)),
    ]


def test_nothing_of_another_client_is_told() -> None:
    made = world(
        f"""{LATE}
        client roux
        invoice F-9 2026-10-02 due 2026-11-02 77.00 client=roux
        payment 2026-11-05 7.00 client=roux
        promise 2026-11-06 2026-11-20 client=roux
        dispute F-9 2026-11-07
        sent 2026-11-09 reminder-1 F-9 client=roux
        attempt a1 2026-11-16 reminder-2 F-9 client=roux
        call 2026-11-17 "Bonjour" client=roux
        answer m1 2026-11-18 client=roux"""
    )
    assert [entry.invoices for entry in entries(made)] == [("F-1",)]
    assert len(entries(made, client="roux")) == 8


def test_a_message_about_an_invoice_that_is_gone_has_no_sum() -> None:
    made = world(f"{LATE}sent 2026-11-09 reminder-1 F-1")
    made.ledger = world("client brun\ninvoice G-1 2026-10-05 due 2026-11-02 5.00").ledger
    assert [(entry.invoices, entry.amounts) for entry in entries(made) if entry.kind is EntryKind.SENT] == [
        (("F-1",), ())
    ]

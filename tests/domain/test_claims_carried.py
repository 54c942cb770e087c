"""Claims stay with their debt: under another number, under another id of its client, and not with what has its number since."""

from __future__ import annotations

from dataclasses import replace

import pytest

from generator.domain.carried import owned
from generator.domain.facts import facts_by_client
from generator.domain.ledger import InvoiceStatus
from generator.domain.memory import Memory
from tests.domain.test_claims import CLAIMING, FEES, NOTICE, asked, claims_made, late, noticed
from tests.support.reading import still_open
from tests.support.world import World, day, world


def renamed(made: World, client: str = "brun-2026") -> World:
    """The client and all that is theirs get another id."""
    (old,) = made.ledger.clients.values()
    ledger = replace(
        made.ledger,
        clients={client: replace(old, id=client)},
        invoices=tuple(replace(one, client=client) for one in made.ledger.invoices),
        payments=tuple(replace(one, client=client) for one in made.ledger.payments),
    )
    return replace(made, ledger=ledger, events=list(made.events))


def renumbered(made: World, more: str = "") -> World:
    """F-1 is F-2 from now on; `more` comes into the ledger after that."""
    invoices = tuple(replace(one, number="F-2") if one.number == "F-1" else one for one in made.ledger.invoices)
    made = replace(made, ledger=replace(made.ledger, invoices=invoices), events=list(made.events))
    made.add(more)
    return made


# --- Another number


def test_a_claim_follows_its_invoice_to_another_number() -> None:
    account = renumbered(noticed()).on("2026-10-20")
    assert still_open(account) == {"F-2": "1000.00", "F-2/fees": FEES}


def test_a_number_that_is_used_again_has_no_claim_of_the_invoice_that_had_it() -> None:
    account = renumbered(noticed(), "invoice F-1 2026-10-16 due 2026-12-01 50.00").on("2026-10-20")
    assert still_open(account) == {"F-2": "1000.00", "F-2/fees": FEES, "F-1": "50.00"}


def test_a_number_that_is_used_again_after_its_invoice_is_gone_has_none_either() -> None:
    made = noticed()
    made = replace(made, ledger=replace(made.ledger, invoices=()), events=list(made.events))
    made.add("invoice F-1 2026-10-16 due 2026-12-01 50.00")
    assert still_open(made.on("2026-10-20")) == {"F-1": "50.00"}


def test_a_total_that_was_corrected_is_the_same_invoice() -> None:
    made = noticed()
    (invoice,) = made.ledger.invoices
    made.ledger = replace(made.ledger, invoices=(replace(invoice, total=replace(invoice.total, minor=90_000)),))
    assert set(still_open(made.on("2026-10-20"))) == {"F-1", "F-1/fees"}


def test_an_invoice_that_is_alike_by_chance_has_nothing_of_it() -> None:
    made = late("invoice F-2 2026-08-01 due 2026-08-31 1000.00\nsent 2026-09-07 reminder-1 F-2")
    made.send(NOTICE)
    made.ledger = replace(made.ledger, invoices=tuple(one for one in made.ledger.invoices if one.number == "F-2"))
    (facts,) = facts_by_client(made.ledger, day("2026-10-20"))["brun"]
    assert {claim.invoice for claim, _ in owned(facts, Memory.of(made.events).get("brun"))} <= {"F-2"}


def test_a_void_invoice_keeps_its_claim_to_itself() -> None:
    made = late("invoice F-2 2026-08-01 due 2026-08-31 1000.00")
    made.send(NOTICE)
    first, second = made.ledger.invoices
    made.ledger = replace(made.ledger, invoices=(replace(first, status=InvoiceStatus.VOID), second))
    account = made.on("2026-10-20")
    assert "F-1/fees" not in still_open(account)
    assert all(claim.invoice != "F-2" or len(claim.claimed) == 1 for claim in account.claims)


# --- Another client


def test_a_claim_goes_with_a_client_to_another_id() -> None:
    account = renamed(noticed()).on("2026-10-20")
    assert still_open(account) == {"F-1": "1000.00", "F-1/fees": FEES}
    (claim,) = account.claims
    assert str(claim.told_on) == NOTICE


def test_fees_that_were_paid_under_the_old_id_stay_paid() -> None:
    made = renamed(noticed(f"payment 2026-10-18 {FEES} F-1/fees"))
    account = made.on("2026-10-20")
    assert still_open(account) == {"F-1": "1000.00"}
    assert str(account.claims[0].paid) == FEES


def test_what_was_told_falls_under_the_new_id_too_and_does_not_fall_twice() -> None:
    made = renamed(noticed())
    made.add("payment 2026-09-15 600.00 F-1")
    lower = [len(made.build(today).events) for today in ("2026-10-20", "2026-10-21")]
    assert still_open(made.on("2026-10-21"))["F-1/fees"] < FEES
    assert lower[1] == 0


@pytest.mark.parametrize("client", ["brun", "brun-2026"])
def test_what_is_claimed_by_the_same_step_again_does_not_rise(client: str) -> None:
    made = renamed(noticed(), client)
    made.add("reviewed 2026-10-20 F-1")
    for today in ("2026-10-20", "2026-10-27", "2026-11-10", "2026-11-25", "2026-12-10"):
        made.send(today)
    assert asked(made.on("2026-12-11")) == "1055.29"
    assert {claim.step for claim in claims_made(made)} == {"formal-notice"}


def test_a_client_who_is_still_there_keeps_their_own() -> None:
    made = noticed()
    made.add("client other kind=business\ninvoice F-1b 2026-08-01 due 2026-08-31 1000.00 client=other")
    decision = made.decide("2026-10-20")
    assert [len(account.claims) for account in decision.accounts] == [1, 0]


def test_nothing_is_carried_to_other_invoices_of_who_has_come_since() -> None:
    made = noticed()
    new = world("client new kind=business\ninvoice F-1 2026-10-01 due 2026-10-05 70.00", CLAIMING)
    new.events += made.events
    assert not new.on("2026-10-20").claims


# --- A day that is decided again


def test_a_day_before_the_claim_does_not_know_it() -> None:
    made = late()
    made.build("2026-10-16")
    assert claims_made(made)[-1].on.isoformat() == "2026-10-16"
    account = made.on(NOTICE)
    assert asked(account) == "1055.29", "counted to that day, not to the day after it"
    (claim,) = account.claims
    assert (claim.current.on.isoformat(), claim.current.until.isoformat()) == (NOTICE, NOTICE)


def test_what_left_on_a_day_that_was_decided_again_is_what_it_said() -> None:
    made = late()
    made.build("2026-10-17")
    made.send(NOTICE)
    for today in (NOTICE, "2026-10-17", "2026-10-25"):
        assert asked(made.on(today)) == "1055.29"


# --- What a credit note is about


def test_what_is_left_of_a_credit_note_pays_no_fees() -> None:
    made = noticed("invoice F-2 2026-09-01 due 2026-12-31 100.00\ncredit A-1 2026-10-18 130.00")
    account = made.on("2026-10-20")
    assert still_open(account)["F-1/fees"] == FEES
    made = noticed(
        "invoice F-2 2026-09-01 due 2026-12-31 100.00\npayment 2026-10-16 1000.00 F-1\ncredit A-1 2026-10-18 130.00"
    )
    account = made.on("2026-10-20")
    assert still_open(account) == {"F-1/fees": FEES}
    assert str(account.totals.credit) == "30.00"


def test_money_that_was_paid_in_excess_pays_them_still() -> None:
    made = noticed("payment 2026-10-16 1000.00 F-1\npayment 2026-10-18 30.00 F-1")
    assert still_open(made.on("2026-10-20")) == {"F-1/fees": "25.29"}


@pytest.mark.parametrize("on", ["2026-10-25", "2026-11-10"])
def test_a_credit_note_over_the_whole_invoice_settles_the_agreement_about_it_and_its_fees(on: str) -> None:
    made = noticed(
        "agreement EC-1 2026-10-20 F-1,F-1/fees 2026-11-01:527.65 2026-12-01:527.64\n"
        f"payment 2026-11-01 527.65 F-1\ncredit A-1 {on} 1000.00 F-1"
    )
    made.build("2026-11-12")
    account = made.on("2026-12-20")
    assert still_open(account) == {}
    assert account.agreement is None or account.agreement.paid
    (agreement,) = account.agreements
    assert agreement.kept_on is not None
    assert agreement.broken_on is None
    assert (asked(account), str(account.totals.credit)) == ("0.00", "527.65")

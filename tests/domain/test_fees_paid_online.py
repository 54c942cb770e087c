"""Claimed late fees that are paid through a link: with their invoice or alone, each is booked where it belongs."""

from __future__ import annotations

from dataclasses import replace

from generator.domain.account import Status
from generator.domain.linkplan import Wanted, account_code, wanted_links
from generator.domain.money import Money
from generator.link_words import link_words
from tests.domain.test_reconciliation import Till, contested, receipt
from tests.report.claiming import made
from tests.support.accounts import settings
from tests.support.links import LINKS
from tests.support.reading import item
from tests.support.world import World, world
from tests.test_link_words import NOWHERE

#: 46.12 of late fees were claimed on the first invoice, and told on 9 November.
DEBT = """
    client brun
    invoice F-1 2026-08-28 due 2026-10-30 1000.00
    invoice F-2 2026-11-02 due 2026-12-04 200.00
    sent 2026-11-09 formal-notice F-1 by=letter
"""
FEES = "F-1/fees"


def claimed() -> World:
    known = world(DEBT)
    known.events.append(made("F-1", "2026-11-09", "0.00", "46.12"))
    return known


def links() -> dict[tuple[str, ...], Wanted]:
    account = replace(claimed().on("2026-11-16"), keys=("secret-key",))
    return {wanted.invoices: wanted for wanted in wanted_links(account, LINKS)[0]}


def left(till: Till) -> tuple[str, str, str]:
    """What is open of the invoice that fees were claimed on, of the fees, and of the other invoice."""
    account = till.world.on("2026-11-20")
    first, fees, second = (str(item(account, name).open) for name in ("F-1", FEES, "F-2"))
    return first, fees, second


def test_there_is_a_link_for_all_that_is_asked_one_for_the_invoice_and_one_for_its_fees() -> None:
    found = links()
    assert {invoices: str(wanted.amount) for invoices, wanted in found.items()} == {
        ("F-1", FEES): "1046.12",
        ("F-1",): "1000.00",
        (FEES,): "46.12",
        ("F-2",): "200.00",
    }
    assert (
        link_words(found["F-1", FEES], settings(NOWHERE)).title
        == "Facture F-1 et ses pénalités de retard · Atelier Lumen"
    )
    alone = link_words(found[FEES,], settings(NOWHERE))
    assert alone.title == "Pénalités de retard, facture F-1 · Atelier Lumen"
    assert "Référence F-1." in alone.description


def test_all_that_is_asked_pays_the_invoice_and_its_fees() -> None:
    wanted = links()["F-1", FEES]
    till = Till(claimed()).read(receipt(amount=str(wanted.amount), reference=wanted.reference))
    assert left(till) == ("0.00", "0.00", "200.00")


def test_the_link_of_the_fees_pays_the_fees_while_their_invoice_is_open() -> None:
    wanted = links()[FEES,]
    till = Till(claimed()).read(receipt(amount=str(wanted.amount), reference=wanted.reference))
    assert left(till) == ("1000.00", "0.00", "200.00")


def test_the_link_of_the_invoice_leaves_its_fees_open() -> None:
    wanted = links()["F-1",]
    till = Till(claimed()).read(receipt(amount=str(wanted.amount), reference=wanted.reference))
    assert left(till) == ("0.00", "46.12", "200.00")


def test_what_is_paid_for_a_client_who_was_renamed_is_theirs_fees_or_not() -> None:
    paid = receipt(amount="1046.12", account=account_code("bran", "EUR"), invoices=("F-1", FEES))
    till = Till(claimed()).read(paid)
    assert (till.last.unknown, left(till)) == ((), ("0.00", "0.00", "200.00"))


def test_whoever_disputes_the_payment_of_fees_at_the_bank_disputes_their_invoice() -> None:
    paid = receipt(amount="46.12", reference=FEES)
    till = Till(claimed()).read(paid, contested("46.12", invoices=(FEES,)))
    assert [dispute.invoice for dispute in till.last.disputes] == ["F-1"]
    account = till.world.on("2026-11-20")
    assert {item(account, name).status for name in ("F-1", FEES)} == {Status.DISPUTED}
    assert account.totals.to_pay == Money.of("200.00", "EUR")


def test_fees_on_their_way_that_were_waived_meanwhile_are_not_shown_as_paid() -> None:
    known = claimed()
    known.add("debit 2026-11-18 1046.12 F-1\nwaive 2026-11-19 F-1")
    account = known.on("2026-11-20")
    assert str(item(account, FEES).paid) == "0.00"
    assert str(account.totals.in_flight) == "1046.12"

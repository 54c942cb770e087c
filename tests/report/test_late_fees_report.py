"""Late fees in the owner's report: what the law gives, what was claimed, waived and collected, and what to look at."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from generator.domain.fee_history import FeePaid
from generator.domain.fees import account_fees
from generator.domain.ledger import Kind
from generator.domain.money import Money
from generator.domain.policy import FeeMode
from generator.domain.recount import fallen
from generator.report_fees import SHOWN_CLIENTS, fee_report
from tests.report.claiming import claim, counting, day, euros, made, paid, waived, with_claims
from tests.report.morning import Morning, morning
from tests.report.test_costs import with_vat
from tests.report.test_report_page import read

if TYPE_CHECKING:
    from generator.domain.ledger import Client

#: A late invoice: 23 days at 12.40 % by this morning, 9.38 of interest; and one paid 10 days late.
LATE = """
    client brun
    invoice F-090 2026-10-01 due 2026-10-31 1200.00 client=brun
    invoice F-080 2026-08-01 due 2026-08-31 1000.00 client=brun
    payment 2026-09-10 1000.00 F-080 client=brun
"""


def said(found: Morning, section: str = "fees") -> str:
    return read(found.page()).text(section).replace("\u202f", " ").replace("\xa0", " ")


def test_what_the_law_gives_is_told_with_the_part_of_it_on_invoices_paid_since() -> None:
    text = said(counting(morning(LATE), FeeMode.MENTION))
    assert "Ce que la loi donne 92,78 €" in text
    assert (
        "12,78 € d’intérêts et 80,00 € d’indemnités, comptés à ce jour, dont 43,40 € sur des factures réglées depuis."
        in text
    )
    assert "Vous n’en avez réclamé aucune." in text
    assert "Brun 92,78 € 12,78 € 80,00 € Total EUR 92,78 € 12,78 € 80,00 €" in text
    assert "Réclamé" not in text


def test_it_is_what_the_accounts_say_and_adds_up() -> None:
    found = counting(morning())
    report = fee_report(found.settings, found.clients)
    assert report is not None
    for fees in report.currencies:
        every = [account for accounts in found.clients for account in accounts if account.currency == fees.currency]
        counted = [account_fees(account, found.settings.policy.fees).total.minor for account in every]
        assert fees.sums.law == Money(sum(counted), fees.currency)
        assert fees.rows.more == 0
        assert sum(row.sums.law.minor for row in fees.rows.shown) == fees.sums.law.minor
    assert [fees.currency for fees in report.currencies] == ["EUR", "GBP"]


def test_what_was_claimed_stands_beside_it_with_what_became_of_it() -> None:
    one = claim(
        made("F-090", "2026-11-16", "6.12"),
        waivings=[waived("2026-11-17", "10.00")],
        receipts=[paid("2026-11-18", "20.00")],
    )
    text = said(with_claims(counting(morning(LATE)), "brun", one))
    assert "Réclamé 46,12 € Sur 1 facture. Remis 10,00 € Encaissé 20,00 € Reste dû 16,12 €" in text
    assert "Brun 92,78 € 46,12 € 10,00 € 20,00 € 16,12 €" in text
    assert "Total EUR 92,78 € 46,12 € 10,00 € 20,00 € 16,12 €" in text
    assert "penalites.csv" in text


def test_the_owners_language_is_spoken() -> None:
    text = said(with_claims(counting(morning(LATE, language="en")), "brun", claim(made("F-090", "2026-11-16", "6.12"))))
    assert "What the law gives €92.78" in text
    assert "Claimed €46.12 On 1 invoice. Still open €46.12" in text


def test_nothing_is_told_where_nothing_was_late_or_the_owner_leaves_it_out() -> None:
    assert "fees" not in read(counting(morning("invoice F-1 2026-11-01 due 2026-12-01 80.00")).page()).sections
    assert "fees" not in read(counting(morning(LATE), FeeMode.OFF).page()).sections


def test_a_client_for_whom_it_is_off_is_not_counted() -> None:
    def spared(client: Client) -> Client:
        return replace(client, late_fees=FeeMode.OFF)

    assert "fees" not in read(counting(morning(LATE, client=spared)).page()).sections


def test_what_was_claimed_is_told_even_where_it_is_off_now() -> None:
    found = with_claims(counting(morning(LATE), FeeMode.OFF), "brun", claim(made("F-090", "2026-11-16", "6.12")))
    assert "Brun – 46,12 € – – 46,12 €" in said(found)


def test_the_list_of_clients_is_bounded_and_its_total_is_of_all() -> None:
    ledger = "\n".join(
        f"client c{n}\ninvoice F-{n} 2026-08-01 due 2026-08-31 100.00 client=c{n}" for n in range(SHOWN_CLIENTS + 3)
    )
    found = counting(morning(ledger))
    assert "… et 3 autres" in said(found)
    report = fee_report(found.settings, found.clients)
    assert report is not None
    assert report.currencies[0].sums.indemnity == Money.of("1720.00", "EUR")


def test_fees_of_an_invoice_that_is_paid_are_asked_about_with_the_command_that_lets_them_go() -> None:
    found = with_claims(counting(morning(LATE)), "brun", claim(made("F-080", "2026-09-09", "2.72")))
    review = said(found, "review")
    assert "Pénalités d’une facture réglée 1" in review
    assert "F-080, réclamées le 9 septembre 42,72 € relance waive brun F-080" in review
    assert "1 point à revoir" in said(found, "")


def test_fees_of_an_invoice_that_is_open_are_not_asked_about() -> None:
    found = with_claims(counting(morning(LATE)), "brun", claim(made("F-090", "2026-11-16", "6.12")))
    assert "relance waive" not in said(found, "review")


#: 46.12 were claimed on 16 November, and two days later it turned out that 43.26 were owed.
FIRST = made("F-090", "2026-11-16", "6.12")
LOWER = replace(made("F-090", "2026-11-16", "3.26"), corrected_on=day("2026-11-18"))


def test_a_claim_that_fell_is_told_with_both_figures_and_needs_nothing() -> None:
    found = with_claims(counting(morning(LATE)), "brun", claim(FIRST, corrections=[LOWER]))
    review = said(found, "review")
    assert "Pénalités corrigées à la baisse 1" in review
    assert "F-090, corrigées le 18 novembre : 43,26 € au lieu de 46,12 € 2,86 €" in review
    assert "relance waive" not in review


def test_what_came_in_too_much_is_to_be_given_back_until_it_is() -> None:
    back = FeePaid(LOWER.corrected_on or LOWER.on, euros("-1.74"))
    one = claim(FIRST, corrections=[LOWER], receipts=[paid("2026-11-17", "45.00"), back])
    account = with_claims(counting(morning(LATE)), "brun", one).of("brun")
    (told,) = fallen(account)
    assert (str(told.less), str(told.to_return)) == ("2.86", "0.00")
    credited = replace(account, totals=replace(account.totals, credit=euros("100.00")))
    (told,) = fallen(replace(credited, as_of=day("2027-03-01")))
    assert (str(told.was), str(told.to_return)) == ("46.12", "1.74")


def test_two_weeks_later_one_that_left_nothing_to_give_back_is_not_told_any_more() -> None:
    account = with_claims(counting(morning(LATE)), "brun", claim(FIRST, corrections=[LOWER])).of("brun")
    assert list(fallen(replace(account, as_of=day("2026-12-02"))))
    assert not list(fallen(replace(account, as_of=day("2026-12-03"))))


def test_a_client_whose_kind_nobody_wrote_down_is_asked_about_where_fees_are_claimed() -> None:
    def unknown(client: Client) -> Client:
        return replace(client, kind=Kind.UNKNOWN)

    found = counting(morning(LATE, client=unknown))
    assert "Pénalités : qui est ce client ? 1 client" in said(found, "review")
    assert "Pénalités" not in said(counting(morning(LATE, client=unknown), FeeMode.MENTION), "review")


#: In real life: 106.90 of late fees are claimed by the formal notice of this morning.
NOTICED = """
    client brun
    invoice F-090 2026-08-28 due 2026-09-27 3450.00 client=brun
    sent 2026-10-05 reminder-1 F-090 client=brun
    sent 2026-10-13 reminder-2 F-090 client=brun
    sent 2026-10-28 reminder-3 F-090 client=brun
"""


def claiming(ledger: str = NOTICED, **changes: object) -> Morning:
    """A morning on which fees are really claimed."""
    return morning(ledger, late_fees=FeeMode.CLAIM, **changes)  # type: ignore[arg-type]


def test_a_claim_that_waits_is_said_with_what_lets_it_go() -> None:
    review = said(claiming(), "review")
    assert "Pénalités à réclamer, si vous le voulez bien 1 client" in review
    assert "Brun F-090 106,81 € relance sent brun" in review  # the formal notice is a letter
    assert "Rien à revoir" not in review
    assert "point à revoir" not in said(claiming(), "")  # it is counted with the letters
    assert "Réclamé 106,81 € Sur 1 facture, dont 106,81 € dans un message pas encore parti." in said(claiming())


#: It left on Friday, and claimed 102.12, counted to the day before.
TOLD = f"{NOTICED}\nsent 2026-11-20 formal-notice F-090 by=letter"
CLAIMED = (made("F-090", "2026-11-20", "0.00", "102.12"),)


def test_once_the_message_has_left_nothing_waits() -> None:
    assert "à réclamer" not in said(claiming(TOLD, events=CLAIMED), "review")


def test_the_message_that_claims_says_how_much_of_its_sum_are_fees() -> None:
    send = said(claiming(), "send")
    assert "3 556,81 €" in send
    assert "dont pénalités de retard réclamées : 106,81 €" in send
    assert "pénalités" not in said(counting(morning(NOTICED), FeeMode.MENTION), "send")


def test_what_is_disputed_or_agreed_upon_with_its_invoice_is_told_once() -> None:
    found = claiming(f"{TOLD}\ndispute F-090 2026-11-21", events=CLAIMED)
    assert [item.id for item in found.of("brun").items] == ["F-090", "F-090/fees"]
    review = said(found, "review")
    assert "Contestations 1" in review
    assert "/fees" not in review


def test_fees_that_an_agreement_collects_are_not_asked_about_when_their_invoice_is_paid() -> None:
    agreed = f"{TOLD}\nagreement EC-1 2026-11-21 F-090 2026-12-21:3500.00 2027-01-21:52.12"
    found = claiming(f"{agreed}\npayment 2026-11-22 3450.00 F-090", events=CLAIMED)
    (account,) = found.clients[0]
    assert [str(item.status) for item in account.items] == ["paid", "in_plan"]
    assert "relance waive" not in said(found, "review")


def test_in_the_table_of_agreed_instalments_they_stand_apart_and_bear_no_vat() -> None:
    agreed = f"{TOLD}\nagreement EC-1 2026-11-21 F-090 2026-12-21:1776.06 2027-01-21:1776.06"
    found = with_vat(claiming(agreed, events=CLAIMED), F090="20").files()["echeances-tva.csv"].decode("utf-8-sig")
    rows = [line.split(";")[3:] for line in found.splitlines()[1:]]
    assert rows == [
        ["1", "2026-12-21", "F-090", "20", "1480,05", "296,01", "1776,06", "EUR"],
        ["2", "2027-01-21", "F-090", "20", "1394,95", "278,99", "1673,94", "EUR"],
        ["2", "2027-01-21", "F-090, pénalités de retard", "", "102,12", "0,00", "102,12", "EUR"],
    ]


def test_without_claims_nothing_of_them_is_to_be_reviewed() -> None:
    assert "nalités" not in said(counting(morning()), "review")

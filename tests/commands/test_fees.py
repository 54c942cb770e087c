"""`relance fees`: what the law gives for an invoice, line by line, or why there is nothing; and what else tells of late fees."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support.owner import CLIENTS, INVOICES, PORTAL, Owner, new_owner

if TYPE_CHECKING:
    from pathlib import Path


ECB = "ECB 2.40 % (confidence M: several reports of the rate decided by the European Central Bank) + 10 points"


@pytest.fixture
def owner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Owner:
    return new_owner(tmp_path / "sable", capsys)


def policy(owner: Owner, text: str) -> None:
    owner.write("portal.toml", f"{PORTAL}\n[late_fees]\n{text}\n")


def of_kind(owner: Owner, kind: str) -> None:
    """Verdier is a client of that kind."""
    owner.write("ledger/clients.csv", CLIENTS.replace("Madame Verdier;business", f"Madame Verdier;{kind}"))


def told(owner: Owner, invoice: str = "F-2026-118", date: str = "2026-11-16") -> str:
    assert owner.run("fees", invoice, date=date) == 0, owner.complained
    return owner.said


def test_every_line_says_days_base_rate_amount_and_article(owner: Owner) -> None:
    assert told(owner).splitlines() == [
        "Éditions Verdier-Roux (verdier), business, as of 2026-11-16",
        "F-2026-118  due 2026-10-30  open €1,200.00 of €1,200.00",
        "  2026-10-31 to 2026-11-16  17 days  €1,200.00 x 12.40 % x 17/365 = €6.93",
        f"    {ECB}, half-year from 2026-07-01; C. com. L441-10, II",
        "  interest   €6.93",
        "  indemnity  €40.00  C. com. L441-10, II and D441-5",
        "  together   €46.93",
        "Nothing of this is asked for: your policy mentions late fees and claims none.",
    ]


def test_programs_read_the_same(owner: Owner) -> None:
    assert owner.run("fees", "F-2026-118", "--json") == 0
    found = json.loads(owner.said)
    assert list(found) == [
        "as_of",
        "currency",
        "client",
        "kind",
        "mode",
        "items",
        "interest",
        "indemnity",
        "late_fees",
    ]
    (item,) = found["items"]
    assert list(item) == ["invoice", "due", "total", "open", "status", "late_fees"]
    assert (found["kind"], found["interest"], found["indemnity"], found["late_fees"]) == (
        "business",
        "6.93",
        "40.00",
        "46.93",
    )
    (account,) = owner.show("verdier")
    assert item["late_fees"] == account["items"][0]["late_fees"]
    assert account["totals"]["late_fees"] == "46.93"


def test_an_invoice_in_parts_is_told_whole_or_by_one_part(owner: Owner) -> None:
    owner.write(
        "ledger/invoices.csv",
        "number;client;issued;due;total;part\nF-7;verdier;01/09/2026;30/09/2026;600;1\nF-7;verdier;01/09/2026;31/10/2026;600;2\n",
    )
    owner.write("ledger/payments.csv", "date;client;amount\n")
    whole = told(owner, "F-7")
    assert "All parts: €12.84 interest and €40.00 indemnity, €52.84" in whole
    assert "indemnity  once for the invoice: it stands at F-7/1" in whole
    second = told(owner, "F-7/2")
    assert "F-7/1  due" not in second
    assert "it stands at F-7/1" in second


def test_one_that_was_paid_late_is_counted_until_it_was_paid(owner: Owner) -> None:
    owner.write("ledger/payments.csv", "date;client;montant;facture\n02/11/2026;kite;800,00;F-2026-120\n")
    assert "2026-11-01 to 2026-11-02  2 days  €800.00 x 12.40 % x 2/365 = €0.54" in told(owner, "F-2026-120")


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("", "is verdier a business, a consumer or a public body? Write it in the column kind of clients.csv."),
        ("consumer", "from the day after the formal notice only, and no such letter is in the journal."),
    ],
)
def test_why_there_is_nothing(owner: Owner, kind: str, words: str) -> None:
    of_kind(owner, kind)
    said = told(owner)
    assert words in said
    assert not [word for word in ("40", "ECB", "interest  ", "indemnity", "together") if word in said]


@pytest.mark.parametrize(
    ("invoice", "date", "words"),
    [
        ("F-2026-121", "2026-11-25", "nothing: it is not late."),
        ("F-2026-118", "2026-10-30", "nothing: it is not late."),
    ],
)
def test_what_is_not_late_bears_nothing(owner: Owner, invoice: str, date: str, words: str) -> None:
    assert words in told(owner, invoice, date)


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("insolvent_since", "2026-11-10", "nothing: insolvency proceedings are open."),
        ("hold_until", "2026-12-10", "nothing: the client is on hold until 2026-12-10."),
    ],
)
def test_what_stops_them(owner: Owner, column: str, value: str, words: str) -> None:
    head, verdier, *rest = CLIENTS.splitlines()
    owner.write(
        "ledger/clients.csv", "\n".join([f"{head};{column}", f"{verdier};{value}", *(f"{row};" for row in rest)])
    )
    said = told(owner)
    assert words in said
    assert "together" not in said


def test_a_dispute_stops_them_from_its_day(owner: Owner) -> None:
    head, first, *rest = INVOICES.splitlines()
    owner.write(
        "ledger/invoices.csv", "\n".join([f"{head};contestée le", f"{first};10/11/2026", *(f"{row};" for row in rest)])
    )
    said = told(owner)
    assert "2026-10-31 to 2026-11-09  10 days" in said
    assert "disputed: those days bear no interest, until it is settled." in said


def test_a_half_year_that_nobody_knows_is_not_guessed_until_the_owner_adds_it(owner: Owner) -> None:
    said = told(owner, date="2027-01-31")
    assert "2026-10-31 to 2026-12-31  62 days" in said
    assert "known until 2026-12-31 only: a rate to come is never guessed." in said
    assert "2027-01-01 to" not in said
    policy(owner, '[[late_fees.rates]]\nfrom = "2027-01-01"\necb = "2.50"\nlegal = "2.80"')
    said = told(owner, date="2027-01-31")
    assert "€1,200.00 x 12.50 % x 31/365 = €12.74" in said
    assert "ECB 2.50 % (portal.toml) + 10 points, half-year from 2027-01-01" in said
    assert "known until" not in said


def test_check_says_when_the_table_has_ended(owner: Owner) -> None:
    words = "No rate of late fees is known after 2026-12-31, and none is guessed"
    owner.run("check", date="2026-12-31")
    assert words not in owner.said
    owner.run("check", date="2027-01-01")
    assert words in owner.said
    policy(owner, 'mode = "off"')
    owner.run("check", date="2027-01-01")
    assert words not in owner.said


def test_the_contract_s_rate_the_indemnity_and_the_days_of_the_year_are_the_owner_s(owner: Owner) -> None:
    policy(owner, 'rate = "15.00"\nindemnity = "20.00"\nday_count = "actual"')
    said = told(owner)
    assert "€1,200.00 x 15.00 % x 17/365 = €8.38" in said
    assert "15.00 % by your contract; C. com. L441-10, II" in said
    assert "together   €28.38" in said


def test_a_contract_that_was_below_the_floor_says_what_counts_instead(owner: Owner) -> None:
    policy(owner, 'rate = "12.00"')
    owner.write("ledger/invoices.csv", "number;client;issued;due;total\nF-1;verdier;01/02/2024;31/05/2024;1000\n")
    owner.write("ledger/payments.csv", "date;client;amount;invoice\n30/06/2024;verdier;1000;F-1\n")
    said = told(owner, "F-1")
    assert "€1,000.00 x 15.21 % x 30/365 = €12.50" in said
    assert "3 x legal rate 5.07 %, half-year from 2024-01-01, the least that a contract may say; " in said


def test_a_public_body_keeps_its_first_rate_and_another_country_has_its_own_law(owner: Owner) -> None:
    of_kind(owner, "public")
    assert "ECB 2.40 %" in told(owner)
    assert "CCP L2192-13 and R2192-31" in owner.said
    owner.write("portal.toml", PORTAL.replace('terms = "30"', 'terms = "30"\ncountry = "BE"'))
    assert "+ 8 points, half-year from 2026-07-01; Directive 2011/7/EU, articles 2 to 4" in told(owner)
    owner.write("portal.toml", PORTAL.replace('terms = "30"', 'terms = "30"\ncountry = "CH"'))
    assert "nothing: relance knows the law of late payment for France and the countries of the euro" in told(owner)


def test_another_currency_bears_interest_and_no_indemnity(owner: Owner) -> None:
    owner.write(
        "ledger/invoices.csv", "number;client;issued;due;total;currency\nF-1;verdier;01/09/2026;30/10/2026;1000;GBP\n"
    )
    owner.write("ledger/payments.csv", "date;client;amount\n")
    said = told(owner, "F-1")
    assert "interest   £5.78" in said
    assert "indemnity  none: the law gives it in EUR, and this account is in GBP." in said


def test_off_says_nothing_of_them_in_the_json_and_the_command_still_counts(owner: Owner) -> None:
    policy(owner, 'mode = "off"')
    (account,) = owner.show("verdier")
    assert (account["items"][0]["late_fees"], account["totals"]["late_fees"]) == (None, None)
    assert "your policy leaves late fees out altogether." in told(owner)


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ("F-2026-188", "F-2026-188: no such invoice. Did you mean F-2026-118"),
        ("F-2026-121", "F-2026-121: it is of 2026-11-20, after 2026-11-16."),
        ("F-9", "F-9: the ledger says that it is written off: nobody is asked to pay it, and nothing is counted."),
        ("A-1", "A-1 is a credit note: it bears no interest."),
    ],
)
def test_an_invoice_that_cannot_be_counted_is_told_by_name(owner: Owner, wanted: str, words: str) -> None:
    rows = f"{INVOICES}A-1;kite;01/11/2026;;Geste;-50,00\n".replace("montant ttc", "montant ttc;statut")
    owner.write("ledger/invoices.csv", f"{rows}F-9;kite;01/09/2026;30/09/2026;Perdue;90,00;written_off\n")
    assert owner.run("fees", wanted) == 2
    assert words in owner.complained


def test_it_writes_nothing(owner: Owner) -> None:
    before = sorted(path for path in owner.folder.rglob("*"))
    told(owner)
    assert sorted(path for path in owner.folder.rglob("*")) == before


def test_the_days_of_an_agreement_that_was_not_kept_are_named(owner: Owner) -> None:
    assert owner.run("agree", "verdier", "--plan", "2", date="2026-11-16") == 0, owner.complained
    for date in ("2026-11-16", "2026-12-07", "2026-12-14"):
        assert owner.run("build", date=date) == 0, owner.complained
        owner.run("sent", "verdier", date=date)
    lines = told(owner, date="2027-01-15").splitlines()
    (said,) = [line for line in lines if "in an agreement from" in line]
    assert said.startswith("  in an agreement from 2026-11-17 to 20")
    assert said.endswith(": those days bear no interest.")
    assert any(line.startswith("  2026-10-31 to 2026-11-16") for line in lines)

"""What the owner and their programs are told of late fees that were claimed: `fees`, `show`, the JSON, the report, the history."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from tests.bank.makers import Line
from tests.commands.test_match import booked, doubts, give
from tests.support.claiming import VERDIER, claiming_owner, told_by
from tests.support.owner import PAYMENTS, Owner

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def owner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Owner:
    return claiming_owner(tmp_path, capsys)


@pytest.fixture
def told(owner: Owner) -> Owner:
    return told_by(owner)


def fees(owner: Owner, date: str) -> list[str]:
    """What `relance fees` says below what the law gives."""
    assert owner.run("fees", "F-2026-118", date=date) == 0, owner.complained
    lines = owner.said.splitlines()
    return [line.strip() for line in lines[next(n for n, line in enumerate(lines) if "together" in line) + 1 : -1]]


def claimed(owner: Owner, date: str) -> dict[str, Any]:
    first: dict[str, Any] = owner.show("verdier", date=date)[0]["items"][0]
    found: dict[str, Any] = first["late_fees"]["claimed"]
    return found


def test_a_claim_whose_message_waits_says_so(owner: Owner) -> None:
    assert fees(owner, "2026-11-16") == [
        "claimed    €46.93  on 2026-11-16 by reminder-1: €6.93 interest to 2026-11-16, €40.00 indemnity, and its message has not left yet",
        "asked for  €46.93",
    ]
    assert claimed(owner, "2026-11-16")["told_on"] is None


def test_show_says_how_much_of_what_today_asks_are_fees(owner: Owner) -> None:
    assert owner.run("show", "verdier") == 0
    assert "asks    €1,246.93" in owner.said
    assert "fees    €46.93 of it: late fees that it claims" in owner.said


def test_the_story_of_a_claim_is_told_move_by_move_and_then_what_comes_next(told: Owner) -> None:
    told.write("ledger/payments.csv", f"{PAYMENTS}17/11/2026;verdier;1 220,00;F-2026-118\n")
    assert (
        told.run("waive", "verdier", "F-2026-118", "--amount", "5.00", "--reason", "good client", date="2026-11-18")
        == 0
    )
    assert fees(told, "2026-11-18") == [
        "claimed    €46.93  on 2026-11-16 by reminder-1: €6.93 interest to 2026-11-16, €40.00 indemnity",
        "paid       €20.00  on 2026-11-17: €6.93 interest, €13.07 indemnity",
        "waived     €5.00  on 2026-11-18: good client",
        "asked for  €21.93",
    ]


def test_what_the_next_reminder_would_claim_is_said_beforehand_and_is_what_it_claims(told: Owner) -> None:
    (following,) = [line for line in fees(told, "2026-11-18") if line.startswith("next")]
    assert following == "next       reminder-2 on 2026-11-23 would claim €49.78 in all, if nothing changes before"
    assert told.run("build", date="2026-11-23") == 0, told.complained
    found = claimed(told, "2026-11-23")
    assert (found["interest"], found["indemnity"], found["step"]) == ("9.78", "40.00", "reminder-2")


def test_nothing_comes_next_where_the_owner_let_all_of_it_go_or_claims_nothing(told: Owner) -> None:
    assert told.run("waive", "verdier", "F-2026-118", date="2026-11-18") == 0, told.complained
    assert not [line for line in fees(told, "2026-11-18") if line.startswith("next")]


@pytest.mark.parametrize("mode", ["off", "mention"])
@pytest.mark.parametrize("verb", ["build", "check"])
def test_an_owner_who_claims_no_more_is_told_what_stays_asked_for(told: Owner, verb: str, mode: str) -> None:
    said = "verdier: you claim no late fees from them now, and €46.93 that were claimed before stay asked for (F-2026-118)."
    assert told.run(verb, date="2026-11-17") == 0
    assert "you claim no late fees" not in told.said
    told.write("ledger/clients.csv", VERDIER.replace("business;fr;claim", f"business;fr;{mode}"))
    assert told.run(verb, date="2026-11-17") == 0
    assert f"{said} To let go of them: relance waive verdier" in told.said
    assert told.run("waive", "verdier", date="2026-11-17") == 0
    assert told.run(verb, date="2026-11-17") == 0
    assert "you claim no late fees" not in told.said


def test_programs_read_the_claim_beside_what_the_law_gives(told: Owner) -> None:
    expected = {
        "on": "2026-11-16",
        "until": "2026-11-16",
        "interest": "6.93",
        "indemnity": "40.00",
        "waived": "0.00",
        "paid": "0.00",
        "open": "46.93",
        "step": "reminder-1",
        "told_on": "2026-11-16",
    }
    (account,) = told.show("verdier", date="2026-11-18")
    assert account["items"][0]["late_fees"]["claimed"] == expected
    assert account["totals"]["claimed_fees"] == "46.93"
    assert account["totals"]["to_pay"] == "1246.93"
    beside = [item for item in account["items"] if item["fees_of"]]
    assert [(item["invoice"], item["fees_of"], item["open"], item["late_fees"]) for item in beside] == [
        ("F-2026-118/fees", "F-2026-118", "46.93", None)
    ]
    assert told.run("fees", "F-2026-118", "--json", date="2026-11-18") == 0
    assert json.loads(told.said)["items"][0]["late_fees"]["claimed"] == expected


def test_show_says_what_was_claimed_and_that_what_was_too_much_is_asked_no_more(told: Owner) -> None:
    assert told.run("show", "verdier", date="2026-11-18") == 0
    assert "F-2026-118  €46.93 of €46.93 open, claimed 2026-11-16 by reminder-1" in told.said
    told.write("ledger/payments.csv", f"{PAYMENTS}05/11/2026;verdier;600,00;F-2026-118\n")
    assert told.run("show", "verdier", date="2026-11-18") == 0
    assert "F-2026-118  €44.69 of €44.69 open, claimed 2026-11-16 by reminder-1" in told.said
    assert "corrected on 2026-11-18: €2.24 less than was claimed" in told.said


def test_the_report_and_its_table_say_the_same(told: Owner) -> None:
    told.write("ledger/payments.csv", f"{PAYMENTS}17/11/2026;verdier;1 220,00;F-2026-118\n")
    assert told.run("build", date="2026-11-18") == 0, told.complained
    table = (told.folder / "report/penalites.csv").read_text("utf-8-sig")
    found = list(csv.DictReader(io.StringIO(table), delimiter=";"))
    assert [(row["Événement"], row["Intérêts"], row["Indemnité"], row["Reste dû"]) for row in found] == [
        ("réclamé", "6,93", "40,00", "46,93"),
        ("encaissé", "6,93", "13,07", "26,93"),
    ]
    page = (told.folder / "report/index.html").read_text("utf-8")
    assert "relance waive verdier F-2026-118" in page
    assert "26,93" in page


def test_the_history_of_the_page_says_what_was_claimed_and_what_was_let_go(told: Owner) -> None:
    assert told.run("waive", "verdier", "--reason", "a word for nobody else", date="2026-11-18") == 0
    assert told.run("build", date="2026-11-18") == 0, told.complained
    page = told.page("verdier", "2026-11-18")
    lines = re.findall(r'<span class="fact">(.+?)<span class="whole">(.+?)</span>', page)
    assert lines[:2] == [
        ("Remise sur les pénalités de retard – ", "F-2026-118"),
        ("Pénalités de retard réclamées – ", "F-2026-118"),
    ]
    assert "a word for nobody else" not in page


def test_a_later_claim_is_told_by_what_it_added(told: Owner) -> None:
    assert told.run("build", date="2026-11-23") == 0, told.complained
    assert told.run("sent", "verdier", date="2026-11-23") == 0, told.complained
    assert told.run("build", date="2026-11-24") == 0, told.complained
    page = told.page("verdier", "2026-11-24")
    lines = re.findall(r'<span class="fact">(Pénalités[^<]+)<.+?class="figure">([^<]+)<', page, re.DOTALL)
    assert lines[:2] == [
        ("Pénalités de retard, complément – ", "2,85\xa0€"),
        ("Pénalités de retard réclamées – ", "46,93\xa0€"),
    ]


def test_an_agreement_on_less_than_the_fees_is_no_matter_of_a_credit_note(told: Owner) -> None:
    def agree(last: str) -> int:
        parts = ("--instalment", "2026-12-01=600.00", "--instalment", f"2027-01-04={last}")
        return told.run("agree", "verdier", *parts, date="2026-11-18")

    assert agree("600.00") == 2
    assert "let go of 46.93 EUR of them first: relance waive verdier F-2026-118." in told.complained
    assert "credit note" not in told.complained
    assert agree("640.00") == 2
    assert "first: relance waive verdier F-2026-118 --amount 6.93." in told.complained
    assert agree("646.93") == 0, told.complained
    assert "nobody is reminded of F-2026-118 and late fees" in told.said


def test_a_claim_is_no_fact_of_the_history_before_its_message_has_left(owner: Owner) -> None:
    assert "Pénalités de retard réclamées" not in owner.page("verdier")


def test_the_history_for_a_mediator_tells_both_and_names_the_fees_as_what_they_are(told: Owner) -> None:
    assert told.run("waive", "verdier", "F-2026-118", "--amount", "6.93", date="2026-11-18") == 0
    assert told.run("history", "verdier", "--export", str(told.folder / "h.zip"), date="2026-11-18") == 0, (
        told.complained
    )
    with zipfile.ZipFile(told.folder / "h.zip") as exported:
        texts = [exported.read(name).decode() for name in ("history.html", "history.md")]
    for text in texts:
        flat = text.replace("\xa0", " ").replace("\\", "")
        assert "Pénalités de retard réclamées sur F-2026-118 : 46,93 €." in flat
        assert "Remise sur les pénalités de retard de F-2026-118 : 6,93 €." in flat
        assert "Pénalités de retard de F-2026-118" in flat
        assert "/fees" not in flat


def test_the_bank_s_statement_pays_the_invoice_and_its_fees(told: Owner) -> None:
    paid = Line("2026-11-17", "1246.93", "HOLDING ROUX", "VIREMENT FACTURE F 2026 118", number="A1")
    assert told.run("match", give(told, paid), date="2026-11-18") == 0, told.complained
    assert booked(told) == [("2026-11-17", "verdier", "1246,93", "F-2026-118, F-2026-118/fees")]
    found = claimed(told, "2026-11-18")
    assert (found["paid"], found["open"]) == ("46.93", "0.00")


def test_fees_alone_are_proposed_to_the_owner_whose_tick_books_them(told: Owner) -> None:
    paid = Line("2026-11-17", "46.93", "HOLDING ROUX", "solde", number="A1")
    assert told.run("match", give(told, paid), date="2026-11-18") == 0, told.complained
    (doubt,) = doubts(told)
    assert "F-2026-118/fees" in doubt.values()
    path = told.folder / "report/rapprochement.csv"
    path.write_text(path.read_text("utf-8").replace("\n;verdier;", "\noui;verdier;"), "utf-8")
    accept = ["--accept", "report/rapprochement.csv"]
    assert told.run("match", "releve.xml", *accept, date="2026-11-18") == 0, told.complained
    assert booked(told) == [("2026-11-17", "verdier", "46,93", "F-2026-118/fees")]
    found = claimed(told, "2026-11-18")
    assert (found["paid"], found["open"]) == ("46.93", "0.00")

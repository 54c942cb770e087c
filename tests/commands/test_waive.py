"""Late fees waived, as the owner types it: what was claimed, what is let go, what is left, and what cannot be waived."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from generator.cli import main
from tests.support.claiming import CLAIMING, claiming_owner, told_by

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.owner import Owner

BOM = "\ufeff"
HEADER = "date;client;invoice;amount;currency;reason"
STRIPE = '\n[stripe]\nledger = "atelier-sable"\n'
LATER = "2026-11-18"
FEES = "46.93 EUR of late fees"  #: 1 200 € × 12.40 % × 17 days / 365 = 6.93 €, and the indemnity of 40 €


@pytest.fixture
def owner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Owner:
    return claiming_owner(tmp_path, capsys)


@pytest.fixture
def told(owner: Owner) -> Owner:
    return told_by(owner)


def rows(owner: Owner) -> list[str]:
    path = owner.folder / "ledger/relance/fee_waivers.csv"
    return path.read_text("utf-8").removeprefix(BOM).splitlines() if path.exists() else []


def to_pay(owner: Owner, date: str = LATER) -> str:
    totals: dict[str, Any] = owner.show("verdier", date=date)[0]["totals"]
    return str(totals["to_pay"])


def refused(owner: Owner, *arguments: str, date: str = LATER) -> str:
    """What `relance waive` says when it refuses; not a byte of the folder changes."""
    before = owner.files()
    assert owner.run("waive", *arguments, date=date) == 2
    assert owner.files() == before
    assert "Nothing was recorded." in owner.complained
    return owner.complained


def waive(owner: Owner, *arguments: str, date: str = LATER) -> str:
    assert owner.run("waive", *arguments, date=date) == 0, owner.complained
    return owner.said


def test_all_that_is_claimed_from_a_client_is_waived_by_one_word(told: Owner) -> None:
    assert to_pay(told) == "1246.93"
    said = waive(told, "verdier", "--reason", "first time late")
    assert f"verdier: {FEES} claimed on F-2026-118 (6.93 EUR interest and 40.00 EUR indemnity)" in said
    assert "46.93 EUR waived, nothing left, and no more is ever claimed on it" in said
    assert "To pay today: 1200.00 EUR. Late fees still open: 0.00 EUR." in said
    assert rows(told) == [HEADER, "2026-11-18;verdier;F-2026-118;;;first time late"]
    assert to_pay(told) == "1200.00"


def test_waived_is_waived_for_good(told: Owner) -> None:
    waive(told, "verdier")
    assert told.run("build", date="2026-11-23") == 0  # the second reminder would have claimed seven days more
    assert to_pay(told, "2026-11-23") == "1200.00"
    assert told.run("check", date="2026-11-23") == 0


def test_said_twice_it_is_done_already(told: Owner) -> None:
    waive(told, "verdier")
    before = told.files()
    said = waive(told, "verdier", "F-2026-118", "--reason", "again", date="2026-11-19")
    assert "It was noted already." in said
    assert "Next:" not in said
    assert told.files() == before


def test_a_part_is_waived_and_the_rest_is_still_to_be_paid(told: Owner) -> None:
    said = waive(told, "verdier", "F-2026-118", "--amount", "40,00")
    assert "40.00 EUR waived, 6.93 EUR left" in said
    assert "ever" not in said
    assert rows(told) == [HEADER, "2026-11-18;verdier;F-2026-118;40,00;EUR;"]
    assert to_pay(told) == "1206.93"
    assert "It was noted already." in waive(told, "verdier", "F-2026-118", "--amount", "40.00")
    assert to_pay(told) == "1206.93"
    assert "46.93 EUR waived, nothing left" in waive(told, "verdier", date="2026-11-19")
    assert to_pay(told, "2026-11-19") == "1200.00"


def test_fees_are_known_by_their_own_name_too(told: Owner) -> None:
    waive(told, "verdier", "f-2026-118/fees")
    assert rows(told)[1:] == ["2026-11-18;verdier;F-2026-118;;;"]


def test_a_trial_records_nothing(told: Owner) -> None:
    before = told.files()
    said = waive(told, "verdier", "--dry-run")
    assert "46.93 EUR waived, nothing left" in said
    assert "Without --dry-run it is." in said
    assert "10.00 EUR waived, 36.93 EUR left" in waive(told, "verdier", "--amount", "10", "--dry-run")
    assert told.files() == before


def test_what_is_waived_before_its_message_left_is_never_claimed(owner: Owner) -> None:
    planned = waive(owner, "verdier", "--dry-run", date="2026-11-16")
    said = waive(owner, "verdier", date="2026-11-16")
    words = f"{FEES} were to be claimed on F-2026-118 (6.93 EUR interest and 40.00 EUR indemnity), by a message that has not left"
    assert words in planned
    assert words in said
    assert to_pay(owner, "2026-11-16") == "1200.00"
    assert owner.run("build") == 0
    assert "46,93" not in owner.page("verdier")
    assert owner.run("sent", "verdier") == 0
    assert to_pay(owner) == "1200.00"


def test_before_any_claim_it_says_that_there_will_be_none(owner: Owner) -> None:
    said = waive(owner, "kite", "F-2026-120", date="2026-11-16")
    assert "kite: no late fees are ever claimed on F-2026-120" in said
    assert "To pay today" not in said
    assert rows(owner)[1:] == ["2026-11-16;kite;F-2026-120;;;"]
    assert "It was noted already." in waive(owner, "kite", "F-2026-120")


def test_only_the_invoices_named_are_waived(told: Owner) -> None:
    said = waive(told, "verdier", "F-2026-121", "F-2026-118", date="2026-11-21")
    assert [line.split(";")[2] for line in rows(told)[1:]] == ["F-2026-121", "F-2026-118"]
    assert "no late fees are ever claimed on F-2026-121" in said


def test_the_page_and_the_links_follow(told: Owner) -> None:
    told.write("portal.toml", CLAIMING + STRIPE)
    assert told.run("build", date=LATER) == 0, told.complained
    assert "1 246,93" in told.page("verdier", LATER).replace("\u202f", " ")
    said = waive(told, "verdier")
    assert "Next: relance build shows it on their page." in said
    assert "relance links --apply takes down the links of the old sums" in said
    assert told.run("build", date=LATER) == 0, told.complained
    assert "1 246,93" not in told.page("verdier", LATER).replace("\u202f", " ")


def test_of_an_agreement_so_much_less_is_left(told: Owner) -> None:
    assert told.run("agree", "verdier", "--plan", "2", date=LATER) == 0, told.complained
    assert "623.46 EUR" in told.said  # half of 1 246,93
    said = waive(told, "verdier")
    assert "keeps its dates; so much less is asked at its end" in said
    told.write("ledger/payments.csv", "date;client;montant\n18/11/2026;verdier;623,47\n")
    assert to_pay(told, "2026-12-18") == "576.53"  # 1 200,00 in all


def test_nothing_claimed_and_no_invoice_named_is_refused(owner: Owner) -> None:
    assert "kite: no late fees that were claimed are open. Name an invoice" in refused(owner, "kite")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nobody",), "no such client"),
        (("verdier", "F-2026-181"), "Did you mean F-2026-118?"),
        (("verdier", "F-2026-120"), "verdier has no such invoice"),
        (
            ("verdier", "--amount", "46,94"),
            "46.94 EUR is more than what is open of the late fees on F-2026-118: 46.93 EUR",
        ),
        (("verdier", "--amount", "0"), "more than nothing"),
        (("verdier", "--amount=-5,00"), "more than nothing"),
        (("verdier", "--amount", "ten"), "ten"),
        (("kite", "F-2026-120", "--amount", "5,00"), "no late fees are claimed on it"),
        (("verdier", "--reason", ""), "the reason is empty"),
    ],
)
def test_what_cannot_be_waived_is_refused(told: Owner, arguments: tuple[str, ...], words: str) -> None:
    assert words in refused(told, *arguments)


def test_an_amount_is_of_one_invoice(told: Owner) -> None:
    said = refused(told, "verdier", "F-2026-118", "F-2026-121", "--amount", "5,00", date="2026-11-21")
    assert "of F-2026-118, F-2026-121, name the one" in said


def test_what_is_paid_is_not_waived(told: Owner) -> None:
    told.write("ledger/payments.csv", "date;client;montant\n17/11/2026;verdier;1246,93\n")
    assert "F-2026-118 is paid, and the 46.93 EUR of late fees with it" in refused(told, "verdier", "F-2026-118")
    assert "no late fees that were claimed are open" in refused(told, "verdier")


def test_a_day_to_come_is_not_written_down(told: Owner) -> None:
    before = told.files()
    today = datetime(2026, 11, 18, 12, tzinfo=UTC)
    assert main(["waive", "--folder", str(told.folder), "--date", "2026-11-19", "verdier"], now=today) == 2
    assert "A waiver cannot be of a day to come" in told.capsys.readouterr().err
    assert told.files() == before


def test_a_client_of_whom_not_all_can_be_read_is_not_decided_on(told: Owner) -> None:
    told.write("portal.toml", f'{CLAIMING}\n[ledger]\nunreadable = "hold"\n')
    invoices = (told.folder / "ledger/invoices.csv").read_text("utf-8")
    told.write("ledger/invoices.csv", invoices + "F-2026-122;verdier;31/02/2026;;Maintenance;150,00\n")
    assert "not all that is known of them can be read" in refused(told, "verdier", "F-2026-118")

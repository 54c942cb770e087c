"""What a client is not offered: told to the owner with the reason, and to nobody else; and what is agreed by the rules of a grade."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.owner import CLIENTS, PORTAL, Owner, new_owner

if TYPE_CHECKING:
    from pathlib import Path

OLD = "".join(
    f"F-{month};kite;01/0{month}/2026;10/0{month}/2026;Oak;100,00\n" for month in (6, 7, 8, 9)
)  # paid ten days late, each
INVOICES = f"""numéro;client;date d'émission;échéance;objet;montant ttc
F-2026-120;kite;01/10/2026;31/10/2026;Oak shelves;1 200,00
F-2026-118;verdier;30/09/2026;30/10/2026;Refonte du site;1 200,00
{OLD}"""
PAYMENTS = "date;client;montant;facture\n" + "".join(
    f"20/0{month}/2026;kite;100,00;F-{month}\n" for month in (6, 7, 8, 9)
)


@pytest.fixture
def owner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Owner:
    """Kite pays ten days late; Verdier is new."""
    made = new_owner(tmp_path / "sable", capsys)
    made.write("ledger/invoices.csv", INVOICES)
    made.write("ledger/payments.csv", PAYMENTS)
    return made


def not_offered(owner: Owner, client: str) -> list[str]:
    assert owner.run("show", client) == 0, owner.complained
    _, found, after = owner.said.partition("  Not offered:\n")
    return [line.strip() for line in after.splitlines() if line.startswith("    ")][:2] if found else []


def test_the_owner_is_told_in_one_line_for_each_kind(owner: Owner) -> None:
    assert not_offered(owner, "kite")[0] == "discount: grade C (discounts from B)"
    assert not_offered(owner, "verdier") == []


def test_public_bodies_and_the_rules_of_a_grade_are_named_by_their_keys(owner: Owner) -> None:
    owner.write("ledger/clients.csv", CLIENTS.replace("Monsieur;", ";").replace(";business;fr", ";public;fr"))
    owner.write(
        "portal.toml", f'{PORTAL}\n[offers.grades.C]\nplans = false\ndiscount = true\nfrom_step = "reminder-3"\n'
    )
    assert not_offered(owner, "verdier") == [
        "discount: a public body (offers.public_bodies)",
        "plan: a public body (offers.public_bodies)",
    ]
    assert not_offered(owner, "kite") == [
        "discount: grade C, nothing before reminder-3 (offers.grades.C)",
        "plan: grade C (offers.grades.C)",
    ]


def test_an_agreement_that_was_broken_is_named_by_its_day(owner: Owner) -> None:
    owner.write(
        "ledger/relance/agreements.csv",
        "agreement;client;invoices;signed_on;due;amount\n"
        "A1;verdier;F-2026-118;2026-11-01;2026-11-02;600\nA1;verdier;F-2026-118;2026-11-01;2026-12-02;600\n",
    )
    assert owner.run("build", date="2026-11-05") == 0, owner.complained
    assert owner.run("sent", "verdier", date="2026-11-05") == 0, owner.complained
    assert owner.run("show", "verdier", date="2026-11-20") == 0, owner.complained
    (line,) = [line.strip() for line in owner.said.splitlines() if line.strip().startswith("plan: the agreement")]
    assert line.startswith("plan: the agreement broken on 2026-11-")
    assert line.endswith(" is not paid (offers.plans.after_broken)")


def test_nobody_else_reads_it(owner: Owner) -> None:
    assert owner.run("build") == 0, owner.complained
    (account,) = owner.show("kite")
    assert "withheld" not in account
    made = [path for room in ("output", "outbox") for path in (owner.folder / room).rglob("*") if path.is_file()]
    assert made
    for path in made:
        text = path.read_bytes().lower()
        assert b"discounts from" not in text
        assert b"not offered" not in text
        assert b"lowest_grade" not in text


def test_what_is_agreed_goes_by_the_rules_of_the_clients_grade(owner: Owner) -> None:
    owner.write("portal.toml", f'{PORTAL}\n[offers.grades.C]\ncounts = [2]\ndown_payment_percent = "50"\n')
    assert owner.run("agree", "verdier", "--plan", "3", "--dry-run") == 0, owner.complained
    assert owner.run("agree", "kite", "--plan", "3") == 2
    assert "your policy has plans in 2 payments" in owner.complained
    owner.run("agree", "kite", "--instalment", "2026-12-01=500", "--instalment", "2027-01-04=700")
    assert "600.00" in owner.complained
    assert owner.run("agree", "kite", "--plan", "2") == 0, owner.complained


def test_what_is_not_offered_by_itself_may_still_be_agreed(owner: Owner) -> None:
    owner.write("portal.toml", f"{PORTAL}\n[offers.grades.C]\nplans = false\n")
    assert owner.run("agree", "kite", "--plan", "3") == 0, owner.complained


def test_the_dates_that_are_agreed_fall_on_the_owners_days_unless_the_first_is_named(owner: Owner) -> None:
    owner.write("portal.toml", PORTAL.replace("[offers.plans]", "[offers.plans]\ndays_of_month = [5]"))
    assert owner.run("agree", "verdier", "--plan", "2", "--dry-run") == 0, owner.complained
    assert "2026-12-07" in owner.said  # the fifth is a Saturday
    assert owner.run("agree", "verdier", "--plan", "2", "--first", "2026-12-10", "--dry-run") == 0, owner.complained
    assert "2026-12-10" in owner.said

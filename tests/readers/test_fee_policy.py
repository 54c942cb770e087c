"""Late fees of one client and waivers of them: a column of clients.csv, a file of the ledger, and what cannot be claimed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from generator.domain.fee_rules import FeePolicy, rules_for
from generator.domain.ledger import FeeWaiver
from generator.domain.money import Money
from generator.domain.policy import FeeMode, Policy, ReminderPolicy, Step
from generator.problems import format_problem
from tests.readers.folder import INVOICES, read

if TYPE_CHECKING:
    from pathlib import Path

    from tests.readers.folder import Read

HEAD = "date;client;invoice;amount;currency;reason"
PARTS = "number;client;issued;due;total;part\nF-1;verdier;01/10/2026;31/10/2026;120,00;1\nF-1;verdier;01/10/2026;30/11/2026;120,00;2\n"
CLAIMING = Policy(late_fees=FeeMode.CLAIM)


def client(folder: Path, cells: str, head: str = "kind;late_fees", policy: Policy | None = None) -> Read:
    return read(
        folder, clients=f"id;name;email;{head}\nverdier;Studio Verdier;a@verdier.example;{cells}\n", policy=policy
    )


def waivers(folder: Path, *rows: str, invoices: str = INVOICES) -> Read:
    return read(folder, invoices=invoices, relance_fee_waivers="\n".join([HEAD, *rows]) + "\n")


# The column


@pytest.mark.parametrize(
    ("word", "mode"),
    [
        ("claim", FeeMode.CLAIM),
        ("Réclamer", FeeMode.CLAIM),
        ("mention", FeeMode.MENTION),
        ("off", FeeMode.OFF),
        ("Aucune", FeeMode.OFF),
        ("", None),
    ],
)
def test_a_client_may_have_a_word_of_their_own(tmp_path: Path, word: str, mode: FeeMode | None) -> None:
    found = client(tmp_path, f"business;{word}")
    assert found.problems == []
    assert found.ledger.clients["verdier"].late_fees is mode


def test_another_word_is_told_with_those_there_are(tmp_path: Path) -> None:
    found = client(tmp_path, "business;maybe", head="kind;pénalités de retard")
    assert found.problems == ["word-unknown 2 pénalités de retard"]
    assert "off, mention, claim" in format_problem(found.found[0])


def test_the_word_of_a_client_counts_before_that_of_everybody(tmp_path: Path) -> None:
    spared = client(tmp_path, "business;off", policy=CLAIMING).ledger.clients["verdier"]
    usual = client(tmp_path, "business;", policy=CLAIMING).ledger.clients["verdier"]
    assert (CLAIMING.fee_mode(spared), CLAIMING.fee_mode(usual)) == (FeeMode.OFF, FeeMode.CLAIM)


@pytest.mark.parametrize(("kind", "claims"), [("business", True), ("public", True), ("consumer", False), ("", False)])
def test_nothing_is_claimed_from_a_consumer_or_from_whom_nobody_knows(tmp_path: Path, kind: str, claims: bool) -> None:  # noqa: FBT001
    found = client(tmp_path, f"{kind};claim").ledger.clients["verdier"]
    assert CLAIMING.claims_from(found) is claims
    assert not Policy().claims_from(client(tmp_path, f"{kind};").ledger.clients["verdier"])


# Of whom it cannot be


def test_a_claim_from_a_consumer_is_told(tmp_path: Path) -> None:
    assert client(tmp_path, "consumer;claim").problems == ["claim-from-consumer 2 late_fees"]
    assert client(tmp_path, "consumer;", policy=CLAIMING).problems == []  # everybody's word is not about them


def test_nothing_is_claimed_by_a_directive_or_by_a_law_that_nobody_knows(tmp_path: Path) -> None:
    for country in ("BE", "CH"):
        policy = Policy(fees=FeePolicy(law=rules_for(country)))
        assert client(tmp_path, "business;claim", policy=policy).problems == ["claim-without-law 2 late_fees"]
        found = client(tmp_path, "business;mention", policy=policy)
        assert found.problems == []
        assert not replace(policy, late_fees=FeeMode.CLAIM).claims_from(
            replace(found.ledger.clients["verdier"], late_fees=None)
        )


def test_a_missing_kind_is_asked_for_and_never_guessed(tmp_path: Path) -> None:
    assert client(tmp_path, ";claim").problems == ["claim-kind-missing 2 kind"]
    assert client(tmp_path, ";mention", policy=CLAIMING).problems == []


def test_many_missing_kinds_are_asked_for_once(tmp_path: Path) -> None:
    rows = "".join(f"c{number};Client {number};a@c{number}.example\n" for number in range(7))
    invoices = "".join(f"F-{number};c{number};01/10/2026;31/10/2026;120,00\n" for number in range(7))
    head = "number;client;issued;due;total\n"
    found = read(tmp_path, clients=f"id;name;email\n{rows}", invoices=head + invoices, policy=CLAIMING)
    assert found.problems == ["claim-kind-missing 2 kind"]
    assert "Client 0, Client 1, Client 2, Client 3, Client 4 and 2 more" in format_problem(found.found[0])


def test_nobody_is_asked_for_the_kind_of_a_client_without_invoices(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        clients="id;name;email;kind\nverdier;V;a@v.example;business\nbrun;B;a@b.example;\n",
        policy=CLAIMING,
    )
    assert found.problems == []


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ("business;claim;formal-notice;;", "they are spared formal-notice and all that follows it"),
        ("business;claim;;none;", "they are never reminded"),
        ("business;claim;;;oui", "they are never reminded"),
        ("business;claim;;loyal;", "their ladder has no formal-notice"),
        ("business;claim;reminder-2;;", ""),
        ("public;claim;;;", ""),
        ("business;;formal-notice;;", ""),
    ],
)
def test_a_client_whom_no_claim_ever_reaches_is_told(tmp_path: Path, cells: str, said: str) -> None:
    ladders = ReminderPolicy(ladders={"loyal": (Step("word", 20),)})
    head = "kind;late_fees;skip_steps;ladder;opt_out"
    found = client(tmp_path, cells, head=head, policy=Policy(reminders=ladders))
    assert found.problems == (["claim-step-spared 2 late_fees"] if said else [])
    assert all(said in format_problem(problem) for problem in found.found)


def test_the_formal_notice_claims_where_a_ladder_lacks_the_step(tmp_path: Path) -> None:
    ladders = ReminderPolicy(ladders={"short": (Step("word", 20), Step("last", 40), Step("formal-notice", 60))})
    policy = Policy(claim_from="reminder-3", reminders=ladders)
    assert client(tmp_path, "business;claim;short", head="kind;late_fees;ladder", policy=policy).problems == []


@pytest.mark.parametrize(
    ("number", "part", "column"), [("F-1", "fees", "part"), ("F-1", "1/Fees", "part"), ("F-1/fees", "", "number")]
)
def test_the_name_of_late_fees_is_no_name_for_an_invoice(tmp_path: Path, number: str, part: str, column: str) -> None:
    row = f"number;client;issued;due;total;part\n{number};verdier;01/10/2026;31/10/2026;120,00;{part}\n"
    assert read(tmp_path, invoices=row).problems == [f"part-reserved 2 {column}"]


# Waivers


def test_all_fees_of_an_invoice_are_waived_or_a_part_of_them(tmp_path: Path) -> None:
    found = waivers(tmp_path, "20/11/2026;verdier;F-1;;;first time", "21/11/2026;verdier;f-1;12,50;;")
    assert found.problems == []
    assert found.ledger.fee_waivers == (
        FeeWaiver("verdier", "F-1", date(2026, 11, 20), None, "first time"),
        FeeWaiver("verdier", "F-1", date(2026, 11, 21), Money(1250, "EUR")),
    )


def test_rows_that_are_alike_in_everything_are_one(tmp_path: Path) -> None:
    row = "20/11/2026;verdier;F-1;10,00;;call of 20 November"
    found = waivers(tmp_path, row, row, row.replace("call", "second call"))
    assert [waiver.reason for waiver in found.ledger.fee_waivers] == [
        "call of 20 November",
        "second call of 20 November",
    ]


def test_an_invoice_in_parts_is_waived_part_by_part(tmp_path: Path) -> None:
    found = waivers(tmp_path, "20/11/2026;verdier;F-1;;;", "20/11/2026;verdier;F-1/2;5,00;;", invoices=PARTS)
    assert found.problems == []
    assert [(waiver.invoice, waiver.amount) for waiver in found.ledger.fee_waivers] == [
        ("F-1/1", None),
        ("F-1/2", None),
        ("F-1/2", Money(500, "EUR")),
    ]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (";verdier;F-1;;;", "cell-missing 2 date"),
        ("31/02/2026;verdier;F-1;;;", "date-impossible 2 date"),
        ("20/11/2026;verdier;;;;", "cell-missing 2 invoice"),
        ("20/11/2026;nobody;F-1;;;", "client-unknown 2 client"),
        ("20/11/2026;verdier;F-2;;;", "invoice-unknown 2 invoice"),
        ("20/11/2026;brun;F-1;;;", "invoice-of-other-client 2 invoice"),
        ("20/11/2026;verdier;F-1;-10,00;;", "amount-not-positive 2 amount"),
        ("20/11/2026;verdier;F-1;0;;", "amount-not-positive 2 amount"),
        ("20/11/2026;verdier;F-1;10,00;GBP;", "currencies-mixed 2 invoice"),
        ("20/11/2026;verdier;F-1;10,00 GBP;;", "currencies-mixed 2 invoice"),
        ("20/11/2026;verdier;F-1;ten;;", "amount-unreadable 2 amount"),
    ],
)
def test_a_waiver_that_cannot_be_is_told_with_its_place(tmp_path: Path, row: str, problem: str) -> None:
    assert waivers(tmp_path, row).problems == [problem]


def test_an_amount_of_several_parts_is_of_none_of_them(tmp_path: Path) -> None:
    found = waivers(tmp_path, "20/11/2026;verdier;F-1;5,00;;", invoices=PARTS)
    assert found.problems == ["waiver-of-several 2 amount"]
    assert found.ledger.fee_waivers == ()


def test_a_credit_note_has_no_fees_to_waive(tmp_path: Path) -> None:
    found = waivers(tmp_path, "20/11/2026;verdier;A-1;;;", invoices=f"{INVOICES}A-1;verdier;02/10/2026;;-10,00\n")
    assert found.problems == ["invoice-unknown 2 invoice"]
    assert "name the invoice" in format_problem(found.found[0])


def test_a_waiver_of_another_clients_invoice_in_parts_is_told_once(tmp_path: Path) -> None:
    found = waivers(tmp_path, "20/11/2026;brun;F-1;;;", invoices=PARTS)
    assert found.problems == ["invoice-of-other-client 2 invoice"]


# What is paid or agreed, with fees or without


@pytest.mark.parametrize(
    ("late_fees", "paid", "told"),
    [
        ("claim", "165,00", []),
        ("claim", "1200,00", ["payment-exceeds-debt 2 invoice"]),
        ("off", "165,00", ["payment-exceeds-debt 2 invoice"]),
    ],
)
def test_more_than_the_invoice_and_any_fees_of_it_is_told(
    tmp_path: Path, late_fees: str, paid: str, told: list[str]
) -> None:
    found = read(
        tmp_path,
        clients=f"id;name;email;kind;late_fees\nverdier;V;a@v.example;business;{late_fees}\n",
        invoices="number;client;issued;due;total\nF-1;verdier;01/10/2026;31/10/2026;120,00\n",
        payments=f"date;client;amount;invoice\n20/12/2026;verdier;{paid};F-1\n",
    )
    assert found.problems == told


@pytest.mark.parametrize(("last", "told"), [("85,00", []), ("800,00", ["agreement-exceeds-debt 2 amount"])])
def test_an_agreement_with_a_zero_too_many_is_told_where_fees_are_claimed(
    tmp_path: Path, last: str, told: list[str]
) -> None:
    found = read(
        tmp_path,
        clients="id;name;email;kind;late_fees\nverdier;V;a@v.example;business;claim\n",
        invoices="number;client;issued;due;total\nF-1;verdier;01/10/2026;31/10/2026;120,00\n",
        relance_agreements=(
            "agreement;client;invoices;signed_on;due;amount\n"
            f"EC-1;verdier;F-1;01/12/2026;15/12/2026;80,00\nEC-1;verdier;F-1;01/12/2026;15/01/2027;{last}\n"
        ),
    )
    assert found.problems == told

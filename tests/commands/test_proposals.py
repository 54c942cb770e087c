"""`relance proposals`, `accept`, `refuse`, `counter`: the owner's answer to what a client proposed, written down and prepared."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from email import policy
from email.parser import BytesParser
from typing import TYPE_CHECKING, Any

import pytest

from generator.cli import main
from tests.commands.test_inbox import email, letter, rows, take
from tests.support.owner import PORTAL, Owner, new_owner

if TYPE_CHECKING:
    from email.message import EmailMessage
    from pathlib import Path

PLAN = "(1) 600,00 € le 5 décembre 2026\n(2) 600,00 € le 5 janvier 2027"


@pytest.fixture
def owner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Owner:
    made = new_owner(tmp_path / "sable", capsys)
    assert made.run("build") == 0, made.complained
    return made


def receive(owner: Owner, lines: str = PLAN, kind: str = "plan", *, ident: str = "m1@verdier.example") -> str:
    """A proposal of verdier's; its id."""
    assert take(owner, email(letter(lines, kind), ident=ident)) == 0, owner.complained
    found: str = waiting(owner)[-1]["id"]
    return found


def waiting(owner: Owner) -> list[dict[str, Any]]:
    assert owner.run("proposals", "--json") == 0, owner.complained
    found: list[dict[str, Any]] = json.loads(owner.said)
    return found


def answers(owner: Owner) -> list[EmailMessage]:
    paths = sorted((owner.folder / "outbox" / "answers").glob("*.eml"))
    return [BytesParser(policy=policy.default).parsebytes(path.read_bytes()) for path in paths]


def words(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return " ".join(str(body.get_content()).split())


def test_without_any_it_says_so(owner: Owner) -> None:
    assert owner.run("proposals") == 0
    assert owner.said == "No proposal waits for you.\n"
    assert waiting(owner) == []


def test_one_that_is_within_the_policy(owner: Owner) -> None:
    name = receive(owner)
    assert owner.run("proposals") == 0
    assert f"{name}  verdier, 2026-11-15: proposes 2 payments" in owner.said
    assert "by 2026-11-18" in owner.said
    assert "within it" in owner.said
    assert f"relance accept {name}\n" in owner.said
    (told,) = waiting(owner)
    assert told == {
        "id": name,
        "client": "verdier",
        "received_on": "2026-11-15",
        "kind": "plan",
        "currency": "EUR",
        "parts": [{"due": "2026-12-05", "amount": "600.00"}, {"due": "2027-01-05", "amount": "600.00"}],
        "sum": "1200.00",
        "answer_by": "2026-11-18",
        "within_policy": True,
        "reasons": [],
        "sender": "compta@verdier.example",
    }


def test_one_that_is_not_says_all_that_is_not(owner: Owner) -> None:
    six = [(12, 2026), (1, 2027), (2, 2027), (3, 2027), (4, 2027), (5, 2029)]
    amounts = ["40,00", "232,00", "232,00", "232,00", "232,00", "232,00"]
    receive(
        owner,
        "\n".join(f"({n}) {amounts[n - 1]} le 05/{month:02}/{year}" for n, (month, year) in enumerate(six, start=1)),
    )
    (told,) = waiting(owner)
    assert told["within_policy"] is False
    reasons = " ".join(told["reasons"])
    for said in ("In 6: your policy has plans in 2, 3, 4", "smallest instalment", "your policy has plans end by"):
        assert said in reasons


def test_less_than_is_owed_waits_and_cannot_be_accepted_as_it_is(owner: Owner) -> None:
    name = receive(owner, PLAN.replace("(2) 600,00", "(2) 500,00"))
    assert "100.00 EUR is missing" in waiting(owner)[0]["reasons"][0]
    assert owner.run("accept", name) == 2
    assert "100.00 EUR is missing" in owner.complained
    assert [one["id"] for one in waiting(owner)] == [name]
    assert not (owner.folder / "ledger/relance/agreements.csv").exists()
    assert answers(owner) == []


def test_the_time_to_answer_is_the_owners(owner: Owner) -> None:
    owner.write("portal.toml", PORTAL.replace("[offers.discount]", "[offers]\nanswer_days = 6\n\n[offers.discount]"))
    receive(owner)
    assert waiting(owner)[0]["answer_by"] == "2026-11-23"
    assert owner.run("proposals", date="2026-11-24") == 0
    assert "which has passed" in owner.said


def test_a_later_proposal_takes_the_place_of_the_first(owner: Owner) -> None:
    first = receive(owner)
    second = receive(owner, PLAN.replace("5 janvier", "12 janvier"), ident="m2@verdier.example")
    assert [one["id"] for one in waiting(owner)] == [second]
    assert owner.run("accept", first) == 2
    assert "gave way to a later one" in owner.complained


def test_accepting_a_plan_records_the_agreement_and_prepares_a_courteous_answer(owner: Owner) -> None:
    name = receive(owner)
    assert owner.run("accept", "verdier") == 0, owner.complained
    agreed = (owner.folder / "ledger/relance/agreements.csv").read_text("utf-8-sig").splitlines()[1:]
    assert [line.split(";")[4:6] for line in agreed] == [["2026-12-05", "600,00"], ["2027-01-05", "600,00"]]
    assert rows(owner)[-1].split(";")[:8] == [name, "verdier", "2026-11-16", "plan", "", "", "", "accepted"]
    assert waiting(owner) == []
    shown = owner.show("verdier")[0]
    assert [part["due"] for part in shown["agreement"]["instalments"]] == ["2026-12-05", "2027-01-05"]
    assert shown["reminders"]["held"] != "answered"
    (answer,) = answers(owner)
    assert answer["To"] == "Anne Verdier <compta@verdier.example>"
    assert answer["In-Reply-To"] == "<m1@verdier.example>"
    assert answer["X-Unsent"] == "1"
    assert "d’accord" in str(answer["Subject"])
    assert "5 décembre 2026" in words(answer)
    assert words(answer).count("600,00") == 2
    assert shown["portal_url"] in words(answer)
    assert owner.run("check") == 0, owner.complained


def test_accepting_twice_does_nothing_more(owner: Owner) -> None:
    name = receive(owner)
    assert owner.run("accept", name) == 0
    before = owner.files()
    assert owner.run("accept", name) == 0
    assert "accepted already" in owner.said
    assert owner.files() == before


def test_a_run_that_died_between_the_agreement_and_the_word_is_finished_by_the_next(owner: Owner) -> None:
    name = receive(owner)
    text = (owner.folder / "ledger/relance/proposals.csv").read_bytes()
    assert owner.run("accept", name) == 0
    owner.folder.joinpath("ledger/relance/proposals.csv").write_bytes(text)
    agreements = (owner.folder / "ledger/relance/agreements.csv").read_bytes()
    assert owner.run("accept", name, date="2026-11-17") == 0, owner.complained
    assert (owner.folder / "ledger/relance/agreements.csv").read_bytes() == agreements
    assert waiting(owner) == []


def test_past_the_policy_only_with_a_reason_that_is_kept(owner: Owner) -> None:
    name = receive(owner, "\n".join(f"({n}) 200,00 € le 05/{n:02}/2027" for n in range(1, 7)))
    assert owner.run("accept", name) == 2
    assert "--override" in owner.complained
    assert len(waiting(owner)) == 1
    assert owner.run("accept", name, "--override", "un client de vingt ans") == 0, owner.complained
    assert "un client de vingt ans" in (owner.folder / "ledger/relance/agreements.csv").read_text("utf-8-sig")


def test_accepting_a_day_notes_a_promise(owner: Owner) -> None:
    receive(owner, "montant : 500,00 le : 27/11/2026", "date")
    assert owner.run("accept", "verdier") == 0, owner.complained
    promised = (owner.folder / "ledger/relance/promises.csv").read_text("utf-8-sig").splitlines()[1:]
    assert promised == ["verdier;2026-11-16;2026-11-27;;500,00;EUR"]
    assert owner.show("verdier")[0]["reminders"]["held"] == "promised"
    assert "27 novembre 2026" in words(answers(owner)[0])


def test_a_payment_that_was_made_is_looked_for_and_never_booked(owner: Owner) -> None:
    name = receive(owner, "montant : 1 200,00 le : 12/11/2026 par : virement", "paid")
    (told,) = waiting(owner)
    assert told["within_policy"] is None
    assert owner.run("counter", name, "--plan", "2") == 2
    assert owner.run("refuse", name) == 0, owner.complained
    assert "ne le retrouvons pas encore" in words(answers(owner)[0])
    again = receive(owner, "montant : 100,00 le : 12/11/2026", "paid", ident="m3@verdier.example")
    assert owner.run("accept", again) == 0
    assert owner.show("verdier")[0]["totals"]["overdue"] == "1200.00"
    assert len(answers(owner)) == 1


def test_nobody_is_reminded_while_it_waits_nor_before_they_could_come_back_to_it(owner: Owner) -> None:
    name = receive(owner)
    assert owner.run("answered", "verdier") == 0
    assert owner.show("verdier", date="2026-11-30")[0]["reminders"]["held"] == "answered"
    assert owner.run("refuse", name) == 0
    for day, held in (("2026-11-16", "answered"), ("2026-11-19", "answered"), ("2026-11-20", None)):
        assert owner.show("verdier", date=day)[0]["reminders"]["held"] == held
    assert owner.show("verdier", date="2026-11-20")[0]["reminders"]["due_today"]["step"] == "reminder-1"


def test_a_refusal_leaves_a_way_open(owner: Owner) -> None:
    name = receive(owner)
    assert owner.run("refuse", name, "--reason", "Notre exercice se termine en décembre.") == 0, owner.complained
    assert rows(owner)[-1].split(";")[7:9] == ["refused", "Notre exercice se termine en décembre."]
    said = words(answers(owner)[0])
    assert "Notre exercice se termine en décembre." in said
    assert "Nous tenons à trouver une solution avec vous" in said
    assert not (owner.folder / "ledger/relance/agreements.csv").exists()
    assert owner.run("refuse", name) == 0
    assert "refused already" in owner.said
    assert owner.run("accept", name) == 2


def test_a_refused_proposal_may_be_made_again(owner: Owner) -> None:
    name = receive(owner)
    assert owner.run("refuse", name) == 0
    again = receive(owner, ident="m9@verdier.example")
    assert again != name
    assert take(owner, email(letter(PLAN), ident="m1@verdier.example")) == 0
    assert [one["id"] for one in waiting(owner)] == [again]


def test_another_schedule_is_proposed_and_kept(owner: Owner) -> None:
    name = receive(owner, "\n".join(f"({n}) 200,00 € le 05/{n:02}/2027" for n in range(1, 7)))
    assert owner.run("counter", name, "--plan", "3", "--first", "2026-12-01", "--reason", "Trois fois au plus.") == 0, (
        owner.complained
    )
    added = [row.split(";") for row in rows(owner) if ";countered;" in row]
    assert [cells[4:6] for cells in added] == [
        ["2026-12-01", "400,00"],
        ["2027-01-04", "400,00"],
        ["2027-02-01", "400,00"],
    ]
    said = words(answers(owner)[0])
    assert "Trois fois au plus." in said
    assert "400,00" in said
    assert "when they say yes: relance agree verdier --offer RF" in owner.said, "it keeps its reference and its link"
    assert owner.show("verdier")[0]["agreement"] is None
    assert owner.run("check") == 0, owner.complained


def test_it_is_for_today(owner: Owner) -> None:
    """An offer of a day gone by would be over before anybody sees it, and stand in the journal for good."""
    name = receive(owner)
    before = owner.files()
    typed = ["counter", "--folder", str(owner.folder), "--date", "2026-11-06", name, "--plan", "3"]
    assert main(typed, now=datetime(2026, 11, 16, 12, tzinfo=UTC)) == 2
    assert owner.files() == before


def test_it_is_an_offer_too_that_the_first_payment_accepts(owner: Owner) -> None:
    name = receive(owner, "\n".join(f"({n}) 200,00 € le 05/{n:02}/2027" for n in range(1, 7)))
    uneven = ("--instalment", "2026-12-01=700,00", "--instalment", "2027-01-15=500,00")
    assert owner.run("counter", name, *uneven) == 0, owner.complained
    assert "they may also accept it on their page until 2026-12-01, reference RF" in owner.said
    reference = owner.said.split("reference ")[1].split(":")[0]
    assert "réglez la première somme depuis votre page" in words(answers(owner)[0])
    [plan] = [offer for offer in owner.show("verdier")[0]["offers"] if offer["kind"] == "plan"]
    assert [part["amount"] for part in plan["instalments"]] == ["700.00", "500.00"]
    owner.write("ledger/payments.csv", f"date;client;montant;référence\n01/12/2026;verdier;700,00;{reference}\n")
    agreement = owner.show("verdier", date="2026-12-02")[0]["agreement"]
    assert (agreement["reference"], agreement["holds"]) == (reference, True)
    assert [part["paid"] for part in agreement["instalments"]] == ["700.00", "0.00"]


def test_what_the_owner_proposes_themselves_keeps_to_the_policy(owner: Owner) -> None:
    name = receive(owner)
    assert owner.run("counter", name, "--plan", "6") == 2
    assert "your policy has plans in" in owner.complained
    assert owner.run("counter", name, "--instalment", "2026-12-01=1200", "--first", "2026-12-01") == 2
    assert len(rows(owner)) == 2
    assert answers(owner) == []


def test_a_reason_cannot_deceive_or_run_on(owner: Owner) -> None:
    name = receive(owner)
    for reason in ("", "x" * 501):
        assert owner.run("refuse", name, "--reason", reason) == 2, reason
    assert owner.run("refuse", name, "--reason", "[x](https://evil.example) <b>{{ 7*7 }}</b>") == 0
    html = answers(owner)[0].get_body(("html",))
    assert html is not None
    assert 'href="https://evil.example' not in html.get_content()
    assert "<b>" not in html.get_content()
    assert "49" not in words(answers(owner)[0])


def test_one_that_does_not_exist(owner: Owner) -> None:
    for verb in (["accept"], ["refuse"], ["counter", "--plan", "2"]):
        assert owner.run(verb[0], "P261115-AAAA", *verb[1:]) == 2
        assert "Nothing was recorded" in owner.complained


def test_the_report_says_what_waits(owner: Owner) -> None:
    name = receive(owner)
    assert owner.run("build") == 0, owner.complained
    report = (owner.folder / "report" / "index.html").read_text("utf-8")
    assert name in report
    assert f"relance accept {name}" in report
    assert owner.run("accept", name) == 0
    assert owner.run("build") == 0
    assert f"relance accept {name}" not in (owner.folder / "report" / "index.html").read_text("utf-8")


def test_the_answer_stays_when_the_outbox_is_made_anew(owner: Owner) -> None:
    assert owner.run("refuse", receive(owner)) == 0
    assert owner.run("build") == 0
    assert len(answers(owner)) == 1

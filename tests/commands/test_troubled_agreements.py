"""What happens to agreements in real life: two at once, money that goes back, a dispute, a credit note. No cent is lost or asked twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.negotiating import CLIENT, INVOICES, Desk, calendar, desk, written
from tests.support.sandbox import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = LOOPBACK
OFFERED, NEXT = "2026-11-23", "2026-11-24"


@pytest.fixture
def at(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """1 200,00 late since 30 October, and today's letter offers plans in 2, 3 and 4; their links are on the page."""
    with desk(tmp_path, capsys, monkeypatch) as made:
        made.does("sent", CLIENT, date="2026-11-16")
        made.posts(OFFERED)
        yield made


def schedule(at: Desk, date: str) -> list[tuple[str, str]]:
    """What is agreed and what is paid of it, date by date."""
    return [(part["amount"], part["paid"]) for part in at.show(date)["agreement"]["instalments"]]


def totals(at: Desk, date: str) -> tuple[str, str, str]:
    """What is open, what is asked for now, and the client's credit."""
    told = at.show(date)["totals"]
    return told["open"], told["to_pay"], told["credit"]


def later(at: Desk) -> None:
    """An hour passes before the next payment."""
    at.at.clock.pass_(hours=1)


class TestTwoAcceptancesAtOnce:
    @pytest.mark.parametrize(
        ("first", "second", "agreed", "next_"),
        [
            ("300.00", "400.00", [("300.00", "300.00")] * 2 + [("300.00", "100.00"), ("300.00", "0.00")], "200.00"),
            ("400.00", "300.00", [("400.00", "400.00"), ("400.00", "300.00"), ("400.00", "0.00")], "100.00"),
            ("600.00", "400.00", [("600.00", "600.00"), ("600.00", "400.00")], "200.00"),
        ],
    )
    def test_the_first_payment_decides_and_the_second_is_paid_in_advance(
        self, at: Desk, first: str, second: str, agreed: list[tuple[str, str]], next_: str
    ) -> None:
        at.pay(f"plan {first}")
        later(at)
        at.pay(f"plan {second}")
        recap = at.letter(NEXT)
        assert schedule(at, NEXT) == agreed
        left = f"{1200 - float(first) - float(second):.2f}"
        assert totals(at, NEXT) == (left, next_, "0.00")
        assert at.active() == [f"instalment {next_}", *([f"rest {left}"] if left != next_ else [])]
        assert f"{left.replace('.', ',')} €" in written(recap)
        assert at.show(NEXT)["reminders"]["due_today"] is None  # it is one agreement, and told once
        assert len({uid for uid, *_ in calendar(recap)}) == sum(paid != amount for amount, paid in agreed)

    def test_all_three_leave_nothing_to_pay_and_a_hundred_to_give_back(self, at: Desk) -> None:
        for amount in ("300.00", "400.00", "600.00"):
            at.pay(f"plan {amount}")
        at.cash(NEXT)
        assert totals(at, NEXT) == ("0.00", "0.00", "100.00")
        assert at.active() == []
        assert at.show(NEXT)["reminders"]["held"] == "paid"
        assert "credit    €100.00" in at.does("show", CLIENT, date=NEXT)

    def test_in_the_same_second_one_of_them_holds_however_often_it_is_read(self, at: Desk) -> None:
        at.pay("plan 300.00")
        at.pay("plan 600.00")
        at.cash(NEXT)
        told = at.show(NEXT)
        assert told["totals"]["open"] == "300.00"
        assert sum(float(paid) for _, paid in schedule(at, NEXT)) == 900
        assert "Nothing new" in at.does("reconcile", date=NEXT)
        assert at.show(NEXT)["agreement"] == told["agreement"]

    def test_a_plan_and_all_of_it_is_paid_with_the_difference_to_give_back(self, at: Desk) -> None:
        session = at.pay("plan 300.00")
        later(at)
        at.pay("invoice 1200.00")
        at.cash(NEXT)
        assert at.show(NEXT)["reminders"]["due_today"] is None
        assert totals(at, NEXT) == ("0.00", "0.00", "300.00")
        assert at.active() == []
        at.at.sandbox.refund(session)
        at.cash("2026-11-25")
        assert totals(at, "2026-11-25") == ("0.00", "0.00", "0.00")
        assert at.show("2026-11-25")["reminders"]["due_today"] is None


class TestAnInstalmentAndAllThatIsLeftAtOnce:
    @pytest.mark.parametrize("order", [("instalment 300.00", "rest 900.00"), ("rest 900.00", "instalment 300.00")])
    def test_the_debt_is_paid_once_and_what_came_twice_is_theirs(self, at: Desk, order: tuple[str, str]) -> None:
        at.pay("plan 300.00")
        at.cash(NEXT)
        for link in order:
            at.pay(link)
            later(at)
        at.cash("2026-11-25")
        assert totals(at, "2026-11-25") == ("0.00", "0.00", "300.00")
        assert at.active() == []

    def test_all_that_is_left_ends_the_plan_to_the_cent(self, at: Desk) -> None:
        at.pay("plan 400.00")
        at.cash(NEXT)
        at.pay("rest 800.00")
        at.cash("2026-11-25")
        assert totals(at, "2026-11-25") == ("0.00", "0.00", "0.00")
        assert schedule(at, "2026-11-25") == [("400.00", "400.00")] * 3
        assert at.active() == []


class TestAFirstInstalmentThatGoesBack:
    @pytest.fixture
    def refunded(self, at: Desk) -> Desk:
        """The plan was taken, told in writing, and its first payment given back the day after."""
        session = at.pay("plan 300.00")
        at.cash(NEXT)
        at.posts(NEXT)
        at.at.sandbox.refund(session)
        at.cash("2026-11-25")
        return at

    def test_there_is_no_agreement_and_all_is_open_again(self, refunded: Desk) -> None:
        at = refunded
        assert totals(at, "2026-11-25") == ("1200.00", "1200.00", "0.00")
        assert at.show("2026-11-25")["agreement"] is None
        assert at.active() == ["invoice 1200.00", "plan 300.00", "plan 400.00", "plan 600.00"]
        assert "Nothing new" in at.does("reconcile", date="2026-11-25")

    def test_the_client_is_told_only_with_the_owners_word_and_the_dates_leave_their_calendar(
        self, refunded: Desk
    ) -> None:
        at = refunded
        policy = (at.owner.folder / "portal.toml").read_text("utf-8")
        at.owner.write("portal.toml", f'{policy}\n[reminders]\napprove = "none"\n')
        due = at.show("2026-11-25")["reminders"]["due_today"]
        assert (due["step"], due["waits"]) == ("recap", True)
        told = at.letter("2026-11-25")
        assert "n’est plus en vigueur" in written(told)
        assert {state for _, _, state, _ in calendar(told)} == {"CANCELLED"}
        assert at.show("2026-11-25")["reminders"]["due_today"] is None

    def test_nobody_is_reminded_before_the_owner_said_whether_it_was_a_gesture(self, refunded: Desk) -> None:
        at = refunded
        at.posts("2026-11-25")
        assert at.show("2026-12-07")["reminders"]["held"] == "review"
        at.does("review", CLIENT, date="2026-12-07")
        reminder = at.show("2026-12-07")["reminders"]["due_today"]
        assert reminder["step"] == "reminder-3"
        assert "1 200,00 €" in written(at.letter("2026-12-07"))

    def test_the_plan_can_be_taken_again_until_its_last_day_and_paid_to_the_end(self, refunded: Desk) -> None:
        at = refunded
        at.pay("plan 300.00")
        at.cash("2026-11-26")
        assert schedule(at, "2026-11-26") == [("300.00", "300.00")] + [("300.00", "0.00")] * 3
        for day in ("2026-12-22", "2027-01-20", "2027-02-20"):
            at.pay("instalment 300.00")
            at.cash(day)
        assert totals(at, "2027-02-20") == ("0.00", "0.00", "0.00")
        assert at.active() == []

    def test_a_part_of_it_given_back_is_asked_for_to_the_cent(self, at: Desk) -> None:
        session = at.pay("plan 300.00")
        at.cash(NEXT)
        at.posts(NEXT)
        at.at.sandbox.refund(session, 10001)
        at.cash("2026-11-25")
        assert totals(at, "2026-11-25")[0] == "1000.01"
        assert all(link.total <= 100001 for link in at.links())

    def test_of_a_later_one_nobody_is_asked_again_before_the_owner_said_whether_it_was_a_gesture(
        self, at: Desk
    ) -> None:
        at.pay("plan 300.00")
        at.cash(NEXT)
        at.posts(NEXT)
        session = at.pay("instalment 300.00")
        at.cash("2026-12-01")
        at.at.sandbox.refund(session)
        at.cash("2026-12-02")
        assert totals(at, "2026-12-18") == ("900.00", "300.00", "0.00")
        for day in ("2026-12-18", "2026-12-28"):
            told = at.show(day)["reminders"]
            assert (told["due_today"], told["to_review"]) == (None, ["F-2026-118"])
        at.does("review", CLIENT, date="2026-12-28")
        assert at.show("2026-12-28")["reminders"]["due_today"]["step"] == "instalment-late"


class TestAnInvoiceThatIsDisputedLater:
    @pytest.fixture
    def disputed(self, at: Desk) -> Desk:
        """The plan is taken and its first instalment paid; then the client says that the invoice is wrong."""
        at.pay("plan 300.00")
        at.cash(NEXT)
        at.posts(NEXT)
        at.does("dispute", CLIENT, "F-2026-118", "Une page manque", date="2026-12-01")
        return at

    def test_nothing_is_asked_and_nobody_is_written_to_while_it_lasts(self, disputed: Desk) -> None:
        at = disputed
        for day in ("2026-12-01", "2026-12-18", "2026-12-29"):
            assert at.show(day)["reminders"]["due_today"] is None, day
            assert totals(at, day) == ("900.00", "0.00", "0.00")
        assert at.writes("2027-01-08") is None
        assert at.active() == []
        assert "Une page manque" in at.words("2027-01-08")

    def test_once_settled_the_agreement_stands_and_asks_for_its_late_date_alone(self, disputed: Desk) -> None:
        """While it was disputed nobody was asked for 23 December: nothing can have been broken by that."""
        at = disputed
        at.does("dispute", CLIENT, "F-2026-118", "--close", date="2027-01-08")
        asked = at.letter("2027-01-11")
        assert at.show("2027-01-11")["agreement"]["holds"]
        assert totals(at, "2027-01-11") == ("900.00", "300.00", "0.00")
        assert "300,00 €" in written(asked)
        assert "900,00" not in written(asked)
        assert at.active() == ["instalment 300.00", "rest 900.00"]

    def test_settled_by_a_credit_note_the_rest_is_paid_on_its_dates(self, disputed: Desk) -> None:
        at = disputed
        at.owner.write("ledger/invoices.csv", f"{INVOICES}A-1;verdier;05/12/2026;;Une page manquait;-150,00\n")
        at.does("dispute", CLIENT, "F-2026-118", "--close", date="2026-12-05")
        at.cash("2026-12-07")
        assert totals(at, "2026-12-07")[0] == "750.00"
        at.pay("instalment 150.00")
        for day in ("2026-12-22", "2027-01-20"):
            at.cash(day)
            at.pay("instalment 300.00")
        at.cash("2027-02-20")
        assert totals(at, "2027-02-20") == ("0.00", "0.00", "0.00")
        assert at.active() == []


class TestACreditNoteInTheMiddleOfAPlan:
    NAMED = INVOICES.replace("montant ttc", "montant ttc;avoir_de").replace("1 200,00", "1 200,00;")

    @pytest.mark.parametrize(
        "ledger",
        [
            pytest.param(f"{INVOICES}A-1;verdier;01/12/2026;;Geste;-400,00\n", id="of no invoice in particular"),
            pytest.param(f"{NAMED}A-1;verdier;01/12/2026;;Geste;-400,00;F-2026-118\n", id="of this invoice"),
        ],
    )
    def test_just_so_much_less_is_asked_for_and_paid(self, at: Desk, ledger: str) -> None:
        at.pay("plan 300.00")
        at.cash(NEXT)
        at.posts(NEXT)
        at.owner.write("ledger/invoices.csv", ledger)
        assert (
            at.show("2026-12-01")["reminders"]["due_today"]["step"] == "recap"
        )  # less is asked: their calendar is told
        assert totals(at, "2026-12-01") == ("500.00", "200.00", "0.00")
        at.posts("2026-12-01")
        assert at.show("2026-12-18")["reminders"]["due_today"] is None  # 23 December is covered: no word about it
        word = at.letter("2027-01-22")
        assert "200,00 €" in written(word)
        at.pay("instalment 200.00")
        at.cash("2027-01-25")
        at.pay("instalment 300.00")
        at.cash("2027-02-22")
        assert totals(at, "2027-02-22") == ("0.00", "0.00", "0.00")
        assert at.active() == []

    def test_larger_than_what_is_left_it_ends_the_plan_and_the_rest_is_theirs(self, at: Desk) -> None:
        at.pay("plan 300.00")
        at.cash(NEXT)
        at.posts(NEXT)
        at.owner.write("ledger/invoices.csv", f"{INVOICES}A-1;verdier;01/12/2026;;Geste;-1000,00\n")
        told = at.letter("2026-12-01")
        assert totals(at, "2026-12-01") == ("0.00", "0.00", "100.00")
        assert at.active() == []
        assert {state for _, _, state, _ in calendar(told)} == {"CANCELLED"}
        for day in ("2026-12-02", "2026-12-18", "2027-01-22"):
            assert at.show(day)["reminders"]["due_today"] is None, day


class TestAnotherAgreementInThePlaceOfABrokenOne:
    @pytest.fixture
    def again(self, at: Desk) -> Desk:
        """23 December was missed and asked for twice, the client was told of the end, and then agreed to 3 × 300 from 20 January."""
        at.pay("plan 300.00")
        at.cash(NEXT)
        for day in (NEXT, "2026-12-18", "2026-12-28", "2027-01-04", "2027-01-11"):
            at.does("sent", CLIENT, date=day)
        assert not at.show("2027-01-11")["agreement"]["holds"]
        assert totals(at, "2027-01-11") == ("900.00", "900.00", "0.00")
        self.before = at.show("2027-01-11")["agreement"]
        terms = ("--plan", "3", "--first", "2027-01-20", "--replaces", self.before["id"])
        at.does("agree", CLIENT, *terms, date="2027-01-12")
        return at

    def test_money_with_the_old_reference_is_paid_on_the_new_one(self, again: Desk) -> None:
        at = again
        at.booked(f"2027-01-19;{CLIENT};300,00;;{self.before['reference']}")
        assert schedule(at, "2027-01-20") == [("300.00", "300.00"), ("300.00", "0.00"), ("300.00", "0.00")]
        assert at.show("2027-01-20")["agreement"]["id"] != self.before["id"]

    def test_it_can_be_broken_and_replaced_again_and_no_cent_moves(self, again: Desk) -> None:
        at = again
        for day in ("2027-01-12", "2027-01-25", "2027-02-01", "2027-02-08"):
            at.does("sent", CLIENT, date=day)  # the recap, two words about 20 January, and the end
        second = at.show("2027-02-08")["agreement"]
        assert not second["holds"]
        parts = ("--instalment", "2027-02-15=899,99", "--instalment", "2027-03-15=0,01")
        reason = ("--override", "Le solde d’un coup, le centime après")
        at.does("agree", CLIENT, *parts, "--replaces", second["id"], *reason, date="2027-02-09")
        at.cash("2027-02-09")
        assert at.active() == ["instalment 899.99", "rest 900.00"]
        at.booked(f"2027-02-15;{CLIENT};899,99;;{second['reference']}", f"2027-03-12;{CLIENT};0,01;;")
        assert totals(at, "2027-03-15") == ("0.00", "0.00", "0.00")
        assert schedule(at, "2027-03-15") == [("899.99", "899.99"), ("0.01", "0.01")]

    def test_one_that_does_not_add_up_is_refused_and_the_rest_stays_due(self, again: Desk) -> None:
        at = again
        held = at.show("2027-01-13")["agreement"]["id"]
        before = at.owner.files()
        typed = ("--instalment", "2027-01-20=899,99", "--replaces", held)
        assert at.run("agree", CLIENT, *typed, date="2027-01-13") == 2
        assert "0.01 EUR is missing" in at.owner.complained
        assert at.owner.files() == before


class TestAWaiverThatFalls:
    """1 170,00 of 1 200,00 in three payments, the rest waived once they are kept; then something comes between."""

    @pytest.fixture
    def waiving(self, at: Desk) -> Desk:
        terms = ("--plan", "3", "--first", "2026-12-01", "--discount", "30,00", "--override", "Cliente de longue date")
        at.does("agree", CLIENT, *terms, date=OFFERED)
        self.before = at.show(OFFERED)["agreement"]
        assert "30,00 € de moins que la somme due" in written(at.letter(NEXT))
        return at

    def test_called_off_it_is_nobodys_fault_and_the_client_is_told_that_it_waives_no_more(self, waiving: Desk) -> None:
        waiving.does("agree", CLIENT, "--end", "Ne souhaite plus échelonner", date="2026-11-25")
        waiving.morning("2026-11-25")
        words = waiving.words("2026-11-25")
        assert "n’ayant pas été réglée" not in words
        assert "Reste à régler 1 170,00 €" not in words
        assert "La remise de 30,00 €, prévue une fois l’échéancier tenu, n’est donc plus acquise." in written(
            waiving.letter("2026-11-26")
        )
        assert totals(waiving, "2026-11-26") == ("1200.00", "1200.00", "0.00")

    def test_replaced_by_one_that_waives_nothing_its_recap_says_so(self, waiving: Desk) -> None:
        waiving.booked(f"2026-12-01;{CLIENT};390,00;;{self.before['reference']}")
        again = ("--plan", "2", "--first", "2027-01-05", "--replaces", self.before["id"])
        assert "promised no more" in waiving.does("agree", CLIENT, *again, date="2026-12-02")
        recap = written(waiving.letter("2026-12-02"))
        assert "La remise de 30,00 € qui dépendait du précédent n’est plus acquise" in recap
        assert "810,00 €" in recap

    def test_replaced_by_one_that_waives_as_much_nothing_is_lost(self, waiving: Desk) -> None:
        terms = ("--plan", "2", "--first", "2026-12-15", "--discount", "30,00", "--override", "Idem")
        waiving.does("agree", CLIENT, *terms, "--replaces", self.before["id"], date="2026-11-25")
        assert "n’est plus acquise" not in written(waiving.letter("2026-11-25"))

    def test_paid_without_it_once_it_was_over_the_page_still_says_why_something_is_left(self, waiving: Desk) -> None:
        days = ("2026-12-04", "2026-12-11", "2026-12-18")  # two words about 1 December, and the end
        for day in days:
            waiving.does("sent", CLIENT, date=day)
        assert not waiving.show("2026-12-18")["agreement"]["holds"]
        waiving.booked(f"2026-12-21;{CLIENT};1170,00;;{self.before['reference']}")
        assert totals(waiving, "2026-12-22") == ("30.00", "30.00", "0.00")
        waiving.morning("2026-12-22")
        assert "La remise de 30,00 €, prévue une fois l’échéancier tenu, n’est plus acquise." in waiving.words(
            "2026-12-22"
        )


class TestPaidTwice:
    def test_the_receipt_names_the_money_that_is_theirs(self, at: Desk) -> None:
        policy = at.owner.folder / "portal.toml"
        policy.write_text(policy.read_text(encoding="utf-8") + "\n[reminders]\nreceipts = true\n", encoding="utf-8")
        at.booked(f"2026-11-23;{CLIENT};1200,00;F-2026-118;", f"2026-11-24;{CLIENT};1200,00;F-2026-118;")
        told = written(at.letter("2026-11-25"))
        assert totals(at, "2026-11-25") == ("0.00", "0.00", "1200.00")
        assert "Vous disposez d’un crédit de 1 200,00 €" in told

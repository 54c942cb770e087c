"""What this project was begun for, word by word, on the command line of an owner: page, email, links and JSON say the same."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.support.negotiating import CLIENT, INVOICES, Desk, calendar, desk, written
from tests.support.sandbox import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = LOOPBACK
ASKED, OFFERED = "2026-11-16", "2026-11-23"
LAST_DAY, TOO_LATE = "2026-12-03", "2026-12-04"
DISCOUNT = """
[offers.discount]
percent = "5"
days = 10

[[reminders.steps]]
name = "reminder-1"
days = 7
[[reminders.steps]]
name = "reminder-2"
days = 14
offers = ["discount"]
"""
FOUR = [("2026-11-23", "300.00"), ("2026-12-23", "300.00"), ("2027-01-25", "300.00"), ("2027-02-23", "300.00")]


@pytest.fixture
def open_desk(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Desk]]:
    """Makes the desk of an owner: one client, F-2026-118, 1 200,00 € late since 30 October 2026."""
    opened = []

    def make(more: str = "", invoices: str = INVOICES) -> Desk:
        opened.append(desk(tmp_path / "sable", capsys, monkeypatch, more=more, invoices=invoices))
        return opened[-1].__enter__()

    yield make
    for one in opened:
        one.__exit__(None, None, None)


def parts(plan: dict[str, object]) -> list[tuple[str, str]]:
    """The instalments of an offer or an agreement in the JSON: each day and amount."""
    found = plan["instalments"]
    assert isinstance(found, list)
    return [(part["due"], part["amount"]) for part in found]


def offered(at: Desk) -> str:
    """The first letter leaves, and a week later the one with the plans: what that says. The day after, its links are on the page."""
    at.does("sent", CLIENT, date=ASKED)
    return written(at.letter(OFFERED))


def reference(at: Desk, way: str) -> str:
    """What a transfer must say to take an offer, as the client reads it on the page of that day."""
    found = re.search(r"\bRF\d\d[0-9A-Z]+", at.owner.page(CLIENT, OFFERED).partition(way)[2])
    assert found
    return found[0]


class TestTwelveHundredInFourMonths:
    def test_is_four_times_three_hundred_wherever_it_is_said(self, open_desk: Callable[..., Desk]) -> None:
        at = open_desk()
        text = offered(at)
        plan = at.offers(OFFERED)[-1]
        assert (parts(plan), plan["amount"]) == (FOUR, "1200.00")
        assert "par exemple 4 versements de 300,00 €" in text
        section = at.words(OFFERED).partition("En 4 fois")[2]
        assert re.findall(r"(\S+) €", section.partition("Total")[0]).count("300,00") == len(FOUR)
        assert at.active() == ["invoice 1200.00", "plan 300.00", "plan 400.00", "plan 600.00"]
        (link,) = [link for link in at.links() if link.total == 30000]
        assert plan["pay_url"] == f"{at.at.url}/pay/{link.id}"

    def test_paid_month_by_month_leaves_exactly_nothing(self, open_desk: Callable[..., Desk]) -> None:
        at = open_desk()
        offered(at)
        agreed = reference(at, "En 4 fois")
        rows: list[str] = []
        for number, (due, _) in enumerate(FOUR, start=1):
            rows.append(f"{due};{CLIENT};300,00;;{agreed}")
            at.booked(*rows)
            account = at.show(due)
            assert account["totals"]["open"] == f"{1200 - 300 * number}.00"
            assert [part["paid"] for part in account["agreement"]["instalments"]] == ["300.00"] * number + ["0.00"] * (
                4 - number
            )
        account = at.show("2027-03-31")
        assert account["totals"]["credit"] == "0.00"
        assert account["items"][0]["status"] == "paid"
        assert account["reminders"]["due_today"] is None

    def test_a_sum_that_does_not_divide_loses_no_cent(self, open_desk: Callable[..., Desk]) -> None:
        at = open_desk(invoices=INVOICES.replace("1 200,00", "1 000,03"))
        text = offered(at)
        plan = at.offers(OFFERED)[-1]
        assert [amount for _, amount in parts(plan)] == ["250.01", "250.01", "250.01", "250.00"]
        assert "250,01" in text
        assert "plan 250.01" in at.active()


class TestFivePercentWithinTenDaysOfTheOffer:
    def test_is_the_same_everywhere_and_does_not_move(self, open_desk: Callable[..., Desk]) -> None:
        at = open_desk(DISCOUNT)
        text = offered(at)
        (offer,) = at.offers(OFFERED, "discount")
        assert (offer["amount"], offer["saving"], offer["valid_until"]) == ("1140.00", "60.00", LAST_DAY)
        assert "1 140,00 € au lieu de 1 200,00 €" in text
        assert "3 décembre 2026" in text
        assert "60,00 € de moins" in text
        assert "1 140,00 € au lieu de 1 200,00 € : vous économisez 60,00 € (5 %)" in at.words(OFFERED)
        assert at.active() == ["discount 1140.00", "invoice 1200.00"]
        for day in ("2026-11-24", "2026-11-30", LAST_DAY):
            at.morning(day)
            assert at.offers(day, "discount") == [offer]
        at.morning(TOO_LATE)
        assert at.offers(TOO_LATE, "discount") == []
        assert at.active() == ["invoice 1200.00"]
        assert "1 140,00" not in at.words(TOO_LATE)

    @pytest.mark.parametrize(("day", "left"), [(LAST_DAY, "0.00"), (TOO_LATE, "60.00")])
    def test_is_earned_until_the_tenth_day_and_asked_for_after_it(
        self, open_desk: Callable[..., Desk], day: str, left: str
    ) -> None:
        at = open_desk(DISCOUNT)
        offered(at)
        at.booked(f"{day};{CLIENT};1140,00;;{reference(at, 'discount-eur-1')}")
        assert at.show("2026-12-10")["totals"]["open"] == left
        at.morning("2026-12-10")
        assert at.active() == ([] if left == "0.00" else [f"invoice {left}"])

    def test_is_earned_by_its_link_too(self, open_desk: Callable[..., Desk]) -> None:
        at = open_desk(DISCOUNT)
        offered(at)
        at.pay("discount 1140.00")
        at.morning(OFFERED)
        account = at.show(OFFERED)
        assert (account["totals"]["open"], account["totals"]["credit"], account["offers"]) == ("0.00", "0.00", [])
        assert at.active() == []

    def test_offered_to_one_client_by_the_owner_it_is_the_same(self, open_desk: Callable[..., Desk]) -> None:
        at = open_desk()
        at.does("sent", CLIENT, date=ASKED)
        at.does("offer", CLIENT, "--discount", "5%", "--days", "10", date=OFFERED)
        text = written(at.letter(OFFERED))
        (offer,) = at.offers(OFFERED, "discount")
        assert (offer["amount"], offer["saving"], offer["valid_until"]) == ("1140.00", "60.00", LAST_DAY)
        assert "1 140,00 € au lieu de 1 200,00 €" in text
        assert "vous économisez 60,00 € (5 %)" in at.words(OFFERED)
        at.pay("discount 1140.00")
        at.cash(OFFERED)
        assert at.show(OFFERED)["totals"]["open"] == "0.00"
        assert at.active() == []


class TestUnevenPaymentsAndDownPayments:
    def test_any_schedule_that_is_the_debt_can_be_agreed_and_is_told_as_it_is(
        self, open_desk: Callable[..., Desk]
    ) -> None:
        at = open_desk()
        at.morning(ASKED)
        typed = ("2026-12-04=650,00", "2027-01-15=399,99", "2027-02-26=150,01")
        at.does("agree", CLIENT, *(word for one in typed for word in ("--instalment", one)), date=ASKED)
        recap = at.letter(ASKED)
        agreement = at.show(ASKED)["agreement"]
        assert parts(agreement) == [("2026-12-04", "650.00"), ("2027-01-15", "399.99"), ("2027-02-26", "150.01")]
        schedule = ["4 décembre 2026 · à venir · 650,00 €", "15 janvier 2027 · à venir · 399,99 €"]
        for line in (*schedule, "26 février 2027 · à venir · 150,01 €"):
            assert line in written(recap)
        page = at.words(ASKED)
        for amount in ("650,00 €", "399,99 €", "150,01 €"):
            assert amount in page
        assert [day for *_, day in calendar(recap)] == ["2026-12-04", "2027-01-15", "2027-02-26"]
        at.morning(ASKED)
        assert at.active() == ["instalment 650.00", "rest 1200.00"]

    def test_a_cent_too_little_or_too_much_is_refused_with_the_difference(self, open_desk: Callable[..., Desk]) -> None:
        at = open_desk()
        for last, told in (("549,99", "0.01 EUR is missing"), ("550,01", "0.01 EUR")):
            before = at.owner.files()
            schedule = ("--instalment", "2026-12-04=650,00", "--instalment", f"2027-01-15={last}")
            assert at.run("agree", CLIENT, *schedule, date=ASKED) == 2
            assert told in at.owner.complained
            assert at.owner.files() == before

    def test_a_down_payment_that_is_agreed_comes_first_and_the_rest_is_equal(
        self, open_desk: Callable[..., Desk]
    ) -> None:
        at = open_desk()
        at.morning(ASKED)
        at.does("agree", CLIENT, "--plan", "4", "--down", "300,01", date=ASKED)
        recap = written(at.letter(ASKED))
        amounts = [amount for _, amount in parts(at.show(ASKED)["agreement"])]
        assert amounts == ["300.01", "300.00", "300.00", "299.99"]
        at.morning(ASKED)
        assert at.active() == ["instalment 300.01", "rest 1200.00"]
        for amount in ("300,01 €", "299,99 €"):
            assert amount in recap
            assert amount in at.words(ASKED)

    def test_a_down_payment_of_the_policy_is_what_accepts_the_plan(self, open_desk: Callable[..., Desk]) -> None:
        at = open_desk()
        policy = (at.owner.folder / "portal.toml").read_text("utf-8")
        at.owner.write("portal.toml", policy.replace("counts = [2, 3, 4]", 'counts = [3]\ndown_payment_percent = "40"'))
        text = offered(at)
        (plan,) = at.offers(OFFERED)
        assert [amount for _, amount in parts(plan)] == ["480.00", "360.00", "360.00"]
        assert "480,00 €" in text
        assert at.active() == ["invoice 1200.00", "plan 480.00"]
        at.pay("plan 480.00")
        at.morning(OFFERED)
        account = at.show(OFFERED)
        assert account["agreement"]["holds"]
        assert account["totals"]["open"] == "720.00"
        assert at.active() == ["instalment 360.00", "rest 720.00"]


class TestAReminderBeforeEachInstalment:
    def test_comes_a_little_before_each_once_and_nothing_else_does(self, open_desk: Callable[..., Desk]) -> None:
        at = open_desk()
        at.morning(ASKED)
        at.does("agree", CLIENT, "--plan", "3", "--first", "2026-12-07", date=ASKED)
        at.letter(ASKED)  # the recap
        agreement = at.show(ASKED)["agreement"]
        rows: list[str] = []
        for number, (due, amount) in enumerate(parts(agreement), start=1):
            on = at.show(rows[-1][:10] if rows else ASKED)["reminders"]["next"]
            assert on["step"] == "instalment"
            assert timedelta(1) <= date.fromisoformat(due) - date.fromisoformat(on["date"]) <= timedelta(5)
            mail = at.letter(on["date"])
            assert f"({number} sur 3)" in mail["Subject"]
            assert "400,00 €" in written(mail)
            assert amount == "400.00"
            assert at.writes(on["date"]) is None  # the same day again
            assert at.writes(due) is None  # its own day
            rows.append(f"{due};{CLIENT};400,00;;{agreement['reference']}")
            at.booked(*rows)
        thanks = at.letter(due)  # for all of it
        assert "Merci" in written(thanks)
        assert "CONFIRMED" not in {state for _, _, state, _ in calendar(thanks)}
        assert at.show(due)["reminders"]["next"] is None


class TestWhatTheRecapPromises:
    """The email that confirms an agreement: the amount, the schedule and each condition are as they are kept."""

    @pytest.fixture
    def agreed(self, open_desk: Callable[..., Desk]) -> tuple[Desk, str, str]:
        """A plan in four taken by its link on the day of the offer; the recap's text, and the reference."""
        at = open_desk()
        offered(at)
        at.pay("plan 300.00")
        text = written(at.letter("2026-11-24"))
        return at, text, at.show("2026-11-24")["agreement"]["reference"]

    def test_the_amount_the_dates_and_the_way_to_pay(self, agreed: tuple[Desk, str, str]) -> None:
        at, text, reference = agreed
        assert "1 200,00 € en 4 échéances, sans frais, pour la facture F-2026-118 (Refonte du site)" in text
        assert "Il reste 900,00 € à régler à ces dates" in text
        for day in ("23 novembre 2026 · réglée", "23 décembre 2026 · à venir", "25 janvier 2027 · à venir"):
            assert f"{day} · 300,00 €" in text
        assert f"référence : {reference}" in text
        assert "FR76 3000 6000 0112 3456 7890 189" in text
        assert at.show("2026-11-24")["portal_url"] in text

    def test_nobody_is_reminded_while_the_dates_are_kept_but_of_each_date(self, agreed: tuple[Desk, str, str]) -> None:
        at, text, _ = agreed
        assert "nous ne vous relançons pas : un simple rappel précède chaque échéance" in text
        days = [date(2026, 11, 25) + timedelta(days=count) for count in range(29)]
        written_to = [day for day in days if at.show(f"{day}")["reminders"]["due_today"]]
        assert written_to[0] == date(2026, 12, 18)
        steps = {at.show(f"{day}")["reminders"]["due_today"]["step"] for day in written_to}
        assert steps == {"instalment"}

    @pytest.mark.parametrize("amount", ["450,00", "900,00"])
    def test_paying_earlier_in_part_or_in_full_is_always_possible(
        self, agreed: tuple[Desk, str, str], amount: str
    ) -> None:
        at, text, reference = agreed
        assert "Vous pouvez payer plus tôt, en partie ou en totalité, quand vous le voulez" in text
        at.booked(f"2026-12-01;{CLIENT};{amount};;{reference}")
        at.morning("2026-12-01")
        account = at.show("2026-12-01")
        open_ = 900 - int(amount[:3])
        assert account["totals"]["open"] == f"{open_}.00"
        assert account["totals"]["credit"] == "0.00"
        assert at.active() == (["instalment 150.00", "rest 450.00"] if open_ else [])

    def test_it_ends_ten_days_after_a_written_word_and_never_without_one(self, agreed: tuple[Desk, str, str]) -> None:
        at, text, _ = agreed
        assert "Une échéance encore impayée 10 jours après un rappel écrit mettrait fin à l’échéancier" in text
        assert at.show("2027-01-20")["agreement"]["holds"]  # 23 December was missed, and nobody has said a word
        asked = at.letter("2026-12-28")
        assert "nous pouvons convenir d’une autre date" in written(asked)
        assert at.show("2027-01-07")["agreement"]["holds"]
        assert not at.show("2027-01-08")["agreement"]["holds"]
        assert at.show("2027-01-08")["totals"]["to_pay"] == "900.00"

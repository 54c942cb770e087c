"""`relance offer`: an offer of the owner's to one client, frozen in the journal, on the page, and taken by paying it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest

from generator.cli import main
from tests.support.owner import INVOICES as USUAL
from tests.support.owner import PORTAL, Owner, new_owner

if TYPE_CHECKING:
    from pathlib import Path

INVOICES = USUAL.replace("20/11/2026;20/12/2026", "10/11/2026;10/12/2026")
#: The owner of these tests has said nothing of offers: whatever they offer is as they wish.
SILENT = PORTAL[: PORTAL.index("[offers.discount]")]
UNEVEN = ("--instalment", "2026-12-05=700,00", "--instalment", "2027-01-30=500,00")


@dataclass
class Negotiator(Owner):
    """An owner who makes offers."""

    def offers(self, kind: str, date: str = "2026-11-16", client: str = "verdier") -> list[dict[str, Any]]:
        return [offer for offer in self.show(client, date=date)[0]["offers"] if offer["kind"] == kind]

    def offered(self, *arguments: str, date: str = "2026-11-16") -> str:
        """Makes an offer, and says its reference."""
        assert self.run("offer", *arguments, date=date) == 0, self.complained
        found = re.search(r"offer (RF\w+)", self.said)
        assert found, self.said
        return found[1]

    def refused(self, *arguments: str, date: str = "2026-11-16") -> str:
        """Why nothing was recorded: no byte of the folder changed."""
        before = self.files()
        assert self.run("offer", *arguments, date=date) == 2, self.said
        assert self.files() == before
        assert "Nothing was recorded." in self.complained
        return self.complained

    def pay(self, *rows: str) -> None:
        self.write("ledger/payments.csv", "date;client;montant;référence\n" + "".join(f"{row}\n" for row in rows))

    def open(self, date: str, client: str = "verdier") -> str:
        return str(self.show(client, date=date)[0]["totals"]["overdue"])


@pytest.fixture
def owner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Negotiator:
    made = Negotiator(new_owner(tmp_path / "sable", capsys).folder, capsys)
    made.write("ledger/invoices.csv", INVOICES)
    made.write("portal.toml", SILENT)
    return made


def journal(folder: Path) -> list[str]:
    return [line for path in sorted(folder.glob("journal/*/*.jsonl")) for line in path.read_text("utf-8").splitlines()]


def schedule(offer: dict[str, Any]) -> list[tuple[str, str]]:
    return [(part["due"], part["amount"]) for part in offer["instalments"]]


class TestDiscount:
    def test_five_percent_within_ten_days_of_the_offer(self, owner: Negotiator) -> None:
        reference = owner.offered("verdier", "--discount", "5%")
        assert "verdier: 1140.00 EUR instead of 1200.00 EUR for F-2026-118, 60.00 EUR less" in owner.said
        assert "It stands until 2026-11-26, that day included." in owner.said
        assert "cannot be taken back" in owner.said
        assert "relance build shows it on their page" in owner.said
        [offer] = owner.offers("discount")
        assert (offer["amount"], offer["saving"], offer["valid_until"]) == ("1140.00", "60.00", "2026-11-26")
        owner.pay(f"26/11/2026;verdier;1140,00;{reference}")
        assert owner.open("2026-11-27") == "0.00"

    def test_the_day_after_it_is_gone(self, owner: Negotiator) -> None:
        reference = owner.offered("verdier", "--discount", "5 %")
        assert owner.offers("discount", date="2026-11-26")
        assert owner.offers("discount", date="2026-11-27") == []
        owner.pay(f"27/11/2026;verdier;1140,00;{reference}")
        assert owner.open("2026-11-28") == "60.00"

    def test_a_fixed_sum_for_as_long_as_it_says(self, owner: Negotiator) -> None:
        reference = owner.offered("verdier", "--discount", "50,00", "--days", "3")
        [offer] = owner.offers("discount")
        assert (offer["amount"], offer["saving"], offer["valid_until"]) == ("1150.00", "50.00", "2026-11-19")
        owner.pay(f"19/11/2026;verdier;1150,00;{reference}")
        assert owner.open("2026-11-20") == "0.00"

    def test_it_is_for_the_invoices_that_are_named(self, owner: Negotiator) -> None:
        owner.offered("verdier", "--discount", "10%", "--invoices", "F-2026-121")
        assert [offer["amount"] for offer in owner.offers("discount")] == ["135.00"]

    def test_it_is_on_the_page_in_the_clients_words(self, owner: Negotiator) -> None:
        reference = owner.offered("verdier", "--discount", "50,00")
        assert owner.run("build") == 0, owner.complained
        page = " ".join(unescape(re.sub(r"<[^>]+>", "", owner.page("verdier"))).split())
        assert reference in page
        assert "1 150,00 € au lieu de 1 200,00 € : vous économisez 50,00 € Pour solder" in page

    def test_the_policy_offers_no_second_one_while_it_stands(self, owner: Negotiator) -> None:
        owner.write(
            "portal.toml", PORTAL + '\n[[reminders.steps]]\nname = "reminder-1"\ndays = 7\noffers = ["discount"]\n'
        )
        owner.offered("verdier", "--discount", "4%")
        assert owner.run("build") == 0, owner.complained
        assert [offer["amount"] for offer in owner.offers("discount")] == ["1152.00"]

    def test_two_offers_stand_beside_each_other_and_each_can_be_taken(self, owner: Negotiator) -> None:
        owner.offered("verdier", "--discount", "2%", "--days", "20")
        better = owner.offered("verdier", "--discount", "5%", "--days", "5")
        assert {offer["amount"] for offer in owner.offers("discount")} == {"1176.00", "1140.00"}
        owner.pay(f"18/11/2026;verdier;1140,00;{better}")
        assert owner.open("2026-11-19") == "0.00"

    @pytest.mark.parametrize("off", ["0%", "100%", "0", "1200", "1300,00", "-5", "a lot", "5 %%", "1.234"])
    def test_what_is_no_discount(self, owner: Negotiator, off: str) -> None:
        told = owner.refused("verdier", f"--discount={off}")
        assert off in told


class TestPlan:
    def test_twelve_hundred_in_four_months_is_four_times_three_hundred(self, owner: Negotiator) -> None:
        reference = owner.offered("verdier", "--plan", "4")
        assert f"relance agree verdier --offer {reference}" in owner.said
        [offer] = owner.offers("plan")
        assert schedule(offer) == [
            ("2026-11-16", "300.00"),
            ("2026-12-16", "300.00"),
            ("2027-01-18", "300.00"),
            ("2027-02-16", "300.00"),
        ]
        owner.pay(f"20/11/2026;verdier;300,00;{reference}")
        agreement = owner.show("verdier", date="2026-11-21")[0]["agreement"]
        assert (agreement["reference"], agreement["holds"]) == (reference, True)
        assert [part["paid"] for part in agreement["instalments"]] == ["300.00", "0.00", "0.00", "0.00"]

    def test_a_first_date_and_a_rhythm(self, owner: Negotiator) -> None:
        owner.offered("verdier", "--plan", "3", "--first", "2026-12-01", "--every", "fortnight")
        [offer] = owner.offers("plan")
        assert [due for due, _ in schedule(offer)] == ["2026-12-01", "2026-12-15", "2026-12-29"]
        assert offer["valid_until"] == "2026-12-01", "it can be taken until its first date"
        [line] = [line for line in journal(owner.folder) if '"event":"offer"' in line]
        assert '"interval":"fortnight"' in line

    def test_it_cannot_be_taken_once_its_second_payment_is_due(self, owner: Negotiator) -> None:
        owner.offered("verdier", "--plan", "3", "--every", "week", "--days", "60")
        assert "It stands until 2026-11-22, that day included." in owner.said

    def test_a_down_payment_stays_what_was_said_and_what_was_paid_since_comes_off_the_last(
        self, owner: Negotiator
    ) -> None:
        owner.offered("verdier", "--plan", "3", "--down", "600,00")
        assert [amount for _, amount in schedule(owner.offers("plan")[0])] == ["600.00", "300.00", "300.00"]
        owner.pay("17/11/2026;verdier;350,00;F-2026-118")
        assert [amount for _, amount in schedule(owner.offers("plan", date="2026-11-18")[0])] == ["600.00", "250.00"]

    def test_amounts_and_dates_of_their_own_are_taken_as_they_are(self, owner: Negotiator) -> None:
        reference = owner.offered("verdier", *UNEVEN)
        assert "2026-12-05 is no business day" in owner.said
        [offer] = owner.offers("plan")
        assert schedule(offer) == [("2026-12-05", "700.00"), ("2027-01-30", "500.00")]
        owner.pay(f"05/12/2026;verdier;700,00;{reference}", f"30/01/2027;verdier;500,00;{reference}")
        assert owner.open("2027-01-31") == "150.00", "the other invoice"

    def test_what_was_refunded_since_is_added_to_the_last(self, owner: Negotiator) -> None:
        owner.pay("10/11/2026;verdier;200,00;F-2026-118")
        owner.offered("verdier", "--instalment", "2026-12-05=600,00", "--instalment", "2027-01-30=400,00")
        owner.pay("10/11/2026;verdier;200,00;F-2026-118", "18/11/2026;verdier;-200,00;F-2026-118")
        [offer] = owner.offers("plan", date="2026-11-19")
        assert schedule(offer) == [("2026-12-05", "600.00"), ("2027-01-30", "600.00")]

    def test_accepted_by_word_it_is_that_very_plan(self, owner: Negotiator) -> None:
        reference = owner.offered("verdier", *UNEVEN)
        assert owner.run("agree", "verdier", "--offer", reference, date="2026-11-18") == 0, owner.complained
        agreement = owner.show("verdier", date="2026-11-18")[0]["agreement"]
        assert agreement["reference"] == reference
        assert schedule(agreement) == [("2026-12-05", "700.00"), ("2027-01-30", "500.00")]

    @pytest.mark.parametrize(
        ("parts", "why"),
        [
            (("2026-12-05=700,00", "2027-01-30=500,01"), "0.01 EUR too much"),
            (("2026-12-05=700,00", "2027-01-30=499,99"), "0.01 EUR is missing"),
            (("2026-12-05=1200,00",), "One payment is no plan"),
            (("2026-12-05=0,00", "2027-01-30=1200,00"), "an instalment is more than nothing"),
        ],
    )
    def test_a_schedule_is_the_debt_to_the_cent(self, owner: Negotiator, parts: tuple[str, ...], why: str) -> None:
        typed = [word for part in parts for word in ("--instalment", part)]
        assert why in owner.refused("verdier", *typed)


class TestPlanThatWaives:
    """A plan and a discount are alternatives, unless the owner says so."""

    def test_in_percent_or_a_fixed_sum(self, owner: Negotiator) -> None:
        reference = owner.offered("verdier", "--plan", "4", "--discount", "3%")
        assert "36.00 EUR is waived once all is paid as agreed" in owner.said
        [offer] = owner.offers("plan")
        assert (offer["amount"], offer["saving"]) == ("1164.00", "36.00")
        assert [amount for _, amount in schedule(offer)] == ["291.00"] * 4
        owner.pay(f"20/11/2026;verdier;1164,00;{reference}")
        assert owner.show("verdier", date="2026-11-21")[0]["items"][0]["credited"] == "36.00"

    def test_given_amounts_are_so_much_less(self, owner: Negotiator) -> None:
        owner.offered(
            *(
                "verdier",
                "--instalment",
                "2026-12-05=700,00",
                "--instalment",
                "2027-01-30=450,00",
                "--discount",
                "50,00",
            )
        )
        assert (owner.offers("plan")[0]["amount"], owner.offers("plan")[0]["saving"]) == ("1150.00", "50.00")
        assert "too much" in owner.refused("verdier", *UNEVEN, "--discount", "50,00")

    def test_page_and_paper_say_on_which_condition(self, owner: Negotiator) -> None:
        reference = owner.offered("verdier", "--plan", "4", "--discount", "3%")
        assert owner.run("build") == 0, owner.complained
        page = " ".join(unescape(re.sub(r"<[^>]+>", " ", owner.page("verdier"))).split())
        assert "C’est 36,00 € de moins que la somme due" in page
        owner.pay(f"16/11/2026;verdier;291,00;{reference}")
        assert owner.run("build", date="2026-11-17") == 0, owner.complained
        page = " ".join(unescape(re.sub(r"<[^>]+>", " ", owner.page("verdier", "2026-11-17"))).split())
        assert "Une fois la dernière échéance réglée, 36,00 € de la somme due vous seront remis" in page
        [paper] = (owner.folder / "report/agreements").glob("*.html")
        written = " ".join(unescape(re.sub(r"<[^>]+>", " ", paper.read_text("utf-8"))).split())
        assert "reconnaît devoir à Atelier Sable, pour cette facture, la somme de 1 200,00 €" in written
        assert "cette remise n’est pas acquise" in written

    def test_by_the_owners_word_it_waives_the_same(self, owner: Negotiator) -> None:
        reference = owner.offered("verdier", "--plan", "2", "--discount", "50,00")
        assert owner.run("agree", "verdier", "--offer", reference) == 0, owner.complained
        assert owner.show("verdier")[0]["agreement"]["saving"] == "50.00"
        assert owner.run("check") == 0, owner.complained

    def test_without_a_word_of_the_policy_it_wants_a_reason(self, owner: Negotiator) -> None:
        owner.write("portal.toml", PORTAL)
        assert "waives 0.00 EUR" in owner.refused("verdier", "--plan", "2", "--discount", "50,00")


class TestOnce:
    def test_the_same_again_is_no_second_offer(self, owner: Negotiator) -> None:
        reference = owner.offered("verdier", "--discount", "5%")
        before = owner.files()
        assert owner.offered("verdier", "--discount", "5.0%", "--days", "4") == reference
        assert "was made already. It stands until 2026-11-26" in owner.said
        assert owner.files() == before

    def test_more_days_make_it_stand_longer(self, owner: Negotiator) -> None:
        reference = owner.offered("verdier", "--discount", "5%")
        assert owner.offered("verdier", "--discount", "5%", "--days", "20") == reference
        assert [offer["valid_until"] for offer in owner.offers("discount")] == ["2026-12-06"]

    def test_a_dry_run_says_it_all_and_writes_nothing(self, owner: Negotiator) -> None:
        before = owner.files()
        assert owner.run("offer", "verdier", "--plan", "4", "--dry-run") == 0, owner.complained
        assert "2027-02-16" in owner.said
        assert "Nothing was recorded." in owner.said
        assert owner.files() == before

    def test_rebuilding_later_moves_nothing(self, owner: Negotiator) -> None:
        owner.offered("verdier", "--plan", "3")
        before = owner.offers("plan")
        assert owner.run("build", date="2026-11-20") == 0, owner.complained
        assert [schedule(offer) for offer in owner.offers("plan", date="2026-11-24")] == [schedule(before[0])]


class TestPolicy:
    def test_more_than_the_policy_gives_wants_a_reason(self, owner: Negotiator) -> None:
        owner.write("portal.toml", PORTAL)
        assert "more off than your policy gives: 60.00 EUR" in owner.refused("verdier", "--discount", "61,00")
        owner.offered("verdier", "--discount", "61,00", "--override", "geste commercial")
        assert "Not as your policy has it, because: geste commercial" in owner.said

    def test_the_reason_is_kept_for_the_owner_alone(self, owner: Negotiator) -> None:
        owner.write("portal.toml", PORTAL)
        owner.offered("verdier", "--discount", "4%", "--override", "geste commercial")
        owner.offered("verdier", "--discount", "4%", "--days", "20")
        assert owner.run("build") == 0, owner.complained
        assert "geste commercial" not in owner.page("verdier")
        assert "geste commercial" not in str(owner.show("verdier", date="2026-11-16"))
        assert owner.run("show", "verdier") == 0
        assert "because: geste commercial" in owner.said

    def test_the_reason_for_a_plan_is_still_there_once_it_is_agreed_on(self, owner: Negotiator) -> None:
        owner.write("portal.toml", PORTAL)
        reference = owner.offered("verdier", "--plan", "6", "--override", "travaux jusqu’en mai")
        assert owner.run("agree", "verdier", "--offer", reference) == 0, owner.complained
        assert owner.run("show", "verdier") == 0
        assert "because: travaux jusqu’en mai" in owner.said

    def test_a_plan_that_the_policy_has_not(self, owner: Negotiator) -> None:
        owner.write("portal.toml", PORTAL)
        assert "your policy has plans in 2, 3, 4 payments" in owner.refused("verdier", "--plan", "6")
        owner.offered("verdier", "--plan", "6", "--override", "c’est convenu")
        assert len(owner.offers("plan")[0]["instalments"]) == 6

    def test_what_is_late_already_or_too_far_away(self, owner: Negotiator) -> None:
        told = owner.refused("verdier", "--instalment", "2026-11-10=600", "--instalment", "2026-12-10=600")
        assert "600.00 EUR on 2026-11-10 is past: the offer is made on 2026-11-16." in told
        assert "more than ten years away" in owner.refused("verdier", "--plan", "2", "--first", "2126-12-01")


class TestRefused:
    def test_somebody_unknown_or_with_nothing_late(self, owner: Negotiator) -> None:
        assert "no such client" in owner.refused("verdi", "--discount", "5%")
        owner.pay("12/11/2026;verdier;1200,00;F-2026-118")
        assert "nothing is late" in owner.refused("verdier", "--discount", "5%")

    def test_what_is_agreed_on_or_disputed(self, owner: Negotiator) -> None:
        assert owner.run("agree", "verdier", "--plan", "2") == 0, owner.complained
        assert "which holds" in owner.refused("verdier", "--discount", "5%", "--invoices", "F-2026-118")
        assert owner.run("dispute", "kite", "F-2026-120", "too short") == 0
        assert "disputed" in owner.refused("kite", "--discount", "5%", "--invoices", "F-2026-120")

    def test_a_day_that_is_not_today(self, owner: Negotiator) -> None:
        before = owner.files()
        for day in ("2026-11-15", "2026-11-17"):
            typed = ["offer", "--folder", str(owner.folder), "--date", day, "verdier", "--discount", "5%"]
            assert main(typed, now=datetime(2026, 11, 16, 12, tzinfo=UTC)) == 2
        assert owner.files() == before

    def test_options_that_say_two_things(self, owner: Negotiator) -> None:
        assert "goes with --plan" in owner.refused("verdier", "--discount", "5%", "--first", "2026-12-01")

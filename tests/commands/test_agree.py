"""`relance agree`: what was agreed by phone or in writing, noted in the ledger once it is the debt and as the policy has it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

import pytest

from generator.cli import main
from generator.domain.delivery import MessageSent
from generator.domain.references import make_reference
from generator.journal import append
from generator.lock import exclusive
from tests.support.owner import CLIENTS, PORTAL, Owner, new_owner
from tests.support.owner import INVOICES as USUAL
from tests.support.world import day

if TYPE_CHECKING:
    from pathlib import Path

BOM = "\ufeff"
HEAD = "agreement;client;invoices;signed_on;due;amount;currency;status;supersedes;note;discount"
INVOICES = USUAL.replace("20/11/2026;20/12/2026", "10/11/2026;10/12/2026")  # all of them issued by the day of the tests
UNEVEN = ("--instalment", "2026-12-05=700,00", "--instalment", "2027-01-31=500,00")


@dataclass
class Negotiator(Owner):
    """An owner who agrees."""

    def agree(self, *arguments: str, date: str = "2026-11-16") -> int:
        return self.run("agree", *arguments, date=date)

    def agreed(self, *arguments: str, date: str = "2026-11-16") -> str:
        """Agrees, and says under which name."""
        assert self.agree(*arguments, date=date) == 0, self.complained
        found = re.search(r"agreement (\S+?),? (?:noted|of)", self.said)
        assert found, self.said
        return found[1]

    def rows(self) -> list[str]:
        path = self.folder / "ledger/relance/agreements.csv"
        return path.read_text("utf-8").removeprefix(BOM).splitlines() if path.exists() else []

    def refused(self, *arguments: str, date: str = "2026-11-16") -> str:
        """Why nothing was recorded: no byte of the folder changed."""
        before = self.files()
        assert self.agree(*arguments, date=date) == 2, self.said
        assert self.files() == before
        assert "Nothing was recorded." in self.complained
        assert "\x1b" not in self.complained
        return self.complained

    def pay(self, *rows: str) -> None:
        self.write(
            "ledger/payments.csv", "date;client;montant;facture;référence\n" + "".join(f"{row}\n" for row in rows)
        )

    def reminded(self, on: str, *instalments: str) -> None:
        """That day the client was written to about instalments that they had missed."""
        for name in instalments:
            told = MessageSent("verdier", "instalment-late", "email", day(on), (), (name,))
            append(self.folder / "journal", [told], datetime.combine(day(on), time(9), UTC))

    def add_policy(self, text: str) -> None:
        path = self.folder / "portal.toml"
        path.write_text(f"{path.read_text('utf-8')}\n{text}", "utf-8")

    def held(self, client: str = "verdier", date: str = "2026-11-16") -> object:
        return self.show(client, date=date)[0]["reminders"]["held"]


@pytest.fixture
def owner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Negotiator:
    made = Negotiator(new_owner(tmp_path / "sable", capsys).folder, capsys)
    made.write("ledger/invoices.csv", INVOICES)
    return made


def parts(said: str) -> list[str]:
    """The instalments that were printed."""
    return [f"{on}={amount}" for on, amount in re.findall(r"^  ([\d-]{10}) +([\d.]+) EUR", said, re.MULTILINE)]


class TestEqualParts:
    def test_twelve_hundred_in_four_are_four_rows_of_three_hundred_and_hold_the_reminders(
        self, owner: Negotiator
    ) -> None:
        assert owner.show("verdier")[0]["reminders"]["due_today"]["step"] == "reminder-1"
        name = owner.agreed("verdier", "--plan", "4")
        shared = f"{name};verdier;F-2026-118;2026-11-16"
        assert owner.rows() == [
            HEAD,
            f"{shared};2026-11-16;300,00;EUR;active;;;",
            f"{shared};2026-12-16;300,00;EUR;active;;;",
            f"{shared};2027-01-18;300,00;EUR;active;;;",
            f"{shared};2027-02-16;300,00;EUR;active;;;",
        ]
        assert re.fullmatch(r"A261116-\w{4}", name)
        assert owner.show("verdier")[0]["reminders"]["due_today"]["step"] == "recap"  # and no reminder
        assert owner.run("check") == 0, owner.complained

    def test_it_says_the_schedule_the_reference_what_comes_next_and_that_reminders_stop(
        self, owner: Negotiator
    ) -> None:
        owner.agreed("verdier", "--plan", "4")
        assert parts(owner.said) == ["2026-11-16=300.00", "2026-12-16=300.00", "2027-01-18=300.00", "2027-02-16=300.00"]
        reference = owner.said.split("Reference for transfers: ")[1].split()[0]
        assert "noted in ledger/relance/agreements.csv" in owner.said
        assert "relance build shows it on their page" in owner.said
        assert "nobody is reminded of F-2026-118: it does until an instalment is more than 10 days late" in owner.said
        assert "links" not in owner.said, "no Stripe in this folder"
        assert owner.show("verdier")[0]["agreement"]["reference"] == reference

    def test_with_payment_links_it_says_how_they_follow(self, owner: Negotiator) -> None:
        owner.write("portal.toml", PORTAL + '\n[stripe]\nledger = "sable"\n')
        owner.agreed("verdier", "--plan", "2")
        assert "relance links --apply takes down the links of what was offered" in owner.said

    def test_the_page_shows_it_and_a_transfer_with_its_reference_is_paid_on_it(self, owner: Negotiator) -> None:
        owner.agreed("verdier", "--plan", "4")
        reference = owner.show("verdier")[0]["agreement"]["reference"]
        assert owner.run("build") == 0, owner.complained
        assert "Échéancier convenu" in owner.page("verdier")
        owner.pay(f"18/11/2026;verdier;300,00;;VIR {reference}")
        assert [part["paid"] for part in owner.show("verdier", date="2026-11-18")[0]["agreement"]["instalments"]] == [
            "300.00",
            "0.00",
            "0.00",
            "0.00",
        ]

    def test_first_date_down_payment_and_interval_are_those_agreed(self, owner: Negotiator) -> None:
        owner.agreed("verdier", "--plan", "3", "--first", "2026-12-05", "--down", "500,00", "--every", "fortnight")
        assert parts(owner.said) == ["2026-12-07=500.00", "2026-12-21=350.00", "2027-01-04=350.00"]

    def test_dates_fall_on_the_days_on_which_they_pay(self, owner: Negotiator) -> None:
        owner.write(
            "ledger/clients.csv", CLIENTS.replace("language\n", "language;pays_on\n").replace(";fr\n", ";fr;10\n")
        )
        owner.agreed("verdier", "--plan", "2")
        assert parts(owner.said) == ["2026-12-10=600.00", "2027-01-11=600.00"]

    def test_a_dry_run_shows_the_schedule_and_nothing_else(self, owner: Negotiator) -> None:
        before = owner.files()
        assert owner.agree("verdier", "--plan", "4", "--dry-run") == 0, owner.complained
        assert len(parts(owner.said)) == 4
        assert owner.said.splitlines()[-1] == "Nothing was recorded. Without --dry-run it is."
        assert owner.files() == before


class TestOwnSchedule:
    def test_uneven_amounts_on_any_dates(self, owner: Negotiator) -> None:
        name = owner.agreed("verdier", *UNEVEN)
        assert [row.split(";", 4)[4] for row in owner.rows()[1:]] == [
            "2026-12-05;700,00;EUR;active;;;",
            "2027-01-31;500,00;EUR;active;;;",
        ]
        assert owner.show("verdier")[0]["agreement"]["id"] == name

    def test_a_day_on_which_no_bank_works_is_said_and_stays(self, owner: Negotiator) -> None:
        owner.agreed("verdier", *UNEVEN)
        assert "2026-12-05 is no business day: money then arrives on 2026-12-07" in owner.said
        assert "2027-01-31 is no business day" in owner.said

    def test_days_and_amounts_may_be_written_as_in_the_ledger(self, owner: Negotiator) -> None:
        owner.agreed("verdier", "--instalment", "07/12/2026=700 €", "--instalment", "04/01/2027=500.00")
        assert parts(owner.said) == ["2026-12-07=700.00", "2027-01-04=500.00"]

    def test_invoices_in_one_agreement_are_paid_oldest_first_and_it_says_so(self, owner: Negotiator) -> None:
        owner.agreed(
            *("verdier", "--invoices", "F-2026-121,f-2026-118", "--instalment", "2026-12-01=1000,00"),
            *("--instalment", "2027-01-04=350,00"),
        )
        assert "1000.00 of F-2026-118\n" in owner.said
        assert "200.00 of F-2026-118 + 150.00 of F-2026-121" in owner.said
        assert ";F-2026-118, F-2026-121;" in owner.rows()[1]

    def test_it_is_added_to_the_owners_own_rows_in_their_style(self, owner: Negotiator) -> None:
        head = "Accord,Client,Factures,Signé le,Échéance,Montant"
        own = "TEL-1,kite,F-2026-120,10/11/2026,01/12/2026,500.00"
        owner.write("ledger/relance/agreements.csv", f"{head}\n{own}\n")
        name = owner.agreed("verdier", *UNEVEN)
        assert owner.rows()[:3] == [
            f"{head},currency,status",
            f"{own},,",
            f"{name},verdier,F-2026-118,16/11/2026,05/12/2026,700.00,EUR,active",
        ]

    def test_what_came_in_today_may_be_its_first_instalment_or_not(self, owner: Negotiator) -> None:
        owner.pay("16/11/2026;verdier;400,00;F-2026-118;")
        assert owner.agree("verdier", "--plan", "2", "--dry-run") == 0
        assert [part.split("=")[1] for part in parts(owner.said)] == ["400.00", "400.00"]
        owner.agreed("verdier", "--instalment", "2026-11-16=400", "--instalment", "2026-12-16=800")
        paid = [part["paid"] for part in owner.show("verdier")[0]["agreement"]["instalments"]]
        assert paid == ["400.00", "0.00"]


class TestAgainstTheDebt:
    def test_less_than_the_debt_says_by_how_much_and_that_a_credit_note_is_due(self, owner: Negotiator) -> None:
        why = owner.refused("verdier", "--instalment", "2026-12-01=700", "--instalment", "2027-01-04=450")
        assert "add up to 1150.00 EUR, and 1200.00 EUR is open on F-2026-118: 50.00 EUR is missing" in why
        assert "write 2027-01-04=500.00 for the last" in why
        assert "a credit note of 50.00 EUR is due" in why

    def test_more_than_the_debt_says_by_how_much(self, owner: Negotiator) -> None:
        why = owner.refused("verdier", "--instalment", "2026-12-01=700", "--instalment", "2027-01-04=500,01")
        assert "0.01 EUR too much. Correct them (write 2027-01-04=500.00 for the last)." in why
        assert "credit note" not in why

    def test_a_reason_does_not_make_it_the_debt(self, owner: Negotiator) -> None:
        assert "50.00 EUR is missing" in owner.refused(
            "verdier", "--instalment", "2026-12-01=1150", "--override", "accordé"
        )

    def test_it_is_about_what_is_open_and_not_what_was_invoiced(self, owner: Negotiator) -> None:
        assert "500.00 EUR is open on F-2026-120" in owner.refused("kite", "--instalment", "2026-12-01=800")
        owner.agreed("kite", "--plan", "2")
        assert [part.split("=")[1] for part in parts(owner.said)] == ["250.00", "250.00"]


class TestDiscountOnCondition:
    def test_it_is_waived_once_all_is_paid_as_agreed(self, owner: Negotiator) -> None:
        owner.write("portal.toml", PORTAL[: PORTAL.index("[offers.discount]")])
        uneven = ("--instalment", "2026-11-30=700,00", "--instalment", "2026-12-31=440,00")
        owner.agreed("verdier", *uneven, "--discount", "60,00")
        assert [row.split(";")[5::5] for row in owner.rows()[1:]] == [["700,00", "60,00"], ["440,00", "60,00"]]
        assert "verdier: 1140.00 EUR of F-2026-118 in 2 payments" in owner.said
        assert "60.00 EUR is waived once all is paid as agreed" in owner.said
        assert owner.run("check") == 0, owner.complained
        owner.pay("30/11/2026;verdier;700,00;F-2026-118;", "31/12/2026;verdier;440,00;F-2026-118;")
        account = owner.show("verdier", date="2027-01-02")[0]
        assert [(one["paid"], one["credited"], one["open"]) for one in account["items"][:1]] == [
            ("1140.00", "60.00", "0.00")
        ]
        assert (account["agreement"]["saving"], account["agreement"]["saved_on"]) == ("60.00", "2026-12-31")

    def test_instalments_are_the_debt_less_that_to_the_cent(self, owner: Negotiator) -> None:
        uneven = ("--instalment", "2026-11-30=700,00", "--instalment", "2026-12-31=440,01")
        assert "0.01 EUR too much" in owner.refused("verdier", *uneven, "--discount", "60,00")
        assert "a discount is a part of" in owner.refused("verdier", "--plan", "2", "--discount", "1200")

    def test_a_policy_that_does_not_combine_them_wants_a_reason(self, owner: Negotiator) -> None:
        assert "Your policy waives 0.00 EUR" in owner.refused("verdier", "--plan", "2", "--discount", "60,00")
        owner.agreed("verdier", "--plan", "2", "--discount", "60,00", "--override", "cliente fidèle")
        owner.write("portal.toml", PORTAL.replace("counts = [2, 3, 4]", 'counts = [2]\ndiscount_percent = "5"'))
        owner.agreed("kite", "--plan", "2", "--discount", "25,00")

    def test_one_that_takes_its_place_says_that_it_is_no_longer_waived(self, owner: Negotiator) -> None:
        first = owner.agreed("verdier", "--plan", "2", "--discount", "60,00", "--override", "fidèle")
        again = ("verdier", "--plan", "3", "--replaces", first)
        assert owner.agree(*again, "--dry-run") == 0
        assert (
            "That one waived 60.00 EUR once it was kept: this is promised no more, and is owed as well." in owner.said
        )
        assert "To go on waiving it: --discount 60.00." in owner.said
        second = owner.agreed(*again)
        assert f"agree again with --replaces {second} --discount 60.00" in owner.said
        third = owner.agreed("verdier", "--plan", "3", "--replaces", second, "--discount", "60.00", "--override", "oui")
        assert "promised no more" not in owner.said
        owner.agreed("verdier", "--plan", "2", "--replaces", third, "--discount", "20", "--override", "accordé")
        assert "this is promised no more, but for 20.00 EUR" in owner.said

    def test_the_same_command_again_finds_it(self, owner: Negotiator) -> None:
        typed = ("verdier", "--plan", "2", "--discount", "60,00", "--override", "fidèle")
        owner.agreed(*typed)
        before = owner.rows()
        assert owner.agree(*typed) == 0, owner.complained
        assert "was recorded already" in owner.said
        assert owner.rows() == before


class TestAgainstThePolicy:
    def test_what_the_policy_does_not_have_is_refused_with_all_reasons_at_once(self, owner: Negotiator) -> None:
        why = owner.refused(
            *("verdier", "--instalment", "2026-12-01=1170", "--instalment", "2026-11-01=20"),
            *("--instalment", "2029-01-01=3,1", "--instalment", "2029-01-02=3,2", "--instalment", "2029-01-03=3,3"),
            *("--instalment", "2029-01-09=0,40"),
        )
        assert "In 6: your policy has plans in 2, 3, 4 payments." in why
        assert "0.40 EUR on 2029-01-09 is less than the smallest instalment of your policy: 50.00 EUR." in why
        assert "20.00 EUR on 2026-11-01 is past: it was signed on 2026-11-16." in why
        assert "20.00 EUR on 2026-11-01 does not come after the one before it, of 2026-12-01." in why
        assert "0.40 EUR on 2029-01-09 is too late: your policy has plans end by 2028-11-15." in why
        assert '--override "the reason"' in why

    def test_with_a_reason_it_is_recorded_and_the_reason_with_it(self, owner: Negotiator) -> None:
        name = owner.agreed("verdier", "--plan", "6", "--override", "Trésorerie tendue ; cliente depuis 2019")
        assert len(owner.rows()) == 7
        assert all(row.endswith(';"Trésorerie tendue ; cliente depuis 2019";') for row in owner.rows()[1:])
        assert "Not as your policy has it, because: Trésorerie tendue" in owner.said
        assert owner.run("check") == 0, owner.complained
        assert owner.show("verdier")[0]["agreement"]["id"] == name

    def test_the_client_never_reads_the_reason(self, owner: Negotiator) -> None:
        owner.agreed("verdier", "--plan", "6", "--override", "Mauvais payeur")
        assert owner.run("build") == 0, owner.complained
        assert "Mauvais payeur" not in owner.page("verdier")
        assert not any(b"Mauvais payeur" in data for name, data in owner.files().items() if name.startswith(("out",)))

    def test_a_dry_run_shows_what_would_be_refused(self, owner: Negotiator) -> None:
        assert owner.agree("verdier", "--plan", "6", "--dry-run") == 2
        assert len(parts(owner.said)) == 6
        assert "In 6: your policy has plans in 2, 3, 4 payments." in owner.complained
        assert owner.agree("verdier", "--plan", "6", "--dry-run", "--override", "accordé") == 0
        assert owner.rows() == []

    def test_an_owner_who_offers_no_plans_agrees_as_they_like(self, owner: Negotiator) -> None:
        owner.write("portal.toml", PORTAL.split("[offers.plans]")[0])
        owner.agreed("verdier", "--plan", "12")
        assert len(owner.rows()) == 13

    def test_a_small_debt_can_be_agreed_on_with_a_reason(self, owner: Negotiator) -> None:
        arguments = ("verdier", "--invoices", "F-2026-121", "--plan", "2")
        assert "150.00 EUR is less than the debts that your policy has plans for: 300.00 EUR or more." in owner.refused(
            *arguments
        )
        owner.agreed(*arguments, "--override", "il le demande")


class TestOffers:
    """A plan that stands on the client's page."""

    @pytest.fixture
    def offered(self, owner: Negotiator) -> dict[str, str]:
        """Made by the second reminder, on 23 November."""
        assert owner.run("build") == 0
        assert owner.run("sent", "verdier") == 0, owner.complained
        assert owner.run("build", date="2026-11-23") == 0, owner.complained
        account = owner.show("verdier", date="2026-11-23")[0]
        (key,) = (offer["key"] for offer in account["offers"] if len(offer["instalments"]) == 3)
        return {"key": key, "reference": make_reference(key)}

    def test_it_is_agreed_on_as_it_was_offered(self, owner: Negotiator, offered: dict[str, str]) -> None:
        owner.agreed("verdier", "--offer", offered["reference"].lower(), date="2026-11-25")
        agreement = owner.show("verdier", date="2026-11-25")[0]["agreement"]
        assert (agreement["id"], agreement["reference"]) == (offered["key"], offered["reference"])
        assert [(part["due"], part["amount"]) for part in agreement["instalments"]] == [
            ("2026-11-23", "400.00"),
            ("2026-12-23", "400.00"),
            ("2027-01-25", "400.00"),
        ]
        assert owner.show("verdier", date="2026-11-25")[0]["offers"][0]["kind"] == "full"

    def test_twice_is_once(self, owner: Negotiator, offered: dict[str, str]) -> None:
        for date in ("2026-11-25", "2026-11-26"):
            assert owner.agree("verdier", "--offer", offered["reference"], date=date) == 0, owner.complained
        assert "was recorded already" in owner.said
        assert len(owner.rows()) == 4

    def test_what_the_client_took_by_paying_is_not_recorded_again(
        self, owner: Negotiator, offered: dict[str, str]
    ) -> None:
        owner.pay(f"24/11/2026;verdier;400,00;;{offered['reference']}")
        assert owner.agree("verdier", "--offer", offered["reference"], date="2026-11-25") == 0, owner.complained
        assert "of 2026-11-24 was recorded already" in owner.said
        assert "2026-11-23  400.00 EUR (400.00 paid)" in owner.said
        assert owner.rows() == []

    def test_one_that_is_over_is_not_agreed_on_by_its_name(self, owner: Negotiator, offered: dict[str, str]) -> None:
        why = owner.refused("verdier", "--offer", offered["reference"], date="2026-12-04")
        assert "could be taken until 2026-12-03" in why
        assert "--plan 3" in why

    def test_another_reference_is_refused_with_those_that_stand(
        self, owner: Negotiator, offered: dict[str, str]
    ) -> None:
        why = owner.refused("verdier", "--offer", "RF18539007547034", date="2026-11-25")
        assert offered["reference"] in why
        assert "No plan stands on their page" in owner.refused(
            "kite", "--offer", offered["reference"], date="2026-11-25"
        )

    def test_the_owner_can_replace_what_was_accepted_on_the_page(
        self, owner: Negotiator, offered: dict[str, str]
    ) -> None:
        owner.pay(f"24/11/2026;verdier;400,00;;{offered['reference']}")
        assert "nothing is late" in owner.refused("verdier", "--plan", "2", date="2026-11-25")
        owner.agreed("verdier", "--plan", "2", "--replaces", offered["reference"], date="2026-11-25")
        assert "takes the place of the agreement" in owner.said
        assert [part.split("=")[1] for part in parts(owner.said)] == ["400.00", "400.00"]
        assert owner.rows()[1].split(";")[8] == offered["key"]
        assert owner.run("check", date="2026-11-25") == 0, owner.complained

    def test_it_can_be_called_off(self, owner: Negotiator, offered: dict[str, str]) -> None:
        owner.pay(f"24/11/2026;verdier;400,00;;{offered['reference']}")
        assert owner.agree("verdier", "--end", "Ne répond plus", date="2026-12-01") == 0, owner.complained
        account = owner.show("verdier", date="2026-12-01")[0]
        assert account["totals"]["overdue"] == "800.00"
        assert owner.run("show", "verdier", date="2026-12-01") == 0
        assert f"Agreement {offered['key']}, ended" in owner.said

    def test_agreed_again_after_it_was_replaced_it_is_told_from_the_one_in_force(
        self, owner: Negotiator, offered: dict[str, str]
    ) -> None:
        owner.agreed("verdier", "--offer", offered["reference"], date="2026-11-25")
        owner.agreed("verdier", "--plan", "2", "--replaces", offered["key"], date="2026-11-25")
        assert "or nothing of it is left" in owner.refused(
            "verdier", "--offer", offered["reference"], date="2026-11-25"
        )

    def test_to_replace_a_plan_that_was_never_offered_is_an_error_of_the_file(self, owner: Negotiator) -> None:
        owner.agreed("verdier", "--plan", "2")
        rows = "\n".join(row.replace(";active;;", ";active;ABCDEFGHJK;") for row in owner.rows())
        owner.write("ledger/relance/agreements.csv", rows + "\n")
        assert owner.run("check") == 1
        assert "[agreement-unknown]" in owner.complained


class TestTwice:
    def test_the_same_command_again_says_so_and_adds_nothing(self, owner: Negotiator) -> None:
        for arguments in (("--plan", "4"), ("--plan", "4"), ("--plan", "4", "--invoices", "F-2026-118")):
            assert owner.agree("verdier", *arguments) == 0, owner.complained
        assert "was recorded already" in owner.said
        assert len(owner.rows()) == 5

    @pytest.mark.parametrize(
        "terms", [("--plan", "2"), ("--instalment", "2026-11-16=600", "--instalment", "2026-12-16=600")]
    )
    def test_so_does_it_when_the_first_instalment_came_in_since(
        self, owner: Negotiator, terms: tuple[str, ...]
    ) -> None:
        first = ("verdier", *terms)
        owner.agreed(*first)
        owner.pay("16/11/2026;verdier;600,00;F-2026-118;")
        owner.agreed(*first)
        assert "was recorded already" in owner.said
        assert len(owner.rows()) == 3

    def test_a_second_agreement_on_what_is_in_one_that_holds_is_refused(self, owner: Negotiator) -> None:
        name = owner.agreed("verdier", "--plan", "4")
        assert f"in the agreement {name}, which holds" in owner.refused(
            "verdier", "--plan", "3", "--invoices", "F-2026-118"
        )
        assert f"--replaces {name}" in owner.refused("verdier", "--plan", "3")
        assert f"in force: {name}" in owner.refused("verdier", "--plan", "3", "--replaces", "TEL-9")

    def test_one_may_take_the_place_of_another(self, owner: Negotiator) -> None:
        first = owner.agreed("verdier", "--plan", "4")
        second = owner.agreed("verdier", "--plan", "3", "--replaces", first.lower(), date="2026-11-18")
        assert [row.split(";")[8] for row in owner.rows()[5:]] == [first] * 3
        account = owner.show("verdier", date="2026-11-18")[0]
        assert (account["agreement"]["id"], account["totals"]["to_pay"]) == (second, "400.00")
        owner.agreed("verdier", "--plan", "3", "--replaces", first, date="2026-11-18")
        assert "was recorded already" in owner.said

    def test_after_one_that_was_not_kept_a_new_one_takes_its_place_by_itself(self, owner: Negotiator) -> None:
        first = owner.agreed("verdier", "--plan", "4")
        owner.reminded("2026-11-19", f"{first}@2026-11-16")
        owner.agreed("verdier", "--plan", "2", date="2026-12-01")
        assert f"takes the place of the agreement {first}" in owner.said
        assert owner.run("check", date="2026-12-01") == 0, owner.complained

    def test_two_agreements_of_which_none_was_kept_are_too_much_for_one(self, owner: Negotiator) -> None:
        large = owner.agreed("verdier", "--invoices", "F-2026-118", "--plan", "2")
        small = ("--override", "petit montant", "--first", "2026-11-16")
        other = owner.agreed("verdier", "--invoices", "F-2026-121", "--plan", "2", *small)
        owner.reminded("2026-11-19", f"{large}@2026-11-16", f"{other}@2026-11-16")
        numbers = ("--invoices", "F-2026-118", "F-2026-121")
        assert "several agreements" in owner.refused("verdier", "--plan", "2", *numbers, date="2026-12-14")
        assert owner.agree("verdier", "--end", "non tenu", "--invoices", "F-2026-121", date="2026-12-14") == 0
        owner.agreed("verdier", "--plan", "2", *numbers, date="2026-12-14")

    def test_two_runs_at_once_do_not_write_beside_each_other(self, owner: Negotiator) -> None:
        with exclusive(owner.folder):
            assert owner.agree("verdier", "--plan", "4") == 3
        assert owner.rows() == []


class TestNotKept:
    """From the missed date to another agreement, as the owner lives it."""

    def test_its_end_waits_for_the_owner_is_told_once_and_another_takes_its_place(self, owner: Negotiator) -> None:
        first = owner.agreed("verdier", "--plan", "4")
        owner.reminded("2026-11-19", f"{first}@2026-11-16")
        assert owner.run("build", date="2026-11-30") == 0, owner.complained
        shown = owner.show("verdier", date="2026-11-30")[0]["reminders"]["due_today"]
        assert shown["step"] == "agreement-over"
        assert list((owner.folder / "outbox").glob("2026-11-30-verdier-agreement-over.eml"))
        assert owner.run("sent", "verdier", date="2026-11-30") == 0, owner.complained
        assert owner.show("verdier", date="2026-12-01")[0]["reminders"]["due_today"] is None
        second = owner.agreed("verdier", "--plan", "2", "--replaces", first, date="2026-12-01")
        assert f"takes the place of the agreement {first}" in owner.said
        assert owner.run("build", date="2026-12-01") == 0, owner.complained
        (paper,) = (owner.folder / "report/agreements").glob("*.html")
        assert second.lower() in paper.name
        assert "il remplace l’accord du 16 novembre 2026" in " ".join(paper.read_text("utf-8").split())
        assert owner.run("history", "verdier", date="2026-12-01") == 0, owner.complained
        assert owner.said.count("Échéancier convenu") == 2
        assert "fin d’un échéancier non tenu" in owner.said

    def test_nobody_could_be_written_to_and_the_report_says_so(self, owner: Negotiator) -> None:
        name = owner.agreed("verdier", "--plan", "4")
        by_phone = CLIENTS.replace("kind;language", "kind;language;channel").replace(";fr", ";fr;phone")
        owner.write("ledger/clients.csv", by_phone.replace(";en", ";en;email"))
        assert owner.run("build", date="2026-12-01") == 0, owner.complained
        page = " ".join((owner.folder / "report/index.html").read_text("utf-8").split())
        assert "Échéanciers non tenus" in page
        assert "il ne prend donc pas fin de lui-même" in page
        assert f"--replaces {name}" in page


class TestCalledOff:
    def test_its_invoices_count_as_before_and_the_reason_is_kept(self, owner: Negotiator) -> None:
        name = owner.agreed("verdier", "--plan", "2")
        assert owner.agree("verdier", "--end", "Ne veut plus", date="2026-11-18") == 0, owner.complained
        assert f"the agreement {name} is off" in owner.said
        assert "reminder-1 is due today" in owner.said
        assert [row.split(";")[7:] for row in owner.rows()[3:]] == [["cancelled", "", "Ne veut plus", ""]] * 2
        assert owner.run("check", date="2026-11-18") == 0, owner.complained

    def test_twice_is_once_and_without_one_there_is_none(self, owner: Negotiator) -> None:
        assert "no agreement is in force" in owner.refused("verdier", "--end", "Ne veut plus")
        owner.agreed("verdier", "--plan", "2")
        for _ in range(2):
            assert owner.agree("verdier", "--end", "Ne veut plus") == 0, owner.complained
        assert "noted already" in owner.said
        assert len(owner.rows()) == 5

    def test_afterwards_the_same_can_be_agreed_again_under_another_name(self, owner: Negotiator) -> None:
        first = owner.agreed("verdier", "--plan", "2")
        assert owner.agree("verdier", "--end", "erreur") == 0
        assert owner.agreed("verdier", "--plan", "2") != first
        assert owner.show("verdier")[0]["reminders"]["due_today"]["step"] == "recap"

    def test_of_several_the_invoice_tells_which(self, owner: Negotiator) -> None:
        owner.agreed("verdier", "--invoices", "F-2026-118", "--plan", "2")
        small = owner.agreed("verdier", "--invoices", "F-2026-121", "--plan", "2", "--override", "petit montant")
        assert f"{small} (F-2026-121)" in owner.refused("verdier", "--end", "x")
        assert owner.agree("verdier", "--end", "x", "--invoices", "f-2026-121", "--dry-run") == 0
        assert owner.agree("verdier", "--end", "x", "--invoices", "f-2026-121") == 0
        assert owner.rows()[-1].startswith(small)

    def test_a_spreadsheet_may_sort_the_rows(self, owner: Negotiator) -> None:
        owner.agreed("verdier", "--plan", "2")
        assert owner.agree("verdier", "--end", "Ne veut plus") == 0
        head, *rows = owner.rows()
        owner.write("ledger/relance/agreements.csv", "\n".join([head, *reversed(rows)]) + "\n")
        assert owner.show("verdier")[0]["totals"]["overdue"] == "1200.00"


class TestFollowed:
    def test_a_credit_note_in_the_middle_lowers_page_and_reminders(self, owner: Negotiator) -> None:
        owner.agreed("verdier", "--plan", "3")
        owner.pay("16/11/2026;verdier;400,00;F-2026-118;")
        owner.write(
            "ledger/invoices.csv",
            INVOICES.replace("\n", ";avoir de\n", 1).replace(",00\n", ",00;\n")
            + ("A-1;verdier;01/12/2026;01/12/2026;Geste;-500,00;F-2026-118\n"),
        )
        assert owner.run("build", date="2026-12-16") == 0, owner.complained
        account = owner.show("verdier", date="2026-12-16")[0]
        parts = account["agreement"]["instalments"]
        assert [(part["paid"], part["credited"]) for part in parts] == [
            ("400.00", "0.00"),
            ("0.00", "400.00"),
            ("0.00", "100.00"),
        ]
        assert "300,00" in owner.page("verdier", date="2026-12-16")
        assert account["reminders"]["due_today"] is None
        later = owner.show("verdier", date="2027-01-15")[0]
        assert later["reminders"]["due_today"]["step"] == "instalment"
        assert owner.show("verdier", date="2027-01-18")[0]["totals"]["to_pay"] == "450.00", (
            "150.00 of F-2026-121 is late by then"
        )

    def test_one_noted_late_counts_from_the_day_it_was_signed(self, owner: Negotiator) -> None:
        owner.agreed("verdier", "--plan", "2", "--signed", "2026-11-09")
        assert parts(owner.said) == ["2026-11-09=600.00", "2026-12-09=600.00"]
        assert owner.rows()[1].split(";")[3] == "2026-11-09"

    def test_what_came_in_since_it_was_signed_is_paid_on_it(self, owner: Negotiator) -> None:
        owner.pay("12/11/2026;verdier;600,00;F-2026-118;")
        owner.agreed("verdier", "--plan", "2", "--signed", "2026-11-09")
        assert [part["paid"] for part in owner.show("verdier")[0]["agreement"]["instalments"]] == ["600.00", "0.00"]

    def test_until_when_it_holds_is_said_by_the_owners_own_policy(self, owner: Negotiator) -> None:
        owner.add_policy("[agreements]\ngrace_days = 5\nnotice_days = 15\n")
        owner.agreed("verdier", "--plan", "2")
        assert "until an instalment is more than 5 days late" in owner.said
        assert "still unpaid 15 days after a written reminder" in owner.said
        assert "is late already" not in owner.said

    def test_a_date_that_has_passed_by_then_is_written_of_first(self, owner: Negotiator) -> None:
        late = ("--instalment", "2026-11-10=600,00", "--instalment", "2026-12-10=600,00", "--override", "convenu")
        owner.agreed("verdier", "--invoices", "F-2026-118", *late)
        assert "600.00 EUR of 2026-11-10 is late already" in owner.said


def foreign(text: str) -> str:
    """The third invoice is in pounds, and late."""
    return (
        text.replace("ttc\n", "ttc;devise\n")
        .replace("00,00\n", "00,00;EUR\n")
        .replace("10/11/2026;10/12/2026;Maintenance;150,00\n", "01/10/2026;31/10/2026;Maintenance;350,00;GBP\n")
    )


class TestCurrencies:
    def test_an_agreement_is_in_one_currency(self, owner: Negotiator) -> None:
        owner.write("ledger/invoices.csv", foreign(INVOICES))
        assert "owes in EUR and GBP" in owner.refused("verdier", "--plan", "2")
        assert "say --currency" in owner.refused("verdier", "--plan", "2", "--invoices", "F-2026-118", "F-2026-121")
        assert "say --currency" in owner.refused("verdier", "--plan", "2", "--currency", "USD")
        owner.agreed("verdier", "--plan", "2", "--currency", "gbp")
        assert owner.rows()[1].split(";")[2:7] == ["F-2026-121", "2026-11-16", "2026-11-16", "175,00", "GBP"]
        owner.agreed("verdier", "--plan", "2", "--invoices", "F-2026-118")

    def test_an_amount_in_another_one_is_refused(self, owner: Negotiator) -> None:
        assert "GBP" in owner.refused("verdier", "--instalment", "2026-12-01=1200 GBP")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("nobody", "--plan", "4"), "nobody: no such client"),
        (("Verdier-Roux\x1b[2J", "--plan", "4"), "no such client"),
        (("verdier", "--plan", "4", "--invoices", "F-2026-120"), "verdier has no such invoice"),
        (("verdier", "--plan", "4", "--invoices", "F-2026-119"), "Did you mean"),
        (("verdier", "--plan", "4", "--signed", "2026-11-17"), "is to come"),
        (("verdier", "--plan", "4", "--signed", "2026-09-01"), "no invoice by 2026-09-01"),
        (("verdier", "--plan", "4", "--signed", "2026-10-15"), "nothing is late"),
        (("verdier", "--plan", "4", "--first", "2026-11-13"), "300.00 EUR on 2026-11-13 is past"),
        (("verdier", "--plan", "4", "--first", "2062-11-15"), "is the year right?"),
        (("verdier", "--plan", "5"), "In 5: your policy has plans in 2, 3, 4 payments."),
        (("verdier", "--plan", "3", "--down", "1200"), "a down payment is a part of 1200.00 EUR"),
        (("verdier", "--plan", "3", "--down", "-5"), "a down payment is a part of 1200.00 EUR"),
        (("verdier", "--plan", "3", "--down", "un peu"), "is not an amount"),
        (("verdier", "--plan", "5", "--override", " "), "the reason is empty"),
        (("verdier", "--plan", "5", "--override", "x" * 501), "too long"),
        (("verdier", "--instalment", "2026-12-01"), "write a day and an amount, as 2026-12-05=300,00"),
        (("verdier", "--instalment", "demain=1200"), "is not a date"),
        (("verdier", "--instalment", "2026-02-31=1200"), "2026-02-28"),
        (("verdier", "--instalment", "2062-12-01=1200"), "is the year right?"),
        (("verdier", "--instalment", "2026-12-01=mille deux cents"), "is not an amount"),
        (("verdier", "--instalment", "2026-12-01=1,200"), "could be"),
        (("verdier", "--instalment", "2026-12-01=0", "--instalment", "2026-12-08=1200"), "more than nothing"),
        (("verdier", "--instalment", "2026-12-01=-300", "--instalment", "2026-12-08=1500"), "more than nothing"),
        (("verdier", "--instalment", "2026-12-01=" + "9" * 10_000), "is not an amount"),
        (
            ("verdier", "--instalment", "2026-11-01=600", "--instalment", "2026-12-08=600"),
            "600.00 EUR on 2026-11-01 is past",
        ),
        (("verdier", "--instalment", "2026-12-08=600", "--instalment", "2026-12-01=600"), "does not come after"),
        (("verdier", "--instalment", "2026-12-01=1200"), "relance promise"),
        (("verdier", *["--instalment", "2026-12-01=6"] * 200), "200 instalments: 120 at most"),
        (("verdier", *["--instalment", "2026-12-01=12"] * 100), "In 100: your policy has plans in 2, 3, 4 payments."),
        (("verdier", "--instalment", "2026-12-01=1200", "--down", "5"), "--down goes with --plan"),
        (("verdier", "--offer", "RF18", "--invoices", "F-2026-118"), "--invoices is settled by the offer"),
        (("verdier", "--end", "x", "--signed", "2026-11-01"), "--signed does not go with --end"),
        (("verdier", "--plan", "4", "--replaces", "TEL-1"), "in force: none"),
        (("verdier", "--plan", "4", "--date", "2026-11-17"), "cannot be of a day to come"),
    ],
)
def test_what_cannot_be_agreed_is_refused_and_nothing_is_recorded(
    owner: Negotiator, arguments: tuple[str, ...], why: str
) -> None:
    assert why in owner.refused(*arguments)


def test_all_that_is_wrong_with_instalments_is_told_at_once(owner: Negotiator) -> None:
    why = owner.refused(
        *(
            "verdier",
            "--instalment",
            "demain=600",
            "--instalment",
            "2026-12-01=beaucoup",
            "--instalment",
            "2026-12-08=-1",
        )
    )
    assert [word in why for word in ("demain", "beaucoup", "2026-12-08=-1")] == [True] * 3


@pytest.mark.parametrize("count", ["0", "1", "200", "-3", "quatre"])
def test_a_number_of_payments_that_is_none_is_wrong_usage(owner: Negotiator, count: str) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["agree", "--folder", str(owner.folder), "verdier", "--plan", count])


def test_what_is_paid_or_disputed_is_not_agreed_on(owner: Negotiator) -> None:
    assert owner.run("dispute", "verdier", "F-2026-118", "jamais reçue") == 0
    assert "nothing is late that is not disputed" in owner.refused("verdier", "--plan", "4")
    why = owner.refused("verdier", "--plan", "4", "--invoices", "F-2026-118")
    assert "F-2026-118 is disputed. When that is settled (relance dispute verdier F-2026-118 --close)" in why
    owner.pay("02/11/2026;verdier;1 200,00;F-2026-118;")
    assert "F-2026-118 is paid" in owner.refused("verdier", "--plan", "4", "--invoices", "F-2026-118")


def test_what_was_paid_or_disputed_since_it_was_signed_is_not_agreed_on(owner: Negotiator) -> None:
    owner.pay("12/11/2026;verdier;1 200,00;F-2026-118;")
    assert "F-2026-118 is paid" in owner.refused("verdier", "--plan", "2", "--signed", "2026-11-09")


def test_nothing_is_agreed_on_with_a_client_in_insolvency(owner: Negotiator) -> None:
    head, rest = CLIENTS.split("\n", 1)
    owner.write("ledger/clients.csv", f"{head};insolvent_since\n" + rest.replace(";fr\n", ";fr;01/11/2026\n"))
    assert "insolvency proceedings are open" in owner.refused("verdier", "--plan", "4")


def test_nor_with_one_of_whom_not_all_can_be_read(owner: Negotiator) -> None:
    owner.write("portal.toml", PORTAL + '\n[ledger]\nunreadable = "hold"\n')
    owner.write("ledger/payments.csv", "date;client;montant;facture\nhier;verdier;300,00;F-2026-118\n")
    assert "not all that is known of them can be read" in owner.refused("verdier", "--plan", "4")


def test_a_number_that_holds_a_comma_is_agreed_on_by_itself(owner: Negotiator) -> None:
    owner.write("ledger/invoices.csv", INVOICES.replace("F-2026-118", "118,A"))
    assert "holds a comma" in owner.refused("verdier", "--plan", "2", "--invoices", "118,A", "F-2026-121")
    owner.agreed("verdier", "--plan", "2", "--invoices", "118,A")
    assert owner.run("check") == 0, owner.complained


def test_a_file_that_cannot_be_read_is_left_alone(owner: Negotiator) -> None:
    path = owner.write("ledger/relance/agreements.csv", "agreement;client\nTEL-1;verdier\n")
    before = path.read_bytes()
    assert owner.agree("verdier", "--plan", "2") == 1
    assert path.read_bytes() == before


def test_a_folder_that_cannot_be_written_is_told(owner: Negotiator) -> None:
    owner.write("ledger/relance", "no folder")
    assert owner.agree("verdier", "--plan", "2") == 3
    assert "cannot be written" in owner.complained

"""Where money goes: named, else the exact amount, else the exact sum, else oldest due first; nothing is lost on the way."""

from __future__ import annotations

from decimal import Decimal

from generator.domain.account import Account, How
from tests.support.reading import item, opened, still_open
from tests.support.world import World, world


def guessed(account: Account) -> list[tuple[str, str, How]]:
    return [(guess.invoice, str(guess.amount), guess.how) for guess in account.guesses]


def two_invoices() -> World:
    return world(
        """
        invoice F-1 2026-10-01 due 2026-10-31 100.00
        invoice F-2 2026-10-05 due 2026-11-04 250.00
        """
    )


class TestNamed:
    def test_a_payment_goes_to_the_invoice_it_names_even_if_another_is_older(self) -> None:
        made = two_invoices()
        made.add("payment 2026-11-06 100.00 F-2")
        assert opened(made.on("2026-11-06")) == {"F-1": "100.00", "F-2": "150.00"}

    def test_a_named_payment_is_no_guess(self) -> None:
        made = two_invoices()
        made.add("payment 2026-11-06 100.00 F-2")
        assert made.on("2026-11-06").guesses == ()

    def test_a_payment_that_names_two_invoices_pays_both(self) -> None:
        made = two_invoices()
        made.add("payment 2026-11-06 350.00 F-2 F-1")
        assert still_open(made.on("2026-11-06")) == {}

    def test_too_little_for_the_invoices_named_pays_the_oldest_of_them_first(self) -> None:
        made = two_invoices()
        made.add("invoice F-0 2026-09-01 due 2026-09-30 80.00")
        made.add("payment 2026-11-06 300.00 F-2 F-1")
        assert still_open(made.on("2026-11-06")) == {"F-0": "80.00", "F-2": "50.00"}

    def test_two_part_payments_add_up(self) -> None:
        made = two_invoices()
        made.add("payment 2026-11-06 100.00 F-2\npayment 2026-11-07 150.00 F-2")
        assert still_open(made.on("2026-11-07")) == {"F-1": "100.00"}

    def test_naming_an_invoice_in_parts_pays_its_parts_oldest_first(self) -> None:
        made = world(
            """
            invoice F-1 2026-09-01 due 2026-10-01 60.00 part=situation-1
            invoice F-1 2026-09-01 due 2026-11-01 100.00 part=situation-2
            invoice F-1 2026-09-01 due 2026-12-01 40.00 part=retenue
            payment 2026-11-06 75.00 F-1
            """
        )
        assert opened(made.on("2026-11-06")) == {
            "F-1/situation-1": "0.00",
            "F-1/situation-2": "85.00",
            "F-1/retenue": "40.00",
        }

    def test_a_part_can_be_named_by_itself(self) -> None:
        made = world(
            """
            invoice F-1 2026-09-01 due 2026-10-01 60.00 part=situation-1
            invoice F-1 2026-09-01 due 2026-11-01 100.00 part=situation-2
            payment 2026-11-06 100.00 F-1/situation-2
            """
        )
        assert still_open(made.on("2026-11-06")) == {"F-1/situation-1": "60.00"}


class TestExactAmount:
    def test_the_only_item_of_exactly_that_amount_is_paid(self) -> None:
        made = two_invoices()
        made.add("payment 2026-11-06 250.00")
        account = made.on("2026-11-06")
        assert still_open(account) == {"F-1": "100.00"}
        assert guessed(account) == [("F-2", "250.00", How.EXACT)]

    def test_what_is_left_of_a_part_paid_item_counts_as_its_amount(self) -> None:
        made = two_invoices()
        made.add("payment 2026-11-05 90.00 F-2\npayment 2026-11-06 160.00")
        account = made.on("2026-11-06")
        assert still_open(account) == {"F-1": "100.00"}
        assert guessed(account) == [("F-2", "160.00", How.EXACT)]

    def test_of_two_items_of_that_amount_none_is_picked_by_amount(self) -> None:
        made = world(
            """
            invoice F-0 2026-09-01 due 2026-10-01 70.00
            invoice F-1 2026-10-01 due 2026-10-31 100.00
            invoice F-2 2026-10-05 due 2026-11-04 100.00
            payment 2026-11-06 100.00
            """
        )
        account = made.on("2026-11-06")
        assert still_open(account) == {"F-1": "70.00", "F-2": "100.00"}
        assert guessed(account) == [("F-0", "70.00", How.OLDEST), ("F-1", "30.00", How.OLDEST)]

    def test_an_invoice_issued_after_the_payment_was_not_what_it_paid(self) -> None:
        made = two_invoices()
        made.add("payment 2026-11-06 250.00")
        made.add("invoice F-3 2026-11-09 due 2026-12-09 250.00")
        assert still_open(made.on("2026-11-10")) == {"F-1": "100.00", "F-3": "250.00"}

    def test_an_exact_amount_not_yet_due_comes_before_an_older_item(self) -> None:
        made = two_invoices()
        made.add("invoice F-3 2026-11-02 due 2026-12-02 80.00\npayment 2026-11-06 80.00")
        assert still_open(made.on("2026-11-06")) == {"F-1": "100.00", "F-2": "250.00"}


class TestExactSum:
    def test_the_only_items_that_add_up_to_it_are_paid(self) -> None:
        made = two_invoices()
        made.add("invoice F-3 2026-10-09 due 2026-11-05 400.00\npayment 2026-11-06 650.00")
        account = made.on("2026-11-06")
        assert still_open(account) == {"F-1": "100.00"}
        assert sorted(guessed(account)) == [("F-2", "250.00", How.SUM), ("F-3", "400.00", How.SUM)]

    def test_two_ways_to_add_up_to_it_are_not_chosen_between(self) -> None:
        made = world(
            """
            invoice F-1 2026-10-01 due 2026-10-28 100.00
            invoice F-2 2026-10-01 due 2026-10-29 200.00
            invoice F-3 2026-10-01 due 2026-10-30 300.00
            invoice F-4 2026-10-01 due 2026-10-31 400.00
            payment 2026-11-06 500.00
            """
        )
        account = made.on("2026-11-06")
        assert still_open(account) == {"F-3": "100.00", "F-4": "400.00"}
        assert {how for _, _, how in guessed(account)} == {How.OLDEST}

    def test_an_item_of_the_amount_comes_before_items_that_add_up_to_it(self) -> None:
        made = two_invoices()
        made.add("invoice F-3 2026-10-09 due 2026-11-05 350.00\npayment 2026-11-06 350.00")
        assert still_open(made.on("2026-11-06")) == {"F-1": "100.00", "F-2": "250.00"}

    def test_all_that_is_open_is_a_sum_too(self) -> None:
        made = two_invoices()
        made.add("payment 2026-11-06 350.00")
        assert still_open(made.on("2026-11-06")) == {}

    def test_many_open_items_do_not_take_forever(self) -> None:
        lines = [
            f"invoice F-{number} 2026-10-01 due 2026-11-02 {100 + number}.{number % 100:02d}" for number in range(120)
        ]
        made = world("\n".join([*lines, "payment 2026-11-06 4321.99"]))
        account = made.on("2026-11-06")
        assert sum(found.paid.decimal for found in account.items) == Decimal("4321.99")


class TestOldestFirst:
    def test_money_that_fits_nothing_pays_the_oldest_due_first(self) -> None:
        made = two_invoices()
        made.add("payment 2026-11-06 120.00")
        account = made.on("2026-11-06")
        assert still_open(account) == {"F-2": "230.00"}
        assert guessed(account) == [("F-1", "100.00", How.OLDEST), ("F-2", "20.00", How.OLDEST)]

    def test_oldest_is_by_due_date_and_not_by_issue(self) -> None:
        made = world(
            """
            invoice F-1 2026-09-01 due 2026-11-30 100.00
            invoice F-2 2026-10-05 due 2026-10-20 100.00
            payment 2026-11-06 30.00
            """
        )
        assert opened(made.on("2026-11-06")) == {"F-1": "100.00", "F-2": "70.00"}

    def test_a_guess_makes_way_for_a_later_payment_that_names_its_invoice(self) -> None:
        made = world(
            """
            invoice F-1 2026-10-01 due 2026-10-31 100.00
            invoice F-2 2026-10-05 due 2026-11-04 100.00
            payment 2026-11-05 100.00
            payment 2026-11-06 100.00 F-1
            """
        )
        assert opened(made.on("2026-11-05")) == {"F-1": "0.00", "F-2": "100.00"}
        account = made.on("2026-11-06")
        assert still_open(account) == {}
        assert not account.totals.credit


class TestGuessesAreListed:
    def test_each_guess_tells_the_client_the_day_the_amount_and_the_invoice(self) -> None:
        made = two_invoices()
        made.add("payment 2026-11-06 250.00")
        (guess,) = made.on("2026-11-06").guesses
        assert (guess.client, guess.on.isoformat(), str(guess.amount), guess.invoice) == (
            "brun",
            "2026-11-06",
            "250.00",
            "F-2",
        )

    def test_what_covers_nothing_is_listed_too(self) -> None:
        made = two_invoices()
        made.add("payment 2026-11-06 400.00")
        account = made.on("2026-11-06")
        assert still_open(account) == {}
        assert ("", "50.00") in [(guess.invoice, str(guess.amount)) for guess in account.guesses]


class TestCredits:
    def test_an_overpayment_is_kept_as_a_credit(self) -> None:
        made = world(
            """
            invoice F-1 2026-10-01 due 2026-10-31 100.00
            payment 2026-11-05 130.00 F-1
            """
        )
        account = made.on("2026-11-05")
        assert (str(item(account, "F-1").paid), str(account.totals.credit)) == ("100.00", "30.00")

    def test_the_credit_pays_the_next_invoice(self) -> None:
        made = world(
            """
            invoice F-1 2026-10-01 due 2026-10-31 100.00
            payment 2026-11-05 130.00 F-1
            invoice F-2 2026-11-06 due 2026-12-06 50.00
            """
        )
        account = made.on("2026-11-06")
        assert still_open(account) == {"F-2": "20.00"}
        assert not account.totals.credit

    def test_money_paid_ahead_of_the_invoice_pays_it(self) -> None:
        made = world(
            """
            invoice F-1 2026-10-01 due 2026-10-31 100.00
            payment 2026-10-02 100.00 F-1
            payment 2026-10-15 60.00
            invoice F-2 2026-11-06 due 2026-12-06 60.00
            """
        )
        account = made.on("2026-11-06")
        assert still_open(account) == {}
        assert not account.totals.credit

    def test_a_credit_note_goes_to_its_invoice(self) -> None:
        made = two_invoices()
        made.add("credit A-1 2026-10-20 40.00 F-2")
        account = made.on("2026-11-06")
        assert opened(account) == {"F-1": "100.00", "F-2": "210.00"}
        assert (str(item(account, "F-2").credited), str(item(account, "F-2").paid)) == ("40.00", "0.00")

    def test_what_a_credit_note_leaves_over_goes_to_what_else_is_open(self) -> None:
        made = two_invoices()
        made.add("credit A-1 2026-10-20 120.00 F-1")
        assert still_open(made.on("2026-11-06")) == {"F-2": "230.00"}

    def test_a_credit_note_for_a_paid_invoice_is_a_credit(self) -> None:
        made = world(
            """
            invoice F-1 2026-10-01 due 2026-10-31 100.00
            payment 2026-10-25 100.00 F-1
            credit A-1 2026-10-27 20.00 F-1
            """
        )
        account = made.on("2026-11-02")
        assert (opened(account), str(account.totals.credit)) == ({"F-1": "0.00"}, "20.00")

    def test_a_free_credit_note_is_always_applied_oldest_first(self) -> None:
        made = two_invoices()
        made.add("credit A-1 2026-10-20 120.00")
        account = made.on("2026-11-06")
        assert still_open(account) == {"F-2": "230.00"}
        assert str(item(account, "F-1").credited) == "100.00"

    def test_a_free_credit_note_larger_than_the_debt_leaves_a_credit(self) -> None:
        made = world(
            """
            invoice F-1 2026-10-01 due 2026-10-31 60.00
            credit A-1 2026-10-20 100.00
            """
        )
        account = made.on("2026-11-06")
        assert (still_open(account), str(account.totals.credit)) == ({}, "40.00")

    def test_a_credit_note_does_not_push_a_named_payment_into_nothing(self) -> None:
        made = two_invoices()
        made.add("credit A-1 2026-10-20 100.00\npayment 2026-11-06 100.00 F-1")
        account = made.on("2026-11-06")
        assert still_open(account) == {"F-2": "150.00"}
        assert not account.totals.credit


class TestNegativePayments:
    def test_a_bounced_cheque_reopens_its_invoice(self) -> None:
        made = two_invoices()
        made.add("payment 2026-11-05 250.00 F-2\npayment 2026-11-09 -250.00 F-2")
        assert opened(made.on("2026-11-08")) == {"F-1": "100.00", "F-2": "0.00"}
        assert opened(made.on("2026-11-09")) == {"F-1": "100.00", "F-2": "250.00"}

    def test_a_bounced_cheque_of_which_nobody_said_what_it_paid_reopens_what_it_was_guessed_to_pay(self) -> None:
        made = two_invoices()
        made.add("payment 2026-11-05 250.00\npayment 2026-11-09 -250.00")
        assert opened(made.on("2026-11-09")) == {"F-1": "100.00", "F-2": "250.00"}

    def test_a_bounced_payment_of_several_invoices_reopens_them_all(self) -> None:
        made = two_invoices()
        made.add("payment 2026-11-05 350.00 F-1 F-2\npayment 2026-11-09 -350.00 F-1 F-2")
        assert opened(made.on("2026-11-09")) == {"F-1": "100.00", "F-2": "250.00"}

    def test_a_bounced_cheque_that_was_replaced_leaves_nothing_open(self) -> None:
        made = two_invoices()
        made.add("payment 2026-11-05 250.00 F-2\npayment 2026-11-09 -250.00 F-2\npayment 2026-11-12 250.00 F-2")
        assert opened(made.on("2026-11-12")) == {"F-1": "100.00", "F-2": "0.00"}

    def test_a_partial_refund_reopens_that_part(self) -> None:
        made = two_invoices()
        made.add("payment 2026-11-05 250.00 F-2\npayment 2026-11-09 -30.00 F-2")
        assert opened(made.on("2026-11-09")) == {"F-1": "100.00", "F-2": "30.00"}

    def test_a_refund_after_a_credit_note_leaves_the_invoice_settled(self) -> None:
        made = world(
            """
            invoice F-1 2026-10-01 due 2026-10-31 100.00
            payment 2026-10-25 100.00 F-1
            credit A-1 2026-10-27 20.00 F-1
            payment 2026-10-30 -20.00 F-1
            """
        )
        account = made.on("2026-11-02")
        assert (opened(account), str(account.totals.credit)) == ({"F-1": "0.00"}, "0.00")

    def test_the_refund_of_a_credit_takes_the_credit_and_reopens_nothing(self) -> None:
        made = world(
            """
            invoice F-1 2026-10-01 due 2026-10-31 100.00
            payment 2026-11-05 130.00 F-1
            payment 2026-11-09 -30.00
            """
        )
        account = made.on("2026-11-09")
        assert (opened(account), str(account.totals.credit)) == ({"F-1": "0.00"}, "0.00")

    def test_the_refund_of_an_overpayment_may_name_the_invoice_that_was_overpaid(self) -> None:
        made = world(
            """
            invoice F-1 2026-10-01 due 2026-10-31 100.00
            payment 2026-11-05 130.00 F-1
            payment 2026-11-09 -30.00 F-1
            """
        )
        account = made.on("2026-11-09")
        assert (opened(account), str(account.totals.credit)) == ({"F-1": "0.00"}, "0.00")


class TestDays:
    def test_facts_dated_after_today_are_ignored(self) -> None:
        made = world(
            """
            invoice F-1 2026-10-01 due 2026-10-31 100.00
            invoice F-2 2026-11-10 due 2026-12-10 80.00
            payment 2026-11-10 100.00 F-1
            credit A-1 2026-11-10 10.00 F-1
            """
        )
        assert opened(made.on("2026-11-09")) == {"F-1": "100.00"}
        assert opened(made.on("2026-11-10")) == {"F-1": "0.00", "F-2": "70.00"}

    def test_today_counts(self) -> None:
        made = two_invoices()
        made.add("payment 2026-11-06 100.00 F-1")
        assert opened(made.on("2026-11-06"))["F-1"] == "0.00"

    def test_rows_in_any_order_mean_the_same(self) -> None:
        lines = ["payment 2026-11-05 250.00", "payment 2026-11-06 60.00", "payment 2026-11-09 -250.00"]
        results = []
        for order in (lines, lines[::-1]):
            made = two_invoices()
            made.add("\n".join(order))
            results.append(opened(made.on("2026-11-10")))
        assert results[0] == results[1]


class TestClients:
    def test_money_of_one_client_never_pays_for_another(self) -> None:
        made = world(
            """
            client brun
            client morel
            invoice F-1 2026-10-01 due 2026-10-31 100.00
            invoice F-2 2026-10-01 due 2026-10-31 100.00 client=morel
            payment 2026-11-05 200.00 client=morel
            """
        )
        account = made.on("2026-11-05")
        assert (opened(account), str(account.totals.credit)) == ({"F-1": "100.00"}, "0.00")

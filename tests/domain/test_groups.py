"""Companies of one group that would be written to at the same address on one day get one message."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from generator.domain.groups import gravest, grouped
from generator.domain.ledger import Channel, Contact
from generator.domain.policy import ReminderPolicy, Step
from tests.support.accounts import STEPS, accounts, client, item
from tests.support.services import about_instalment, agreed, thanked, welcomed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.domain.account import Account


def company(name: str, step: str | Step = "reminder-2", **changes: object) -> tuple[Account, ...]:
    """A company of the group, to which a step is due."""
    known = {"id": name, "group": "Verdier", "email": "compta@verdier.example", **changes}
    return accounts(step, item(f"F-{name}"), who=client(**known))


def names(*clients: Sequence[Account]) -> list[list[str]]:
    """Who gets a message together with whom."""
    return [[accounts[0].client.id for accounts in together] for together in grouped(clients)]


def test_companies_of_a_group_get_one_message_where_the_first_of_them_stands() -> None:
    other = company("z", group="")

    assert names(company("a"), other, company("b", "reminder-1"), company("c")) == [["a", "b", "c"], ["z"]]


@pytest.mark.parametrize(
    "changes",
    [
        {"group": ""},
        {"group": "Autre"},
        {"email": "direction@verdier.example"},
        {"email": "compta@verdier.example; direction@verdier.example"},
        {"language": "en"},
    ],
)
def test_another_group_address_or_language_is_another_message(changes: dict[str, object]) -> None:
    assert names(company("a"), company("b", "reminder-2", **changes)) == [["a"], ["b"]]


def reading_along(name: str, *addresses: str) -> tuple[Account, ...]:
    """A company whose message somebody else reads too."""
    (account,) = company(name)
    due = account.reminders.due_today
    assert due is not None
    people = tuple(Contact(name, "", "approves", address) for address in addresses)
    return (replace(account, reminders=replace(account.reminders, due_today=replace(due, copy_to=people))),)


def test_nobody_who_reads_along_at_one_company_sees_what_another_owes() -> None:
    assert names(reading_along("a", "ada@lyon.example"), company("b")) == [["a"], ["b"]]
    assert names(reading_along("a", "ada@lyon.example"), reading_along("b", "bea@nantes.example")) == [["a"], ["b"]]
    assert names(reading_along("a", "ada@verdier.example"), reading_along("b", "Ada@verdier.example")) == [["a", "b"]]


def test_the_same_addresses_may_be_written_in_other_ways() -> None:
    two = (
        company("a", email="A@verdier.example; b@verdier.example"),
        company("b", email="b@Verdier.example,a@verdier.example"),
    )

    assert names(*two) == [["a", "b"]]


def test_two_clients_without_a_group_are_never_together() -> None:
    assert names(company("a", group=""), company("b", group="")) == [["a"], ["b"]]


def test_a_client_to_whom_nothing_is_due_stays_out() -> None:
    quiet = company("b")
    quiet = tuple(replace(one, reminders=replace(one.reminders, due_today=None)) for one in quiet)

    assert names(company("a"), quiet, company("c")) == [["a", "c"], ["b"]]


def test_what_is_late_does_not_stand_beside_what_is_not_due() -> None:
    assert names(company("a"), company("b", "courtesy"), company("c", "courtesy")) == [["a"], ["b", "c"]]


def test_notices_letters_calls_and_words_about_payments_go_alone() -> None:
    who = client(id="p", group="Verdier", email="compta@verdier.example")
    plan = agreed((item().invoice.due, "1200.00", "0"))
    alone = [
        accounts("formal-notice", item(), who=who, channel=Channel.EMAIL),
        accounts("reminder-2", item(), who=who, channel=Channel.LETTER),
        accounts("reminder-2", item(), who=who, channel=Channel.PHONE),
        about_instalment("instalment", 1, plan, who=who),
        thanked(items=[item()], who=who),
        welcomed(who),
    ]
    for one in alone:
        assert names(company("a"), one, company("b")) == [["a", "b"], ["p"]]


def test_the_highest_step_speaks_for_all() -> None:
    ladder = ReminderPolicy(steps=tuple(STEPS[name] for name in ("courtesy", "reminder-1", "reminder-2", "reminder-3")))

    assert gravest([company("a", "reminder-1"), company("b", "reminder-3"), company("c", "reminder-2")], ladder) == 1
    assert gravest([company("a", "reminder-2"), company("b", "reminder-2")], ladder) == 0


def test_a_step_of_another_ladder_is_weighed_in_its_own() -> None:
    ladder = ReminderPolicy(ladders={"doux": (Step("douce", 20), Step("ferme", 90))})
    clients = [company("a", "reminder-1"), company("b", Step("ferme", 90), ladder="doux")]

    assert gravest(clients, ladder) == 1

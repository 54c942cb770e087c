"""One message for several companies of a group: a section for each, sums for all, the highest step's words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from generator.domain.ledger import Contact, Kind
from generator.messages import Message, compose_group
from tests.messages.reading import Office, flat, read, seen, sums
from tests.support.accounts import accounts, client, discount, item, sent, settings
from tests.support.links import all_linked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.domain.account import Account, Item
    from generator.domain.policy import Step

GROUP_KEY = "9Tn2vXwT4mKc9RzLd8sYq7"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """The office of Atelier Lumen, without templates of its own."""
    return Office(settings(tmp_path_factory.mktemp("folder")))


def company(
    name: str, *items: Item, step: str | Step = "reminder-2", key: str = "", **changes: object
) -> tuple[Account, ...]:
    """A company of the group, to which a step is due for these invoices."""
    known = {"id": name.lower(), "name": name, "group": "G1", "email": "compta@verdier.example", **changes}
    found = accounts(step, *items, who=client(**known))
    return tuple(replace(account, keys=(key or f"key-of-{name.lower()}-000000000",)) for account in found)


def together(office: Office, *clients: Sequence[Account]) -> Message:
    """Their one message."""
    return compose_group(office.settings, clients, office.templates)


def two(**changes: object) -> list[tuple[Account, ...]]:
    return [
        company("Lyon", item("L-1"), item("L-2", "80.00"), **changes),  # type: ignore[arg-type]
        company("Nantes", item("N-1", "300.00", currency="GBP"), item("N-2", "20.00"), **changes),  # type: ignore[arg-type]
    ]


def test_each_company_has_its_invoices_its_sum_and_its_page(office: Office) -> None:
    text = flat(together(office, *two()).text)
    lyon, nantes = text.index("Lyon Facture"), text.index("Nantes Facture")

    assert lyon < text.index("L-1,") < text.index("L-2,") < text.index("Total · 1 280,00 €") < nantes
    assert nantes < text.index("N-1,") < text.index("N-2,")
    assert text.index("/p/key-of-lyon-000000000/") < nantes < text.index("/p/key-of-nantes-000000000/")
    assert "Régler pour Lyon" in text
    assert "Bien à vous" in text


def test_the_sums_are_those_of_all_in_each_currency(office: Office) -> None:
    message = together(office, *two())

    assert [(amount.currency, str(amount)) for amount in message.amounts] == [("EUR", "1300.00"), ("GBP", "300.00")]
    assert "1 300,00 € et 300,00 £GB restent à régler en tout" in flat(message.text)
    assert sums(flat(message.text)) == sums(seen(message.html))


def test_it_says_for_whom_it_is(office: Office) -> None:
    message = together(office, *two())

    assert message.clients == ("lyon", "nantes")
    assert message.client == "lyon"
    assert message.items == (
        ("L-1", "reminder-2"),
        ("L-2", "reminder-2"),
        ("N-1", "reminder-2"),
        ("N-2", "reminder-2"),
    )
    assert message.file_name == "2026-11-22-lyon-group-reminder-2.eml"
    assert message.summary()["clients"] == ["lyon", "nantes"]
    assert message.subject == "Vos factures Atelier Lumen (2 sociétés)"


def test_the_highest_step_gives_the_tone_and_each_item_keeps_its_own(office: Office) -> None:
    low = company("Lyon", item("L-1"), step="reminder-1")
    high = company("Nantes", item("N-1"), step="reminder-3")
    message = together(office, low, high)

    assert message.step == "reminder-3"
    assert "au plus tard le 2 décembre 2026" in flat(message.text)
    assert message.items == (("L-1", "reminder-1"), ("N-1", "reminder-3"))


def test_what_may_follow_is_said_only_when_all_are_that_far(office: Office) -> None:
    low, high = (
        company(name, item(f"{name}-1"), step=step) for name, step in (("A", "reminder-1"), ("B", "reminder-3"))
    )
    other = company("C", item("C-1"), step="reminder-3")

    assert "mise en demeure" not in flat(together(office, low, high).text)
    assert "40 €" not in flat(together(office, low, high).text)
    both = flat(together(office, high, other).text)
    assert "nous pourrons vous adresser une mise en demeure" in both
    assert "40 €" in both
    person = company("C", item("C-1"), step="reminder-3", kind=Kind.CONSUMER)
    assert "40 €" not in flat(together(office, high, person).text)


def test_before_the_due_date_nothing_is_late(office: Office) -> None:
    early = [company(name, item(f"{name}-1", due=date(2026, 11, 25)), step="courtesy") for name in ("A", "B")]
    text = flat(together(office, *early).text)

    assert "les factures à venir de vos 2 sociétés" in text
    assert "vous n’avez rien à faire" in text
    assert "échue" not in text.lower()


def test_an_offer_stands_with_its_company(office: Office) -> None:
    one = item("L-1")
    offered = accounts("reminder-2", one, who=client(id="lyon", name="Lyon", group="G1"), offers=[discount([one])])
    text = flat(together(office, offered, company("Nantes", item("N-1"), email="jeanne@studio-verdier.example")).text)

    assert text.index("1 140,00 € suffisent au lieu de 1 200,00 €") < text.index("Nantes")


def test_each_company_pays_online_by_its_own_links(office: Office) -> None:
    linked = [all_linked(accounts) for accounts in two()]
    text = flat(together(office, *linked).text)
    first, _, second = text.partition("Nantes Facture")

    for part, accounts_ in ((first, linked[0]), (second, linked[1])):
        own = {url for account in accounts_ for url in account.links.values()}
        others = {url for known in linked for account in known for url in account.links.values()} - own
        assert not [url for url in others if url in part]


def test_one_person_is_greeted_and_two_are_not(office: Office) -> None:
    same = together(office, *two())
    differ = together(office, company("A", item("A-1")), company("B", item("B-1"), contact="Léo", salutation=""))

    assert same.text.startswith("Bonjour Madame Verdier,")
    assert differ.text.startswith("Bonjour,\n")
    assert read(same)["To"] == "Jeanne Verdier <compta@verdier.example>"
    assert read(differ)["To"] == "compta@verdier.example"


def test_it_goes_on_with_what_was_written_of_any_of_them(office: Office) -> None:
    lyon, nantes = company("Lyon", item("L-1")), company("Nantes", item("N-1"))
    past = [
        replace(sent("reminder-1", date(2026, 11, day), [item(number)]), message_id=f"{number.lower()}@atelier.example")
        for number, day in (("L-1", 14), ("N-1", 12))
    ]
    told = [
        (replace(one, reminders=replace(one.reminders, sent=(message,))),)
        for (one,), message in zip((lyon, nantes), past, strict=True)
    ]
    found = read(together(office, *told))

    assert found["In-Reply-To"] == "<l-1@atelier.example>"
    assert "<n-1@atelier.example>" in found["References"]


def test_who_reads_along_does_so_once(office: Office) -> None:
    ada = Contact("lyon", "Ada Klein", "approves", "ada@verdier.example")
    copied = []
    for name, person in (("Lyon", ada), ("Nantes", replace(ada, client="nantes", email="ADA@verdier.example"))):
        (one,) = company(name, item(f"{name}-1"))
        due = one.reminders.due_today
        assert due is not None
        copied.append((replace(one, reminders=replace(one.reminders, due_today=replace(due, copy_to=(person,)))),))
    message = together(office, *copied)

    assert read(message)["Cc"].lower() == "ada klein <ada@verdier.example>"
    assert len(message.copy) == 1


def test_the_same_group_is_the_same_conversation_whatever_its_members_today(office: Office) -> None:
    three = [*two(), company("Paris", item("P-1"))]
    first, second = (read(together(office, *clients)) for clients in (two(), three))

    assert first["References"] == second["References"]
    assert first["Message-ID"] != second["Message-ID"]


def test_an_english_group_is_written_to_in_english(office: Office) -> None:
    text = flat(together(office, *two(language="en")).text)

    assert "this message brings your 2 companies together" in text
    assert "€1,300.00 and £300.00 are still to be paid in all" in text
    assert "Pay for Nantes" in text


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "{{7*7}}", "**x**", "</title>"])
def test_hostile_names_are_shown_as_they_are(office: Office, text: str) -> None:
    message = together(office, company(text, item("L-1"), id="a"), company("B", item("N-1", subject=text)))

    assert text in message.text
    assert "<script" not in message.html
    assert message.html.count("</title>") == 1

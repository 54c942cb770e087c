"""Who at a client is written to, who reads along, and who is called."""

from __future__ import annotations

from dataclasses import replace

from generator.domain.facts import addressee, people_of, second_person, to_call
from generator.domain.ledger import Channel, Client, Contact, Kind

VERDIER = Client(
    "verdier",
    "Studio Verdier",
    "contact@verdier.example",
    contact="Jeanne Verdier",
    salutation="Madame Verdier",
    phone="04 72 00 11 22",
    kind=Kind.BUSINESS,
)
PAYER = Contact("verdier", "Paul Roux", "pays", "compta@verdier.example")
APPROVER = Contact("verdier", "Ada Klein", "approves", "ada@verdier.example", "04 72 00 11 33")
BUYER = Contact("verdier", "Léo Brun", "orders", "leo@verdier.example")


def second(client: Client, *contacts: Contact) -> list[str]:
    """The addresses of those who read along."""
    written_to = addressee(client, contacts)
    return [person.email for person in second_person(written_to, people_of(client, contacts))]


def test_the_reminder_goes_to_who_pays_by_their_own_name() -> None:
    who = addressee(VERDIER, [BUYER, APPROVER, PAYER])

    assert (who.email, who.contact, who.salutation) == ("compta@verdier.example", "Paul Roux", "")
    assert who.name == "Studio Verdier"


def test_a_salutation_stays_with_the_person_it_names() -> None:
    who = addressee(VERDIER, [replace(PAYER, name="Jeanne Verdier")])

    assert (who.email, who.salutation) == ("compta@verdier.example", "Madame Verdier")


def test_who_pays_is_written_to_in_their_language_and_by_their_channel() -> None:
    who = addressee(VERDIER, [replace(PAYER, language="en", channel=Channel.PHONE)])

    assert (who.language, who.channel) == ("en", Channel.PHONE)
    assert addressee(VERDIER, [PAYER]).language == "fr"
    by_letter = replace(VERDIER, channel=Channel.LETTER)
    assert addressee(by_letter, [replace(PAYER, channel=Channel.PHONE)]).channel is Channel.LETTER


def test_without_anybody_who_pays_it_is_the_clients_own_address() -> None:
    assert addressee(VERDIER, [BUYER, APPROVER, replace(PAYER, email="")]) == VERDIER


def test_without_any_address_of_their_own_it_is_whoever_has_one() -> None:
    assert addressee(replace(VERDIER, email=""), [BUYER, APPROVER]).email == "leo@verdier.example"
    assert addressee(replace(VERDIER, email=""), []).email == ""


def test_the_second_person_approves_else_orders_else_is_the_client() -> None:
    assert second(VERDIER, PAYER, BUYER, APPROVER) == ["ada@verdier.example"]
    assert second(VERDIER, PAYER, BUYER, replace(APPROVER, email="")) == ["leo@verdier.example"]
    assert second(VERDIER, PAYER) == ["contact@verdier.example"]


def test_nobody_is_told_twice() -> None:
    assert second(VERDIER) == []
    assert second(VERDIER, replace(PAYER, email="Contact@Verdier.example")) == []
    assert second(VERDIER, PAYER, replace(APPROVER, email="COMPTA@verdier.example"), BUYER) == ["leo@verdier.example"]
    both = replace(VERDIER, email="a@verdier.example; b@verdier.example")
    assert second(both, replace(APPROVER, email="b@verdier.example")) == []


def test_what_a_consumer_owes_is_told_to_nobody_else() -> None:
    assert second(replace(VERDIER, kind=Kind.CONSUMER), PAYER, APPROVER) == []


def test_who_pays_is_called_first_then_the_clients_own_number() -> None:
    people = people_of(VERDIER, [APPROVER, replace(PAYER, phone="04 72 00 11 44"), BUYER])

    assert [(person.name, person.role) for person in to_call(people)] == [
        ("Paul Roux", "pays"),
        ("Jeanne Verdier", ""),
        ("Ada Klein", "approves"),
    ]
    assert to_call(people_of(replace(VERDIER, phone=""), [BUYER])) == ()

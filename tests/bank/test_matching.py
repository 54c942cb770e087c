"""Whose money a movement is: what is certain, what is not, and why. What is certain is never another client's."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.domain.bank import BankStatement, Movement
from generator.domain.ledger import Client, Contact, Invoice, Ledger, SourceRef
from generator.domain.matching import Match, Verdict, match_movements, payment_of
from generator.domain.memory import Memory, OfferKind, OfferMade
from generator.domain.money import Money
from generator.domain.references import account_reference
from tests.support.effort import examples
from tests.support.world import World, day, world

TODAY = day("2026-11-16")
LEDGER = """
client verdier
client brun
client office group=ville
client school group=ville
invoice F-2026-118 2026-10-01 due 2026-10-31 1200.00 client=verdier
invoice F-2026-119 2026-10-05 due 2026-11-04 300.00 client=verdier
invoice F-2026-120 2026-10-05 due 2026-11-04 450.00 client=brun
invoice 121 2026-10-05 due 2026-11-04 80.00 client=brun
invoice M-2026-77 2026-10-01 due 2026-10-31 500.00 client=office
"""


def came(
    amount: str, *texts: str, party: str = "", on: str = "2026-11-10", currency: str = "EUR", **odd: bool
) -> Movement:
    return Movement(day(on), Money.of(amount, currency), party, texts, **odd)  # type: ignore[arg-type]


def statement(*movements: Movement, form: str = "camt") -> BankStatement:
    return BankStatement("releve.xml", form, "FR76", "EUR", day("2026-11-01"), TODAY, movements)


def judge(movement: Movement, known: World | None = None) -> Match:
    known = known or world(LEDGER)
    (found,) = match_movements([statement(movement)], known.ledger, Memory.of(known.events), TODAY)
    return found


def told(found: Match) -> str:
    return " ".join([found.verdict, found.reason, *found.clients])


@pytest.mark.parametrize(
    ("movement", "expected"),
    [
        (came("1200.00", "FACTURE F-2026-118"), "certain number verdier"),
        (came("1200.00", "f 2026 118 merci", party="INCONNU SA"), "certain number verdier"),
        (came("1500.00", "F-2026-118 ET F-2026-119"), "certain number verdier"),
        (came("300.00", "F-2026-118 F-2026-119"), "certain number verdier"),
        (came("1500.00", "F-2026-118"), "certain number verdier"),
        (came("1100.00", "F-2026-118"), "doubtful amount_differs verdier"),
        (came("1100.00", "F-2026-118", party="SARL VERDIER"), "certain part verdier"),
        (came("1300.00", "F-2026-118", party="SARL VERDIER"), "doubtful amount_differs verdier"),
        (came("1200.00", "F-2026-118", party="BRUN SAS"), "doubtful other_name brun verdier"),
        (came("1650.00", "F-2026-118 F-2026-120"), "doubtful several_clients brun verdier"),
        (came("1200.00", "XF-2026-118"), "doubtful amount_only verdier"),
        (came("80.00", "loyer 121"), "doubtful amount_only brun"),
        (came("80.00", "facture n° 121"), "doubtful number_alone brun"),
        (came("80.00", "facture n° 121", party="Brun"), "certain number brun"),
        (came("1200.00", party="VIR SEPA RECU DE VERDIER"), "certain name verdier"),
        (came("1500.00", party="Verdier S.A.R.L."), "doubtful looks_like verdier"),
        (came("1500.00", party="Verdier SARL"), "certain name verdier"),
        (came("700.00", party="VERDIER"), "doubtful name_only verdier"),
        (came("1200.00", "virement verdier octobre"), "doubtful looks_like verdier"),
        (came("500.00", "M-2026-77", party="SCHOOL"), "certain number office"),
        (came("500.00"), "doubtful amount_only office"),
        (came("123.45", "divers"), "doubtful nobody"),
        (came("1200.00", "F-2026-118", currency="GBP"), "doubtful other_currency verdier"),
        (came("1200.00", "F-2026-118", returned=True), "doubtful returned verdier"),
        (came("1200.00", "F-2026-118", several=True), "doubtful sum verdier"),
        (came("1200.00", "F-2026-118", on="2026-11-17"), "ignored ahead"),
        (came("-1200.00", "F-2026-118"), "doubtful goes_back verdier"),
        (came("-40.00", "EDF"), "ignored outgoing"),
        (came("2000.00", "STRIPE/P3K"), "ignored stripe"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_each_movement_is(movement: Movement, expected: str) -> None:
    assert told(judge(movement)) == expected


def test_a_number_that_may_be_cut_off_needs_the_name() -> None:
    known = world(LEDGER + "invoice F-2026-12 2026-10-05 due 2026-11-04 90.00 client=verdier")
    assert told(judge(came("90.00", "PAIEMENT F-2026-12"), known)) == "doubtful number_cut verdier"
    assert told(judge(came("90.00", "PAIEMENT F-2026-12 DU 5/10"), known)) == "certain number verdier"
    assert told(judge(came("90.00", "PAIEMENT F-2026-12", party="VERDIER"), known)) == "certain number verdier"


def test_our_references_tell_whatever_is_paid() -> None:
    known = world(LEDGER)
    reference = account_reference("brun", "EUR")
    assert told(judge(came("9.99", f"ref {reference}"), known)) == "certain reference brun"
    assert told(judge(came("9.99", f"ref {reference[:-1]}"), known)) == "doubtful nobody"
    assert told(judge(came("9.99", reference, "F-2026-118"), known)) == "doubtful several_clients brun verdier"
    assert told(judge(came("9.99", reference, party="Verdier"), known)) == "doubtful other_name brun verdier"
    assert told(judge(came("9.99", reference, currency="GBP"), known)) == "doubtful other_currency brun"


def test_an_offers_reference_books_a_payment_that_takes_it() -> None:
    known = world("client verdier\ninvoice F-2026-118 2026-10-01 due 2026-10-31 1200.00")
    known.events.append(_discount(known))
    (offer,) = [one for one in known.on("2026-11-14").offers if one.kind is OfferKind.DISCOUNT]
    found = judge(came("1140.00", offer.reference, on="2026-11-14"), known)
    assert told(found) == "certain reference verdier"
    named = judge(came("1140.00", "F-2026-118", on="2026-11-14"), known)
    assert (told(named), named.invoices) == ("certain number verdier", ("F-2026-118",))
    late = judge(came("1140.00", "F-2026-118", on="2026-11-03"), known)  # before it was offered
    assert told(late) == "doubtful amount_differs verdier"


def _discount(known: World) -> OfferMade:
    assert known.policy.discount is not None
    reference, percent = account_reference("offer", "EUR"), known.policy.discount.percent
    begins, ends = day("2026-11-08"), day("2026-11-18")
    return OfferMade(
        "k", OfferKind.DISCOUNT, "verdier", "EUR", reference, ("F-2026-118",), begins, ends, percent=percent
    )


MENUISERIES = """
client verdier
client martin-menuiserie
invoice F-2026-118 2026-10-01 due 2026-10-31 1200.00 client=verdier
invoice F-2026-1180 2026-10-01 due 2026-10-31 1200.00 client=martin-menuiserie
"""


def named_ledger(known: World) -> Ledger:
    """The clients under the names that they are invoiced under."""
    names = {"verdier": "Éditions Verdier-Roux SARL", "martin-menuiserie": "Martin Menuiserie"}
    clients = {key: Client(key, names[key]) for key in known.ledger.clients}
    return Ledger(clients, known.ledger.invoices, payments=known.ledger.payments)


@pytest.mark.parametrize(
    ("movement", "expected"),
    [
        (came("1200.00", "VIR MARTIN MENUISERIE F2026118"), "doubtful other_name martin-menuiserie verdier"),
        (came("1200.00", "VIR MARTIN MENUISERIE F2026118 DU 1/10"), "doubtful other_name martin-menuiserie verdier"),
        (
            came("1150.00", "MARTIN MENUISERIE EDITIONS VERDIER ROUX F-2026-118"),
            "doubtful several_clients martin-menuiserie verdier",
        ),
        (
            came("1200.00", "pour MARTIN MENUISERIE", party="EDITIONS VERDIER ROUX"),
            "doubtful several_clients martin-menuiserie verdier",
        ),
        (
            came("77.00", "pour MARTIN MENUISERIE", party="EDITIONS VERDIER ROUX"),
            "doubtful several_clients martin-menuiserie verdier",
        ),
        (
            came("1200.00", "F-2026-118", party="MARTIN MENUISERIE", currency="USD"),
            "doubtful other_currency martin-menuiserie verdier",
        ),
        (
            came("9.99", f"VIR MARTIN MENUISERIE {account_reference('verdier', 'EUR')}"),
            "doubtful other_name martin-menuiserie verdier",
        ),
        (came("1200.00", party="MARTIN MENUISERIE", currency="USD"), "doubtful other_currency martin-menuiserie"),
        (came("1200.00", "VIR EDITIONS VERDIER ROUX F-2026-118 MERCI"), "certain number verdier"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_name_that_stands_in_the_words_is_heard(movement: Movement, expected: str) -> None:
    ledger = named_ledger(world(MENUISERIES))
    (found,) = match_movements([statement(movement)], ledger, Memory.of([]), TODAY)
    assert told(found) == expected


def test_an_invoice_that_is_paid_does_not_make_its_client_the_payer() -> None:
    known = named_ledger(world(MENUISERIES + "payment 2026-10-20 1200.00 F-2026-118 client=verdier"))
    movement = came("1200.00", "VIR MARTIN MENUISERIE F2026118", party="VIR MARTIN MENUISERIE F2026118")
    (found,) = match_movements([statement(movement)], known, Memory.of([]), TODAY)
    assert (found.verdict, found.clients, found.invoices) == ("doubtful", ("martin-menuiserie", "verdier"), ())


@pytest.mark.parametrize(
    ("movement", "expected"),
    [
        (came("300.00", "F-2026-119", on="2026-10-04"), "doubtful before_issued verdier"),
        (came("300.00", "F-2026-119", on="2026-10-05"), "certain number verdier"),
        (came("100.00", "F-2026-119", party="Verdier SARL", on="2026-10-04"), "doubtful before_issued verdier"),
        (came("1500.00", "F-2026-118 F-2026-119", on="2026-10-04"), "doubtful before_issued verdier"),
        (came("1200.00", "F-2026-118 F-2026-119", on="2026-10-04"), "certain number verdier"),
        (came("300.00", party="Verdier SARL", on="2026-10-04"), "doubtful before_issued verdier"),
        (came("1500.00", party="Verdier SARL", on="2026-10-04"), "doubtful before_issued verdier"),
        (came("1200.00", party="Verdier SARL", on="2026-10-04"), "certain name verdier"),
        (came("1200.00", party="Verdier SARL", on="2026-03-11"), "doubtful before_issued verdier"),
        (came("9.99", account_reference("verdier", "EUR"), on="2026-10-01"), "certain reference verdier"),
        (came("9.99", account_reference("verdier", "EUR"), on="2026-09-30"), "doubtful before_issued verdier"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_nothing_is_surely_paid_before_it_was_issued(movement: Movement, expected: str) -> None:
    assert told(judge(movement)) == expected


def test_two_clients_of_one_name_are_nobody_in_particular() -> None:
    same = {name: Client(name, "Durand SARL") for name in ("a", "b")}
    invoices = tuple(Invoice(f"F-{name}-2026", name, TODAY, TODAY, Money(100, "EUR")) for name in same)
    (found,) = match_movements(
        [statement(came("1.00", party="DURAND SAS"))], Ledger(same, invoices), Memory.of([]), TODAY
    )
    assert told(found) == "doubtful several_clients a b"


def test_a_person_there_is_a_hint_only() -> None:
    known = world(LEDGER)
    people = (Contact("verdier", "Anne Morel", "pays"),)
    ledger = Ledger(known.ledger.clients, known.ledger.invoices, contacts=people)
    (found,) = match_movements([statement(came("1200.00", party="MME ANNE MOREL"))], ledger, Memory.of([]), TODAY)
    assert told(found) == "doubtful looks_like verdier"


def test_an_instalment_that_is_expected_is_an_amount_asked_for() -> None:
    known = world(LEDGER + "agreement A1 2026-11-01 F-2026-118 2026-11-15:400 2026-12-15:800 client=verdier")
    assert told(judge(came("400.00", party="VERDIER", on="2026-11-14"), known)) == "certain name verdier"


@pytest.mark.parametrize(
    ("booked", "expected"),
    [
        ("payment 2026-11-08 1200.00 client=brun", "certain number verdier"),
        ("payment 2026-11-08 1200.00 client=verdier", "doubtful nothing_open verdier"),
        ("payment 2026-10-02 1200.00 client=verdier", "doubtful nothing_open verdier"),
        (
            "payment 2026-11-06 600.00 client=verdier\npayment 2026-11-06 600.00 client=verdier",
            "doubtful nothing_open verdier",
        ),
        ("payment 2026-11-08 300.00 F-2026-119 client=verdier", "certain number verdier"),
        ("debit 2026-11-08 300.00 client=verdier state=paid", "certain number verdier"),
    ],
)
def test_what_may_be_booked_already_is_asked(booked: str, expected: str) -> None:
    assert told(judge(came("1200.00", "F-2026-118"), world(LEDGER + booked))) == expected


def test_what_may_be_booked_already_says_where() -> None:
    known = world(LEDGER + "payment 2026-11-08 1200.00 client=brun")
    reference = account_reference("brun", "EUR")
    found = judge(came("1200.00", reference), known)
    assert told(found) == "doubtful booked_perhaps brun"
    assert found.like == SourceRef("payments.csv")


def test_a_movement_that_stands_in_two_extracts_is_one() -> None:
    movement = came("1200.00", "F-2026-118")
    known = world(LEDGER)
    found = match_movements([statement(movement), statement(movement)], known.ledger, Memory.of([]), TODAY)
    assert [told(one) for one in found] == ["certain number verdier"]


# Whatever comes, what is certain is right, and is found once

WORDS = ["VIREMENT", "FACTURE", "N", "MERCI", "ACOMPTE", "2026", "118", "F", "12", "SOLDE", "RF18", "NOVEMBRE"]
NAMES = ["Studio Verdier", "Verdier", "Atelier Brun SARL", "Brun", "Durand & Fils", "Durand et Fils SAS", "Le Verdier"]
NUMBERS = st.sampled_from(["F-2026-{}", "2026-{}", "{}", "F{}", "FA/{}/26"])


@st.composite
def ledgers(draw: st.DrawFn) -> Ledger:
    names = draw(st.lists(st.sampled_from(NAMES), min_size=2, max_size=5, unique=True))
    clients = {f"c{index}": Client(f"c{index}", name) for index, name in enumerate(names)}
    form = draw(NUMBERS)
    invoices: list[Invoice] = []
    for index in range(draw(st.integers(2, 9))):
        number = form.format(draw(st.sampled_from([10, 11, 12, *range(100, 130)])))
        if number in {invoice.number for invoice in invoices}:
            continue
        issued = date(2026, 9, 1) + timedelta(days=index)
        amount = Money(draw(st.sampled_from([5000, 12000])), "EUR")
        client = draw(st.sampled_from(sorted(clients)))
        invoices.append(Invoice(number, client, issued, issued + timedelta(days=30), amount))
    return Ledger(clients, tuple(invoices))


@st.composite
def transfers(draw: st.DrawFn, ledger: Ledger) -> tuple[Movement, str]:
    """A transfer, and who sent it: a client, or nobody whom we know."""
    noise = " ".join(draw(st.lists(st.sampled_from(WORDS), max_size=4)))
    on = date(2026, 11, 1) + timedelta(days=draw(st.integers(0, 14)))
    client = draw(st.sampled_from(["", *sorted(ledger.clients)]))
    own = [invoice for invoice in ledger.invoices if invoice.client == client]
    if not own:
        amount = Money(draw(st.sampled_from([5000, 12000, 17000, 777])), "EUR")
        return Movement(on, amount, draw(st.sampled_from(["", "ACME", "TRESOR PUBLIC"])), (noise,)), ""
    chosen = draw(st.lists(st.sampled_from(own), min_size=1, max_size=2, unique_by=lambda one: one.number))
    how = draw(st.sampled_from(["reference", "number", "mangled", "nothing", "cut"]))
    amount = Money(sum(invoice.total.minor for invoice in chosen) - draw(st.sampled_from([0, 0, 0, 0, 100])), "EUR")
    numbers = " ".join(invoice.number for invoice in chosen)
    text = {
        "reference": account_reference(client, "EUR"),
        "number": f"FACTURE {numbers}",
        "mangled": f"FACT {numbers.replace('-', ' ').replace('/', ' ').upper()}",
        "nothing": "",
        "cut": f"FACTURE {numbers}"[: -draw(st.integers(1, 2))],
    }[how]
    texts = (text,) if how == "cut" else (f"{noise} {text}" if draw(st.booleans()) else f"{text} / {noise}",)
    name = ledger.clients[client].name.upper()
    others = NAMES if how in {"reference", "number", "mangled"} else []  # somebody may pay for another, and says so
    party = draw(st.sampled_from(["", "", name, f"VIR {name}", "HOLDING X", *others]))
    return Movement(on, amount, party, texts), client


@settings(max_examples=examples(80))
@given(st.data())
def test_what_is_certain_is_the_senders_and_is_found_once(data: st.DataObject) -> None:
    ledger = data.draw(ledgers())
    sent = data.draw(st.lists(transfers(ledger), min_size=1, max_size=8))
    extract = statement(*(movement for movement, _ in sent))
    found = match_movements([extract], ledger, Memory.of([]), TODAY)
    senders = {(movement.on, movement.amount, movement.party, movement.texts): set[str]() for movement, _ in sent}
    for movement, client in sent:
        senders[movement.on, movement.amount, movement.party, movement.texts].add(client)
    for match in found:
        if match.verdict is Verdict.CERTAIN:
            one = match.movement
            assert set(match.clients) <= senders[one.on, one.amount, one.party, one.texts]
    booked = tuple(payment_of(match) for match in found if match.verdict is Verdict.CERTAIN)
    again = Ledger(ledger.clients, ledger.invoices, payments=booked)
    second = match_movements([extract], again, Memory.of([]), TODAY)
    assert not [match for match in second if match.verdict is Verdict.CERTAIN]
    assert [told(match) for match in second if match.verdict is Verdict.DOUBTFUL] == [
        told(match) for match in found if match.verdict is Verdict.DOUBTFUL
    ]

"""Invented clients on whom templates are tried, so that a mistake shows before a real message or page meets it.

Together they take every branch that a template may have: one invoice or many, one currency or two, part-paid, promised,
with and without offers, links to pay them, debits on their way, earlier messages and calls, people to call, a name to
greet, or a kind; and for what is no reminder, an agreement that was made, changed, paid or called off, an instalment to
come, late, or of an agreement that is over, and money that came in for all of a debt or for some of it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from generator.domain.account import (
    Account,
    Ageing,
    Agreement,
    HistoryKind,
    HistoryLine,
    Instalment,
    Item,
    Offer,
    Status,
    Totals,
)
from generator.domain.delivery import Logged, Means, MessageSent, SentItem
from generator.domain.due import DueReminder, InstalmentDue, RecapKind, Receipt, Reminders
from generator.domain.facts import people_of
from generator.domain.ledger import Channel, Client, Contact, Invoice, Kind, Payment
from generator.domain.linkplan import with_links
from generator.domain.memory import OfferKind
from generator.domain.money import Money, total
from generator.domain.policy import (
    AGREEMENT,
    AGREEMENT_OVER,
    INSTALMENT_LATE,
    INSTALMENT_SOON,
    ONBOARDING,
    PROPOSAL_ANSWERED,
    RECAP,
    RECEIPT,
    LinkPolicy,
    Step,
    Tone,
)
from generator.domain.proposals import Proposal, ProposalKind, ProposalStatus
from generator.domain.standing import Standing
from generator.specimens_fees import claimed_from, late_in_law, with_agreed_fees
from generator.specimens_offers import some_offers, some_vouchers
from generator.specimens_recap import recap_cases

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TODAY = date(2026, 11, 22)
_MANY = 70
_LINKS = LinkPolicy("specimen", "https://portal.example", "Claire Lumen", ("card", "sepa_debit"))


def _business(language: str) -> Client:
    return Client(
        id="specimen",
        name="Studio Verdier",
        email="jeanne@studio-verdier.example",
        contact="Jeanne Verdier",
        salutation="Madame Verdier",
        phone="04 72 00 11 22",
        language=language,
        kind=Kind.BUSINESS,
        address="8 quai Saint-Vincent\n69001 Lyon",
    )


def specimens(step: Step, channel: Channel, language: str) -> Iterator[tuple[Account, ...]]:
    """The accounts of each invented client to whom `step` is due today."""
    if step.name in {INSTALMENT_SOON, *INSTALMENT_LATE}:
        yield from _instalments(step, channel, language)
        return
    if step.name in {RECAP, AGREEMENT, AGREEMENT_OVER}:
        yield from _recaps(step, channel, language)
        return
    if step.name in {RECEIPT, ONBOARDING}:
        yield from _receipts(language) if step.name == RECEIPT else _first_words(language)
        return
    if step.name in PROPOSAL_ANSWERED.values():
        yield from _proposals(step, language)
        return
    full = _business(language)
    bare = Client(id="specimen", name="Paul Roux", email="paul@roux.example", language=language, kind=Kind.CONSUMER)
    unknown = Client(id="specimen", name="Mairie de Brume", email="mairie@brume.example", language=language)
    one = _item(step, 1, "1200.00")
    one = replace(one, invoice=replace(one.invoice, value="le site a reçu 12 000 visites depuis"))
    part = _item(step, 2, "450.00", paid="50.00", order="C-7", promised=True)
    offered = _accounts(step, channel, full, [one], offers=True, history=(Channel.EMAIL,))
    yield offered
    yield _linked(offered)
    yield _accounts(
        step, channel, full, [one, part, _item(step, 3, "300.00", "GBP")], offers=True, history=tuple(Channel)
    )
    yield _accounts(step, channel, bare, [part], offers=False, history=(Channel.PHONE,))
    yield _accounts(step, channel, unknown, [_item(step, 4, "80.00", subject="")], offers=False, history=())
    yield _accounts(
        step, channel, full, [_item(step, number, "10.00") for number in range(_MANY)], offers=False, history=()
    )
    if not step.before_due:
        body = replace(full, name="Ville de Brume", kind=Kind.PUBLIC)
        for client, listed in ((full, [one]), (full, [one, part]), (body, [one, part])):
            owing = _accounts(step, channel, client, listed, offers=False, history=(Channel.EMAIL,))
            yield _linked(claimed_from(owing, step, TODAY)) if client is full else late_in_law(owing)
        yield late_in_law(_accounts(step, channel, full, [one], offers=False, history=(Channel.EMAIL,)))


def group_specimens(language: str) -> Iterator[tuple[tuple[Account, ...], ...]]:
    """The accounts of companies of one group that get one message, at each tone, and before anything is late."""
    full = replace(_business(language), group="Verdier")
    other = replace(full, id="specimen-2", name="Studio Verdier Lyon", contact="", salutation="")
    steps = [Step("specimen", 30, tone=tone) for tone in Tone]
    for step in (*steps, Step("specimen", -3)):
        one, part = _item(step, 1, "1200.00"), _item(step, 2, "450.00", paid="50.00", promised=True)
        pounds = _item(step, 3, "300.00", "GBP")
        offered = _linked(_accounts(step, Channel.EMAIL, full, [one], offers=True, history=(Channel.EMAIL,)))
        plain = _accounts(step, Channel.EMAIL, other, [part, pounds], offers=False, history=(Channel.LETTER,))
        yield offered, plain
        yield offered, _linked(_accounts(step, Channel.EMAIL, full, [part], offers=False, history=()))
        if not step.before_due:
            yield claimed_from(offered, step, TODAY), plain


def page_specimens(language: str) -> Iterator[tuple[Account, ...]]:
    """The accounts of clients who can pay everything online, with a debit on its way beside it or alone."""
    client, step = _business(language), Step("specimen", 14)
    part, agreed = _item(step, 2, "450.00", paid="50.00"), _item(step, 3, "300.00")
    covered = _item(step, 4, "80.00", paid="80.00")
    debits = [_debit(part, "100.00"), _debit(covered, "80.00")]
    listed = [
        _item(step, 1, "1200.00"),
        replace(part, open=part.open - debits[0].amount, in_flight=debits[0].amount),
        replace(agreed, status=Status.IN_PLAN),
        replace(covered, status=Status.IN_FLIGHT, paid=Money(0, "EUR"), in_flight=debits[1].amount),
    ]
    (account,) = _accounts(step, Channel.EMAIL, client, listed, offers=True, history=())
    shares = [Instalment(TODAY + timedelta(days=30 * n), Money(15000, "EUR"), Money(0, "EUR")) for n in range(2)]
    agreement = Agreement("EC-1", account.reference, TODAY, (agreed.id,), tuple(shares), holds=True)
    yield _linked([_flying(replace(account, agreements=(agreement,)), debits)])
    (alone,) = _accounts(step, Channel.EMAIL, client, listed[-1:], offers=False, history=())
    yield (_flying(alone, debits[-1:]),)


def claimed_specimens(language: str) -> Iterator[tuple[Account, ...]]:
    """The accounts of clients from whom late fees are claimed: beside what they owe, and once they have paid that."""
    step, client = Step("specimen", 45), _business(language)
    one, part = _item(step, 1, "1200.00"), _item(step, 2, "450.00", paid="50.00")
    for items in ([one, part], [replace(one, status=Status.PAID, paid=one.total, open=Money(0, "EUR"))]):
        owing = _accounts(step, Channel.EMAIL, client, items, offers=False, history=())
        for account in claimed_from(owing, step, TODAY):
            asked = tuple(item for item in account.items if item.open)
            whole = total((item.open for item in asked), account.currency)
            full = Offer("full", OfferKind.FULL, whole, Money(0, account.currency), asked, account.reference)
            yield _linked([replace(account, offers=(full,))])


def _instalments(step: Step, channel: Channel, language: str) -> Iterator[tuple[Account, ...]]:
    """Clients with an agreement: its second instalment is to come, then late, then it is over; the last has one only."""
    bare = replace(_business(language), contact="", salutation="", phone="", kind=Kind.UNKNOWN)
    soon, late, over = (TODAY + timedelta(days=days) for days in (3, -3, -11))
    month, share, none = timedelta(days=30), Money(40000, "EUR"), Money(0, "EUR")
    for client, due, part_paid in ((_business(language), soon, none), (bare, late, share), (bare, over, none)):
        parts = (
            Instalment(due - month, share, share),
            Instalment(due, share, Money(part_paid.minor // 4, "EUR")),
            Instalment(due + month, share, none, share),
            Instalment(due + 2 * month, share, none),
        )
        yield _agreed(step, channel, client, parts, 2)
    yield _agreed(step, channel, bare, (Instalment(late, share, none),), 1)


def _agreed(
    step: Step, channel: Channel, client: Client, parts: tuple[Instalment, ...], number: int
) -> tuple[Account, ...]:
    part, listed = parts[number - 1], [replace(_item(step, 1, "1200.00"), status=Status.IN_PLAN)]
    ends = part.due + timedelta(days=10)
    agreement = Agreement("EC-1", "RF18539007547034", part.due - timedelta(days=45), ("F-1",), parts, ends >= TODAY)
    (account,) = _accounts(step, channel, client, listed, offers=False, history=tuple(Channel))
    reminders = account.reminders
    known = tuple(replace(message, step=INSTALMENT_LATE[0], about=("EC-1",)) for message in reminders.sent[:1])
    about = InstalmentDue(agreement, part, number, len(parts), ends)
    due = DueReminder(step, channel, tuple(listed), {}, about=("EC-1",), instalment=about)
    reminders = replace(reminders, due_today=due, sent=known if number > 1 else ())
    return _linked([replace(account, agreements=(agreement,), reminders=reminders)])


def _recaps(step: Step, channel: Channel, language: str) -> Iterator[tuple[Account, ...]]:
    """Clients to whom an agreement is told in writing; on paper, only one that was made."""
    bare = Client(id="specimen", name="Paul Roux", email="paul@roux.example", language=language, kind=Kind.CONSUMER)
    one, other = _item(step, 1, "1200.00"), _item(step, 2, "450.00", paid="50.00", subject="")
    one = replace(one, invoice=replace(one.invoice, vat=((Decimal(20), None),)))
    for case in recap_cases(one, other, TODAY):
        kind = case.recap.kind
        if (kind is RecapKind.BROKEN) is (step.name == AGREEMENT_OVER) and (
            step.name != AGREEMENT or kind is RecapKind.MADE
        ):
            client = bare if case.plain else _business(language)
            (account,) = _accounts(step, channel, client, case.items, offers=False, history=())
            asked = tuple(
                item for item in case.items if kind is not RecapKind.BROKEN or item.status is not Status.NOT_DUE
            )
            due = DueReminder(step, channel, asked, {}, about=("told",), recap=case.recap, receipts=case.received)
            told = replace(account, reminders=Reminders(due_today=due))
            yield (told,)
            if kind is RecapKind.MADE and client.kind is Kind.BUSINESS:
                yield (with_agreed_fees(told, step, TODAY),)


def _receipts(language: str) -> Iterator[tuple[Account, ...]]:
    """Clients who paid all, a part by two payments, or all but what they dispute."""
    client, step = _business(language), Step(RECEIPT, 0)
    whole = _item(step, 1, "1200.00", paid="1200.00")
    whole = replace(whole, status=Status.PAID, closed_on=whole.invoice.due)
    part, later = _item(step, 2, "450.00", paid="50.00", subject=""), _item(step, 3, "80.00")
    card = Receipt(TODAY, Money(120000, "EUR"), ("F-1",), "card")
    free, both = (
        Receipt(TODAY, Money(5000, "EUR"), (), ""),
        Receipt(TODAY, Money(9000, "EUR"), ("F-1", "F-2"), "virement"),
    )
    for items, receipts, aside in (
        ([whole], (card,), 0),
        ([whole, part, later], (card, free), 0),
        ([whole, part], (both,), 40000),
        ([part, later], (free,), 8000),
    ):
        (account,) = _accounts(step, Channel.EMAIL, client, items, offers=False, history=())
        due = DueReminder(step, Channel.EMAIL, (), {}, about=("received",), receipts=receipts)
        totals = replace(account.totals, disputed=Money(aside, "EUR"))
        paid_up = (replace(account, totals=totals, reminders=Reminders(due_today=due)),)
        yield paid_up
        if items == [whole]:
            yield claimed_from(paid_up, step, TODAY)


def _proposals(step: Step, language: str) -> Iterator[tuple[Account, ...]]:
    """Clients who proposed several payments, a day, a day and an amount, or said that they had paid; with a reason and without."""
    share = Money(40000, "EUR")
    plan = tuple((TODAY + timedelta(days=30 * number), share) for number in range(1, 4))
    status = next(status for status, name in PROPOSAL_ANSWERED.items() if name == step.name)
    said = (
        (ProposalKind.PLAN, plan, "l’exercice se termine en janvier"),
        (ProposalKind.DATE, ((plan[0][0], None),), ""),
        (ProposalKind.DATE, plan[:1], "l’exercice se termine en janvier"),
        (ProposalKind.PAID, ((TODAY - timedelta(days=9), share),), ""),
    )
    for kind, parts, reason in said:
        (account,) = _accounts(
            step, Channel.EMAIL, _business(language), [_item(step, 1, "1200.00")], offers=False, history=()
        )
        proposal = Proposal(
            "P-1",
            "specimen",
            TODAY - timedelta(days=2),
            kind,
            "EUR",
            parts,
            status=ProposalStatus(status),
            reason=reason,
        )
        if proposal.status is ProposalStatus.COUNTERED:
            proposal = replace(proposal, counter=plan[:2])
        due = DueReminder(step, Channel.EMAIL, (), {}, about=("P-1",), proposal=proposal)
        yield (replace(account, reminders=Reminders(due_today=due)),)


def _first_words(language: str) -> Iterator[tuple[Account, ...]]:
    """New clients of whom nobody knows who pays."""
    step = Step(ONBOARDING, 0)
    for kind in (Kind.BUSINESS, Kind.PUBLIC):
        client = replace(_business(language), kind=kind)
        (account,) = _accounts(step, Channel.EMAIL, client, [_item(step, 1, "1200.00")], offers=False, history=())
        due = DueReminder(step, Channel.EMAIL, (), {}, about=(ONBOARDING,))
        yield (replace(account, reminders=Reminders(due_today=due)),)


def _debit(item: Item, amount: str) -> Payment:
    return Payment("specimen", TODAY, Money.of(amount, "EUR"), (item.id,), method="sepa_debit", stripe=("pi_specimen",))


def _flying(account: Account, debits: Sequence[Payment]) -> Account:
    coming = total((debit.amount for debit in debits), account.currency)
    lines = tuple(HistoryLine(debit.date, HistoryKind.IN_FLIGHT, debit.amount, debit.invoices) for debit in debits)
    totals = replace(account.totals, in_flight=coming)
    return replace(account, totals=totals, history=lines, in_flight=tuple(debits))


def _linked(accounts: Sequence[Account]) -> tuple[Account, ...]:
    """The accounts, with an address for every link that they call for."""
    known = [with_links(account, _LINKS, None) for account in accounts]
    return tuple(
        replace(account, links={link.key: f"https://pay.example/{link.key}" for link in account.wanted})
        for account in known
    )


def _item(
    step: Step,
    number: int,
    amount: str,
    currency: str = "EUR",
    *,
    paid: str = "0",
    subject: str = "refonte du site",
    order: str = "",
    promised: bool = False,
) -> Item:
    due = TODAY + timedelta(days=3 if step.before_due else -30)
    whole, settled = Money.of(amount, currency), Money.of(paid, currency)
    issued = due - timedelta(days=30)
    return Item(
        invoice=Invoice(f"F-{number}", "specimen", issued, due, whole, subject=subject, order=order),
        status=Status.NOT_DUE if step.before_due else Status.OVERDUE,
        total=whole,
        paid=settled,
        credited=Money(0, currency),
        open=whole - settled,
        days_overdue=max(0, (TODAY - due).days),
        promised_on=TODAY - timedelta(days=5) if promised else None,
    )


def _accounts(
    step: Step, channel: Channel, client: Client, items: Sequence[Item], *, offers: bool, history: Sequence[Channel]
) -> tuple[Account, ...]:
    listed = tuple(
        SentItem(item.id, "reminder-1", item.invoice.issued, item.total.minor, item.total.currency) for item in items
    )
    sent = tuple(
        MessageSent(client.id, "reminder-1", way, TODAY - timedelta(days=7 * number), listed)
        for number, way in enumerate(history, start=1)
    )
    calls = tuple(
        Logged(client.id, f"{means}-{reached}", TODAY - timedelta(days=2), means, "rappeler lundi", reached=reached)
        for means, reached in ((Means.CALL, True), (Means.CALL, False), (Means.NOTE, True))
        if history
    )
    called = step.call_first and channel is Channel.PHONE
    due = DueReminder(step, channel, tuple(items), {item.id: step.name for item in items}, call_first=called)
    reminders = Reminders(sent=sent, due_today=due, logged=calls)
    booked = TODAY - timedelta(days=2) if client.contact else None
    currencies = dict.fromkeys(item.open.currency for item in items)
    return tuple(_account(client, currency, items, reminders, booked, offers=offers) for currency in currencies)


def _account(
    client: Client, currency: str, items: Sequence[Item], reminders: Reminders, booked: date | None, *, offers: bool
) -> Account:
    own = tuple(item for item in items if item.open.currency == currency)
    nothing, whole = Money(0, currency), total((item.open for item in own), currency)
    return Account(
        client=client,
        currency=currency,
        as_of=TODAY,
        payments_up_to=booked,
        keys=("specimen-specimen-specimen",),
        reference="RF18539007547034",
        items=own,
        totals=Totals(
            whole, whole, nothing, nothing, nothing, nothing, whole, Ageing(whole, nothing, nothing, nothing), nothing
        ),
        offers=tuple(some_offers(own[:1], currency, TODAY)) if offers else (),
        agreements=(),
        history=(),
        guesses=(),
        standing=Standing(0, 0, last_three_on_time=False, average_days_late=None, since=None),
        reminders=reminders,
        people=people_of(client, _staff(client)),
        punctual=3 if offers else 0,
        vouchers=some_vouchers(currency, TODAY) if offers else (),
    )


def _staff(client: Client) -> tuple[Contact, ...]:
    if client.kind is not Kind.BUSINESS:
        return ()
    return (
        Contact(client.id, "Paul Roux", "pays", "compta@studio-verdier.example", "04 72 00 11 33"),
        Contact(client.id, "Ada Klein", "approves", "ada@studio-verdier.example"),
        Contact(client.id, "Léo Brun", "orders", "", "04 72 00 11 44"),
    )

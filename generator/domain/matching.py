"""Whose money a movement of the bank account is, and how surely.

What is certain is booked without asking, so the rules are narrow: a wrong booking costs a client. In this order:

1. a reference of ours (ISO 11649), of one client's account in that currency, is theirs whatever the amount;
2. the number of an invoice of one client is theirs when the amount is what is open of it (or of those named, or of all
   they owe, or what a discount asked that day), or a part of it that comes under their name;
3. the whole name of one client is theirs when the amount is one that they were asked for.

Never certain is what also names somebody else, came before what it would pay was issued, sums up several payments, undoes another
movement, or looks like money that is booked already. Amounts alone never are: they only say whom to think of.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from generator.domain.bank import form_of, marked
from generator.domain.books import Books, adds_up
from generator.domain.ledger import Payment
from generator.domain.naming import words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from generator.domain.bank import BankStatement, Movement
    from generator.domain.ledger import Ledger, SourceRef
    from generator.domain.memory import Memory
    from generator.domain.naming import Named, Referred

_NEAR = timedelta(days=7)  #: a cheque or transfer that the owner booked by hand may be dated a few days off
_LONG_AGO = timedelta(days=400)  #: a direct debit can be given back for thirteen months
_STRIPE = "stripe"
_BACK = frozenset("rejet rejete rejetee impaye impayee retour returned return reversal refused unpaid".split())  # noqa: SIM905 - a list of words


class Verdict(StrEnum):
    """What becomes of a movement. KNOWN: it is booked, or the owner said that it is not to be."""

    CERTAIN = "certain"
    DOUBTFUL = "doubtful"
    IGNORED = "ignored"
    KNOWN = "known"


class Reason(StrEnum):
    """Why: what makes it certain, what keeps it from being so, or why nobody is asked about it."""

    REFERENCE = "reference"
    NUMBER = "number"
    PART = "part"
    NAME = "name"
    TOLD = "told"
    SEVERAL_CLIENTS = "several_clients"
    OTHER_NAME = "other_name"
    OTHER_CURRENCY = "other_currency"
    AMOUNT_DIFFERS = "amount_differs"
    NOTHING_OPEN = "nothing_open"
    NUMBER_CUT = "number_cut"
    NUMBER_ALONE = "number_alone"
    NAME_ONLY = "name_only"
    BEFORE_ISSUED = "before_issued"
    LOOKS_LIKE = "looks_like"
    AMOUNT_ONLY = "amount_only"
    NOBODY = "nobody"
    SUM = "sum"
    RETURNED = "returned"
    GOES_BACK = "goes_back"
    BOOKED_PERHAPS = "booked_perhaps"
    UNREADABLE = "unreadable"
    STRIPE = "stripe"
    OUTGOING = "outgoing"
    AHEAD = "ahead"
    BOOKED = "booked"


#: What says little of whose it is, when the words name somebody else too.
_OF_ONE = frozenset(
    map(Reason, "amount_differs nothing_open number_cut number_alone name_only before_issued sum".split())  # noqa: SIM905 - a list of words
)
#: What matters less than a currency that nobody owes.
_OF_CURRENCY = _OF_ONE | {Reason.SEVERAL_CLIENTS, Reason.OTHER_NAME}


@dataclass(frozen=True, slots=True)
class Match:
    """A movement and what is made of it. `clients` are whose it may be, `invoices` those it may be for; of a CERTAIN one both are meant.

    `like` is where the same money seems to be booked already.
    """

    movement: Movement
    verdict: Verdict
    reason: Reason
    clients: tuple[str, ...] = ()
    invoices: tuple[str, ...] = ()
    like: SourceRef | None = None

    @property
    def waits(self) -> bool:
        """Whether it came in, may be a client's, and is not settled: until then nobody can say that all is booked."""
        return self.verdict is Verdict.DOUBTFUL and bool(self.clients) and self.movement.amount.minor > 0


@dataclass(frozen=True, slots=True)
class Decision:
    """The owner's word on one movement: whose it is and what for; no client: it is not to be booked."""

    client: str = ""
    invoices: tuple[str, ...] = ()


def match_movements(
    statements: Sequence[BankStatement],
    ledger: Ledger,
    memory: Memory,
    today: date,
    decisions: Mapping[str, Decision] | None = None,
) -> list[Match]:
    """Every movement of these statements, once, in the order of days, with what is to be made of it.

    Matching again what this says is booked finds nothing new.
    """
    return _Matcher(statements, ledger, memory, today).go_through(decisions or {})


def payment_of(found: Match, method: str = "") -> Payment:
    """The payment that a certain match is booked as."""
    movement = found.movement
    return Payment(
        client=found.clients[0],
        date=movement.on,
        amount=movement.amount,
        invoices=found.invoices,
        method=method,
        reference=movement.text,
        bank=movement.mark,
        source=movement.source,
    )


class _Signs(NamedTuple):
    """What a movement names: references and invoices of ours, and the clients whose name is its sender's."""

    referred: set[Referred]
    named: set[Named]
    sure: set[str]

    @property
    def clients(self) -> set[str]:
        """Whose references and invoices these are."""
        return {one.client for one in self.referred} | {one.client for one in self.named}


class _Extract(NamedTuple):
    """One statement, and the marks of all that it holds."""

    statement: BankStatement
    marks: frozenset[str]

    def may_hold(self, payment: Payment) -> bool:
        """Whether a payment of the ledger may stand in here under another name.

        One that was booked from a statement of this form is told apart by its mark, unless it should be in here and is not.
        What Stripe took never comes as a transfer of its own.
        """
        if payment.stripe or payment.bank in self.marks:
            return False
        begins, ends = self.statement.begins, self.statement.ends
        if not payment.bank or form_of(payment.bank) != self.statement.form or begins is None or ends is None:
            return True
        return begins <= payment.date <= ends


def _payout(movement: Movement, signs: _Signs) -> Match | None:
    """What Stripe pays out is the sum of payments that are booked one by one."""
    told = movement.party or movement.text
    if signs.clients or signs.sure or _STRIPE not in words_of(told):
        return None
    return Match(movement, Verdict.IGNORED, Reason.STRIPE)


class _Matcher:
    """The movements of some statements on their way to their clients."""

    def __init__(self, statements: Sequence[BankStatement], ledger: Ledger, memory: Memory, today: date) -> None:
        self.today = today
        self.books = Books(ledger, memory, today)
        self.known = {payment.bank for payment in ledger.payments if payment.bank} | ledger.set_aside
        self.unreadable = frozenset(ledger.unreadable)
        self.groups = {client.id: client.group for client in ledger.clients.values()}
        self.extracts: dict[str, _Extract] = {}  # where each movement stands first
        found: dict[str, Movement] = {}
        for statement in map(marked, statements):
            extract = _Extract(statement, frozenset(one.mark for one in statement.movements))
            for movement in statement.movements:
                self.extracts.setdefault(movement.mark, extract)
                found.setdefault(movement.mark, movement)
        self.movements = sorted(found.values(), key=lambda movement: movement.on)

    def go_through(self, decisions: Mapping[str, Decision]) -> list[Match]:
        """What the owner said first; then again and again, since what is booked may leave one meaning only to another."""
        found: dict[str, Match] = {}
        for movement in self.movements:
            if movement.mark in self.known:
                found[movement.mark] = Match(movement, Verdict.KNOWN, Reason.BOOKED)
            elif (decision := decisions.get(movement.mark)) is not None:
                found[movement.mark] = self._told(movement, decision)
        left = [movement for movement in self.movements if movement.mark not in found]
        while left:
            waiting = []
            for movement in left:
                judged = self._judge(movement)
                found[movement.mark] = judged
                if judged.verdict is Verdict.CERTAIN:
                    self.books.book(payment_of(judged))
                elif judged.verdict is Verdict.DOUBTFUL:
                    waiting.append(movement)
            if len(waiting) == len(left):
                break
            left = waiting
        return [found[movement.mark] for movement in self.movements]

    def _told(self, movement: Movement, decision: Decision) -> Match:
        if not decision.client:
            return Match(movement, Verdict.KNOWN, Reason.TOLD)
        told = Match(movement, Verdict.CERTAIN, Reason.TOLD, (decision.client,), decision.invoices)
        self.books.book(payment_of(told))
        return told

    def _judge(self, movement: Movement) -> Match:
        if movement.on > self.today:
            return Match(movement, Verdict.IGNORED, Reason.AHEAD)
        found = self._surely(movement)
        doubtful = found.verdict is Verdict.DOUBTFUL and movement.amount.minor > 0
        return self._all_named(found) if doubtful else found

    def _all_named(self, found: Match) -> Match:
        """A doubt, of all whom it may be: the owner's yes is never for one of two without a choice."""
        movement, clients = found.movement, set(found.clients)
        if len(clients) == 1 and (others := self._others(found.clients[0], movement, people=True)):
            reason = Reason.SEVERAL_CLIENTS if found.reason in _OF_ONE else found.reason
            found = replace(found, reason=reason, clients=tuple(sorted(clients | others)), invoices=())
        owed = any(self.books.billed(client, movement.amount.currency) for client in found.clients)
        if found.clients and not owed and found.reason in _OF_CURRENCY:
            return replace(found, reason=Reason.OTHER_CURRENCY)
        return found

    def _others(self, client: str, movement: Movement, *, people: bool = False) -> set[str]:
        """The clients, or those of the people, whom the words of a movement name by their whole name beside this client."""
        named = self.books.payers.named(movement.party, movement.texts, people=people)
        others = {other for whose in named if client not in whose for other in whose}
        return {other for other in others if not self._together({client}, {other})}

    def _surely(self, movement: Movement) -> Match:
        """What it is by the rules; what is certain by these is still doubtful when something speaks against it."""
        found = self._outgoing(movement) if movement.amount.minor <= 0 else self._incoming(movement)
        if found.verdict is not Verdict.CERTAIN:
            return found
        client = found.clients[0]
        if client in self.unreadable:
            return replace(found, verdict=Verdict.DOUBTFUL, reason=Reason.UNREADABLE)
        if movement.returned or movement.several:
            reason = Reason.RETURNED if movement.returned else Reason.SUM
            return replace(found, verdict=Verdict.DOUBTFUL, reason=reason)
        if like := self._booked_already(client, movement):
            return replace(found, verdict=Verdict.DOUBTFUL, reason=Reason.BOOKED_PERHAPS, like=like)
        return found

    def _incoming(self, movement: Movement) -> Match:
        signs = _Signs(
            self.books.mentions.references(movement.texts),
            self.books.mentions.numbers((movement.party, *movement.texts)),
            self.books.payers.sure(movement.party),
        )
        for rule in (_payout, self._torn, self._by_reference, self._by_number, self._by_name):
            found = rule(movement, signs)
            if found is not None:
                return found
        if perhaps := self.books.payers.perhaps(movement.party, movement.texts):
            return self._doubt(movement, Reason.LOOKS_LIKE, perhaps)
        alike = self.books.owing(movement)
        return self._doubt(movement, Reason.AMOUNT_ONLY if alike else Reason.NOBODY, alike)

    def _torn(self, movement: Movement, signs: _Signs) -> Match | None:
        """It points to one client and to another."""
        if len(signs.clients) > 1:
            return self._doubt(movement, Reason.SEVERAL_CLIENTS, signs.clients)
        if signs.clients and signs.sure and not self._together(signs.clients, signs.sure):
            return self._doubt(movement, Reason.OTHER_NAME, signs.clients | signs.sure)
        named = self.books.payers.named(movement.party, movement.texts)
        for client in signs.clients:
            if not any(client in whose for whose in named) and (others := self._others(client, movement)):
                return self._doubt(movement, Reason.OTHER_NAME, {client, *others})
        return None

    def _by_reference(self, movement: Movement, signs: _Signs) -> Match | None:
        """It carries a reference of one client's."""
        if not signs.referred:
            return None
        if movement.amount.currency not in {one.currency for one in signs.referred}:
            return self._doubt(movement, Reason.OTHER_CURRENCY, signs.clients)
        invoices = self.books.open_named(signs.named, movement)
        if not all(self.books.existed(client, movement) for client in signs.clients):
            return self._doubt(movement, Reason.BEFORE_ISSUED, signs.clients, invoices)
        return Match(movement, Verdict.CERTAIN, Reason.REFERENCE, tuple(signs.clients), invoices)

    def _by_number(self, movement: Movement, signs: _Signs) -> Match | None:
        """It names invoices of one client's."""
        if not signs.named:
            return None
        (client,) = signs.clients
        agrees = client in signs.sure or client in self.books.payers.perhaps(movement.party, movement.texts)
        numbers = self.books.open_named(signs.named, movement)
        reason = None
        if movement.amount.currency not in {one.currency for one in signs.named}:
            reason = Reason.OTHER_CURRENCY
        elif not numbers:
            reason = Reason.NOTHING_OPEN
        elif not agrees and any(one.cut for one in signs.named):
            reason = Reason.NUMBER_CUT
        elif not agrees and not any(one.sure for one in signs.named):
            reason = Reason.NUMBER_ALONE
        if reason is not None:
            return self._doubt(movement, reason, [client], numbers)
        paid, reason = self.books.exactly(client, numbers, movement), Reason.NUMBER
        if not paid and agrees and not self._others(client, movement) and self.books.covers(client, numbers, movement):
            paid, reason = numbers, Reason.PART
        if not paid:
            return self._doubt(movement, Reason.AMOUNT_DIFFERS, [client], numbers)
        if not self.books.issued(client, paid, movement):
            return self._doubt(movement, Reason.BEFORE_ISSUED, [client], paid)
        return Match(movement, Verdict.CERTAIN, reason, (client,), paid)

    def _by_name(self, movement: Movement, signs: _Signs) -> Match | None:
        """It comes from a client, and names no invoice."""
        if not signs.sure:
            return None
        if len(signs.sure) > 1:
            return self._doubt(movement, Reason.SEVERAL_CLIENTS, signs.sure)
        (client,) = signs.sure
        if self._others(client, movement):
            return self._doubt(movement, Reason.NAME_ONLY, [client])
        if self.books.asked(client, movement):
            return Match(movement, Verdict.CERTAIN, Reason.NAME, (client,))
        ever = self.books.asked(client, movement, ever=True)
        return self._doubt(movement, Reason.BEFORE_ISSUED if ever else Reason.NAME_ONLY, [client])

    def _outgoing(self, movement: Movement) -> Match:
        """Money that left: it concerns us only where it takes a payment back, or gives one back."""
        named = self.books.mentions.numbers((movement.party, *movement.texts))
        clients = {one.client for one in self.books.mentions.references(movement.texts)}
        clients |= {one.client for one in named}
        clients |= self.books.payers.sure(movement.party) or self.books.payers.perhaps(movement.party, movement.texts)
        rejected = movement.returned or not _BACK.isdisjoint(words_of(f"{movement.party} {movement.text}"))
        undone = [
            payment
            for payment in self.books.received(-movement.amount)
            if movement.on - _LONG_AGO <= payment.date <= movement.on and (payment.client in clients or rejected)
        ]
        if undone:
            of = {payment.client for payment in undone}
            invoices = undone[-1].invoices if len(of) == 1 else ()
            like = self._booked_already(undone[-1].client, movement) if len(of) == 1 else None
            reason = Reason.BOOKED_PERHAPS if like else Reason.GOES_BACK
            return replace(self._doubt(movement, reason, of, invoices), like=like)
        if named:
            return self._doubt(movement, Reason.GOES_BACK, clients)
        return Match(movement, Verdict.IGNORED, Reason.OUTGOING)

    def _together(self, clients: set[str], others: set[str]) -> bool:
        """Whether one may pay for the other: they are the same, or companies of one group."""
        groups = {self.groups.get(client, "") for client in clients} - {""}
        return bool(clients & others) or any(self.groups.get(other, "") in groups for other in others)

    def _doubt(self, movement: Movement, reason: Reason, clients: Iterable[str], invoices: Sequence[str] = ()) -> Match:
        found = tuple(sorted(clients))
        if len(found) == 1 and not invoices and movement.amount.minor > 0:
            invoices = self.books.fitting(found[0], movement)
        return Match(movement, Verdict.DOUBTFUL, reason, found, tuple(invoices))

    def _booked_already(self, client: str, movement: Movement) -> SourceRef | None:
        """Where this money seems to be booked: about that day, one payment of that amount or several that add up to it."""
        near = [
            payment
            for payment in self.books.paid(client)
            if abs(payment.date - movement.on) <= _NEAR
            and self.extracts[movement.mark].may_hold(payment)
            and payment.amount.currency == movement.amount.currency
            and (payment.amount.minor > 0) == (movement.amount.minor > 0)
        ]
        if adds_up([abs(payment.amount.minor) for payment in near], abs(movement.amount.minor)):
            same = [payment for payment in near if payment.amount == movement.amount]
            return (same or near)[0].source
        return None

"""Which money pays which invoice.

Facts are taken in the order of their dates. A payment goes where its sender says (C. civ. 1342-10); without a word, to
the only open item of exactly that amount, else to the only set of items with exactly that sum, else to the oldest due
first. What was guessed gives way as soon as a later payment names the invoice, and is listed for the owner.
Amounts in this module are minor units of the account's one currency.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from generator.domain.account import How
from generator.domain.ledger import Invoice, InvoiceStatus, Payment, SourceRef
from generator.domain.written_down import Saving, is_the_discount, write_down

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

_LARGEST_SEARCH = 16  # items; sets of more are not searched for an exact sum


@dataclass(slots=True)
class Position:
    """One invoice while money is put on it: `open` = total - `paid` - `credited`; `closed_on` the day nothing was left."""

    invoice: Invoice
    open: int
    paid: int = 0
    credited: int = 0
    discounted: int = 0  # of what is credited, the discounts that no credit note has written down yet
    closed_on: date | None = None

    @property
    def total(self) -> int:
        """All that is or was to be paid of it."""
        return self.invoice.total.minor

    @property
    def asked(self) -> bool:
        """Whether money without a word may go here."""
        return self.open > 0 and self.invoice.status is InvoiceStatus.OPEN


def _opened(invoice: Invoice) -> Position:
    already = invoice.paid_undated.minor if invoice.paid_undated else 0
    return Position(invoice, invoice.total.minor - already, already)


def _with_fees(positions: Mapping[str, Position], fees: Sequence[Position], *, first: bool) -> dict[str, Position]:
    """The positions with those of late fees, in the order of their invoices."""
    beside = {fee.invoice.fee_of: fee for fee in fees}
    own = [beside[item] for item in positions if item in beside]
    found = [*positions.values(), *own]
    if first:
        found = [one for item, pos in positions.items() for one in (beside.get(item), pos) if one is not None]
    found += [fee for item, fee in beside.items() if item not in positions]  # of invoices that are void
    return {position.invoice.id: position for position in found}


@dataclass(slots=True)
class Put:
    """Some money put on one invoice."""

    on: date
    position: Position
    amount: int
    how: How
    source: SourceRef
    payment: Payment | None
    number: str = ""  # of a credit note


@dataclass(slots=True)
class Spare:
    """Money that has found no invoice yet; `payment` is None for a credit note, which has a `number`."""

    on: date
    amount: int
    source: SourceRef
    payment: Payment | None
    number: str = ""
    of: Position | None = None  # where it was, for a credit note that was taken off


@dataclass(slots=True)
class Book:
    """The running state of one account: positions by item id, what was put where, and what is left over."""

    positions: dict[str, Position]
    by_number: dict[str, list[Position]]
    puts: list[Put] = field(default_factory=list)
    savings: list[Saving] = field(default_factory=list)  # what discounts took off
    spare: list[Spare] = field(default_factory=list)
    refunds: list[Kept] = field(default_factory=list)
    guessed_reversals: list[Payment] = field(default_factory=list)
    fees_first: Mapping[str, Position] = field(
        default_factory=dict
    )  # those that money covers before their invoice, by its id

    @classmethod
    def of(cls, invoices: Iterable[Invoice], fees: Sequence[Position] = (), *, fees_first: bool = False) -> Book:
        """A book in which nothing is paid yet but what has no date; in the order in which debts are paid: oldest due first.

        Late fees come after all invoices, or each `fees_first` before its own; who names an invoice names its fees too.
        """
        ordered = sorted(invoices, key=lambda invoice: (invoice.due, invoice.issued, invoice.id))
        positions = {invoice.id: _opened(invoice) for invoice in ordered}
        if fees:
            positions = _with_fees(positions, fees, first=fees_first)
        by_number: dict[str, list[Position]] = {}
        for position in positions.values():
            invoice = position.invoice
            by_number.setdefault(invoice.number, []).append(position)
            if invoice.part:  # a payment may name one part alone
                by_number.setdefault(invoice.id, []).append(position)
            if invoice.fee_of and invoice.fee_of != invoice.number:
                by_number.setdefault(invoice.fee_of, []).append(position)
        return cls(positions, by_number, fees_first={fee.invoice.fee_of: fee for fee in fees if fees_first})

    def named(self, numbers: Iterable[str]) -> list[Position]:
        """The positions of these invoices (every part of each), oldest due first; unknown numbers are passed over."""
        known = [positions for number in numbers if (positions := self.by_number.get(number))]
        if len(known) == 1:  # as nearly always: they stand in that order already
            return list(known[0])
        wanted = {id(position) for positions in known for position in positions}
        return [position for position in self.positions.values() if id(position) in wanted]

    def put(self, position: Position, amount: int, money: Spare, how: How) -> int:
        """Puts up to `amount` on a position and says how much fitted."""
        fitted = min(amount, position.open)
        if fitted <= 0:
            return 0
        position.open -= fitted
        if money.payment is None:
            position.credited += fitted
        else:
            position.paid += fitted
        if not position.open:
            position.closed_on = max(money.on, position.invoice.issued)
        self.puts.append(Put(money.on, position, fitted, how, money.source, money.payment, money.number))
        return fitted

    def discount(self, position: Position, amount: int, on: date, reference: str) -> None:
        """Writes off what a discount saves, that of the offer or the agreement with this reference."""
        position.open -= amount
        position.credited += amount
        position.discounted += amount
        self.savings.append(Saving(on, position, amount, reference))
        if not position.open:
            position.closed_on = max(on, position.invoice.issued)

    @staticmethod
    def take_off(puts: Iterable[Put]) -> list[Spare]:
        """Takes what credit notes covered off again, until they are put there anew; each is whole."""
        found: dict[str, Spare] = {}
        for put in puts:
            note = found.setdefault(put.number, Spare(put.on, 0, put.source, None, put.number, put.position))
            note.amount += put.amount
            put.position.open += put.amount
            put.position.credited -= put.amount
            put.position.closed_on = None
            put.amount = 0
        return list(found.values())

    def put_again(self, notes: Iterable[Spare]) -> None:
        """Credit notes that were taken off go where they belong now."""
        for note in notes:
            if note.of is not None:
                self.put_named(self.by_number[note.of.invoice.number], note)

    def make_room(self, position: Position, wanted: int) -> None:
        """Takes guessed money off a position that a payment or a credit note names, latest first, so that `wanted` fits."""
        for put in reversed(self.puts):
            if position.open >= wanted:
                return
            if put.position is not position or put.how in {How.NAMED, How.CREDIT} or not put.amount:
                continue
            back = min(put.amount, wanted - position.open)
            put.amount -= back
            position.open += back
            position.paid -= back
            position.closed_on = None
            self.spare.append(Spare(put.on, back, put.source, put.payment))

    def give_back(self, positions: Sequence[Position], wanted: int) -> None:
        """Takes so much of what was paid on these positions off again, latest first: it is spare, whatever it named."""
        ours = {id(position) for position in positions}
        for put in reversed(self.puts):
            if put.payment is not None and put.amount and id(put.position) in ours:
                back = min(put.amount, wanted)
                wanted -= back
                put.amount -= back
                put.position.open += back
                put.position.paid -= back
                put.position.closed_on = None
                self.spare.append(Spare(put.on, back, put.source, put.payment))
            if not wanted:
                return

    def put_named(self, positions: Sequence[Position], money: Spare) -> None:
        """Puts money on the invoices that it names, oldest due first; the rest is spare."""
        left = money.amount
        if money.payment is None:  # what is settled needs no credit note: the client has it left; nor do late fees
            positions = [
                position
                for position in positions
                if position.invoice.status is not InvoiceStatus.PAID and not position.invoice.fee_of
            ]
            if is_the_discount(self.savings, positions, left):  # whatever else of the invoice is open
                left -= write_down(self.savings, positions, left, money.number)
        for position in positions:
            left -= self.put(position, left, money, How.NAMED)
        if money.payment is None and left:
            left -= write_down(self.savings, positions, left, money.number)
        for position in positions if left else ():
            self.make_room(position, left)
            left -= self.put(position, left, money, How.NAMED)
        if left:
            self.spare.append(Spare(money.on, left, money.source, money.payment))

    def put_unnamed(self, money: Spare, disputed: frozenset[str] = frozenset()) -> None:
        """Exact amount, exact sum, oldest due first, among what was invoiced by then; the rest is spare.

        What is disputed gets money without a word only when its exact amount fits nothing else. What is settled anyway, on a day
        unknown, takes the exact amount that nothing open asks for, and what would else be a credit that nobody has.
        """
        every = [pos for pos in self.positions.values() if pos.asked and pos.invoice.issued <= money.on]
        known = [position for position in every if position.invoice.id not in disputed]
        for candidates in (known, every):
            exact = [position for position in candidates if position.open == money.amount]
            if len(exact) == 1:
                self._cover(exact[0], money.amount, money, How.EXACT)
                return
        settled = self._settled(money.on)
        if same := next((position for position in settled if position.open == money.amount), None):
            self.put(same, money.amount, money, How.EXACT)
            return
        # late fees make no sum of invoices doubtful
        invoices = [position for position in known if not position.invoice.fee_of]
        for among in (invoices, known) if len(invoices) < len(known) else (known,):
            if chosen := only_set([position.open for position in among], money.amount):
                for index in chosen:
                    self._cover(among[index], among[index].open, money, How.SUM)
                return
        left = money.amount
        for position in known:
            left -= self.put(position, left, money, How.OLDEST)
        for position in settled:
            left -= self.put(position, left, money, How.OLDEST)
        if left:
            self.spare.append(Spare(money.on, left, money.source, money.payment))

    def _cover(self, position: Position, amount: int, money: Spare, how: How) -> None:
        """Puts money where it is meant to go; the fees of an invoice come first where they do."""
        fee = self.fees_first.get(position.invoice.id)
        before = 0 if fee is None else self.put(fee, amount, money, how)
        self.put(position, amount - before, money, how)

    def _settled(self, on: date) -> list[Position]:
        """What its owner says is settled, as far as no payment was booked for it: money that came in may be that one."""
        return [
            position
            for position in self.positions.values()
            if position.open > 0 and position.invoice.status is InvoiceStatus.PAID and position.invoice.issued <= on
        ]

    def apply_spare(self, on: date, last: frozenset[str], never: frozenset[str]) -> None:
        """Credits are always applied: what is spare on that day covers what is open then, oldest due first.

        What covers nothing stays spare. Items in `last` (an agreement) wait for the others; those in `never` (disputed)
        are left alone. A credit note takes back what was invoiced, and no late fees.
        """
        self._take_back(on)
        self._reopen(on)
        ready = sorted((money for money in self.spare if money.amount and money.on <= on), key=lambda money: money.on)
        if ready:
            known = (pos for pos in self.positions.values() if pos.asked and pos.invoice.issued <= on)
            waiting = [position for position in known if position.invoice.id not in never]
            waiting.sort(key=lambda position: position.invoice.id in last)
            for money in ready:
                fits = (position for position in waiting if money.payment is not None or not position.invoice.fee_of)
                for position in fits:
                    if not money.amount:
                        break
                    money.amount -= self.put(position, money.amount, money, How.CREDIT)
        self.spare = [money for money in self.spare if money.amount]

    def _reopen(self, on: date) -> None:
        """What a refund could not take from the credit opens again what was paid last; what is left then is for the owner."""
        for refund in (refund for refund in self.refunds if refund.payment.date <= on and refund.amount):
            for put in sorted(self.puts, key=lambda put: put.on, reverse=True):
                if refund.amount and put.payment is not None and put.amount:
                    back = min(put.amount, refund.amount)
                    put.amount -= back
                    refund.amount -= back
                    put.position.paid -= back
                    put.position.open += back
                    put.position.closed_on = None

    def _take_back(self, on: date) -> None:
        """Refunds that no payment explains come off the credit first, latest first."""
        for refund in self.refunds:
            if refund.payment.date <= on:
                for money in sorted(self.spare, key=lambda money: money.on, reverse=True):
                    taken = min(refund.amount, money.amount)
                    money.amount -= taken
                    refund.amount -= taken


def only_set(amounts: Sequence[int], wanted: int) -> tuple[int, ...]:
    """The indexes of the only subset that adds up to `wanted`; empty when there is none, or more than one."""
    if not 1 < len(amounts) <= _LARGEST_SEARCH or sum(amounts) < wanted:
        return ()
    ways: dict[int, list[tuple[int, ...]]] = {0: [()]}  # two ways are enough to know that there is not one only
    for index, amount in enumerate(amounts):
        for reached in sorted(ways, reverse=True):
            if reached + amount <= wanted:
                found = ways.setdefault(reached + amount, [])
                found.extend((*chosen, index) for chosen in ways[reached][: 2 - len(found)])
    answers = ways.get(wanted, [])
    return answers[0] if len(answers) == 1 else ()


@dataclass(slots=True)
class Kept:
    """What is left of a payment once its reversals are taken off."""

    payment: Payment
    amount: int


@dataclass(slots=True)
class Netted:
    """Payments once their reversals are taken off.

    `kept` is what is left of each; `guessed` the reversals that were matched without a word to go by; `rest` those that no
    payment explains, with what is left of them (positive). `undone` is what went back of what came in: both days, and how much.
    """

    kept: list[Kept]
    guessed: list[Payment] = field(default_factory=list)
    rest: list[Kept] = field(default_factory=list)
    undone: list[tuple[date, date, int]] = field(default_factory=list)


def net_of_reversals(payments: Iterable[Payment]) -> Netted:
    """Takes bounced cheques, rejected debits and refunds off the payments that they undo.

    A reversal undoes the payment that it resembles most: the same invoices or reference and the same amount, the same
    amount, the same invoices or reference, before it rather than after. One that names its payment takes it before any other
    may, whatever their days. What no payment explains is a refund: it comes off the client's credit, and what that cannot
    cover opens again what was paid last.
    """
    ordered = sorted(payments, key=lambda payment: payment.date)
    netted = Netted([Kept(payment, payment.amount.minor) for payment in ordered if payment.amount.minor > 0])
    reversals = [payment for payment in ordered if payment.amount.minor < 0]
    for reversal in sorted(reversals, key=lambda payment: not payment.undoes):
        back = -reversal.amount.minor
        whole = [entry for entry in netted.kept if entry.amount and _alike(entry.payment, reversal)]
        for entry in sorted(whole, key=lambda entry: _likeness(entry.payment, reversal), reverse=True):
            taken = min(back, entry.amount)
            if taken:
                netted.undone.append((entry.payment.date, reversal.date, taken))
            entry.amount -= taken
            back -= taken
            if not _same_words(entry.payment, reversal) and reversal not in netted.guessed:
                netted.guessed.append(reversal)
            if not back:
                break
        if back:
            netted.rest.append(Kept(reversal, back))
    netted.kept = [entry for entry in netted.kept if entry.amount]
    netted.rest.sort(key=lambda entry: entry.payment.date)
    return netted


def _likeness(payment: Payment, reversal: Payment) -> tuple[bool, bool, bool, bool, date]:
    same_amount = payment.amount.minor == -reversal.amount.minor
    same_words = _same_words(payment, reversal)
    return (payment.date <= reversal.date, same_amount and same_words, same_amount, same_words, payment.date)


def _alike(payment: Payment, reversal: Payment) -> bool:
    if reversal.undoes:  # it says which payment it gives back
        return reversal.undoes in payment.stripe
    return payment.amount.minor == -reversal.amount.minor or _same_words(payment, reversal)


def _same_words(payment: Payment, reversal: Payment) -> bool:
    if reversal.undoes:
        return reversal.undoes in payment.stripe
    return (bool(reversal.invoices) and payment.invoices == reversal.invoices) or (
        bool(reversal.reference) and payment.reference == reversal.reference
    )

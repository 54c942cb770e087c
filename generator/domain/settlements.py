"""Offers that were taken: discounts earned and plans accepted, seen from payments and from the offers that were made.

A discount is taken by payments dated within the offer (whenever they are booked) that reach its amount and name its
reference, or all its invoices; what it saves is then a credit dated that day. A plan is accepted by its first
instalment with its reference. The earliest payment decides.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from generator.domain.accepted import Accepted, fees_of, plan_parts
from generator.domain.account import How
from generator.domain.allocation import Book, Position, Spare
from generator.domain.claims import claimed_of, named_in
from generator.domain.discounts import saved, to_settle
from generator.domain.following import Watch
from generator.domain.ledger import InvoiceStatus
from generator.domain.memory import OfferKind, OfferMade
from generator.domain.money import fitting, prorata
from generator.domain.references import agreement_reference, compacted, mentioned
from generator.domain.vouchers import Earning, paid_so_far
from generator.domain.waivers import DiscountTaken, earned
from generator.domain.written_down import set_aside

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from generator.domain.ledger import AgreementRecord, Payment

_AGREED = frozenset({InvoiceStatus.OPEN, InvoiceStatus.LITIGATION})
_NOTHING = frozenset[str]()
#: A discount that a payment may take, and the positions that it is about.
_Able = tuple[OfferMade, list[Position]]


@dataclass(slots=True)
class Settlements:
    """The offers of one account while its payments are gone through, in order."""

    book: Book
    offers: Sequence[OfferMade]
    reference: str = ""  # the account's own: who gives it pays all that is asked
    watch: Watch = field(default_factory=Watch)
    taken: list[DiscountTaken] = field(default_factory=list)
    accepted: list[Accepted] = field(default_factory=list)
    earning: Earning = field(default_factory=lambda: Earning(()))
    undone: Sequence[tuple[date, date, int]] = ()  # what went back of what came in: both days, and how much
    _disputed: frozenset[str] = frozenset()
    _aside: frozenset[str] = frozenset()  # disputed, or in an agreement: no offer is about these today
    #: by offer, by item: payments that may take it yet
    _paid_for: dict[str, dict[str, int]] = field(default_factory=dict)
    _over: set[str] = field(default_factory=set)  # agreements that the owner ended, their ids in small letters
    _unsigned: list[tuple[AgreementRecord, int]] = field(
        default_factory=list
    )  # each with what it was about as its day began

    def sign(
        self, record: AgreementRecord, disputed: frozenset[str] = _NOTHING, *, payments_follow: bool = False
    ) -> None:
        """An agreement made outside the page comes into force; one that it supersedes ends.

        It is about what is left when credits are applied; where its sum counts them, they are paid on it instead. Of payments of
        that day, which follow, those before it are told by its sum too: then it waits for them (`catch_up`).
        """
        if record.status != "active":
            self._over.add(record.id.casefold())
            self._in_force(record, self._owed(record))
            return
        gross = self._owed(record)
        self.book.apply_spare(record.signed_on, self.bound_on(record.signed_on), disputed)
        net, agreed = self._owed(record), _sum_of(record)
        if self._unsigned or (payments_follow and agreed < net):
            self._unsigned.append((record, gross))
        else:
            self._in_force(record, max(net, min(gross, agreed)))

    def catch_up(self, on: date, disputed: frozenset[str] = _NOTHING) -> None:
        """Agreements that wait are signed once what is left is their sum; at the latest when their day is over, as if it had begun."""
        while self._unsigned:
            record, gross = self._unsigned[0]
            self.book.apply_spare(record.signed_on, self.bound_on(record.signed_on), disputed)
            is_left = self._owed(record) == _sum_of(record)
            if not is_left and on <= record.signed_on:
                return
            self._unsigned.pop(0)
            self._in_force(record, _sum_of(record) if is_left else gross)

    def _owed(self, record: AgreementRecord) -> int:
        return sum(position.open for position in self._agreed(record))

    def _agreed(self, record: AgreementRecord) -> list[Position]:
        """Late fees are in it once they were claimed."""
        named = (pos for pos in self.book.named(record.invoices) if pos.open or not pos.invoice.fee_of)
        return [position for position in named if position.invoice.status in _AGREED]

    def _in_force(self, record: AgreementRecord, base: int) -> None:
        """One that has the name of an offer is that plan, agreed upon without its first payment: it keeps the offer's reference."""
        active, positions = record.status == "active", self._agreed(record)
        if active and any(known.active and known.id.casefold() == record.id.casefold() for known in self.accepted):
            return  # the client's first payment was there before the owner's word
        self._over.add(record.supersedes.casefold())
        replaced: tuple[date, ...] = ()
        for earlier in self.accepted:
            if earlier.active and earlier.id.casefold() in self._over:
                earlier.end(record.signed_on)
                replaced += (
                    (earlier.signed_on,) if active and earlier.id.casefold() == record.supersedes.casefold() else ()
                )
        if active:
            replaced += self._replace(positions, record.signed_on)
        offered = next((offer.reference for offer in self.offers if offer.key == record.id), "")
        reference = offered or agreement_reference(record.id)
        parts = tuple((due, amount.minor) for due, amount in record.instalments)
        self.accepted.append(
            Accepted(
                *(record.id, reference, record.signed_on, positions, parts, base, active, self.watch, replaced),
                saving=record.discount.minor if record.discount and record.discount.minor < base else 0,
                beside=max(0, base - _sum_of(record)) if offered else 0,
            )
        )

    def bound_on(self, day: date) -> frozenset[str]:
        """The items that an agreement protects that day."""
        if not self.accepted:
            return _NOTHING
        return frozenset(
            position.invoice.id
            for agreement in self.accepted
            if not agreement.settled and agreement.holds_on(day) and agreement.next_part()  # one that is paid: no more
            for position in agreement.positions
        )

    def receive(self, payment: Payment, amount: int, disputed: frozenset[str] = frozenset()) -> None:
        """Puts a payment where it belongs, taking whatever offers it takes."""
        self._aside = disputed | self.bound_on(payment.date) if self.accepted else disputed
        self._disputed = disputed
        money = Spare(payment.date, amount, payment.source, payment)
        reference = compacted(payment.reference)
        by_reference = next((offer for offer in self.offers if offer.reference in reference), None)
        positions = self._named(payment, by_reference, reference)
        if not positions:
            self._receive_unnamed(money, reference)
            return
        if by_reference is None or by_reference.kind is not OfferKind.PLAN or not self._accept(by_reference, money):
            self._take_discounts(positions, by_reference, money)  # who accepts a plan chose it instead of these
        mine = self._meant(by_reference, reference)
        positions.sort(
            key=lambda pos: (pos.invoice.id not in mine, pos.invoice.id in disputed)
        )  # else oldest due first
        before = {position.invoice.id: position.paid for position in positions}
        if money.amount:
            self.book.put_named(positions, money)
        self._note(positions, before, payment.date)

    def _note(self, positions: list[Position], before: dict[str, int], on: date) -> None:
        """Remembers, for each offer that was open, what this payment put on its invoices without taking it."""
        for offer in self.offers:
            if offer.holds_on(on):
                for position in positions:
                    if position.invoice.id in offer.invoices:
                        so_far = self._paid_for.setdefault(offer.key, {})
                        put = position.paid - before[position.invoice.id]
                        so_far[position.invoice.id] = so_far.get(position.invoice.id, 0) + put

    def _named(self, payment: Payment, offer: OfferMade | None, reference: str) -> list[Position]:
        """The invoices that a payment names: in its own column, through a reference of ours, or in its wording."""
        numbers = named_in(payment.invoices, self.book.by_number)
        if offer is not None:
            numbers += [item for item in offer.invoices if item in self.book.positions]
        numbers += [pos.invoice.id for one in self.accepted if one.reference in reference for pos in one.positions]
        for record, _ in self._unsigned:
            numbers += record.invoices if agreement_reference(record.id) in reference else ()
        if not numbers and payment.reference:
            numbers = mentioned(payment.reference, self.book.by_number)
        return self.book.named(numbers)

    def _meant(self, offer: OfferMade | None, reference: str) -> set[str]:
        """Of the items that a reference stands for, those that it is about today: the others have found another way out."""
        agreed = [pos for agreement in self.accepted if agreement.reference in reference for pos in agreement.positions]
        return {pos.invoice.id for pos in agreed or (self._open_positions(offer) if offer is not None else [])}

    def _receive_unnamed(self, money: Spare, reference: str) -> None:
        """All that is asked, for who says so; an instalment that is expected, for its exact amount; else the rules of allocation."""
        if self.reference and self.reference in reference and self._receive_asked(money):
            return
        for agreement in self.accepted:
            if (
                agreement.active
                and agreement.broken_on is None
                and money.amount in {agreement.next_part(), agreement.left}
            ):
                left = money.amount
                for position in agreement.positions:
                    left -= self.book.put(position, left, money, How.EXACT)
                if left:
                    self.book.spare.append(Spare(money.on, left, money.source, money.payment))
                return
        self.book.put_unnamed(money, self._disputed)

    def _receive_asked(self, money: Spare) -> bool:
        """Puts money where it is asked that day, if it is all of that, or came through a link that asked for it."""
        asked = self._asked_on(money.on)
        if sum(amount for _, amount in asked) != money.amount and not (money.payment and money.payment.link):
            return False
        for positions, amount in asked:
            left = min(amount, money.amount)
            for position in positions:
                used = self.book.put(position, left, money, How.NAMED)
                left -= used
                money.amount -= used
        if money.amount:
            self.book.put_unnamed(money, self._disputed)
        return True

    def _asked_on(self, day: date) -> list[tuple[list[Position], int]]:
        """What the page asks for that day: what is late and the instalments whose day has come, else what is due next."""
        known = [pos for pos in self.book.positions.values() if pos.asked and pos.invoice.issued <= day]
        free = [pos for pos in known if pos.invoice.id not in self._aside]
        asked = [(pos.invoice.due, pos.invoice.due < day, [pos], pos.open) for pos in free]
        for agreement in self.accepted:
            bound = [pos for pos in agreement.positions if pos.asked and pos.invoice.id not in self._disputed]
            owed = sum(pos.open for pos in bound)
            for due, part in agreement.open_parts() if agreement.holds_on(day) else ():
                asked.append((due, due <= day, bound, min(part, owed)))
                owed -= min(part, owed)
        if not any(come and amount for _, come, _, amount in asked):
            first = min((due for due, _, _, amount in asked if amount), default=day)
            asked = [(due, due == first, positions, amount) for due, _, positions, amount in asked]
        return [(positions, amount) for _, come, positions, amount in asked if come and amount]

    def _accept(self, offer: OfferMade, money: Spare) -> bool:
        positions = self._open_positions(offer)
        of_fees_only = all(position.invoice.fee_of for position in positions)
        if of_fees_only or not _may_take(offer, money) or offer.key.casefold() in self._over:
            return False  # nothing is left of its invoices
        if any(known.id == offer.key for known in self.accepted):
            return False  # whoever pays an instalment of one that was broken does not begin it anew
        fees, beside = fees_of(offer, positions)
        base = sum(position.open for position in positions) - beside
        before, of_fees = self._before(offer), self._before(offer, only_fees=True)
        for paid, late in ((0, 0), (before, of_fees)):  # as shown now; as shown first
            owed, earlier = base + paid, before - of_fees if not paid else 0
            parts = plan_parts(offer, owed, earlier, fees + late)
            if paid + money.amount >= parts[0][1]:
                saving = saved(offer, owed - fees - late, earlier)
                self._begin(offer, money.on, positions, parts, owed, saving=saving, beside=beside)
                return True
        for owed in self._owed_then(base, money.on):
            late = min(fees, owed)
            parts = plan_parts(offer, owed, fees=late)
            if money.amount == parts[0][1]:  # what went back since is open beside the plan
                self._begin(offer, money.on, positions, parts, base, saving=saved(offer, owed - late), beside=beside)
                return True
        return False

    def _begin(
        self,
        offer: OfferMade,
        on: date,
        positions: list[Position],
        parts: tuple[tuple[date, int], ...],
        base: int,
        *,
        saving: int,
        beside: int,
    ) -> None:
        self.accepted.append(
            Accepted(
                *(offer.key, offer.reference, on, positions, parts, base + beside),
                watch=self.watch,
                replaces=self._replace(positions, on),
                saving=saving,
                beside=beside,
            )
        )

    def _owed_then(self, now: int, on: date) -> list[int]:
        """What may have been owed that day, with money there that bounced or was given back since: an offer is taken as it was shown."""
        gone = [amount for came, went, amount in self.undone if came <= on <= went]
        return [now - part for part in dict.fromkeys((sum(gone), *gone)) if 0 < part < now]

    def _replace(self, positions: Sequence[Position], on: date) -> tuple[date, ...]:
        """A new agreement takes the place of those whose open invoices it covers. Returns the days on which they were signed."""
        covered, replaced = {id(position) for position in positions}, []
        for earlier in self.accepted:
            still_open = {id(position) for position in earlier.positions if position.open}
            if earlier.active and still_open and still_open <= covered:
                earlier.end(on)
                replaced.append(earlier.signed_on)
        return tuple(replaced)

    def pass_days(self, until: date, *, whole: bool = False) -> None:
        """The days before `until` are over, or that day too, for every agreement."""
        for agreement in self.accepted:
            agreement.pass_days(until, whole=whole)

    def earn(self, on: date | None = None, disputed: frozenset[str] = _NOTHING) -> None:
        """What agreements waive that were kept to their last instalment is written off; vouchers are earned, `on` the day of a fact."""
        self.taken += [found for agreement in self.accepted if (found := earned(agreement, self.book))]
        if on is not None and self.earning.offers:
            held = (agreement.items for agreement in self.accepted if agreement.holds_on(on))
            self.earning.look(on, self.book, disputed, _NOTHING.union(*held))

    def _before(self, offer: OfferMade, *, only_fees: bool = False) -> int:
        """What earlier payments within the offer put on its invoices; towards a fixed sum also those that named none."""
        about = {name for name in offer.invoices if claimed_of(name) or not only_fees}
        if offer.amount_off:
            return paid_so_far(offer, self.book, self._aside, about)
        return sum(amount for name, amount in self._paid_for.get(offer.key, {}).items() if name in about)

    def _take_discounts(self, positions: list[Position], by_reference: OfferMade | None, money: Spare) -> None:
        """All the discounts that this payment can take together, else each that it can take alone."""
        named = {position.invoice.id for position in positions}
        able = []
        linked = by_reference if money.payment and money.payment.link else None
        for offer in self.offers:  # through its own link it is for all of it, disputed since or not
            live = self._open_positions(offer, self.bound_on(money.on) if offer is linked else self._aside)
            ours = {pos.invoice.id for pos in live}
            names_it = offer is by_reference or (
                ours & named and ours <= named | set(self._paid_for.get(offer.key, {}))
            )
            takes = offer.kind is OfferKind.DISCOUNT and not offer.voucher_days
            if takes and names_it and self._in_time(offer, live, money):
                able.append((offer, live))
        if not able:
            return
        able = self._without_overlap(able, by_reference, money)
        notes = [
            note
            for offer, live in able
            for note in set_aside(self.book, offer, live, self._paid_for.get(offer.key, {}), money)
        ]
        covered = {position.invoice.id for _, live in able for position in live}
        others = sum(position.open for position in positions if position.invoice.id not in covered)
        surplus = money.amount - sum(self._needed(*entry) for entry in able) - others
        for offer, live in able:
            needed, more = self._needed(offer, live), max(0, surplus)
            if money.amount >= needed:
                if offer is linked:  # what is over its price is theirs
                    more = min(more, to_settle(offer, sum(pos.open for pos in live), self._before(offer)) - needed)
                surplus -= self._take(offer, live, money, needed + max(0, more)) - needed
        self.book.put_again(notes)

    def _without_overlap(self, able: list[_Able], named: OfferMade | None, money: Spare) -> list[_Able]:
        """Of offers for the same invoices, one that the money reaches, the one that it names first; else the first made."""
        chosen, seen = [], set[str]()
        for offer, live in sorted(able, key=lambda entry: (self._needed(*entry) > money.amount, entry[0] is not named)):
            if not seen & set(offer.invoices):
                chosen.append((offer, live))
                seen |= set(offer.invoices)
        return sorted(chosen, key=able.index)

    def _in_time(self, offer: OfferMade, live: list[Position], money: Spare) -> bool:
        """Whether the payment is dated within the offer; one of the first day that it was made after does not count."""
        if not live or not _may_take(offer, money):
            return False
        return money.on != offer.made_on or not offer.debt or sum(position.open for position in live) <= offer.debt

    def _needed(self, offer: OfferMade, live: list[Position]) -> int:
        """What is still to be paid to take a discount, with what was paid for it before."""
        before = self._before(offer)
        target = to_settle(offer, sum(position.open for position in live) + before)
        return max(0, target - before)

    def _take(self, offer: OfferMade, live: list[Position], money: Spare, at_most: int) -> int:
        """The payment covers all but the saving, and each invoice bears its share of that. Returns what was used of it."""
        owed = sum(position.open for position in live)
        used = min(owed, at_most, money.amount)
        saving = owed - used
        so_far = self._paid_for.get(offer.key, {})
        weights = [position.open + so_far.get(position.invoice.id, 0) for position in live]
        shares = fitting(prorata(saving, weights), [position.open for position in live])
        for position, part in zip(live, shares, strict=True):
            money.amount -= self.book.put(position, position.open - part, money, How.NAMED)
            self.book.discount(position, part, money.on, offer.reference)
        if saving:
            self.taken.append(DiscountTaken(offer.invoices, money.on, saving))
        return used

    def _open_positions(self, offer: OfferMade, aside: frozenset[str] | None = None) -> list[Position]:
        found = [self.book.positions[item] for item in offer.invoices if item in self.book.positions]
        return [pos for pos in found if pos.asked and pos.invoice.id not in (self._aside if aside is None else aside)]


def _sum_of(record: AgreementRecord) -> int:
    """The debt that it is about: its instalments, and what it waives once they are paid."""
    return sum(amount.minor for _, amount in record.instalments) + (record.discount.minor if record.discount else 0)


def _may_take(offer: OfferMade, money: Spare) -> bool:
    """Whether the payment is dated within the offer. Through a payment link it may be late: the link was still active."""
    through_link = money.payment is not None and bool(money.payment.link)
    return offer.holds_on(money.on) or (through_link and offer.made_on <= money.on and _names(offer, money))


def _names(offer: OfferMade, money: Spare) -> bool:
    return money.payment is not None and offer.reference in compacted(money.payment.reference)

"""Value added tax inside an amount that somebody pays: net, VAT and gross at each rate, exact to the last unit.

An invoice names its rates; what is paid of it pays each rate in proportion to its gross. Amounts paid one after another take
what the ones before them left, so that over the whole invoice every rate comes out as it was invoiced, and nothing is ever
below zero. Whoever owes VAT when the money comes in (`TVA sur les encaissements`) declares these figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from generator.domain.agreeing import paid_by_each
from generator.domain.money import Money, round_half_up

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date

    from generator.domain.account import Agreement, Item

#: The rates of an invoice as its ledger tells them: each with its net amount, or one rate alone for all of it.
Told = tuple[tuple[Decimal, Decimal | None], ...]


@dataclass(frozen=True, slots=True)
class VatPart:
    """What is at one rate, in percent, of an amount: `net` + `vat` = `gross`."""

    rate: Decimal
    net: Money
    vat: Money

    @property
    def gross(self) -> Money:
        """What is paid at this rate, VAT included."""
        return self.net + self.vat


def rates_of(total: Money, told: Told) -> tuple[VatPart, ...]:
    """An invoice cut by rate; empty when its ledger does not tell, or tells of other amounts than its total.

    With one rate alone the net is computed from the total. Else each VAT is the net times its rate, and a unit of rounding at
    each rate is put on the largest of them: a difference that is more than that is nobody's rounding, and nothing is guessed.
    """
    if not told or total.minor <= 0:
        return ()
    if len(told) == 1 and told[0][1] is None:
        rate = told[0][0]
        net = round_half_up(Fraction(total.minor) * 100 / (100 + Fraction(rate)))
        return (VatPart(rate, Money(net, total.currency), Money(total.minor - net, total.currency)),)
    nets: dict[Decimal, int] = {}
    for rate, amount in told:
        try:
            net = Money.of(amount if amount is not None else Decimal(-1), total.currency).minor
        except ValueError:
            return ()
        if net < 0:
            return ()
        nets[rate] = nets.get(rate, 0) + net
    taxes = {rate: round_half_up(Fraction(net) * Fraction(rate) / 100) for rate, net in nets.items()}
    over = total.minor - sum(nets.values()) - sum(taxes.values())
    most = max(nets, key=lambda rate: (taxes[rate], nets[rate]))
    if abs(over) > len(told) or (over and (not taxes[most] or taxes[most] + over < 0)):
        return ()
    taxes[most] += over
    return tuple(
        VatPart(rate, Money(net, total.currency), Money(taxes[rate], total.currency)) for rate, net in nets.items()
    )


def split_gross(amount: Money, rates: Sequence[VatPart], before: Money | None = None) -> tuple[VatPart, ...]:
    """What `amount` pays at each rate of a whole, when `before` was paid of it already; empty without rates.

    Both together are at most the whole. Payments that follow one another, each with what came `before` it, add up to the
    whole at every rate. The same cuts a discount, or what is left to pay after one. Raises ValueError for more than the whole.
    """
    if not rates:
        return ()
    reached = before.minor if before else 0
    if amount.minor < 0 or reached < 0 or reached + amount.minor > sum(part.gross.minor for part in rates):
        raise ValueError(f"{amount} after {reached} is not a part of what is invoiced")
    earlier, now = _upto(reached, rates), _upto(reached + amount.minor, rates)
    return tuple(
        VatPart(part.rate, Money(net - net_before, amount.currency), Money(tax - tax_before, amount.currency))
        for part, (net, tax), (net_before, tax_before) in zip(rates, now, earlier, strict=True)
    )


def _upto(reached: int, rates: Sequence[VatPart]) -> list[tuple[int, int]]:
    """Net and VAT at each rate once so many units of the whole are paid; neither ever falls as more is paid."""
    shares = apportion(reached, [part.gross.minor for part in rates])
    taxes = [_share_of(share, part.vat.minor, part.gross.minor) for share, part in zip(shares, rates, strict=True)]
    return [(share - tax, tax) for share, tax in zip(shares, taxes, strict=True)]


def _share_of(share: int, tax: int, gross: int) -> int:
    return (2 * share * tax + gross) // (2 * gross) if gross else 0


def apportion(amount: int, weights: Sequence[int]) -> list[int]:
    """`amount` units in proportion to `weights`, each next unit to whoever is furthest behind (Sainte-Laguë).

    Unlike shares that are rounded one by one, none ever falls as the amount rises, and all of the weights give the weights.
    """
    whole, count = sum(weights), len(weights)
    if not whole:
        return [0] * count
    # nobody's share is further below the exact one than this, so that only the last few units are dealt out singly
    shares = [max(0, amount * weight // whole - count) for weight in weights]
    for _ in range(amount - sum(shares)):
        behind = max(
            (index for index in range(count) if weights[index]),
            key=lambda index: (Fraction(weights[index], 2 * shares[index] + 1), -index),
        )
        shares[behind] += 1
    return shares


@dataclass(frozen=True, slots=True)
class PaidPart:
    """What one instalment pays of one invoice, and at which rates; no `rates` where the invoice's VAT is not known."""

    number: int
    due: date
    invoice: str
    amount: Money
    rates: tuple[VatPart, ...]


def as_paid(items: Iterable[Item], *, fees_first: bool) -> list[Item]:
    """Items in the order in which money pays them: the oldest due first; late fees after all of them, or each before its invoice."""
    known = {item.id: item for item in items}

    def place(item: Item) -> tuple[object, ...]:
        about = known.get(item.fee_of, item)
        behind = bool(item.fee_of) and not fees_first
        return behind, about.invoice.due, about.invoice.issued, about.id, not item.fee_of

    return sorted(known.values(), key=place)


def instalments_by_rate(
    agreement: Agreement,
    items: Iterable[Item],
    taken_off: Callable[[Money, tuple[VatPart, ...]], tuple[VatPart, ...]] = split_gross,
    *,
    fees_first: bool = False,
) -> tuple[PaidPart, ...]:
    """Every instalment of an agreement by invoice and rate, when each is paid as agreed, the oldest invoice first.

    Late fees come after all invoices, or each `fees_first` before its own.

    What was paid or credited of an invoice before the agreement has paid its share of each rate. What is waived once it is kept is
    what no instalment pays, of the last invoices; its credit note takes it off their rates (`taken_off`), and the instalments pay
    the rest of each. Where the agreement is not about exactly what its invoices owed, nobody can say which an instalment pays:
    each is told whole, without invoice or rate.
    """
    listed = {item.id: item for item in items if item.id in agreement.invoices}
    owed = dict(zip(agreement.invoices, agreement.owed, strict=False))
    schedule = tuple((part.due, part.amount) for part in agreement.instalments)
    waived = sum(amount.minor for amount in owed.values()) - sum(amount.minor for _, amount in schedule)
    adds_up = waived in {0, agreement.saving.minor if agreement.saving else 0}
    if len(owed) != len(agreement.invoices) or set(listed) != set(owed) or not adds_up:
        return tuple(PaidPart(number, due, "", amount, ()) for number, (due, amount) in enumerate(schedule, start=1))
    first = as_paid(listed.values(), fees_first=fees_first)
    rates = {item.id: rates_of(item.total, item.invoice.vat) for item in first}
    pay = dict(owed)
    for item in reversed([item for item in first if not item.fee_of]):  # the money is on the oldest first
        part = Money(min(waived, owed[item.id].minor), item.total.currency)
        waived -= part.minor
        pay[item.id] -= part
        if part and rates[item.id]:
            rates[item.id] = _less(rates[item.id], taken_off(part, rates[item.id]))
    reached = {item.id: item.total - owed[item.id] for item in first}
    found: list[PaidPart] = []
    by_each = paid_by_each([(item.id, pay[item.id]) for item in first], schedule)
    for number, ((due, _), pays) in enumerate(zip(schedule, by_each, strict=True), start=1):
        for invoice, amount in pays:
            cut = split_gross(amount, rates[invoice], reached[invoice])
            reached[invoice] += amount
            found.append(PaidPart(number, due, invoice, amount, cut))
    return tuple(found)


def _less(rates: Sequence[VatPart], off: Sequence[VatPart]) -> tuple[VatPart, ...]:
    """What is left at each rate; nothing where that is not known, or is less than nothing."""
    left = tuple(
        VatPart(one.rate, one.net - part.net, one.vat - part.vat) for one, part in zip(rates, off, strict=False)
    )
    return left if len(off) == len(rates) and all(one.net.minor >= 0 and one.vat.minor >= 0 for one in left) else ()


def added_by_rate(parts: Iterable[PaidPart]) -> tuple[VatPart, ...]:
    """Net and VAT of several parts at each rate, the lowest rate first; nothing when the VAT of one is not known."""
    sums: dict[Decimal, VatPart] = {}
    for part in parts:
        if not part.rates:
            return ()
        for cut in part.rates:
            known = sums.get(cut.rate)
            sums[cut.rate] = VatPart(cut.rate, known.net + cut.net, known.vat + cut.vat) if known else cut
    return tuple(sums[rate] for rate in sorted(sums))

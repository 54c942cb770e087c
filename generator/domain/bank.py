"""What a bank's statement tells: the movements of an account, and the days that it speaks for."""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from generator.domain.ledger import BankPeriod, SourceRef
from generator.domain.money import total
from generator.domain.references import code

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from generator.domain.money import Money
    from generator.domain.terms import BusinessCalendar

_ONE_DAY = timedelta(days=1)
_SHORTEST_ACCOUNT = 6  #: figures and letters of an account's number that tell it inside an IBAN


@dataclass(frozen=True, slots=True)
class Movement:
    """One sum that came to the account or, negative, left it. `mark` is its name for good, made by `marked`.

    `number` is the bank's own name for it; `party` who sent it (or was sent it), as the bank knows them, from the account
    `iban`; `texts` what it carries, each by itself: references, words, the sender's own number. `returned`: it undoes another
    movement. `several`: it sums up payments of which the statement does not tell one from the other.
    """

    on: date
    amount: Money
    party: str = ""
    texts: tuple[str, ...] = ()
    iban: str = ""
    number: str = ""
    returned: bool = False
    several: bool = False
    mark: str = ""
    source: SourceRef = field(default=SourceRef("statement"), compare=False)

    @property
    def text(self) -> str:
        """All that it carries, in one line."""
        return " ".join(self.texts)


@dataclass(frozen=True, slots=True)
class BankStatement:
    """One statement of one account. `form` is the format it was written in.

    `begins` and `ends` are the days that it speaks for: all that was booked on them is in it, unless it is not `whole` (the
    advice of single payments). `pending` counts movements that the bank had not booked yet, and which are left out.
    """

    file: str
    form: str
    account: str
    currency: str
    begins: date | None
    ends: date | None
    movements: tuple[Movement, ...]
    opening: Money | None = None
    closing: Money | None = None
    whole: bool = True
    pending: int = 0


def marked(statement: BankStatement) -> BankStatement:
    """The statement with a mark on each movement, the same whenever and in whatever extract it is met again.

    The bank's own number is not enough: some banks give one number to several movements. Without a number, the day, the
    amount and the words tell it; of movements alike in all of that, each is told by its place among them.
    """
    seen: Counter[str] = Counter()
    found = []
    for movement in statement.movements:
        what = movement.number or f"{_plain(movement.party)}\x1f{_plain(movement.text)}"
        amount = f"{movement.amount}{movement.amount.currency}"
        alike = code(statement.account, what, movement.on.isoformat(), amount)
        seen[alike] += 1
        place = str(seen[alike])
        mark = alike if place == "1" else code(alike, place)
        found.append(replace(movement, mark=f"{statement.form}-{mark}"))
    return replace(statement, movements=tuple(found))


def form_of(mark: str) -> str:
    """The format of the statement that a mark was made in."""
    return mark.partition("-")[0]


def same_account(iban: str, account: str) -> bool:
    """Whether a statement's account is that of an IBAN; some formats give only the numbers inside it, each by itself."""
    parts = account.upper().split()
    if "".join(parts) == iban:
        return True
    return len(parts[-1]) >= _SHORTEST_ACCOUNT and all(part in iban for part in parts) if parts else False


def unaccounted(statement: BankStatement, known: Iterable[BankPeriod]) -> Money | None:
    """How far the balance after a statement is from what its movements make of the balance before; None when they agree.

    A statement that does not tell the balance before begins with that after one that is `known`, of whose days it tells all
    that followed. None also where nobody can say.
    """
    closing, begun = statement.closing, _begun(statement, known)
    amounts = [movement.amount for movement in statement.movements if begun and movement.on > begun.on]
    if closing is None or begun is None or begun.balance is None or not statement.whole:
        return None
    if {amount.currency for amount in (begun.balance, *amounts)} != {closing.currency}:
        return None
    apart = closing - total([begun.balance, *amounts], closing.currency)
    return apart if apart.minor else None


def _begun(statement: BankStatement, known: Iterable[BankPeriod]) -> _Reached | None:
    """The balance that a statement begins with, and the day at whose end it was so."""
    if statement.opening is not None:
        return _Reached(date.min, statement.opening)
    if statement.begins is None or statement.ends is None or not statement.account:
        return None
    earlier = [
        _Reached(period.ends, period.closing)
        for period in known
        if period.account == statement.account
        and period.closing is not None
        and statement.begins - _ONE_DAY <= period.ends < statement.ends
    ]
    return max(earlier, key=lambda one: one.on, default=None)


def period_of(statement: BankStatement, today: date, waits_from: date | None) -> BankPeriod | None:
    """The days that a statement read today speaks for: a day that is not over yet may still bring something."""
    if not statement.whole or statement.begins is None or statement.ends is None:
        return None
    ends = min(statement.ends, today - _ONE_DAY)
    if ends < statement.begins:
        return None
    closing = statement.closing if ends == statement.ends else None
    return BankPeriod(
        account=statement.account,
        begins=statement.begins,
        ends=ends,
        waits_from=waits_from if waits_from is not None and waits_from <= ends else None,
        opening=statement.opening,
        closing=closing,
        file=statement.file,
    )


def last_counted(periods: Iterable[BankPeriod], until: date) -> BankPeriod | None:
    """The statement that shows payments to be booked `until` that day."""
    return next((period for period in periods if _counted_to(period) == until), None)


def _counted_to(period: BankPeriod) -> date:
    """The last day of which nothing waits for the owner."""
    return period.ends if period.waits_from is None else period.waits_from - _ONE_DAY


def booked_until(
    periods: Iterable[BankPeriod], iban: str, known: date | None, business: BusinessCalendar | None
) -> date | None:
    """Up to which day payments are booked: the later of what the owner says (`known`) and what the statements show.

    Statements count as long as each begins where the one before ended; days on which no bank works are no gap, nor is a
    balance that did not change. Those of other accounts than the seller's do not count; a seller without an IBAN has all of
    them, and the one that was read least far decides.
    """
    chains: dict[str, list[BankPeriod]] = {}
    for period in periods:
        if not iban or not period.account or same_account(iban, period.account):
            chains.setdefault("" if iban else period.account, []).append(period)
    reached = [_reach(chain, known, business) for chain in chains.values()]
    ends = [day for day in reached if day is not None]
    if not ends or len(ends) < len(reached):
        return known
    return max(min(ends), known) if known is not None else min(ends)


class _Reached(NamedTuple):
    """How far a chain of statements goes: the day, and the balance at its end."""

    on: date
    balance: Money | None = None


def _reach(periods: Sequence[BankPeriod], known: date | None, business: BusinessCalendar | None) -> date | None:
    reached = None if known is None else _Reached(known)
    found = known
    for period in sorted(periods, key=lambda period: (period.begins, period.ends)):
        if reached is None:
            reached = _Reached(period.begins - _ONE_DAY, period.opening)
        if not follows(period, reached.on, reached.balance, business):
            break
        last = _counted_to(period)
        if last >= period.begins and last >= reached.on:
            reached = _Reached(last, period.closing if last == period.ends else None)
            found = last
    return found


def follows(period: BankPeriod, after: date, balance: Money | None, business: BusinessCalendar | None) -> bool:
    """Whether nothing can be missing between a day up to which all is known and the first day of a statement."""
    if period.begins <= after + _ONE_DAY:
        return True
    if balance is not None and period.opening == balance:
        return True
    return business is not None and not any(map(business.is_business_day, _days_between(after, period.begins)))


def _days_between(after: date, before: date) -> Iterator[date]:
    day = after + _ONE_DAY
    while day < before:
        yield day
        day += _ONE_DAY


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())

"""The balance that some banks write beside each movement of a table: what the account held before the first and after the last."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.domain.bank import Movement
    from generator.domain.money import Money

_FEWEST = 2  #: of a single one nobody can say whether it runs along or is that of today


def ends_of(movements: Sequence[Movement], balances: Sequence[Money | None]) -> tuple[Money | None, Money | None]:
    """The balances before and after some movements, of which each has the balance after it; nothing where they tell nothing.

    Every balance but the last is one that the next movement begins with, in whatever order a bank writes those of one day.
    Where that fails, movements are missing: then the order of the file says which are the first and the last.
    """
    after = [balance for balance in balances if balance is not None]
    if len(after) < max(_FEWEST, len(balances)) or len(set(after)) == 1:
        return None, None
    if {balance.currency for balance in after} != {movement.amount.currency for movement in movements}:
        return None, None
    before = [balance - movement.amount for balance, movement in zip(after, movements, strict=True)]
    starts, stops = Counter(before) - Counter(after), Counter(after) - Counter(before)
    if not starts:  # the account came back to where it was
        return before[0], before[0]
    if starts.total() == 1:
        return next(iter(starts)), next(iter(stops))
    newest_first = movements[0].on > movements[-1].on
    return (before[-1], after[0]) if newest_first else (before[0], after[-1])

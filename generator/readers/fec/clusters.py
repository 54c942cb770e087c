"""Lines of accounts → clusters of lines that belong together: by their lettering, and through what was moved between accounts.

What was moved (a debt to the account of doubtful ones, say) pays nothing: it only ties what it left to what it came to.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING

from generator.checks import slug
from generator.readers.fec.entries import Tells

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from generator.readers.fec.entries import Line

_CREDIT_NOTE = re.compile(r"(?:^|_)(?:avoirs?|credit_notes?|notes?_de_credit|av_?\d\w*|avr?)(?:_|$)")


class What(Enum):
    """What a line on a client's account is."""

    INVOICE = auto()
    CREDIT_NOTE = auto()
    PAYMENT = auto()
    BACK = auto()  #: a payment that was undone: a cheque that bounced, money given back
    LOSS = auto()
    MOVED = auto()


def what_is(line: Line) -> What:
    """What a line is, from the accounts of its entry, its journal and its words."""
    tells = line.tells
    if tells & Tells.MOVED:
        return What.MOVED
    if line.amount >= 0:
        undone = tells & (Tells.MONEY | Tells.DIFFERENCE) and not tells & Tells.SALE and not line.opening
        return What.BACK if undone else What.INVOICE
    if line.opening:
        return What.CREDIT_NOTE if _says_credit_note(line) else What.PAYMENT
    if tells & Tells.LOSS:
        return What.LOSS
    if tells & Tells.SALE and not tells & Tells.MONEY:
        return What.CREDIT_NOTE
    return What.CREDIT_NOTE if not tells & Tells.DIFFERENCE and _says_credit_note(line) else What.PAYMENT


def _says_credit_note(line: Line) -> bool:
    if line.tells & Tells.MONEY and not line.tells & Tells.SALE and not line.opening:
        return False  # money, whatever the words: a credit note that was paid out, most often
    return bool(_CREDIT_NOTE.search(slug(line.piece)) or _CREDIT_NOTE.search(slug(line.label)))


@dataclass(slots=True, eq=False)
class Cluster:
    """Lines of one client that belong together. `lettered`: the accounts say so. `doubtful`: some of it stands among doubtful debts.

    `moved`: something of it went to another account.
    """

    lines: list[Line] = field(default_factory=list)
    lettered: bool = False
    doubtful: bool = False
    moved: bool = False

    @property
    def balance(self) -> int:
        """What is left of it to pay, in the currency of the accounts."""
        return sum(line.amount for line in self.lines)

    def of(self, what: What, kinds: dict[int, What]) -> list[Line]:
        """Its lines of one kind, in the order of their days."""
        found = [line for line in self.lines if kinds[id(line)] is what]
        return sorted(found, key=lambda line: line.day)


class _Ties:
    """Which groups of lines are one."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def root(self, key: str) -> str:
        while (above := self._above.get(key)) is not None:
            key = above
        return key

    def tie(self, keys: Iterable[str]) -> None:
        first, *others = dict.fromkeys(self.root(key) for key in keys)
        for other in others:
            self._above[other] = first


def clusters_of(lines: Sequence[Line], kinds: dict[int, What]) -> list[Cluster]:
    """All lines in their clusters; one that nothing is tied to is a cluster by itself."""
    ties = _Ties()
    moves: dict[tuple[object, ...], list[Line]] = defaultdict(list)
    free: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        if kinds[id(line)] is What.MOVED:
            moves[line.file, line.entry, line.who].append(line)
        elif not line.group and kinds[id(line)] is What.INVOICE and not line.doubtful:
            free[line.who].append(line)
    for (_, _, who), moved in moves.items():
        keys = [_key(line) for line in moved]
        if any(line.doubtful for line in moved):
            for line in moved:
                if line.amount < 0 and not line.group:
                    keys += map(_key, _left_by(line, free[str(who)]))
        ties.tie(keys)
    found: dict[str, Cluster] = defaultdict(Cluster)
    for line in lines:
        cluster = found[ties.root(_key(line))]
        cluster.lettered = cluster.lettered or bool(line.group)
        cluster.doubtful = cluster.doubtful or line.doubtful
        if kinds[id(line)] is What.MOVED:
            cluster.moved = True
        else:
            cluster.lines.append(line)
    return [cluster for cluster in found.values() if cluster.lines]


def _key(line: Line) -> str:
    return line.group or f"{line.file}\0{line.number}"


def _left_by(moved: Line, free: list[Line]) -> list[Line]:
    """The debts that a sum was moved away from, of those that nothing is lettered with: its piece, its amount, else the oldest.

    Too many rather than too few: what is among doubtful debts shall not be asked for.
    """
    before = [line for line in free if line.day <= moved.day]
    same = [line for line in before if line.piece == moved.piece and line.piece and line.amount == -moved.amount]
    same = same or [line for line in before if line.amount == -moved.amount][:1]
    if not same:
        left = -moved.amount
        for line in sorted(before, key=lambda line: line.day):
            if left > 0:
                same.append(line)
                left -= line.amount
    for line in same:
        free.remove(line)
    return same


def resolve_undone(lines: Sequence[Line], kinds: dict[int, What]) -> None:
    """Makes a debt of its own of money that went back without anything it could undo: its invoice was settled before these accounts."""
    undone = [line for line in lines if kinds[id(line)] is What.BACK]
    if not undone:
        return
    mine: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        mine[line.who].append(line)
    used: set[int] = set()
    for back in sorted(undone, key=lambda line: line.day):
        before = [line for line in mine[back.who] if line is not back and line.day <= back.day]
        if back.group:
            came = sum(-line.amount for line in before if line.group == back.group and line.amount < 0)
            if came < back.amount:
                kinds[id(back)] = What.INVOICE
            continue
        same = [
            line
            for line in before
            if kinds[id(line)] is What.PAYMENT and line.amount == -back.amount and id(line) not in used
        ]
        if same:
            used.add(id(same[-1]))
        elif sum(line.amount for line in before) > -back.amount:
            kinds[id(back)] = What.INVOICE

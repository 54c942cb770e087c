"""Clusters of lines → rows of invoices and payments: which payment is about which invoice, as far as the accounts say it.

What they do not say is left to the rules of allocation, which list what they guess.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from generator.domain.money import Money, exponent
from generator.domain.naming import Mentions
from generator.domain.references import is_reference
from generator.readers.fec.clusters import Cluster, What, clusters_of, resolve_undone, what_is
from generator.readers.fec.pieces import Numbers, Piece, pieces_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from generator.readers.fec.entries import Line

_REFERENCE = re.compile(r"\bRF\d\d[0-9A-Z ]{1,26}", re.IGNORECASE)
_OUR_REFERENCE = 14  #: signs
_LITIGATION, _WRITTEN_OFF = "litigation", "written_off"
_SEVERAL = 2


class Booked(NamedTuple):
    """One row: where it stands, what it says under our names for columns, and whether it stands in the column of credits.

    `astray`: the invoice that its words surely name is this other client's.
    """

    line: Line
    values: dict[str, str]
    credit: bool = True
    astray: str = ""


@dataclass(slots=True)
class Receivables:
    """All rows, with what the owner should know of how they came about, each with the lines concerned."""

    invoices: list[Booked] = field(default_factory=list)
    payments: list[Booked] = field(default_factory=list)
    guessed: list[Line] = field(default_factory=list)
    elsewhere: list[Line] = field(default_factory=list)
    doubtful: list[Line] = field(default_factory=list)


def receivables(lines: Sequence[Line], ids: Mapping[str, str], currency: str, ends: Mapping[str, date]) -> Receivables:
    """What these lines say that clients were asked for and paid. `ids` are the clients'; `ends` the last day of each file."""
    return _Booking(lines, ids, currency, ends).result


class _Booking:
    """One ledger on its way from lines to rows."""

    def __init__(self, lines: Sequence[Line], ids: Mapping[str, str], currency: str, ends: Mapping[str, date]) -> None:
        self.ids, self.currency, self.ends = ids, currency, ends
        self.result = Receivables()
        self.kinds = {id(line): what_is(line) for line in lines}
        resolve_undone(lines, self.kinds)
        clusters = clusters_of(lines, self.kinds)
        kept = [line for line in lines if self.kinds[id(line)] is not What.MOVED]
        self.entered = {(line.file, line.entry, line.who) for line in kept}
        self.numbers = Numbers([line for line in kept if self.kinds[id(line)] in {What.INVOICE, What.CREDIT_NOTE}])
        self.pieces = pieces_of(kept, self.kinds, self.numbers, ids)
        self.open: dict[str, list[Piece]] = defaultdict(list)
        self.mentions = Mentions()
        self._learn(clusters)
        for cluster in clusters:
            if cluster.lettered or cluster.moved or len(cluster.lines) > 1:
                self._book_together(cluster)
            else:
                self._book_alone(cluster.lines)
        for piece in dict.fromkeys(self.pieces.values()):
            self._invoice(piece)

    def _learn(self, clusters: Iterable[Cluster]) -> None:
        """What a payment without lettering may be about: the invoices that are not settled by theirs."""
        left = [cluster.lines for cluster in clusters if not cluster.lettered or cluster.balance]
        pieces = (self.pieces[id(line)] for lines in left for line in lines if id(line) in self.pieces)
        for piece in dict.fromkeys(pieces):
            self.open[piece.who].append(piece)
            self.mentions.learn_number(piece.number, piece.who, piece.currency)

    def _book_together(self, cluster: Cluster) -> None:
        pieces = list(dict.fromkeys(self.pieces[id(line)] for line in cluster.lines if id(line) in self.pieces))
        notes = cluster.of(What.CREDIT_NOTE, self.kinds)
        paid = sorted(
            [*cluster.of(What.PAYMENT, self.kinds), *cluster.of(What.BACK, self.kinds)], key=lambda line: line.day
        )
        losses = cluster.of(What.LOSS, self.kinds)
        settled = not cluster.balance
        if not pieces:
            if not settled:  # else they settle each other, and no invoice is concerned
                self._book_alone([*notes, *paid, *losses])
            return
        if not (notes or paid or losses):
            self._stand_alone(cluster, pieces)
            return
        if losses and settled:
            for piece in pieces:
                piece.status = _WRITTEN_OFF
        else:
            notes = sorted([*notes, *losses], key=lambda line: line.day)
            if cluster.doubtful and not settled:
                self._doubt(pieces)
        if settled and {line.currency for line in paid} - {piece.currency for piece in pieces}:
            self._settle(pieces, cluster, (*notes, *paid)[-1])
            return
        self._credit(notes, pieces)
        self._pay(paid, pieces, settled=settled)

    def _stand_alone(self, cluster: Cluster, pieces: Sequence[Piece]) -> None:
        """Invoices lettered with nothing that is here were paid later, as far as anybody can tell; what was moved was not."""
        if cluster.doubtful:
            self._doubt(pieces)
        elif cluster.lettered and not cluster.moved:
            last = max(cluster.lines, key=lambda line: (line.code_day is not None, line.code_day or line.day))
            self.result.elsewhere += [piece.lines[0] for piece in pieces]
            self._settle(pieces, cluster, last, last.code_day or max(last.day, self.ends[last.file]))

    def _doubt(self, pieces: Iterable[Piece]) -> None:
        for piece in pieces:
            piece.status = piece.status or _LITIGATION
            self.result.doubtful.append(piece.lines[0])

    def _settle(self, pieces: Iterable[Piece], cluster: Cluster, line: Line, on: date | None = None) -> None:
        """What stands for payments that the accounts know in another currency, or not at all."""
        here = {id(member) for member in cluster.lines}
        for piece in pieces:
            amount = sum(member.foreign for member in piece.lines if id(member) in here)
            if amount > 0:
                self._payment(line, amount, piece.currency, [piece], on)

    def _book_alone(self, lines: Iterable[Line]) -> None:
        """What no lettering ties to anything: named in its own words, or not at all."""
        for line in lines:
            what = self.kinds[id(line)]
            if what is What.INVOICE:
                if line.doubtful:
                    self._doubt([self.pieces[id(line)]])
                continue
            named = self._named(line)
            if what is What.LOSS and (lost := self._lost(line, named)) is not None:
                lost.status = _WRITTEN_OFF
            elif what in {What.CREDIT_NOTE, What.LOSS}:
                self._credit([line], named[:1])
            elif what is What.PAYMENT and not named and (others := self._others(line)):
                self._payment(line, -line.foreign, line.currency, others[:1], astray=self.ids[others[0].who])
            else:
                self._payment(line, -line.foreign, line.currency, named)
                if not named and what is What.PAYMENT:
                    self.result.guessed.append(line)

    def _named(self, line: Line) -> list[Piece]:
        """The open invoices of the client that the words of a line surely name."""
        found = {
            named.number
            for named in self.mentions.numbers([line.piece, line.label])
            if named.client == line.who and named.currency == line.currency and named.sure and not named.cut
        }
        return [piece for piece in self.open[line.who] if piece.number in found] if found else []

    def _others(self, line: Line) -> list[Piece]:
        """Those of other clients, also by a short number that is said to be one: "facture F-1". None that could be the client's own.

        Nor those of one who stands in the entry too: it is one transfer for both, and names the invoices of both.
        """
        found = self.mentions.numbers([line.piece, line.label])
        if any(named.client == line.who for named in found):
            return []
        theirs = sorted(
            (named.client, named.number)
            for named in found
            if named.currency == line.currency
            and not named.cut
            and (named.sure or any(map(str.isalpha, named.number)))
            and (line.file, line.entry, named.client) not in self.entered
        )
        return [piece for who, number in theirs for piece in self.open[who] if piece.number == number]

    def _lost(self, line: Line, named: Sequence[Piece]) -> Piece | None:
        """The invoice that was given up as a whole by one line."""
        same = [piece for piece in named or self.open[line.who] if piece.amount == -line.foreign and not piece.status]
        return same[0] if len(same) == 1 else None

    def _credit(self, notes: Iterable[Line], pieces: Sequence[Piece]) -> None:
        """Credit notes, each on an invoice that it is tied to; in parts when none of them can hold it."""
        for note in notes:
            left = -note.foreign
            fitting = [piece for piece in pieces if piece.currency == note.currency and piece.left > 0]
            fitting = [
                piece for _, piece in sorted(((_fit(note, piece), piece) for piece in fitting), key=itemgetter(0))
            ]
            while left > 0:
                piece = fitting.pop(0) if fitting else None
                part = min(left, piece.left) if piece is not None and fitting else left
                if piece is not None:
                    piece.left -= part
                self._note(note, part, piece)
                left -= part

    def _pay(self, paid: Sequence[Line], pieces: Sequence[Piece], *, settled: bool) -> None:
        """Payments, each on the invoices that it is lettered with. Of many, one and one that are alike go together."""
        whole = settled and all(line.amount < 0 for line in paid) and len(pieces) >= _SEVERAL <= len(paid)
        rest = list(pieces)
        alike: dict[int, Piece] = {}
        if whole:
            by_amount: dict[tuple[int, str], list[Piece]] = defaultdict(list)
            for piece in sorted(pieces, key=lambda piece: piece.issued):
                by_amount[piece.left, piece.currency].append(piece)
            for line in paid:
                if same := by_amount[-line.foreign, line.currency]:
                    alike[id(line)] = same.pop(0)
            matched = {id(piece) for piece in alike.values()}
            rest = [piece for piece in pieces if id(piece) not in matched]
        for line in paid:
            own = alike.get(id(line))
            named = [own] if own else [piece for piece in rest if piece.currency == line.currency]
            self._payment(line, -line.foreign, line.currency, named)

    def _invoice(self, piece: Piece) -> None:
        first = piece.lines[0]
        values = self._values(first, piece.amount, piece.currency)
        values |= {"number": piece.number, "issued": piece.issued.isoformat(), "status": piece.status}
        self.result.invoices.append(Booked(first, values, credit=False))

    def _note(self, line: Line, amount: int, piece: Piece | None) -> None:
        values = self._values(line, -amount, line.currency)
        values["number"] = self.numbers.give(line, self.ids[line.who], "avoir")
        values |= {"issued": line.issued.isoformat(), "credit_of": piece.number if piece else ""}
        self.result.invoices.append(Booked(line, values))

    def _payment(
        self,
        line: Line,
        amount: int,
        currency: str,
        pieces: Iterable[Piece],
        on: date | None = None,
        *,
        astray: str = "",
    ) -> None:
        values = self._values(line, amount, currency)
        values["amount"] = values.pop("total")
        values |= {
            "date": (on or line.day).isoformat(),
            "invoice": ", ".join(piece.number for piece in pieces),
            "reference": _reference(f"{line.piece} {line.label}"),
            "note": " ".join(filter(None, (*line.entry[:2], line.label))),
        }
        self.result.payments.append(Booked(line, values, credit=amount > 0, astray=astray))

    def _values(self, line: Line, amount: int, currency: str) -> dict[str, str]:
        return {"client": self.ids[line.who], "total": written(amount, currency), "currency": currency}


def _fit(note: Line, piece: Piece) -> tuple[object, ...]:
    """How well a credit note goes with an invoice, the best first."""
    named = piece.number in note.label or piece.lines[0].piece == note.piece
    amount = -note.foreign
    return not named, piece.left != amount, piece.left < amount, piece.issued, piece.number


def written(amount: int, currency: str) -> str:
    """An amount such that nobody takes its point for that of thousands."""
    text = str(Money(amount, currency))
    return f"{text}0" if exponent(currency) == 3 else text  # noqa: PLR2004 - as many as thousands have figures


def _reference(text: str) -> str:
    """A reference of ours that a bank passed on; other words may follow it."""
    found = ("".join(match[0].split())[:_OUR_REFERENCE] for match in _REFERENCE.finditer(text.upper()))
    return next(filter(is_reference, found), "")

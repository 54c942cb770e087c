"""The lines of a FEC → those that stand on accounts of clients, each with what its whole entry tells of it.

All other lines are looked at once and forgotten: they tell whether an entry balances, and whether it is a sale, a payment, a loss.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from generator.checks import SUSPICIOUS, slug
from generator.domain.money import Money, exponent
from generator.readers.cells import currency_code
from generator.readers.fec.words import SIDES, clean, read_amount, read_day, whose

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from generator.config_fec import FecSettings
    from generator.problems import Flaw
    from generator.readers.fec.text import FecText

#: Of what a client holds back until a guarantee ends; read only where the settings name it.
RETENTION = "4117"
_MOST_AMOUNTS = 65_536  #: that are remembered
_CENTS = 2  #: decimals
_USED = tuple(
    """JournalCode JournalLib EcritureDate CompteNum CompteLib CompAuxNum CompAuxLib PieceRef PieceDate EcritureLib
    EcritureLet DateLet Montantdevise Idevise""".split()  # noqa: SIM905 - a list of names
)
_MOST_UNBALANCED = 2  #: when more than one entry in so many does not balance, it is the numbers that are wrong
_OPENING_CODES = frozenset("an ano anv rano ran a_n an0 anx anouv anouveau a_nouveau an_".split())  # noqa: SIM905 - a list of words
_ACCOUNT = re.compile(r"[0-9]{3}")
_OPENING = re.compile(r"nouveau|ouverture|opening")
_BANK = re.compile(
    r"(?:^|_)(?:banques?|bq\w*|caisse|cb|tresorerie|encaissements?|reglements?|cheques?|stripe|paypal|bank)(?:_|$)"
)
_SALES = re.compile(r"(?:^|_)(?:ventes?|factur\w*|sales|vte?s?|ve)(?:_|$)")


class Tells:
    """What the accounts of an entry tell of it: flags, as plain numbers, since every line of the accounts adds to them."""

    NOTHING = 0
    MONEY = 1  #: class 5: money came in, or went back
    SALE = 2  #: a product, its VAT, or what was taken off it
    LOSS = 4  #: a debt that was given up
    DIFFERENCE = 8  #: of currencies, or of a few cents
    MOVED = 16  #: between accounts of one client, and nothing else


#: By the beginning of an account's number; of several that fit the longest counts.
_TELLS: dict[str, int] = {
    "5": Tells.MONEY,
    "7": Tells.SALE,
    "4457": Tells.SALE,
    "665": Tells.SALE,
    "654": Tells.LOSS,
    "6714": Tells.LOSS,
    "656": Tells.DIFFERENCE,
    "658": Tells.DIFFERENCE,
    "666": Tells.DIFFERENCE,
    "668": Tells.DIFFERENCE,
    "476": Tells.DIFFERENCE,
    "477": Tells.DIFFERENCE,
    "756": Tells.DIFFERENCE,
    "758": Tells.DIFFERENCE,
    "766": Tells.DIFFERENCE,
    "768": Tells.DIFFERENCE,
}


@dataclass(slots=True, eq=False)
class Line:
    """One line on an account of a client. `amount` is what the client owes more by it, in minor units; `foreign` the same in `currency`.

    `group` is its lettering, made unique; lines of one group pay each other. `tells` is what its whole entry tells of it.
    """

    file: str
    number: int
    entry: tuple[str, ...]
    day: date
    account: str
    aux: str
    names: tuple[str, str]
    piece: str
    issued: date
    label: str
    amount: int
    code: str
    code_day: date | None
    foreign: int
    currency: str
    opening: bool
    doubtful: bool
    group: str = ""
    tells: int = Tells.NOTHING

    @property
    def who(self) -> str:
        """What tells the client apart: the auxiliary account, else the account itself, whichever of theirs it is."""
        return self.aux or whose(self.account)


@dataclass(slots=True)
class Spoilt:
    """A line on an account of a client that cannot be read: its cells as they are, by their names."""

    number: int
    who: str
    cells: dict[str, str]


@dataclass(slots=True)
class Adrift:
    """A line whose account is missing or is none: it may be a client's. `entry` is the key of its entry."""

    number: int
    entry: tuple[str, ...]
    cells: dict[str, str]


@dataclass(slots=True)
class Uneven:
    """An entry whose debits and credits differ; `line` is its first. `money`: something came in or went back by it."""

    name: str
    line: int
    debit: int
    credit: int
    money: bool


@dataclass(slots=True)
class Year:
    """What one file tells of clients. `uneven` are the entries that do not balance, by their keys."""

    text: FecText
    lines: list[Line] = field(default_factory=list)
    spoilt: list[Spoilt] = field(default_factory=list)
    adrift: list[Adrift] = field(default_factory=list)
    uneven: dict[tuple[str, ...], Uneven] = field(default_factory=dict)
    uncounted: tuple[int, int] = (0, 0)  #: entries that do not balance, of all, where their numbers tell nothing
    unread: list[tuple[int, str]] = field(default_factory=list)
    retained: dict[str, int] = field(default_factory=dict)  #: what stands on each account of retentions
    first: date = date.max
    last: date = date.min
    last_money: date = date.min

    @property
    def file(self) -> str:
        """The file, as its owner knows it."""
        return self.text.file


@dataclass(slots=True)
class _Entry:
    line: int
    debit: int = 0
    credit: int = 0
    tells: int = Tells.NOTHING
    known: bool = True


def read_year(text: FecText, settings: FecSettings, currency: str) -> Year:
    """All that one file tells of the clients' accounts; amounts without a currency of their own are in `currency`."""
    keys: tuple[tuple[str, ...], ...] = (("JournalCode", "EcritureNum"), ("JournalCode", "EcritureDate", "PieceRef"))
    first: Year | None = None
    for key in keys:
        reading = _Reading(text, settings, currency, key)
        year = reading.read()
        if len(year.uneven) * _MOST_UNBALANCED <= len(reading.entries):
            return year
        if first is None:
            first, count = year, (len(year.uneven), len(reading.entries))
    assert first is not None  # noqa: S101 - there are keys
    first.uneven, first.uncounted = {}, count
    for line in first.lines:
        line.tells &= ~Tells.MOVED
    return first


class _Reading:
    """One pass over a file, whose entries are told by the columns `key`."""

    def __init__(self, text: FecText, settings: FecSettings, currency: str, key: tuple[str, ...]) -> None:
        self.text = text
        self.currency = currency
        self.key = tuple(text.at[column] for column in key)
        self._used = [(name, text.at[name]) for name in _USED if name in text.at]
        self._cents = (text.mark or ",") if exponent(currency) == _CENTS else ""
        self.entries: dict[tuple[str, ...], _Entry] = {}
        self.year = Year(text)
        self._prefixes = dict.fromkeys(settings.doubtful, True) | dict.fromkeys(settings.accounts, False)
        self._retention = RETENTION not in self._prefixes
        self._accounts: dict[str, tuple[bool | None, int]] = {}
        self._journals: dict[tuple[str, str], tuple[bool, int]] = {}
        self._amounts: dict[str, int | Flaw] = {"": 0}

    def read(self) -> Year:
        """The whole file."""
        self.text.broken.clear()
        at, entries = self.text.at, self.entries
        account_at, date_at = at["CompteNum"], at["EcritureDate"]
        value = self._value()
        for number, cells in self.text.lines():
            amount = value(cells)
            account = cells[account_at].strip()
            doubtful, tells = self._accounts.get(account) or self._account(account)
            key = tuple([cells[index].strip() for index in self.key])
            entry = entries.get(key)
            if entry is None:
                entry = entries[key] = _Entry(number)
            entry.tells |= tells
            if amount is None:
                entry.known = False
            elif amount > 0:
                entry.debit += amount
            else:
                entry.credit -= amount
            if doubtful is not None:
                self._take(number, cells, key, amount, doubtful=doubtful)
            elif not tells and amount != 0 and not _ACCOUNT.match(account):
                self.year.adrift.append(Adrift(number, key, self._every(cells)))
            elif amount is None:
                self.year.unread.append((number, " ".join(cells)))
            elif account in self.year.retained:
                self.year.retained[account] += amount
            elif tells == Tells.MONEY and (on := read_day(cells[date_at])) and self.year.last_money < on:
                self.year.last_money = on
        self._close()
        return self.year

    def _account(self, account: str) -> tuple[bool | None, int]:
        """Whether an account is a client's, and a doubtful one (None: no client's); and what it tells of its entry."""
        fitting = [prefix for prefix in self._prefixes if account.startswith(prefix)]
        doubtful = self._prefixes[max(fitting, key=len)] if fitting else None
        if self._retention and account.startswith(RETENTION) and max(map(len, fitting), default=0) < len(RETENTION):
            doubtful = None
            self.year.retained.setdefault(account, 0)
        known = max((prefix for prefix in _TELLS if account.startswith(prefix)), key=len, default="")
        found = self._accounts[account] = (doubtful, _TELLS.get(known, Tells.NOTHING))
        return found

    def _value(self) -> Callable[[list[str]], int | None]:
        """What a line adds to its account: debits above zero, credits below; None when that cannot be read."""
        at = self.text.at
        if "Montant" in at and "Sens" in at:
            sum_at, side_at = at["Montant"], at["Sens"]

            def signed(cells: list[str]) -> int | None:
                amount, side = self._minor(cells[sum_at]), SIDES.get(cells[side_at].strip().upper())
                return amount * side if isinstance(amount, int) and side else None

            return signed
        debit_at, credit_at = at["Debit"], at["Credit"]
        amounts = self._amounts

        def between(cells: list[str]) -> int | None:
            debit, credit = amounts.get(cells[debit_at]), amounts.get(cells[credit_at])
            if debit is None:
                debit = self._minor(cells[debit_at])
            if credit is None:
                credit = self._minor(cells[credit_at])
            return debit - credit if isinstance(debit, int) and isinstance(credit, int) else None

        return between

    def _minor(self, text: str) -> int | Flaw:
        found = self._amounts.get(text)
        if found is None:
            if self._cents and text[-3:-2] == self._cents and text.isascii():  # as nearly all of them are written
                whole, cents = text[:-3], text[-2:]
                if whole.isdecimal() and cents.isdecimal():
                    return int(whole + cents)
            if len(self._amounts) > _MOST_AMOUNTS:
                self._amounts.clear()
                self._amounts[""] = 0
            read = read_amount(text, self.currency, self.text.mark)
            found = self._amounts[text] = read.minor if isinstance(read, Money) else read
        return found

    def _take(self, number: int, cells: list[str], key: tuple[str, ...], amount: int | None, *, doubtful: bool) -> None:
        whole = "".join(cells)
        plain = whole.isprintable() and not SUSPICIOUS.search(whole)
        texts = {name: cells[index].strip() if plain else clean(cells[index]) for name, index in self._used}
        on, issued = read_day(texts["EcritureDate"]), read_day(texts.get("PieceDate", ""))
        account, aux = texts["CompteNum"], texts.get("CompAuxNum", "")
        foreign, currency = self._foreign(texts, amount or 0)
        if on is None or amount is None or (texts.get("PieceDate") and issued is None) or foreign is None:
            self.year.spoilt.append(Spoilt(number, aux or whose(account), self._every(cells)))
            return
        if not amount:
            return
        opening, tells = self._journal(texts["JournalCode"], texts.get("JournalLib", ""))
        code = texts.get("EcritureLet", "")
        self.year.first, self.year.last = min(self.year.first, on), max(self.year.last, on)
        self.year.lines.append(
            Line(
                file=self.text.file,
                number=number,
                entry=key,
                day=on,
                account=account,
                aux=aux,
                names=(texts.get("CompAuxLib", ""), texts.get("CompteLib", "")),
                piece=texts["PieceRef"],
                issued=issued or on,
                label=texts.get("EcritureLib", ""),
                amount=amount,
                code=code,
                code_day=read_day(texts.get("DateLet", "")) if code else None,
                foreign=foreign,
                currency=currency,
                opening=opening,
                doubtful=doubtful,
                tells=tells,
            )
        )

    def _every(self, cells: list[str]) -> dict[str, str]:
        return {name: clean(cells[index]) for name, index in self.text.at.items()}

    def _foreign(self, texts: Mapping[str, str], amount: int) -> tuple[int | None, str]:
        """The amount in the currency that it was invoiced or paid in, and that currency; None when it cannot be read."""
        code, written = texts.get("Idevise", ""), texts.get("Montantdevise", "")
        currency = currency_code(code) if code else self.currency
        if not isinstance(currency, str):
            return None, ""
        if currency == self.currency or not written:
            return amount, self.currency
        found = read_amount(written, currency, self.text.mark)
        if not isinstance(found, Money):
            return None, ""
        if not found:
            return amount, self.currency
        return abs(found.minor) * (1 if amount >= 0 else -1), currency

    def _journal(self, code: str, name: str) -> tuple[bool, int]:
        """Whether a journal opens the year, and what it tells of an entry whose other accounts tell nothing."""
        found = self._journals.get((code, name))
        if found is None:
            word, words = slug(code), slug(f"{code} {name}")
            tells = Tells.MONEY if _BANK.search(words) else Tells.SALE if _SALES.search(words) else Tells.NOTHING
            opening = word in _OPENING_CODES or bool(_OPENING.search(slug(name)))
            found = self._journals[code, name] = (opening, tells)
        return found

    def _close(self) -> None:
        """Tells every line what its entry tells, and finds the entries that do not balance."""
        for key, entry in self.entries.items():
            if entry.known and entry.debit != entry.credit:
                name, money = " ".join(filter(None, key)), bool(entry.tells & Tells.MONEY)
                self.year.uneven[key] = Uneven(name, entry.line, entry.debit, entry.credit, money)
        sums: Counter[tuple[str, ...]] = Counter()
        for line in self.year.lines:
            sums[*line.entry, line.who] += line.amount
        for line in self.year.lines:
            told = self.entries[line.entry].tells
            if told:
                line.tells = told
            elif not line.opening and not sums[*line.entry, line.who]:
                line.tells = Tells.MOVED

"""The morning in the terminal: what there is to do, then who owes what, since when, and what happens to it today."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from generator import wording
from generator.domain.due import Held
from generator.report_gather import add_totals, in_order
from generator.report_messages import Way, way_of
from generator.report_parts import command, option
from generator.report_words import Words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from generator.domain.account import Account
    from generator.domain.money import Money

WIDTH = 100  #: columns, on a terminal that has as many
ROWS = 40
_GAP = "  "
_NONE = "–"
_NARROWEST_NAME, _WIDEST_NAME = 12, 34
_NAME, _TODAY = 0, 4
_TO_THE_RIGHT = frozenset({1, 2})
_WIDE = frozenset("WF")
#: A variation selector or a skin colour: terminals disagree on how wide these make a sign, so none is printed.
_MODIFIERS = frozenset(map(chr, (*range(0xFE00, 0xFE10), *range(0x1F3FB, 0x1F400))))


def summary(
    accounts_by_client: Sequence[Sequence[Account]],
    language: str,
    *,
    sends: bool,
    width: int = WIDTH,
    compiled: Path | None = None,
) -> str:
    """What there is to do, then the table; empty without any account. `compiled` is where compiled templates may stay."""
    parts = (
        todo_list(accounts_by_client, language, sends=sends, width=width, compiled=compiled),
        summary_table(accounts_by_client, language, width=width, compiled=compiled),
    )
    return "\n\n".join(filter(None, parts))


def summary_table(
    accounts_by_client: Iterable[Sequence[Account]],
    language: str,
    *,
    rows: int = ROWS,
    home: Path | None = None,
    width: int = WIDTH,
    compiled: Path | None = None,
) -> str:
    """A line an account, most overdue first in each currency, and the totals of each currency; at most `rows` accounts.

    It fits `width` columns. `home` is the owner's folder, for sentences of their own. Empty without any account.
    """
    by_currency: dict[str, list[Account]] = {}
    for accounts in accounts_by_client:
        for account in accounts:
            by_currency.setdefault(account.currency, []).append(account)
    if not by_currency:
        return ""
    busiest = max(by_currency, key=lambda currency: len(by_currency[currency]))
    groups = [sorted(by_currency[currency], key=_most_overdue) for currency in in_order(by_currency, busiest)]
    words = Words(language, groups[0][0].as_of, home, compiled)
    kept = _fair_shares([len(group) for group in groups], rows)
    lines = [_account(account, words) for group, count in zip(groups, kept, strict=True) for account in group[:count]]
    sums = [_totals(group, words) for group in groups]
    head = [words.client(), words.to_pay(), words.overdue(), words.since(), words.today()]
    widths = _widths([head, *lines, *sums], width)
    rule = "─" * (sum(widths) + len(_GAP) * (len(widths) - 1))
    left = sum(map(len, groups)) - sum(kept)
    return "\n".join(
        [
            _line(head, widths),
            rule,
            *(_line(line, widths) for line in lines),
            *([words.more(left)] if left else []),
            rule,
            *(_line(line, widths) for line in sums),
        ]
    )


def todo_list(
    accounts_by_client: Iterable[Sequence[Account]],
    language: str,
    *,
    sends: bool,
    home: Path | None = None,
    width: int = WIDTH,
    compiled: Path | None = None,
) -> str:
    """A line for each thing to do about messages, what cannot wait first: how often, for whom, and what to type. Empty without any.

    `sends`: relance has a mail server to hand messages to. Whom gives way, so that a line fits `width` columns.
    """
    found: dict[str, list[str]] = {name: [] for name in _TYPED}
    first: Account | None = None
    for accounts in accounts_by_client:
        first = first or accounts[0]
        client, reminders = accounts[0].client.id, accounts[0].reminders
        found["doubts"] += [client] * len(reminders.uncertain)
        found["answers"] += [client] * len(reminders.unread)
        found["refused"] += [client] * bool(reminders.unreachable)
        found["old"] += [client] * bool(reminders.to_review)
        if reminders.due_today:
            found[way_of(reminders.due_today, sends=sends)].append(client)
    if first is None:
        return ""
    words = Words(language, first.as_of, home, compiled)
    each = {name: list(dict.fromkeys(clients)) for name, clients in found.items() if clients}
    what = [words.todo(name, len(found[name])) for name in each]
    typed = [_typed(name, clients) for name, clients in each.items()]
    widest = [max(map(columns, texts), default=0) for texts in (what, typed)]
    room = max(0, width - sum(widest) - 2 * len(_GAP))
    whom = [_named(clients, room) for clients in each.values()]
    widths = [widest[0], max(map(columns, whom), default=0), widest[1]]
    return "\n".join(_line(line, widths, frozenset()) for line in zip(what, whom, typed, strict=True))


def _named(clients: Sequence[str], width: int) -> str:
    """As many ids as there is room for, each whole, with a sign where some are left out."""
    text, more = printable(clients[0]), ", …"
    if len(clients) > 1 and columns(text + more) > width:
        return _cut(text, width)
    for index, client in enumerate(clients[1:], start=2):
        longer = f"{text}, {printable(client)}"
        if columns(longer + (more if index < len(clients) else "")) > width:
            return text + more
        text = longer
    return _cut(text, width)


#: What is typed about each thing, in the order in which they are told: a verb, and an option that names the client, or stands alone.
_TYPED = {
    "doubts": ("sent", ""),
    "answers": ("answered", ""),
    "refused": ("resend", ""),
    str(Way.APPROVE): ("send", "--approve"),
    str(Way.BY_HAND): ("sent", ""),
    str(Way.CALL): ("log", '--call "…"'),
    str(Way.LETTER): ("sent", ""),
    str(Way.READY): ("send", ""),
    "old": ("review", ""),
}


def _typed(name: str, clients: Sequence[str]) -> str:
    """The command, with the client's id when there is one only."""
    verb, after = _TYPED[name]
    if name == Way.READY:
        return command(verb)
    if name == Way.APPROVE:
        return command(verb, option=option(after, *clients) if len(clients) == 1 else f"{after} all")
    typed = command(verb, *(clients if len(clients) == 1 else ["CLIENT"]), option=after)
    return f"{typed} (or resend)" if name == "doubts" else typed


def _most_overdue(account: Account) -> tuple[int, int, int, str]:
    totals = account.totals
    return -totals.overdue.minor, -totals.to_pay.minor, -totals.open.minor, account.client.id


def _fair_shares(counts: Sequence[int], rows: int) -> list[int]:
    """How many lines each currency gets: one after the other, so that the smallest one is seen too."""
    shares = [0] * len(counts)
    while sum(shares) < min(rows, sum(counts)):
        for index, count in enumerate(counts):
            if shares[index] < count and sum(shares) < rows:
                shares[index] += 1
    return shares


def _account(account: Account, words: Words) -> list[str]:
    if account.reminders.held is Held.UNREADABLE:
        return [printable(account.client.name), _NONE, _NONE, "", words.today_of(account.reminders)]
    since = min((item.invoice.due for item in account.overdue), default=None)
    return [
        printable(account.client.name),
        _amount(account.totals.to_pay, words),
        _amount(account.totals.overdue, words),
        wording.short_date(since, words.language) if since else "",
        words.today_of(account.reminders),
    ]


def _totals(accounts: Sequence[Account], words: Words) -> list[str]:
    currency = accounts[0].currency
    totals = add_totals([account.totals for account in accounts], currency)
    return [words.total(currency), _amount(totals.to_pay, words), _amount(totals.overdue, words), "", ""]


def _amount(amount: Money, words: Words) -> str:
    return wording.money(amount, words.language) if amount else _NONE


def _widths(table: Sequence[Sequence[str]], width: int) -> list[int]:
    """As wide as needed; names, then what happens today, give way so that a line fits."""
    widths = [max(columns(row[index]) for row in table) for index in range(len(table[0]))]
    widths[_NAME] = min(widths[_NAME], _WIDEST_NAME)
    room = width - len(_GAP) * (len(widths) - 1)
    widths[_NAME] -= min(max(0, sum(widths) - room), max(0, widths[_NAME] - _NARROWEST_NAME))
    widths[_TODAY] = min(widths[_TODAY], max(0, room - sum(widths[:_TODAY])))
    return widths


def _line(cells: Sequence[str], widths: Sequence[int], right: frozenset[int] = _TO_THE_RIGHT) -> str:
    padded = []
    for index, (cell, width) in enumerate(zip(cells, widths, strict=True)):
        text = _cut(cell, width)
        blank = " " * (width - columns(text))
        padded.append(blank + text if index in right else text + blank)
    return _GAP.join(padded).rstrip(" ")


def printable(text: str) -> str:
    """A name as a terminal may show it: nothing that moves the cursor, turns the direction or hides."""
    shown = []
    for char in unicodedata.normalize("NFC", text):
        category = unicodedata.category(char)
        if category in {"Cc", "Zl", "Zp"}:
            shown.append(" ")
        elif category in {"Cs", "Co", "Cn"}:
            shown.append("\ufffd")
        elif category != "Cf" and char not in _MODIFIERS:
            shown.append(char)
    return "".join(shown).strip()


def columns(text: str) -> int:
    """How many columns of a terminal a text takes: none for a combining accent, two for a wide character."""
    return sum(_columns_of(char) for char in text)


def _columns_of(char: str) -> int:
    if unicodedata.category(char) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in _WIDE else 1


def _cut(text: str, width: int) -> str:
    if columns(text) <= width:
        return text
    kept, used = [], 1
    for char in text:
        used += _columns_of(char)
        if used > width:
            break
        kept.append(char)
    return "".join(kept).rstrip() + "…" if width else ""

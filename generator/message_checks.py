"""What a client must find in every message: how much, for which invoice, due when, the page's address, whom to answer.

Asked of the messages that came of trying templates on invented clients. A message that lacks something can be sent; but
its reader has to look for it, and most will not.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from generator import wording
from generator.domain.claims import real
from generator.domain.ledger import Channel
from generator.domain.money import total
from generator.problems.tone import MESSAGE_INCOMPLETE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from generator.domain.account import Item
    from generator.domain.ledger import Problem, SourceRef
    from generator.domain.money import Money
    from generator.message_trials import Trial
    from generator.messages import Message

_ALL_ARE_NAMED = 20  #: a longer list may be cut short: one of its invoices is enough

AMOUNT = "how much is owed"
NUMBER = "the number of each invoice"
DUE = "when it is or was due"
PAGE = "the address of the page"
FEES = "the late fees that it asks for, beside their invoice"
ANSWER = "whom to answer: a name, a telephone number or an address"


def incomplete_messages(tried: Iterable[Trial]) -> list[Problem]:
    """What the messages of a trial leave out, told once of each template."""
    told: dict[SourceRef, set[str]] = {}
    problems = []
    for trial in tried:
        if trial.message is None or not trial.as_it_is or trial.message.channel is Channel.PHONE:
            continue
        known = told.setdefault(trial.where, set())
        missing = [part for part in left_out(trial, trial.message) if part not in known]
        if missing:
            known.update(missing)
            problems.append(
                MESSAGE_INCOMPLETE.at(
                    trial.where, trial.message.subject, missing="; ".join(missing), whom=_whom(trial.message)
                )
            )
    return problems


def _whom(message: Message) -> str:
    count = len(message.items)
    return f"a client with {count} invoice{'' if count == 1 else 's'}" if count else "an invented client"


def left_out(trial: Trial, message: Message) -> Iterator[str]:
    """What one message does not say of what it is about: invoices, an instalment, money that came in, or nothing to pay."""
    read, language = _squeezed(_read(message)), message.language
    due = trial.accounts[0].reminders.due_today
    items = due.items if due and due.instalment is None else ()
    days = [item.invoice.due for item in items]
    fees = due.fees if due else ()
    parts = [item.open for item in (*items, *fees)] + [receipt.amount for receipt in (due.receipts if due else ())]
    if due and due.recap:
        agreed, parts = due.recap.agreement if due.recap.asked else None, []
        days = [part.due for part in agreed.instalments] if agreed else []
    if due and due.instalment:
        days = [due.instalment.instalment.due]
    if not all(_says_amount(read, amount, parts, language) for amount in message.amounts):
        yield AMOUNT
    if not _says_each(read, [[item.id] for item in real(items)]):
        yield NUMBER
    if not _says_fees(read, fees, language):
        yield FEES
    if not _says_each(read, [_dates(day, language) for day in days]):
        yield DUE
    if message.amounts and _squeezed(message.page) not in read:
        yield PAGE
    if not any(_squeezed(who) in (_squeezed(message.html) + read) for who in _answerable(trial, message)):
        yield ANSWER


def _read(message: Message) -> str:
    """All that is read of it; the subject of a letter is nowhere on the paper."""
    return f"{message.subject}\n{message.text}" if message.channel is Channel.EMAIL else message.text


def _says_amount(read: str, amount: Money, parts: Iterable[Money], language: str) -> bool:
    """The sum, or each of the amounts that it is made of."""
    own = [part for part in parts if part.currency == amount.currency]
    each = bool(own) and all(_is_said(read, _written(part, language)) for part in own)
    return each or _is_said(read, _written(amount, language))


def _says_fees(read: str, fees: Iterable[Item], language: str) -> bool:
    """The late fees that were claimed: one of them, or what they come to, for there may be too many to list."""
    sums: dict[str, list[Money]] = {}
    for fee in fees:
        sums.setdefault(fee.open.currency, []).append(fee.open)
    return all(
        any(_is_said(read, _written(amount, language), whole=True) for amount in (total(parts, currency), *parts))
        for currency, parts in sums.items()
    )


def _written(amount: Money, language: str) -> list[str]:
    return [wording.money(amount, language), str(amount), str(amount).replace(".", ",")]


def _dates(due: date, language: str) -> list[str]:
    return [wording.day_month(due, language), wording.short_date(due, language), due.isoformat(), f"{due:%d/%m/%Y}"]


def _says_each(read: str, parts: Sequence[Iterable[str]]) -> bool:
    said = [_is_said(read, ways) for ways in parts]
    return all(said) if len(said) <= _ALL_ARE_NAMED else any(said)


def _answerable(trial: Trial, message: Message) -> list[str]:
    """Whom a client can turn to. A reply to an email reaches whoever signs it; a letter needs a way to answer."""
    seller = trial.seller
    ways = [seller.phone, seller.email]
    if message.channel is Channel.EMAIL:
        ways.append(seller.contact or seller.name)
    else:
        ways += seller.address.splitlines()[:1]
    return [way for way in ways if way]


def _is_said(read: str, ways: Iterable[str], *, whole: bool = False) -> bool:
    """Whether one of these stands there; a `whole` amount, not as the end of a longer one."""
    before = r"(?<![\d.,])" if whole else ""
    return any(re.search(before + re.escape(_squeezed(way)), read) for way in ways)


def _squeezed(text: str) -> str:
    """Without spaces, which differ from language to language and from line to line."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))

"""`relance/payments.csv`: payments that relance learnt of, and money taken online, which may take days to come.

Rows are never changed: a later one about the same money says how far it has come. The row that is furthest on holds.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from generator.domain.ledger import Payment, Progress, Taking
from generator.problems import facts as problems
from generator.readers.payments import read_payment
from generator.readers.row import SPOILT
from generator.readers.words import PROGRESS

if TYPE_CHECKING:
    from generator.domain.ledger import Problem
    from generator.readers.facts import Facts
    from generator.readers.row import Row

_ID = re.compile(r"[A-Za-z]{2,16}_[A-Za-z0-9_]{1,250}")
_CITED = re.compile(r"(?<![A-Za-z0-9_])[A-Za-z]{2,16}_[A-Za-z0-9_]+")
_MONEY = frozenset({Progress.PAID, Progress.IN_FLIGHT})  #: what has come, or is on its way
_NOT_MONEY = "plink_"  #: one link may be paid more than once: it names no payment


def read_takings(facts: Facts) -> None:
    """Every payment of the file; of several rows about the same money the one that is furthest on, of equals the last."""
    payments: list[Payment] = []
    held: dict[str, Taking] = {}
    for row in facts.rows("relance-payments"):
        payment = read_payment(facts, row)
        if not row.text("stripe"):
            if _is_payment(row) and payment is not None and payment.amount:
                payments.append(replace(payment, bank=row.text("bank")) if row.text("bank") else payment)
            continue
        taking = _taking(row, payment)
        if taking is not None and not (taking.id in held and held[taking.id].progress.rank > taking.progress.rank):
            held[taking.id] = taking
    facts.takings.extend(held.values())
    if held:
        _heed_the_owner(facts)
    payments += [
        taking.payment
        for taking in facts.takings
        if taking.progress is Progress.PAID and taking.payment.amount and taking.id not in facts.by_hand
    ]
    facts.payments.extend(sorted(payments, key=lambda payment: payment.source.line))


def _is_payment(row: Row) -> bool:
    """Whether a row without a Stripe id is a payment, as it must be."""
    progress = row.word("status", PROGRESS, Progress.PAID, "status of a payment")
    if progress is not Progress.PAID:
        row.fail(problems.STATUS_WITHOUT_STRIPE.at(row.ref("status"), row.text("status")))
    return not row.failed


def _taking(row: Row, payment: Payment | None) -> Taking | None:
    progress = row.word("status", PROGRESS, Progress.PAID, "status of a payment")
    ids = tuple(dict.fromkeys(word for part in row.text("stripe").split(",") for word in part.split()))
    _check(row, "stripe", ids, "a list of Stripe ids like pi_3QK or ch_3QK")
    undoes, link = row.text("undoes"), row.text("link")
    _check(row, "undoes", (undoes,), "a Stripe id like pi_3QK")
    _check(row, "link", (link,), "the id of a payment link like plink_1QK")
    if row.failed or payment is None or not ids:
        return None
    return Taking(progress, replace(payment, stripe=ids, undoes=undoes, link=link), row.text("fee"))


def _check(row: Row, column: str, ids: tuple[str, ...], what: str) -> None:
    text = row.text(column)
    if text and text != SPOILT and not (ids and all(_ID.fullmatch(word) for word in ids)):
        row.fail(problems.STRIPE_ID_WRONG.at(row.ref(column), text, what=what))


def _heed_the_owner(facts: Facts) -> None:
    """What the owner booked too, naming it by an id of Stripe's, counts once: the owner's row does.

    That row is then known by all the names that the money has: a refund of it finds it, and so does the offer it takes.
    """
    named = _by_name(facts.takings)
    gone = {taking.id: taking for taking in facts.takings if taking.progress not in _MONEY}
    for place, payment in enumerate(facts.payments):
        if "_" not in payment.reference and "_" not in payment.note:
            continue
        cited = [*_CITED.findall(payment.reference), *_CITED.findall(payment.note)]
        for word in dict.fromkeys(cited):
            if word in gone:
                facts.tell(_failed(facts, gone[word], word, payment))
        for taking in dict.fromkeys(named[word] for word in cited if word in named):
            if (taking.payment.amount.minor > 0) == (payment.amount.minor > 0) and taking.id not in facts.by_hand:
                facts.by_hand.add(taking.id)
                facts.payments[place] = _same_money(facts.payments[place], taking.payment)
                facts.tell(_told(facts, taking, payment))


def _by_name(takings: list[Taking]) -> dict[str, Taking]:
    """What came or is on its way, by every name that tells it from others; its own before any that it shares."""
    named: dict[str, Taking] = {}
    for taking in takings:
        if taking.progress in _MONEY:
            for name in taking.payment.stripe:
                if not name.startswith(_NOT_MONEY):
                    named.setdefault(name, taking)
            named[taking.id] = taking
    return named


def _failed(facts: Facts, taking: Taking, cited: str, booked: Payment) -> Problem:
    """That what the owner booked as paid did not come, or went back."""
    where, outcome = facts.place(taking.payment.source, "status"), taking.progress.value
    return problems.PAYMENT_BY_HAND_FAILED.at(where, cited, place=booked.source, outcome=outcome)


def _told(facts: Facts, taking: Taking, booked: Payment) -> Problem:
    """That the owner's row counts: a warning when it does not say the same."""
    where, taken = facts.place(taking.payment.source, "stripe"), taking.payment
    if (taken.client, taken.amount) == (booked.client, booked.amount):
        return problems.PAYMENT_BY_HAND_TOO.at(where, taking.id, place=booked.source)
    return problems.PAYMENT_BY_HAND_DIFFERS.at(
        where,
        taking.id,
        taken=f"{taken.amount} {taken.amount.currency}",
        client=taken.client,
        place=booked.source,
        booked=f"{booked.amount} {booked.amount.currency}",
        other=booked.client,
    )


def _same_money(booked: Payment, taken: Payment) -> Payment:
    """The owner's row, with what it is called at Stripe and the reference that it was paid with; a refund stays one."""
    reference = booked.reference
    if taken.reference and taken.reference not in reference:
        reference = f"{reference} {taken.reference}".strip()
    return replace(
        booked,
        method=taken.method if taken.undoes else booked.method,
        reference=reference,
        stripe=(*booked.stripe, *taken.stripe),
        undoes=booked.undoes or taken.undoes,
        link=booked.link or taken.link,
    )

"""Whether the message of a step tells of the offers that this step makes: who is not told of one cannot take it in its days.

The message is written for an invented client with these offers, and without: one that reads the same does not tell of them.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from generator.domain.ledger import Channel
from generator.domain.memory import OfferKind
from generator.errors import UserError
from generator.messages import MessageTemplates, compose, template_of
from generator.problems.tone import OFFER_UNTOLD
from generator.specimens import TODAY, specimens

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from generator.config import Settings
    from generator.domain.account import Account
    from generator.domain.ledger import Problem
    from generator.domain.policy import Policy, Step

_WORDS = {OfferKind.PLAN: "the instalment plans", OfferKind.DISCOUNT: "the discount"}
_FAR = TODAY + timedelta(days=400)  # further than any day by which a message asks for an answer, which offers move


def untold_offers(settings: Settings, languages: Iterable[str]) -> list[Problem]:
    """The offers of each step that its message, in one of these languages, says nothing of; what cannot be written is told elsewhere."""
    try:
        templates = MessageTemplates(settings)
    except UserError:
        return []
    wanted = sorted({settings.seller.language, *languages})
    found = (
        problem
        for step, kinds in _offering(settings.policy)
        for language in wanted
        for problem in _untold(settings, templates, step, kinds, language)
    )
    return list(dict.fromkeys(found))


def _offering(policy: Policy) -> Iterator[tuple[Step, list[OfferKind]]]:
    """The steps of every ladder whose message can tell of an offer, with those that are made."""
    made = {OfferKind.PLAN: policy.plans is not None, OfferKind.DISCOUNT: policy.discount is not None}
    for ladder in (policy.reminders.steps, *policy.reminders.ladders.values()):
        for step in ladder:
            kinds = [kind for kind in _WORDS if made[kind] and str(kind) in step.offers]
            if kinds and step.channel is not Channel.PHONE:
                yield step, kinds


def _untold(
    settings: Settings, templates: MessageTemplates, step: Step, kinds: list[OfferKind], language: str
) -> Iterator[Problem]:
    accounts = next(found for found in specimens(step, step.channel, language) if found[0].offers)
    every = set(_WORDS)
    try:
        silent = [
            kind
            for kind in kinds
            if _text(settings, templates, accounts, {kind}) == _text(settings, templates, accounts, set())
            and _text(settings, templates, accounts, every) == _text(settings, templates, accounts, every - {kind})
        ]
    except UserError:
        return
    if silent:
        what = " and ".join(_WORDS[kind] for kind in silent)
        yield OFFER_UNTOLD.at(template_of(templates, accounts).where, step.name, what=what)


def _text(settings: Settings, templates: MessageTemplates, accounts: tuple[Account, ...], kinds: set[OfferKind]) -> str:
    """The message to the invented client who has the offers of these kinds that a step makes, and no others."""
    cut = tuple(
        replace(
            account,
            offers=tuple(
                replace(offer, valid_until=_FAR) for offer in account.offers if offer.kind in kinds and not offer.own
            ),
        )
        for account in accounts
    )
    message = compose(settings, cut, templates)
    return message.text if message is not None else ""

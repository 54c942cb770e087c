"""A step that makes an offer and a message that does not tell of it: the owner is warned, for its days would begin in silence."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from generator.domain.ledger import Channel, Severity
from generator.domain.policy import DEFAULT_LADDER, Anchor, Policy, Step
from generator.message_offer_checks import untold_offers
from tests.support.accounts import settings
from tests.support.reading import five_percent
from tests.support.world import GENEROUS

if TYPE_CHECKING:
    from pathlib import Path

BOTH = ("plan", "discount")
SILENT = "Subject: Rappel\n\nBonjour, merci de répondre avant le {{ deadline | date }} : [votre page]({{ page }})\n"
WITH_PLANS = SILENT + "\n{% if plans %}Vous pouvez payer en plusieurs fois.{% endif %}\n"


def making(*steps: Step, **changes: object) -> Policy:
    """Plans, and 5 % less, in these steps."""
    made = replace(GENEROUS, discount=five_percent(), **changes)  # type: ignore[arg-type]
    return replace(made, reminders=replace(made.reminders, steps=steps))


def told(folder: Path, policy: Policy, text: str = "", *languages: str) -> list[str]:
    """What is said of the first reminder, written by the owner if there is a text."""
    if text:
        path = folder / "portal_templates" / "emails" / "fr" / "reminder-1.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    found = untold_offers(replace(settings(folder), policy=policy), languages)
    assert all((one.code, one.severity) == ("offer-untold", Severity.WARNING) for one in found)
    return [f"{one.where}: {one.message}" for one in found]


FIRST = Step("reminder-1", 7, offers=BOTH)
WHERE = 'portal_templates/emails/fr/reminder-1.md: the message of the step "reminder-1" does not tell of'


def test_what_ships_tells_of_the_offers_that_a_step_makes(tmp_path: Path) -> None:
    usual = (*DEFAULT_LADDER[2:], Step("letter", 20, channel=Channel.LETTER), replace(FIRST, template="reminder"))
    early = [replace(step, offers=("discount",)) for step in (DEFAULT_LADDER[0], Step("sent", 0, Anchor.ISSUED))]
    steps = [replace(step, offers=BOTH) for step in usual if not step.formal]
    assert told(tmp_path, making(*early, *steps), "", "fr", "en", "de") == []


@pytest.mark.parametrize(
    ("step", "what"),
    [(FIRST, "the instalment plans and the discount"), (Step("courtesy", -3, offers=BOTH), "the instalment plans")],
)
def test_what_ships_for_a_first_word_does_not_speak_of_all_of_them(tmp_path: Path, step: Step, what: str) -> None:
    """The first reminder asks for a date, and offers nothing; before the day, nobody is offered time."""
    (found,) = told(tmp_path, making(step))
    assert found.startswith(f"portal_templates/emails/fr/{step.name}.md (bundled): ")
    assert found.endswith(f'the message of the step "{step.name}" does not tell of {what}, which it makes.')


@pytest.mark.parametrize(
    ("text", "what"), [(SILENT, "the instalment plans and the discount"), (WITH_PLANS, "the discount")]
)
def test_a_template_that_reads_the_same_without_them_is_told(tmp_path: Path, text: str, what: str) -> None:
    assert told(tmp_path, making(FIRST), text, "fr") == [f"{WHERE} {what}, which it makes."]


def test_an_offer_that_nobody_makes_need_not_be_told(tmp_path: Path) -> None:
    assert told(tmp_path, making(replace(FIRST, offers=())), SILENT) == []
    assert told(tmp_path, replace(making(FIRST), plans=None, discount=None), SILENT) == []


def test_every_ladder_is_looked_at(tmp_path: Path) -> None:
    policy = making(replace(FIRST, offers=()))
    reminders = replace(policy.reminders, ladders={"loyal": (FIRST,)})
    assert len(told(tmp_path, replace(policy, reminders=reminders), SILENT)) == 1

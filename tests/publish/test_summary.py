"""The summary of a run: a line for a phone, then what happened to whom; nothing in it does anything, and no page is given away."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from generator.commands.publish_outcome import Count, Fate, MessageFate, Phase, PhaseOutcome, RunOutcome, Status
from generator.domain.ledger import SourceRef
from generator.problems.run import OUTBOX_FOREIGN, TEMPLATE_ERROR
from generator.publish_summary import MOST_CHARACTERS, summary_markdown
from generator.resources import bundled

if TYPE_CHECKING:
    from pathlib import Path

KEY = "kq3xw7vtz2m4n6p8r9s0"
SENT = MessageFate(("roux",), "reminder-1", "email", (("EUR", "1200.00"),), Fate.SENT)
WAITS = replace(SENT, clients=("kite",), step="reminder-2", fate=Fate.WAITING)
QUIET = RunOutcome(
    date(2026, 11, 23),
    datetime(2026, 11, 23, 6, tzinfo=UTC),
    datetime(2026, 11, 23, 6, 2, tzinfo=UTC),
    names={"roux": "Atelier Roux", "kite": "Kite & Sons"},
)
DONE = replace(
    QUIET,
    phases=(
        PhaseOutcome(Phase.RECONCILE, Status.DONE, "2 rows booked", {Count.PAID: 2, Count.AGREED: 1}),
        PhaseOutcome(Phase.LINKS, Status.LEFT_OUT, "portal.toml has no [stripe]"),
        PhaseOutcome(Phase.SEND, Status.DONE, "3 messages sent", {Count.SENT: 3}),
    ),
    messages=(SENT, replace(SENT, step="reminder-3"), replace(SENT, step="receipt"), WAITS),
)
HOSTILE = (
    "a | b | c",
    "\n\n# Payé\n- [x] tout",
    "<img src=x onerror=alert(1)><!-- -->",
    "@everyone fixes #12 GH-3 https://evil.example www.evil.example",
    "[ici](https://evil.example) ![x](//evil.example)",
    "`code` **gras** _i_ ~~b~~ $x$",
    "\u202egnp\u2028\u0000x",
)


def headline(outcome: RunOutcome, language: str = "fr") -> str:
    first = summary_markdown(outcome, language).split("\n")[0]
    return first.removeprefix("## ").replace("\\", "").replace("\u00a0", " ")


def test_the_first_line_says_all_of_it() -> None:
    assert headline(DONE) == (
        "2 relances parties, 1 autre message parti, 2 règlements reçus, 1 échéancier convenu et 1 message attend votre accord"
    )
    assert headline(DONE, "en") == (
        "2 reminders sent, 1 other message sent, 2 payments received, 1 payment plan agreed and 1 message waits for your word"
    )


def test_a_quiet_morning_is_told_as_one() -> None:
    assert headline(QUIET) == "Rien de nouveau"
    assert headline(QUIET, "en") == "Nothing new"


def test_what_failed_comes_first_with_what_to_do() -> None:
    failed = PhaseOutcome(Phase.DEPLOY, Status.FAILED, "the host does not answer")
    text = summary_markdown(replace(DONE, phases=(*DONE.phases, failed), repeat="Run it again.", exit_status=3), "fr")
    assert text.startswith("## Arrêt à l’étape «\u00a0mise en ligne\u00a0», 2 relances parties")
    assert text.index("the host does not answer") < text.index("### Ce qui attend") < text.index("### Les messages")
    assert "Ensuite\u00a0: Run it again." in text
    assert "| mise en ligne | ✗ échec | the host does not answer |" in text


def test_each_message_says_to_whom_and_what_became_of_it_and_what_is_wrong_stands_first() -> None:
    refused = replace(SENT, clients=("kite", "new"), fate=Fate.REFUSED, words="550 no such user")
    rows = [
        line
        for line in summary_markdown(replace(DONE, messages=(SENT, refused)), "fr").split("\n")
        if "email" not in line
    ]
    assert "| Atelier Roux | première relance | 1\u202f200,00\u00a0€ | parti |" in rows
    wrong = "| Kite &amp; Sons, new | première relance | 1\u202f200,00\u00a0€ | refusé\u00a0: 550 no such user |"
    assert rows.index(wrong) < rows.index("| Atelier Roux | première relance | 1\u202f200,00\u00a0€ | parti |")


def test_what_waits_has_its_command_and_its_list() -> None:
    where = "https://github.com/o/r/issues?q=is%3Aopen+label%3Arelance"
    text = summary_markdown(replace(DONE, checklist=where), "fr")
    assert "\n    relance send --approve kite\n" in text
    assert f"[Ou cochez la liste](<{where}>)" in text


def test_a_message_that_may_have_left_is_asked_about() -> None:
    text = summary_markdown(replace(QUIET, messages=(replace(SENT, fate=Fate.UNCERTAIN),)), "fr")
    assert text.startswith("## 1 envoi incertain\n")
    assert "relance resend" in text


def test_before_a_merge_it_says_what_would_be() -> None:
    build = PhaseOutcome(Phase.BUILD, Status.DONE, "", {Count.PAGES_CHANGED: 3})
    links = PhaseOutcome(Phase.LINKS, Status.DONE, "", {Count.LINKS_DOWN: 1})
    leaves = replace(SENT, fate=Fate.WOULD_LEAVE)
    plan = replace(QUIET, dry=True, phases=(build, links), messages=(leaves, leaves), planned=("roux: a new page",))
    assert headline(plan) == "Si fusionné : 3 pages changent, 2 relances partent et 1 lien de paiement retiré"
    assert headline(plan, "en") == "If merged: 3 pages change, 2 reminders leave and 1 payment link taken down"
    assert headline(replace(QUIET, dry=True)) == "Si fusionné : rien ne change"
    text = summary_markdown(plan, "fr")
    assert "- roux: a new page" in text.replace("\\", "")
    assert "| pages et messages | · serait fait |" in text, "nothing was done"


def test_no_address_of_a_page_is_given() -> None:
    url = f"https://payer.example/p/{KEY}/"
    wrong = PhaseOutcome(Phase.VERIFY, Status.FAILED, f"{url} answers an old build")
    outcome = replace(
        DONE,
        phases=(*DONE.phases, wrong),
        messages=(replace(SENT, fate=Fate.WITHHELD, words=f"the page: {url} does not answer"),),
        planned=(f"roux: {url} changes",),
        problems=(TEMPLATE_ERROR.at(SourceRef("x"), reason=url), OUTBOX_FOREIGN.at(SourceRef("y"), url)),
    )
    for language in ("fr", "en"):
        text = summary_markdown(outcome, language)
        assert KEY not in text
        assert "payer.example/…" in text


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_others_wrote_stays_text(hostile: str) -> None:
    evil = replace(SENT, clients=(hostile, "roux"), step=hostile, fate=Fate.REFUSED, words=hostile)
    outcome = replace(
        DONE,
        names={"roux": hostile},
        phases=(PhaseOutcome(Phase.SEND, Status.FAILED, hostile),),
        messages=(evil, replace(WAITS, clients=(hostile,))),
        planned=(hostile,),
        problems=(TEMPLATE_ERROR.at(SourceRef(hostile), reason=hostile),),
        repeat=hostile,
    )
    text = summary_markdown(outcome, "fr")
    calm = summary_markdown(replace(outcome, names={"roux": "x"}), "fr")
    assert len(text.splitlines()) == len(calm.splitlines())
    prose = "\n".join(line for line in text.split("\n") if not line.startswith("    "))
    assert not re.search(r"<(?!sub>|/sub>|span>|/span>|details>|/details>|summary>|/summary>)", prose)
    assert not re.search(r"@[a-z]|://[a-z]|#\d|GH-\d|www\.", prose.replace("\\", ""))
    assert not re.search(r"(?<!\\)(?:\]\(|`|~~)", prose)
    rows = [line for line in prose.split("\n") if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} <= {4, 5}
    assert "\u202e" not in text
    assert "\x00" not in text


def test_it_fits_into_a_comment_however_much_happened() -> None:
    many = tuple(replace(SENT, clients=(f"client-{number}",), words="x" * 400) for number in range(5000))
    names = {f"client-{number}": "é|" * 100 for number in range(5000)}
    text = summary_markdown(replace(DONE, messages=many, names=names, planned=("y" * 500,) * 5000), "fr")
    assert len(text) <= MOST_CHARACTERS
    assert headline(replace(DONE, messages=many)).startswith("5 000 relances parties".replace(" ", "\u202f", 1))
    assert text.rstrip().endswith("</sub>")


def test_a_mistake_in_the_owners_own_sentences_does_not_keep_it_from_being_told(tmp_path: Path) -> None:
    own = tmp_path / "portal_templates" / "publish" / "fr" / "words.jinja"
    own.parent.mkdir(parents=True)
    own.write_text("{% macro headline(parts, dry) %}{{ nobody }}{% endmacro %}")
    assert summary_markdown(DONE, "fr", tmp_path).startswith("## 2 relances parties")
    own.write_text("{% macro phases() %}Étape par étape{% endmacro %}")
    assert "### Étape par étape" in summary_markdown(DONE, "fr", tmp_path)


def test_both_languages_have_the_same_sentences() -> None:
    known = [
        re.findall(
            r"macro (\w+)\((.*?)\)", (bundled("portal_templates") / "publish" / name / "words.jinja").read_text()
        )
        for name in ("fr", "en")
    ]
    assert known[0] == known[1]


def test_every_phase_status_count_and_fate_has_its_word() -> None:
    for language in ("fr", "en"):
        phases = tuple(
            PhaseOutcome(phase, status, "", dict.fromkeys(Count, 1))
            for phase, status in zip(Phase, [*Status] * 2, strict=False)
        )
        text = summary_markdown(
            replace(DONE, phases=phases, messages=tuple(replace(SENT, fate=fate) for fate in Fate)), language
        )
        told = {line.split(" | ")[-1].rstrip(" |") for line in text.split("\n") if line.startswith("| Atelier")}
        assert len(told) == len(Fate)
        if language == "fr":
            assert not told & {fate.value for fate in Fate}

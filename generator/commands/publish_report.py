"""The owner's email about a run leaves, at most once; what keeps it from leaving is said, and never fails the run."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from generator.commands.publish_outcome import Count, Phase, PhaseOutcome, Status
from generator.delivery.github import LABEL
from generator.delivery.smtp import Post, Verdict
from generator.disk import write_whole
from generator.errors import RelanceError
from generator.mime import UnsendableError
from generator.owner_report import owner_report
from generator.publish_summary import whole
from generator.secrets_file import SMTP_PASSWORD, mail_password

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from generator.commands.publish_outcome import RunOutcome
    from generator.config import Settings

_FIRST_HALF = "report/.run.json"
_TOLD_LATER = (Count.PAID, Count.AGREED, Count.ANSWERED)


def report_by_email(outcome: RunOutcome, settings: Settings) -> str:
    """Sends it, when it is wanted: one try. What became of it in a line for the terminal; empty when there was nothing to send."""
    smtp = settings.smtp
    if outcome.dry:
        return ""
    outcome = _with_first_half(outcome, settings.folder / _FIRST_HALF)
    if smtp is None:
        return ""
    try:
        report = owner_report(outcome, settings)
        if report is None:
            return ""
        password = mail_password(settings.folder, os.environ, SMTP_PASSWORD) if smtp.user else ""
        with Post(smtp, password) as post:
            answer = post.send(report.sender, [report.to], report.content)
    except (RelanceError, UnsendableError) as error:
        return f"the report about this run did not leave: {error}"
    if answer.verdict is Verdict.SENT:
        return f"a report about this run went to {smtp.test_to or report.to}"
    return f"the report about this run {'may not have left' if answer.verdict is Verdict.UNCERTAIN else 'did not leave'}: {answer.text}"


def checklist_address(environment: Mapping[str, str]) -> str:
    """Where the owner ticks what waits, as far as a job of GitHub's knows it; empty elsewhere."""
    server, repository = environment.get("GITHUB_SERVER_URL", ""), environment.get("GITHUB_REPOSITORY", "")
    if not server.startswith("https://") or repository.count("/") != 1 or environment.get("GITHUB_ACTIONS") != "true":
        return ""
    return f"{quote(server, safe=':/')}/{quote(repository)}/issues?q=is%3Aopen+label%3A{LABEL}"


def _with_first_half(outcome: RunOutcome, path: Path) -> RunOutcome:
    """A run in two calls, with another step between them that puts the site online: the second one tells what the first one knew.

    That file is there when a run came to the end that it was given, and not when it failed: a workflow goes by it.
    """
    if not whole(outcome):
        counts = {what.value: outcome.count(what) for what in _TOLD_LATER}
        partly = {one.phase.value: one.words for one in outcome.phases if one.status is Status.PARTLY}
        known = {"day": outcome.day.isoformat(), "counts": counts, "partly": partly}
        with suppress(OSError):  # then the page of the job alone says it
            write_whole(path, json.dumps(known).encode())
        return outcome
    before = _read(path, outcome) if all(one.phase is not Phase.RECONCILE for one in outcome.phases) else ()
    with suppress(OSError):
        path.unlink(missing_ok=True)
    return replace(outcome, phases=(*before, *outcome.phases)) if before else outcome


def _read(path: Path, outcome: RunOutcome) -> tuple[PhaseOutcome, ...]:
    """What the first half of a run of the same day counted and did in part; nothing when that is not known."""
    try:
        known = json.loads(path.read_bytes())
        counts = {what: known["counts"].get(what.value, 0) for what in _TOLD_LATER}
        partly = {Phase(name): words for name, words in known.get("partly", {}).items()}
        sound = known["day"] == outcome.day.isoformat() and all(type(count) is int for count in counts.values())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return ()
    if not sound or not all(isinstance(words, str) for words in partly.values()):
        return ()
    came = PhaseOutcome(Phase.RECONCILE, Status.DONE, "", counts)
    return (came, *(PhaseOutcome(phase, Status.PARTLY, words) for phase, words in partly.items()))

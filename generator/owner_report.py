"""The owner's email at the end of a run: what left, what came in, what failed, what waits for them. Plain text, a screen or two.

It is no message to a client: the journal knows nothing of it, and nothing is read back from it. Its subject counts and names
nobody, since it lights up on a locked telephone. No address of a page is in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from generator.commands.publish_outcome import Count, Fate, Status
from generator.config_publish import Reported
from generator.domain.ledger import Severity
from generator.inert import plain_line, without_addresses
from generator.mime import server_address, token
from generator.problems import format_problem
from generator.publish_summary import WRONG, approve_command, in_order, in_words, whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.commands.publish_outcome import MessageFate, RunOutcome
    from generator.config import Settings
    from generator.publish_summary import RunWords

_SHOWN = 60  #: lines of one part
_LONGEST_LINE = 400
_COLUMNS = 76


@dataclass(frozen=True, slots=True)
class OwnerReport:
    """An email to the owner: who it is from, the one address that it goes to, and all its bytes."""

    sender: str
    to: str
    subject: str
    text: str
    content: bytes


def owner_report(outcome: RunOutcome, settings: Settings) -> OwnerReport | None:
    """The email about a run; None when `[publish] report` wants none of it, in a dry run, and where the run goes on elsewhere.

    Raises UnsendableError for an address that no header can carry.
    """
    if outcome.dry or not whole(outcome) or not wanted(outcome, settings.publish.report):
        return None
    language, home = settings.seller.language, settings.folder
    subject = plain_line(in_words(lambda words: _subject(outcome, words), language, home))
    to = settings.publish.report_to or settings.seller.email
    text = in_words(lambda words: _text(outcome, words, settings.publish.report), language, home)
    return OwnerReport(settings.seller.email, to, subject, text, _bytes(outcome, settings, to, subject, text))


def wanted(outcome: RunOutcome, when: Reported) -> bool:
    """Whether the owner wants to hear of a run that ended like this."""
    if when in {Reported.ALWAYS, Reported.NEVER}:
        return when is Reported.ALWAYS
    if failed(outcome):
        return True
    came = any(outcome.count(what) for what in (Count.PAID, Count.AGREED, Count.ANSWERED))
    return when is Reported.NEWS and (came or bool(outcome.of(Fate.SENT, Fate.WAITING, Fate.BY_HAND)))


def failed(outcome: RunOutcome) -> bool:
    """Whether something did not work, so that the owner should look at it."""
    partly = any(one.status is Status.PARTLY for one in outcome.phases)
    return bool(outcome.exit_status) or outcome.failed is not None or partly or bool(outcome.of(*WRONG[:-1]))


def _subject(outcome: RunOutcome, words: RunWords) -> str:
    return words.say.subject(words.headline(outcome), failed(outcome))


def _text(outcome: RunOutcome, words: RunWords, when: Reported) -> str:
    say = words.say
    parts = [say.hello(outcome.day), f"{words.headline(outcome)}."]
    parts += _part(say.wrong_title(), _wrong(outcome, words))
    parts += _waiting(outcome, words)
    parts += _part(say.came_title(), _came(outcome, words))
    parts += _part(say.sent_title(), _told(outcome, words, Fate.SENT))
    parts += _part(say.by_hand_title(), _told(outcome, words, Fate.BY_HAND))
    key = f'[publish] report = "{when}"'
    parts.append(f"-- \n{say.bye(key)}\n{say.private()}")
    return "\n\n".join(parts) + "\n"


def _part(title: str, lines: Sequence[str]) -> list[str]:
    """A title and its lines, none without lines."""
    if not lines:
        return []
    more = [f"- … (+ {len(lines) - _SHOWN})"] if len(lines) > _SHOWN else []
    return ["\n".join([title.upper(), *(f"- {line}" for line in lines[:_SHOWN]), *more])]


def _wrong(outcome: RunOutcome, words: RunWords) -> list[str]:
    say = words.say
    bad = [one for one in outcome.phases if one.status in {Status.FAILED, Status.PARTLY}]
    lines = [f"{say.phase(one.phase.value)}{say.colon()} {_safe(one.words)}" for one in bad]
    lines += [_safe(format_problem(problem)) for problem in outcome.problems if problem.severity is Severity.ERROR]
    lines += [line for fate in WRONG for line in _told(outcome, words, fate)]
    if outcome.of(Fate.UNCERTAIN):
        lines.append(say.uncertain_help())
    return [*lines, f"{say.again()} {_safe(outcome.repeat)}"] if outcome.repeat else lines


def _waiting(outcome: RunOutcome, words: RunWords) -> list[str]:
    waiting = outcome.of(Fate.WAITING)
    if not waiting:
        return []
    link = [f"{words.say.checklist_link()}{words.say.colon()}\n{outcome.checklist}"] if outcome.checklist else []
    how = f"{words.say.waiting_help()}\n    {approve_command(waiting)}"
    return [*_part(words.say.waiting_title(), _told(outcome, words, Fate.WAITING)), how, *link]


def _came(outcome: RunOutcome, words: RunWords) -> list[str]:
    counted = ((what.name.lower(), outcome.count(what)) for what in (Count.PAID, Count.AGREED, Count.ANSWERED))
    return [words.part(name, count) for name, count in counted if count]


def _told(outcome: RunOutcome, words: RunWords, fate: Fate) -> list[str]:
    """The messages that this became of: who, which, how much, and why where it did not go as it should."""
    return [_message(outcome, words, message) for message in in_order(outcome.of(fate))]


def _message(outcome: RunOutcome, words: RunWords, message: MessageFate) -> str:
    said = [words.whom(outcome, message), words.report.step(message.step), words.sums(message)]
    line = ", ".join(filter(None, map(plain_line, said)))
    if message.fate not in WRONG:
        return line
    return f"{line}{words.say.colon()} {words.say.fate(message.fate.value)}" + (
        f" ({_safe(message.words)})" if message.words else ""
    )


def _safe(text: str) -> str:
    return plain_line(without_addresses(text), _LONGEST_LINE)


def _bytes(outcome: RunOutcome, settings: Settings, to: str, subject: str, text: str) -> bytes:
    """The email, dated in the seller's own time zone. Its sender is the seller's address, which the mail server knows."""
    sender, receiver = server_address(settings.seller.email), server_address(to)
    plain = all(address.isascii() for address in (sender, receiver))
    message = EmailMessage(policy=(SMTP if plain else SMTPUTF8).clone(max_line_length=_COLUMNS, cte_type="7bit"))
    message["From"] = Address("relance", addr_spec=sender)
    message["To"] = Address(addr_spec=receiver)
    message["Subject"] = subject
    message["Date"] = outcome.ended.astimezone(ZoneInfo(settings.seller.timezone))
    name = token("report", settings.seller.email, outcome.began.isoformat(), outcome.ended.isoformat())
    message["Message-ID"] = f"<{name}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text, cte="quoted-printable")
    message["Content-Language"] = settings.seller.language  # whatever begins so, the content would have taken with it
    return message.as_bytes()

"""`relance replies`: the answers of clients, from the mailbox or from files, each brought to its client.

An answer makes the messages to its client wait until the owner has read it. A message that came back tells of an address
that takes no mail. Whatever else came in is told and changes nothing.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from generator.commands import DONE, Context, complain, plural, say
from generator.commands.proposing import Taken, record, references, take_proposals, tell_taken
from generator.delivery.mailbox import LARGEST, MailRead, parse_reply, read_mailbox
from generator.domain.delivery import Answered, Outcome, SendResult, State
from generator.domain.replies import Correspondence, Known, ReplyKind, Sent, Sign
from generator.errors import UsageError
from generator.journal import append
from generator.lock import exclusive
from generator.mime import addresses, server_address, token
from generator.problems import printable, quoted
from generator.secrets_file import IMAP_PASSWORD, mail_password

if TYPE_CHECKING:
    import ssl
    from argparse import Namespace
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date, datetime
    from pathlib import Path

    from generator.domain.memory import Event
    from generator.domain.replies import Failure, Match, Reply
    from generator.workspace import Workspace

_HOW = {
    Sign.MESSAGE: "answers our message",
    Sign.REFERENCE: "names an invoice or reference of theirs",
    Sign.SENDER: "comes from an address of theirs",
}
_MOST_LISTED = 20
_LONGEST_DETAIL = 300


@dataclass(slots=True)
class Found:
    """What came in, sorted; `events` are what is remembered of it. `unmatched` are people's words, or reports, of nobody we know."""

    answers: list[tuple[Reply, Match]] = field(default_factory=list)
    automatic: list[tuple[Reply, Match]] = field(default_factory=list)
    returned: list[tuple[str, Failure]] = field(default_factory=list)
    unmatched: list[tuple[Reply, Match]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    passed_over: int = 0  #: automatic messages that concern no client: newsletters and their like
    left_out: int = 0
    unreadable: int = 0
    written: list[tuple[Reply, Match]] = field(default_factory=list)  #: every answer, read before or not
    taken: Taken = field(default_factory=Taken)


def run(context: Context, options: Namespace) -> int:
    """Raises UsageError without a mailbox or for a file that cannot be read, OutsideError when the mailbox cannot."""
    with exclusive(context.folder):
        workspace, today = context.open()
        context.refuse_past(today, workspace, "replies")
        if options.files:
            read = _read_files(workspace, options.files)
            found = note_replies(workspace, today, context.now, read)
        else:
            found = fetch_replies(workspace, today, context.now)
    tell(found)
    tell_taken(workspace, found.taken)
    return DONE


def note_replies(
    workspace: Workspace, today: date, now: datetime, read: MailRead, places: Mapping[str, str] | None = None
) -> Found:
    """Writes down what came in, and first what was proposed in it: a message that is known is not read again.

    `places` are the files in which messages stand, by their ids. The caller holds the lock of the folder.
    """
    found = sort_replies(workspace, today, now, read)
    found.taken = take_proposals(workspace, today, found.written, places or {})
    record(workspace, found.taken)
    append(workspace.folder / "journal", found.events, now)
    return found


def fetch_replies(workspace: Workspace, today: date, now: datetime, *, context: ssl.SSLContext | None = None) -> Found:
    """Reads the mailbox of `[imap]` and writes down what came in; the workspace's own memory is as it was before.

    The caller holds the lock of the folder. Raises UsageError without `[imap]` or its password, OutsideError when the
    mailbox cannot be read; then nothing was written.
    """
    settings = workspace.settings.imap
    if settings is None:
        raise UsageError(
            "portal.toml has no [imap] table, so there is no mailbox to read. Save the answers as files and name them: "
            "relance replies FILE… Or note what somebody said with relance log."
        )
    password = mail_password(workspace.folder, os.environ, IMAP_PASSWORD)
    if not password:
        raise UsageError(f"{IMAP_PASSWORD} is not set: write it in the environment, or in .env beside portal.toml.")
    known = {answer.id for client in workspace.memory.clients.values() for answer in client.deliveries.answers}
    read = read_mailbox(
        settings,
        password,
        today - timedelta(days=settings.days),
        own=workspace.settings.seller.email,
        known=known,
        zone=ZoneInfo(workspace.settings.seller.timezone),
        context=context,
    )
    return note_replies(workspace, today, now, read)


def sort_replies(workspace: Workspace, today: date, now: datetime, read: MailRead) -> Found:
    """Whose each reply is, and what is new in it; writes nothing."""
    found = Found(left_out=read.left_out, unreadable=read.unreadable)
    correspondence = Correspondence(_sent(workspace), _known(workspace, today))
    for came in {reply.id: reply for reply in read.replies}.values():
        reply = replace(
            came, received_on=min(came.received_on, today)
        )  # a clock of somebody else's may be fast, or nobody said
        match = correspondence.match(reply)
        if reply.kind is ReplyKind.ANSWER:
            if not match.clients and (named := references(reply)):
                match = correspondence.match(replace(reply, text=" ".join(named)))
            found.written.append((reply, match))
        if reply.kind is ReplyKind.AUTOMATIC:
            if match.clients:
                found.automatic.append((reply, match))
            else:
                found.passed_over += 1
        elif not match.clients:
            found.unmatched.append((reply, match))
        elif reply.kind is ReplyKind.ANSWER:
            _answer(found, workspace, reply, match)
        else:
            for sent, failures in correspondence.returned(reply):
                _return(found, workspace, now, sent, failures)
    return found


def _answer(found: Found, workspace: Workspace, reply: Reply, match: Match) -> None:
    """An answer is remembered once for each client that it is of."""
    new = [
        client
        for client in match.clients
        if all(answer.id != reply.id for answer in workspace.memory.get(client).deliveries.answers)
    ]
    found.events += [
        Answered(client, reply.id, reply.received_on, str(match.how), reply.sender, reply.subject, reply.text)
        for client in new
    ]
    if new:
        found.answers.append((reply, match))


def _return(found: Found, workspace: Workspace, now: datetime, sent: Sent, failures: tuple[Failure, ...]) -> None:
    """An address that takes no mail is remembered once for each message that came back from it."""
    attempts = workspace.memory.get(sent.client).deliveries.attempts
    known = {
        address.casefold() for attempt in attempts if attempt.intent.attempt == sent.attempt for address in attempt.gone
    }
    told = (event for event in found.events if isinstance(event, SendResult) and event.attempt == sent.attempt)
    known |= {address.casefold() for event in told for address in event.refused}
    new = [failure for failure in failures if failure.address.casefold() not in known]
    if new:
        refused = tuple(failure.address for failure in new)
        found.events.append(
            SendResult(sent.client, sent.attempt, Outcome.BOUNCED, now, refused, new[0].reason[:_LONGEST_DETAIL])
        )
        found.returned += [(sent.client, failure) for failure in new]


def _sent(workspace: Workspace) -> Iterator[Sent]:
    """Every email that we handed over, and the beginning of each client's thread: the only trace of a draft sent by hand.

    An attempt that surely did not leave cannot have come back: of two with one Message-ID, the other one did.
    """
    seller = workspace.settings.seller.email
    domain = server_address(seller).rpartition("@")[2]
    for client in workspace.ledger.clients.keys() | workspace.memory.clients.keys():
        yield Sent(client, f"{token(seller, client)}@{domain}")
        for attempt in workspace.memory.get(client).deliveries.attempts:
            if attempt.state is not State.NOT_SENT:
                intent = attempt.intent
                yield Sent(client, intent.message_id, intent.to, intent.attempt)


def _known(workspace: Workspace, today: date) -> Iterator[Known]:
    """Each client with their addresses, and the numbers and references that we gave them."""
    ledger = workspace.ledger
    numbers: dict[str, set[str]] = {}
    written: dict[str, set[str]] = {}
    for invoice in ledger.invoices:
        numbers.setdefault(invoice.client, set()).update((invoice.number, invoice.id))
    for note in ledger.credit_notes:
        numbers.setdefault(note.client, set()).add(note.number)
    for account in workspace.decide(today).accounts:
        references = numbers.setdefault(account.client.id, set())
        references.add(account.reference)
        references.update(offer.reference for offer in account.offers)
        references.update(agreement.reference for agreement in account.agreements)
    for contact in ledger.contacts:
        written.setdefault(contact.client, set()).update(addresses(contact.email))
    for client in ledger.clients.values():
        made = {offer.reference for offer in workspace.memory.get(client.id).offers}
        yield Known(
            client=client.id,
            addresses=(*addresses(client.email), *written.get(client.id, ())),
            references=tuple(filter(None, numbers.get(client.id, set()) | made)),
            group=client.group,
        )


def _read_files(workspace: Workspace, paths: Sequence[Path]) -> MailRead:
    """The emails that the owner saved as files."""
    seller = workspace.settings.seller
    replies = []
    for path in paths:
        try:
            with path.open("rb") as file:
                content = file.read(LARGEST)
        except OSError as refused:
            raise UsageError(f"{path} cannot be read: {refused.strerror}. Nothing was recorded.") from refused
        reply = parse_reply(content, seller.email, zone=ZoneInfo(seller.timezone))
        if reply is None:
            complain(f"{path}: no email of somebody else's, or a delivery that is still being tried.")
        else:
            replies.append(reply)
    return MailRead(tuple(replies))


# What is told


def tell(found: Found) -> None:
    """Every answer, every address that takes no mail, and what the owner has to judge."""
    for reply, match in found.answers:
        say(f"{', '.join(match.clients)}: {_line(reply)}, {_HOW[match.how]}{_perhaps(match)}")
    for client, failure in found.returned:
        reason = printable(failure.reason)
        say(f"{client}: {printable(failure.address)} takes no mail ({reason}): correct it in the ledger.")
    for reply, match in found.automatic:
        say(f"{', '.join(match.clients)}: {_line(reply)}, an automatic reply: it holds nothing.")
    _tell_unmatched(found.unmatched)
    if found.answers:
        clients = len({client for _, match in found.answers for client in match.clients})
        say(
            f"{plural(len(found.answers), 'answer')} recorded: nothing more is written to "
            f"{plural(clients, 'client')} until you have read them. Then: relance answered CLIENT…"
        )
    elif not found.returned:
        say("No new answer.")
    if found.left_out:
        complain(
            f"warning: {plural(found.left_out, 'older message')} of the mailbox were not looked at: have answers put into a "
            "folder of their own, or look back fewer days ([imap] folder, days)."
        )
    if found.unreadable:
        complain(
            f"warning: nothing can be made of {plural(found.unreadable, 'message')}: look into the mailbox yourself."
        )


def _tell_unmatched(unmatched: Sequence[tuple[Reply, Match]]) -> None:
    """Those first that may be of somebody we know; a mailbox may hold a month of other business too."""
    listed = sorted(unmatched, key=lambda one: not (one[1].others or one[0].failed))
    for reply, match in listed[:_MOST_LISTED]:
        about = ", ".join(printable(failure.address) for failure in reply.failed)
        reason = f", about {about}: not an address of a message of ours" if about else _perhaps(match)
        say(f"nobody's: {_line(reply)}{reason}")
    if len(listed) > _MOST_LISTED:
        say(f"… and {len(listed) - _MOST_LISTED} more that concern no client, as far as can be seen.")
    if listed:
        say('Nothing was recorded of these. If a client wrote one of them: relance log CLIENT --answer "…"')


def _line(reply: Reply) -> str:
    return f"{reply.received_on.isoformat()}, {quoted(reply.subject)} from {printable(reply.sender) or 'nobody'}"


def _perhaps(match: Match) -> str:
    if not match.others:
        return ""
    others = " or ".join(match.others)
    return f" (but something points to {others}: look)" if match.clients else f", perhaps of {others}"

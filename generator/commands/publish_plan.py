"""The words of a dry run of `publish`: what would happen, line by line, and what differs from another state of the folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.commands import plural
from generator.commands.publish_outcome import Count, Fate, Phase, PhaseOutcome, Status
from generator.commands.publish_phases import NO_DEPLOY, NO_REMOTE, NO_REPOSITORY, UPLOADED
from generator.config_deploy import DeployTarget
from generator.delivery.repository import Repository
from generator.domain.linkplan import Action

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from generator.commands.publish_copy import PageChanges
    from generator.commands.publish_outcome import MessageFate
    from generator.domain.linkplan import Step, Wanted
    from generator.workspace import Workspace

MOST_LINES = 60
_WORDS = {Action.CREATE: "link is made", Action.REACTIVATE: "link returns", Action.DEACTIVATE: "link goes"}


def page_lines(changes: PageChanges) -> list[str]:
    """Whose pages would be new, be others, be gone."""
    kinds = (("page appears", changes.new), ("page changes", changes.changed), ("page goes", changes.removed))
    return [line for what, clients in kinds for line in _listed(f"{what:<14}{client}" for client in clients)]


def link_lines(steps: Iterable[Step]) -> list[str]:
    """Which links would be put up and taken down."""
    return _listed(_link(step) for step in steps if step.action in _WORDS)


def message_lines(messages: Iterable[MessageFate]) -> list[str]:
    """Which messages would leave, and which wait for somebody."""
    return _listed(f"{message.fate.value:<14}{_message(message)}" for message in messages)


def compared(
    changes: PageChanges,
    messages: tuple[Sequence[MessageFate], Sequence[MessageFate]],
    wanted: tuple[Sequence[Wanted], Sequence[Wanted]],
) -> tuple[str, list[str]]:
    """`If merged: 3 pages change, 2 messages more, 1 link down.`, and each of these on a line of its own."""
    before, after = ({_same(message): message for message in found} for found in messages)
    more, fewer = (
        [one for key, one in after.items() if key not in before],
        [one for key, one in before.items() if key not in after],
    )
    old, new = ({(link.account, link.key, link.fingerprint): link for link in found} for found in wanted)
    up, down = (
        [link for key, link in new.items() if key not in old],
        [link for key, link in old.items() if key not in new],
    )
    told = (
        (len(changes.changed), "page changes", "pages change"),
        (len(changes.new), "page appears", "pages appear"),
        (len(changes.removed), "page goes", "pages go"),
        (changes.others, "other file of the site changes", "other files of the site change"),
        (len(more), "message more today", "messages more today"),
        (len(fewer), "message fewer today", "messages fewer today"),
        (len(up), "link more", "links more"),
        (len(down), "link down", "links down"),
    )
    parts = [f"{count} {one if count == 1 else many}" for count, one, many in told if count]
    lines = [
        *page_lines(changes),
        *_listed(f"{'one more':<14}{_message(message)}" for message in more),
        *_listed(f"{'one fewer':<14}{_message(message)}" for message in fewer),
        *_listed(f"{'link is made':<14}{_wanted(link)}" for link in up),
        *_listed(f"{'link goes':<14}{_wanted(link)}" for link in down),
    ]
    return f"If merged: {', '.join(parts) or 'nothing changes for any client'}.", lines


def promised(workspace: Workspace, changes: PageChanges, messages: Sequence[MessageFate]) -> Iterator[PhaseOutcome]:
    """What the phases would do that nobody was asked about: where things would go."""
    yield _recorded(workspace)
    yield _deployed(workspace, changes)
    yield PhaseOutcome(Phase.VERIFY, Status.DONE, f"their pages would be asked for at {workspace.settings.site_url}")
    smtp = workspace.settings.smtp
    fates = [message.fate for message in messages]
    counts = {
        Count.SENT: fates.count(Fate.WOULD_LEAVE),
        Count.WAITING: fates.count(Fate.WAITING),
        Count.BY_HAND: fates.count(Fate.BY_HAND),
    }
    if smtp is None:
        words = f"portal.toml has no [smtp]: {plural(counts[Count.BY_HAND], 'message')} for you to send"
        yield PhaseOutcome(Phase.SEND, Status.LEFT_OUT, words, counts)
        return
    to = f" (all to {smtp.test_to}: test mode)" if smtp.test_to else ""
    words = f"{plural(counts[Count.SENT], 'message')} would leave{to}, {counts[Count.WAITING]} would wait for your word"
    yield PhaseOutcome(Phase.SEND, Status.DONE if counts[Count.SENT] else Status.NOTHING, words, counts)


def _recorded(workspace: Workspace) -> PhaseOutcome:
    repository = Repository(workspace.folder)
    if not repository.exists:
        return PhaseOutcome(Phase.RECORD, Status.LEFT_OUT, NO_REPOSITORY)
    if not repository.is_pushed:
        return PhaseOutcome(Phase.RECORD, Status.DONE, NO_REMOTE)
    return PhaseOutcome(Phase.RECORD, Status.DONE, "would be committed and pushed")


def _deployed(workspace: Workspace, changes: PageChanges) -> PhaseOutcome:
    deploy = workspace.settings.deploy
    if deploy is None:
        return PhaseOutcome(Phase.DEPLOY, Status.LEFT_OUT, NO_DEPLOY)
    if deploy.target is DeployTarget.GITHUB_PAGES:
        return PhaseOutcome(Phase.DEPLOY, Status.LEFT_OUT, UPLOADED)
    place = f"{deploy.host}:{deploy.path}" if deploy.host else deploy.path
    count = len(changes.new) + len(changes.changed) + len(changes.removed) + changes.others
    status = Status.DONE if count else Status.NOTHING
    return PhaseOutcome(Phase.DEPLOY, status, f"would go to {place} ({deploy.target.value})")


def _same(message: MessageFate) -> tuple[object, ...]:
    return message.clients, message.step, message.channel, message.amounts


def _message(message: MessageFate) -> str:
    sums = ", ".join(f"{amount} {currency}" for currency, amount in message.amounts)
    return f"{', '.join(message.clients)}: {message.step}{', ' + sums if sums else ''} ({message.channel})"


def _link(step: Step) -> str:
    amount = f"{step.amount} {step.amount.currency}" if step.amount else "?"
    client = step.wanted.client if step.wanted else step.account
    return f"{_WORDS[step.action]:<14}{client}: {amount} ({step.reason.replace('_', ' ')})"


def _wanted(link: Wanted) -> str:
    return f"{link.client}: {link.amount} {link.amount.currency} ({link.kind})"


def _listed(lines: Iterable[str]) -> list[str]:
    found = list(lines)
    more = len(found) - MOST_LINES
    return [*found[:MOST_LINES], *([f"… and {more} more"] if more > 0 else [])]

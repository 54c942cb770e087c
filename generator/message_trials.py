"""Templates of messages tried on invented clients, so that a mistake shows before a real message meets it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from generator.domain.ledger import Channel, SourceRef
from generator.domain.policy import INSTALMENT_LATE, INSTALMENT_SOON, Anchor, FeeMode, Step, Tone
from generator.errors import UserError
from generator.message_groups import GROUP
from generator.messages import FRAMES, ROOMS, Message, MessageTemplates, compose, compose_group, due_to, stand_in
from generator.specimens import group_specimens, specimens
from generator.templates import GENERIC, Room

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from generator.config import Seller, Settings
    from generator.domain.account import Account
    from generator.domain.ledger import Client, Problem

_OF_INSTALMENTS = (INSTALMENT_SOON, *INSTALMENT_LATE)


@dataclass(frozen=True, slots=True)
class Trial:
    """A template tried on one invented client: the message that came of it, or what kept it from being written.

    `as_it_is`: with all that the owner says of themselves, not with the least that one may say.
    """

    where: SourceRef
    seller: Seller
    accounts: tuple[Account, ...]
    as_it_is: bool
    message: Message | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def template(self) -> str:
        """The name of the template."""
        return self.where.file.rpartition("/")[2].partition(".")[0]

    @property
    def firm(self) -> bool:
        """Whether the step speaks firmly."""
        return bool(self.accounts) and due_to(self.accounts).step.tone is Tone.FIRM

    @property
    def claimed(self) -> bool:
        """Whether late fees are claimed from that client."""
        return any(account.claims for account in self.accounts)


def check_templates(settings: Settings, *, shipped: bool = False) -> list[Problem]:
    """What is wrong with every template that the owner's files have a part in; each mistake once."""
    return list(
        dict.fromkeys(problem for trial in try_templates(settings, shipped=shipped) for problem in trial.problems)
    )


def try_templates(settings: Settings, clients: Iterable[Client] = (), *, shipped: bool = False) -> list[Trial]:
    """Every template that the owner's files have a part in, compiled and tried on invented clients.

    Tried are the steps of the ladder and each file that is there, with late fees where the owner claims them, be it from one of the
    `clients` alone. What ships untouched was tried by our own tests; `shipped` tries it again.
    """
    claims = shipped or any(settings.policy.claims_from(client) for client in clients)
    try:
        templates = MessageTemplates(settings)
    except UserError as error:
        return [Trial(SourceRef("theme"), settings.seller, (), as_it_is=True, problems=error.problems)]
    tried: list[Trial] = []
    for channel, name in ROOMS.items():
        room = templates.rooms[name]
        for language in room.languages:
            if shipped or _has_own(settings, name, language):
                for step in _steps(settings, room, language):
                    tried += try_template(settings, templates, channel, language, step, claims=claims)
    return tried


def _has_own(settings: Settings, room: str, language: str) -> bool:
    """Whether a file of the owner's is used by the messages of a room in a language."""
    own = settings.folder / "portal_templates"
    folders = (own / room / language, own / "emails" / language, settings.folder / "theme" / FRAMES[room])
    return any(folder.is_dir() and any(folder.iterdir()) for folder in folders)


def _steps(settings: Settings, room: Room, language: str) -> list[Step]:
    """The steps to try: those of the ladder, and those that only have a file."""
    ladder = {step.name: step for step in settings.policy.reminders.steps}
    early = {"presentation": Step("presentation", 0, Anchor.ISSUED), "courtesy": Step("courtesy", -3)}
    filed = dict.fromkeys((*room.names(language), *_OF_INSTALMENTS))
    others = [early.get(name, Step(name, 30)) for name in filed if name not in ladder]
    return [*ladder.values(), *others, *(Step(GENERIC, 30, tone=tone) for tone in Tone)]


def try_template(
    settings: Settings,
    templates: MessageTemplates,
    channel: Channel,
    language: str,
    step: Step,
    *,
    claims: bool = False,
) -> Iterator[Trial]:
    """One template on every invented client, up to the first whom it fails; with late fees where the owner `claims` them."""
    claims = claims or settings.policy.late_fees is FeeMode.CLAIM
    owner = replace(settings.seller, language=language)
    sellers = owner, replace(owner, contact="", phone="", address="", siren="", iban="", bic="")
    for clients in _tried(step, channel, language, claims=claims):
        for seller in sellers:
            trial = Trial(SourceRef(""), seller, clients[0], as_it_is=seller is owner)
            try:
                message, where = _attempt(replace(settings, seller=seller), clients, templates, channel, step)
            except UserError as error:
                yield replace(trial, problems=error.problems)
                return
            yield replace(trial, where=where, message=message)


def _tried(step: Step, channel: Channel, language: str, *, claims: bool) -> Iterator[tuple[tuple[Account, ...], ...]]:
    """The invented clients of each trial: one alone, but for the message to a group."""
    if step.name == GROUP and channel is Channel.EMAIL:
        yield from (known for known in group_specimens(language) if claims or not known[0][0].claims)
    else:
        known = specimens(step, channel, language)
        yield from ((accounts,) for accounts in known if claims or not accounts[0].claims)


def _attempt(
    settings: Settings,
    clients: Sequence[tuple[Account, ...]],
    templates: MessageTemplates,
    channel: Channel,
    step: Step,
) -> tuple[Message | None, SourceRef]:
    """The message of one trial, and where its template is."""
    room, language = templates.room(channel), settings.seller.language
    if len(clients) > 1:
        return compose_group(settings, clients, templates), room.get(language, GROUP, GROUP).where
    message = compose(settings, clients[0], templates)
    return message, room.get(language, step.template_name, stand_in(due_to(clients[0]))).where

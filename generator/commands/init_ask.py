"""What `relance init` knows of a new owner: from options, and from a short conversation at the terminal.

Each answer is checked as `relance check` would check it, on the spot; what an option says is not asked. Until the last answer
nothing is written anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from generator import checks
from generator.ci_files import Service
from generator.commands import say
from generator.commands.asking import agree, ask, choose
from generator.commands.init_policy import LANGUAGES, Draft, said_of
from generator.config_deploy import DeployTarget
from generator.errors import UsageError

if TYPE_CHECKING:
    from argparse import Namespace

_NONE = "none"
_LONGEST_MARK = 40
_PAGES = DeployTarget.GITHUB_PAGES.value
#: What is asked in words: the option, where it stands in portal.toml, the question, whether nothing is an answer too.
_WORDS = (
    ("name", "seller", "name", "Your name, as on your invoices", False),
    ("email", "seller", "email", "Where clients write to you", False),
    ("siren", "seller", "siren", "SIREN, nine digits (empty: none)", True),
    ("iban", "seller", "iban", "IBAN of the account that clients pay to (empty: no transfer on the pages)", True),
    ("url", "site", "url", "Where the pages will be", False),
)


@dataclass(frozen=True, slots=True)
class Answers:
    """One owner's answers; None where nothing is known yet, an empty text where they said that there is none."""

    name: str | None = None
    email: str | None = None
    siren: str | None = None
    iban: str | None = None
    url: str | None = None
    language: str | None = None
    stripe: bool | None = None
    smtp: str | None = None
    ci: str | None = None
    deploy: str | None = None
    to: str | None = None

    @classmethod
    def given(cls, options: Namespace) -> Answers:
        """Those that stand on the command line."""
        return cls(**{name: getattr(options, name) for name in cls.__slots__})

    @property
    def about_policy(self) -> list[str]:
        """The options given that would have to be written into a `portal.toml`."""
        return [f"--{name}" for name in self.__slots__ if name != "ci" and getattr(self, name) is not None]


def checked(answers: Answers, text: str) -> Answers:
    """Options alone, with what follows from them. Raises UsageError for one that cannot be, with what to do about it."""
    for name, table, key, *_ in _WORDS:
        _refuse(f"--{name}", _wrong(text, table, key, getattr(answers, name) or ""))
    _refuse("--smtp", _wrong(text, "smtp", "host", answers.smtp or ""))
    answers = _with_target(answers)
    if answers.to is not None and answers.deploy in {None, _PAGES}:
        raise UsageError("--to goes with --deploy folder or --deploy rsync. Nothing was written.")
    if answers.deploy not in {None, _PAGES}:
        _refuse("--to", _wrong_place(text, str(answers.deploy), answers.to or ""))
    return answers


def _with_target(answers: Answers) -> Answers:
    """Who publishes by a service has somewhere to publish to."""
    if answers.ci == Service.GITHUB and answers.deploy is None:
        return replace(answers, deploy=_PAGES)
    if answers.ci == Service.GITLAB and answers.deploy in {None, _PAGES}:
        raise UsageError(
            "--ci gitlab needs to know where the site goes: --deploy rsync or --deploy folder, and --to. Nothing was written."
        )
    return answers


def _refuse(option: str, wrong: list[str]) -> None:
    if wrong:
        raise UsageError(f"{option}: {' '.join(wrong)} Nothing was written.")


def _wrong(text: str, table: str, key: str, given: str) -> list[str]:
    """What `relance check` would say of one key."""
    if not given:
        return []
    draft = Draft(text)
    draft.say(table, key, given)
    return said_of(draft.wrong_with(f"{table}.{key}"))


def _wrong_place(text: str, target: str, place: str) -> list[str]:
    """What it would say of a place where a site goes."""
    draft = Draft(text)
    _say_place(draft, target, place)
    return said_of(draft.wrong_with("deploy", "deploy.host", "deploy.path"))


def converse(answers: Answers, text: str) -> Answers:
    """Asks what the options leave open. Raises UsageError when no answer comes."""
    say(
        "A few questions. An empty answer takes what stands in brackets; everything can be changed in portal.toml later."
    )
    for name, table, key, question, may_lack in _WORDS:
        if getattr(answers, name) is None:
            default = "" if may_lack else Draft(text).value(table, key)
            given: dict[str, Any] = {name: ask(question, default, partial(_wrong, text, table, key))}
            answers = replace(answers, **given)
    if answers.language is None:
        answers = replace(answers, language=choose("What your clients read", LANGUAGES, "fr"))
    if answers.stripe is None:
        answers = replace(answers, stripe=agree("Payment links with Stripe?"))
    if answers.smtp is None:
        question = "Mail server that sends your messages (empty: you send them yourself)"
        answers = replace(answers, smtp=ask(question, "", partial(_wrong, text, "smtp", "host")))
    return _ask_where(_ask_who(answers), text)


def _ask_who(answers: Answers) -> Answers:
    """Which service publishes, if one does."""
    if answers.ci is not None:
        return answers
    services = [service.value for service in Service]
    given = choose("Who publishes every morning: you, or a private repository's service?", (_NONE, *services), _NONE)
    return replace(answers, ci=None if given == _NONE else given)


def _ask_where(answers: Answers, text: str) -> Answers:
    """Where the site goes: to some place, when a service publishes it."""
    if answers.deploy is None:
        targets = [target.value for target in DeployTarget]
        if answers.ci == Service.GITLAB:
            targets.remove(_PAGES)
        choices = targets if answers.ci else [_NONE, *targets]
        default = {Service.GITHUB.value: _PAGES, Service.GITLAB.value: DeployTarget.RSYNC.value}.get(
            answers.ci or _NONE, _NONE
        )
        given = choose("Where the site goes when it is published", choices, default)
        answers = replace(answers, deploy=None if given == _NONE else given)
    if answers.deploy in {None, _PAGES} or answers.to is not None:
        return answers
    target = str(answers.deploy)
    remote = target == DeployTarget.RSYNC
    question = "The machine and the folder of the site" if remote else "The folder of the site, and of it alone"
    default = "payer@www.votre-maison.example:/var/www/payer" if remote else "/var/www/payer"
    return replace(answers, to=ask(question, default, partial(_wrong_place, text, target)))


def written(answers: Answers, text: str) -> str:
    """The scaffold's `portal.toml` with the answers in it."""
    draft = Draft(text)
    for name, table, key, *_ in _WORDS:
        if value := getattr(answers, name):
            draft.say(table, key, value)
    if answers.language and answers.language != "fr":
        draft.say("seller", "language", answers.language)
    if answers.stripe:
        draft.say("stripe", "ledger", _mark(answers.name or ""))
    if answers.smtp:
        draft.say("smtp", "host", answers.smtp)
        draft.say("smtp", "user", answers.email or draft.value("seller", "email"))
    if answers.deploy:
        _say_place(draft, answers.deploy, answers.to or "")
    return draft.text


def _say_place(draft: Draft, target: str, place: str) -> None:
    draft.say("deploy", "target", target)
    if target == DeployTarget.RSYNC:
        host, _, place = place.partition(":")
        draft.say("deploy", "host", host)
    if target != _PAGES:
        draft.say("deploy", "path", place)


def _mark(name: str) -> str:
    """The name by which payment links of this owner are told from all others of their account."""
    return checks.slug(name).replace("_", "-")[:_LONGEST_MARK].strip("-") or "relance"

"""The owner's folder, opened: settings, ledger and journal read and checked whole, then decided for a day."""

from __future__ import annotations

import secrets
import tomllib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from generator.calendars import Calendar, calendar
from generator.checks import fold
from generator.config import Settings, load_settings
from generator.domain.bank import booked_until, last_counted
from generator.domain.decide import Decision, decide
from generator.domain.ledger import Ledger, Problem, Severity, SourceRef
from generator.domain.terms import business_days_between
from generator.errors import UserError
from generator.journal import read_journal
from generator.problems import stops
from generator.problems.facts import AGREEMENT_UNKNOWN
from generator.problems.policy import POLICY_WRONG_VALUE
from generator.problems.run import (
    BOOKED_AHEAD,
    BOOKED_LONG_AGO,
    JOURNAL_CLIENT_GONE,
    JOURNAL_KEY_UNSAFE,
    JOURNAL_LOST,
)
from generator.readers import read_ledger
from generator.recorded_links import link_problems
from generator.resources import bundled

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from generator.domain.account import Account
    from generator.domain.ledger import BankPeriod
    from generator.domain.memory import Memory

KEY_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"  # one case only: addresses are read aloud, and disks fold case
KEY_LENGTH = 26  # 5 bits each: 130 random bits
SHORTEST_KEY = 22  # 128 bits of letters in both cases and digits; a key of our own making is longer


def new_key() -> str:
    """An unguessable portal key: 130 random bits as lower-case letters and digits."""
    return "".join(secrets.choice(KEY_ALPHABET) for _ in range(KEY_LENGTH))


@dataclass(frozen=True, slots=True)
class Workspace:
    """Everything that was read of an owner's folder. `problems` are warnings and notices: an error would have raised.

    `booked_by` is the bank statement that shows up to which day payments are booked, where it is not the owner's own word.
    """

    settings: Settings
    ledger: Ledger
    memory: Memory
    business: Calendar
    problems: tuple[Problem, ...]
    booked_by: BankPeriod | None = None

    @property
    def folder(self) -> Path:
        """The owner's folder."""
        return self.settings.folder

    def decide(self, today: date) -> Decision:
        """The accounts of that day and what must be remembered for them; writes nothing."""
        return decide(self.ledger, self.settings.policy, self.memory, today, business=self.business, new_key=new_key)


def open_workspace(folder: Path) -> Workspace:
    """Reads and checks everything in an owner's folder.

    Raises UserError with every problem of settings, ledger and journal when one of them is an error.
    """
    settings, problems = load_settings(folder)
    if settings is None:
        raise UserError(problems)
    ledger, found = read_ledger(settings)
    memory, unreadable = read_journal(folder / "journal")
    problems = [*problems, *found, *unreadable, *_unsafe_keys(memory), *_lost_keys(folder, memory)]
    problems += link_problems(memory, settings, published=demo_day(folder) is None)
    if not stops(problems):
        problems += [*_forgotten(ledger, memory), *_never_agreed(ledger, memory)]
    if stops(problems):
        raise UserError(problems)
    business = _calendar(settings)
    return _with_statements(Workspace(settings, ledger, memory, business, tuple(problems)))


def _with_statements(read: Workspace) -> Workspace:
    """What was read, with payments booked as far as the bank statements show, when that is later than the owner says."""
    policy, periods = read.settings.policy, read.ledger.bank_periods
    booked = booked_until(periods, read.settings.seller.iban, policy.payments_up_to, read.business)
    if booked is None or booked == policy.payments_up_to:
        return read
    settings = replace(read.settings, policy=replace(policy, payments_up_to=booked))
    return replace(read, settings=settings, booked_by=last_counted(periods, booked))


def _calendar(settings: Settings) -> Calendar:
    """The seller's business days. Raises UserError for a country or region whose holidays nobody has listed."""
    seller = settings.seller
    try:
        return calendar(seller.country, seller.region)
    except ValueError as error:
        where = SourceRef("portal.toml")
        advice = 'Write a country code as FR or BE; for Alsace and Moselle also region = "alsace-moselle".'
        found = f"{seller.country} {seller.region}".strip()
        raise UserError([POLICY_WRONG_VALUE.at(where, found, key="seller.country", advice=advice)]) from error


def _forgotten(ledger: Ledger, memory: Memory) -> list[Problem]:
    """Clients who were written to and are no longer in the ledger: removing them is never silent."""
    return [
        JOURNAL_CLIENT_GONE.at(SourceRef("clients.csv"), client)
        for client, known in memory.clients.items()
        if (known.sent or known.deliveries.uncertain) and client not in ledger.clients
    ]


def _never_agreed(ledger: Ledger, memory: Memory) -> list[Problem]:
    """Agreements that are said to be replaced, and are neither in the ledger nor a plan that was ever offered."""
    known = {fold(record.id) for record in ledger.agreements}
    return [
        AGREEMENT_UNKNOWN.at(record.source, record.supersedes)
        for record in ledger.agreements
        if record.supersedes
        and fold(record.supersedes) not in known
        and record.supersedes not in {offer.key for offer in memory.get(record.client).offers}
    ]


def _unsafe_keys(memory: Memory) -> list[Problem]:
    """Keys that would show a page to somebody else."""
    problems: list[Problem] = []
    owners: dict[str, str] = {}
    for client, known in memory.clients.items():
        for key in known.current_keys:
            reason = (
                "is too short" if len(key) < SHORTEST_KEY else "is that of another client too" if key in owners else ""
            )
            if reason:
                problems.append(JOURNAL_KEY_UNSAFE.at(SourceRef("journal"), client, reason=reason, client=client))
            owners[key] = client
    return problems


def _lost_keys(folder: Path, memory: Memory) -> list[Problem]:
    """Pages of the last build whose keys the journal does not know: it was lost, and with it all that was promised."""
    known = {key.key for client in memory.clients.values() for key in client.keys}
    lost = [key for key in published_keys(folder) if key not in known]
    return [JOURNAL_LOST.at(SourceRef("journal"), count=len(lost))] if lost else []


def published_keys(folder: Path) -> list[str]:
    """The keys of the pages that the last build made, from the folder names in `output/`; what a file manager leaves is none."""
    pages = folder / "output" / "p"
    return sorted(path.name for path in pages.iterdir() if path.is_dir()) if pages.is_dir() else []


def day_problems(workspace: Workspace, today: date) -> list[Problem]:
    """What is worth saying of the day itself: payments booked ahead of it, or so long ago that reminders wait."""
    booked, where = workspace.settings.policy.payments_up_to, SourceRef("portal.toml")
    if booked is None:
        return []
    if booked > today:
        return [BOOKED_AHEAD.at(where, booked.isoformat(), today=today.isoformat())]
    late = business_days_between(booked, today, workspace.business)
    limit = workspace.settings.policy.stale_days
    return [_booked_long_ago(workspace, booked, late, limit)] if late > limit else []


def _booked_long_ago(workspace: Workspace, booked: date, days: int, limit: int) -> Problem:
    """That payments are booked too long ago: where that day comes from, and what brings it forward."""
    by = workspace.booked_by
    what = "payments_up_to is" if by is None else "payments are booked up to"
    how = "read your bank's statement (relance match), or write the new day"
    if by is not None:
        how = "read the next statement of your bank (relance match)"
    waits = [one for one in workspace.ledger.bank_periods if one.waits_from == booked + timedelta(days=1)]
    if waits:
        how = f"movements of {waits[0].file or 'the last statement'} wait for your word; match it again, with --accept and your list"
    where = SourceRef("portal.toml") if by is None else by.source
    return BOOKED_LONG_AGO.at(where, booked.isoformat(), what=what, how=how, days=days, limit=limit)


def demo_day(folder: Path) -> date | None:
    """The pinned day of a demo, for which all it shows was arranged; None for a folder that is no demo."""
    path = folder / "demo.toml"
    if not path.is_file():
        return None
    day: date = tomllib.loads(path.read_text(encoding="utf-8"))["day"]
    return day


def demo_accounts() -> tuple[Settings, list[tuple[Account, ...]]]:
    """The settings and the accounts of the bundled demo on its day, as `relance demo` builds them."""
    folder = bundled("examples") / "atelier"
    workspace = open_workspace(folder)
    today = demo_day(folder) or today_in(workspace.settings, datetime.now(UTC))
    return workspace.settings, workspace.decide(today).by_client()


def today_in(settings: Settings, now: datetime) -> date:
    """The day it is for the seller at the moment `now`."""
    return now.astimezone(ZoneInfo(settings.seller.timezone)).date()


def errors_first(problems: tuple[Problem, ...]) -> list[Problem]:
    """Problems in the order in which they are shown."""
    order = list(Severity)
    return sorted(problems, key=lambda problem: order.index(problem.severity))

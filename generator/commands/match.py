"""`relance match STATEMENT`: what came to the bank account, into `ledger/relance/payments.csv`.

What is certain is booked, what is doubtful is listed for the owner to tick. The statement's days are remembered, so that
payments count as booked up to its last one.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from generator.commands import DONE, Context, complain, plural, say, tell_problems
from generator.domain.bank import booked_until, marked, period_of, unaccounted
from generator.domain.ledger import SourceRef
from generator.domain.matching import Decision, Match, Reason, Verdict, match_movements, payment_of
from generator.errors import UserError
from generator.lock import exclusive
from generator.problems import printable, stops
from generator.problems.bank import STATEMENT_GAP, STATEMENT_UNBALANCED
from generator.readers.bank import read_statement
from generator.readers.bank.ticks import Tick, headings, read_decisions, read_ticks
from generator.readers.takings_file import append_bank_periods, append_set_aside, append_transfers
from generator.report import write_files
from generator.report_bank import RAPPROCHEMENT, rapprochement, transfer_called
from generator.report_words import Words

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable, Sequence
    from datetime import date
    from pathlib import Path

    from generator.domain.bank import BankStatement
    from generator.domain.ledger import BankPeriod, Payment, Problem
    from generator.workspace import Workspace

_MOST_LISTED = 20


@dataclass(frozen=True, slots=True)
class Found:
    """What a run makes of its statements: every movement with its match, and what is to be written of it."""

    matches: tuple[Match, ...]
    payments: tuple[Payment, ...]
    set_aside: tuple[Match, ...]
    periods: tuple[BankPeriod, ...]
    problems: tuple[Problem, ...]
    pending: int = 0

    def of(self, verdict: Verdict) -> list[Match]:
        """The movements of which this became."""
        return [match for match in self.matches if match.verdict is verdict]


def run(context: Context, options: Namespace) -> int:
    """Raises UserError for a statement or a list that cannot be read, UsageError for another day than today."""
    with exclusive(context.folder):
        workspace, today = context.open()
        context.refuse_past(today, workspace, "match")
        context.refuse_future(today, workspace, "A statement that was read")
        statements, remarks = _read(context.folder, options.statements, workspace)
        decisions = _decisions(context.folder, options.accept, statements, workspace) if options.accept else {}
        found = find(workspace, statements, decisions, today)
        tell_problems([*workspace.problems, *remarks, *found.problems])
        words = Words("en", today)
        _tell(found, words)
        if options.dry_run:
            say("Nothing was written.")
            return DONE
        _write(workspace, found, today)
        workspace, _ = context.open()
    _summarise(found, workspace)
    return DONE


def find(
    workspace: Workspace, statements: Sequence[BankStatement], decisions: dict[str, Decision], today: date
) -> Found:
    """What is to be made of these statements; writes nothing."""
    ledger, seller = workspace.ledger, workspace.settings.seller
    matches = match_movements(statements, ledger, workspace.memory, today, decisions)
    method = transfer_called(Words(seller.language, today, workspace.folder))
    payments = [
        replace(payment_of(match, method), note=str(match.movement.source))
        for match in matches
        if match.verdict is Verdict.CERTAIN
    ]
    waiting = {match.movement.mark: match.movement.on for match in matches if match.waits}
    periods: list[BankPeriod] = []
    problems: list[Problem] = []
    # In the order of days: each may begin with the balance after another.
    for statement in sorted(statements, key=lambda one: one.begins or today):
        if (apart := unaccounted(statement, [*ledger.bank_periods, *periods])) is not None:
            told = f"{apart if apart.minor > 0 else -apart} {apart.currency}"
            problems.append(STATEMENT_UNBALANCED.at(SourceRef(statement.file), apart=told))
            continue
        days = [waiting[one.mark] for one in marked(statement).movements if one.mark in waiting]
        period = period_of(statement, today, min(days, default=None))
        if period is not None:
            periods.append(period)
    return Found(
        matches=tuple(matches),
        payments=tuple(payments),
        set_aside=tuple(match for match in matches if match.reason is Reason.TOLD and not match.clients),
        periods=tuple(_news(periods, ledger.bank_periods)),
        problems=(*problems, *_gaps(periods, workspace)),
        pending=sum(statement.pending for statement in statements),
    )


def _news(periods: Sequence[BankPeriod], known: Iterable[BankPeriod]) -> list[BankPeriod]:
    """The periods that are not known as they are; of several about the same days the last."""
    alike = {replace(period, file="") for period in known}
    last = {(period.account, period.begins, period.ends): period for period in periods}
    return [period for period in last.values() if replace(period, file="") not in alike]


def _gaps(periods: Sequence[BankPeriod], workspace: Workspace) -> list[Problem]:
    """The statements before which days are missing, whatever waits in those that were read."""
    iban, found = workspace.settings.seller.iban, []
    known = workspace.settings.policy.payments_up_to
    every = [replace(period, waits_from=None) for period in (*workspace.ledger.bank_periods, *periods)]
    for period in sorted(periods, key=lambda one: one.begins):
        alike = [one for one in every if iban or one.account == period.account]
        until = booked_until(alike, iban, known, workspace.business)
        if until is not None and until < period.begins and _counts(period, workspace):
            begins = period.begins.isoformat()
            found.append(STATEMENT_GAP.at(SourceRef(period.file), begins, until=until.isoformat()))
    return found


def _counts(period: BankPeriod, workspace: Workspace) -> bool:
    """Whether a statement says how far payments are booked: one of another account does not."""
    return booked_until([period], workspace.settings.seller.iban, None, None) is not None


def _read(folder: Path, paths: Sequence[Path], workspace: Workspace) -> tuple[list[BankStatement], list[Problem]]:
    """Every statement, and what is odd about them. Raises UserError with all problems when one cannot be read."""
    statements: list[BankStatement] = []
    problems: list[Problem] = []
    for path in paths:
        read, found = read_statement(_placed(folder, path), path.name, workspace.settings.seller)
        statements += read
        problems += found
    if stops(problems):
        raise UserError(problems)
    return statements, problems


def _decisions(
    folder: Path, path: Path, statements: Sequence[BankStatement], workspace: Workspace
) -> dict[str, Decision]:
    """What the owner ticked. Raises UserError with every line that cannot be."""
    movements = {one.mark: one for statement in statements for one in marked(statement).movements}
    ledger = workspace.ledger
    settled = ledger.set_aside | {payment.bank for payment in ledger.payments if payment.bank}
    _, rows, problems = read_ticks(_placed(folder, path), path.name)
    if not stops(problems):
        decisions, problems = read_decisions(rows, movements, workspace.settings, settled)
    if stops(problems):
        raise UserError(problems)
    return decisions


def _placed(folder: Path, path: Path) -> Path:
    """A file as it is named from here; else from the owner's folder."""
    return path if path.is_absolute() or path.exists() else folder / path


def _write(workspace: Workspace, found: Found, today: date) -> None:
    """The payments first: a run that dies after them books the rest when it is run again.

    Raises UserError for a list of doubts that cannot be read: what was ticked in it would be lost.
    """
    learnt = workspace.folder / workspace.settings.ledger.path / "relance"
    path = workspace.folder / "report" / RAPPROCHEMENT
    ticked = _ticked(path)
    append_transfers(learnt / "payments.csv", found.payments)
    append_set_aside(learnt / "bank-set-aside.csv", [match.movement for match in found.set_aside], today)
    doubts = found.of(Verdict.DOUBTFUL)
    if doubts or path.exists():
        language = workspace.settings.seller.language
        words = Words(language, today, workspace.folder)
        table = rapprochement(doubts, headings(language), ticked, words)
        write_files({RAPPROCHEMENT: table}, path.parent)
    append_bank_periods(learnt / "bank-statements.csv", found.periods, today)


def _ticked(path: Path) -> dict[str, Tick]:
    """What was ticked in the list of the last run and is not accepted yet: it is not lost when the list is made anew."""
    if not path.exists():
        return {}
    ticks, _, problems = read_ticks(path, path.name)
    if stops(problems):
        raise UserError(problems)
    return {mark: tick for mark, tick in ticks.items() if tick.decision}


# What is told


def _tell(found: Found, words: Words) -> None:
    for match in found.of(Verdict.CERTAIN):
        about = f" ({', '.join(match.invoices)})" if match.invoices else ""
        say(f"{_line(match)}  {match.clients[0]}{about}: {words.bank_why(match)}")
    doubts = found.of(Verdict.DOUBTFUL)
    for match in sorted(doubts, key=lambda one: not one.clients)[:_MOST_LISTED]:
        payer = printable(match.movement.party)[:40]
        say(f"{_line(match)}  doubtful, {payer or 'nobody named'}: {words.bank_why(match)}")
    if len(doubts) > _MOST_LISTED:
        say(f"… and {len(doubts) - _MOST_LISTED} more that are doubtful.")
    payouts = [match for match in found.of(Verdict.IGNORED) if match.reason is Reason.STRIPE]
    if payouts:
        say(
            f"{plural(len(payouts), 'payout')} of Stripe left out: what clients paid there is booked by relance reconcile."
        )
    counts = Counter(match.reason for match in found.matches)
    for reason, what in ((Reason.AHEAD, "of a day to come"), (Reason.OUTGOING, "of money that left")):
        if counts[reason]:
            say(f"{plural(counts[reason], 'movement')} {what} left out.")
    if found.pending:
        say(f"{plural(found.pending, 'movement')} left out that the bank has not booked yet.")


def _line(match: Match) -> str:
    amount = f"{match.movement.amount} {match.movement.amount.currency}"
    return f"{match.movement.on.isoformat()}  {amount:>14}"


def _summarise(found: Found, workspace: Workspace) -> None:
    known = len(found.of(Verdict.KNOWN)) - len(found.set_aside)
    doubts, waiting = found.of(Verdict.DOUBTFUL), [match for match in found.matches if match.waits]
    already = f"; {known} booked or set aside before" if known else ""
    if found.payments:
        say(f"{plural(len(found.payments), 'payment')} booked in ledger/relance/payments.csv{already}.")
    else:
        say(f"Nothing new to book{already}.")
    if found.set_aside:
        say(f"{plural(len(found.set_aside), 'movement')} set aside for good, in ledger/relance/bank-set-aside.csv.")
    if doubts:
        say(
            f"{len(doubts)} doubtful in report/{RAPPROCHEMENT}: write yes or no on each line, then run this again with "
            f"--accept report/{RAPPROCHEMENT}"
        )
    until = workspace.settings.policy.payments_up_to
    held = " (what waits for your word holds it back)" if waiting else ""
    say(f"Payments are booked up to {until.isoformat() if until else 'no day yet'}{held}.")
    earlier = {period.file for period in workspace.ledger.bank_periods if period.waits_from is not None}
    earlier -= {period.file for period in found.periods} | {match.movement.source.file for match in found.matches}
    if earlier:
        complain(
            f"warning: movements of {', '.join(sorted(map(printable, earlier)))} wait for your word: match it again."
        )

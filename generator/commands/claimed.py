"""What was claimed of late fees, for the owner's terminal: of a client in `relance show`, of one invoice in `relance fees`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator import wording
from generator.domain.fee_history import Act, fee_moves
from generator.domain.money import total
from generator.domain.policy import FeeMode
from generator.domain.recount import fallen, next_claim
from generator.report_parts import command

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.domain.account import Account, Item
    from generator.domain.fee_history import FeeMove
    from generator.domain.money import Money
    from generator.domain.policy import Policy

_LANGUAGE = "en"


def claim_lines(account: Account) -> list[str]:
    """A line for each claim of an account, and below it what became of one that fell."""
    lower = {found.claim.invoice: found for found in fallen(account)}
    lines: list[str] = []
    for claim in account.claims:
        current = claim.current
        left = f"{_money(claim.open)} of {_money(claim.total)} open"
        told = "" if claim.told_on else ", message not sent yet"
        lines.append(f"{claim.invoice}  {left}, claimed {current.on.isoformat()} by {current.step}{told}")
        if (found := lower.get(claim.invoice)) is not None:
            back = f"; {_money(found.to_return)} too much came in, to be given back" if found.to_return else ""
            lines.append(f"  corrected on {found.on.isoformat()}: {_money(found.less)} less than was claimed{back}")
    return lines


def still_asked(accounts: Iterable[Account], policy: Policy) -> list[str]:
    """That late fees stay asked for which were claimed before the owner said to claim none: a line for each client."""
    lines: list[str] = []
    for account in accounts:
        left = [claim for claim in account.claims if claim.open]
        if left and policy.fee_mode(account.client) is not FeeMode.CLAIM:
            name, sum_ = account.client.id, _money(total((claim.open for claim in left), account.currency))
            about = ", ".join(claim.invoice for claim in left)
            lines.append(
                f"{name}: you claim no late fees from them now, and {sum_} that were claimed before stay asked for ({about}). "
                f"To let go of them: {command('waive', name)}"
            )
    return lines


def claim_story(account: Account, item: Item, policy: Policy, *, waived: bool = False) -> list[str]:
    """What became of the claim of one item, a line for each move; then what the next message would claim.

    `waived`: the owner let all fees of it go, and none is ever claimed again.
    """
    claim = account.claim_of(item.id)
    lines = [_move(move) for move in fee_moves(claim)] if claim else []
    if claim is not None:
        lines.append(f"{'asked for':<10} {_money(claim.open)}")
    following = None if waived else next_claim(account, item, policy)
    if following is not None:
        step = f"{following.step} on {following.on.isoformat()}"
        lines.append(f"{'next':<10} {step} would claim {_money(following.amount)} in all, if nothing changes before")
    return lines


#: A move in one word.
_ACTS = {Act.CLAIMED: "claimed", Act.CORRECTED: "corrected", Act.WAIVED: "waived", Act.COLLECTED: "paid"}


def _move(move: FeeMove) -> str:
    words = f"{_ACTS[move.act]:<10} {_money(move.amount)}  on {move.on.isoformat()}"
    if move.act in {Act.CLAIMED, Act.CORRECTED}:
        until = f" to {move.until.isoformat()}" if move.until else ""
        left = "" if move.told else ", and its message has not left yet"
        words += f" by {move.step}: {_money(move.interest)} interest{until}, {_money(move.indemnity)} indemnity{left}"
    elif move.act is Act.COLLECTED:
        words += f": {_money(move.interest)} interest, {_money(move.indemnity)} indemnity"
    elif move.reason:
        words += f": {move.reason}"
    return words


def _money(amount: Money) -> str:
    return wording.money(amount, _LANGUAGE)

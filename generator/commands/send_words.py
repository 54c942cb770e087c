"""What `relance send` says: what leaves and what stays, each with its reason, and in the end what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.commands import plural, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from generator.commands.send_mail import Result
    from generator.commands.send_plan import Letter, Plan
    from generator.domain.account import Account


def tell_uncertain(clients: Iterable[Sequence[Account]]) -> None:
    """Messages of which nobody knows whether they left: the owner is asked, before anything else is said."""
    for accounts in clients:
        for intent in accounts[0].reminders.uncertain:
            say(
                f"{intent.client}: {intent.step} of {intent.on.isoformat()} to {', '.join(intent.to)} may have left, or not. "
                f"Find out (your mail server knows, or ask them), then: relance sent {intent.client} (it left), "
                f"or relance resend {intent.client} (it did not)."
            )


def tell_plan(plan: Plan, *, dry: bool) -> None:
    """What leaves now, what waits for the owner's word, and what goes another way."""
    if dry:
        for letter in plan.ready:
            say(f"would leave   {_line(letter)}")
    for letter in plan.waiting:
        say(f"waits for you {_line(letter)}")
    for letter in plan.elsewhere:
        say(
            f"by {letter.prepared.channel:<10} {letter.names}: {letter.prepared.step} (outbox/{letter.prepared.file_name})"
        )
    if plan.waiting:
        names = " ".join(dict.fromkeys(name for letter in plan.waiting for name in letter.missing))
        say(f"Let them leave with: relance send --approve {names}")
    if plan.left_over:
        say(f"{plural(plan.left_over, 'message')} more for another run (--limit).")
    if not (plan.ready or plan.waiting or plan.elsewhere):
        say("No message is due today: nothing leaves.")


def tell_result(result: Result, *, test_to: str) -> None:
    """What became of each message, those that need the owner first."""
    for letter, words in result.uncertain:
        say(
            f"uncertain     {_line(letter)}: {words}. It may have left, and is not sent again before you say: "
            f"relance sent {' '.join(letter.prepared.clients)}, or relance resend {' '.join(letter.prepared.clients)}."
        )
    for letter, words in result.refused:
        say(
            f"refused       {_line(letter)}: {words}. Correct the address in clients.csv, or relance resend to try again."
        )
    for letter, words in result.gone:
        say(f"address gone  {letter.names}: {words}. The others got the message; correct it in the ledger.")
    for letter, address, words in result.left_out:
        say(f"no copy       {letter.names}: {address} could not take it ({words}). The others got the message.")
    for letter, words in result.later:
        say(f"not yet       {_line(letter)}: {words}. It goes with the next run.")
    if test_to:
        say(f"{plural(len(result.sent), 'message')} sent to {test_to} only (test mode): nothing is recorded.")
        return
    left_out = {(id(letter), address) for letter, address, _ in result.left_out}
    for letter in result.sent:
        to = [address for address in letter.prepared.recipients if (id(letter), address) not in left_out]
        say(f"sent          {_line(letter, to)}")
    say(f"{plural(len(result.sent), 'message')} sent.")


def tell_withheld(plan: Plan) -> None:
    """Messages that stay because of the page that they lead to."""
    for letter, reason in plan.withheld:
        say(f"kept back     {_line(letter)}: {reason}")


def _line(letter: Letter, to: Sequence[str] = ()) -> str:
    """`C-004: reminder-2 to compta@quai.example, 600.00 EUR`."""
    message = letter.prepared
    sums = ", ".join(f"{amount} {currency}" for currency, amount in message.amounts)
    return f"{letter.names}: {message.step} to {', '.join(to or message.recipients)}{', ' + sums if sums else ''}"

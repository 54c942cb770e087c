"""Every command and option of the command line; the reference page in `docs/` is tested against it."""

from __future__ import annotations

import argparse
from datetime import date
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Protocol

from generator.arguments_init import initiating
from generator.arguments_publish import approving, going_back, publishing
from generator.domain.agreeing import MOST_PARTS
from generator.domain.offering import LONGEST_OFFER_DAYS
from generator.domain.policy import Interval

DEFAULT_PORT = 8000
HIGHEST_PORT = 65535
_FEWEST_PARTS = 2


class _Verb(Protocol):
    """Adds one command."""

    def __call__(self, name: str, text: str) -> argparse.ArgumentParser:
        """The command's own parser; `text` is its line of help."""


@cache
def make_parser() -> argparse.ArgumentParser:
    """Every command and option; the reference page in `docs/` is tested against it."""
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--folder", type=Path, default=Path(), help="the owner's folder (default: here)")
    shared.add_argument(
        "--date", type=_date, help="the day to work for, as 2026-11-22 (default: today in the seller's time zone)"
    )
    parser = argparse.ArgumentParser(
        prog="relance",
        description="Private payment pages and courteous reminders, from an invoice ledger kept in plain files.",
        epilog="Exit status: 0 done, 1 the ledger or policy is wrong, 2 wrong usage, 3 something outside failed, 4 a bug.",
    )
    parser.add_argument("--version", action="version", version=f"relance {_version()}")
    verbs = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def verb(name: str, text: str) -> argparse.ArgumentParser:
        return verbs.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".", parents=[shared])

    _look(verb)
    _deliver(verb)
    _note(verb)
    _agree(verb)
    _offer(verb)
    _voucher(verb)
    _waive(verb)
    _propose(verb)
    _pay(verb)
    publishing(verb)
    going_back(verb)
    approving(verb)
    return parser


def _look(verb: _Verb) -> None:
    """Commands that read, build and show."""
    demo = verb("demo", "build the fictional workshop, offline, to look around in")
    demo.add_argument(
        "demo_folder", metavar="FOLDER", nargs="?", type=Path, default=Path("demo"), help="where (default: demo)"
    )
    demo.add_argument("--serve", action="store_true", help="open the preview afterwards")
    demo.add_argument("--port", type=_port, default=DEFAULT_PORT, help=f"port of the preview (default: {DEFAULT_PORT})")
    initiating(verb)
    verb("check", "validate ledger, policy, journal and templates, and list every problem")
    show = verb("show", "accounts as relance sees them today, and why; writes nothing")
    show.add_argument("client", metavar="CLIENT", nargs="?", help="the id of one client (default: a table of all)")
    show.add_argument("--json", action="store_true", help="the public, stable form")
    clients = verb("clients", "who the clients are and how each is reached; or whom nobody can write to yet")
    clients.add_argument(
        "--missing", action="store_true", help="a CSV of those without an address, ready to fill in as clients.csv"
    )
    clients.add_argument("--all", action="store_true", help="also those who owe nothing")
    clients.add_argument(
        "--append", action="store_true", help="with --missing: lines to add to your clients.csv, in its own columns"
    )
    clients.add_argument(
        "--output", metavar="FILE", type=Path, help="with --missing: write it to this file, which must be new or empty"
    )
    fees = verb("fees", "late fees of an invoice as the law counts them, line by line; asks for nothing")
    fees.add_argument(
        "invoice", metavar="INVOICE", help="its number; of an invoice in parts, one part as F-12/1 or all"
    )
    fees.add_argument("--json", action="store_true", help="for programs")
    verb("build", "site, messages and report for today")
    serve = verb("serve", "preview the site, the outbox and the report on this machine")
    serve.add_argument(
        "--port", type=_port, default=DEFAULT_PORT, help=f"port (default: {DEFAULT_PORT}; 0: any free one)"
    )


def _deliver(verb: _Verb) -> None:
    """Commands about messages that leave, and what becomes of them."""
    send = verb("send", "send the emails of the outbox, each exactly once")
    send.add_argument(
        "--dry-run", action="store_true", help="say what would leave and what waits; nothing is sent or recorded"
    )
    send.add_argument(
        "--approve",
        metavar="CLIENT",
        nargs="+",
        default=[],
        help="your word that today's message of these clients may leave; or: all",
    )
    send.add_argument("--only", metavar="CLIENT", nargs="+", default=[], help="the messages of these clients only")
    send.add_argument(
        "--limit", metavar="COUNT", type=_count, help="so many messages at most; the others go with another run"
    )
    send.add_argument("--offline-pages", action="store_true", help="do not ask whether the clients' pages are online")
    send.add_argument("--push", action="store_true", help="commit and push the journal before and after messages leave")
    sent = verb("sent", "record that a message left: today's, sent by hand, or one that was uncertain")
    sent.add_argument("clients", metavar="CLIENT", nargs="*", help="the ids of clients")
    sent.add_argument("--all", action="store_true", help="every client with a message today")
    resend = verb("resend", "let messages go again that surely did not arrive")
    resend.add_argument("clients", metavar="CLIENT", nargs="+", help="the ids of clients")
    review = verb(
        "review", "release debts that wait for your review (old ones, refunded ones), so that their reminders go"
    )
    review.add_argument("clients", metavar="CLIENT", nargs="*", help="the ids of clients (default: list what waits)")
    rotate = verb("rotate", "give clients a new page address; the old page goes")
    rotate.add_argument("clients", metavar="CLIENT", nargs="+", help="the ids of clients")


def _note(verb: _Verb) -> None:
    """Commands that keep what was said."""
    log = verb("log", "keep a call and what came of it, an answer, or a note")
    log.add_argument("client", metavar="CLIENT", help="the id of a client")
    words = log.add_mutually_exclusive_group(required=True)
    words.add_argument("--call", metavar="WORDS", help="you telephoned: what was said, or what happened")
    words.add_argument(
        "--answer", metavar="WORDS", help="they answered: what they said; their messages wait until you read it"
    )
    words.add_argument("--note", metavar="WORDS", help="anything else worth keeping, for you alone")
    log.add_argument(
        "--not-reached", action="store_true", help="with --call: nobody answered, so the call does not count"
    )
    promise = verb("promise", "note the day on which a client said they would pay, until which nobody reminds them")
    promise.add_argument("client", metavar="CLIENT", help="the id of a client")
    promise.add_argument("on", metavar="DATE", type=_date, help="the day they named, as 2026-11-27")
    promise.add_argument(
        "amount", metavar="AMOUNT", nargs="?", help="what they will pay, like 450,00 (default: all of it)"
    )
    promise.add_argument(
        "--invoices", metavar="INVOICE", nargs="+", default=[], help="what it is for (default: all that is late)"
    )
    dispute = verb("dispute", "note that a client says an invoice is wrong, or that this is settled")
    dispute.add_argument("client", metavar="CLIENT", help="the id of a client")
    dispute.add_argument("invoice", metavar="INVOICE", help="the invoice's number")
    dispute.add_argument(
        "reason", metavar="REASON", nargs="?", help="what is wrong with it; the client's page shows it"
    )
    dispute.add_argument("--close", action="store_true", help="it is settled: the invoice counts again from that day")
    replies = verb("replies", "read what clients answered, so that their messages wait until you have read it")
    replies.add_argument(
        "files", metavar="FILE", nargs="*", type=Path, help="emails saved as files (default: the mailbox of [imap])"
    )
    answered = verb("answered", "say that you have read what these clients answered, so that their messages go on")
    answered.add_argument("clients", metavar="CLIENT", nargs="*", help="the ids of clients (default: list what waits)")
    history = verb(
        "history", "all that happened between you and a client, with every message, as a mediator would see it"
    )
    history.add_argument("client", metavar="CLIENT", help="the id of a client")
    history.add_argument("--export", metavar="FILE.zip", type=Path, help="write it to this file, the messages with it")


def _agree(verb: _Verb) -> None:
    """What was agreed by phone or in writing."""
    agree = verb("agree", "record a schedule of payments that was agreed by phone or in writing, or that one is off")
    agree.add_argument("client", metavar="CLIENT", help="the id of a client")
    what = agree.add_mutually_exclusive_group(required=True)
    _schedule(what)
    what.add_argument("--offer", metavar="REFERENCE", help="a plan that stands on their page, as it was offered")
    what.add_argument("--end", metavar="REASON", help="their agreement is off: its invoices count as before")
    _dates(agree)
    agree.add_argument(
        "--invoices", metavar="INVOICE", nargs="+", default=[], help="what it is about (default: all that is late)"
    )
    agree.add_argument("--discount", metavar="AMOUNT", help="what is waived once all is paid as agreed, as 60,00")
    agree.add_argument("--currency", metavar="CODE", help="for a client who owes in several, as EUR")
    agree.add_argument("--signed", metavar="DATE", type=_date, help="the day it was agreed (default: today)")
    agree.add_argument("--replaces", metavar="AGREEMENT", help="the agreement whose place it takes")
    agree.add_argument("--override", metavar="REASON", help="why it is not as your policy has it; kept with it")
    agree.add_argument("--dry-run", action="store_true", help="show the schedule; nothing is recorded")


def _offer(verb: _Verb) -> None:
    """What the owner offers to one client."""
    offer = verb(
        "offer",
        "make one offer to one client: less to pay by a day, or a plan; it is on their page with the next build",
    )
    offer.add_argument("client", metavar="CLIENT", help="the id of a client")
    offer.add_argument(
        "--discount",
        metavar="OFF",
        help="so much less, when they pay by then: 5%% or 50,00; with a plan: waived once it is kept",
    )
    offer.add_argument(
        "--voucher",
        action="store_true",
        help="with --discount: off their next invoice, once they have paid all by then",
    )
    _schedule(offer.add_mutually_exclusive_group())
    _dates(offer)
    offer.add_argument(
        "--days", metavar="DAYS", type=_days, help="for so many days, that day included (default: the policy's)"
    )
    offer.add_argument(
        "--invoices", metavar="INVOICE", nargs="+", default=[], help="what it is about (default: all that is late)"
    )
    offer.add_argument("--currency", metavar="CODE", help="for a client who owes in several, as EUR")
    offer.add_argument("--override", metavar="REASON", help="why, when it is not as your policy has it")
    offer.add_argument("--dry-run", action="store_true", help="show what would be offered; nothing is recorded")


def _schedule(what: argparse._MutuallyExclusiveGroup) -> None:
    """The two ways to say a schedule."""
    what.add_argument("--plan", metavar="COUNT", type=_parts, help="so many payments, equal and dated as on the page")
    what.add_argument(
        "--instalment",
        metavar="DATE=AMOUNT",
        action="append",
        help="a payment of its own, as 2026-12-05=300,00; repeat",
    )


def _dates(verb: argparse.ArgumentParser) -> None:
    """What a plan of equal payments may say besides."""
    verb.add_argument(
        "--first", metavar="DATE", type=_date, help="with --plan: the first date (default: by the policy)"
    )
    verb.add_argument(
        "--down", metavar="AMOUNT", help="with --plan: the first payment, the others are equal (default: by the policy)"
    )
    verb.add_argument(
        "--every",
        choices=[word.value for word in Interval],
        help="with --plan: the time between (default: the policy's)",
    )


def _voucher(verb: _Verb) -> None:
    """What a client has off their next invoice."""
    voucher = verb(
        "voucher", "list what a client has off their next invoice, note that it was taken off, or give them some"
    )
    voucher.add_argument("client", metavar="CLIENT", help="the id of a client")
    what = voucher.add_mutually_exclusive_group()
    what.add_argument(
        "--used", metavar="VOUCHER", help="it was taken off an invoice, or a credit note was written for it"
    )
    what.add_argument(
        "--cancel", metavar="VOUCHER", help="it is not to be had any more; the client's page says nothing of it"
    )
    what.add_argument("--give", metavar="AMOUNT", help="give them so much off their next invoice, as 50,00")
    voucher.add_argument("--invoice", metavar="INVOICE", help="with --used: the invoice that it was taken off")
    voucher.add_argument(
        "--days",
        metavar="DAYS",
        type=_days,
        help="with --give: off what is invoiced within so many days (default: the policy's)",
    )
    voucher.add_argument("--note", metavar="WORDS", help="why, for you alone; kept with it")
    voucher.add_argument(
        "--currency", metavar="CODE", help="with --give: for a client who is invoiced in several, as EUR"
    )
    voucher.add_argument("--dry-run", action="store_true", help="show what would be noted; nothing is recorded")


def _waive(verb: _Verb) -> None:
    """Late fees that the owner asks no more for."""
    waive = verb("waive", "ask no more for the late fees claimed from a client, or never claim any on an invoice")
    waive.add_argument("client", metavar="CLIENT", help="the id of a client")
    waive.add_argument("invoices", metavar="INVOICE", nargs="*", help="whose fees (default: all that are claimed)")
    waive.add_argument("--amount", metavar="AMOUNT", help="only so much of those of one invoice, as 20,00")
    waive.add_argument("--reason", metavar="TEXT", help="why, for you alone; kept with it")
    waive.add_argument("--dry-run", action="store_true", help="show what would be waived; nothing is recorded")


def _propose(verb: _Verb) -> None:
    """What clients propose, and the owner's answer."""
    inbox = verb("inbox", "read messages that clients sent from their page: what they propose waits for your answer")
    inbox.add_argument(
        "files",
        metavar="FILE",
        nargs="+",
        type=Path,
        help="emails (.eml), a mailbox (mbox) or copied text; -: type or paste it",
    )
    waiting = verb("proposals", "what clients propose: until when to answer, and what your policy says of it")
    waiting.add_argument("--json", action="store_true", help="for programs")
    name = "the id of a proposal, or of a client who made one"
    accept = verb(
        "accept", "accept a proposal: it becomes an agreement or a promise, and a courteous answer is prepared"
    )
    accept.add_argument("proposal", metavar="PROPOSAL", help=name)
    accept.add_argument(
        "--invoices", metavar="INVOICE", nargs="+", default=[], help="what it is about (default: as its sum says)"
    )
    accept.add_argument("--override", metavar="REASON", help="why, when it is not as your policy has it; kept with it")
    refuse = verb("refuse", "refuse a proposal; a courteous answer that leaves a way open is prepared")
    refuse.add_argument("proposal", metavar="PROPOSAL", help=name)
    refuse.add_argument("--reason", metavar="WORDS", help="why; the client reads it")
    counter = verb("counter", "propose another schedule instead; a courteous answer with it is prepared")
    counter.add_argument("proposal", metavar="PROPOSAL", help=name)
    _schedule(counter.add_mutually_exclusive_group(required=True))
    _dates(counter)
    counter.add_argument(
        "--invoices", metavar="INVOICE", nargs="+", default=[], help="what it is about (default: all that is late)"
    )
    counter.add_argument("--reason", metavar="WORDS", help="why; the client reads it")


def _pay(verb: _Verb) -> None:
    """Commands about payment links."""
    links = verb("links", "payment links: what is to be created, kept and taken down at Stripe")
    links.add_argument("--apply", action="store_true", help="do it (default: print the plan)")
    links.add_argument("--force", action="store_true", help="also when many links would be taken down")
    links.add_argument("--close", action="store_true", help="none is wanted any more: take all of them down")
    match = verb("match", "book the payments of a bank statement that are certain, and list the doubtful ones")
    match.add_argument(
        "statements", metavar="STATEMENT", nargs="+", type=Path, help="what your bank gives: CAMT.053, OFX or CSV"
    )
    match.add_argument("--dry-run", action="store_true", help="say what would be booked; nothing is written")
    match.add_argument(
        "--accept", metavar="FILE", type=Path, help="the list of doubtful ones, as you ticked it: book what it says"
    )
    verb("reconcile", "bring payments, refunds and disputes from Stripe into the ledger")
    verb("doctor", "check the Stripe key and account, the mail server and the mailbox, and say what to do")


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day; write it as 2026-11-22") from error


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of messages; write 1 or more")
    return int(text)


def _parts(text: str) -> int:
    if not text.isdecimal() or not _FEWEST_PARTS <= int(text) <= MOST_PARTS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of payments; write one from 2 to {MOST_PARTS}")
    return int(text)


def _days(text: str) -> int:
    if not text.isdecimal() or int(text) > LONGEST_OFFER_DAYS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of days; write one from 0 to {LONGEST_OFFER_DAYS}")
    return int(text)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > HIGHEST_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port; write a number from 0 to {HIGHEST_PORT}")
    return int(text)


def _version() -> str:
    try:
        return metadata.version("relance")
    except metadata.PackageNotFoundError:
        return "(not installed)"

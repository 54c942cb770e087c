"""What ten thousand emails cost: composed, serialised, and made ready for the mail server.

    python -m bench.messages                    10,000 messages, three rounds
    python -m bench.messages --messages 2000 --rounds 5
    python -m bench.messages --quick            30 messages, one round: does the benchmark itself work?

`ours`     from a client's accounts to the bytes that a mail server is handed
`floor`    the same words with everything that they are told already worked out: two Jinja2 renders of the same
           templates, compiled before, and the standard library's own `MIMEMultipart` (compat32, base64), written once

The accounts are made once; every measurement is a process of its own that starts from them, with empty caches, and the
two take turns. The ratio is what counts, and the run fails when it is above two.
"""

from __future__ import annotations

import argparse
import gc
import json
import multiprocessing
import re
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import default as default_policy
from email.utils import format_datetime, formataddr
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:  # run as a file and not as a module
    sys.path.insert(0, str(ROOT))

from bench.contenders import Watch, forget_everything_drawn  # noqa: E402 - see above
from bench.ledger import TODAY, write_ledger  # noqa: E402
from bench.run import Series  # noqa: E402
from generator.domain.ledger import Channel  # noqa: E402
from generator.messages import MessageTemplates, compose  # noqa: E402
from generator.mime import wire  # noqa: E402
from generator.templates import MessageTemplate  # noqa: E402
from generator.workspace import open_workspace  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from multiprocessing.connection import Connection

    from generator.config import Settings
    from generator.domain.account import Account
    from generator.mime import Envelope, Mailbox
    from generator.templates import Rendered

_MESSAGES, _QUICK = 10_000, 30
_ROUNDS = 3
_CLIENTS_A_MESSAGE = 4.6  #: about one client in four has an email due on the day of the ledger
_SAMPLES = 100
_MOST = 2.0
_MARKS = re.compile("[\ue000-\ue00f]")
_LEAVES = datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Job:
    """One message for both contenders: the accounts for ours; for the floor all that its template and its headers are told."""

    accounts: Sequence[Account]
    template: MessageTemplate
    values: Mapping[str, object]
    words: Rendered
    envelope: Envelope


def jobs_of(folder: Path, messages: int) -> tuple[Settings, list[Job]]:
    """The first emails that are due in a ledger of the benchmark."""
    workspace = open_workspace(write_ledger(folder, int(messages * _CLIENTS_A_MESSAGE) + 20))
    render = MessageTemplate.render
    noted: list[tuple[MessageTemplate, Mapping[str, object], Rendered]] = []

    def noting(template: MessageTemplate, values: Mapping[str, object]) -> Rendered:
        noted.append((template, dict(values), render(template, values)))
        return noted[-1][2]

    templates, jobs = MessageTemplates(workspace.settings), list[Job]()
    with mock.patch.object(MessageTemplate, "render", noting):
        for accounts in workspace.decide(TODAY).by_client():
            due = accounts[0].reminders.due_today
            if due is None or due.channel is not Channel.EMAIL or len(jobs) == messages:
                continue
            message = compose(workspace.settings, accounts, templates)
            if message and message.envelope:
                jobs.append(Job(accounts, *noted[-1], message.envelope))
    if len(jobs) < messages:
        raise ValueError(f"the ledger has {len(jobs)} emails instead of {messages}")
    return workspace.settings, jobs


def ours(settings: Settings, jobs: Sequence[Job]) -> Callable[[Job], bytes]:
    """Composes as a build does, templates compiled on the way, and serialises as `send` does."""
    del jobs
    templates = MessageTemplates(settings)

    def make(job: Job) -> bytes:
        message = compose(settings, job.accounts, templates)
        return wire(message.eml(), date=_LEAVES) if message else b""

    return make


def floor(settings: Settings, jobs: Sequence[Job]) -> Callable[[Job], bytes]:
    """Two renders and the standard library's message, its headers assigned as its documentation shows."""
    del settings, jobs

    def make(job: Job) -> bytes:
        template, words, envelope = job.template, job.words, job.envelope
        text = template._text.render(job.values)  # noqa: SLF001 - two renders, and nothing around them
        html = template._html.render(job.values, subject=words.subject, preview=words.preview)  # noqa: SLF001
        message = MIMEMultipart("alternative")
        message["From"] = _named(envelope.sender)
        message["To"] = ", ".join(_named(mailbox) for mailbox in envelope.to)
        message["Reply-To"] = _named(envelope.reply_to)
        message["Subject"] = words.subject if words.subject.isascii() else Header(words.subject, "utf-8").encode()
        message["Date"] = format_datetime(_LEAVES)
        message["Message-ID"] = f"<{envelope.whole_id}>"
        message["References"] = f"<{envelope.thread}@{envelope.domain}>"
        message["Content-Language"] = envelope.language
        message["Auto-Submitted"] = "auto-generated"
        message.attach(MIMEText(text, "plain", "utf-8"))
        message.attach(MIMEText(html, "html", "utf-8"))
        return message.as_bytes()

    return make


def _named(mailbox: Mailbox) -> str:
    return formataddr((mailbox.name, mailbox.address))


CONTENDERS = {"ours": ours, "floor": floor}


def _measure(name: str, settings: Settings, jobs: Sequence[Job], answer: Connection) -> None:
    forget_everything_drawn()
    gc.freeze()  # what was there before is neither contender's
    every, kept = max(1, len(jobs) // _SAMPLES), []
    watch = Watch()
    make = CONTENDERS[name](settings, jobs)
    for number, job in enumerate(jobs):
        message = make(job)
        if number % every == 0:
            kept.append(message)
    spent = watch.stop()
    answer.send({**spent, "peak_mb": 0, "said": [_words(message) for message in kept]})


def _words(raw: bytes) -> list[str]:
    """What a reader finds in a message, however it is written; the floor leaves the marks of line breaks where they are."""
    message = message_from_bytes(raw, policy=default_policy)
    texts = [_MARKS.sub(" ", part.get_content()) for part in message.walk() if not part.is_multipart()]
    to = [address.addr_spec for address in message["To"].addresses]
    return [" ".join(text.split()) for text in (*to, str(message["Subject"]), *texts)]


def measure(messages: int, rounds: int) -> dict[str, Any]:
    """Both contenders in turns, each time in a process of its own that begins with the same accounts."""
    series = {name: Series() for name in CONTENDERS}
    with tempfile.TemporaryDirectory(prefix="relance-bench-") as scratch:
        settings, jobs = jobs_of(Path(scratch), messages)
    fork = multiprocessing.get_context("fork")
    for turn in range(rounds):
        for name in sorted(CONTENDERS, reverse=bool(turn % 2)):
            here, there = fork.Pipe(duplex=False)
            process = fork.Process(target=_measure, args=(name, settings, jobs, there))
            process.start()
            there.close()
            series[name].add(here.recv())
            process.join()
    return {
        "messages": len(jobs),
        "seconds": {name: round(found.median, 3) for name, found in series.items()},
        "cpu": {name: round(found.median_cpu, 3) for name, found in series.items()},
        "ours_over_floor": series["ours"].over(series["floor"]),
        "same_words": series["ours"].last["said"] == series["floor"].last["said"],
    }


def main() -> int:
    """Measures and prints. 1 when ours costs more than twice the floor, or when the two do not say the same."""
    parser = argparse.ArgumentParser(description="Measures what emails cost.")
    parser.add_argument("--messages", type=int, default=_MESSAGES)
    parser.add_argument("--rounds", type=int, default=_ROUNDS)
    parser.add_argument("--quick", action="store_true", help=f"{_QUICK} messages, one round, whatever the ratio")
    parser.add_argument("--json", type=Path, help="also write the results here")
    options = parser.parse_args()
    found = measure(_QUICK, 1) if options.quick else measure(options.messages, options.rounds)
    clock, processor = found["ours_over_floor"]
    print(f"{found['messages']:,} emails, composed and serialised")
    for name, seconds in found["seconds"].items():
        cpu = found["cpu"][name]
        each = 1000 * cpu / found["messages"]
        print(f"  {name:8} {seconds:9.3f} s  processor {cpu:9.3f} s, {each:7.3f} ms a message")
    print(f"  ours_over_floor      {clock:7.3f}   processor {processor:7.3f}, at most {_MOST}")
    print(f"  the two say the same: {found['same_words']}")
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    return 0 if found["same_words"] and (options.quick or processor <= _MOST) else 1


if __name__ == "__main__":
    sys.exit(main())

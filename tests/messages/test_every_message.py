"""Every message of the demo, and every email template that ships on every invented client, as the strictest reader finds it."""

from __future__ import annotations

import email
import email.policy
import re
from datetime import date
from email.message import EmailMessage
from functools import cache
from typing import TYPE_CHECKING

import pytest

from generator.domain.ledger import Channel
from generator.domain.policy import DEFAULT_LADDER
from generator.messages import Message, MessageTemplates, compose
from generator.resources import bundled
from generator.workspace import open_workspace
from tests.messages.reading import Office
from tests.support.accounts import accounts, item, settings
from tests.support.trials import trials

if TYPE_CHECKING:
    from pathlib import Path

DEMO_DAY = date(2026, 11, 23)
ALWAYS = [
    "From", "To", "Reply-To", "Subject", "Date", "Message-ID", "References", "Content-Language", "Auto-Submitted", "X-Unsent",
    "MIME-Version", "Content-Type",
]  # fmt: skip
SOMETIMES = {"Cc", "In-Reply-To"}
OF_A_PART = ["Content-Type", "Content-Transfer-Encoding"]
MOST_BYTES = 102 * 1024  # what a mail program shows before it cuts
NOT_WORDS = re.compile(r"<style>.*?</style>|https://[^\s\"<)]+", re.DOTALL)
LEFT_OVER = re.compile(
    r"\{\{|\}\}|\{%|%\}|\{#|\b(?:None|nan|NaN|inf|undefined|Undefined|True|False)\b|<built-in|Decimal\(|Money\(|datetime\."
    r"|[\ue000-\uf8ff\ufffd]|<!--j\d| ,|\(\s*\)"
)


@cache
def of_the_demo() -> tuple[Message, ...]:
    """The messages that the demo prepares on its day."""
    workspace = open_workspace(bundled("examples") / "atelier")
    templates = MessageTemplates(workspace.settings)
    clients = workspace.decide(DEMO_DAY).by_client()
    return tuple(message for known in clients if (message := compose(workspace.settings, known, templates)))


def read(message: Message) -> EmailMessage:
    """The email by the strict parser, which raises at the first defect; the bytes within the limits of SMTP and of MIME."""
    raw = message.eml()
    lines = raw.split(b"\r\n")
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    assert max(map(len, lines)) <= 998
    assert max(map(len, raw.partition(b"\r\n\r\n")[2].split(b"\r\n"))) <= 76
    found = email.message_from_bytes(raw, policy=email.policy.strict)
    assert isinstance(found, EmailMessage)
    for part in found.walk():
        assert not part.defects
        assert not [defect for value in part.values() for defect in getattr(value, "defects", ())]
    return found


def sound(message: Message) -> None:
    """All that must hold of an email, whatever it says."""
    found = read(message)
    assert [name for name in found if name not in SOMETIMES] == ALWAYS
    assert len(found.keys()) == len(set(found.keys()))
    words, *files = found.iter_parts() if message.attachments else (found,)
    assert [file.get_filename() for file in files] == [one.name for one in message.attachments]
    assert [file.get_payload(decode=True) for file in files] == [one.content for one in message.attachments]
    assert isinstance(words, EmailMessage)
    plain, html = words.iter_parts()
    for part in (plain, html):
        assert part.keys() == OF_A_PART
        assert part["Content-Transfer-Encoding"] == "quoted-printable"
    assert [plain.get_content_type(), html.get_content_type()] == ["text/plain", "text/html"]
    assert plain.get_content().replace("\r\n", "\n") == message.text
    assert html.get_content().replace("\r\n", "\n").rstrip("\n") == message.html.rstrip("\n")
    assert found["Subject"] == message.subject
    said(message)


def said(message: Message) -> None:
    """No trace of how it was made, in its words or its size."""
    for written in (message.subject, message.text, message.html):
        words = NOT_WORDS.sub("x", written)
        assert not (left := LEFT_OVER.search(words)), words[max(0, left.start() - 80) : left.end() + 20]
    assert len(message.html.encode()) <= MOST_BYTES or message.channel is not Channel.EMAIL


def test_the_messages_of_the_demo_are_sound() -> None:
    emails = [message for message in of_the_demo() if message.channel is Channel.EMAIL]
    assert len(emails) >= 3
    for message in of_the_demo():
        (sound if message.channel is Channel.EMAIL else said)(message)


def test_what_every_template_says_to_every_invented_client_is_sound() -> None:
    made = [(trial.as_it_is, trial.message) for trial in trials() if trial.message is not None]
    kinds = {(message.channel, message.step, message.language) for _, message in made}
    assert kinds >= {(Channel.EMAIL, step.name, language) for step in DEFAULT_LADDER for language in ("fr", "en")}
    for as_it_is, message in made:  # without what the seller may leave out, only the words are others
        (sound if as_it_is and message.channel is Channel.EMAIL else said)(message)


@pytest.mark.parametrize("step", [step.name for step in DEFAULT_LADDER])
def test_four_hundred_invoices_of_many_words_fit_an_email(step: str, tmp_path: Path) -> None:
    many = [
        item(f"F-2026-{number:06}", "10.01", subject=f"{number} intervention « électricité » " * 6, order="C" * 40)
        for number in range(400)
    ]
    sound(Office(settings(tmp_path)).message(accounts(step, *many, channel=Channel.EMAIL)))

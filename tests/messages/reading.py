"""How the tests of messages compose one and read it."""

from __future__ import annotations

import email
import email.policy
import html as html_entities
import re
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING

from generator.domain.policy import FeeMode
from generator.messages import Message, MessageTemplates, compose

if TYPE_CHECKING:
    from email.message import EmailMessage

    from generator.config import Settings
    from generator.domain.account import Account

SUM = re.compile(r"[€£]\s?\d[\d.,]*\d|\d[\d\s.,]*\d\s?(?:€|£GB)")


class Office:
    """Settings and compiled templates, shared by the tests of this file."""

    def __init__(self, owner: Settings) -> None:
        self.settings = owner
        self.templates = MessageTemplates(owner)

    def message(self, due: tuple[Account, ...], *, fees: FeeMode = FeeMode.MENTION) -> Message:
        """The message that is due."""
        found = compose(
            replace(self.settings, policy=replace(self.settings.policy, late_fees=fees)), due, self.templates
        )
        assert found is not None
        return found

    def text(self, due: tuple[Account, ...], *, fees: FeeMode = FeeMode.MENTION) -> str:
        """Its text, on one line with ordinary spaces."""
        return flat(self.message(due, fees=fees).text)


def flat(text: str) -> str:
    """Words with one ordinary space between them."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


def seen(page: str) -> str:
    """What a reader of the HTML sees, cells apart."""
    page = re.sub(r"<head>.*?</head>|<!--.*?-->|<div class=\"preview\".*?</div>", "", page, flags=re.DOTALL)
    return flat(
        html_entities.unescape(
            re.sub(r"</t[dh]>", " ; ", re.sub(r"</?(?!t[dh])[^>]*>", " ", page)).replace("<td", "\n<td")
        )
    )


def sums(text: str) -> set[str]:
    """The amounts in a text."""
    return {re.sub(r"\s", "", found) for found in SUM.findall(text)}


def read(message: Message) -> EmailMessage:
    """The email as a mail program reads it."""
    return email.message_from_bytes(message.eml(), policy=email.policy.default)

"""The part of `relance doctor` about mail: does the server let us in, and can the mailbox of answers be read. Nothing is sent."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from generator.commands import say
from generator.config_delivery import Security
from generator.delivery.mailbox import read_mailbox
from generator.delivery.smtp import Post
from generator.errors import OutsideError
from generator.secrets_file import IMAP_PASSWORD, SMTP_PASSWORD, mail_password

if TYPE_CHECKING:
    from datetime import date

    from generator.config_delivery import ImapSettings, SmtpSettings
    from generator.workspace import Workspace

_HOW = {
    Security.STARTTLS: "encrypted with STARTTLS",
    Security.TLS: "encrypted with TLS",
    Security.NONE: "not encrypted, on this machine",
}


def mail_to_do(workspace: Workspace, today: date) -> list[str]:
    """What must be put right before mail leaves or answers are read; says what is fine."""
    settings = workspace.settings
    found: list[str] = []
    if settings.smtp is not None:
        found += _smtp(workspace, settings.smtp)
    if settings.imap is not None:
        found += _imap(workspace, settings.imap, today)
    return found


def _smtp(workspace: Workspace, smtp: SmtpSettings) -> list[str]:
    password = mail_password(workspace.folder, os.environ, SMTP_PASSWORD) if smtp.user else ""
    if smtp.user and not password:
        return [f"{SMTP_PASSWORD} is not set: write it in the environment, or in .env beside portal.toml"]
    try:
        with Post(smtp, password) as post:
            post.open()
    except OutsideError as error:
        return [f"the mail server {smtp.host}: {error}"]
    login = f", logged in as {smtp.user}" if smtp.user else ""
    say(f"ok      the mail server {smtp.host}:{smtp.port} lets us in ({_HOW[smtp.security]}{login})")
    if smtp.test_to:
        say(f"advice  [smtp] test_to is set: every message goes to {smtp.test_to}, and none to a client")
    return []


def _imap(workspace: Workspace, imap: ImapSettings, today: date) -> list[str]:
    password = mail_password(workspace.folder, os.environ, IMAP_PASSWORD)
    if not password:
        return [f"{IMAP_PASSWORD} is not set: write it in the environment, or in .env beside portal.toml"]
    try:
        read_mailbox(imap, password, today, own=workspace.settings.seller.email)
    except OutsideError as error:
        return [str(error)]
    say(
        f"ok      the mailbox {imap.folder} of {imap.user} at {imap.host}:{imap.port} can be read ({_HOW[imap.security]})"
    )
    return []

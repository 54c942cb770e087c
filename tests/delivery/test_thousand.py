"""Many clients in one run, encrypted and logged in: each gets one mail, and the run is no trouble to the server."""

from __future__ import annotations

import time
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

from generator.config_delivery import Security
from tests.support.effort import SOAK
from tests.support.mailhost import PASSWORD, USER, authority, mailhost
from tests.support.owner import PORTAL, Owner
from tests.support.sandbox import LOOPBACK

if TYPE_CHECKING:
    from email.message import EmailMessage
    from pathlib import Path

    import pytest

pytestmark = LOOPBACK

#: Most of the time goes into composing, one by one, what is sent: a thousand take a minute.
COUNT = 1_000 if SOAK else 60
NAMES = ("Verdier & Fils", "Éditions Roux", 'Atelier "Bleu"', "Oak, Elm; Ash", "Ōkami 🦊", "Clos d'Or")


def folder_of(owner: Owner, port: int) -> None:
    """Each client owes one or two invoices since the end of October; one in three reads English."""
    owner.write(
        "portal.toml",
        f"""{PORTAL}
[smtp]
host = "127.0.0.1"
port = {port}
user = "{USER}"
per_minute = 6000
[reminders]
approve = "none"
""",
    )
    rows = []
    for number in range(COUNT):
        name = NAMES[number % len(NAMES)].replace('"', '""')
        rows.append(
            f'c{number:04d};"{name} {number}";c{number:04d}@client.example;business;{"en" if number % 3 == 0 else "fr"}'
        )
    owner.write("ledger/clients.csv", "\n".join(["id;name;email;kind;language", *rows, ""]))
    rows = [f"F-{number:04d};c{number:04d};2026-09-30;2026-10-30;{100 + number}.00" for number in range(COUNT)]
    rows += [f"G-{number:04d};c{number:04d};2026-10-01;2026-10-31;50.00" for number in range(0, COUNT, 5)]
    owner.write("ledger/invoices.csv", "\n".join(["number;client;issued;due;total", *rows, ""]))


def read(content: bytes) -> EmailMessage:
    """As strictly as Python can."""
    message = message_from_bytes(content, policy=policy.strict)
    for part in message.walk():
        assert not part.defects
        if not part.is_multipart():
            assert part.get_content()
            assert not part.defects
    return message


def test_all_of_them_arrive_once_over_one_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    owner = Owner(tmp_path / "sable", capsys)
    with mailhost(tmp_path / "box", security=Security.STARTTLS, login=True) as host:
        folder_of(owner, host.port)
        authority().cert_pem.write_to_path(str(tmp_path / "authority.pem"))
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
        monkeypatch.setenv("SMTP_PASSWORD", PASSWORD)
        assert owner.run("build") == 0, owner.complained
        begun = time.monotonic()
        assert owner.run("send", "--offline-pages") == 0, owner.complained
        seconds = time.monotonic() - begun
        everybody = [f"c{number:04d}@client.example" for number in range(COUNT)]
        assert [mail.recipients for mail in host.taken] == [[address] for address in everybody]
        assert host.connections == 1
        assert host.logins == [(USER, PASSWORD)]
        messages = [read(mail.content) for mail in host.taken]
        assert [message["To"].addresses[0].addr_spec for message in messages] == everybody
        assert len({str(message["Message-ID"]) for message in messages}) == COUNT
        assert {str(message["Content-Language"]) for message in messages} == {"fr", "en"}
        for verbs in (["send"], ["build", "send"]):
            for verb in verbs:
                assert owner.run(verb, *(["--offline-pages"] if verb == "send" else [])) == 0
            assert "No message is due today" in owner.said
            assert host.connections == 1
    if SOAK:
        with capsys.disabled():
            print(f"\n{COUNT} messages sent in {seconds:.0f} s")  # noqa: T201 - the time is quoted

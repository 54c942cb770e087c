"""What goes wrong when messages are sent, as the whole command meets it; each test has the number of its check.

The oracle is what a mail server took. Its protocol, mail as bytes, the ladder and the matching of answers have tests of their own.
"""

from __future__ import annotations

import os
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from datetime import date as day
from datetime import time as hour
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.utils import parseaddr
from io import StringIO
from typing import TYPE_CHECKING, Any

import idna
import pytest

from generator.cli import main
from generator.config_delivery import Security
from generator.delivery.repository import Repository
from generator.delivery.smtp import Post
from generator.domain.delivery import State
from generator.journal import JournalRun
from generator.workspace import open_workspace
from tests.delivery.test_reading import report
from tests.support.effort import SOAK
from tests.support.mailhost import PASSWORD, USER, Fault, Mailhost, Taken, Trouble, authority, mailhost
from tests.support.mortal import Mortal, mortal
from tests.support.owner import CLIENTS, INVOICES, PORTAL, Owner, new_owner
from tests.support.remote import cloned, pushed
from tests.support.sandbox import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from email.message import EmailMessage
    from pathlib import Path

    from generator.domain.delivery import Attempt, SendIntended

pytestmark = LOOPBACK

VERDIER, KITE = "compta@verdier.example", "accounts@kite.example"
MONDAY, TUESDAY, WEDNESDAY = "2026-11-16", "2026-11-17", "2026-11-18"
#: A reminder each fortnight, so that a few days of a month show several.
LADDER = """
[[reminders.steps]]
name = "reminder-1"
days = 7
[[reminders.steps]]
name = "reminder-2"
days = 14
[[reminders.steps]]
name = "reminder-3"
days = 30
"""


NOBODY: Any = None  #: listens to an owner through whom nothing is run


def portal(port: int, *, reminders: str = 'approve = "none"', smtp: str = "", security: str = "none") -> str:
    return f"""{PORTAL}
[smtp]
host = "127.0.0.1"
port = {port}
security = "{security}"
retry_after_seconds = 0
per_minute = 6000
timeout_seconds = 1
{smtp}
[reminders]
{reminders}
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailhost]:
    with mailhost(tmp_path_factory.mktemp("box")) as running:
        yield running


@pytest.fixture(scope="module")
def model(server: Mailhost, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that was built this morning, to be copied."""
    folder = tmp_path_factory.mktemp("model") / "sable"
    new_owner(folder, NOBODY).write("portal.toml", portal(server.port))
    quietly(folder, "build")
    return folder


def quietly(folder: Path, verb: str, *options: str, date: str = MONDAY) -> None:
    """Runs `relance …` where no test looks on."""
    now = datetime.combine(day.fromisoformat(date), hour(12), UTC)
    with redirect_stdout(StringIO()) as said, redirect_stderr(StringIO()) as wrong:
        status = main([verb, "--folder", str(folder), "--date", date, *options], now=now)
    assert status == 0, said.getvalue() + wrong.getvalue()


@pytest.fixture(scope="module")
def machines() -> Iterator[list[Mortal]]:
    """Two other processes in which relance runs."""
    with mortal() as first, mortal() as second:
        yield [first, second]


@pytest.fixture
def host(server: Mailhost, tmp_path: Path) -> Mailhost:
    """The server, which has forgotten everything."""
    server.box = tmp_path / "box"
    server.box.mkdir()
    server.troubles.clear()
    server._struck.clear()
    server.attempts = server.connections = 0
    return server


@pytest.fixture
def owner(model: Path, host: Mailhost, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Owner:
    """Two clients late enough for a first reminder; the folder was built this morning."""
    del host
    shutil.copytree(model, tmp_path / "sable")
    return Owner(tmp_path / "sable", capsys)


@pytest.fixture
def ladder(owner: Owner, host: Mailhost) -> Owner:
    """The same with three steps, all of them emails."""
    owner.write("portal.toml", portal(host.port, reminders=f'approve = "none"\n{LADDER}'))
    return owner


def send(owner: Owner, *options: str, date: str = MONDAY) -> int:
    status = owner.run("send", "--offline-pages", *options, date=date)
    assert "Traceback" not in owner.complained, owner.complained
    return status


def build_and_send(owner: Owner, *options: str, date: str = MONDAY) -> int:
    assert owner.run("build", date=date) == 0, owner.complained
    return send(owner, *options, date=date)


def addressees(host: Mailhost) -> list[str]:
    return sorted(address for mail in host.taken for address in mail.recipients)


def read(mail: Taken) -> EmailMessage:
    """As strictly as Python can."""
    message = message_from_bytes(mail.content, policy=policy.strict)
    for part in message.walk():
        assert not part.defects
    return message


def body(mail: Taken, kind: str) -> str:
    part = read(mail).get_body((kind,))
    assert part is not None
    return str(part.get_content())


def attempts(owner: Owner, client: str = "verdier") -> tuple[Attempt, ...]:
    return open_workspace(owner.folder).memory.get(client).deliveries.attempts


def held(owner: Owner, client: str = "verdier", date: str = MONDAY) -> str | None:
    found = owner.show(client, date=date)[0]["reminders"]["held"]
    return None if found is None else str(found)


def steps_sent(owner: Owner, client: str = "verdier", date: str = MONDAY) -> list[str]:
    return [message["step"] for message in owner.show(client, date=date)[0]["reminders"]["sent"]]


# 23: once, whoever asks and however often


def test_23_the_same_day_many_times(owner: Owner, host: Mailhost) -> None:
    for number in range(100 if SOAK else 8):
        assert (build_and_send if number % 3 == 2 else send)(owner) == 0
    assert addressees(host) == [KITE, VERDIER]


def test_23_two_processes_at_once_in_one_folder(owner: Owner, host: Mailhost, machines: list[Mortal]) -> None:
    host.troubles.append(Trouble(Fault.SLOW))
    ends = _together(machines, [owner.folder] * 2)
    assert sorted(end.status for end in ends) == [0, 3]
    assert any("another run of relance is at work" in end.complained for end in ends)
    assert addressees(host) == [KITE, VERDIER]


def test_23_two_machines_at_once_with_one_repository(
    owner: Owner, host: Mailhost, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The other one decides before ours has pushed, and pushes before ours does."""
    _git_alone(monkeypatch, tmp_path)
    remote = pushed(owner.folder)
    other = Owner(cloned(remote, "other"), owner.capsys)
    shutil.copytree(owner.folder / "report" / ".templates", other.folder / "report" / ".templates")
    assert other.run("build") == 0
    record, statuses = Repository.record, []

    def overtaken(repository: Repository, *paths: Any, **how: Any) -> None:
        monkeypatch.setattr(Repository, "record", record)
        statuses.append(send(other, "--push"))
        record(repository, *paths, **how)

    monkeypatch.setattr(Repository, "record", overtaken)
    assert send(owner, "--push") == 3
    assert statuses == [0]
    assert addressees(host) == [KITE, VERDIER]
    for where in (owner, Owner(cloned(remote, "third"), owner.capsys)):
        assert build_and_send(where, "--push") == 0
        assert sorted(attempt.state for attempt in attempts(where)) == [State.NOT_SENT, State.SENT]
    assert addressees(host) == [KITE, VERDIER]


def test_23_two_machines_at_once_as_it_happens(
    owner: Owner, host: Mailhost, machines: list[Mortal], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _git_alone(monkeypatch, tmp_path)
    remote = pushed(owner.folder)
    host.troubles.append(Trouble(Fault.SLOW))
    for round_ in range(10 if SOAK else 2):
        folders = [cloned(remote, f"machine-{round_}-{number}") for number in range(2)]
        for folder in folders:
            for name in ("outbox", "output", "report"):
                shutil.copytree(owner.folder / name, folder / name)
        ends = _together(machines, folders, "--push")
        assert {end.status for end in ends} <= {0, 3}
    assert addressees(host) == [KITE, VERDIER]


def test_23_by_hand_and_by_itself(owner: Owner, host: Mailhost) -> None:
    assert owner.run("sent", "verdier") == 0
    assert send(owner) == 0
    assert addressees(host) == [KITE]
    assert owner.run("sent", "kite") == 2, "it has left, and nothing more is due"
    assert build_and_send(owner) == 0
    assert addressees(host) == [KITE]


def test_23_days_that_were_missed_bring_one_message_and_the_next_step_in_its_turn(
    ladder: Owner, host: Mailhost
) -> None:
    for date in (MONDAY, TUESDAY, WEDNESDAY, "2026-11-20", "2026-11-23", "2026-11-24"):
        assert build_and_send(ladder, date=date) == 0
    assert steps_sent(ladder, date="2026-11-24") == ["reminder-1", "reminder-2"]
    assert addressees(host).count(VERDIER) == 2


def _together(machines: Sequence[Mortal], folders: Sequence[Path], *options: str) -> list[Any]:
    """`send` in several processes at the same time."""

    def one(machine: Mortal, folder: Path) -> Any:
        where = ("--folder", str(folder), "--date", MONDAY, "--offline-pages", *options)
        return machine.run("send", *where, now=datetime(2026, 11, 16, 12, tzinfo=UTC))

    with ThreadPoolExecutor(len(machines)) as pool:
        return list(pool.map(one, machines, folders))


def _git_alone(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """git without the settings of the machine."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


# 24: whom nobody writes to


def test_24_who_owes_nothing_that_may_be_asked_for_is_not_written_to(owner: Owner, host: Mailhost) -> None:
    states = ("draft", "void", "written_off", "litigation", "factored")
    rows = [f"{name};{name};{name}@client.example;" for name in (*states, "disputed")]
    rows.append("hold;hold;hold@client.example;2026-11-17")
    owner.write("ledger/clients.csv", "\n".join(["id;name;email;hold_until", *rows, ""]))
    start_anew(owner)
    rows = [f"X-{name};{name};2026-09-30;2026-10-30;100.00;{name};" for name in states]
    rows += ["X-1;disputed;2026-09-30;2026-10-30;100.00;;2026-11-02", "X-2;hold;2026-09-30;2026-10-30;100.00;;"]
    owner.write("ledger/invoices.csv", "\n".join(["number;client;issued;due;total;status;disputed_on", *rows, ""]))
    for date in (MONDAY, TUESDAY, WEDNESDAY):
        assert build_and_send(owner, date=date) == 0, owner.complained
        assert addressees(host) == (["hold@client.example"] if date == WEDNESDAY else [])


# 25: nothing is said again because the ledger was written anew


def test_25_a_due_date_that_moves_after_a_step_repeats_none(ladder: Owner, host: Mailhost) -> None:
    build_and_send(ladder)
    ladder.write("ledger/invoices.csv", INVOICES.replace("30/10/2026", "12/11/2026"))
    for date in ("2026-11-19", "2026-11-23", "2026-11-26"):
        assert build_and_send(ladder, date=date) == 0
    assert steps_sent(ladder, date="2026-11-26") == ["reminder-1", "reminder-2"]
    assert addressees(host).count(VERDIER) == 2


def test_25_an_invoice_that_is_renumbered_and_a_client_who_is_renamed(owner: Owner, host: Mailhost) -> None:
    assert send(owner) == 0
    owner.write("ledger/invoices.csv", INVOICES.replace("F-2026-118", "2026/0118"))
    owner.write("ledger/clients.csv", CLIENTS.replace("Éditions Verdier-Roux", "Verdier & Fils"))
    for date in (MONDAY, TUESDAY, "2026-11-19"):
        assert build_and_send(owner, date=date) == 0
    assert addressees(host) == [KITE, VERDIER]


def test_25_an_invoice_that_is_renumbered_between_build_and_send_is_not_asked_for_under_its_old_number(
    owner: Owner, host: Mailhost
) -> None:
    owner.write("ledger/invoices.csv", INVOICES.replace("F-2026-118", "2026/0118"))
    assert send(owner) == 1
    assert host.attempts == 0


def test_25_the_clock_goes_back_a_day(owner: Owner, host: Mailhost) -> None:
    assert build_and_send(owner, date=TUESDAY) == 0
    assert build_and_send(owner, date=MONDAY) == 0
    assert addressees(host) == [KITE, VERDIER]


def test_25_the_clock_goes_back_a_day_and_what_is_uncertain_stays_so(owner: Owner, host: Mailhost) -> None:
    host.troubles.append(Trouble(Fault.LOST, address=VERDIER, first=1))
    assert build_and_send(owner, date=TUESDAY) == 3
    assert build_and_send(owner, date=MONDAY) == 3, "nobody has said yet whether it left"
    assert held(owner) == "uncertain"
    assert addressees(host) == [KITE, VERDIER]


@pytest.mark.parametrize("days", [3, 10, 16])
def test_25_a_new_step_is_no_burst_over_old_invoices(ladder: Owner, host: Mailhost, days: int) -> None:
    build_and_send(ladder)
    new = f'[[reminders.steps]]\nname = "word"\ndays = {days}\n'
    written = sorted(
        [*re.findall(r"\[\[[^\[]+(?=\[\[|$)", LADDER), new], key=lambda step: int(step.split("days = ")[1])
    )
    ladder.write("portal.toml", portal(host.port, reminders=f'approve = "none"\n{"".join(written)}'))
    for date in (MONDAY, TUESDAY, WEDNESDAY, "2026-11-19", "2026-11-20"):
        assert build_and_send(ladder, date=date) == 0, ladder.complained
    assert addressees(host) == [KITE, VERDIER]


# 26: one bad client among many


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("ledger/clients.csv", KITE, "accounts(at)kite.example"),
        ("ledger/invoices.csv", "800,00", "8oo,00"),
        ("ledger/invoices.csv", ";kite;", ";kyte;"),
    ],
)
def test_26_an_error_of_the_ledger_stops_everything(
    owner: Owner, host: Mailhost, name: str, old: str, new: str
) -> None:
    text = (owner.folder / name).read_text("utf-8")
    owner.write(name, text.replace(old, new))
    assert send(owner) == 1
    assert f"{name}:" in owner.complained
    assert host.attempts == 0


@pytest.mark.parametrize("fault", [Fault.GONE, Fault.SPAM, Fault.GREY, Fault.BUSY, Fault.LOST, Fault.CUT_BEFORE_DOT])
def test_26_an_error_of_delivery_keeps_nobody_else_waiting(owner: Owner, host: Mailhost, fault: Fault) -> None:
    host.troubles.append(Trouble(fault, address=VERDIER))
    assert send(owner) == 3
    assert KITE in addressees(host)
    assert "verdier" in owner.said
    assert "sent          kite" in owner.said


# 27: whatever the server does


@pytest.mark.parametrize("fault", [Fault.LOST, Fault.STALL, Fault.NONSENSE, Fault.CUT_AFTER_DOT])
def test_27_what_may_have_been_taken_is_uncertain_and_never_repeated(
    owner: Owner, host: Mailhost, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("generator.delivery.smtp._PATIENCE", 0.5)
    host.troubles.append(Trouble(fault, address=VERDIER, first=1))
    assert send(owner) == 3
    before = addressees(host)
    host.troubles.clear()
    for date in (MONDAY, TUESDAY, "2026-11-30"):
        assert build_and_send(owner, date=date) == 3
        assert "verdier: reminder-1 of 2026-11-16 to compta@verdier.example may have left, or not." in owner.said
        assert [address for address in addressees(host) if address == VERDIER] == [a for a in before if a == VERDIER]
    assert [attempt.state for attempt in attempts(owner)] == [State.UNCERTAIN]


@pytest.mark.parametrize("fault", [Fault.GREY, Fault.BUSY, Fault.FULL])
def test_27_not_now_is_asked_a_few_times_and_goes_another_day(owner: Owner, host: Mailhost, fault: Fault) -> None:
    host.troubles.append(Trouble(fault, address=VERDIER))
    assert send(owner) == 3
    tried = host.attempts
    assert 2 <= tried <= 4, "three times at most, and once for the other client"
    assert "not yet       verdier" in owner.said
    host.troubles.clear()
    assert build_and_send(owner, date=TUESDAY) == 0
    assert addressees(host) == [KITE, VERDIER]
    assert steps_sent(owner, date=TUESDAY) == ["reminder-1"]


@pytest.mark.parametrize("fault", [Fault.GONE, Fault.SPAM])
def test_27_never_is_never_asked_again_and_told(owner: Owner, host: Mailhost, fault: Fault) -> None:
    host.troubles.append(Trouble(fault, address=VERDIER))
    assert send(owner) == 3
    assert f"refused       verdier: reminder-1 to {VERDIER}" in owner.said
    assert host.attempts == 2
    host.troubles.clear()
    for date in (MONDAY, TUESDAY, "2026-12-14"):
        build_and_send(owner, "--only", "verdier", date=date)
    assert addressees(host) == [KITE]
    assert held(owner, date=TUESDAY) == "unreachable"


def test_27_never_is_never_in_other_letters_too(owner: Owner, host: Mailhost) -> None:
    owner.write("ledger/clients.csv", CLIENTS.replace(VERDIER, "Compta@Éditions-Verdier.example"))
    address = "Compta@xn--ditions-verdier-9mb.example"
    host.troubles.append(Trouble(Fault.GONE, address=address))
    assert build_and_send(owner) == 3
    assert host.attempts == 2
    build_and_send(owner, "--only", "verdier", date=TUESDAY)
    assert host.attempts == 2
    assert held(owner, date=TUESDAY) == "unreachable"


MANY = 12


def many(owner: Owner, count: int = MANY) -> list[str]:
    """So many clients, each with one late invoice; their addresses."""
    names = [f"c{number:04d}" for number in range(count)]
    rows = [f"{name};Client {name};{name}@client.example" for name in names]
    owner.write("ledger/clients.csv", "\n".join(["id;name;email", *rows, ""]))
    rows = [f"F-{name};{name};2026-09-30;2026-10-30;100.00" for name in names]
    owner.write("ledger/invoices.csv", "\n".join(["number;client;issued;due;total", *rows, ""]))
    start_anew(owner)
    return [f"{name}@client.example" for name in names]


def start_anew(owner: Owner) -> None:
    """Forgets the clients who were there before."""
    owner.write("ledger/payments.csv", "date;client;amount\n")
    for name in ("journal", "output"):
        shutil.rmtree(owner.folder / name)


def test_27_a_server_that_has_had_enough_is_left_alone_and_asked_another_time(owner: Owner, host: Mailhost) -> None:
    everybody = many(owner)
    host.troubles.append(Trouble(Fault.RATE))
    assert build_and_send(owner) == 3
    assert host.attempts <= 3, "once in each round"
    host.troubles.clear()
    assert send(owner) == 0
    assert addressees(host) == everybody


def test_27_a_limit_in_the_middle_of_the_day_keeps_the_others_for_later(owner: Owner, host: Mailhost) -> None:
    everybody = many(owner)
    assert owner.run("build") == 0
    host.troubles += [Trouble(Fault.RATE, attempt=number) for number in (5, 6, 7)]
    assert send(owner) == 3
    assert host.attempts == 7, "one for each round that is cut short"
    assert addressees(host) == everybody[:4]
    assert owner.said.count("not yet ") == MANY - 4
    assert send(owner) == 0
    assert addressees(host) == everybody


def secure(owner: Owner, host: Mailhost, monkeypatch: pytest.MonkeyPatch, *, password: str = PASSWORD) -> None:
    """The folder sends through this server, logged in, and believes the tests' authority as any owner's machine would."""
    owner.write("portal.toml", portal(host.port, smtp=f'user = "{USER}"', security=host.security))
    pem = owner.folder.parent / "authority.pem"
    authority().cert_pem.write_to_path(str(pem))
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    monkeypatch.setenv("SMTP_PASSWORD", password)


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_27_encrypted_and_logged_in(
    owner: Owner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, security: Security
) -> None:
    with mailhost(tmp_path / "safe", security=security, login=True) as host:
        secure(owner, host, monkeypatch)
        assert send(owner) == 0, owner.complained
        assert addressees(host) == [KITE, VERDIER]
        assert host.logins == [(USER, PASSWORD)]


def test_27_a_wrong_password_is_tried_once_and_written_nowhere(
    owner: Owner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = "N0t-the-password!"
    with mailhost(tmp_path / "safe", security=Security.STARTTLS, login=True) as host:
        secure(owner, host, monkeypatch, password=wrong)
        assert send(owner) == 3
        assert host.logins == [(USER, wrong)]
        assert host.attempts == 0
    assert "password" in owner.complained
    assert wrong not in f"{owner.said}{owner.complained}{caplog.text}"
    assert not any(wrong.encode() in content for content in owner.files().values())
    assert attempts(owner) == ()


def test_27_no_password_at_all(owner: Owner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with mailhost(tmp_path / "safe", security=Security.STARTTLS, login=True) as host:
        secure(owner, host, monkeypatch, password="")
        assert send(owner) == 2
        assert "SMTP_PASSWORD" in owner.complained
        assert host.logins == []


@pytest.mark.parametrize("fault", [Fault.NO_STARTTLS, Fault.BAD_CERTIFICATE, Fault.WRONG_HOST])
def test_27_a_server_that_is_not_known_for_sure_is_told_nothing(
    owner: Owner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fault: Fault
) -> None:
    with mailhost(tmp_path / "safe", Trouble(fault), security=Security.STARTTLS, login=True) as host:
        secure(owner, host, monkeypatch)
        assert send(owner) == 3
        assert (host.logins, host.attempts) == ([], 0)
    assert "nothing was sent" in owner.complained.lower()
    assert attempts(owner) == ()


def test_27_a_slow_server_is_waited_for(owner: Owner, host: Mailhost) -> None:
    host.troubles.append(Trouble(Fault.SLOW))
    assert send(owner) == 0
    assert addressees(host) == [KITE, VERDIER]


BOSS = "direction@verdier.example"
THIRD, FOURTH = "2026-12-01", "2026-12-15"
COPIED = f"""approve = "none"
{LADDER.replace("days = 30", "days = 30{}copy = true").format(chr(10))}
[[reminders.steps]]
name = "reminder-4"
days = 45
copy = true
"""


@pytest.fixture(scope="module")
def reminded(model: Path, server: Mailhost, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Verdier was written to twice; the third reminder, built and not sent, reaches a second person, who approves what is paid."""
    place = tmp_path_factory.mktemp("reminded")
    shutil.copytree(model, place / "sable")
    owner = Owner(place / "sable", NOBODY)
    people = f"client;name;role;email\nverdier;Anne Verdier;pays;{VERDIER}\nverdier;Paul Roux;approves;{BOSS}\n"
    owner.write("ledger/contacts.csv", people)
    owner.write("portal.toml", portal(server.port, reminders=COPIED))
    server.box = place / "box"
    server.box.mkdir()
    server.troubles.clear()
    for date, *verbs in ((MONDAY, "build", "send"), ("2026-11-23", "build", "send"), (THIRD, "build")):
        for verb in verbs:
            options = ["--offline-pages", "--only", "verdier"] if verb == "send" else []
            quietly(owner.folder, verb, *options, date=date)
    return place


@pytest.fixture
def copied(reminded: Path, host: Mailhost, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Owner:
    shutil.copytree(reminded / "sable", tmp_path / "sable")
    shutil.copytree(reminded / "box", host.box, dirs_exist_ok=True)
    assert [mail.recipients for mail in host.taken] == [[VERDIER]] * 2
    return Owner(tmp_path / "sable", capsys)


def test_27_one_of_two_addresses_is_refused_and_never_asked_again(copied: Owner, host: Mailhost) -> None:
    host.troubles.append(Trouble(Fault.GONE, address=BOSS))
    assert send(copied, "--only", "verdier", date=THIRD) == 0, copied.said
    assert host.taken[-1].recipients == [VERDIER]
    assert len(host.taken) == 3
    assert f"address gone  verdier: {BOSS}" in copied.said
    host.troubles.clear()
    assert build_and_send(copied, "--only", "verdier", date=FOURTH) == 0
    assert [mail.recipients for mail in host.taken[3:]] == [[VERDIER]]


def test_27_who_cannot_take_a_copy_is_told_to_the_owner(copied: Owner, host: Mailhost) -> None:
    host.troubles.append(Trouble(Fault.FULL, address=BOSS))
    send(copied, "--only", "verdier", date=THIRD)
    assert [mail.recipients for mail in host.taken[2:]] == [[VERDIER]]
    assert re.search(rf"^(?!sent ).*{BOSS}", copied.said, re.MULTILINE), "the copy did not leave, and somebody is told"
    assert not re.search(rf"^sent .*{BOSS}", copied.said, re.MULTILINE)


def test_27_a_run_that_is_interrupted_knows_what_it_had_not_tried(
    owner: Owner, host: Mailhost, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_over = Post.send

    def interrupted(post: Post, *letter: Any) -> None:
        hand_over(post, *letter)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Post, "send", interrupted)
        assert send(owner) == 130
    assert [attempt.state for attempt in attempts(owner)] == [State.UNCERTAIN]
    assert build_and_send(owner) == 3
    assert "verdier: reminder-1 of 2026-11-16 to compta@verdier.example may have left, or not." in owner.said
    assert addressees(host) == [KITE, VERDIER]


def test_27_what_is_uncertain_of_a_client_who_left_the_ledger_is_still_told(owner: Owner, host: Mailhost) -> None:
    host.troubles.append(Trouble(Fault.LOST, address=VERDIER, first=1))
    send(owner)
    for name in ("clients", "invoices"):
        lines = (owner.folder / f"ledger/{name}.csv").read_text("utf-8").splitlines()
        owner.write(f"ledger/{name}.csv", "\n".join([*(line for line in lines if "verdier" not in line), ""]))
    assert build_and_send(owner) == 0
    assert '"verdier" was written to, and is not in the ledger any more' in owner.complained


# 28: without the journal nothing is done


def journal_file(owner: Owner) -> Path:
    return next(iter(sorted(owner.folder.glob("journal/*/*.jsonl"))))


def test_28_a_journal_that_is_corrupt_sends_nothing(owner: Owner, host: Mailhost) -> None:
    path = journal_file(owner)
    path.write_bytes(b"\0\xff half a line\n" + path.read_bytes())
    assert send(owner) == 1
    assert "journal-unreadable" in owner.complained
    assert host.attempts == 0


def test_28_a_journal_that_is_gone_sends_nothing(owner: Owner, host: Mailhost) -> None:
    shutil.rmtree(owner.folder / "journal")
    assert send(owner) == 1
    assert "journal-lost" in owner.complained
    assert host.attempts == 0


def test_28_a_line_of_a_later_version_sends_nothing(owner: Owner, host: Mailhost) -> None:
    path = owner.folder / "journal" / "2026-11" / "20261117T060000Z-00000009.jsonl"
    path.write_text('{"event":"carrier-pigeon","client":"verdier"}\n', encoding="utf-8")
    assert send(owner) == 1
    assert "journal-newer" in owner.complained
    assert host.attempts == 0


def test_28_a_last_line_cut_at_any_byte_is_left_out(owner: Owner, host: Mailhost) -> None:
    """What it announced had not left: nothing leaves before its line is whole on the disk."""
    owner.write("portal_templates/emails/fr/reminder-1.md", _ACCENTED)
    host.troubles.append(Trouble(Fault.GREY))
    assert build_and_send(owner, "--only", "verdier") == 3
    path, content = next(
        (path, path.read_bytes()) for path in owner.folder.glob("journal/*/*.jsonl") if b'"intent"' in path.read_bytes()
    )
    line = next(line for line in content.splitlines(keepends=True) if b'"intent"' in line)
    assert not line.isascii(), "or this shows less than it should"
    places = range(len(line)) if SOAK else [1, len(line) - 1, *(at for at, byte in enumerate(line) if byte > 127)]
    for at in places:
        path.write_bytes(line[:at])
        assert owner.run("send", "--dry-run", "--offline-pages", "--only", "verdier") == 0, (at, owner.complained)
        assert "would leave   verdier" in owner.said or "may have left" in owner.said
    host.troubles.clear()
    path.write_bytes(line[: line.index("é".encode()) + 1])
    assert send(owner, "--only", "verdier") == 0
    assert addressees(host) == [VERDIER]


_ACCENTED = """Subject: Une échéance passée : {{ numbers | listing }}

Bonjour, il reste {{ sums | map('money') | listing }} à régler pour {{ numbers | listing }} : {{ page }}

{{ seller.name }}
"""


@pytest.mark.parametrize("where", ["journal/2026-11/messages", "journal/2026-12"])
def test_28_a_journal_that_cannot_be_written_sends_nothing(owner: Owner, host: Mailhost, where: str) -> None:
    date = "2026-12-01" if where.endswith("12") else MONDAY
    assert owner.run("build", date=date) == 0
    shutil.rmtree(owner.folder / where, ignore_errors=True)
    owner.write(where, "a file where a folder should be\n")
    assert send(owner, date=date) == 3
    assert addressees(host) == []
    assert "journal" in owner.complained or "kept" in owner.complained


@pytest.mark.parametrize("refusal", ["write", "fsync"])
@pytest.mark.parametrize("nth", range(1, 5))
def test_28_a_disk_that_is_full_at_any_line(
    owner: Owner, host: Mailhost, monkeypatch: pytest.MonkeyPatch, nth: int, refusal: str
) -> None:
    """The lines of a run are an intent and a result for each message. What left is sent or uncertain, and so it is told."""
    left, write, opened = nth, JournalRun.write, JournalRun._open

    def full(run: JournalRun, events: Any) -> None:
        nonlocal left
        left -= 1
        if left:
            write(run, events)
            return
        with monkeypatch.context() as patch:
            if refusal == "fsync":
                patch.setattr("generator.journal.os.fsync", _no_room)
            elif run._file is None:
                patch.setattr(JournalRun, "_open", lambda run: _FullFile(opened(run)))
            else:
                patch.setattr(run, "_file", _FullFile(run._file))
            write(run, events)

    with monkeypatch.context() as patch:
        patch.setattr(JournalRun, "write", full)
        assert send(owner) == 3
    assert "No space left on device" in owner.complained
    assert addressees(host) == sorted([VERDIER, KITE][: nth // 2])
    for client, address in (("verdier", VERDIER), ("kite", KITE)):
        known = [attempt.state for attempt in attempts(owner, client)]
        assert known != [] or address not in addressees(host)
        word = {State.SENT: "sent", State.UNCERTAIN: "uncertain"}.get(known[0] if known else State.NOT_SENT, "not yet")
        assert re.search(rf"^{word} +{client}:", owner.said, re.MULTILINE), (word, owner.said)
    uncertain = [
        name for name in ("verdier", "kite") if any(one.state is State.UNCERTAIN for one in attempts(owner, name))
    ]
    assert len(uncertain) <= 1
    assert build_and_send(owner) == (3 if uncertain else 0)
    assert sorted({*addressees(host), *({"verdier": VERDIER, "kite": KITE}[name] for name in uncertain)}) == [
        KITE,
        VERDIER,
    ]
    assert len(host.taken) == len({tuple(mail.recipients) for mail in host.taken}), "twice"


class _FullFile:
    """A file on a full disk."""

    def __init__(self, file: object) -> None:
        self._file = file

    def write(self, _: object) -> int:
        _no_room()
        return 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def _no_room(_: int = 0) -> None:
    raise OSError(28, "No space left on device")


def test_28_a_disk_that_really_is_full(owner: Owner, host: Mailhost, machines: list[Mortal]) -> None:
    """No file may grow over a limit, so a line of the journal is cut wherever it stands; what left by then is on record."""
    names = [address[:5] for address in many(owner, 8)]
    rows = [f"F-{name}-{number:03d};{name};2026-09-30;2026-10-30;1.00" for name in names for number in range(100)]
    owner.write("ledger/invoices.csv", "\n".join(["number;client;issued;due;total", *rows, ""]))
    assert owner.run("build") == 0
    largest = max(len(content) for name, content in owner.files().items() if name.endswith(".eml")) + 500
    where = ("--folder", str(owner.folder), "--date", MONDAY, "--offline-pages")
    end = machines[0].run("send", *where, now=datetime(2026, 11, 16, 12, tzinfo=UTC), largest=largest)
    assert end.status == 3, end.complained
    assert "the journal cannot be written" in end.complained
    left = [mail.recipients[0][:5] for mail in host.taken]
    assert 0 < len(left) < len(names)
    memory = open_workspace(owner.folder).memory
    states = {name: [attempt.state for attempt in memory.get(name).deliveries.attempts] for name in names}
    doubtful = [name for name, known in states.items() if known == [State.UNCERTAIN]]
    assert {name for name, known in states.items() if known} == {*left, *doubtful}
    assert len(doubtful) <= 1
    for name in doubtful:
        assert re.search(rf"^uncertain +{name}:", end.said, re.MULTILINE), end.said
    assert build_and_send(owner) == 0
    everybody = [mail.recipients[0][:5] for mail in host.taken]
    assert sorted({*everybody, *doubtful}) == names
    assert len(everybody) == len(set(everybody)), "twice"


def bounce(owner: Owner, original: str, address: str, name: str = "bounce") -> str:
    """A report of a mail server that an address takes no mail, saved as a file."""
    block = (
        f"Final-Recipient: rfc822; {address}\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 No such user\n"
    )
    returned = f"Content-Type: text/rfc822-headers\n\nMessage-ID: <{original}>\n"
    path = owner.folder.parent / f"{name}.eml"
    path.write_bytes(report(block, original=returned).replace(b"<b1@mx.example>", f"<{name}@mx.example>".encode()))
    return str(path)


def test_28_a_bounce_is_believed_by_the_name_of_our_message_and_a_forged_one_is_not(
    owner: Owner, host: Mailhost
) -> None:
    assert send(owner) == 0
    names = {mail.recipients[0]: str(read(mail)["Message-ID"]).strip("<>") for mail in host.taken}
    before = owner.files()
    forged = [
        ("made-up@atelier-sable.example", VERDIER),
        (names[KITE], VERDIER),
        (names[VERDIER], "somebody@else.example"),
    ]
    for number, (original, address) in enumerate(forged):
        assert owner.run("replies", bounce(owner, original, address, f"forged-{number}")) == 0
    assert owner.files() == before
    assert owner.run("replies", bounce(owner, names[VERDIER], VERDIER)) == 0
    assert f"verdier: {VERDIER} takes no mail" in owner.said
    assert held(owner) == "unreachable"
    assert held(owner, "kite") != "unreachable"


# 29 and 30: names and addresses


@pytest.mark.parametrize(
    "name",
    [
        "Studio\nBcc: evil@evil.example",
        "Studio\rBcc: x@evil.example",
        "Nu\0l",
        "Clos\u2028Rouge",
        "=?utf-8?q?Brun=0d=0aBcc:_x@evil.example?=",
    ],
)
@pytest.mark.parametrize("column", ["name", "contact", "email"])
def test_29_what_could_forge_a_header_sends_nothing_to_anybody(
    owner: Owner, host: Mailhost, name: str, column: str
) -> None:
    old = {"name": "Éditions Verdier-Roux", "contact": "Anne Verdier", "email": VERDIER}[column]
    owner.write("ledger/clients.csv", CLIENTS.replace(old, f'"{name}"'))
    assert send(owner) == 1
    assert "ledger/clients.csv:2" in owner.complained
    assert host.attempts == 0


@pytest.mark.parametrize(
    "name",
    [
        '"Evil" <evil@evil.example>',
        "Verdier, Roux; et fils: associés",
        "Anne (compta) \\ Verdier",
        "Zoë Ōkami 🦊",
        "a@b.example",
        "x" * 300,
        "Très-long-nom-sans-espace-" * 8,
    ],
)
def test_30_any_name_comes_back_as_it_was_and_the_envelope_is_the_ledgers(
    owner: Owner, host: Mailhost, name: str
) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    owner.write("ledger/clients.csv", CLIENTS.replace("Anne Verdier", quoted))
    assert build_and_send(owner) == 0, owner.complained
    assert addressees(host) == [KITE, VERDIER]
    (mail,) = (mail for mail in host.taken if mail.recipients == [VERDIER])
    message = read(mail)
    assert message.keys() == list(dict.fromkeys(message.keys())), "no header twice"
    assert {"bcc", "cc"}.isdisjoint(key.lower() for key in message.keys())  # noqa: SIM118 - a message is no dict
    encoded, address = parseaddr(
        str(message_from_bytes(mail.content)["To"])
    )  # policy.strict puts a space between two encoded words
    shown = str(make_header(decode_header(encoded)))
    assert address == VERDIER
    assert shown in {name, ""}
    assert shown or "@" in name, "a name that looks like an address is left out"


@pytest.mark.parametrize(
    "addresses",
    ["a@verdier.example, b@verdier.example", "a@verdier.example; b@verdier.example", "équipe: a@x.example;"],
)
def test_30_several_addresses_in_one_cell_are_told_and_nothing_leaves(
    owner: Owner, host: Mailhost, addresses: str
) -> None:
    owner.write("ledger/clients.csv", CLIENTS.replace(VERDIER, f'"{addresses}"'))
    assert send(owner) == 1
    assert "ledger/clients.csv:2, column email" in owner.complained
    assert host.attempts == 0


def test_30_a_domain_of_other_letters_travels_in_those_of_mail_servers(owner: Owner, host: Mailhost) -> None:
    owner.write("ledger/clients.csv", CLIENTS.replace(VERDIER, "compta@éditions-verdier.example"))
    assert build_and_send(owner) == 0, owner.complained
    local, _, domain = addressees(host)[1].rpartition("@")
    assert (local, idna.decode(domain)) == ("compta", "éditions-verdier.example")


def test_30_two_people_at_one_address_get_it_once(copied: Owner, host: Mailhost) -> None:
    text = (copied.folder / "ledger/contacts.csv").read_text("utf-8")
    copied.write("ledger/contacts.csv", text.replace(BOSS, "Compta@Verdier.example"))
    assert build_and_send(copied, "--only", "verdier", date=THIRD) == 0
    assert [len(mail.recipients) for mail in host.taken] == [1, 1, 1]


# 31: the mail as it arrives


def test_31_text_and_html_say_the_same_in_lines_that_every_server_carries(copied: Owner, host: Mailhost) -> None:
    send(copied, date=THIRD)
    assert len(host.taken) == 4, "three to one client, one to the other"
    for mail in host.taken:
        text, html = body(mail, "plain"), body(mail, "html")
        assert max(map(len, mail.content.split(b"\r\n"))) <= 78
        assert b"\n" not in mail.content.replace(b"\r\n", b"")
        for form in (text, html):
            assert not re.search(r"\bNone\b|\{\{|\{%|\bnan\b|Undefined", form)
        shown = re.sub(r"<style.*?</style>|<[^>]+>", " ", html, flags=re.DOTALL)
        sums = [
            set(re.findall(r"(?:€\s?)?\d[\d\s.,\u00a0\u202f]*\d(?=\s?€)|€\d[\d,.]*\d", form)) for form in (text, shown)
        ]
        assert sums[0] == sums[1] != set()
        addresses = [set(re.findall(r"https://[^\s\"<>)]+", form)) for form in (text, html)]
        assert addresses[0] == addresses[1] != set()
        assert not re.search(r"<img|src=|url\(|@import", html), "nothing is loaded from anywhere"


def test_31_four_hundred_invoices_make_a_mail_that_nobody_cuts(owner: Owner, host: Mailhost) -> None:
    rows = [
        f"F-{number:04d};verdier;2026-09-{1 + number % 28:02d};2026-10-{1 + number % 28:02d};10.00"
        for number in range(400)
    ]
    owner.write("ledger/invoices.csv", "\n".join(["number;client;issued;due;total", *rows, ""]))
    owner.write("ledger/payments.csv", "date;client;amount\n")
    assert build_and_send(owner) == 0, owner.complained
    (mail,) = host.taken
    assert len(body(mail, "html").encode()) <= 102_000
    assert re.search(r"4[\s\u202f\u00a0]000,00", body(mail, "plain"))


# 32: what machines and people do with it


def test_32_the_reminders_of_one_debt_are_one_conversation(copied: Owner, host: Mailhost) -> None:
    send(copied, "--only", "verdier", date=THIRD)
    first, second, third = (read(mail) for mail in host.taken)
    names = [str(message["Message-ID"]) for message in (first, second, third)]
    assert len(set(names)) == len(names)
    assert first["In-Reply-To"] is None
    assert str(second["In-Reply-To"]) == names[0]
    assert str(third["In-Reply-To"]) == names[1]
    roots = {str(message["References"]).split()[0] for message in (first, second, third)}
    assert len(roots) == 1
    assert roots.isdisjoint(names)
    assert str(second["References"]).split()[1:] == names[:1]
    assert str(third["References"]).split()[1:] == names[:2]


def test_32_a_person_answers_and_no_machine_does(owner: Owner, host: Mailhost) -> None:
    send(owner)
    for message in map(read, host.taken):
        assert message["Auto-Submitted"] == "auto-generated"
        assert str(message["Reply-To"]) == "Nora Sable <compta@atelier-sable.example>"
        assert message["From"] == "Atelier Sable <compta@atelier-sable.example>"
        assert {"List-Unsubscribe", "X-Unsent", "Precedence"}.isdisjoint(message.keys())
        assert message["Date"].datetime.date().isoformat() == MONDAY


def test_32_the_journal_has_the_name_of_each_message_as_it_left(owner: Owner, host: Mailhost) -> None:
    send(owner)
    names = {str(read(mail)["Message-ID"]).strip("<>") for mail in host.taken}
    intents: list[SendIntended] = [
        attempt.intent for client in ("verdier", "kite") for attempt in attempts(owner, client)
    ]
    assert {intent.message_id for intent in intents} == names


def test_32_a_message_that_goes_again_the_same_day_has_the_same_name(owner: Owner, host: Mailhost) -> None:
    """So that a mail program that gets both shows one."""
    host.troubles.append(Trouble(Fault.LOST, address=VERDIER, first=1))
    send(owner)
    assert owner.run("resend", "verdier") == 0
    assert build_and_send(owner) == 0
    names = [str(read(mail)["Message-ID"]) for mail in host.taken if mail.recipients == [VERDIER]]
    assert len(names) == 2
    assert len(set(names)) == 1


# 33: templates and trials


def test_33_an_error_in_one_template_sends_nothing_to_anyone(owner: Owner, host: Mailhost) -> None:
    owner.write("portal_templates/emails/fr/reminder-1.md", "Subject: Bonjour\n\n{{ nobody.knows }}\n")
    assert send(owner) == 1
    assert "portal_templates/emails/fr/reminder-1.md" in owner.complained
    assert host.attempts == 0
    assert owner.run("build") == 1


def test_33_a_template_edited_after_the_build_sends_nothing_until_it_was_read(owner: Owner, host: Mailhost) -> None:
    owner.write("portal_templates/emails/fr/reminder-1.md", _ACCENTED)
    assert send(owner) == 1
    assert host.attempts == 0
    assert build_and_send(owner) == 0
    assert "échéance passée" in {str(read(mail)["Subject"]) for mail in host.taken if VERDIER in mail.recipients}.pop()


def test_33_a_trial_reaches_no_client_and_is_forgotten(copied: Owner, host: Mailhost) -> None:
    before = {name: content for name, content in copied.files().items() if name.startswith("journal/")}
    copied.write("portal.toml", portal(host.port, reminders=COPIED, smtp='test_to = "nora@atelier-sable.example"'))
    earlier = len(host.taken)
    host.troubles.append(Trouble(Fault.LOST, first=1))
    for _ in range(2):
        assert send(copied, date=THIRD) in {0, 3}
    assert {address for mail in host.taken[earlier:] for address in mail.recipients} == {"nora@atelier-sable.example"}
    assert {name: content for name, content in copied.files().items() if name.startswith("journal/")} == before
    host.troubles.clear()
    copied.write("portal.toml", portal(host.port, reminders=COPIED))
    assert send(copied, date=THIRD) == 0
    assert [VERDIER, BOSS] in [mail.recipients for mail in host.taken[earlier:]]


def test_33_a_word_given_in_a_trial_is_forgotten_too(owner: Owner, host: Mailhost) -> None:
    owner.write(
        "portal.toml", portal(host.port, reminders='approve = "all"', smtp='test_to = "nora@atelier-sable.example"')
    )
    assert send(owner, "--approve", "all") == 0
    assert addressees(host) == ["nora@atelier-sable.example"] * 2
    owner.write("portal.toml", portal(host.port, reminders='approve = "all"'))
    assert send(owner) == 0
    assert addressees(host) == ["nora@atelier-sable.example"] * 2


# Approval: the owner's word is for what was read


def test_a_word_does_not_cover_what_came_after_it(owner: Owner, host: Mailhost) -> None:
    owner.write("portal.toml", portal(host.port, reminders='approve = "all"'))
    host.troubles.append(Trouble(Fault.BUSY))
    assert send(owner, "--approve", "all") == 3
    host.troubles.clear()
    owner.write("ledger/invoices.csv", INVOICES + "F-2026-130;verdier;01/10/2026;05/11/2026;Reprise;90,00\n")
    assert build_and_send(owner, date=TUESDAY) == 0
    assert addressees(host) == [KITE]
    assert "waits for you verdier" in owner.said


def test_a_word_for_nobody_sends_nothing(owner: Owner, host: Mailhost) -> None:
    owner.write("portal.toml", portal(host.port, reminders='approve = "all"'))
    assert send(owner, "--approve", "verdier", "nobody") == 2
    assert send(owner, "--only", "nobody") == 2
    assert host.attempts == 0
    assert not any(b'"approved"' in content for content in owner.files().values())


def test_the_push_is_refused_before_anything_left(
    owner: Owner, host: Mailhost, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """And then nothing is uncertain either: the next run sends it."""
    _git_alone(monkeypatch, tmp_path)
    remote = pushed(owner.folder)
    moved = remote.rename(remote.with_name("moved.git"))
    assert send(owner, "--push") == 3
    assert host.taken == []
    moved.rename(remote)
    assert build_and_send(owner, "--push") == 0
    assert addressees(host) == [KITE, VERDIER]
    assert steps_sent(owner) == ["reminder-1"]
    fresh = cloned(owner.folder.parent / "remote.git", "fresh")
    ours = {name: content for name, content in owner.files().items() if name.startswith("journal/")}
    theirs = {
        name: content for name, content in Owner(fresh, owner.capsys).files().items() if name.startswith("journal/")
    }
    assert theirs == ours


# Several companies, one message

GROUP = "tous@groupe.example"


@pytest.fixture
def group(owner: Owner) -> Owner:
    """Two companies of one group, at one address, and somebody else."""
    clients = ("a;Alpha;{0};g;business", "b;Bêta;{0};g;business", "kite;Kite;{1};;business", "")
    owner.write("ledger/clients.csv", "\n".join(["id;name;email;group;kind", *clients]).format(GROUP, KITE))
    rows = (
        f"F-{number};{name};2026-09-30;2026-10-30;{number}00.00" for number, name in enumerate(("a", "b", "kite"), 1)
    )
    owner.write("ledger/invoices.csv", "\n".join(["number;client;issued;due;total", *rows, ""]))
    start_anew(owner)
    assert owner.run("build") == 0, owner.complained
    return owner


@pytest.mark.parametrize("options", [[], ["--only", "a"], ["--only", "b"]])
def test_a_message_to_a_group_leaves_once_for_all_of_it(group: Owner, host: Mailhost, options: list[str]) -> None:
    assert send(group, *options) == 0
    assert addressees(host).count(GROUP) == 1
    assert build_and_send(group) == 0
    assert addressees(host) == [KITE, GROUP]
    assert steps_sent(group, "a") == steps_sent(group, "b") == ["reminder-1"]


def test_a_message_to_a_group_needs_the_word_for_each_of_it(group: Owner, host: Mailhost) -> None:
    group.write("portal.toml", portal(host.port, reminders='approve = "all"'))
    assert send(group, "--approve", "a") == 0
    assert host.taken == []
    assert send(group, "--approve", "b") == 0
    assert addressees(host) == [GROUP]


def test_a_message_to_a_group_is_not_sent_once_one_of_it_has_paid(group: Owner, host: Mailhost) -> None:
    group.write("ledger/payments.csv", "date;client;amount;invoice\n2026-11-16;b;200.00;F-2\n")
    assert send(group) == 1
    assert host.attempts == 0


def test_a_message_to_a_group_is_uncertain_for_all_of_it(group: Owner, host: Mailhost) -> None:
    host.troubles.append(Trouble(Fault.LOST, address=GROUP, first=1))
    assert send(group) == 3
    assert "relance sent a b, or relance resend a b" in group.said
    for client in ("a", "b"):
        assert held(group, client) == "uncertain"
    assert group.run("sent", "a", "b") == 0
    assert build_and_send(group) == 0
    assert addressees(host) == [KITE, GROUP]

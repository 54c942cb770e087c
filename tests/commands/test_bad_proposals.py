"""What no client can have meant, by every door it comes in: the owner is told, nothing is agreed, and nobody is asked meanwhile."""

from __future__ import annotations

import io
import json
import re
import sys
from typing import TYPE_CHECKING

import pytest

from tests.commands.test_inbox import EDITED, REFERENCE, email, letter, rows
from tests.support.owner import INVOICES, Owner, new_owner

if TYPE_CHECKING:
    from pathlib import Path

GOOD = "(1) 600,00 € le 5/12/2026\n(2) 600,00 € le 5/01/2027"
MORE = "(1) 600,00 € le 5/12/2026\n(2) 600,01 € le 5/01/2027"
LESS = "(1) 600,00 € le 5/12/2026\n(2) 599,99 € le 5/01/2027"
MANY = "\n".join(f"({n}) 6,00 € le {1 + n % 28:02}/{1 + n // 28:02}/2027" for n in range(200))
#: What is proposed, with which reference, and how the owner is told.
BAD = {
    "larger than the debt by a cent": (MORE, REFERENCE, "proposal-impossible"),
    "a day that was past": ("(1) 600 € le 5/10/2026 (2) 600 € le 5/1/2027", REFERENCE, "proposal-impossible"),
    "two hundred instalments": (MANY, REFERENCE, "proposal-impossible"),
    "nothing": ("(1) 0,00 € le 5/12/2026 (2) 1200 € le 5/1/2027", REFERENCE, "proposal-impossible"),
    "less than nothing": ("(1) -600 € le 5/12/2026 (2) 1800 € le 5/1/2027", REFERENCE, "proposal-impossible"),
    "an amount in words": ("(1) six cents euros le 5/12/2026", REFERENCE, "proposal-unreadable"),
    "a reference that was changed": (GOOD, EDITED, "proposal-reference"),
}
each = pytest.mark.parametrize(("lines", "reference", "code"), BAD.values(), ids=BAD)


@pytest.fixture
def owner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Owner:
    """One client who owes 1 200,00 and nothing else, and is to be reminded today."""
    made = new_owner(tmp_path / "sable", capsys)
    made.write("ledger/invoices.csv", "\n".join(INVOICES.splitlines()[:3]) + "\n")
    assert made.show("verdier")[0]["reminders"]["due_today"]["step"] == "reminder-1"
    return made


def mailbox(owner: Owner, *mails: bytes) -> str:
    """Several messages as a mail program exports them."""
    path = owner.folder / "export.mbox"
    path.write_bytes(
        b"".join(b"From x@y Sun Nov 15 10:12:00 2026\n" + mail.replace(b"\r\n", b"\n") + b"\n" for mail in mails)
    )
    return str(path)


def pasted(patch: pytest.MonkeyPatch, text: str) -> str:
    """Text that was copied out of a mail program."""
    patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    return "-"


def agreed(owner: Owner) -> list[str]:
    """The files in which something would stand that was agreed or promised."""
    folder = owner.folder / "ledger" / "relance"
    return [name for name in ("agreements.csv", "promises.csv", "payments.csv") if (folder / name).exists()]


@each
def test_copied_text_is_told_and_recorded_nowhere(
    owner: Owner, monkeypatch: pytest.MonkeyPatch, lines: str, reference: str, code: str
) -> None:
    assert owner.run("inbox", pasted(monkeypatch, letter(lines, "plan", reference))) == 0
    assert owner.complained.count(f"[{code}]") >= 1
    assert "Traceback" not in owner.complained
    assert rows(owner) == []
    assert agreed(owner) == []


def test_a_whole_mailbox_of_them_is_told_one_by_one_and_the_good_one_is_taken(owner: Owner) -> None:
    mails = [
        email(letter(lines, "plan", reference), ident=f"bad{number}@verdier.example")
        for number, (lines, reference, _) in enumerate(BAD.values())
    ]
    box = mailbox(owner, *mails, email(letter(GOOD), ident="good@verdier.example"))
    assert owner.run("inbox", box) == 0
    told = re.findall(r"\[(proposal-\w+)\]", owner.complained)
    for code in {code for *_, code in BAD.values()}:
        assert told.count(code) >= sum(1 for *_, wanted in BAD.values() if wanted == code)
    for number in range(1, len(BAD) + 1):
        assert f"export.mbox [{number}]" in owner.complained
    assert [row.split(";")[4:6] for row in rows(owner)] == [["2026-12-05", "600,00"], ["2027-01-05", "600,00"]]
    before = rows(owner)
    assert owner.run("inbox", box) == 0
    assert rows(owner) == before
    assert owner.run("proposals", "--json") == 0
    assert [found["sum"] for found in json.loads(owner.said)] == ["1200.00"]
    assert agreed(owner) == []


@each
def test_whoever_wrote_it_is_not_reminded_until_the_owner_has_read_it(
    owner: Owner, lines: str, reference: str, code: str
) -> None:
    path = owner.folder / "m.eml"
    path.write_bytes(email(letter(lines, "plan", reference)))
    assert owner.run("inbox", str(path)) == 0
    assert f"[{code}]" in owner.complained
    for day in ("2026-11-16", "2026-11-17"):
        assert owner.run("build", date=day) == 0, owner.complained
        assert not list((owner.folder / "outbox").glob(f"{day}-verdier-*"))
    assert owner.run("answered", "verdier", date="2026-11-17") == 0
    assert owner.show("verdier", date="2026-11-30")[0]["reminders"]["due_today"]["step"] == "reminder-1"


@pytest.mark.parametrize("door", ["eml", "mbox", "pasted"])
def test_a_cent_too_little_waits_for_the_owner_and_is_not_agreed_by_mistake(
    owner: Owner, monkeypatch: pytest.MonkeyPatch, door: str
) -> None:
    text = letter(LESS)
    path = owner.folder / "m.eml"
    path.write_bytes(email(text))
    came = {"eml": str(path), "mbox": mailbox(owner, email(text)), "pasted": pasted(monkeypatch, text)}
    assert owner.run("inbox", came[door]) == 0, owner.complained
    assert owner.run("proposals", "--json") == 0
    (found,) = json.loads(owner.said)
    assert (found["sum"], found["within_policy"]) == ("1199.99", False)
    assert "0.01 EUR is missing" in found["reasons"][0]
    assert owner.run("accept", found["id"]) == 2
    assert "0.01 EUR is missing" in owner.complained
    assert agreed(owner) == []
    assert owner.show("verdier")[0]["totals"]["open"] == "1200.00"
    assert owner.show("verdier")[0]["reminders"]["held"] == "answered"
    assert owner.run("counter", found["id"], "--plan", "2") == 0, owner.complained
    assert [row.split(";")[5] for row in rows(owner) if ";countered;" in row] == ["600,00", "600,00"]


def test_what_was_meant_for_yesterdays_debt_is_held_against_todays(owner: Owner) -> None:
    """The client wrote 2 × 600; of the debt 300 were paid before the owner looked: it is told by how much that is too much."""
    path = owner.folder / "m.eml"
    path.write_bytes(email(letter(GOOD)))
    assert owner.run("inbox", str(path)) == 0
    owner.write("ledger/payments.csv", "date;client;montant;facture\n16/11/2026;verdier;300,00;F-2026-118\n")
    assert owner.run("proposals", "--json", date="2026-11-17") == 0
    (found,) = json.loads(owner.said)
    assert found["within_policy"] is False
    assert "300.00 EUR" in found["reasons"][0]
    before = owner.files()
    assert owner.run("accept", found["id"], date="2026-11-17") == 2
    assert owner.files() == before

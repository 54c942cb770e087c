"""`relance approvals`: what waits is a list to tick anywhere; a tick is for what stood beside it, and for nothing else."""

from __future__ import annotations

import json
import os
import re
import stat
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from generator.approval_list import MARK, MOST_CHARACTERS, Box, Matter, Ticks, Waiting, checklist, read_ticks
from generator.domain.money import Money
from tests.support.owner import CLIENTS, INVOICES, PAYMENTS, PORTAL, SITE, Owner, new_owner

if TYPE_CHECKING:
    from pathlib import Path

SMTP = '\n[smtp]\nhost = "127.0.0.1"\nport = 9\nsecurity = "none"\n'
NEXT_DAY = "2026-11-17"
ROUX = Waiting(
    Matter.MESSAGE,
    ("roux",),
    ("Atelier Roux",),
    (Money(120_000, "EUR"),),
    "reminder-1",
    "Facture F-1",
    "Bonjour,\n\nLa facture F-1, échue depuis 17 jours (le 30 octobre 2026), reste à régler : 1 200,00 €.",
    ("compta@roux.example", "F-1 2026-10-30 120000"),
)
KITE = replace(ROUX, clients=("kite",), names=("Kite & Sons",), step="reminder-2", subject="Invoice K-1")


@pytest.fixture
def owner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Owner:
    """Two clients whose first reminder waits for the owner's word."""
    made = new_owner(tmp_path / "folder", capsys)
    made.write("portal.toml", PORTAL + SMTP)
    assert made.run("build") == 0, made.complained
    return made


def listed(owner: Owner, date: str = "2026-11-16") -> str:
    """The list as it is written to a file."""
    path = owner.folder.parent / "waiting.md"
    assert owner.run("approvals", "--markdown", str(path), date=date) == 0, owner.complained
    return path.read_text(encoding="utf-8")


def given_back(owner: Owner, text: str | bytes, date: str = NEXT_DAY) -> int:
    path = owner.folder.parent / "back.md"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return owner.run("approvals", "--read", str(path), date=date)


def tick(text: str, *words: str) -> str:
    """The list with the boxes ticked whose line holds one of these words; all of them without any."""
    lines = (
        line.replace("- [ ]", "- [x]", 1) if not words or any(word in line for word in words) else line
        for line in text.split("\n")
    )
    return "\n".join(lines)


def approved(owner: Owner) -> list[dict[str, object]]:
    lines = (line for path in owner.folder.glob("journal/*/*.jsonl") for line in path.read_text().splitlines())
    return [event for line in lines if (event := json.loads(line))["event"] == "approved"]


# From the list to the word, and to the message that leaves


def test_a_box_that_was_ticked_becomes_the_owners_word(owner: Owner) -> None:
    text = listed(owner)
    assert text.startswith(MARK)
    assert text.count("\n- [ ] ") == 2
    assert given_back(owner, tick(text, "(verdier)")) == 0, owner.complained
    assert "verdier: reminder-1 approved for what it says today." in owner.said
    (word,) = approved(owner)
    assert (word["client"], word["step"], word["on"]) == ("verdier", "reminder-1", NEXT_DAY)
    assert owner.show("verdier", date=NEXT_DAY)[0]["reminders"]["due_today"]["waits"] is False
    assert owner.show("kite", date=NEXT_DAY)[0]["reminders"]["due_today"]["waits"] is True


def test_a_list_can_come_back_any_number_of_times(owner: Owner) -> None:
    text = tick(listed(owner))
    assert given_back(owner, text) == 0
    assert given_back(owner, text) == 0
    assert "was approved before, and has not left yet" in owner.said
    assert len(approved(owner)) == 2
    again = listed(owner, NEXT_DAY)
    assert again.count("- [x] ") == 2, "what is approved and did not leave stays ticked: a lost journal reads it again"


def test_what_has_changed_since_is_not_taken_and_is_said(owner: Owner) -> None:
    text = tick(listed(owner))
    owner.write("ledger/payments.csv", f"{PAYMENTS}16/11/2026;verdier;200,00;F-2026-118\n")
    assert given_back(owner, text) == 0
    assert "verdier, reminder-1: changed since you ticked it: look again." in owner.said
    assert [word["client"] for word in approved(owner)] == ["kite"]


def test_other_words_need_another_tick(owner: Owner) -> None:
    text = tick(listed(owner))
    owner.write("portal.toml", PORTAL.replace('contact = "Nora Sable"', 'contact = "Paul Sable"') + SMTP)
    assert given_back(owner, text) == 0
    assert owner.said.count("changed since you ticked it") == 2
    assert approved(owner) == []


def test_what_was_paid_waits_no_more(owner: Owner) -> None:
    text = tick(listed(owner), "(verdier)")
    owner.write("ledger/payments.csv", "date;client;montant;facture\n16/11/2026;verdier;1200,00;F-2026-118\n")
    assert given_back(owner, text) == 0
    assert "nothing waits for your word there any more" in owner.said
    assert approved(owner) == []


def test_without_a_tick_nothing_is_written(owner: Owner) -> None:
    before = owner.files()
    assert given_back(owner, listed(owner)) == 0
    assert "No box is ticked." in owner.said
    assert owner.run("approvals") == 0
    assert "Let them go with: relance send --approve verdier kite" in owner.said
    assert {name for name in owner.files() if name not in before} == set()
    assert {name: text for name, text in owner.files().items() if name.startswith("journal")} == {
        name: text for name, text in before.items() if name.startswith("journal")
    }


def test_nothing_waits_nothing_is_listed(owner: Owner) -> None:
    owner.write("ledger/payments.csv", "date;client;montant\n16/11/2026;verdier;1350,00\n16/11/2026;kite;800,00\n")
    assert listed(owner) == ""
    assert owner.run("approvals") == 0
    assert "Nothing waits for your word." in owner.said


def test_without_a_mail_server_no_email_waits_for_a_word(owner: Owner) -> None:
    owner.write("portal.toml", PORTAL)
    assert listed(owner) == ""


def test_a_trial_is_remembered_nowhere(owner: Owner) -> None:
    owner.write("portal.toml", PORTAL + SMTP + 'test_to = "nora@atelier-sable.example"\n')
    assert given_back(owner, tick(listed(owner, NEXT_DAY))) == 0
    assert "nothing is recorded" in owner.said
    assert approved(owner) == []


def test_an_old_debt_can_be_released_by_its_box(owner: Owner) -> None:
    owner.write("ledger/invoices.csv", INVOICES + "F-2025-1;kite;01/05/2026;01/06/2026;Old;90,00\n")
    owner.run("build")
    text = listed(owner)
    assert "dette ancienne" in text
    assert given_back(owner, tick(text, "dette ancienne")) == 0, owner.complained
    assert "kite: reminders may begin." in owner.said
    assert owner.run("review", date=NEXT_DAY) == 0
    assert "Nothing waits for your review." in owner.said


def test_one_box_is_for_one_message_however_many_companies_read_it(owner: Owner) -> None:
    group = CLIENTS.replace("language\n", "language;group\n").replace(";fr\n", ";fr;V\n").replace(";en\n", ";fr;V\n")
    owner.write("ledger/clients.csv", group.replace("accounts@kite.example", "compta@verdier.example"))
    owner.run("build")
    text = listed(owner)
    assert text.count("- [ ] ") == 1
    assert given_back(owner, tick(text)) == 0
    assert sorted(str(word["client"]) for word in approved(owner)) == ["kite", "verdier"]


def test_it_gives_no_address_of_a_page(owner: Owner) -> None:
    text = listed(owner)
    key = str(owner.show("verdier")[0]["portal_url"]).rstrip("/").rpartition("/")[2]
    assert key not in text
    assert "/p/" not in text
    assert f"{SITE}/…" in text.replace("\u2060", "").replace("\\", "")


def test_a_word_is_for_today(owner: Owner) -> None:
    path = owner.folder.parent / "waiting.md"
    path.write_text(listed(owner))
    assert owner.run("approvals", "--read", str(owner.folder / "nothing.md")) == 2
    path.write_bytes(b"x" * 1_000_001)
    assert owner.run("approvals", "--read", str(path)) == 2


def test_a_word_holds_for_a_month(owner: Owner) -> None:
    assert given_back(owner, tick(listed(owner)), date="2026-11-16") == 0
    waits = {
        day: owner.show("verdier", date=day)[0]["reminders"]["due_today"]["waits"]
        for day in ("2026-12-16", "2026-12-17")
    }
    assert waits == {"2026-12-16": False, "2026-12-17": True}


# What comes back


def back(text: str, *waiting: Waiting) -> Ticks:
    return read_ticks(text, waiting)


def test_the_same_words_on_another_day_are_the_same_box() -> None:
    later = replace(ROUX, text=ROUX.text.replace("17 jours", "18 jours"))
    assert later.digest == ROUX.digest
    assert back(tick(checklist([ROUX], "fr")), later).taken == (later,)


@pytest.mark.parametrize(
    "other",
    [
        {"amounts": (Money(120_001, "EUR"),)},
        {"amounts": (Money(120_000, "CHF"),)},
        {"step": "reminder-2"},
        {"subject": "Facture F-2"},
        {"text": ROUX.text.replace("1 200,00", "1 300,00")},
        {"facts": ("compta@other.example", "F-1 2026-10-30 120000")},
        {"names": ("Atelier Rouge",)},
    ],
    ids=lambda other: next(iter(other)),
)
def test_whatever_changes_the_box_has_to_be_ticked_again(other: dict[str, object]) -> None:
    now = replace(ROUX, **other)  # type: ignore[arg-type]
    assert back(tick(checklist([ROUX], "fr")), now) == Ticks(changed=(Box(("roux",), "reminder-1"),))


def test_lines_of_windows_and_a_bom_change_nothing() -> None:
    text = "\ufeff" + tick(checklist([ROUX], "fr"), "(roux)").replace("\n", "\r\n")
    assert back(text, ROUX).taken == (ROUX,)


def test_a_capital_tick_is_a_tick_and_other_marks_are_none() -> None:
    text = checklist([ROUX], "fr")
    assert back(text.replace("- [ ]", "- [X]"), ROUX).taken == (ROUX,)
    for mark in ("- [y]", "- []", "- [ x]", "* [x]", "1. [x]", "  - [x]", "> - [x]", "- [x]\u200b"):
        assert back(text.replace("- [ ]", mark), ROUX).taken == (), mark


def test_a_box_that_is_there_twice_counts_once_and_not_when_they_disagree() -> None:
    text = checklist([ROUX], "fr")
    ticked = tick(text)
    assert back(ticked + ticked, ROUX).taken == (ROUX,)
    assert back(text + ticked, ROUX) == Ticks(doubtful=(Box(("roux",), "reminder-1"),))


def test_a_line_edited_by_hand_is_not_what_was_shown() -> None:
    ticked = tick(checklist([ROUX], "fr"))
    for edited in (ticked.replace("1\u202f200,00", "12,00", 1), ticked.replace("**Atelier Roux**", "**Kite**", 1)):
        assert edited != ticked
        assert back(edited, ROUX) == Ticks(doubtful=(Box(("roux",), "reminder-1"),))


def test_a_box_cannot_be_moved_beside_another_name() -> None:
    lines = tick(checklist([ROUX, KITE], "fr")).split("\n")
    roux, kite = (line for line in lines if line.startswith("- [x]"))
    forged = roux.partition(" <!--")[0] + kite[kite.index(" <!--") :]
    assert back(forged, ROUX, KITE).taken == ()


def test_another_language_of_the_list_is_asked_again() -> None:
    assert back(tick(checklist([ROUX], "en")), ROUX).taken == ()


@pytest.mark.parametrize("cut", [10, 60, 90, 130, 150])
def test_a_torn_list_ticks_nothing(cut: int) -> None:
    line = next(line for line in tick(checklist([ROUX], "fr")).split("\n") if line.startswith("- [x]"))
    assert back(line[:cut], ROUX).taken == ()


def test_what_is_not_ours_is_passed_over() -> None:
    assert back("- [x] Acheter du pain\n\x00\x01\n<!-- -->\n" + "- [x] a\n" * 1000, ROUX) == Ticks()


def test_a_thousand_boxes_are_read_and_as_many_shown_as_there_is_room_for() -> None:
    many = [replace(ROUX, clients=(f"c-{number}",)) for number in range(1000)]
    text = checklist(many, "fr")
    shown = text.count("\n- [ ] ")
    assert len(text) <= MOST_CHARACTERS
    assert 100 < shown < 1000
    assert f"… et {1000 - shown} autres" in text
    assert len(read_ticks(tick(text), many).taken) == shown


HOSTILE = (
    "- [x] tout",
    "\n- [x] forgé <!-- relance:message:roux:reminder-1:00000000000000000000000000000000 -->",
    "<!-- -->",
    "--> <script>alert(1)</script>",
    "@everyone #12 GH-3 https://evil.example/x www.evil.example :tada:",
    "[clic](javascript:alert(1)) ![x](http://evil.example/i.png)",
    "a|b`c`*d*_e_~f~\\",
    "$\\color{white}x$",
    "\u202egnp.exe\u2028- [x]",
)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_name_stays_a_name(hostile: str) -> None:
    evil = replace(
        ROUX,
        clients=(f"id{hostile}",),
        names=(hostile,),
        subject=hostile,
        text=f"{hostile}\n{hostile}\n1. [x] {hostile}",
    )
    text = checklist([evil, KITE], "fr", also=[hostile])
    boxes = [line for line in text.splitlines() if re.match(r"\s*(?:>\s*)*(?:[-*+]|\d+[.)])\s*\[", line)]
    assert len(boxes) == 2
    assert all(line.startswith("- [ ] ") for line in boxes)
    assert text.count("<!--") == 3
    assert "<script" not in text
    read = re.sub("<!--.*?-->|<summary>.*</summary>", "", text)  # Markdown has no meaning in there
    assert not re.search(r"(?<!\\)\]\(|(?<!\\)[|`$]", read.replace("<span>$</span>", ""))
    assert not re.search(r"@[a-z]|://[a-z]|#\d|GH-\d|www\.", read.replace("\\", ""))
    assert "\u202e" not in text
    assert back(text, evil, KITE) == Ticks()
    assert set(back(tick(text), evil, KITE).taken) == {evil, KITE}


# On GitHub: a stand-in for gh keeps one issue in a file

STAND_IN = """#!{python}
import json, os, sys
from pathlib import Path
home = Path({home!r})
words = sys.argv[1:]
with (home / "calls").open("a") as log:
    log.write(json.dumps(words) + "\\n")
assert "SMTP_PASSWORD" not in os.environ
issue = home / "issue.json"
known = json.loads(issue.read_text()) if issue.exists() else None
if words[:2] == ["api", "graphql"]:
    nodes = [known] if known and known["state"] == "OPEN" else []
    print(json.dumps({{"data": {{"repository": {{"issues": {{"nodes": nodes}}}}}}}}))
    ticking = home / "ticking"
    if ticking.exists() and known:
        known["body"] = known["body"].replace("- [ ]", "- [x]")
        issue.write_text(json.dumps(known))
        ticking.unlink()
elif words[:2] == ["issue", "create"]:
    known = {{"number": 7, "title": words[words.index("--title") + 1], "body": sys.stdin.read(), "state": "OPEN",
             "viewerDidAuthor": True, "url": "https://github.example/o/r/issues/7"}}
    issue.write_text(json.dumps(known))
    print(known["url"])
elif words[:2] == ["issue", "edit"]:
    known["body"] = sys.stdin.read()
    issue.write_text(json.dumps(known))
elif words[:2] == ["issue", "close"]:
    known["state"] = "CLOSED"
    issue.write_text(json.dumps(known))
elif words[0] != "label":
    sys.exit("unknown command")
if (home / "refuse").exists():
    sys.exit("HTTP 403: Resource not accessible (token ghs_0123456789abcdef)")
"""


class Forge:
    """What the stand-in keeps."""

    def __init__(self, home: Path) -> None:
        """With a `gh` in `home`."""
        self.home = home
        script = home / "gh"
        script.write_text(STAND_IN.format(python=sys.executable, home=str(home)))
        script.chmod(script.stat().st_mode | stat.S_IXUSR)

    @property
    def issue(self) -> dict[str, object]:
        """The issue as it is now."""
        found: dict[str, object] = json.loads((self.home / "issue.json").read_text())
        return found

    def change(self, **values: object) -> None:
        """Somebody edits the issue."""
        (self.home / "issue.json").write_text(json.dumps(self.issue | values))

    @property
    def calls(self) -> list[list[str]]:
        """Every command, word by word."""
        return [json.loads(line) for line in (self.home / "calls").read_text().splitlines()]


@pytest.fixture
def forge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Forge:
    home = tmp_path / "forge"
    home.mkdir()
    monkeypatch.setenv("PATH", f"{home}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("SMTP_PASSWORD", "secret")
    return Forge(home)


def test_the_issue_is_opened_ticked_read_kept_up_to_date_and_closed(owner: Owner, forge: Forge) -> None:
    assert owner.run("approvals", "--github") == 0, owner.complained
    assert forge.issue["title"] == "relance\u00a0: à approuver"
    assert "https://github.example/o/r/issues/7" in owner.said
    forge.change(body=tick(str(forge.issue["body"]), "(verdier)"))
    assert owner.run("approvals", "--github", date=NEXT_DAY) == 0, owner.complained
    assert "verdier: reminder-1 approved" in owner.said
    assert len(approved(owner)) == 1
    assert str(forge.issue["body"]).count("- [x]") == 1
    owner.write("ledger/payments.csv", "date;client;montant\n17/11/2026;verdier;1350,00\n17/11/2026;kite;800,00\n")
    assert owner.run("approvals", "--github", date=NEXT_DAY) == 0, owner.complained
    assert forge.issue["state"] == "CLOSED"
    assert not any("verdier" in word.casefold() for call in forge.calls for word in call), "bodies go in by the input"


def test_what_is_ticked_while_it_writes_stays_ticked(owner: Owner, forge: Forge) -> None:
    owner.run("approvals", "--github")
    (forge.home / "ticking").touch()
    assert owner.run("approvals", "--github", date=NEXT_DAY) == 0, owner.complained
    assert approved(owner) == []
    assert str(forge.issue["body"]).count("- [x]") == 2
    assert owner.run("approvals", "--github", date=NEXT_DAY) == 0, owner.complained
    assert len(approved(owner)) == 2


def test_nobody_elses_issue_counts(owner: Owner, forge: Forge) -> None:
    owner.run("approvals", "--github")
    body = tick(str(forge.issue["body"]))
    for foreign in ({"viewerDidAuthor": False, "body": body}, {"viewerDidAuthor": True, "body": f"Bonjour\n{body}"}):
        forge.change(**foreign)
        assert owner.run("approvals", "--github", date=NEXT_DAY) == 0, owner.complained
        assert approved(owner) == []


def test_a_refusal_of_github_is_told_without_the_token(owner: Owner, forge: Forge) -> None:
    (forge.home / "refuse").touch()
    assert owner.run("approvals", "--github") == 3
    assert "HTTP 403" in owner.complained
    assert "ghs_" not in owner.complained


def test_no_issue_is_opened_in_a_repository_that_everybody_can_read(
    owner: Owner, forge: Forge, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    event = tmp_path / "event.json"
    event.write_text('{"repository": {"private": false}}', encoding="utf-8")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_EVENT_PATH", str(event))
    assert owner.run("approvals", "--github") == 1
    assert "[repository-public]" in owner.complained
    assert not (forge.home / "calls").exists()


def test_a_list_without_an_end_is_not_read_whole(owner: Owner) -> None:
    assert owner.run("approvals", "--read", "/dev/zero") == 2
    assert "this is no list of ours, it is too large" in owner.complained


def test_without_gh_it_says_so(owner: Owner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert owner.run("approvals", "--github") == 3
    assert "gh, the command of GitHub, is not on this machine" in owner.complained

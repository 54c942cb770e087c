"""An agreement in the owner's file, from the build to what left: the recap with its calendar, once, and the paper to sign."""

from __future__ import annotations

import email
import email.policy
import json
from email.message import EmailMessage
from typing import TYPE_CHECKING

import pytest
from icalendar import Calendar, Event

from generator.errors import OutsideError
from generator.paper import pdf
from tests.support.owner import PORTAL, Owner, new_owner

if TYPE_CHECKING:
    from pathlib import Path

FILE = "ledger/relance/agreements.csv"
HEAD = "agreement;client;invoices;signed_on;due;amount;status\n"
ROWS = (
    "TEL-1;verdier;F-2026-118;{signed};01/12/2026;400,00;{status}\n"
    "TEL-1;verdier;F-2026-118;{signed};04/01/2027;400,00;{status}\n"
    "TEL-1;verdier;F-2026-118;{signed};01/02/2027;{last};{status}\n"
)


@pytest.fixture
def owner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Owner:
    """A shop whose client agreed by telephone on 13 November to pay in three parts."""
    made = new_owner(tmp_path, capsys)
    agree(made)
    return made


def agree(owner: Owner, *, last: str = "400,00", status: str = "active", signed: str = "13/11/2026") -> None:
    owner.write(FILE, HEAD + ROWS.format(last=last, status=status, signed=signed))


def build(owner: Owner, date: str = "2026-11-16") -> None:
    assert owner.run("build", date=date) == 0, owner.complained


def drafts(owner: Owner, ending: str) -> list[Path]:
    return sorted((owner.folder / "outbox").glob(f"*verdier-recap.{ending}"))


def events(content: bytes) -> dict[str, tuple[int, str, str]]:
    """The events of a calendar: their names, each with its sequence, status and day."""
    found = Calendar.from_ical(content)
    assert isinstance(found, Calendar)
    return {
        str(event["uid"]): (int(str(event["sequence"])), str(event["status"]), event.decoded("dtstart").isoformat())
        for event in found.walk()
        if isinstance(event, Event)
    }


def papers(owner: Owner) -> list[Path]:
    folder = owner.folder / "report" / "agreements"
    return sorted(folder.iterdir()) if folder.is_dir() else []


def test_the_recap_is_in_the_outbox_with_its_calendar_in_it_and_beside_it(owner: Owner) -> None:
    build(owner)
    (draft,), (beside,) = drafts(owner, "eml"), drafts(owner, "ics")
    found = email.message_from_bytes(draft.read_bytes(), policy=email.policy.strict)
    assert isinstance(found, EmailMessage)
    (file,) = found.iter_attachments()
    assert file.get_content_type() == "text/calendar"
    assert file.get_payload(decode=True) == beside.read_bytes()
    assert [state for _, state, _ in events(beside.read_bytes()).values()] == ["CONFIRMED"] * 3
    manifest = json.loads((owner.folder / "outbox" / "manifest.json").read_text(encoding="utf-8"))
    (said,) = [message for message in manifest["messages"] if message["step"] == "recap"]
    assert (said["beside"], said["amounts"]) == ([beside.name], [{"currency": "EUR", "amount": "1200.00"}])


def test_a_second_build_writes_the_same(owner: Owner) -> None:
    build(owner)
    build(owner)
    before = owner.files()
    build(owner)
    assert owner.files() == before


def test_once_it_has_left_it_is_not_prepared_again(owner: Owner) -> None:
    build(owner)
    assert owner.run("sent", "verdier") == 0, owner.complained
    build(owner, "2026-11-17")
    assert drafts(owner, "*") == []


def test_a_change_is_a_new_recap_of_the_same_events(owner: Owner) -> None:
    build(owner)
    before = events(drafts(owner, "ics")[0].read_bytes())
    owner.run("sent", "verdier")
    owner.write(
        FILE,
        (HEAD + ROWS.format(last="400,00", status="active", signed="13/11/2026")).replace("04/01/2027", "11/01/2027"),
    )
    build(owner, "2026-11-18")
    after = events(drafts(owner, "ics")[0].read_bytes())
    assert list(after) == list(before)
    assert [day for *_, day in after.values()] == ["2026-12-01", "2027-01-11", "2027-02-01"]
    assert {sequence for sequence, *_ in after.values()} == {1}


def test_called_off_the_dates_leave_the_calendar_and_the_paper_goes(owner: Owner) -> None:
    build(owner)
    before = events(drafts(owner, "ics")[0].read_bytes())
    assert len(papers(owner)) == 1
    owner.run("sent", "verdier")
    agree(owner, status="cancelled")
    build(owner, "2026-11-18")
    after = events(drafts(owner, "ics")[0].read_bytes())
    assert after == {name: (1, "CANCELLED", day) for name, (_, _, day) in before.items()}
    assert b"METHOD:CANCEL" in drafts(owner, "ics")[0].read_bytes()
    assert papers(owner) == []


def test_an_agreement_of_long_ago_is_not_told_at_the_first_run_but_has_its_paper(owner: Owner) -> None:
    agree(owner, signed="30/10/2026")
    build(owner)
    assert drafts(owner, "*") == []
    assert len(papers(owner)) == 1


def test_the_owner_who_writes_it_themselves_turns_it_off(owner: Owner) -> None:
    owner.write("portal.toml", f"{PORTAL}\n[reminders]\nrecaps = false\n")
    build(owner)
    assert drafts(owner, "*") == []


def test_the_report_and_the_terminal_say_what_it_is(owner: Owner) -> None:
    build(owner)
    assert "report/agreements  (1 agreement to print, if you want them signed)" in owner.said
    page = (owner.folder / "report" / "index.html").read_text(encoding="utf-8")
    assert "échéancier TEL-1, F-2026-118 : convenu le 13 novembre, à confirmer par écrit" in " ".join(page.split())
    assert owner.run("show", "verdier") == 0
    assert "agreement TEL-1, made" in owner.said


def test_the_paper_is_the_same_whatever_was_paid_since(owner: Owner) -> None:
    build(owner)
    (paper,) = papers(owner)
    before = paper.read_bytes()
    assert b"Accord de paiement" in before
    assert paper.stat().st_mode & 0o077 == 0, "it names a client and a debt: for the owner's eyes"
    payments = owner.folder / "ledger" / "payments.csv"
    payments.write_text(
        payments.read_text(encoding="utf-8") + "17/11/2026;verdier;400,00;F-2026-118\n", encoding="utf-8"
    )
    build(owner, "2026-11-18")
    assert papers(owner) == [paper]
    assert paper.read_bytes() == before


def test_nothing_of_it_is_published(owner: Owner) -> None:
    build(owner)
    names = [path.name for path in (owner.folder / "output").rglob("*")]
    assert not [name for name in names if name.endswith((".ics", ".eml")) or "agreement" in name]


def test_a_mistake_in_the_owners_template_is_told_by_check_and_builds_nothing(owner: Owner) -> None:
    owner.write("portal_templates/letters/fr/agreement.md", "Subject: Accord\n\n{{ recap.nothing }}\n")
    assert owner.run("check") == 1
    assert "portal_templates/letters/fr/agreement.md:3" in owner.said + owner.complained
    assert owner.run("build") == 1
    assert not (owner.folder / "outbox").exists()


def test_another_file_in_that_folder_is_left_alone(owner: Owner) -> None:
    kept = owner.write("report/agreements/signé par Anne.pdf", "…")
    build(owner)
    agree(owner, status="cancelled")
    build(owner, "2026-11-18")
    assert papers(owner) == [kept]


def test_with_the_extra_it_is_there_as_a_pdf_drawn_once(owner: Owner) -> None:
    try:
        pdf("<p>")
    except OutsideError as error:
        pytest.skip(str(error))
    owner.write("portal.toml", f"{PORTAL}\n[letters]\npdf = true\n")
    build(owner)
    html, drawn = papers(owner)
    assert drawn.read_bytes().startswith(b"%PDF")
    drawn.write_bytes(b"%PDF kept")
    build(owner)
    assert drawn.read_bytes() == b"%PDF kept"
    html.write_bytes(b"another page")
    build(owner)
    assert drawn.read_bytes() != b"%PDF kept"

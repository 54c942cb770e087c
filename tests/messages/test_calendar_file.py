"""The dates of an agreement in a calendar: read back with the library, held against what RFC 5545 and RFC 5546 ask, and stable."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from icalendar import Calendar, Event

from generator.domain.due import RecapKind
from generator.message_calendar import event_id
from generator.mime import Attachment, UnsendableError, message
from tests.messages.reading import Office
from tests.support.accounts import client, seller, settings
from tests.support.services import agreed, calendar, confirmed, made

if TYPE_CHECKING:
    from generator.domain.due import Recap

ROOT = Path(__file__).resolve().parents[2]
PLAN = agreed(
    (date(2026, 11, 23), "300.00", "300.00"), (date(2026, 12, 23), "300.00", "0"), (date(2027, 1, 25), "600.00", "0")
)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """The office of Atelier Lumen, without templates of its own."""
    return Office(settings(tmp_path_factory.mktemp("folder")))


def file(office: Office, recap: Recap, **known: object) -> bytes:
    (found,) = office.message(confirmed(recap, **known)).attachments  # type: ignore[arg-type]
    return found.content


def events(content: bytes) -> list[Event]:
    found = Calendar.from_ical(content)
    assert isinstance(found, Calendar)
    return [component for component in found.walk() if isinstance(component, Event)]


def over(recap: Recap) -> Recap:
    return replace(recap, kind=RecapKind.OVER, calendar=calendar(PLAN, sequence=1, gone=True))


def test_one_whole_day_for_each_instalment_that_is_to_come(office: Office) -> None:
    second, third = events(file(office, made(PLAN)))

    assert (second.decoded("dtstart"), second.decoded("dtend")) == (date(2026, 12, 23), date(2026, 12, 24))
    assert (third.decoded("dtstart"), third.decoded("dtend")) == (date(2027, 1, 25), date(2027, 1, 26))
    assert str(second["summary"]) == "Échéance 2 sur 3, 300,00 € à Atelier Lumen"
    assert "600,00\u00a0€ à régler à Atelier Lumen pour la facture F-2026-118" in str(third["description"])
    assert "RF45EC1" in str(third["description"])


def test_it_takes_no_time_of_the_day_and_shows_nothing_in_a_calendar_that_is_shared(office: Office) -> None:
    for event in events(file(office, made(PLAN))):
        assert (event["transp"], event["class"], event["status"]) == ("TRANSPARENT", "PRIVATE", "CONFIRMED")
        assert "https://" not in event.to_ical().decode()  # the address of the page is the client's alone


def test_it_says_who_publishes_it(office: Office) -> None:
    content = file(office, made(PLAN))
    found = Calendar.from_ical(content)

    assert (found["method"], found["version"], found["calscale"]) == ("PUBLISH", "2.0", "GREGORIAN")
    (organizer, *_) = [event["organizer"] for event in events(content)]
    assert (str(organizer), organizer.params["cn"]) == ("mailto:compta@atelier-lumen.example", "Atelier Lumen")
    assert b"ATTENDEE" not in content


def test_an_event_keeps_its_name_and_the_later_version_has_the_higher_sequence(office: Office) -> None:
    moved = agreed(*((part.due.replace(day=28), str(part.amount), str(part.paid)) for part in PLAN.instalments))
    before = events(file(office, made(PLAN)))
    after = events(
        file(
            office, made(moved, kind=RecapKind.CHANGED, told_on=date(2026, 11, 3), calendar=calendar(moved, sequence=1))
        )
    )

    assert [event["uid"] for event in before] == [event["uid"] for event in after]
    assert [event["sequence"] for event in before + after] == [0, 0, 1, 1]


def test_every_instalment_agreement_client_and_seller_has_names_of_its_own() -> None:
    names = {
        event_id(owner, who, agreement, number)
        for owner in (seller(), seller(email="compta@other.example"))
        for who in ("verdier", "roux")
        for agreement in ("EC-1", "EC-2")
        for number in (1, 2, 12)
    }
    assert len(names) == 24
    assert event_id(seller(), "verdier", "EC-1", 1) == event_id(
        seller(email="facture@atelier-lumen.example"), "verdier", "EC-1", 1
    )
    assert not any("verdier" in name or "EC-1" in name for name in names)


def test_its_stamp_is_the_day_of_the_agreement(office: Office) -> None:
    for event in events(file(office, made(PLAN))):
        assert event.decoded("dtstamp") == datetime(2026, 10, 16, tzinfo=UTC)


def test_a_file_that_only_takes_dates_out_cancels(office: Office) -> None:
    content = file(office, over(made(PLAN, told_on=date(2026, 11, 3))))

    assert Calendar.from_ical(content)["method"] == "CANCEL"
    assert [(event["status"], event["sequence"]) for event in events(content)] == [("CANCELLED", 1)] * 2


def test_one_that_puts_down_others_publishes_both(office: Office) -> None:
    other = replace(PLAN, id="EC-0")
    recap = made(PLAN, told_on=date(2026, 11, 3))
    both = replace(recap, calendar=(*recap.calendar, *calendar(other, sequence=2, gone=True)))
    content = file(office, both)

    assert Calendar.from_ical(content)["method"] == "PUBLISH"
    states = [str(event["status"]) for event in events(content)]
    assert states == ["CONFIRMED", "CONFIRMED", "CANCELLED", "CANCELLED"]
    assert len({event["uid"] for event in events(content)}) == 4
    assert {str(event["summary"]).split(" ")[0] for event in events(content)[2:]} == {"Annulée"}


def test_its_lines_are_as_the_standard_wants_them(office: Office) -> None:
    long = "« rénovation complète, électricité ; peinture » \\ ligne\nsuite " * 9
    (account,) = confirmed(made(PLAN))
    item = replace(account.items[0], invoice=replace(account.items[0].invoice, subject=long))
    content = file(office, made(PLAN), items=[item])

    assert content.endswith(b"END:VCALENDAR\r\n")
    lines = content.split(b"\r\n")
    assert all(len(line) <= 75 and b"\n" not in line and b"\r" not in line for line in lines)
    content.decode("utf-8")
    assert " ".join(long.split()) in " ".join(str(events(content)[0]["description"]).split())


@pytest.mark.parametrize(
    "name", ['Atelier "Lumière", fils; & Cie: SARL', "Atelier\u2028Lumen", "Лампы", "A" * 300, "Ate^lier \\n"]
)
def test_no_name_breaks_out_of_its_line(tmp_path: Path, name: str) -> None:
    content = file(Office(settings(tmp_path, owner=seller(name=name.replace("\u2028", " ")))), made(PLAN))

    assert len(events(content)) == 2
    assert content.count(b"\r\nBEGIN:") == 2
    assert all(
        name.split(maxsplit=1)[0][:9].strip('"') in str(event["organizer"].params["cn"]) for event in events(content)
    )


def test_an_address_with_letters_of_its_own_is_written_as_mail_servers_take_it(tmp_path: Path) -> None:
    content = file(Office(settings(tmp_path, owner=seller(email="compta@lumière.example"))), made(PLAN))

    assert {str(event["organizer"]) for event in events(content)} == {"mailto:compta@xn--lumire-6ua.example"}
    assert all(str(event["uid"]).endswith("@xn--lumire-6ua.example") for event in events(content))


def test_it_speaks_the_clients_language(office: Office) -> None:
    (found,) = office.message(confirmed(made(PLAN), who=client(language="en"))).attachments

    assert found.name == "instalments.ics"
    assert str(events(found.content)[0]["summary"]) == "Instalment 2 of 3, €300.00 to Atelier Lumen"


def test_the_same_agreement_gives_the_same_bytes_here_and_elsewhere(office: Office) -> None:
    program = (
        "import sys, time; time.time = lambda: 2e9\n"
        "from pathlib import Path\n"
        "from tests.messages.test_calendar_file import PLAN, Office, file, made, settings\n"
        "sys.stdout.buffer.write(file(Office(settings(Path('nowhere'))), made(PLAN)))"
    )
    there = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": "7", "PYTHONPATH": str(ROOT), "TZ": "Pacific/Kiritimati"},
        capture_output=True,
        check=True,
    )
    assert file(office, made(PLAN)) == file(office, made(PLAN)) == there.stdout


@pytest.mark.parametrize(
    "broken",
    [
        Attachment("../echeances.ics", "text/calendar", b"x"),
        Attachment('a".ics', "text/calendar", b"x"),
        Attachment("a\r\nb.ics", "text/calendar", b"x"),
        Attachment("", "text/calendar", b"x"),
        Attachment("a.ics", "text/calendar; method=PUBLISH\r\nBcc: a@b.example", b"x"),
    ],
)
def test_no_file_breaks_out_of_its_headers(office: Office, broken: Attachment) -> None:
    composed = office.message(confirmed(made(PLAN)))
    assert composed.envelope is not None
    with pytest.raises(UnsendableError, match="no file that goes with a message"):
        message(composed.envelope, composed.text, composed.html, attachments=[broken])


def test_the_dates_of_a_plan_that_is_paid_are_taken_out_with_thanks(office: Office) -> None:
    paid = tuple(replace(entry, paid=True) for entry in calendar(PLAN, sequence=1, gone=True))
    found = events(file(office, replace(made(PLAN, told_on=date(2026, 11, 3)), kind=RecapKind.PAID, calendar=paid)))

    assert [str(event["summary"]) for event in found] == [
        "Réglée : échéance 2 sur 3, 300,00 € à Atelier Lumen",
        "Réglée : échéance 3 sur 3, 600,00 € à Atelier Lumen",
    ]
    for event in found:
        assert "Cette échéance est réglée, merci" in str(event["description"])
        assert event["status"] == "CANCELLED"

"""The dates of an agreement as a file for the client's calendar (iCalendar, RFC 5545): one day-long event for each instalment.

The same dates give the same bytes: the stamp is the day of the agreement, not of the moment. An event is private, so that
a calendar that is shared with colleagues shows them nothing, and takes no time of the day away.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from generator.mime import Attachment, server_address, token

if TYPE_CHECKING:
    from collections.abc import Mapping

    from icalendar import Component

    from generator.config import Seller
    from generator.domain.due import CalendarEntry, Recap
    from generator.templates import MessageTemplate, Rendered

_MAKER = "-//relance//agreement//EN"
_CANCEL, _PUBLISH = "CANCEL", "PUBLISH"


def calendar_of(
    seller: Seller, client: str, recap: Recap, template: MessageTemplate, values: Mapping[str, object]
) -> tuple[Attachment, ...]:
    """The file that goes with a recap, its events in the words of `template`; none where there is no date to put down.

    A file that only takes dates out says so (CANCEL); in any other an event that is over says it for itself. Raises
    UserError for a mistake in the template.
    """
    if not recap.calendar:
        return ()
    from icalendar import Calendar  # noqa: PLC0415 - slow to load, and most builds make no calendar

    said = [(entry, template.render({**values, "entry": entry})) for entry in recap.calendar]
    method = _CANCEL if all(entry.cancelled for entry in recap.calendar) else _PUBLISH
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", _MAKER)
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    for entry, words in said:
        calendar.add_component(_event(seller, client, entry, words))
    name = re.sub(r"[^a-z0-9]+", "-", said[0][1].preview.lower()).strip("-") or "calendar"
    return (Attachment(f"{name}.ics", f"text/calendar; charset=utf-8; method={method}", calendar.to_ical()),)


def event_id(seller: Seller, client: str, agreement: str, number: int) -> str:
    """The name of an event, the same for this instalment whatever becomes of its day and amount; it tells nothing of the client."""
    domain = server_address(seller.email).rpartition("@")[2]
    return f"{token('instalment', client, agreement, str(number))}@{domain}"


def _event(seller: Seller, client: str, entry: CalendarEntry, words: Rendered) -> Component:
    from icalendar import Event, vCalAddress, vText  # noqa: PLC0415 - as above

    organizer = vCalAddress(f"mailto:{server_address(seller.email)}")
    organizer.params["cn"] = vText(" ".join(seller.name.split()))
    event = Event()
    event.add("uid", event_id(seller, client, entry.agreement, entry.number))
    event.add("dtstamp", datetime.combine(entry.made_on, time(), UTC))
    event.add("sequence", entry.sequence)
    event.add("dtstart", entry.due)
    event.add("dtend", entry.due + timedelta(days=1))  # the first day that it is not on
    event.add("summary", words.subject)
    event.add("description", "\n\n".join(" ".join(text.split("\n")) for text in words.text.strip().split("\n\n")))
    event.add("organizer", organizer)
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    event.add("class", "PRIVATE")
    event.add("transp", "TRANSPARENT")
    return event

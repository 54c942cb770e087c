"""The day it is: read once, in the seller's time zone, whatever the machine's own."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from generator.config import LedgerSettings, Seller, Settings
from generator.domain.policy import Policy
from generator.workspace import KEY_ALPHABET, SHORTEST_KEY, new_key, published_keys, today_in

PARIS = Settings(
    Path("nowhere"), Seller("Sable", "a@sable.example"), "https://sable.example", LedgerSettings(), Policy()
)


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "America/Los_Angeles"])
@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-11-22T22:59:59", "2026-11-22"),  # the last second of the last day of an offer, in Paris
        ("2026-11-22T23:00:00", "2026-11-23"),
        ("2026-03-29T00:30:00", "2026-03-29"),  # the clock goes forward
        ("2026-10-25T22:30:00", "2026-10-25"),  # and back
        ("2026-12-31T23:00:00", "2027-01-01"),
    ],
)
def test_today_is_the_sellers_day_on_any_machine(zone: str, moment: str, day: str) -> None:
    now = datetime.fromisoformat(moment).replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
    assert today_in(PARIS, now) == date.fromisoformat(day)


def test_a_seller_elsewhere_has_another_day() -> None:
    tahiti = replace(PARIS, seller=replace(PARIS.seller, timezone="Pacific/Tahiti"))
    now = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    assert (today_in(PARIS, now), today_in(tahiti, now)) == (date(2026, 11, 23), date(2026, 11, 22))


def test_keys_hold_more_than_128_bits_in_one_case_of_letters() -> None:
    keys = {new_key() for _ in range(500)}
    assert len(keys) == 500
    assert all(set(key) <= set(KEY_ALPHABET) and len(key) * 5 >= 128 and len(key) >= SHORTEST_KEY for key in keys)


def test_what_a_file_manager_leaves_beside_the_pages_is_no_lost_key(tmp_path: Path) -> None:
    pages = tmp_path / "output" / "p"
    (pages / "a2345").mkdir(parents=True)
    (pages / ".DS_Store").write_bytes(b"")
    assert published_keys(tmp_path) == ["a2345"]
    assert published_keys(tmp_path / "nothing") == []

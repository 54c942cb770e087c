"""Fingerprints: every part of every value counts, also those that are added tomorrow; where it stands in memory does not."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any

import pytest

from generator.domain.ledger import SourceRef
from generator.domain.money import Money
from generator.fingerprint import fingerprint, stamp_of
from tests.support.world import world

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from generator.domain.account import Account

LEDGER = """
client ada kind=business salutation="Madame Ada"
invoice A-1 2026-08-01 due 2026-09-01 900.00
invoice A-2 2026-11-01 due 2026-12-01 300.00
credit A-3 2026-08-05 100.00 A-1
payment 2026-11-02 55.00
"""


def _accounts() -> tuple[Account, ...]:
    """A client with an item overdue and one to come, a credit note, a guess, a plan and a message due."""
    there = world(LEDGER)
    there.build("2026-09-10")
    there.send("2026-09-10")
    there.build("2026-11-23")
    return there.decide("2026-11-23").by_client()[0]


def _variants(value: Any) -> Iterator[Any]:
    """The same value with one of its parts changed, for each part in turn, however deep."""
    if isinstance(value, SourceRef):
        return
    if is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            for other in _variants(getattr(value, field.name)):
                yield replace(value, **{field.name: other})
    elif isinstance(value, tuple):
        yield (*value, "more")
        for index, part in enumerate(value):
            yield from ((*value[:index], other, *value[index + 1 :]) for other in _variants(part))
    else:
        yield _other(value)


def _other(value: Any) -> Any:
    if isinstance(value, Enum):
        return next(member for member in type(value) if member is not value)
    if isinstance(value, Mapping):
        return {**value, "more": "more"}
    if isinstance(value, bool) or value is None:
        return not value
    if isinstance(value, date):
        return value + timedelta(days=1)
    return f"{value}x" if isinstance(value, str) else value + 1


def test_every_part_of_an_account_counts() -> None:
    accounts = _accounts()
    assert accounts[0].reminders.due_today
    assert accounts[0].offers
    here, others = fingerprint("", accounts), list(_variants(accounts))
    assert len(others) > 200
    assert [other for other in others if fingerprint("", other) == here] == []


def test_equal_accounts_have_one_fingerprint_wherever_they_came_from() -> None:
    assert fingerprint("", _accounts()) == fingerprint("", deepcopy(_accounts()))


def test_the_line_of_the_ledger_does_not_count() -> None:
    client = _accounts()[0].client
    assert fingerprint("", replace(client, source=SourceRef("other.csv", 99))) == fingerprint("", client)


def test_a_record_that_is_met_again_is_told_from_its_number_and_from_its_equal() -> None:
    one = Money(1, "EUR")
    assert len({fingerprint("", value) for value in ([one, one], [one, 0], [one, (0,)], [one, Money(2, "EUR")])}) == 4


def test_values_of_different_kinds_differ() -> None:
    alike = ["1", 1, True, None, "", (), ("1",), Decimal(1), {"1": "1"}, date(1, 1, 1), Money(1, "EUR")]
    assert len({fingerprint("", value) for value in alike}) == len(alike)
    assert fingerprint("a", 1) != fingerprint("b", 1)


@dataclass(frozen=True)
class Strange:
    """A record with a field of which nothing is known."""

    field: object


@pytest.mark.parametrize("value", [1.5, b"x", {1}, object(), timedelta(1)])
def test_what_is_not_known_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="no fingerprint"):
        fingerprint("", Strange(value))


def test_a_moment_is_not_the_day_it_falls_on() -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    values = [moment.date(), moment, moment + timedelta(microseconds=1), moment.replace(tzinfo=None)]
    assert len({fingerprint("", Strange(value)) for value in values}) == len(values)


def test_a_stamp_changes_with_any_file_its_name_and_its_folder(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    (first / "deep").mkdir(parents=True)
    second.mkdir()
    stamps = [stamp_of("", [first, second])]

    def changed(*known: str) -> None:
        stamps.append(stamp_of(known or "", [first, second]))

    (first / "deep" / "x.html").write_text("x")
    changed()
    (first / "deep" / "x.html").write_text("y")
    changed()
    (first / "deep" / "x.html").rename(first / "deep" / "z.html")
    changed()
    (first / "deep" / "z.html").rename(second / "z.html")
    changed()
    changed("something else")
    assert len(set(stamps)) == len(stamps)
    assert stamp_of("", [first, second]) == stamp_of("", [first, second])

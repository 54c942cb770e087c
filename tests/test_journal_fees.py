"""Late fees that were claimed, as the journal keeps them: read back as they were written, and never read wrong."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from generator.domain.claims import ClaimedPeriod, FeesClaimed
from generator.domain.memory import Memory
from generator.journal import append, read_journal

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 22, 6, 3, 12, tzinfo=UTC)
CLAIM = FeesClaimed(
    client="brun",
    currency="EUR",
    invoice="F-1/2",
    issued=date(2026, 4, 1),
    total=100_000,
    step="formal-notice",
    on=date(2026, 7, 15),
    until=date(2026, 7, 15),
    indemnity=4000,
    indemnity_article="fr-business-indemnity",
    periods=(
        ClaimedPeriod(
            date(2026, 5, 1),
            date(2026, 6, 30),
            100_000,
            Decimal("12.15"),
            365,
            2031,
            "ecb + 10",
            "fr-business-interest",
        ),
        ClaimedPeriod(
            date(2026, 7, 1), date(2026, 7, 15), 60_000, Decimal("12.40"), 365, 306, "ecb + 10", "fr-business-interest"
        ),
    ),
)


def test_a_claim_is_one_line_of_plain_words(tmp_path: Path) -> None:
    path = append(tmp_path / "journal", [CLAIM], NOW)
    assert path is not None
    (line,) = path.read_text(encoding="utf-8").splitlines()
    record = json.loads(line)
    assert {name: record[name] for name in record if name != "periods"} == {
        "event": "fees",
        "client": "brun",
        "currency": "EUR",
        "invoice": "F-1/2",
        "issued": "2026-04-01",
        "total": 100_000,
        "step": "formal-notice",
        "on": "2026-07-15",
        "until": "2026-07-15",
        "indemnity": 4000,
        "indemnity_article": "fr-business-indemnity",
    }
    assert record["periods"][1] == {
        "begins": "2026-07-01",
        "ends": "2026-07-15",
        "base": 60_000,
        "percent": "12.40",
        "year_days": 365,
        "interest": 306,
        "basis": "ecb + 10",
        "article": "fr-business-interest",
    }


def test_it_is_read_back_the_same(tmp_path: Path) -> None:
    append(tmp_path / "journal", [CLAIM], NOW)
    memory, problems = read_journal(tmp_path / "journal")
    assert problems == []
    assert memory.get("brun").claims == (CLAIM,)
    assert (CLAIM.interest, CLAIM.amount) == (2337, 6337)
    assert memory == Memory.of([CLAIM, CLAIM])


def written(folder: Path, **changes: Any) -> list[str]:
    """The problems of a journal with this claim, changed."""
    path = append(folder / "journal", [CLAIM], NOW)
    assert path is not None
    record = json.loads(path.read_text(encoding="utf-8")) | changes
    path.write_text(json.dumps(record) + "\n", encoding="utf-8")
    _, problems = read_journal(folder / "journal")
    return [problem.code for problem in problems]


def period(**changes: Any) -> list[dict[str, Any]]:
    usual = {
        "begins": "2026-05-01",
        "ends": "2026-06-30",
        "base": 100_000,
        "percent": "12.15",
        "year_days": 365,
        "interest": 2031,
        "basis": "ecb + 10",
        "article": "fr-business-interest",
    }
    return [usual | changes]


@pytest.mark.parametrize(
    "changes",
    [
        {"indemnity": -1},
        {"indemnity": 40.0},
        {"indemnity": True},
        {"total": "100000"},
        {"currency": "EURO"},
        {"invoice": 118},
        {"until": "2026-07-16"},
        {"until": "yesterday"},
        {"periods": None},
        {"periods": "none"},
        {"periods": [1]},
        {"periods": period(interest=-1)},
        {"periods": period(interest="20.31")},
        {"periods": period(base=1.5)},
        {"periods": period(year_days=360)},
        {"periods": period(percent="12,15")},
        {"periods": period(percent="NaN")},
        {"periods": period(percent="-1")},
        {"periods": period(percent=12.15)},
        {"periods": period(begins="2026-07-01")},
        {"periods": period(ends="2026-08-01")},
        {"periods": period(article=None)},
        {"periods": period() + period(begins="2026-04-01")},
    ],
)
def test_a_damaged_line_is_said_and_never_guessed(tmp_path: Path, changes: dict[str, Any]) -> None:
    assert written(tmp_path, **changes) == ["journal-unreadable"]


@pytest.mark.parametrize("changes", [{"colour": "blue"}, {"periods": period(colour="blue")}])
def test_a_line_of_a_later_version_is_said_to_be_one(tmp_path: Path, changes: dict[str, Any]) -> None:
    assert written(tmp_path, **changes) == ["journal-newer"]


def test_a_claim_of_nothing_but_the_indemnity_is_whole(tmp_path: Path) -> None:
    assert written(tmp_path, periods=[]) == []


def test_a_correction_is_a_line_of_its_own_and_read_back(tmp_path: Path) -> None:
    lower = replace(CLAIM, periods=CLAIM.periods[:1], corrected_on=date(2026, 7, 20))
    path = append(tmp_path / "journal", [CLAIM, lower], NOW)
    assert path is not None
    first, second = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    assert ("corrected_on" in first, second["corrected_on"]) == (False, "2026-07-20")
    memory, problems = read_journal(tmp_path / "journal")
    assert problems == []
    assert memory.get("brun").claims == (CLAIM, lower)


@pytest.mark.parametrize("day", ["2026-07-14", "soon", 20260720])
def test_one_from_before_the_claim_or_of_no_day_is_damaged(tmp_path: Path, day: object) -> None:
    assert written(tmp_path, corrected_on=day) == ["journal-unreadable"]

"""The reference of `portal.toml` lists every key with its default, and what it shows works."""

from __future__ import annotations

import re
from pathlib import Path

from generator.config import read_settings
from generator.policy_file import PolicyFile
from tests.test_config import FULL, sound

DOCUMENTATION = Path(__file__).resolve().parent.parent / "docs" / "reference" / "portal-toml.md"


def test_every_key_is_documented_with_its_default() -> None:
    documented = dict(
        re.findall(r"^\| `([a-zA-Z_.]+)` \| ([^|]+) \|", DOCUMENTATION.read_text(encoding="utf-8"), re.MULTILINE)
    )
    file = PolicyFile(FULL)
    read_settings(Path(), file)
    elsewhere = ("ledger.columns.", "reminders.ladders.", "offers.grades.new.")
    asked = {key: default for key, default in file.asked.items() if not key.startswith(elsewhere)}
    assert set(documented) == set(asked)
    required = {
        "seller.name",
        "seller.email",
        "site.url",
        "offers.discount.percent",
        "late_fees.rates.from",
        "late_fees.rates.ecb",
        "late_fees.rates.legal",
        "reminders.steps.name",
        "reminders.steps.days",
        "stripe.ledger",
        "smtp.host",
        "imap.host",
        "imap.user",
        "deploy.target",
    }
    for key, default in asked.items():
        expected = "required" if key in required else "none" if default is None else f"`{_toml(default)}`"
        assert documented[key] == expected, key


def test_every_ladder_has_the_keys_of_the_usual_one() -> None:
    file = PolicyFile(FULL)
    read_settings(Path(), file)
    usual, other = (
        {key.removeprefix(table): default for key, default in file.asked.items() if key.startswith(table)}
        for table in ("reminders.steps.", "reminders.ladders.loyal.steps.")
    )
    assert usual == other


def test_every_grade_has_the_same_keys() -> None:
    file = PolicyFile(FULL)
    read_settings(Path(), file)
    worst, new = (
        {key.removeprefix(table): default for key, default in file.asked.items() if key.startswith(table)}
        for table in ("offers.grades.D.", "offers.grades.new.")
    )
    assert worst == new
    assert worst


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, int):
        return str(value)
    return f'"{value}"'


def test_the_documented_smallest_policy_works(tmp_path: Path) -> None:
    (example,) = re.findall(
        r"^```toml\n(\[seller\].*?)^```", DOCUMENTATION.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    assert sound(tmp_path, example).seller.terms == "30"

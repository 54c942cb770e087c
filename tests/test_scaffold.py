"""What `relance init` makes builds at once, and its comments tell the truth about the defaults."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from generator.commands.init import scaffold
from generator.config import Settings, load_settings
from generator.domain.due import Held
from generator.domain.policy import DiscountPolicy
from generator.resources import bundled
from generator.workspace import open_workspace

SCAFFOLD = bundled("portal_templates") / "scaffold"
_COMMENTED = re.compile(r"^#(?=[a-z_]+ = |\[)", re.MULTILINE)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A new owner's folder."""
    made = tmp_path / "maison"
    scaffold(made)
    return made


def _settings(folder: Path, *said: str) -> Settings:
    settings, problems = load_settings(folder)
    assert [problem.code for problem in problems] == [*said]
    assert settings is not None
    return settings


def test_it_is_read_without_a_word_to_say_but_how_far_payments_are_booked(folder: Path) -> None:
    assert [problem.code for problem in open_workspace(folder).problems] == []


def test_its_sample_lines_show_a_reminder_and_are_plainly_samples(folder: Path) -> None:
    workspace = open_workspace(folder)
    accounts = workspace.decide(date(2026, 11, 23)).accounts
    assert [account.reminders.due_today is not None for account in accounts] == [True, True]
    assert all(client.id.startswith("EXEMPLE") for client in workspace.ledger.clients.values())


def test_its_sample_lines_harm_nobody_who_comes_to_them_years_later(folder: Path) -> None:
    accounts = open_workspace(folder).decide(date(2031, 3, 3)).accounts
    assert {account.reminders.held for account in accounts} == {Held.REVIEW}


def test_what_is_made_and_what_is_secret_stays_out_of_git(folder: Path) -> None:
    ignored = (folder / ".gitignore").read_text("utf-8").split("\n")
    assert {"/output/", "/outbox/", "/report/", ".env"} <= set(ignored)
    assert not (folder / "gitignore").exists()


def test_every_option_in_a_comment_is_one_that_exists_at_its_default(folder: Path) -> None:
    shipped = _settings(folder)
    text = (folder / "portal.toml").read_text("utf-8")
    (folder / "portal.toml").write_text(_COMMENTED.sub("", text), encoding="utf-8")
    spelt_out = _settings(folder, "offer-without-step")  # the usual ladder proposes no discount
    assert spelt_out.seller == shipped.seller
    assert spelt_out.policy.plans == shipped.policy.plans
    assert spelt_out.policy.reminders == shipped.policy.reminders
    assert spelt_out.policy.late_fees == shipped.policy.late_fees
    assert spelt_out.policy.stale_days == shipped.policy.stale_days
    assert spelt_out.policy.discount == DiscountPolicy(percent=Decimal(5), minimum=Decimal(0))
    assert spelt_out.ledger.path == shipped.ledger.path


def test_uncommenting_finds_every_option() -> None:
    text = (SCAFFOLD / "portal.toml").read_text("utf-8")
    spelt_out = tomllib.loads(_COMMENTED.sub("", text))
    assert len(_COMMENTED.findall(text)) > 40
    assert spelt_out["reminders"]["steps"][-1]["name"] == "formal-notice"
    assert spelt_out["currencies"]["GBP"]


def test_its_guide_names_only_commands_that_exist() -> None:
    guide = (SCAFFOLD / "LISEZMOI.md").read_text("utf-8")
    named = set(re.findall(r"`relance ([a-z]+)", guide))
    commands = {
        path.stem for path in (Path(__file__).resolve().parents[1] / "generator" / "commands").glob("[a-z]*.py")
    }
    assert named
    assert named <= commands

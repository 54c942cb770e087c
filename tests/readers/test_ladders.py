"""A client's own ladder and the steps they are spared: columns of clients.csv that name what portal.toml says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from generator.domain.policy import DEFAULT_LADDER, Policy, ReminderPolicy, Step
from generator.problems import format_problem
from tests.readers.folder import read

if TYPE_CHECKING:
    from pathlib import Path

    from tests.readers.folder import Read

LOYAL = (Step("word", 20), Step("reminder-1", 40))
POLICY = Policy(reminders=ReminderPolicy(ladders={"loyal": LOYAL}))


def client(folder: Path, ladder: str = "", skip: str = "", header: str = "ladder;skip_steps") -> Read:
    rows = f"id;name;email;{header}\nverdier;Studio Verdier;a@verdier.example;{ladder};{skip}\n"
    return read(folder, clients=rows, policy=POLICY)


def steps(found: Read) -> list[str]:
    assert found.problems == []
    return [step.name for step in POLICY.reminders.steps_for(found.ledger.clients["verdier"])]


def test_without_a_word_a_client_climbs_the_usual_ladder(tmp_path: Path) -> None:
    assert steps(client(tmp_path)) == [step.name for step in DEFAULT_LADDER]


def test_a_ladder_is_named_in_any_case_and_in_french(tmp_path: Path) -> None:
    assert steps(client(tmp_path, "Loyal", header="Échelle de relance;Sans paliers")) == ["word", "reminder-1"]


@pytest.mark.parametrize("word", ["none", "None", "aucune", "aucun"])
def test_no_ladder_at_all_has_a_word_of_its_own(tmp_path: Path, word: str) -> None:
    found = client(tmp_path, word)
    assert found.problems == []
    assert found.ledger.clients["verdier"].ladder == "none"


@pytest.mark.parametrize(
    "skip", ["reminder-2 courtesy", "Reminder-2, courtesy", " reminder-2 ,, courtesy ", "courtesy reminder-2 courtesy"]
)
def test_steps_are_spared_by_name(tmp_path: Path, skip: str) -> None:
    assert steps(client(tmp_path, skip=f'"{skip}"')) == ["reminder-1", "reminder-3", "formal-notice"]


def test_an_unknown_ladder_is_told_with_those_there_are(tmp_path: Path) -> None:
    found = client(tmp_path, "royal", "reminder-9", header="paliers;skip_steps")
    assert found.problems == ["ladder-unknown 2 paliers"]
    assert "loyal, none" in format_problem(found.found[0])


def test_an_unknown_step_is_told_with_those_of_the_clients_own_ladder(tmp_path: Path) -> None:
    found = client(tmp_path, "loyal", "word reminder-2")
    assert found.problems == ["step-unknown 2 skip_steps"]
    assert '"reminder-2"' in format_problem(found.found[0])
    assert "word, reminder-1" in format_problem(found.found[0])

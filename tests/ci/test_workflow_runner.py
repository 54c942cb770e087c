"""What stands in for the runner in tests does as the runner does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.expressions import Contexts, filled, holds, worked_out
from tests.support.workflow import Runner, machine, read_outputs, read_workflow

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.support.workflow import Step

VALUES: dict[str, dict[str, Any]] = {
    "github": {"ref": "refs/heads/main", "event": {"issue": {"labels": [{"name": "bug"}, {"name": "Relance"}]}}},
    "inputs": {"until": "", "dry_run": False, "count": 2.0},
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("github.ref == 'refs/heads/main'", True),
        ("github.ref == 'REFS/heads/main' && 'yes'", "yes"),
        ("inputs.until || 'send'", "send"),
        ("inputs.nothing", None),
        ("github.event.head_commit.author.name != 'relance'", True),
        ("contains(github.event.issue.labels.*.name, 'relance')", True),
        ("contains('deploy verify send', inputs.until || 'record')", False),
        ("!inputs.dry_run && (inputs.count == 2 || false)", True),
        ("format('{0}-{1}', 'it''s', inputs.count)", "it's-2.0"),
        ("null == ''", True),
        ("'x' == 0", False),
    ],
)
def test_expressions_are_worked_out(text: str, value: object) -> None:
    assert worked_out(text, Contexts(VALUES)) == value


@pytest.mark.parametrize("text", ["github.ref ==", "'open", "a b", "(true"])
def test_what_is_no_expression_is_not_guessed(text: str) -> None:
    with pytest.raises(AssertionError):
        worked_out(text, Contexts(VALUES))


def test_after_a_failure_only_what_asks_for_it_runs() -> None:
    failed = Contexts(VALUES, failed=True)
    assert not holds("", failed)
    assert not holds("${{ github.ref }}", failed)
    assert holds("always()", failed)
    assert holds("${{ !cancelled() && failure() }}", failed)
    assert holds("", Contexts(VALUES))


def test_texts_are_filled() -> None:
    assert filled("a ${{ inputs.until || 'b' }} ${{ inputs.dry_run }}${{ inputs.x }}", Contexts(VALUES)) == "a b false"


def test_outputs_are_read_as_they_are_written() -> None:
    assert read_outputs("a=1\nb<<END-1\nx=2\n\ny<<z\nEND-1\nc=d=e\n") == {"a": "1", "b": "x=2\n\ny<<z", "c": "d=e"}


WORKFLOW = """
name: a try
on: [push]
permissions: {}
env:
  SHARED: "${{ github.ref }}"
jobs:
  only:
    runs-on: ubuntu-24.04
    outputs:
      found: ${{ steps.first.outputs.found }}
    steps:
      - name: ready-made
        uses: actions/some@0123
        with: {place: "${{ runner.temp }}/x"}
      - name: first
        id: first
        env: {OWN: "${{ secrets.KEY }}"}
        run: |
          echo "$SHARED $OWN"
          echo "found=$OWN" >> "$GITHUB_OUTPUT"
          echo "**done**" >> "$GITHUB_STEP_SUMMARY"
      - name: may fail
        continue-on-error: true
        run: "false"
      - name: fails
        run: |
          false | cat
          echo never
      - name: left out
        run: echo never
      - name: at the end
        if: always()
        run: echo "$RUNNER_TEMP"
"""


def test_a_job_is_run_as_a_runner_runs_it(tmp_path: Path) -> None:
    job = read_workflow(WORKFLOW).jobs["only"]
    given: list[Mapping[str, str]] = []

    def ready_made(_step: Step, words: Mapping[str, str]) -> dict[str, str]:
        given.append(words)
        return {}

    uses: dict[str, Any] = {"actions/some": ready_made}
    runner = Runner(tmp_path, tmp_path, machine(tmp_path), VALUES["github"], secrets={"KEY": "k"}, uses=uses)
    assert not runner.run(job)
    outcomes = [one.outcome for one in runner.done]
    assert outcomes == ["success", "success", "failure", "failure", "skipped", "success"]
    assert given == [{"place": f"{tmp_path}/x"}]
    assert runner.done[1].said == "refs/heads/main k\n"
    assert runner.done[3].said == ""
    assert runner.outputs(job) == {"found": "k"}
    assert runner.summary == "**done**\n"


def test_a_machine_can_be_lost_before_a_step(tmp_path: Path) -> None:
    job = read_workflow(WORKFLOW).jobs["only"]
    runner = Runner(tmp_path, tmp_path, machine(tmp_path), VALUES["github"])
    assert not runner.run(job, until=lambda step: step.name == "fails")
    assert [one.step.name for one in runner.done] == ["ready-made", "first", "may fail"]

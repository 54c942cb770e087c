"""A service that runs workflows, on this machine: the repository, one clone for each job, its secrets, its issues in a file.

What a step says in shell is run; `actions/checkout` clones, `actions/upload-artifact` and `actions/deploy-pages` hand the site on.
`relance` is the one that these tests run in, so that `python -m pip install` has nothing to do. `gh` keeps issues and comments
in a file, as the service would, and nobody else is spoken to.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import tarfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.support.remote import git
from tests.support.workflow import Runner, machine, read_workflow

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tests.support.workflow import Done, Job, Step, Workflow

RELANCE, PREVIEW = ".github/workflows/relance.yml", ".github/workflows/relance-preview.yml"
REPOSITORY = {"full_name": "lumen/relances", "private": True}
OURS = "github-actions[bot]"
_PIP = """#!/bin/bash
[ "$1 $2 $3" = "-m pip install" ] || exec {python} "$@"
echo "${{@: -1}}" >> "{home}/installed"
"""
_GH = """#!{python} -SEs
import json, os, sys
words, file = sys.argv[1:], {file!r}
assert os.environ["GH_TOKEN"] == "token"
assert not {{"SMTP_PASSWORD", "STRIPE_API_KEY"}} & set(os.environ), "no business of gh"
with open(file) as kept:
    known = json.load(kept)
issue = known["issue"]
if words[:2] == ["api", "graphql"]:
    nodes = [issue] if issue and issue["state"] == "OPEN" else []
    print(json.dumps({{"data": {{"repository": {{"issues": {{"nodes": nodes}}}}}}}}))
elif words[0] == "api" and "--jq" in words and words[-1] == ".private":
    print(str(known["private"]).lower())
elif words[:2] == ["api", "--paginate"]:
    print("\\n".join(str(number) for number in range(len(known["comments"]))))
elif words[0] == "api" and words[1] == "--method":
    with open(words[-1].removeprefix("body=@")) as body:
        text = body.read()
    if words[2] == "POST":
        known["comments"].append(text)
    else:
        known["comments"][int(words[3].rpartition("/")[2])] = text
elif words[:2] == ["issue", "create"]:
    known["opened"] += 1
    known["issue"] = {{"number": known["opened"], "title": words[words.index("--title") + 1], "body": sys.stdin.read(),
                      "state": "OPEN", "viewerDidAuthor": True, "url": "https://github.example/lumen/relances/issues/1"}}
elif words[:2] == ["issue", "edit"]:
    issue["body"] = sys.stdin.read()
elif words[:2] == ["issue", "close"]:
    issue["state"] = "CLOSED"
elif words[0] != "label":
    sys.exit("unknown to this stand-in: " + " ".join(words))
with open(file, "w") as kept:
    json.dump(known, kept)
"""


@dataclass(slots=True)
class Ran:
    """What became of one run: of each job whether it succeeded, and all that was said; a job that is not there did not run."""

    jobs: dict[str, bool] = field(default_factory=dict)
    summary: str = ""
    said: str = ""
    steps: dict[str, list[Done]] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        """Whether the run is green."""
        return bool(self.jobs) and all(self.jobs.values())


@dataclass
class Hub:
    """The service. `environ` is what every job finds besides; `web` the folder where `actions/deploy-pages` puts the site."""

    place: Path
    remote: Path
    web: Path
    environ: dict[str, str]
    secrets: dict[str, str] = field(default_factory=dict)
    before: Callable[[Step], None] | None = (
        None  #: called before each step that is shell, for what happens elsewhere meanwhile
    )
    compiled: Path | None = None  #: templates that were compiled before; each clone would compile them again
    runs: int = 0

    def __post_init__(self) -> None:
        """`gh` and `python` are the first on the path; `relance` is put there by the test."""
        self.bin = self.place / "bin"
        self.bin.mkdir()
        self._keep({"private": True, "issue": None, "opened": 0, "comments": []})
        _script(self.bin / "gh", _GH.format(python=sys.executable, file=str(self._file)))
        _script(self.bin / "python", _PIP.format(python=sys.executable, home=self.place))

    # What it keeps

    @property
    def _file(self) -> Path:
        return self.place / "hub.json"

    @property
    def kept(self) -> dict[str, Any]:
        """The issue, the comments."""
        found: dict[str, Any] = json.loads(self._file.read_text(encoding="utf-8"))
        return found

    def _keep(self, what: Mapping[str, Any]) -> None:
        self._file.write_text(json.dumps(what), encoding="utf-8")

    def becomes_public(self) -> None:
        """Somebody opens the repository to the world."""
        self._keep({**self.kept, "private": False})

    @property
    def list(self) -> str:
        """What waits for the owner, as they see it; empty when no issue is open."""
        issue = self.kept["issue"]
        return issue["body"] if issue and issue["state"] == "OPEN" else ""

    def tick(self, box: str) -> dict[str, Any]:
        """The owner ticks the box whose line holds these words: the event that it makes."""
        known = self.kept
        lines = known["issue"]["body"].split("\n")
        (line,) = (number for number, text in enumerate(lines) if text.startswith("- [ ]") and box in text)
        lines[line] = lines[line].replace("- [ ]", "- [x]", 1)
        known["issue"]["body"] = "\n".join(lines)
        self._keep(known)
        return {"issue": {"user": {"login": OURS}, "labels": [{"name": "relance"}]}}

    # What it runs

    def workflow(self, place: str = RELANCE) -> Workflow:
        """The file as it is in the repository."""
        return read_workflow(git(self.remote, "show", f"main:{place}"))

    def pushed(self) -> Ran:
        """The run that the last push starts; none, when it starts none."""
        author = git(self.remote, "log", "-1", "--format=%an", "main")
        return self.run("push", {"head_commit": {"author": {"name": author}}})

    def morning(self) -> Ran:
        """The run of the schedule."""
        return self.run("schedule", {})

    def run(self, event_name: str, event: Mapping[str, Any], inputs: Mapping[str, Any] | None = None) -> Ran:
        """The main workflow."""
        github = self._told(event_name, event, "refs/heads/main")
        return self._run(self.workflow(), github, inputs or {}, self._clone)

    def proposed(self, branch: str) -> Ran:
        """The workflow of a pull request for a branch that was pushed."""
        event = {"pull_request": {"number": "5", "head": {"repo": REPOSITORY}}}

        def merged(folder: Path, _: Mapping[str, str]) -> None:
            git(folder, "clone", "--quiet", str(self.remote), ".")
            git(folder, "checkout", "--quiet", "--detach", "origin/main")
            git(folder, "merge", "--quiet", "--no-ff", "--message", "Les deux", f"origin/{branch}")

        return self._run(self.workflow(PREVIEW), self._told("pull_request", event, "refs/pull/5/merge"), {}, merged)

    def _told(self, name: str, event: Mapping[str, Any], ref: str) -> dict[str, Any]:
        whole = {"repository": REPOSITORY, **event}
        told = {
            "event_name": name,
            "event": whole,
            "ref": ref,
            "token": "token",
            "server_url": "https://github.example",
        }
        return {**told, "repository": REPOSITORY["full_name"]}

    def _run(
        self,
        flow: Workflow,
        github: Mapping[str, Any],
        inputs: Mapping[str, Any],
        checkout: Callable[[Path, Mapping[str, str]], None],
    ) -> Ran:
        """Job after job, each on a machine of its own, as its needs and its condition say."""
        self.runs += 1
        ran, needs = Ran(), dict[str, Any]()
        for name, job in flow.jobs.items():
            here = self.place / f"run-{self.runs}" / name
            runner = self._machine(
                here, github, inputs, {one: needs[one] for one in job.needs if one in needs}, checkout
            )
            results = [needs[one]["result"] for one in job.needs if one in needs]
            if len(results) < len(job.needs) or not runner.wanted(job, failed="failure" in results):
                continue
            ran.jobs[name] = runner.run(job)
            ran.steps[name] = runner.done
            ran.summary += runner.summary
            ran.said += "".join(one.said for one in runner.done)
            result = "success" if ran.jobs[name] else "failure"
            needs[name] = {"result": result, "outputs": runner.outputs(job)}
        return ran

    def _machine(
        self,
        here: Path,
        github: Mapping[str, Any],
        inputs: Mapping[str, Any],
        needs: Mapping[str, Any],
        checkout: Callable[[Path, Mapping[str, str]], None],
    ) -> Runner:
        for folder in (here / "work", here / "temp"):
            folder.mkdir(parents=True)
        event = here / "event.json"
        event.write_text(json.dumps(github["event"]), encoding="utf-8")
        environ = {**machine(self.bin), **self.environ, "HOME": str(here), "GITHUB_EVENT_PATH": str(event)}
        uses: dict[str, Callable[[Step, Mapping[str, str]], Mapping[str, str]]] = {
            "actions/checkout": lambda _, given: checkout(here / "work", given) or {},  # type: ignore[func-returns-value]
            "actions/upload-artifact": self._upload,
            "actions/deploy-pages": self._deploy,
        }
        return Runner(
            here / "work", here / "temp", environ, github, inputs, self.secrets, needs, uses, before=self.before
        )

    def _clone(self, folder: Path, given: Mapping[str, str]) -> None:
        assert given == {"ref": "main", "fetch-depth": "0"}
        git(folder, "clone", "--quiet", "--branch", given["ref"], str(self.remote), ".")
        if self.compiled is not None:
            shutil.copytree(self.compiled, folder / "report" / ".templates")

    def _upload(self, _: Step, given: Mapping[str, str]) -> dict[str, str]:
        assert given["name"] == "github-pages"
        shutil.copyfile(given["path"], self.place / "artifact.tar")
        return {}

    def _deploy(self, _: Step, __: Mapping[str, str]) -> dict[str, str]:
        shutil.rmtree(self.web, ignore_errors=True)
        with tarfile.open(self.place / "artifact.tar") as packed:
            packed.extractall(self.web, filter="data")
        return {"page_url": "https://payer.lumen.example"}


def _script(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")
    file.chmod(0o755)


def may(job: Job) -> set[str]:
    """What a job may write."""
    return {name for name, what in job.permissions.items() if re.fullmatch("write", what)}

"""A workflow file of GitHub taken apart, and its shell steps run in their order as a runner would run them.

`read_workflow` gives the jobs with their conditions, permissions and steps. `Runner` runs one job: `run:` steps for real,
with bash as the service calls it; each `uses:` step by what a test gives for it. What a job is told (the event, inputs,
secrets) and the commands on its path (`gh`, `relance`) are the test's to give.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML

from tests.support.expressions import Contexts, filled, holds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

_LONGEST = 120.0


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a job: shell (`run`) or something ready-made (`uses`, with `given`). `condition` is empty for none."""

    name: str
    id: str = ""
    condition: str = ""
    run: str = ""
    uses: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    given: Mapping[str, Any] = field(default_factory=dict)
    goes_on: bool = False  #: also when it fails

    @property
    def action(self) -> str:
        """Which ready-made step it is, without its version: `actions/checkout`."""
        return self.uses.partition("@")[0]


@dataclass(frozen=True, slots=True)
class Job:
    """One job of a workflow; `env` holds what the whole workflow says too."""

    name: str
    condition: str
    permissions: Mapping[str, str]
    env: Mapping[str, str]
    steps: Sequence[Step]
    needs: tuple[str, ...] = ()
    outputs: Mapping[str, str] = field(default_factory=dict)
    runs_on: str = ""


@dataclass(frozen=True, slots=True)
class Workflow:
    """A whole file. `triggers` are what stands under `on`."""

    name: str
    triggers: Mapping[str, Any]
    permissions: Mapping[str, str]
    concurrency: Mapping[str, Any]
    jobs: Mapping[str, Job]


def read_workflow(text: str) -> Workflow:
    """The workflow that a file says. What it leaves out is empty."""
    data = read_yaml(text)
    shared = data.get("env", {})
    jobs = {name: _job(name, job, shared) for name, job in data["jobs"].items()}
    return Workflow(data.get("name", ""), data["on"], data["permissions"], data.get("concurrency", {}), jobs)


def read_yaml(text: str) -> Any:
    """A YAML text as plain values; `on` is a word there, and no yes."""
    return YAML(typ="safe", pure=True).load(text)


def _job(name: str, data: Mapping[str, Any], shared: Mapping[str, str]) -> Job:
    needs = data.get("needs", [])
    return Job(
        name=name,
        condition=data.get("if", ""),
        permissions=data.get("permissions", {}),
        env={**shared, **data.get("env", {})},
        steps=[_step(step) for step in data["steps"]],
        needs=(needs,) if isinstance(needs, str) else tuple(needs),
        outputs=data.get("outputs", {}),
        runs_on=data["runs-on"],
    )


def _step(data: Mapping[str, Any]) -> Step:
    return Step(
        name=data.get("name", ""),
        id=data.get("id", ""),
        condition=str(data.get("if", "")),
        run=data.get("run", ""),
        uses=data.get("uses", ""),
        env=data.get("env", {}),
        given=data.get("with", {}),
        goes_on=data.get("continue-on-error", False),
    )


@dataclass(slots=True)
class Done:
    """What became of one step: `success`, `failure` or `skipped`, and what it said on both channels."""

    step: Step
    outcome: str
    said: str = ""
    outputs: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Runner:
    """A machine that runs one job in `folder`, the repository's clone. Everything is under the test's hand.

    `temp` is RUNNER_TEMP, kept for the job. `environ` is all that the steps find besides what the workflow says (PATH, HOME).
    `uses` says what each ready-made step does, by its name without version: given the step and its filled-in words, it
    returns the step's outputs; one that is not there is skipped as if it had succeeded. It fails by raising RuntimeError.
    `before` is called before each step of shell: what happens elsewhere meanwhile.
    """

    folder: Path
    temp: Path
    environ: Mapping[str, str]
    github: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    needs: Mapping[str, Any] = field(default_factory=dict)
    uses: Mapping[str, Callable[[Step, Mapping[str, str]], Mapping[str, str]]] = field(default_factory=dict)
    before: Callable[[Step], None] | None = None
    done: list[Done] = field(default_factory=list)

    @property
    def summary(self) -> str:
        """What the job's page shows."""
        files = sorted(self.temp.glob("summary-*.md"))
        return "".join(file.read_text(encoding="utf-8") for file in files)

    def wanted(self, job: Job, *, failed: bool = False) -> bool:
        """Whether the job's own condition holds, where a job that it needs `failed` or did not."""
        return holds(job.condition, self._contexts(failed=failed))

    def run(self, job: Job, *, until: Callable[[Step], bool] | None = None) -> bool:
        """Runs the steps in their order; whether the job succeeded. `until` ends it before a step, as when a machine is lost."""
        failed = False
        for number, step in enumerate(job.steps):
            if until is not None and until(step):
                return False
            contexts = self._contexts(failed=failed)
            if not holds(step.condition, contexts):
                self.done.append(Done(step, "skipped"))
                continue
            one = self._ready_made(step, contexts) if step.uses else self._shell(number, step, job, contexts)
            self.done.append(one)
            failed = failed or (one.outcome == "failure" and not step.goes_on)
        return not failed

    def outputs(self, job: Job) -> dict[str, str]:
        """What the job hands to those that need it."""
        contexts = self._contexts(failed=False)
        return {name: filled(text, contexts) for name, text in job.outputs.items()}

    def _contexts(self, *, failed: bool) -> Contexts:
        steps = {one.step.id: {"outcome": one.outcome, "outputs": one.outputs} for one in self.done if one.step.id}
        return Contexts(
            {
                "github": self.github,
                "inputs": self.inputs,
                "secrets": self.secrets,
                "needs": self.needs,
                "steps": steps,
                "runner": {"temp": str(self.temp)},
            },
            failed=failed,
        )

    def _ready_made(self, step: Step, contexts: Contexts) -> Done:
        given = {name: filled(str(value), contexts) for name, value in step.given.items()}
        act = self.uses.get(step.action)
        try:
            return Done(step, "success", outputs=dict(act(step, given)) if act else {})
        except RuntimeError as refused:
            return Done(step, "failure", str(refused))

    def _shell(self, number: int, step: Step, job: Job, contexts: Contexts) -> Done:
        if self.before is not None:
            self.before(step)
        files = {name: self.temp / f"{kind}-{number:02}.md" for name, kind in _FILES.items()}
        for file in files.values():
            file.touch()
        script = self.temp / f"step-{number:02}.sh"
        script.write_text(filled(step.run, contexts), encoding="utf-8")
        said = {**job.env, **step.env}
        environ = {
            **self.environ,
            **{name: filled(str(value), contexts) for name, value in said.items()},
            **{name: str(file) for name, file in files.items()},
            "RUNNER_TEMP": str(self.temp),
            "GITHUB_REPOSITORY": str(self.github.get("repository", "")),
            "GITHUB_SERVER_URL": str(self.github.get("server_url", "https://github.com")),
            "GITHUB_ACTIONS": "true",
            "CI": "true",
        }
        ended = subprocess.run(  # noqa: S603 - the steps that relance wrote
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],  # noqa: S607 - that of the machine
            cwd=self.folder,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_LONGEST,
            check=False,
        )
        outputs = read_outputs(files["GITHUB_OUTPUT"].read_text(encoding="utf-8"))
        return Done(step, "success" if ended.returncode == 0 else "failure", ended.stdout, outputs)


_FILES = {"GITHUB_STEP_SUMMARY": "summary", "GITHUB_OUTPUT": "output"}


def read_outputs(text: str) -> dict[str, str]:
    """What a step wrote into GITHUB_OUTPUT: `name=value` lines, and blocks between `name<<MARK` and `MARK`."""
    found: dict[str, str] = {}
    lines = iter(text.splitlines())
    for line in lines:
        name, sign, rest = line.partition("<<")
        if sign and "=" not in name:
            block = []
            for inner in lines:
                if inner == rest:
                    break
                block.append(inner)
            found[name] = "\n".join(block)
        elif "=" in line:
            name, _, value = line.partition("=")
            found[name] = value
    return found


def group_of(workflow: Workflow, github: Mapping[str, Any]) -> str:
    """In which queue a run stands."""
    return filled(str(workflow.concurrency["group"]), Contexts({"github": github}))


def machine(*first: Path) -> dict[str, str]:
    """The least that a step finds on a machine, with these folders first on its path."""
    return {"PATH": os.pathsep.join([*map(str, first), os.environ["PATH"]]), "HOME": str(first[0]), "LC_ALL": "C.UTF-8"}

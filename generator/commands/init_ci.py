"""`relance init FOLDER --ci SERVICE`: the files by which a repository's service publishes, in a new folder or in the owner's."""

from __future__ import annotations

import re
import shlex
import sys
from typing import TYPE_CHECKING

from generator.ci_files import CiPlan, Service, ci_files, is_untouched
from generator.commands import DONE, say
from generator.config import load_settings
from generator.config_deploy import DeployTarget, PublicRepository
from generator.config_ledger import DOCUMENTS
from generator.config_sql import PASSWORD_VARIABLE, URL_VARIABLE
from generator.delivery.git import Git, GitNotFoundError
from generator.disk import write_whole
from generator.errors import OutsideError, UsageError, UserError
from generator.own_wheel import origin, packed
from generator.policy_file import FILE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from generator.config import Settings

_WHEELS = "ci"
_BRANCH = "main"
_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*")
_FOR_PDF = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")
_GUIDE = {Service.GITHUB: "docs/how-to/ci-github.md", Service.GITLAB: "docs/how-to/ci-gitlab.md"}


def is_owners(folder: Path) -> bool:
    """Whether a folder is one that relance works in already."""
    return (folder / FILE).is_file()


def add(folder: Path, service: Service) -> int:
    """Adds the files to an owner's folder. Raises UsageError, with nothing written, where one of them is the owner's own."""
    settings, problems = load_settings(folder)
    if settings is None:
        raise UserError(problems)
    wanted = files_for(settings, service, branch=_branch(folder))
    theirs = [place for place, content in wanted.items() if _is_theirs(folder / place, content)]
    if theirs:
        raise UsageError(
            f"{' and '.join(theirs)} {'is' if len(theirs) == 1 else 'are'} not as relance wrote it: nothing was written. "
            "Move it away, run this again, and bring your changes over."
        )
    changed = [place for place, content in wanted.items() if _bytes(folder / place) != content]
    if not changed:
        say(f"{_listed(wanted)}: as relance writes it for your portal.toml already. Nothing to do.")
        return DONE
    write(folder, {place: wanted[place] for place in changed})
    for old in (folder / _WHEELS).glob("relance-*.whl"):
        if f"{_WHEELS}/{old.name}" not in wanted:
            old.unlink()
    say(f"Written: {_listed(changed)}.")
    tell_next(settings, service)
    return DONE


def _listed(places: Iterable[str]) -> str:
    return ", ".join(places)


def _is_theirs(path: Path, wanted: bytes) -> bool:
    """Whether a file is there that relance did not write, or that was changed since."""
    there = _bytes(path)
    if there is None or there == wanted or path.suffix == ".whl":
        return False
    return not is_untouched(there.decode("utf-8", "replace").replace("\r\n", "\n"))


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes() if path.exists() else None
    except OSError as refused:
        raise OutsideError(f"{path} cannot be read: {refused.strerror}. Nothing was written.") from refused


def write(folder: Path, files: dict[str, bytes]) -> None:
    """Puts the files into a folder. Raises OutsideError when it cannot be written."""
    try:
        for place, content in files.items():
            write_whole(folder / place, content)
    except OSError as refused:
        raise OutsideError(f"{folder} cannot be written: {refused.strerror}.") from refused


def files_for(settings: Settings, service: Service, *, branch: str = _BRANCH) -> dict[str, bytes]:
    """Every file that a service needs, by its place in the folder: among them relance itself, where it has no public address."""
    deploy = settings.deploy
    if deploy is None:
        raise UsageError(
            "portal.toml does not say where the site goes: nothing was written. Write [deploy] into it, with "
            f'target = "{DeployTarget.GITHUB_PAGES}" or another of docs/reference/portal-toml.md.'
        )
    if service is Service.GITLAB and deploy.target is DeployTarget.GITHUB_PAGES:
        raise UsageError(
            'GitLab does not publish to GitHub Pages: nothing was written. Write target = "rsync" or "folder" under [deploy].'
        )
    requirement, files = _relance(settings)
    hours = settings.policy.reminders.send_between
    plan = CiPlan(
        requirement=requirement,
        target=deploy.target,
        language=settings.seller.language,
        timezone=settings.seller.timezone,
        opens=hours[0] if hours else None,
        branch=branch,
        python=f"{sys.version_info.major}.{sys.version_info.minor}",
        packages=_packages(settings, service),
        database=settings.ledger.format == "sql",
        private=deploy.public_repository is PublicRepository.REFUSED,
    )
    return files | {place: text.encode() for place, text in ci_files(service, plan).items()}


def _relance(settings: Settings) -> tuple[str, dict[str, bytes]]:
    """What pip is told to install, and the file that it needs for that."""
    extras = _extras(settings)
    wanted = f"[{','.join(extras)}]" if extras else ""
    public = origin()
    if public is not None:
        return public.replace("relance", f"relance{wanted}", 1), {}
    name, content = packed()
    return f"./{_WHEELS}/{name}{wanted}", {f"{_WHEELS}/{name}": content}


def _extras(settings: Settings) -> list[str]:
    """What this owner's policy needs beyond relance itself."""
    ledger = settings.ledger
    database = ledger.format == "sql"
    server = ledger.sql.url.startswith("postgresql")
    needed = {
        "einvoice": ledger.format == DOCUMENTS or bool(ledger.documents),
        "pdf": settings.letters_as_pdf,
        "postgresql": database and server,
        "sql": database and not server,
    }
    return [extra for extra, is_needed in needed.items() if is_needed]


def _packages(settings: Settings, service: Service) -> tuple[str, ...]:
    """What the runner's system lacks."""
    rsync = settings.deploy is not None and settings.deploy.target is DeployTarget.RSYNC
    packages = _FOR_PDF if settings.letters_as_pdf else ()
    return (*packages, "rsync") if rsync and service is Service.GITLAB else packages


def refuse_inside(folder: Path) -> None:
    """Raises UsageError for a folder inside a repository: a service looks for its files at the top only."""
    here = folder.resolve()
    top = next((place for place in (here, *here.parents) if (place / ".git").exists()), here)
    if top != here:
        raise UsageError(
            f"{folder} is a part of the git repository {top}, and the files for CI count at its top only: nothing was written. "
            "Give the folder a repository of its own."
        )


def _branch(folder: Path) -> str:
    """The branch that is published: the one that the owner is on."""
    refuse_inside(folder)
    if not (folder / ".git").exists():
        return _BRANCH
    try:
        name = Git(folder).one("symbolic-ref", "--quiet", "--short", "HEAD") or _BRANCH
    except GitNotFoundError:
        return _BRANCH
    if not _PLAIN_NAME.fullmatch(name):
        raise UsageError(
            f"the branch is called {name}: nothing was written. Give it a name of letters, digits and . _ / -."
        )
    return name


def secrets(settings: Settings) -> list[str]:
    """The names of the secrets that the service has to be told."""
    rsync = settings.deploy is not None and settings.deploy.target is DeployTarget.RSYNC
    needed = {
        "STRIPE_API_KEY": settings.stripe is not None,
        "SMTP_PASSWORD": settings.smtp is not None and bool(settings.smtp.user),
        "IMAP_PASSWORD": settings.imap is not None,
        URL_VARIABLE: settings.ledger.format == "sql",
        PASSWORD_VARIABLE: settings.ledger.format == "sql",
        "DEPLOY_SSH_KEY": rsync,
        "DEPLOY_KNOWN_HOSTS": rsync,
    }
    return [name for name, is_needed in needed.items() if is_needed]


def tell_next(settings: Settings, service: Service) -> None:
    """What the owner does now, so that it runs."""
    names = secrets(settings)
    if names and service is Service.GITHUB:
        say("Tell GitHub the secrets, each once, from your folder:")
        for name in names:
            say(f"  gh secret set {shlex.quote(name)}")
    elif names:
        say(f"Tell GitLab the secrets, protected and masked, for the environment relance: {', '.join(names)}.")
    say(f"The repository has to be private. Step by step: {_GUIDE[service]}")

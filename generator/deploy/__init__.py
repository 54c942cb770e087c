"""Where the site goes: a folder, a folder of another machine, or GitHub Pages, behind one small interface."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.config_deploy import DeployTarget
from generator.deploy.folder import FolderTarget
from generator.deploy.github_pages import GithubPages
from generator.deploy.rsync import RsyncTarget
from generator.deploy.target import Deployed, EarlierBuild, Target, Tell

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from generator.config_deploy import DeploySettings

__all__ = ["Deployed", "EarlierBuild", "Target", "Tell", "open_target"]


def open_target(settings: DeploySettings, folder: Path, environ: Mapping[str, str]) -> Target:
    """The place that `[deploy]` names, for the owner's folder; nothing is touched yet. `environ` is what ssh may know of ours."""
    match settings.target:
        case DeployTarget.FOLDER:
            return FolderTarget(settings, folder)
        case DeployTarget.RSYNC:
            return RsyncTarget(settings, environ)
        case DeployTarget.GITHUB_PAGES:
            return GithubPages()

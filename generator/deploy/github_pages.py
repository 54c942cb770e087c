"""GitHub Pages: the workflow's own step uploads `output/`, and nothing leaves from here; here it is seen that it can."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.deploy.files import site_files
from generator.deploy.target import Deployed
from generator.errors import OutsideError, UsageError

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from generator.deploy.target import EarlierBuild, Tell

LARGEST_SITE = 1_000_000_000  #: bytes: what GitHub publishes of one site
_MB = 1_000_000
_AGAIN = (
    "GitHub keeps the builds of the last seven days: on the repository's page, Actions, open the last run that was right and "
    "choose Re-run, for the job alone that brings the site online. It brings back every page of that day, also those of "
    "keys that were rotated and of clients who were removed since: if there are any, correct the ledger and run relance publish instead"
)


class GithubPages:
    """The site that the workflow uploads."""

    def __init__(self, largest: int = LARGEST_SITE) -> None:
        """`largest` is how many bytes a site may have."""
        self._largest = largest

    def deploy(self, output: Path, tell: Tell) -> Deployed:
        """Looks whether the build may be uploaded, and says what is."""
        places = site_files(output)
        size = sum((output / place).stat().st_size for place in places)
        if size > self._largest:
            raise OutsideError(
                f"the site has {size // _MB} MB, and GitHub Pages takes {self._largest // _MB}: publish fewer documents, "
                "or choose another target. Nothing was published"
            )
        where = f"the folder {output.name}/, which the workflow uploads to GitHub Pages"
        tell(
            f"{len(places)} files in {output.name}/ are ready: the next step of the workflow uploads that folder, and no other"
        )
        return Deployed(0, 0, len(places), where, elsewhere=True)

    def earlier(self) -> tuple[EarlierBuild, ...]:
        """Raises UsageError, which says where GitHub keeps them."""
        raise UsageError(_AGAIN)

    def rollback(self, keys: Collection[str], tell: Tell, number: int = 0) -> Deployed:
        """Raises UsageError, which says how GitHub puts an earlier build back."""
        del keys, tell, number
        raise UsageError(_AGAIN)

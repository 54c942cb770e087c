"""What the wheel must hold, and what it must not: `python .ci/wheel.py build/wheel/relance-….whl`."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUNDLED = ("theme", "portal_templates", "content", "examples")


def wanted() -> set[str]:
    """Every file that git knows below the package and the bundled folders, where the wheel puts it."""
    listed = subprocess.run(
        ["git", "ls-files", "generator", *BUNDLED], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split("\n")
    files = {name for name in listed if name}
    return {name if name.startswith("generator/") else f"generator/bundled/{name}" for name in files}


def main(wheel: str) -> int:
    """Compares, and names every difference."""
    with zipfile.ZipFile(wheel) as archive:
        found = {name for name in archive.namelist() if ".dist-info/" not in name}
        metadata = {name.partition(".dist-info/")[2] for name in archive.namelist() if ".dist-info/" in name}
    expected = wanted()
    for name in sorted(expected - found):
        print(f"missing from the wheel: {name}")
    for name in sorted(found - expected):
        print(f"should not be in the wheel: {name}")
    licence = "licenses/LICENSE" in metadata
    if not licence:
        print("the licence is missing")
    print(f"wheel: {len(found)} files")
    return 0 if found == expected and licence else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

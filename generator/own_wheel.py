"""Which relance another machine has to install to run the very one that runs here, and this one packed as a wheel.

A release comes from an index by its version, a version of a repository by its commit. What runs from a clone or from a
file is nowhere else to be had by name, and a name alone could one day be somebody else's: it travels as a file.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import tomllib
import zipfile
from base64 import urlsafe_b64encode
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.errors import OutsideError
from generator.resources import NAMES, bundled

if TYPE_CHECKING:
    from collections.abc import Iterator

_PACKAGE = Path(__file__).resolve().parent
_PROJECT = _PACKAGE.parent / "pyproject.toml"
#: What an owner may ask for besides; the others are for those who work on relance.
EXTRAS = ("einvoice", "pdf", "postgresql", "sql")
_EPOCH = (1980, 1, 1, 0, 0, 0)  #: the same wheel from the same files
_READABLE = 0o644 << 16
_TAGS = "Wheel-Version: 1.0\nGenerator: relance\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
_COMMAND = "[console_scripts]\nrelance = generator.cli:main\n"


def origin() -> str | None:
    """What `pip install` is told to get this relance; None when it can only be handed over as a file."""
    if _PROJECT.is_file():
        return None
    try:
        installed = metadata.distribution("relance")
    except metadata.PackageNotFoundError:
        return None
    return named(installed.version, installed.read_text("direct_url.json"))


def named(version: str, direct_url: str | None) -> str | None:
    """The same from what pip noted when it installed (PEP 610): nothing for an index, else where it came from."""
    if not direct_url:
        return f"relance=={version}"
    noted: dict[str, Any] = json.loads(direct_url)
    repository: dict[str, str] = noted.get("vcs_info", {})
    if repository.get("vcs") != "git" or not noted.get("url", "").startswith("https://"):
        return None
    return f"relance @ git+{noted['url']}@{repository['commit_id']}"


@cache
def packed() -> tuple[str, bytes]:
    """This relance as one wheel: the name that it has to have, and its bytes. Raises OutsideError when it is nowhere described."""
    text = _described()
    found = re.search(r"^Version: (\S+)$", text, re.MULTILINE)
    assert found is not None, "a description has a version"  # noqa: S101 - ours, or what pip wrote
    version = found[1]
    about = f"relance-{version}.dist-info"
    files = {**dict(_files()), f"{about}/METADATA": text.encode(), f"{about}/WHEEL": _TAGS.encode()}
    files[f"{about}/entry_points.txt"] = _COMMAND.encode()
    record = "".join(f"{name},sha256={_digest(content)},{len(content)}\n" for name, content in sorted(files.items()))
    files[f"{about}/RECORD"] = f"{record}{about}/RECORD,,\n".encode()
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = _READABLE
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return f"relance-{version}-py3-none-any.whl", made.getvalue()


def _described() -> str:
    """The METADATA of the wheel: from the project where this is a clone of it, else what was installed."""
    if _PROJECT.is_file():
        return description(tomllib.loads(_PROJECT.read_text(encoding="utf-8"))["project"])
    try:
        text = metadata.distribution("relance").read_text("METADATA")
    except metadata.PackageNotFoundError:
        text = None
    if not text:
        raise OutsideError(
            "this installation of relance is incomplete: nothing says which version it is. Install it again."
        )
    return text


def description(project: dict[str, Any]) -> str:
    """The METADATA of a project, as far as an installation needs it."""
    lines = ["Metadata-Version: 2.1", "Name: relance", f"Version: {project['version']}"]
    lines.append(f"Requires-Python: {project['requires-python']}")
    lines += [f"Requires-Dist: {wanted}" for wanted in project["dependencies"]]
    for extra in EXTRAS:
        lines.append(f"Provides-Extra: {extra}")
        for wanted in project["optional-dependencies"][extra]:
            name, _, marker = wanted.partition(";")
            also = f"({marker.strip()}) and " if marker else ""
            lines.append(f"Requires-Dist: {name.strip()} ; {also}extra == '{extra}'")
    return "\n".join(lines) + "\n"


def _files() -> Iterator[tuple[str, bytes]]:
    """Every file of the package, and of what ships beside the code in the place where an installation has it."""
    for folder, place in [(_PACKAGE, "generator"), *((bundled(name), f"generator/bundled/{name}") for name in NAMES)]:
        for path in sorted(folder.rglob("*")):
            parts = path.relative_to(folder).parts
            hidden = any(part.startswith(".") or part == "__pycache__" for part in parts)
            if path.is_file() and not hidden and not (folder == _PACKAGE and parts[0] == "bundled"):
                yield f"{place}/{'/'.join(parts)}", path.read_bytes()


def _digest(content: bytes) -> str:
    return urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()

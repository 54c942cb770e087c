"""Small sites to publish, and what stands somewhere afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.config_deploy import DeploySettings, DeployTarget

if TYPE_CHECKING:
    from pathlib import Path

ADA, BEA, CLEO = "adaadaadaadaadaadaada1", "beabeabeabeabeabeabea2", "cleocleocleocleocleo3"
KEYS = frozenset({ADA, BEA, CLEO})


def build(output: Path, **pages: str) -> dict[str, bytes]:
    """A build anew, with what each client's page says (`ada="100"`), and a style sheet; what stood there is gone."""
    files = {"_headers": "/*\n", "index.html": "Maison", "404.html": "Perdu", "robots.txt": "", "theme/page.css": "a{}"}
    files |= {f"p/{globals()[name.upper()]}/index.html": said for name, said in pages.items()}
    for old in sorted(output.rglob("*"), reverse=True) if output.exists() else ():
        old.rmdir() if old.is_dir() and not old.is_symlink() else old.unlink()
    for name, text in files.items():
        (output / name).parent.mkdir(parents=True, exist_ok=True)
        (output / name).write_text(text)
    return {name: text.encode() for name, text in files.items()}


def files_of(site: Path) -> dict[str, bytes]:
    """Every file of a site, by its place."""
    found = site.resolve()
    return {path.relative_to(found).as_posix(): path.read_bytes() for path in found.rglob("*") if path.is_file()}


def pages_of(site: Path) -> dict[str, str]:
    """What each client's page says."""
    names = {ADA: "ada", BEA: "bea", CLEO: "cleo"}
    return {
        names[place.split("/")[1]]: said.decode() for place, said in files_of(site).items() if place.startswith("p/")
    }


def to_folder(path: object, keep: int = 3) -> DeploySettings:
    return DeploySettings(DeployTarget.FOLDER, path=str(path), keep=keep)

"""Compiled templates that are kept: they save time, and never change what a page says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from jinja2 import Environment, FileSystemLoader

from generator.template_cache import TemplateCache

if TYPE_CHECKING:
    from pathlib import Path


def _render(folder: Path, cache: Path, language: str) -> str:
    environment = Environment(
        loader=FileSystemLoader(folder), bytecode_cache=TemplateCache(cache, language), autoescape=True
    )
    environment.filters["hello"] = lambda name: f"{language} {name}"
    return environment.get_template("page.html").render()


def test_a_filter_that_was_worked_out_in_one_language_stays_in_it(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text('{{ "Ada"|hello }}')
    for _ in range(2):
        assert [_render(tmp_path, tmp_path / "kept", language) for language in ("fr", "en")] == ["fr Ada", "en Ada"]


def test_a_template_that_changed_is_compiled_again(tmp_path: Path) -> None:
    for text in ("one", "two"):
        (tmp_path / "page.html").write_text(text)
        assert _render(tmp_path, tmp_path / "kept", "fr") == text


def test_what_is_kept_is_used_and_what_an_earlier_version_kept_is_removed(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("one")
    (tmp_path / "kept" / "earlier").mkdir(parents=True)
    _render(tmp_path, tmp_path / "kept", "fr")
    kept = [path for path in (tmp_path / "kept").rglob("*") if path.is_file()]
    before = [path.stat().st_mtime_ns for path in kept]
    _render(tmp_path, tmp_path / "kept", "fr")
    assert len(kept) == 1
    assert [path.stat().st_mtime_ns for path in kept] == before
    assert not (tmp_path / "kept" / "earlier").exists()


@pytest.mark.parametrize("spoilt", [b"", b"spoilt", None])
def test_a_spoilt_or_impossible_cache_only_costs_time(tmp_path: Path, spoilt: bytes | None) -> None:
    (tmp_path / "page.html").write_text("one")
    if spoilt is None:
        (tmp_path / "kept").write_text("a file where the folder would be")
    _render(tmp_path, tmp_path / "kept", "fr")
    for path in (tmp_path / "kept").rglob("*"):
        if path.is_file():
            path.write_bytes(spoilt or b"")
    assert _render(tmp_path, tmp_path / "kept", "fr") == "one"

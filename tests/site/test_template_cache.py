"""Compiled templates that are kept: they save time, and never change what a page says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from jinja2 import Environment, FileSystemLoader, Template
from jinja2.bccache import bc_magic

from generator import template_cache
from generator.template_cache import TemplateCache

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _each_time_is_a_run_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one run has compiled is on the disk for the next one, and not in its memory."""
    template_cache._known.cache_clear()
    monkeypatch.setattr(template_cache, "_MOST", 0)


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


@pytest.mark.parametrize("spoilt", [b"", b"spoilt", bc_magic, bc_magic + b"spoilt", None])
def test_a_spoilt_or_impossible_cache_only_costs_time(tmp_path: Path, spoilt: bytes | None) -> None:
    (tmp_path / "page.html").write_text("one")
    if spoilt is None:
        (tmp_path / "kept").write_text("a file where the folder would be")
    _render(tmp_path, tmp_path / "kept", "fr")
    for path in (tmp_path / "kept").rglob("*"):
        if path.is_file():
            path.write_bytes(spoilt or b"")
    assert _render(tmp_path, tmp_path / "kept", "fr") == "one"


class _Counting(Environment):
    compiled = 0

    def _generate(self, *given: Any, **named: Any) -> str:
        type(self).compiled += 1
        return super()._generate(*given, **named)


def _pieces(cache: TemplateCache, *sources: str) -> list[str]:
    environment = _Counting()
    codes = [cache.compiled(environment, source, "x.md", "/x.md", str(piece)) for piece, source in enumerate(sources)]
    return [Template.from_code(environment, code, {}).render() for code in codes]


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> type[_Counting]:
    monkeypatch.setattr(_Counting, "compiled", 0)
    return _Counting


def test_pieces_of_one_file_are_told_apart(tmp_path: Path, compiled: type[_Counting]) -> None:
    for _ in range(2):
        cache = TemplateCache(tmp_path, "text fr")
        assert _pieces(cache, "a subject", "a body") == ["a subject", "a body"]
    assert compiled.compiled == 2


def test_rooms_that_read_two_texts_under_one_name_keep_both(tmp_path: Path, compiled: type[_Counting]) -> None:
    for _ in range(2):
        for room in ("emails-", "letters-"):
            assert _pieces(TemplateCache(tmp_path, "html fr", room), f"as in {room}") == [f"as in {room}"]
    assert compiled.compiled == 2


def test_in_one_run_a_text_is_compiled_once_and_kept_wherever_it_is_wanted(
    tmp_path: Path, compiled: type[_Counting], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(template_cache, "_MOST", 10)
    assert (
        _pieces(TemplateCache(None, "html fr"), "one") == _pieces(TemplateCache(tmp_path, "html fr"), "one") == ["one"]
    )
    assert compiled.compiled == 1
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1
    assert _pieces(TemplateCache(tmp_path, "html en"), "one") == ["one"]
    assert compiled.compiled == 2


def test_what_waits_to_be_kept_is_not_on_the_disk_before(tmp_path: Path, compiled: type[_Counting]) -> None:
    waiting = TemplateCache(tmp_path / "kept", "html fr", at_once=False)
    _pieces(waiting, "one")
    assert not (tmp_path / "kept").exists()
    waiting.keep()
    assert _pieces(TemplateCache(tmp_path / "kept", "html fr"), "one") == ["one"]
    assert compiled.compiled == 1

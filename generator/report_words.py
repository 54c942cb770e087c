"""The sentences of the owner's report, and the look that they are put into.

Sentences are in `portal_templates/report/<language>/words.jinja`, so that page, CSV and terminal say the same. The markup
is in `theme/report/`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from generator.resources import bundled
from generator.sentences import Sentences, blame
from generator.template_cache import TemplateCache

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path


class Words(Sentences):
    """Every sentence of the report by its name."""

    def __init__(self, language: str, today: date, home: Path | None = None, compiled: Path | None = None) -> None:
        """The owner's own sentences (`home` is their folder) come before those that ship with relance.

        `compiled` is a folder where compiled templates may stay.
        """
        super().__init__("report", language, home, today, compiled)


class Page:
    """The page of the report, compiled once: the owner's `theme/report/` first."""

    def __init__(self, words: Words, home: Path | None = None, compiled: Path | None = None) -> None:
        """`home` is the owner's folder, `compiled` one where compiled templates may stay."""
        self._home = home = home.resolve() if home else None
        self._folders = [*([home / "theme" / "report"] if home else []), bundled("theme") / "report"]
        self._environment = Environment(
            loader=FileSystemLoader(self._folders),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            bytecode_cache=TemplateCache(compiled, f"report {words.language}"),
        )
        self._environment.filters.update(words.formats)
        self._environment.globals.update(say=words, lang=words.language)

    def render(self, **values: object) -> str:
        """The page, with its CSS inside. Raises UserError for a mistake in the owner's templates."""
        try:
            template = self._environment.get_template("index.html")
            return template.render(css=self._css(), **values)
        except Exception as error:
            raise blame(error, self._home) from error

    def _css(self) -> str:
        path = next(path for folder in self._folders if (path := folder / "report.css").is_file())
        try:
            return path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise blame(error, self._home, path) from error

"""Sentences in plain text, in the language of whoever reads them, each of which an owner may replace.

A room is a folder of `portal_templates/`: `report` for what the owner reads, `links` for what stands on the cashier's page.
In it each language has a `words.jinja` of macros; an owner's own file may hold a few of them only.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from jinja2 import Environment, StrictUndefined, Template, TemplateSyntaxError

from generator import wording
from generator.domain.ledger import SourceRef
from generator.errors import UserError
from generator.problems.run import TEMPLATE_ERROR
from generator.resources import bundled
from generator.template_cache import TemplateCache

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date
    from pathlib import Path
    from types import TracebackType

FALLBACK_LANGUAGE = "en"
WORDS = "words.jinja"
_FRENCH_SPACES = ((re.compile(r"(?<=\S) (?=[:;?»]|!(?!=))"), "\u00a0"), (re.compile("« "), "«\u00a0"))
_LAYOUT_SPACES = re.compile(r"[ \t\r\n]+")


class Sentences:
    """Every sentence by its name: `words.title()` is the text of the macro `title`, never escaped."""

    def __init__(
        self,
        room: str,
        language: str,
        home: Path | None = None,
        today: date | None = None,
        compiled: Path | None = None,
    ) -> None:
        """The owner's own sentences (`home` is their folder) come before those that ship with relance.

        With `today`, days of its year are said without the year. `compiled` is a folder where compiled templates may stay.
        """
        self._cache = TemplateCache(compiled, "sentences")
        self._room = room
        self._home = home = home.resolve() if home else None
        shipped = bundled("portal_templates") / room
        names = dict.fromkeys((language, language.split("-", maxsplit=1)[0]))
        own = [home / "portal_templates" / room / name for name in names] if home else []
        known = [shipped / name for name in names] + [shipped / FALLBACK_LANGUAGE]
        files = [file for folder in (*own, *known) if (file := folder / WORDS).is_file()]
        self.language = files[0].parent.name
        self.formats = formats(self.language, today)
        self._environment = _plain_text(self.formats)
        self._environment.globals["say"] = self  # a sentence inside another one may be the owner's own too
        self._unread = files
        self._modules = [self._read(self._unread.pop(0))]

    def __getattr__(self, name: str) -> Callable[..., str]:
        """The sentence called `name`; AttributeError when nobody wrote it."""
        macro = None if name.startswith("_") else self._find(name)
        if macro is None:
            raise AttributeError(f"no sentence of {self._room} is called {name}")
        # Called like this a macro knows of no page around it and gives plain text, which the page then escapes.
        return lambda *values: _LAYOUT_SPACES.sub(" ", str(macro(*values))).strip(" ")

    def _find(self, name: str) -> Callable[..., object] | None:
        while True:
            for module in self._modules:
                if (macro := getattr(module, name, None)) is not None:
                    return cast("Callable[..., object]", macro)
            if not self._unread:
                return None
            self._modules.append(self._read(self._unread.pop(0)))

    def _read(self, path: Path) -> object:
        try:
            source = path.read_text(encoding="utf-8-sig")
            if self.language.startswith("fr"):
                for pattern, instead in _FRENCH_SPACES:
                    source = pattern.sub(instead, source)
            code = self._cache.compiled(self._environment, source, WORDS, str(path))
            return Template.from_code(self._environment, code, self._environment.make_globals(None)).module
        except Exception as error:
            raise blame(error, self._home, path) from error


def _plain_text(filters: dict[str, Callable[..., str]]) -> Environment:
    """Nothing is worked out in advance: compiled, sentences depend neither on the language nor on the day."""
    environment = Environment(autoescape=False, undefined=StrictUndefined, optimized=False)  # noqa: S701 - escaped where shown
    environment.filters.update(filters)
    return environment


def blame(error: Exception, home: Path | None, path: Path | None = None) -> Exception:
    """A mistake in one of the owner's own templates as a problem with file and line; anything else as it is.

    `path` is the template that was being read, for an error that does not say where it stands.
    """
    if isinstance(error, TemplateSyntaxError):
        file, line = error.filename or "", error.lineno
    else:
        file, line = _last_template(error.__traceback__) or (str(path or ""), 0)
    if home is None or not file.startswith(f"{home}/") or isinstance(error, UserError):
        return error
    where = SourceRef(file.removeprefix(f"{home}/"), line)
    return UserError([TEMPLATE_ERROR.at(where, reason=str(error) or type(error).__name__)])


def _last_template(traceback: TracebackType | None) -> tuple[str, int] | None:
    """The innermost line of a template that was being rendered: Jinja puts its templates into the traceback."""
    found = None
    while traceback is not None:
        frame = traceback.tb_frame
        if "__jinja_template__" in frame.f_globals:  # not yet rewritten: the line is one of the compiled code
            line = frame.f_globals["__jinja_template__"].get_corresponding_lineno(traceback.tb_lineno)
            found = (frame.f_code.co_filename, line)
        elif "__jinja_exception__" in frame.f_globals:
            found = (frame.f_code.co_filename, traceback.tb_lineno)
        traceback = traceback.tb_next
    return found


def formats(language: str, today: date | None = None) -> dict[str, Callable[..., str]]:
    """Amounts, days and lists as the owner reads them."""

    def day(value: date) -> str:
        """A day without its year when that is this year."""
        same_year = today is not None and value.year == today.year
        return (wording.day_month if same_year else wording.long_date)(value, language)

    def listing(words: Sequence[object]) -> str:
        return wording.listing([str(word) for word in words], language)

    return {
        "money": lambda amount: wording.money(amount, language),
        "long_date": lambda value: wording.long_date(value, language),
        "short_date": lambda value: wording.short_date(value, language),
        "day": day,
        "percent": lambda value: wording.percent(value, language),
        "listing": listing,
        "number": lambda value: f"{value:,}".replace(",", "\u202f" if language == "fr" else ","),
    }

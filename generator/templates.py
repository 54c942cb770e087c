"""Message templates: found in the owner's folder first, compiled once, rendered many times.

A template is `portal_templates/<room>/<language>/<step>.md`: a block `Subject: …` (and `Preview: …`), a blank line,
then Markdown with Jinja. Of one source there are two renderings, HTML and plain text, from the same values. Names that
begin with `_` are parts to include: `_x.md` is Markdown like the templates, `_x.jinja` holds macros and is not touched.

Whatever is wrong with a template is the owner's to mend: a `Problem` with file and line, never a traceback.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import css_inline
import jinja2

from generator import wording
from generator.domain.ledger import SourceRef
from generator.errors import UserError
from generator.markdown_text import quoted, tidy_markdown, to_markdown
from generator.markup import Stash, frame_to_html, tidy, to_html, to_plain
from generator.problems.run import TEMPLATE_ERROR
from generator.rates import cited
from generator.template_cache import TemplateCache

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

GENERIC = "reminder"
_FALLBACK_LANGUAGE = "en"
_ALSO_MARKDOWN = frozenset({"calls"})
_SHARED = "emails"  #: where the parts are that other rooms have no version of their own of
_PHRASES = "_phrases.jinja"
_CUT = "<!-- cut -->"
_HEADER = re.compile(r"(Subject|Preview):[ \t]*(.*)")


@dataclass(frozen=True, slots=True)
class Rendered:
    """One message in words: the same sums, dates and links in `text` and in `html`, and in `markdown` where there is any."""

    subject: str
    preview: str
    text: str
    html: str
    markdown: str = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """What goes around the HTML of a kind of message: a page with a comment `body`, CSS to be inlined, CSS to be kept.

    A `bare` one is left out again: for a piece that goes into another page.
    """

    page: str
    inlined: str
    kept: str
    bare: bool = False

    @classmethod
    def read(cls, folders: Sequence[Path]) -> Frame:
        """`frame.html`, `style.css` and `screen.css`, each from the first folder that has it. Raises UserError."""
        page, inlined, kept = (_read_first(folders, name) for name in ("frame.html", "style.css", "screen.css"))
        try:
            jinja2.Environment(autoescape=True).parse(page)
        except jinja2.TemplateSyntaxError as error:
            where = SourceRef(f"theme/{folders[0].name}/frame.html", error.lineno)
            raise UserError([TEMPLATE_ERROR.at(where, reason=error)]) from error
        return cls(page, inlined, kept)


@dataclass(frozen=True, slots=True)
class MessageTemplate:
    """A template of one step in one language, ready to be filled."""

    language: str
    where: SourceRef
    _subject: jinja2.Template
    _preview: jinja2.Template
    _text: jinja2.Template
    _html: jinja2.Template
    _blame: Callable[[Exception, SourceRef], UserError]
    _markdown: jinja2.Template | None = None

    def render(self, values: Mapping[str, object]) -> Rendered:
        """The words of one message. Raises UserError, with file and line, for what the template cannot say."""
        try:
            subject = " ".join(self._subject.render(values).split())
            preview = " ".join(self._preview.render(values).split())
            text = tidy(self._text.render(values))
            html = self._html.render(values, subject=subject, preview=preview)
            markdown = tidy_markdown(self._markdown.render(values)) if self._markdown else ""
        except Exception as error:  # whatever a template raises is a mistake in the template
            raise self._blame(error, self.where) from error
        return Rendered(subject, preview, text, html, markdown)


class Room:
    """The templates of one kind of message: `emails`, `letters` or `calls`."""

    def __init__(
        self, name: str, roots: Sequence[Path], frame: Frame, home: Path, compiled: Path | None = None
    ) -> None:
        """Templates are looked for in `<root>/<name>/<language>/`, the owner's root first; `home` shortens paths in problems.

        In `compiled` they are kept as they are once compiled.
        """
        self.name = name
        self._folders = [root / name for root in roots]
        self._frame = frame
        self._home = home
        self._compiled = compiled
        self._caches: list[TemplateCache] = []
        self._roots = list(roots)
        self._shelves: dict[str, _Shelf] = {}
        self._known: dict[tuple[str, str], MessageTemplate] = {}

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that have a folder."""
        folders = [folder for root in self._folders if root.is_dir() for folder in root.iterdir()]
        return tuple(
            sorted({folder.name for folder in folders if folder.is_dir() and not folder.name.startswith((".", "_"))})
        )

    def names(self, language: str) -> tuple[str, ...]:
        """The steps that have a template in a language, parts left out."""
        files = [path for root in self._folders for path in (root / language).glob("*.md")]
        return tuple(sorted({path.stem for path in files if not path.name.startswith("_")}))

    def get(self, language: str, step: str, otherwise: str = GENERIC) -> MessageTemplate:
        """The template of a step, compiled the first time; else the one for such steps; else the same two in English.

        Raises UserError when there is none or when it cannot be read.
        """
        known = self._known.get((language, step))
        if known is None:
            known = self._known[language, step] = self._find(language, step, otherwise)
        return known

    def _find(self, language: str, step: str, otherwise: str) -> MessageTemplate:
        for tongue in dict.fromkeys((language, language.split("-", maxsplit=1)[0], _FALLBACK_LANGUAGE)):
            for name in dict.fromkeys((step, otherwise)):
                if any((root / tongue / f"{name}.md").is_file() for root in self._folders):
                    return self._shelf(tongue).get(f"{name}.md")
        wanted = SourceRef(f"portal_templates/{self.name}/{language}/{step}.md")
        reason = f"there is no template for the step {step!r}" + (
            f", nor a {otherwise}.md" if otherwise != step else ""
        )
        raise UserError([TEMPLATE_ERROR.at(wanted, reason=reason)])

    def _shelf(self, language: str) -> _Shelf:
        if language not in self._shelves:
            folders = [root / language for root in self._folders]
            shared = [root / _SHARED / language for root in self._roots]
            shelf = _Shelf(language, folders, shared, self._frame, self._shown, partial(self._cache, language))
            shelf.keeps_markdown = self.name in _ALSO_MARKDOWN
            self._shelves[language] = shelf
        return self._shelves[language]

    def _cache(self, language: str, form: str) -> TemplateCache:
        room = "notes" if self._frame.bare else self.name
        cache = TemplateCache(self._compiled, f"{form} {language}", f"{room}-", at_once=False)
        self._caches.append(cache)
        return cache

    def keep(self) -> None:
        """Keeps what was compiled for the next build."""
        for cache in self._caches:
            cache.keep()

    def _shown(self, path: str) -> str:
        """A path as the owner knows it: from their folder, else from `portal_templates` with a word on where it comes from."""
        for base, suffix in ((self._home, ""), *((root.parent, " (bundled)") for root in self._roots)):
            if path.startswith((f"{base}/", f"{base}\\")):
                return path[len(str(base)) + 1 :].replace("\\", "/") + suffix
        return path


class _Shelf:
    """One language of a room: its folders and the Jinja environments that read them, one for each form of a message."""

    def __init__(
        self,
        language: str,
        folders: Sequence[Path],
        shared: Sequence[Path],
        frame: Frame,
        shown: Callable[[str], str],
        cache: Callable[[str], TemplateCache],
    ) -> None:
        self._language = language
        self._folders = folders
        self._compiled: dict[str, MessageTemplate] = {}
        self.keeps_markdown = False
        self._parts = parts = list(dict.fromkeys([*folders, *shared]))
        self._frame = frame
        self._shown = shown
        self._text = _environment(language, _Parts(parts, lambda source: to_plain(source, language)), cache("text"))
        self._html = _environment(language, _Parts(parts, self._fragment), cache("html"), html=True)
        self._markdown = _environment(
            language, _Parts(parts, lambda source: to_markdown(source, language)), cache("markdown")
        )
        self._markdown.finalize = quoted
        self._inliner = css_inline.CSSInliner(
            extra_css=frame.inlined,
            load_remote_stylesheets=False,
            minify_css=True,
            keep_style_tags=True,
            inline_style_tags=True,
        )

    def get(self, name: str) -> MessageTemplate:
        """The template in a file, compiled the first time."""
        if name not in self._compiled:
            self._compiled[name] = self._compile(name)
        return self._compiled[name]

    def _compile(self, name: str) -> MessageTemplate:
        path = next(folder / name for folder in self._folders if (folder / name).is_file())
        where = SourceRef(self._shown(str(path)))
        try:
            for environment in (self._text, self._html):
                self._learn_phrases(environment)
            headers, body = _headers(_read(path), where)
            make = partial(_template, self._text, name, str(path))
            html = self._fragment(body) if self._frame.bare else self._document(body)
            return MessageTemplate(
                self._language,
                where,
                make(headers["Subject"], "subject"),
                make(headers.get("Preview", ""), "preview"),
                make(to_plain(body, self._language), "body"),
                _template(self._html, name, str(path), html, "body"),
                self.blame,
                self._as_markdown(body, name, path) if self.keeps_markdown else None,
            )
        except (jinja2.TemplateError, OSError) as error:
            raise self.blame(error, where) from error

    def _as_markdown(self, body: str, name: str, path: Path) -> jinja2.Template:
        self._learn_phrases(self._markdown)
        return _template(self._markdown, name, str(path), to_markdown(body, self._language), "body")

    def _learn_phrases(self, environment: jinja2.Environment) -> None:
        """The macros of `_phrases.jinja`, when there are any, are `say` in every template of the language."""
        if "say" not in environment.globals and any((folder / _PHRASES).is_file() for folder in self._parts):
            environment.globals["say"] = environment.get_template(_PHRASES).module

    def blame(self, error: Exception, where: SourceRef) -> UserError:
        """The mistake as a problem: the file and the line that a reader of the template would look at."""
        if isinstance(error, UserError):
            return error
        if isinstance(error, jinja2.TemplateSyntaxError):
            place = SourceRef(self._shown(error.filename or "") or where.file, error.lineno)
        else:
            place = self._place(error.__traceback__) or where
        said = str(error) or type(error).__name__
        if isinstance(error, jinja2.TemplateNotFound):
            said = f"{said} is included here but is in no folder of templates"
        return UserError([TEMPLATE_ERROR.at(place, reason=said)])

    def _place(self, traceback: TracebackType | None) -> SourceRef | None:
        place = None
        while traceback is not None:
            name = traceback.tb_frame.f_code.co_filename
            if any(name.startswith(str(folder)) for folder in self._parts):
                place = SourceRef(self._shown(name), traceback.tb_lineno)
            traceback = traceback.tb_next
        return place

    def _document(self, body: str) -> str:
        return self._inlined(body).replace("<!-- style -->", f"<style>\n{self._frame.kept.strip()}\n</style>")

    def _fragment(self, source: str) -> str:
        """A part gets the look that it will have inside the frame, then leaves the frame behind."""
        page = self._inlined(f"{_CUT}\n\n{source}\n\n{_CUT}")
        return page.split(_CUT)[1].strip("\n") + "\n"

    def _inlined(self, body: str) -> str:
        stash = Stash()
        page = frame_to_html(self._frame.page, stash)
        page = page.replace("<!-- body -->", to_html(body, self._language, stash))
        return stash.show(self._inliner.inline(page))


class _Parts(jinja2.BaseLoader):
    """Finds what templates include, the owner's first, and turns Markdown parts into the environment's own form."""

    def __init__(self, folders: Sequence[Path], convert: Callable[[str], str]) -> None:
        self._folders = folders
        self._convert = convert

    def get_source(self, environment: jinja2.Environment, template: str) -> tuple[str, str, None]:
        del environment
        if re.fullmatch(r"[\w.-]+", template):
            for folder in self._folders:
                path = folder / template
                if path.is_file():
                    source = _read(path)
                    return (self._convert(source) if path.suffix == ".md" else source), str(path), None
        raise jinja2.TemplateNotFound(template)


class _Environment(jinja2.Environment):
    """An environment that has a cache."""

    bytecode_cache: TemplateCache


def _environment(language: str, loader: jinja2.BaseLoader, cache: TemplateCache, *, html: bool = False) -> _Environment:
    environment = _Environment(
        loader=loader,
        autoescape=html,  # plain text has nothing to escape
        undefined=jinja2.StrictUndefined,
        auto_reload=False,
        bytecode_cache=cache,
    )
    words: dict[str, Callable[..., str]] = {
        "money": wording.money,
        "date": wording.long_date,
        "day": wording.day_month,
        "percent": wording.percent,
        "number": wording.number,
        "rate": wording.rate,
        "article": cited,
        "listing": wording.listing,
        "days": wording.days,
        "on_days": wording.on_days,
    }
    environment.filters.update({name: _in(language, word) for name, word in words.items()})
    environment.filters |= {"iban": wording.iban, "phone": phone, "person": wording.person, "word": shlex.quote}
    return environment


def _in(language: str, word: Callable[..., str]) -> Callable[[object], str]:
    """A formatter of `wording` as a Jinja filter of one language; a value that was never set stays an error."""
    return lambda value: word(value, language)


def phone(number: str) -> str:
    """A telephone number as a `tel:` link wants it."""
    return re.sub(r"[^\d+]", "", number)


def _template(environment: _Environment, name: str, filename: str, source: str, piece: str) -> jinja2.Template:
    code = environment.bytecode_cache.compiled(environment, source, name, filename, piece)
    return jinja2.Template.from_code(environment, code, environment.globals)


def _headers(source: str, where: SourceRef) -> tuple[dict[str, str], str]:
    """The first block, each value on the line where it stands, and the rest on the lines where it stands."""
    lines = source.split("\n")
    headers: dict[str, str] = {}
    for index, line in enumerate(lines):
        match = _HEADER.fullmatch(line.rstrip())
        if match is None:
            break
        headers[match[1]] = "\n" * index + match[2]
        lines[index] = ""
    if "Subject" not in headers:
        reason = "the template does not begin with a line `Subject: …`"
        raise UserError([TEMPLATE_ERROR.at(where._replace(line=1), lines[0], reason=reason)])
    return headers, "\n".join(lines)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        message = "the file is not UTF-8 text"
        raise jinja2.TemplateSyntaxError(message, line, path.name, str(path)) from error


def _read_first(folders: Sequence[Path], name: str) -> str:
    path = next((folder / name for folder in folders if (folder / name).is_file()), None)
    if path is None:
        raise UserError([TEMPLATE_ERROR.at(SourceRef(f"theme/{name}"), reason="the file is missing")])
    return path.read_text(encoding="utf-8")

"""One client's page from that client's accounts, and from nothing else.

A page is made of the markup in `theme/templates/` and the sentences in `portal_templates/pages/<language>/`; a file of
the same name in the owner's folder is found first. Each language has its own Jinja environment, so that a template
simply writes `amount|money` or `say.offers.plans_title` and gets its own language. In markup, `say` holds the files of
sentences and `part` those of `parts/`. Templates are compiled once, and what is the same on all pages is worked out once.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from hashlib import blake2b
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError, TemplateNotFound
from jinja2.exceptions import TemplateSyntaxError

from generator.domain.ledger import SourceRef
from generator.domain.policy import RETURNED
from generator.errors import UserError
from generator.fingerprint import fingerprint, stamp_of
from generator.problems.run import TEMPLATE_ERROR
from generator.resources import bundled
from generator.site_filters import HELPERS, filters
from generator.site_view import AccountView, Situation, plan_terms, view_of
from generator.template_cache import TemplateCache

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import TracebackType

    from jinja2 import Template

    from generator.config import Seller, Settings
    from generator.domain.account import Account
    from generator.site_view import PlanTerms

#: What a page may load: the site's own style sheet, scripts and images. The QR code is drawn in the page itself.
_CONTENT_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; base-uri 'none'; form-action "
)
_FALLBACK_LANGUAGE = "en"
#: Stands in a page until its mark is known.
_UNMARKED = "the-state-of-this-page"


def content_policy(form_endpoint: str) -> str:
    """What a page may load, and where its forms may go: to the origin of the owner's form endpoint, or nowhere."""
    parts = urlsplit(form_endpoint)
    return _CONTENT_POLICY + (f"{parts.scheme}://{parts.netloc}" if form_endpoint else "'none'")


@dataclass(frozen=True, slots=True)
class PublicPage:
    """A page of prose that everybody may read; `path` is its place under the site's address."""

    title: str
    path: str
    language: str


@dataclass(frozen=True, slots=True)
class Site:
    """What every page knows: who asks and on which terms, where the site is, where answers are sent, and the public pages."""

    seller: Seller
    url: str
    policy: str
    public_pages: tuple[PublicPage, ...]
    terms: PlanTerms
    form_endpoint: str = ""

    @property
    def form_host(self) -> str:
        """Who gets what is written into a form of a page."""
        return urlsplit(self.form_endpoint).hostname or ""

    @property
    def base_path(self) -> str:
        """The path of the site on its host, with a slash at its end: what a page must use that is shown at any address."""
        return urlsplit(self.url).path.rstrip("/") + "/"

    def menu(self, language: str) -> tuple[PublicPage, ...]:
        """The public pages in a language, or else in the seller's."""
        found = tuple(page for page in self.public_pages if page.language == language)
        return found or tuple(page for page in self.public_pages if page.language == self.seller.language)


@dataclass(slots=True)
class Renderer:
    """Renders pages; made once a build. `overrides` is the owner's folder, `compiled` one where compiled templates may stay."""

    settings: Settings
    overrides: Path | None = None
    public_pages: tuple[PublicPage, ...] = ()
    compiled: Path | None = None
    _environments: dict[str, Environment] = field(default_factory=dict)
    _languages: dict[str, str] = field(default_factory=dict)
    _stamp: str = ""

    @property
    def site(self) -> Site:
        """What every page of this build knows."""
        known = self.settings
        policy, terms = content_policy(known.form_endpoint), plan_terms(known.policy)
        return Site(known.seller, known.site_url, policy, self.public_pages, terms, known.form_endpoint)

    def client(self, accounts: Sequence[Account]) -> bytes:
        """The page of the one client whose accounts these are, one for each currency."""
        first = accounts[0]
        if any(account.client.id != first.client.id for account in accounts):
            raise ValueError("a page shows the accounts of one client only")
        views = [view_of(account, self.settings.seller, alone=len(accounts) == 1) for account in accounts]
        values = {"root": "../../", "client": first.client, "views": _in_order(views), "state": _UNMARKED}
        return marked(self.page("client.html", first.client.language, **values))

    def page(self, template: str, language: str, **values: object) -> bytes:
        """Any other page: `root` is the way from it to the top of the site."""
        try:
            return self.template(template, language).render(values).encode()
        except Exception as error:
            raise self.blame(error) from error

    def template(self, name: str, language: str) -> Template:
        """A template in a language, from the owner's folder first. Raises UserError when it cannot be read."""
        try:
            return self._environment(language).get_template(name)
        except TemplateError as error:
            raise self.blame(error) from error

    def language_of(self, wanted: str) -> str:
        """The language a page can be written in: the one wanted, its base language, else English."""
        if wanted not in self._languages:
            self._languages[wanted] = self._find_language(wanted)
        return self._languages[wanted]

    def _find_language(self, wanted: str) -> str:
        have = {
            path.name
            for folder in self._sentence_folders()
            if folder.is_dir()
            for path in folder.iterdir()
            if path.is_dir()
        }
        return next((name for name in (wanted, wanted.split("-", maxsplit=1)[0]) if name in have), _FALLBACK_LANGUAGE)

    def fingerprint(self, accounts: Sequence[Account]) -> str:
        """Changes whenever the page would: with the facts, the sentences, the markup, the settings or this program.

        Not with the line of the ledger where a fact stands: one line more at the top does not change every page.
        """
        if not self._stamp:
            anywhere = replace(self.settings, folder=Path())  # no page says where the owner's folder is
            folders = [*self._sentence_folders(), *self._markup_folders()]
            self._stamp = stamp_of((self.site, anywhere), folders)
        return fingerprint(self._stamp, accounts)

    def blame(self, error: Exception) -> Exception:
        """The owner's mistake in a template as a problem with file and line; anything else as it is."""
        if isinstance(error, UserError):
            return error
        if isinstance(error, TemplateSyntaxError):
            place = self._place(error.filename or error.name or "", error.lineno)
        elif isinstance(error, TemplateNotFound):
            place = self._last_template(error.__traceback__) or SourceRef(f"portal_templates/pages/{error.name}")
        else:
            found = self._last_template(error.__traceback__)
            if found is None:
                return error
            place = found
        return UserError([TEMPLATE_ERROR.at(place, reason=str(error) or type(error).__name__)])

    def _environment(self, language: str) -> Environment:
        language = self.language_of(language)
        if language not in self._environments:
            self._environments[language] = self._make_environment(language)
        return self._environments[language]

    def _make_environment(self, language: str) -> Environment:
        folders = [folder / language for folder in self._sentence_folders()] + self._markup_folders()
        environment = Environment(
            loader=FileSystemLoader(folders),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            bytecode_cache=TemplateCache(self.compiled, f"page {language}"),
        )
        environment.filters.update(filters(language))
        environment.globals.update(lang=language, site=self.site, returned=RETURNED, **HELPERS)
        environment.globals["say"] = _modules(
            environment, [folder / language for folder in self._sentence_folders()], ""
        )
        environment.globals["part"] = _modules(
            environment, [folder / "parts" for folder in self._markup_folders()], "parts/"
        )
        return environment

    def _sentence_folders(self) -> list[Path]:
        own = [self.overrides / "portal_templates" / "pages"] if self.overrides else []
        return [*own, bundled("portal_templates") / "pages"]

    def _markup_folders(self) -> list[Path]:
        own = [self.overrides / "theme" / "templates"] if self.overrides else []
        return [*own, bundled("theme") / "templates"]

    def _last_template(self, traceback: TracebackType | None) -> SourceRef | None:
        """The innermost template line that was being rendered; Jinja puts its templates into the traceback."""
        roots = [str(folder) for folder in (*self._sentence_folders(), *self._markup_folders())]
        found = None
        while traceback is not None:
            filename, line = traceback.tb_frame.f_code.co_filename, traceback.tb_lineno
            if filename.startswith(tuple(roots)):
                compiled = traceback.tb_frame.f_globals.get("__jinja_template__")  # only while a file is being imported
                found = self._place(filename, compiled.get_corresponding_lineno(line) if compiled else line)
            traceback = traceback.tb_next
        return found

    def _place(self, filename: str, line: int) -> SourceRef:
        homes = [self.overrides] if self.overrides else []
        for home in (*homes, bundled("theme").parent):
            if home is not None and filename.startswith(f"{home}/"):
                return SourceRef(filename[len(str(home)) + 1 :], line)
        return SourceRef(filename, line)


def _modules(environment: Environment, folders: Iterable[Path], prefix: str) -> SimpleNamespace:
    """All template files of a folder, ready to be called by their names: imported once, not once a page."""
    names = {path.stem for folder in folders if folder.is_dir() for path in folder.glob("*.html")}
    return SimpleNamespace(**{name: environment.get_template(f"{prefix}{name}.html").module for name in sorted(names)})


def marked(page: bytes) -> bytes:
    """The page with its mark: a digest of itself, by which `relance send` knows whether this very page is online.

    It changes when anything else on the page does, and only then; it tells nothing that the page does not.
    """
    return page.replace(_UNMARKED.encode(), blake2b(page, digest_size=8).hexdigest().encode(), 1)


def render_client(accounts: Sequence[Account], settings: Settings, overrides: Path | None = None) -> bytes:
    """One client's page on its own, without a site around it."""
    return Renderer(settings, overrides).client(accounts)


def _in_order(views: Iterable[AccountView]) -> list[AccountView]:
    """What is late comes first, what is settled last."""
    return sorted(views, key=lambda view: list(Situation).index(view.situation))

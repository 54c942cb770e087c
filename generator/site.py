"""The site: a Pelican plugin that renders one page per client from accounts, and the build that runs it safely.

Pelican renders the public prose of `content/pages/` and copies the theme's static files. The plugin adds the client
pages, the front page, the page for a wrong address, `robots.txt` and `_headers`. Accounts are taken out of Pelican's
settings before any of its templates can see them, and Pelican's own lists (articles, archives, feeds, tags, authors)
are all off: nothing but a client's own page ever names a client.

Importing Pelican replaces the class of the root logger: only a build imports it.
"""

from __future__ import annotations

import locale
import logging
import sys
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import StrictUndefined

from generator.domain.ledger import SourceRef
from generator.errors import OutsideError, RelanceError, UserError
from generator.problems import stops
from generator.problems.site import CONTENT_DOUBTFUL, CONTENT_WRONG
from generator.resources import bundled
from generator.site_build import PageStore, SiteResult, Stage, read_state, verify, write_state
from generator.site_documents import document_problems, local_documents, place
from generator.site_render import PublicPage, Renderer, content_policy
from generator.specimens import claimed_specimens, page_specimens
from generator.template_cache import TemplateCache
from generator.transfer import transfer_problems

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date

    from jinja2 import Template

    from generator.config import Settings
    from generator.domain.account import Account
    from generator.domain.ledger import Problem

__all__ = ["SiteInput", "SiteResult", "build_site", "pelican_settings", "register"]

SETTING = "RELANCE_SITE"
_NOT_WRITTEN = (
    "ARTICLE",
    "ARTICLE_LANG",
    "DRAFT",
    "DRAFT_LANG",
    "DRAFT_PAGE",
    "DRAFT_PAGE_LANG",
    "CATEGORY",
    "TAG",
    "AUTHOR",
)
_FEEDS = ("FEED_ALL", "CATEGORY_FEED", "AUTHOR_FEED", "TRANSLATION_FEED")
ROBOTS = "User-agent: *\nDisallow:\n"
HEADERS = """/*
  X-Content-Type-Options: nosniff
  X-Robots-Tag: noindex, nofollow, noarchive
  Referrer-Policy: no-referrer
  Content-Security-Policy: {policy}; frame-ancestors 'none'
  Cross-Origin-Opener-Policy: same-origin
  Permissions-Policy: camera=(), geolocation=(), microphone=(), payment=()
/p/*
  Cache-Control: private, no-store
"""


@dataclass(frozen=True, slots=True)
class SiteInput:
    """What the plugin is given, in Pelican's setting `RELANCE_SITE`.

    `clients` are the accounts of each client, one for each currency. `content` holds the public prose, in `pages/`;
    `overrides` is the owner's folder, whose `theme/` and `portal_templates/` are searched first. Without `store`, every
    page is written to Pelican's own output folder; in `compiled`, templates are kept as they are once compiled.
    """

    settings: Settings
    clients: Sequence[Sequence[Account]]
    content: Path
    overrides: Path | None = None
    store: PageStore | None = None
    compiled: Path | None = None


class ClientPages:
    """Our generator: Pelican calls it beside its own, once a build."""

    site: SiteInput

    def __init__(self, *, context: dict[str, Any], output_path: str, **_: object) -> None:
        """`context` is what Pelican's generators share; nothing of a client is ever put there."""
        self.context = context
        self.output = Path(output_path)
        self.renderer = Renderer(self.site.settings, self.site.overrides, compiled=self.site.compiled)

    def generate_context(self) -> None:
        """Once Pelican has read the prose: every page links to it."""
        pages = sorted(self.context["pages"], key=lambda page: (str(page.metadata.get("order", "")), page.save_as))
        public = tuple(PublicPage(str(page.title), page.url, page.lang) for page in pages)
        self.renderer = Renderer(self.site.settings, self.site.overrides, public, self.site.compiled)

    def get_template(self, name: str) -> Template:
        """The template `language/name` for a page of prose: the same markup and sentences as everywhere."""
        language, _, template = name.partition("/")
        return self.renderer.template(f"{template}.html", language)

    def generate_output(self, _writer: object) -> None:
        """Writes everything that is not prose."""
        store = self.site.store or PageStore(self.output)
        language = self.site.settings.seller.language
        for name, root in (("index.html", ""), ("404.html", self.renderer.site.base_path)):
            (self.output / name).write_bytes(self.renderer.page(name, language, root=root))
        (self.output / "robots.txt").write_text(ROBOTS, encoding="utf-8")
        (self.output / "_headers").write_text(
            HEADERS.format(policy=content_policy(self.site.settings.form_endpoint)), encoding="utf-8"
        )
        for accounts in self.site.clients:
            page = cache(partial(self.renderer.client, tuple(accounts)))  # all keys of a client show the same page
            fingerprint = self.renderer.fingerprint(accounts)
            documents = dict.fromkeys(item.invoice.document for item in local_documents(accounts))
            for key in dict.fromkeys(key for account in accounts for key in account.keys):
                store.put(key, fingerprint, page)
                for document in documents:
                    store.attach(key, place(document), self.site.settings.folder / document, self.site.settings.folder)
        store.finished = True


def register() -> None:
    """Called by Pelican, which knows the entry of a plugin by this name."""
    from pelican import signals  # noqa: PLC0415 - see the module's docstring

    signals.initialized.connect(_take_input, weak=False)
    signals.get_generators.connect(_generators, weak=False)
    signals.all_generators_finalized.connect(_lend_templates, weak=False)


def _take_input(pelican: Any) -> None:  # noqa: ANN401 - Pelican has no types
    """Takes the accounts out of the settings, which every template of Pelican's can see."""
    site = pelican.settings.pop(SETTING, None)
    if not isinstance(site, SiteInput):
        raise RelanceError(f"Pelican's setting {SETTING} has to hold a SiteInput")
    pelican.relance_site = site


def _generators(pelican: Any) -> type[ClientPages]:  # noqa: ANN401
    return type("ClientPagesOfThisBuild", (ClientPages,), {"site": pelican.relance_site})


def _lend_templates(generators: Sequence[Any]) -> None:
    """Has Pelican's pages of prose rendered by our templates, each in its own language."""
    from pelican.generators import PagesGenerator  # noqa: PLC0415

    ours = next(generator for generator in generators if isinstance(generator, ClientPages))
    for generator in generators:
        if isinstance(generator, PagesGenerator):
            generator.get_template = ours.get_template
            for page in (*generator.pages, *generator.hidden_pages, *generator.draft_pages):
                page.template = f"{page.lang}/{page.template}"


def pelican_settings(site: SiteInput, output: Path) -> dict[str, Any]:
    """The settings with which Pelican builds this site, and nothing else that Pelican builds by default."""
    seller = site.settings.seller
    own_static = site.overrides.resolve() / "theme" / "static" if site.overrides else None
    return {
        SETTING: site,
        "PLUGINS": [sys.modules[__name__]],  # the module itself: a file of that name in the owner's folder cannot win
        "PATH": str(site.content),
        "OUTPUT_PATH": str(output),
        "THEME": str(bundled("theme")),
        "THEME_STATIC_PATHS": ["static", *([str(own_static)] if own_static and own_static.is_dir() else [])],
        "THEME_STATIC_DIR": "theme",
        "SITENAME": seller.name,
        "SITEURL": site.settings.site_url,
        "RELATIVE_URLS": True,
        "DEFAULT_LANG": seller.language,
        "TIMEZONE": seller.timezone,
        "LOCALE": ["C"],
        "ARTICLE_PATHS": [],
        "PAGE_PATHS": ["pages"],
        "STATIC_PATHS": ["images"],
        "DIRECT_TEMPLATES": [],
        "PAGE_URL": "{lang}/{slug}/",
        "PAGE_SAVE_AS": "{lang}/{slug}/index.html",
        "PAGE_LANG_URL": "{lang}/{slug}/",
        "PAGE_LANG_SAVE_AS": "{lang}/{slug}/index.html",
        "PAGE_TRANSLATION_ID": None,  # pages stand on their own, in whatever languages there are
        **{f"{name}_SAVE_AS": "" for name in _NOT_WRITTEN},
        **{f"{name}_{kind}": None for name in _FEEDS for kind in ("ATOM", "RSS")},
        "DEFAULT_PAGINATION": False,
        "IGNORE_FILES": [".*", "*~", "__pycache__"],
        "JINJA_ENVIRONMENT": {
            "autoescape": True,
            "undefined": StrictUndefined,
            "trim_blocks": True,
            "lstrip_blocks": True,
            "bytecode_cache": TemplateCache(site.compiled, "pelican"),
        },
        "MARKDOWN": {
            "extension_configs": {"markdown.extensions.extra": {}, "markdown.extensions.meta": {}},
            "output_format": "html5",
        },
    }


def build_site(
    settings: Settings,
    clients: Sequence[Sequence[Account]],
    *,
    today: date,
    output: Path,
    state: Path,
    content: Path | None = None,
    overrides: Path | None = None,
    before_swap: Callable[[], object] = bool,
) -> SiteResult:
    """Builds the whole site aside and swaps it in; with any failure the site that was there stays as it is.

    `state` is a file outside `output` that only the owner sees: it holds the portal keys. `content` and `overrides` are
    the owner's `content/` and the owner's folder unless others are given. `before_swap` is called once all is rendered
    and nothing is public yet: what must be remembered first is written then. Raises UserError for a mistake in
    templates, prose or settings, OutsideError for a disk that does not obey.
    """
    if any(account.as_of != today for accounts in clients for account in accounts):
        raise ValueError("accounts of another day")
    if problems := [*transfer_problems(settings.seller), *document_problems(clients)]:
        raise UserError(problems)
    stage = Stage(output)
    try:
        stage.recover()
        store = PageStore(stage.begin(), previous=output, known=read_state(state))
        given = replace(_input(settings, clients, content, overrides, store), compiled=state.parent / ".templates")
        notes = _run_pelican(given, stage.new)
        verify(stage.new, store)
        write_state(state, store.pages)  # before the swap: a page that is not what the state says is rendered again
        before_swap()
        stage.swap()
    except OSError as error:
        stage.abandon()
        where = error.filename if isinstance(error.filename, str) else output.name
        raise OutsideError(
            f"the site could not be written ({where}: {error.strerror}); the one that was there stays"
        ) from error
    except BaseException:
        stage.abandon()
        raise
    return replace(store.result, notes=tuple(notes))


def check_site_templates(settings: Settings, clients: Sequence[Sequence[Account]]) -> list[Problem]:
    """What is wrong with the templates of pages, and with the seller's data that they print; writes nothing.

    Every client's page is rendered: a template may fail for one client only. Where there are payment links, so are pages
    of invented clients who can pay everything with them; where late fees are claimed, those of clients who owe some. Each
    mistake is told once.
    """
    problems = [*transfer_problems(settings.seller), *document_problems(clients)]
    renderer = Renderer(settings, settings.folder)
    languages = dict.fromkeys((settings.seller.language, *(accounts[0].client.language for accounts in clients)))
    invented = [page for language in languages for page in page_specimens(language)] if settings.policy.links else []
    if any(settings.policy.claims_from(accounts[0].client) for accounts in clients):
        invented += [page for language in languages for page in claimed_specimens(language)]
    for accounts in () if problems else (*clients, *invented):
        try:
            renderer.client(accounts)
        except UserError as error:
            problems += [problem for problem in error.problems if problem not in problems]
    return problems


def _input(
    settings: Settings,
    clients: Sequence[Sequence[Account]],
    content: Path | None,
    overrides: Path | None,
    store: PageStore | None,
) -> SiteInput:
    own = settings.folder / "content"
    prose = content or (own if own.is_dir() else bundled("content"))
    return SiteInput(settings, clients, prose, overrides or settings.folder, store)


def _run_pelican(site: SiteInput, output: Path) -> list[Problem]:
    """Runs Pelican in this process and leaves no trace in it. Returns what Pelican warned of."""
    from pelican import Pelican  # noqa: PLC0415 - see the module's docstring
    from pelican.settings import read_settings  # noqa: PLC0415

    class QuietPelican(Pelican):  # type: ignore[misc]  # Pelican has no types
        """Does not put the current folder, the owner's, on the path where Python looks for modules."""

        def init_path(self) -> None:
            """Leaves the path as it is."""

    with _as_before() as said:
        try:
            QuietPelican(read_settings(override=pelican_settings(site, output))).run()
        except (OSError, RelanceError):
            raise
        except Exception as error:
            raise Renderer(site.settings, site.overrides).blame(error) from error
    if site.store is not None and not site.store.finished:
        raise RelanceError("Pelican ran without our plugin")
    problems = [_content_problem(record, site.content) for record in said]
    if stops(problems):
        raise UserError(problems)
    return problems


@contextmanager
def _as_before() -> Iterator[list[logging.LogRecord]]:
    """Collects what Pelican says instead of printing it, and puts back the locale that it changes."""
    from pelican import console  # noqa: PLC0415

    said: list[logging.LogRecord] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = said.append  # type: ignore[assignment, method-assign]
    logger = logging.getLogger("pelican")
    before = locale.setlocale(locale.LC_ALL), logger.propagate, console.quiet
    logger.addHandler(handler)
    logger.propagate, console.quiet = False, True
    # another program in this process may have silenced them
    for name, known in logging.root.manager.loggerDict.items():
        if isinstance(known, logging.Logger) and (name == "pelican" or name.startswith("pelican.")):
            known.disabled = False
    try:
        yield said
    finally:
        logger.removeHandler(handler)
        logger.propagate, console.quiet = before[1:]
        locale.setlocale(locale.LC_ALL, before[0])


def _content_problem(record: logging.LogRecord, content: Path) -> Problem:
    entry = CONTENT_WRONG if record.levelno >= logging.ERROR else CONTENT_DOUBTFUL
    cause = f": {record.exc_info[1]}" if record.exc_info and record.exc_info[1] else ""
    text = f"{record.getMessage()}{cause}".replace(f"{content}/", "")
    return entry.at(SourceRef("content/pages"), reason=" ".join(text.split()).rstrip("."))

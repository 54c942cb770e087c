"""`portal.toml` → frozen settings: every option of the owner and its default, in one place."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from generator import checks
from generator.config_delivery import read_imap, read_smtp
from generator.config_deploy import read_deploy
from generator.config_ledger import LedgerSettings, read_ledger_settings
from generator.config_publish import PublishSettings, read_publish
from generator.domain.discount_vat import Computation
from generator.domain.ledger import SourceRef
from generator.domain.money import is_currency
from generator.domain.policy import LinkPolicy
from generator.domain.terms import parse_terms
from generator.policy_file import FILE, PolicyFile, Section
from generator.policy_tables import read_policy
from generator.problems import Flaw, cells, stops
from generator.problems import policy as problems

__all__ = ["LedgerSettings", "ReportSettings", "Seller", "Settings", "StripeSettings", "load_settings", "read_settings"]

if TYPE_CHECKING:
    from decimal import Decimal
    from pathlib import Path

    from generator.config_delivery import ImapSettings, SmtpSettings
    from generator.config_deploy import DeploySettings
    from generator.domain.ledger import Problem
    from generator.domain.policy import Policy

_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Z]{2})?")
_COUNTRY = re.compile(r"[A-Z]{2}")
_LARGEST_POLICY = 1_000_000
_LEDGER_NAME = re.compile(r"[a-z0-9-]{1,40}")
_PAYMENT_METHODS = ("card", "sepa_debit")
_SECRET = re.compile(r"\s*(?:sk|rk|whsec)_")
_SECRET_KEYS = frozenset({"api_key", "key", "password", "secret", "secret_key", "stripe_api_key", "webhook_secret"})
_PASSWORD_KEYS = frozenset({"password", "pass", "passwd", "secret", "smtp_password", "imap_password", "mot_de_passe"})


@dataclass(frozen=True, slots=True)
class Seller:
    """Who asks for the money: `[seller]`. `iban` is stored without spaces."""

    name: str
    email: str
    contact: str = ""
    phone: str = ""
    address: str = ""
    siren: str = ""
    vat_number: str = ""
    iban: str = ""
    bic: str = ""
    country: str = "FR"
    region: str = ""
    language: str = "fr"
    currency: str = "EUR"
    timezone: str = "Europe/Paris"
    terms: str = ""


@dataclass(frozen=True, slots=True)
class StripeSettings:
    """Payment links: `[stripe]`. `ledger` marks ours among all those of the Stripe account, and never changes.

    `pay_host` is the custom domain of the account's payment links; empty: only Stripe's own.
    """

    ledger: str
    methods: tuple[str, ...] = ("card",)
    deactivate_at_most_percent: int = 50
    live_secret_key: bool = False
    pay_host: str = ""


@dataclass(frozen=True, slots=True)
class ReportSettings:
    """What only the owner reads: `[report]`. `money_costs_percent` is what a year without their money costs them.

    `discount_vat` is how the VAT of discounts is computed for their credit notes.
    """

    money_costs_percent: Decimal | None = None
    discount_vat: Computation = Computation.INCLUDED


@dataclass(frozen=True, slots=True)
class Settings:
    """The whole of `portal.toml`. `site_url` has no trailing slash; to `form_endpoint` pages send what clients answer, if it is given.

    None stands for a table that the owner left out: no payment links (`stripe`), nothing is sent (`smtp`), no answer is read (`imap`),
    the site is not published from here (`deploy`).
    """

    folder: Path
    seller: Seller
    site_url: str
    ledger: LedgerSettings
    policy: Policy
    stripe: StripeSettings | None = None
    letters_as_pdf: bool = False
    smtp: SmtpSettings | None = None
    imap: ImapSettings | None = None
    deploy: DeploySettings | None = None
    form_endpoint: str = ""
    report: ReportSettings = field(default_factory=ReportSettings)
    publish: PublishSettings = field(default_factory=PublishSettings)

    def portal_url(self, key: str) -> str:
        """The address of a client's page: the unguessable key is its only name."""
        return f"{self.site_url}/p/{key}/"


def load_settings(folder: Path) -> tuple[Settings | None, list[Problem]]:
    """The settings of an owner's folder, with every problem found in its portal.toml; no settings when one of them is an error."""
    text = _text(folder / FILE)
    if not isinstance(text, str):
        return None, [text]
    file = PolicyFile(text)
    if stops(file.problems):
        return None, file.problems
    settings = read_settings(folder, file)
    file.problems.sort(key=lambda problem: problem.where.line)
    return (None if stops(file.problems) else settings), file.problems


def _text(path: Path) -> str | Problem:
    try:
        if not path.exists():
            return problems.POLICY_MISSING.at(SourceRef(FILE))
        if not path.is_file() or path.stat().st_size > _LARGEST_POLICY:
            return problems.POLICY_UNREADABLE.at(SourceRef(FILE), reason="it is no file of the size of a policy")
        return path.read_bytes().decode("utf-8-sig")
    except OSError as refused:
        return problems.POLICY_UNREADABLE.at(SourceRef(FILE), reason=refused.strerror or type(refused).__name__)
    except UnicodeDecodeError as wrong:
        line = wrong.object.count(b"\n", 0, wrong.start) + 1
        return problems.POLICY_UNREADABLE.at(SourceRef(FILE, line), reason="it is not in UTF-8")


def read_settings(folder: Path, file: PolicyFile) -> Settings:
    """Every key of the file, with its default where the owner wrote none or where what is written cannot be."""
    root = file.root()
    _take_out_secrets(file, "", file.data)
    seller = _seller(root)
    site_url, form_endpoint = _site(root.opened("site"))
    ledger = root.opened("ledger")
    table = root.section("stripe")
    stripe = _stripe(table) if table else None
    smtp, imap, deploy = root.section("smtp"), root.section("imap"), root.section("deploy")
    policy = read_policy(root, ledger, seller.currency, seller.country)
    settings = Settings(
        folder=folder,
        seller=seller,
        site_url=site_url,
        ledger=read_ledger_settings(ledger),
        policy=replace(policy, links=_links(stripe, seller, site_url)) if stripe else policy,
        stripe=stripe,
        letters_as_pdf=_letters(root.opened("letters")),
        smtp=read_smtp(smtp) if smtp else None,
        imap=read_imap(imap) if imap else None,
        deploy=read_deploy(deploy) if deploy else None,
        form_endpoint=form_endpoint,
        report=_report(root.opened("report")),
        publish=read_publish(root.opened("publish")),
    )
    ledger.finish()
    root.finish()
    return settings


def _letters(section: Section) -> bool:
    as_pdf = section.yes("pdf", default=False)
    section.finish()
    return as_pdf


def _report(section: Section) -> ReportSettings:
    found = ReportSettings(
        section.percent("money_costs_percent"), section.word("discount_vat", Computation, Computation.INCLUDED)
    )
    section.finish()
    return found


def _take_out_secrets(file: PolicyFile, path: str, table: dict[str, Any]) -> None:
    """Notes every secret by the name of its key only, and forgets it: nothing that is said later can show it."""
    section = Section(file, path, table)
    for key, value in list(table.items()):
        values = value if isinstance(value, list) else [value]
        named = path == "stripe" and key in _SECRET_KEYS
        if named or any(isinstance(text, str) and _SECRET.match(text) for text in values):
            section.note(problems.SECRET_IN_POLICY.at(section.where(key), section.shown(key)))
            del table[key]
            continue
        if path in {"smtp", "imap"} and key.lower() in _PASSWORD_KEYS:
            variable = f"{path.upper()}_PASSWORD"
            section.note(problems.PASSWORD_IN_POLICY.at(section.where(key), section.shown(key), variable=variable))
            del table[key]
            continue
        for place, inner in enumerate(values):
            if isinstance(inner, dict):
                _take_out_secrets(file, section.name(f"{key}.{place}" if inner is not value else key), inner)


def _seller(root: Section) -> Seller:
    section = root.opened("seller")
    for key, example in (("name", 'name = "Atelier Lumen"'), ("email", 'email = "compta@atelier-lumen.example"')):
        if not section.table.get(key) and (key not in section.table or section.table[key] == ""):
            section.missing(key, example)
    seller = Seller(
        name=section.text("name"),
        email=section.checked("email", checks.email),
        contact=section.text("contact"),
        phone=section.text("phone"),
        address=section.text("address", lines=True),
        siren=section.checked("siren", checks.siren),
        vat_number=section.checked("vat_number", checks.vat_number),
        iban=section.checked("iban", _iban),
        bic=section.checked("bic", _bic),
        country=_matching(section, "country", _COUNTRY, "FR", 'Write the two letters of the country, like "FR".'),
        region=section.text("region"),
        language=_matching(section, "language", _LANGUAGE, "fr", 'Write "fr" or "en".'),
        currency=section.checked("currency", _currency, "EUR"),
        timezone=_timezone(section),
        terms=section.checked("terms", _terms),
    )
    section.finish()
    return seller


def _matching(section: Section, key: str, pattern: re.Pattern[str], default: str, advice: str) -> str:
    text = section.text(key, default)
    if pattern.fullmatch(text):
        return text
    section.wrong(key, text, advice)
    return default


def _timezone(section: Section) -> str:
    name = section.text("timezone", "Europe/Paris")
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        section.wrong("timezone", name, 'Write the name of a time zone, like "Europe/Paris" or "America/Guadeloupe".')
        return "Europe/Paris"
    return name


def _iban(text: str) -> str | Flaw:
    from schwifty import IBAN  # noqa: PLC0415  (a slow import, for those who need it)

    try:
        return str(IBAN(text, validate_bban=True))
    except ValueError:
        return problems.IBAN_WRONG.flaw(what="an IBAN")


def _bic(text: str) -> str | Flaw:
    from schwifty import BIC  # noqa: PLC0415  (a slow import, for those who need it)

    try:
        return str(BIC(text.upper()))
    except ValueError:
        return problems.IBAN_WRONG.flaw(what="a BIC")


def _currency(text: str) -> str | Flaw:
    return text if is_currency(text) else cells.CURRENCY_UNKNOWN.flaw()


def _terms(text: str) -> str | Flaw:
    try:
        parse_terms(text)
    except ValueError:
        return cells.TERMS_UNREADABLE.flaw()
    return text


def _site(section: Section) -> tuple[str, str]:
    url = section.checked("url", _public_url)
    if not section.table.get("url"):
        section.missing("url", 'url = "https://payer.atelier-lumen.example"')
    form_endpoint = section.checked("form_endpoint", _form_endpoint)
    section.finish()
    return url, form_endpoint


def _form_endpoint(text: str) -> str | Flaw:
    """Where answers may be posted: one address, over https, that leads where it says."""
    reason = checks.unsafe_endpoint(text)
    return problems.FORM_ENDPOINT_REFUSED.flaw(reason=reason) if reason else text


def _public_url(text: str) -> str | Flaw:
    """Where private pages can live: https, or http on this machine for a preview; nothing that a key's address could be lost behind."""
    parts = checks.split_url(text)
    if isinstance(parts, str):
        return problems.URL_REFUSED.flaw(reason=parts)
    host = parts.hostname or ""
    reason = ""
    if parts.query or parts.fragment or "?" in text or "#" in text:
        reason = 'it holds "?" or "#"'
    elif checks.is_loopback(host):
        return text.rstrip("/")
    elif parts.scheme != "https":
        reason = "pages that name what people owe travel over https only"
    elif checks.internet_host(host) is None:
        reason = "its domain cannot be"
    return problems.URL_REFUSED.flaw(reason=reason) if reason else text.rstrip("/")


def _stripe(section: Section) -> StripeSettings:
    defaults = StripeSettings("")
    if not section.has("ledger"):
        section.missing("ledger", 'ledger = "atelier-lumen"')
    ledger = section.text("ledger")
    if section.has("ledger") and not _LEDGER_NAME.fullmatch(ledger):
        section.wrong("ledger", ledger, "Write 1 to 40 small letters, digits and hyphens, and never change them again.")
    methods = section.items("methods", str, defaults.methods, '["card", "sepa_debit"]')
    if not methods or len(set(methods)) < len(methods) or not set(methods) <= set(_PAYMENT_METHODS):
        section.wrong("methods", list(methods), f"Write each once, at least one of: {', '.join(_PAYMENT_METHODS)}.")
    found = StripeSettings(
        ledger=ledger,
        methods=methods,
        deactivate_at_most_percent=section.number(
            "deactivate_at_most_percent", defaults.deactivate_at_most_percent, 0, 100
        ),
        live_secret_key=section.yes("live_secret_key", default=defaults.live_secret_key),
        pay_host=_pay_host(section),
    )
    section.finish()
    return found


def _pay_host(section: Section) -> str:
    text = section.text("pay_host")
    host = checks.internet_host(text) if text else ""
    if host is None:
        section.wrong("pay_host", text, 'Write the name of the domain alone, like "pay.atelier-lumen.example".')
    return host or ""


def _links(stripe: StripeSettings, seller: Seller, site_url: str) -> LinkPolicy:
    """What links look like follows from what the owner says elsewhere; a client always has a person to write to."""
    contact = f"{seller.contact or seller.name}, {seller.email}"
    return LinkPolicy(stripe.ledger, site_url, contact, stripe.methods)

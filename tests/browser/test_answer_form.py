"""The form behind the answers of a page, typed into as a client does; what it writes is read as `relance inbox` reads it."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote

import pytest

from generator.domain.ledger import SourceRef
from generator.domain.money import Money, split
from generator.domain.proposals import ProposalKind
from generator.readers.proposal_text import Reading, blocks, read_block
from generator.resources import bundled
from generator.site_render import Renderer
from generator.workspace import open_workspace
from tests.commands.test_inbox import email, rows, take
from tests.site.building import clients_of
from tests.support.accounts import settings
from tests.support.owner import Owner, new_owner

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Page, Route

    from generator.domain.proposals import Part

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]

SITE = "http://localhost"  # nothing listens there: the pages are handed to the browser
TODAY = date(2026, 11, 22)
LATE = "invoice F-1 2026-09-30 due 2026-10-30 {}"
SPANISH = {
    "answers.html": [
        ('"(1) amount: … on: …"', '"(1) importe: … el: …"'),
        ('locale = "en-GB"', 'locale = "es-ES"'),
        ('day_style = "long"', 'day_style = "iso"'),
        ("I propose to pay in instalments, as follows:", "Propongo pagar así:"),
    ]
}


class Window:
    """A tab that shows a page at an address of its own, with the theme beside it, on the 22nd of November 2026."""

    def __init__(self, context: BrowserContext) -> None:
        self.tab = context.new_page()
        self.html = ""
        self.tab.route("**/*", self._answer)
        self.tab.clock.set_fixed_time("2026-11-22T10:00:00Z")

    def open(self, html: str) -> Page:
        self.html = html
        self.tab.goto(f"{SITE}/p/key/")
        return self.tab

    def _answer(self, route: Route) -> None:
        path = route.request.url.removeprefix(SITE)
        if path.startswith("/theme/"):
            route.fulfill(path=bundled("theme") / "static" / path.removeprefix("/theme/"))
        elif path == "/p/key/":
            route.fulfill(body=self.html, content_type="text/html; charset=utf-8")
        else:
            route.continue_()


@pytest.fixture(scope="module")
def window(browser: Browser, socket_enabled_for_session: None) -> Iterator[Window]:
    """One tab for all: nothing stays from one page to the next."""
    assert socket_enabled_for_session is None
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    yield Window(context)
    context.close()


@cache
def _plain_renderer() -> Renderer:
    return Renderer(settings(Path("nowhere")))


@pytest.fixture
def page_of(window: Window) -> PageOf:
    return PageOf(window)


class PageOf:
    """Opens the pages of small ledgers, and one of their answers."""

    def __init__(self, window: Window) -> None:
        self.window = window

    def __call__(self, ledger: str, answer: str, language: str = "fr", renderer: Renderer | None = None) -> Page:
        accounts = [replace(one, client=replace(one.client, language=language)) for one in clients_of(ledger)[0]]
        page = self.window.open((renderer or _plain_renderer()).client(accounts).decode())
        page.click(f"[data-answer={answer}] .label")
        return page


@dataclass(frozen=True)
class Mail:
    """What the client's mail program would open."""

    address: str
    subject: str
    body: str


def mail_of(page: Page) -> Mail:
    """The message that is ready to be opened. Its address is nowhere in the page before the form is right."""
    href = page.locator(".sending a.pay").get_attribute("href") or ""
    assert href.startswith("mailto:"), page.locator(".filled").inner_text()
    address, _, query = href.removeprefix("mailto:").partition("?")
    fields = {name: unquote(text) for name, _, text in (pair.partition("=") for pair in query.split("&"))}
    return Mail(unquote(address), fields["subject"], fields["body"])


def taken(text: str, currency: str = "EUR", language: str = "fr") -> tuple[ProposalKind, tuple[Part, ...]]:
    """What the reader of answers makes of a message."""
    (block,) = blocks(text)
    assert block.closed
    found = read_block(block, Reading(currency, language, TODAY, SourceRef("message")))
    assert not isinstance(found, list), found
    return found


def plain(text: str) -> str:
    return " ".join(text.split())


def balance(page: Page) -> str:
    return plain(page.locator(".balance").inner_text())


def type_row(page: Page, row: int, amount: str, on: str) -> None:
    page.locator(".rows .amount").nth(row).fill(amount)
    page.locator(".rows .on").nth(row).fill(on)


def test_equal_parts_are_filled_in_and_read_back_to_the_cent(page_of: PageOf) -> None:
    page = page_of(LATE.format("1000.00"), "plan")
    page.fill("#f-first", "2027-01-31")
    assert page.locator(".rows .amount").evaluate_all("all => all.map((one) => one.value)") == [
        "333,34",
        "333,33",
        "333,33",
    ]
    assert balance(page) == "Le compte est bon."
    assert list(map(plain, page.locator(".told .schedule li").all_inner_texts())) == [
        "31 janvier 2027 333,34 €",
        "28 février 2027 333,33 €",
        "31 mars 2027 333,33 €",
    ]
    mail = mail_of(page)
    assert mail.address == "compta@atelier-lumen.example"
    assert mail.subject.startswith("Je propose un échéancier – RF")
    assert mail.body.startswith(
        "Bonjour,\r\n\r\nJe vous propose de régler en plusieurs fois, comme suit\u00a0:\r\n[relance 1 plan RF"
    )
    assert mail.body.endswith("Factures\u00a0: F-1\r\n\r\nCordialement,")
    kind, parts = taken(mail.body)
    assert kind is ProposalKind.PLAN
    assert [(on.isoformat(), str(amount)) for on, amount in parts] == [
        ("2027-01-31", "333.34"),
        ("2027-02-28", "333.33"),
        ("2027-03-31", "333.33"),
    ]


def test_parts_are_split_as_ours_are(page_of: PageOf) -> None:
    page = page_of(LATE.format("1000.01"), "plan")
    for count in (2, 3, 6, 7, 36):
        page.fill("#f-count", str(count))
        typed = page.locator(".rows .amount").evaluate_all("all => all.map((one) => one.value)")
        assert [int(text.replace(",", "")) for text in typed] == list(split(100001, count))
        assert balance(page) == "Le compte est bon."


def test_the_sum_is_checked_while_it_is_typed(page_of: PageOf) -> None:
    page = page_of(LATE.format("1000.00") + "\ninvoice F-2 2026-11-10 due 2026-12-10 360.00", "plan")
    page.fill("#f-count", "2")
    page.fill("#f-first", "2026-12-05")
    page.locator(".rows .amount").nth(1).fill("487,50")
    assert balance(page) == "Il manque 12,50 € pour arriver à 1 000,00 €."
    page.locator(".rows .amount").nth(1).fill("505")
    assert balance(page) == "C’est 5,00 € de trop : 1 000,00 € sont à régler."
    assert len(taken(mail_of(page).body)[1]) == 2  # the owner may agree: what is not late yet can be in it
    page.locator(".rows .amount").nth(1).fill("2000")
    assert balance(page) == "C’est 1 140,00 € de plus que tout ce qui reste à régler."
    assert _is_kept_back(page)


def _is_kept_back(page: Page) -> bool:
    """Whether the button opens nothing; what is wrong is said then."""
    button = page.locator(".sending a.pay")
    followed = button.evaluate("one => one.dispatchEvent(new MouseEvent('click', {cancelable: true}))")
    return not followed and button.get_attribute("href") == "#answer"


AMOUNTS = {
    "fr": {"1 234,5": "1234.50", "1.234,50 €": "1234.50", "1234.5": "1234.50", "1.234": "1234.00"},
    "en": {"1,234.50": "1234.50", "1,234": "1234.00", "EUR 0.01": "0.01"},
}


@pytest.mark.parametrize("language", AMOUNTS)
def test_an_amount_is_read_as_it_is_meant(page_of: PageOf, language: str) -> None:
    page = page_of(LATE.format("2000.00"), "date", language)
    for typed, read in AMOUNTS[language].items():
        type_row(page, 0, typed, "2026-12-01")
        kind, ((on, amount),) = taken(mail_of(page).body, language=language)
        assert (kind, on, str(amount)) == (ProposalKind.DATE, date(2026, 12, 1), read)


def test_three_decimals_are_never_taken_for_thousands(page_of: PageOf) -> None:
    page = page_of(f"{LATE.format('20000.000')} currency=TND", "date")
    for typed, read in (("0.500", "0.500"), ("0,500", "0.500"), ("12,500", "12.500"), ("1 250,5", "1250.500")):
        type_row(page, 0, typed, "2026-12-01")
        assert str(taken(mail_of(page).body, "TND")[1][0][1]) == read
    for typed in ("12.500", "1.000"):  # twelve and a half dinars, or a thousand times as much
        type_row(page, 0, typed, "2026-12-01")
        assert _is_kept_back(page)


@pytest.mark.parametrize("typed", ["0", "1", "-2", "2.5", "200"])
def test_a_number_of_payments_that_cannot_be_is_said_and_changes_nothing(page_of: PageOf, typed: str) -> None:
    page = page_of(LATE.format("600.00"), "plan")
    said = page.locator("#f-counted")
    page.fill("#f-count", typed)
    assert said.inner_text() == "", "not while it is typed: 1 may become 12"
    page.locator("#f-count").blur()
    assert said.inner_text() == (
        "Écrivez un nombre entier, de 2 à 36 paiements. Pour un seul, proposez plutôt une autre date."
    )
    assert (said.get_attribute("role"), page.get_attribute("#f-count", "aria-invalid")) == ("status", "true")
    assert (page.input_value("#f-count"), page.locator(".rows > li").count()) == (typed, 3)
    page.fill("#f-count", "4")
    assert (said.inner_text(), page.locator(".rows > li").count()) == ("", 4)
    assert page.get_attribute("#f-count", "aria-invalid") == "false"


FAULTS = [
    ("trois cents", "2026-12-05", "Écrivez la somme en chiffres, par exemple 300,00."),
    ("1,234", "2026-12-05", "Écrivez la somme en chiffres, par exemple 300,00."),
    ("0.500", "2026-12-05", "Écrivez la somme en chiffres, par exemple 300,00."),
    ("3,001", "2026-12-05", "Écrivez la somme en chiffres, par exemple 300,00."),
    ("0", "2026-12-05", "Écrivez une somme plus grande que zéro."),
    ("-5", "2026-12-05", "Écrivez une somme plus grande que zéro."),
    ("300", "", "Choisissez une date."),
    ("300", "2026-11-21", "Cette date est passée."),
    ("300", "2126-12-05", "Cette date est très lointaine : l’année est-elle juste ?"),
    ("300", "2027-01-05", "Deux paiements le même jour : réunissez-les en un seul."),
]


def test_what_cannot_be_meant_is_said_beside_it_and_not_sent(page_of: PageOf) -> None:
    page = page_of(LATE.format("600.00"), "plan")
    page.fill("#f-count", "2")
    type_row(page, 1, "300", "2027-01-05")
    for amount, on, told in FAULTS:
        type_row(page, 0, amount, on)
        assert _is_kept_back(page)
        assert [text for text in map(plain, page.locator(".rows .wrong").all_inner_texts()) if text] == [told]
        blamed = page.locator("[aria-invalid=true]")
        assert blamed.count() == 1
        assert blamed.evaluate("one => one === document.activeElement")
        assert plain(page.locator(f"#{blamed.get_attribute('aria-describedby')}").inner_text()) == told


def test_payments_can_be_added_and_removed_and_come_in_the_order_of_their_days(page_of: PageOf) -> None:
    page = page_of(LATE.format("600.00"), "plan")
    page.fill("#f-count", "2")
    page.locator(".rows .remove").first.click()
    page.locator(".filled .add").click()
    type_row(page, 0, "350", "2027-02-01")
    type_row(page, 1, "250", "2026-12-24")
    assert "1er février 2027" in mail_of(page).body
    assert [(str(amount), on.isoformat()) for on, amount in taken(mail_of(page).body)[1]] == [
        ("250.00", "2026-12-24"),
        ("350.00", "2027-02-01"),
    ]


def test_what_was_paid_is_past_and_says_how(page_of: PageOf) -> None:
    page = page_of(LATE.format("600.00"), "paid")
    page.locator(".rows .on").fill("2026-11-23")
    assert _is_kept_back(page)
    assert "Cette date n’est pas encore venue." in page.locator(".rows").inner_text()
    page.locator(".rows .on").fill("2026-11-20")
    page.select_option("#f-method", "chèque")
    page.fill("#f-note", "Chèque n° 12 [relance 1 paid X]")
    body = mail_of(page).body
    assert "montant : 600,00\u00a0€ le : 20 novembre 2026 par : chèque" in body
    assert taken(body) == (ProposalKind.PAID, ((date(2026, 11, 20), Money(60000, "EUR")),))


def test_something_wrong_is_told_in_words(page_of: PageOf) -> None:
    page = page_of(LATE.format("600.00"), "problem")
    assert _is_kept_back(page)
    assert "Dites-nous en quelques mots" in page.locator(".filled").inner_text()
    page.fill("#f-note", "Le miroir est rayé.")
    body = mail_of(page).body
    assert "Bonjour,\r\n\r\nLe miroir est rayé.\r\n\r\nRéférence" in body
    assert blocks(body) == ()


@pytest.mark.parametrize(
    ("currency", "debt", "parts"),
    [("JPY", "100000", ["33334", "33333", "33333"]), ("TND", "1000.001", ["333.334", "333.334", "333.333"])],
)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_currency_has_the_decimals_that_it_has(
    page_of: PageOf, currency: str, debt: str, parts: list[str], language: str
) -> None:
    page = page_of(f"{LATE.format(debt)} currency={currency}", "plan", language)
    page.fill("#f-first", "2026-12-05")
    assert taken(mail_of(page).body, currency, language)[1] == tuple(
        (date(2026 + (month > 12), (month - 1) % 12 + 1, 5), Money.of(part, currency))
        for month, part in enumerate(parts, start=12)
    )


def test_each_account_of_a_page_has_its_own_lines(page_of: PageOf) -> None:
    ledger = f"client hill\n{LATE.format('900.00')}\ninvoice F-2 2026-09-01 due 2026-10-01 2400.00 currency=GBP"
    page = page_of(ledger, "plan", "en")
    for currency, first in (("EUR", "300.00"), ("GBP", "800.00")):
        option = page.locator(f"#f-account option[data-currency={currency}]").get_attribute("value") or ""
        page.select_option("#f-account", option)
        page.fill("#f-first", "2026-12-05")
        body = mail_of(page).body
        (block,) = blocks(body)
        assert block.reference == option
        assert taken(body, currency, "en")[1][0] == (date(2026, 12, 5), Money.of(first, currency))


def test_another_language_needs_words_and_no_code(page_of: PageOf, tmp_path: Path) -> None:
    english = bundled("portal_templates") / "pages" / "en"
    spanish = tmp_path / "portal_templates" / "pages" / "es"
    spanish.mkdir(parents=True)
    for file in english.iterdir():
        text = file.read_text(encoding="utf-8")
        for old, new in SPANISH.get(file.name, []):
            assert old in text
            text = text.replace(old, new)
        (spanish / file.name).write_text(text, encoding="utf-8")
    page = page_of(LATE.format("600.00"), "plan", "es", Renderer(settings(tmp_path), tmp_path))
    page.fill("#f-count", "2")
    page.fill("#f-first", "2026-12-05")
    body = mail_of(page).body
    assert "Propongo pagar así:\r\n[relance 1 plan RF" in body
    assert "(2) importe: 300,00\u00a0€ el: 2027-01-05" in body
    assert taken(body, language="es")[1][1] == (date(2027, 1, 5), Money(30000, "EUR"))


def test_it_is_filled_in_with_the_keyboard_alone_and_asks_and_keeps_nothing(page_of: PageOf) -> None:
    page = page_of(LATE.format("600.00"), "date")
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.focus("[data-answer=plan]")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.textContent") == "Je propose un échéancier"
    assert page.locator("[data-answer=plan]").get_attribute("aria-expanded") == "true"
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")  # 3 payments, then 2
    page.keyboard.press("Tab")
    page.keyboard.type("12052026")
    assert len(taken(mail_of(page).body)[1]) == 2
    page.click(".filled .copy")
    page.locator(".sending .hint", has_text="Copié").wait_for()
    assert taken(page.evaluate("navigator.clipboard.readText()"))[1] == taken(mail_of(page).body)[1]
    assert asked == []
    assert complaints == []
    assert page.context.cookies() == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


class _Recorder(BaseHTTPRequestHandler):
    """A form service that keeps what it is given."""

    posted: list[tuple[dict[str, list[str]], dict[str, str]]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.posted.append((parse_qs(body), {name.lower(): text for name, text in self.headers.items()}))
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<h1>Merci</h1>")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's own name
        """Nothing."""


@contextmanager
def form_service() -> Iterator[tuple[str, list[tuple[dict[str, list[str]], dict[str, str]]]]]:
    posted: list[tuple[dict[str, list[str]], dict[str, str]]] = []
    handler = type("Recorder", (_Recorder,), {"posted": posted})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/f/k3xq", posted
    server.shutdown()
    server.server_close()


def forwarded(fields: dict[str, list[str]]) -> bytes:
    """The email that a form service makes of what it was given."""
    text = "".join(f"{name}:\n{text}\n\n" for name, (text,) in fields.items())
    return email(text, sender="noreply@forms.example", ident="f1@forms.example")


@pytest.mark.parametrize("scripted", [True, False])
def test_a_form_endpoint_gets_what_the_inbox_reads(
    browser: Browser,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    scripted: bool,  # noqa: FBT001 - parametrized
) -> None:
    owner = new_owner(tmp_path / "sable", capsys)
    context = browser.new_context(java_script_enabled=scripted)
    with form_service() as (endpoint, posted):
        page = Window(context).open(_owners_page(owner, endpoint))
        page.click("[data-answer=plan] .label")
        if scripted:
            page.fill("#f-count", "2")
            page.fill("#f-first", "2026-12-05")
            page.click(".filled button.pay")
        else:
            message = page.locator("[data-answer=plan] textarea")
            lines = iter(("600,00 € le : 5 décembre 2026", "600,00 € le : 05/01/2027"))
            filled = [
                f"({number}) montant : {next(lines)}"
                if (number := line[1:2]) in {"1", "2"} and line.startswith("(")
                else line
                for line in message.input_value().splitlines()
            ]
            message.fill("\n".join(filled))
            page.click("[data-answer=plan] button.pay")
        page.wait_for_url(endpoint)
        assert page.locator("h1").inner_text() == "Merci"
    context.close()
    ((fields, headers),) = posted
    assert set(fields) == {"subject", "message"}
    assert fields["subject"][0].startswith("Je propose un échéancier")
    assert "referer" not in headers
    assert headers.get("origin", "null") == "null"
    assert "/p/" not in str(fields)
    assert take(owner, forwarded(fields)) == 0, owner.complained
    assert [row.split(";")[4:6] for row in rows(owner)] == [["2026-12-05", "600,00"], ["2027-01-05", "600,00"]], (
        owner.said + owner.complained
    )


def _owners_page(owner: Owner, endpoint: str = "") -> str:
    workspace = open_workspace(owner.folder)
    accounts = [one for one in workspace.decide(date(2026, 11, 16)).accounts if one.client.id == "verdier"]
    return Renderer(replace(workspace.settings, form_endpoint=endpoint)).client(accounts).decode()


def test_the_message_that_the_form_writes_becomes_a_proposal(
    window: Window, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    owner = new_owner(tmp_path / "sable", capsys)
    page = window.open(_owners_page(owner))
    page.click("[data-answer=plan] .label")
    page.fill("#f-first", "2026-12-05")
    page.locator(".rows .amount").nth(0).fill("300,5")
    body = mail_of(page).body
    assert take(owner, email(body)) == 0, owner.complained
    assert [row.split(";")[3:7] for row in rows(owner)] == [
        ["plan", "2026-12-05", "300,50", "EUR"],
        ["plan", "2027-01-05", "400,00", "EUR"],
        ["plan", "2027-02-05", "400,00", "EUR"],
    ], owner.said + owner.complained

"""The answers of a page: prepared emails, the form that a script puts behind them, and the owner's form endpoint."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from generator.readers.proposal_text import blocks
from generator.site import HEADERS
from generator.site_render import Renderer, content_policy
from tests.site.building import Owner, Page, clients_of, key_of, page_of
from tests.support.accounts import settings

if TYPE_CHECKING:
    from generator.domain.account import Account

LATE = "client verdier\ninvoice F-1 2026-09-30 due 2026-10-30 1200.00\ninvoice F-2 2026-11-10 due 2026-12-10 360.00"
SETTLED = "client verdier\ninvoice F-1 2026-09-01 due 2026-10-01 5.00\npayment 2026-10-01 5.00 F-1"
ENDPOINT = "https://forms.example/f/k3xq"


def posting(accounts: tuple[Account, ...], folder: Path, overrides: Path | None = None) -> Page:
    """The page of an owner with a form endpoint."""
    return Page(Renderer(replace(settings(folder), form_endpoint=ENDPOINT), overrides).client(accounts).decode())


def options(page: Page) -> dict[str, dict[str, str]]:
    """What the form knows of each account, by currency."""
    return {
        known["data-currency"]: known for tag, known in page.elements if tag == "option" and "data-currency" in known
    }


def test_the_form_waits_in_a_template_until_a_script_shows_it(tmp_path: Path) -> None:
    page = page_of(LATE, tmp_path)
    template = page.source.index('<template id="answer-form">')
    assert all(match.start() > template for match in re.finditer(r"<(form|input|select|textarea)\b", page.source))
    assert len(page.mails) == 6


def test_the_form_knows_what_is_late_and_the_most_that_can_be_proposed(tmp_path: Path) -> None:
    disputed = f"{LATE}\ninvoice F-3 2026-09-01 due 2026-10-01 77.00\ndispute F-3 2026-10-12"
    known = options(page_of(disputed, tmp_path))["EUR"]
    assert (known["data-places"], known["data-sum"], known["data-most"]) == ("2", "120000", "156000")
    assert known["value"] == clients_of(LATE)[0][0].reference
    agreed = f"{LATE}\nagreement A-1 2026-11-10 F-1 2026-12-01:600.00 2027-01-01:600.00"
    assert options(page_of(agreed, tmp_path))["EUR"]["data-sum"] == "120000"
    yen = "client ito\ninvoice F-1 2026-09-30 due 2026-10-30 1200 currency=JPY"
    assert (options(page_of(yen, tmp_path))["JPY"]["data-places"], *options(page_of(yen, tmp_path))) == ("0", "JPY")


def test_who_is_asked_for_nothing_gets_no_form(tmp_path: Path) -> None:
    page = page_of(SETTLED, tmp_path)
    assert "<template" not in page.source
    assert "answer.js" not in page.source
    assert len(page.mails) == 3


def test_an_owners_older_answers_without_words_for_the_form_stay_prepared_emails(tmp_path: Path) -> None:
    bundled = Renderer(settings(tmp_path)).template("answers.html", "fr").filename
    assert bundled
    own = tmp_path / "portal_templates" / "pages" / "fr" / "answers.html"
    own.parent.mkdir(parents=True)
    own.write_text(Path(bundled).read_text(encoding="utf-8").partition("{# Le formulaire")[0], encoding="utf-8")
    page = posting(clients_of(LATE)[0], tmp_path, tmp_path)
    assert "<form" not in page.source
    assert "answer.js" not in page.source
    assert len(page.mails) == 6


def test_with_a_form_endpoint_each_answer_is_a_form_that_needs_no_script(tmp_path: Path) -> None:
    accounts = clients_of(LATE)[0]
    page = posting(accounts, tmp_path)
    assert page.mails == []
    shown = page.source.partition("<template")[0]
    forms = re.findall(r'<form method="post" action="([^"]+)"', shown)
    assert forms == [ENDPOINT] * 6
    texts = [html.unescape(text) for text in re.findall(r"<textarea[^>]*>\n(.*?)</textarea>", shown, re.DOTALL)]
    kinds = [[(block.kind, block.reference, block.closed) for block in blocks(text)] for text in texts]
    reference = accounts[0].reference
    assert kinds == [[("paid", reference, True)], [("date", reference, True)], [("plan", reference, True)], [], [], []]
    assert {known["name"] for tag, known in page.elements if tag in {"input", "textarea"} and "name" in known} == {
        "subject",
        "message",
    }
    assert all(text.startswith("Bonjour,\n\n") and "Référence\u00a0: RF" in text for text in texts)


def test_what_is_posted_holds_no_portal_key(tmp_path: Path) -> None:
    assert key_of("verdier") not in posting(clients_of(LATE)[0], tmp_path).source


def test_a_hostile_number_stays_text_in_a_message_to_complete(tmp_path: Path) -> None:
    account = clients_of(LATE)[0][0]
    evil = "</textarea><script>alert(1)</script>"
    items = tuple(replace(item, invoice=replace(item.invoice, number=evil)) for item in account.items)
    page = posting((replace(account, items=items),), tmp_path)
    assert sum(tag == "script" for tag, _ in page.elements) == 2
    assert page.source.count("</textarea>") == 7


@pytest.mark.parametrize(
    ("endpoint", "goes"),
    [
        ("", "'none'"),
        (ENDPOINT, "https://forms.example"),
        ("https://a.forms.example:443/x?y=1", "https://a.forms.example:443"),
    ],
)
def test_forms_go_to_the_origin_of_the_endpoint_or_nowhere(endpoint: str, goes: str) -> None:
    assert content_policy(endpoint).split("; ")[-1] == f"form-action {goes}"


def test_the_headers_say_the_same_as_the_pages(tmp_path: Path) -> None:
    owner = Owner(tmp_path)
    owner.settings = replace(owner.settings, form_endpoint=ENDPOINT)
    owner.build(clients_of(LATE))
    policy = content_policy(ENDPOINT)
    assert (owner.output / "_headers").read_text() == HEADERS.format(policy=policy)
    assert Page(owner.page("verdier").read_text()).meta("Content-Security-Policy") == policy

"""The pages of the sandbox, as a person uses them."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from generator.sandbox import Request, Response, Sandbox
from tests.support.sandbox import KEY, Clock

if TYPE_CHECKING:
    from collections.abc import Mapping

FRENCH = {"host": "127.0.0.1:8000", "accept-language": "fr-FR,fr;q=0.9,en;q=0.8"}
ENGLISH = {"host": "localhost:8000", "accept-language": "de,en-GB;q=0.9,fr;q=0.2"}


class Forms(HTMLParser):
    """The forms of a page: where each goes, and what its hidden fields say."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            assert values["method"] == "post"
            self.forms.append((values["action"], {}))
        elif tag == "input":
            self.forms[-1][1][values["name"]] = values.get("value", "")


class Person:
    """A person with a browser that follows no redirect by itself."""

    def __init__(self, sandbox: Sandbox, headers: Mapping[str, str] = FRENCH) -> None:
        self.sandbox = sandbox
        self.headers = headers
        self.last = Response(0)

    def visit(self, target: str) -> str:
        self.last = self.sandbox.handle(Request("GET", target, self.headers))
        return self.last.body.decode()

    def follow(self) -> str:
        assert self.last.status == 303
        return self.visit(self.last.headers["Location"])

    def press(self, **wanted: str) -> Response:
        """Sends the form of the last page that says so."""
        parser = Forms()
        parser.feed(self.last.body.decode())
        action, values = next(form for form in parser.forms if wanted.items() <= form[1].items())
        return self.send(action, values)

    def send(self, action: str, values: Mapping[str, str]) -> Response:
        self.last = self.sandbox.handle(Request("POST", action, self.headers, urlencode(values).encode()))
        return self.last


@pytest.fixture
def at() -> Sandbox:
    return Sandbox(clock=Clock())


def link(
    at: Sandbox, minor: int = 123_450, more: Mapping[str, str] = MappingProxyType({}), name: str = "Facture F-2026-118"
) -> str:
    price = "line_items[0][price_data]"
    form = {
        f"{price}[currency]": "eur",
        f"{price}[unit_amount]": str(minor),
        f"{price}[product_data][name]": name,
        "line_items[0][quantity]": "1",
        "restrictions[completed_sessions][limit]": "1",
        **more,
    }
    headers = {"host": "127.0.0.1", "authorization": f"Bearer {KEY}"}
    answer = at.handle(Request("POST", "/v1/payment_links", headers, urlencode(form).encode()))
    assert answer.status == 200, answer.body
    return str(answer.json["id"])


def back_to(address: str) -> dict[str, str]:
    return {"after_completion[type]": "redirect", "after_completion[redirect][url]": address}


def test_a_person_opens_a_link_pays_by_card_and_is_sent_back(at: Sandbox) -> None:
    person = Person(at)
    thanks = "https://payer.atelier-sable.example/c/x/?merci={CHECKOUT_SESSION_ID}"
    person.visit(f"/pay/{link(at, more=back_to(thanks))}")
    page = person.follow()
    assert "Bac à sable\u00a0: aucun argent réel." in page
    assert "Payer 1\u202f234,50\u00a0€" in page
    assert "Facture F-2026-118" in page
    assert person.press(method="card").status == 303
    (session,) = at.store.sessions
    assert person.last.headers["Location"] == thanks.replace("{CHECKOUT_SESSION_ID}", session.id)
    assert (session.status, session.payment_status) == ("complete", "paid")
    assert "Paiement reçu" in person.visit(f"/c/pay/{session.id}")


def test_in_english(at: Sandbox) -> None:
    person = Person(at, ENGLISH)
    person.visit(f"/pay/{link(at)}")
    page = person.follow()
    assert "Sandbox: no real money." in page
    assert "Pay €1,234.50" in page
    assert '<html lang="en">' in page


def test_a_refused_card_says_so_and_the_page_stays(at: Sandbox) -> None:
    person = Person(at)
    person.visit(f"/pay/{link(at)}")
    person.follow()
    person.press(method="refused")
    assert "La carte a été refusée" in person.follow()
    person.press(method="sepa_debit")
    assert "Prélèvement en cours" in person.follow()


def test_only_what_the_link_allows_is_offered(at: Sandbox) -> None:
    person = Person(at)
    person.visit(f"/pay/{link(at, more={'payment_method_types[0]': 'card'})}")
    assert "SEPA" not in person.follow()
    person.send("/c/pay/" + next(iter(at.store.sessions)).id, {"method": "sepa_debit", "token": at.token})
    assert next(iter(at.store.sessions)).status == "open"


def test_an_inactive_link_says_whom_to_write_to(at: Sandbox) -> None:
    identifier = link(at, more={"inactive_message": "Écrivez à <Nora> Sable."})
    at.pay(identifier)
    page = Person(at).visit(f"/pay/{identifier}")
    assert "n’est plus actif" in page
    assert "Écrivez à &lt;Nora&gt; Sable." in page
    assert "<form" not in page


def test_a_page_that_expired_takes_nothing(at: Sandbox) -> None:
    person = Person(at)
    session = at.open_session(link(at))
    person.visit(f"/c/pay/{session}")
    at.clock.pass_(days=1)  # type: ignore[attr-defined]
    person.press(method="card")
    assert "a expiré" in person.follow()
    assert not len(at.store.charges)


def test_the_board_decides_what_a_bank_would(at: Sandbox) -> None:
    person = Person(at)
    paid = at.pay(link(at, 10_000), method="sepa_debit")
    assert "Prélèvement en cours" in person.visit("/sandbox")
    person.press(act="clear")
    assert "Payé" in person.follow()
    assert at.charge_of(paid).status == "succeeded"
    charge = at.charge_of(paid).id
    person.send("/sandbox", {"act": "refund", "payment": charge, "amount": "12,50 €", "token": at.token})
    assert "Remboursé en partie\u00a0: 12,50\u00a0€" in person.follow()
    person.press(act="refund")
    assert at.charge_of(paid).refunded == 10_000


def test_the_board_lets_a_client_dispute_and_a_bank_decide(at: Sandbox) -> None:
    person = Person(at)
    at.pay(link(at))
    person.visit("/sandbox")
    person.press(act="dispute")
    assert "Contesté" in person.follow()
    person.press(act="won")
    assert "Contestation gagnée" in person.follow()


def test_a_debit_can_fail(at: Sandbox) -> None:
    person = Person(at)
    paid = at.pay(link(at), method="sepa_debit")
    person.visit("/sandbox")
    person.press(act="fail")
    assert "Prélèvement rejeté" in person.follow()
    assert at.charge_of(paid).status == "failed"


@pytest.mark.parametrize("amount", ["0", "-1", "100,01", "1,001", "douze", "1e9", "nan", "9" * 40, "1.2.3"])
def test_an_amount_that_cannot_be_given_back_changes_nothing(at: Sandbox, amount: str) -> None:
    paid = at.pay(link(at, 10_000))
    charge = at.charge_of(paid)
    answer = Person(at).send("/sandbox", {"act": "refund", "payment": charge.id, "amount": amount, "token": at.token})
    assert answer.status == 422
    assert "Rien n’a changé" in answer.body.decode()
    assert charge.refunded == 0


@pytest.mark.parametrize("act", ["clear", "fail", "won", "lost", "explode", ""])
def test_what_cannot_happen_does_not(at: Sandbox, act: str) -> None:
    charge = at.charge_of(at.pay(link(at))).id
    for payment in (charge, "ch_none"):
        assert Person(at).send("/sandbox", {"act": act, "payment": payment, "token": at.token}).status == 422


def test_another_site_cannot_pay_or_decide(at: Sandbox) -> None:
    session = at.open_session(link(at))
    for values in ({"method": "card"}, {"method": "card", "token": ""}, {"method": "card", "token": "é"}):
        assert Person(at).send(f"/c/pay/{session}", values).status == 403
    assert Person(at).send("/sandbox", {"act": "clear", "payment": "x"}).status == 403
    assert not len(at.store.charges)


@pytest.mark.parametrize("host", ["", "evil.example", "127.0.0.1.evil.example:80", "[::1", "192.168.0.7"])
def test_a_foreign_name_that_leads_here_is_not_answered(at: Sandbox, host: str) -> None:
    for target in ("/sandbox", "/v1/account"):
        assert at.handle(Request("GET", target, {"host": host})).status == 421


def test_the_name_it_is_configured_for_is_answered() -> None:
    at = Sandbox(clock=Clock(), base_url="https://essai.atelier-sable.example/")
    identifier = link(at)
    headers = {"host": "essai.atelier-sable.example"}
    assert at.handle(Request("GET", f"/pay/{identifier}", headers)).status == 303
    shown = at.handle(Request("GET", f"/v1/payment_links/{identifier}", headers | {"authorization": f"Bearer {KEY}"}))
    assert shown.json["url"] == f"https://essai.atelier-sable.example/pay/{identifier}"


@pytest.mark.parametrize(
    "target", ["/x", "/pay/plink_none", "/c/pay/cs_none", "/pay", "/pay/a/b", "/%2e%2e/etc/passwd"]
)
def test_there_is_nothing_else(at: Sandbox, target: str) -> None:
    assert Person(at).visit(target)
    assert Person(at).sandbox.handle(Request("GET", target, FRENCH)).status == 404


def test_pages_run_no_script_load_nothing_and_lead_only_where_the_link_says(at: Sandbox) -> None:
    session = at.open_session(link(at, more=back_to("https://payer.atelier-sable.example/merci")))
    person = Person(at)
    page = person.visit(f"/c/pay/{session}") + person.visit("/sandbox")
    assert "<script" not in page
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", page)
    person.visit(f"/c/pay/{session}")
    policy = person.last.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self' https://payer.atelier-sable.example;" in policy
    assert person.last.headers["Cache-Control"] == "no-store"


def test_words_of_the_seller_are_text_and_never_markup(at: Sandbox) -> None:
    identifier = link(at, name='<b>Facture</b> & "co"')
    at.pay(identifier)
    person = Person(at)
    page = person.visit("/sandbox")
    assert "<b>" not in page
    assert "&lt;b&gt;Facture&lt;/b&gt; &amp; &quot;co&quot;" in page


def test_many_payments_are_cut_short_and_counted(at: Sandbox) -> None:
    for number in range(51):
        link(at, 1_000 + number)
    assert "Les 50 plus récents sont montrés, sur 51." in Person(at).visit("/sandbox")


def test_the_root_leads_to_the_board(at: Sandbox) -> None:
    person = Person(at)
    person.visit("/")
    assert "Bac à sable" in person.follow()


@pytest.mark.parametrize(
    ("wish", "language"),
    [("", "fr"), ("en", "en"), ("de", "fr"), ("en;q=0.1, fr;q=0.2", "fr"), ("en;q=x", "fr"), ("EN-us,fr;q=0.9", "en")],
)
def test_the_language_is_the_browsers_wish(at: Sandbox, wish: str, language: str) -> None:
    page = Person(at, {"host": "127.0.0.1", "accept-language": wish}).visit("/sandbox")
    assert f'<html lang="{language}">' in page

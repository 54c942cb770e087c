"""What the owner reads in the morning: what would leave, what is held and why, what to review, who owes what."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

import pytest

from generator.domain.ledger import Client, Problem, Severity, SourceRef
from generator.report_gather import SHOWN_ROWS
from generator.report_messages import SHOWN_MESSAGES, SHOWN_TEXTS
from generator.report_parts import SHOWN_IN_GROUP, command
from tests.report.morning import TODAY, morning

VOID = {"meta", "link", "br", "hr", "img", "input"}


class Reader(HTMLParser):
    """The page as a browser reads it: its elements, their attributes, and the text of each section."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.stack: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.sections: dict[str, list[str]] = {}
        self.section = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.tags.append((tag, found))
        if tag not in VOID:
            self.stack.append(tag)
        if tag == "section":
            self.section = found["id"]

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag
        if tag == "section":
            self.section = ""

    def handle_data(self, data: str) -> None:
        self.sections.setdefault(self.section, []).append(data)

    def text(self, section: str) -> str:
        """What a section says, with one space for any space."""
        return " ".join(" ".join(self.sections[section]).split())

    def links(self) -> list[str]:
        return [attrs["href"] for tag, attrs in self.tags if tag == "a"]


def read(page: str) -> Reader:
    reader = Reader(page)
    assert not reader.stack
    return reader


def test_the_page_opens_with_how_much_there_is_to_do() -> None:
    page = read(morning().page())
    assert "À faire ce matin" in page.text("")
    assert "23 novembre 2026 · règlements enregistrés jusqu’au 20 novembre" in page.text("")
    assert (
        "1 envoi incertain, 1 réponse à lire, 1 adresse à corriger, 5 messages à relire et à envoyer, 1 client à appeler, "
        "1 lettre à poster et 5 points à revoir." in page.text("")
    )


def test_it_speaks_the_sellers_language() -> None:
    page = read(morning(language="en").page())
    assert ("html", {"lang": "en"}) in page.tags
    assert "To do this morning" in page.text("")
    assert (
        "1 send to clear up, 1 answer to read, 1 address to correct, 5 messages to read and send, 1 client to call, "
        "1 letter to post and 5 points to review." in page.text("")
    )


def test_a_language_without_sentences_of_its_own_reads_english() -> None:
    assert '<html lang="en">' in morning(language="it").page()


def test_a_message_is_shown_whole_with_its_address_its_file_and_the_command_that_records_it() -> None:
    page = morning().page()
    shown = read(page)
    send = shown.text("send")
    assert "Bonjour, La facture F-118 de Lumiere attend. Atelier Lumen" in send
    assert "lumiere@client.example" in send
    assert "relance sent lumiere" in send
    assert "../outbox/2026-11-23-lumiere-reminder-2.eml" in shown.links()
    assert "Bonjour,\n\nLa facture F-118 de Lumiere attend.\n\nAtelier Lumen" in page


def test_a_message_says_why_it_leaves_and_what_went_before() -> None:
    send = read(morning().page()).text("send")
    assert "F-118, échue le 30 octobre (24 jours), 1 200,00 €" in send
    assert "Déjà écrit : première relance le 6 novembre" in send


def test_an_item_that_is_only_mentioned_says_so() -> None:
    send = read(
        morning("""
            invoice F-1 2026-09-30 due 2026-10-30 1200.00
            invoice F-2 2026-10-17 due 2026-11-16 90.00
            sent 2026-11-06 reminder-1 F-1
            sent 2026-11-13 reminder-2 F-1
        """).page()
    ).text("send")
    assert "F-1, échue le 30 octobre (24 jours), 1 200,00 € : rappelée au passage" in send
    assert "F-2, échue le 16 novembre (7 jours), 90,00 € Déjà écrit" in send


def test_the_gravest_step_comes_first_and_the_largest_debt_in_it() -> None:
    send = read(morning().page()).text("send")
    order = [send.index(f"relance sent {name}") for name in ("lumiere", "iles", "harrow", "quai")]
    order += [send.index(name) for name in ("À appeler", "relance log pont", "À poster", "relance sent brun")]
    assert order == sorted(order)


def test_a_letter_and_a_call_are_named_for_what_they_are() -> None:
    send = read(morning().page()).text("send")
    assert "Ouvrir la lettre 2026-11-23-brun-formal-notice.html" in send
    assert "Ouvrir la fiche d’appel 2026-11-23-pont-reminder-1.html" in send


def test_a_message_that_is_due_and_was_not_prepared_is_never_passed_over() -> None:
    found = morning()
    with pytest.raises(ValueError, match="lumiere"):
        replace(found, drafts=[draft for draft in found.drafts if draft.client != "lumiere"]).page()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("Marchetti", "Promis pour le 24 novembre"),
        ("Aubrac", "Jusqu’au 30 novembre compris, puis première relance le 1er décembre"),
        ("Sauvage", "Prélèvement en cours"),
        ("Lys", "Prochaine échéance : 500,00 € le 21 décembre"),
        ("Rive", "Première relance du 20 novembre"),
        ("Royer", "Procédure collective"),
        ("Vieux", "À revoir d’abord"),
        ("Ozenne", "Contestation en cours"),
    ],
)
def test_whoever_is_held_is_named_with_the_reason_and_its_end(name: str, sentence: str) -> None:
    held = read(morning().page()).text("held")
    assert name in held
    assert sentence.lower() in held.lower()


def test_the_amount_beside_a_reason_is_what_the_reason_is_about() -> None:
    ledger = """
        invoice F-1 2026-09-01 due 2026-10-01 540.00 disputed=2026-10-09
        invoice F-2 2026-11-02 due 2026-12-02 768.00
    """
    assert "Brun 540,00 €" in read(morning(ledger).page()).text("held")


def test_a_debit_on_its_way_is_listed_with_its_own_amount_and_counted_apart() -> None:
    page = read(morning().page())
    assert "Sauvage 680,00 €" in page.text("held")
    assert "Sauvage Ordonné le 19 novembre, F-072 680,00 €".lower() in page.text("flights").lower()
    assert "En cours de prélèvement 680,00 €" in page.text("")


def test_without_one_nothing_is_said_of_debits() -> None:
    assert "prélèvement" not in morning("invoice F-1 2026-09-01 due 2026-10-01 540.00").page().lower()


PAID_TWICE = """
    client brun
    invoice F-1 2026-09-01 due 2026-10-01 540.00
    payment 2026-11-10 540.00 F-1 client=brun
    debit 2026-11-12 540.00 F-1 client=brun state=paid
"""


def test_what_came_through_stripe_and_covers_nothing_is_to_pay_back_and_nothing_is_said_to_be_done() -> None:
    review = read(morning(PAID_TWICE).page()).text("review")
    assert "À rembourser" in review
    assert "relance ne rembourse jamais" in review
    assert "Brun payé le 12 novembre 540,00 € pi_1" in review
    assert "Trop-perçus" not in review


def test_money_of_theirs_that_came_otherwise_stays_a_credit() -> None:
    review = read(morning(PAID_TWICE + "payment 2026-11-11 30.00 client=brun").page()).text("review")
    assert "Brun payé le 12 novembre 540,00 € pi_1" in review
    assert "Brun 30,00 €" in review.split("À rembourser")[0]


def test_what_a_bank_took_back_stands_apart_from_what_a_client_disputes() -> None:
    ledger = """
        invoice F-1 2026-09-01 due 2026-10-01 540.00
        invoice F-2 2026-09-01 due 2026-10-01 300.00
        dispute F-1 2026-11-12 "reason=Stripe du_1QxYz"
        dispute F-2 2026-11-12 "reason=la couleur"
    """
    mine, banks = read(morning(ledger).page()).text("review").split("Paiements contestés à la banque")
    assert "Brun F-1 540,00 € du_1QxYz" in banks
    assert "F-2" in mine
    assert "F-1" not in mine


REFUNDED = """
    client brun
    invoice F-1 2026-09-01 due 2026-10-01 540.00
    debit 2026-10-10 540.00 F-1 state=paid
    refund 2026-11-12 100.00 of=pi_1
"""


def test_what_a_refund_opened_again_is_told_as_that_and_not_as_an_old_debt() -> None:
    page = read(morning(REFUNDED).page())
    assert "1 point à revoir" in page.text("")
    review = page.text("review")
    assert "Brun F-1, remboursement du 12 novembre 100,00 € relance review brun" in review
    assert "Faites un avoir" in review
    assert "Dettes anciennes" not in review
    assert "Brun remboursement du 12 novembre 100,00 €" in page.text("held")


def test_it_is_told_so_in_english_too() -> None:
    page = read(morning(REFUNDED, language="en").page())
    assert "Brun F-1, refunded on 12 November €100.00 relance review brun" in page.text("review")
    assert "write a credit note" in page.text("review")
    assert "Brun refunded on 12 November €100.00" in page.text("held")


def test_an_old_debt_and_a_refund_of_one_client_are_two_points() -> None:
    page = read(morning(REFUNDED + "invoice F-0 2025-09-01 due 2025-10-01 80.00").page())
    review = page.text("review")
    assert "2 points à revoir" in page.text("")
    assert "Brun 1 facture, la plus ancienne échue le 1er octobre 2025 80,00 € relance review brun" in review
    assert "Brun F-1, remboursement du 12 novembre 100,00 € relance review brun" in review


def test_clients_with_nothing_late_are_counted_not_listed() -> None:
    held = read(morning().page()).text("held")
    assert "4 clients : rien en retard, rien à écrire aujourd’hui." in held
    assert "Dumont" not in held


def test_a_stale_ledger_is_said_before_anything_else() -> None:
    late = "invoice F-118 2026-09-30 due 2026-10-30 1200.00"
    page = read(morning(late, booked=TODAY.replace(day=2)).page())
    assert "Les règlements ne sont enregistrés que jusqu’au 2 novembre" in page.text("")
    assert "Aucun message ne partirait aujourd’hui." in page.text("send")


def test_a_stale_ledger_keeps_no_word_about_an_instalment_to_come() -> None:
    send = read(morning(booked=TODAY.replace(day=2)).page()).text("send")
    assert "relance sent quai" in send
    assert "relance sent lumiere" not in send


@pytest.mark.parametrize(
    "sentence",
    [
        "Vieux 2 factures, la plus ancienne échue le 1er octobre 2025 2 080,00 € relance review vieux",
        "Lemoine EC-2 : 300,00 € attendus le 20 octobre ; F-081",
        "Iles F-104, promise pour le 12 novembre 715,00 €",
        "Ozenne F-099, depuis le 9 octobre 540,00 €",
        "Odile 30,00 €",
    ],
)
def test_what_only_the_owner_can_decide_is_listed_for_review(sentence: str) -> None:
    assert sentence in read(morning().page()).text("review")


def test_a_promise_whose_day_is_not_booked_yet_is_not_called_broken() -> None:
    ledger = "invoice F-1 2026-09-20 due 2026-10-20 415.00 promised=2026-11-21"
    assert read(morning(ledger).page()).text("review").endswith("Rien à revoir.")


def test_currencies_have_their_own_totals_and_their_own_tables() -> None:
    owed = read(morning().page()).text("owed")
    euros, pounds = owed.split(" GBP 1 client ")
    assert "Total EUR 16 355,00 € 15 305,00 € 2 050,00 €" in euros
    assert "Harrow 2 400,00 £GB 28/10/2026 2 400,00 £GB" in pounds
    assert "2 400,00" not in euros


def test_the_table_goes_from_the_most_overdue_to_the_least() -> None:
    owed = read(morning().page()).text("owed")
    assert list(re.findall(r"Royer|Brun|Pont|Vieux|Lumiere|Neuf", owed)) == [
        "Royer",
        "Brun",
        "Pont",
        "Vieux",
        "Lumiere",
        "Neuf",
    ]


def test_a_small_debt_that_is_late_comes_before_a_large_one_that_is_not() -> None:
    ledger = """
        client tout
        invoice F-1 2026-11-02 due 2026-12-02 900.00 client=tout
        invoice F-2 2026-10-01 due 2026-10-31 50.00 client=tout
        client rien
        invoice F-3 2026-10-01 due 2026-10-31 100.00 client=rien
    """
    owed = read(morning(ledger).page()).text("owed")
    assert owed.index("Rien") < owed.index("Tout")


def test_ageing_adds_up_to_what_is_overdue() -> None:
    page = morning().page()
    bars = [[int(share) for share in re.findall(r"flex-grow:(\d+)", bar)] for bar in re.findall(r'class="bar".*', page)]
    totals = [sum(item.open.minor for a in accounts for item in a.overdue) for accounts in morning().clients]
    assert sum(map(sum, bars)) == sum(totals)


def test_each_client_is_linked_to_their_page_on_this_disk() -> None:
    found = morning()
    links = read(found.page()).links()
    for accounts in found.clients:
        if accounts[0].totals.open:
            assert f"../output/p/{accounts[0].keys[0]}/index.html" in links


def test_offers_are_listed_with_their_last_day_and_plans_once() -> None:
    offers = read(morning().page()).text("offers")
    assert "Neuf Escompte de 2 % : 842,80 € au lieu de 860,00 € Jusqu’au 25 novembre" in offers.replace(
        "escompte", "Escompte"
    )
    assert "payer 1 200,00 € en 2, 3 ou 4 fois Jusqu’au 3 décembre" in offers
    assert offers.count("1 200,00 €") == 1


def test_payments_allocated_by_guess_stand_in_a_table_and_in_a_file() -> None:
    page = read(morning().page())
    assert "Odile 20/07/2026 100,00 € F-070 plus ancienne échéance payments.csv" in page.text("guesses")
    assert "gardé en crédit : aucune facture à couvrir" in page.text("guesses")
    assert "pointage.csv" in page.links()


def test_warnings_from_reading_say_where_and_what_to_do() -> None:
    where = SourceRef("ledger/invoices.csv", 12, "total")
    warning = Problem("some-code", where, '"x" is odd.', "Look at it.", Severity.WARNING)
    shown = read(morning().page([warning])).text("warnings")
    assert "à vérifier" in shown
    assert 'ledger/invoices.csv:12, column total "x" is odd. Look at it.' in shown


def test_an_empty_morning_is_a_page_too() -> None:
    page = read(morning("client brun").page())
    assert "Rien à envoyer aujourd’hui." in page.text("")
    assert "Le registre n’a encore aucune facture." in page.text("owed")


def test_the_page_asks_nothing_of_any_host_and_runs_nothing() -> None:
    page = morning().page()
    reader = read(page)
    assert not {"script", "iframe", "form", "object", "img"} & {tag for tag, _ in reader.tags}
    assert not [name for _, attrs in reader.tags for name in attrs if name.startswith("on")]
    addresses = [attrs[name] for _, attrs in reader.tags for name in ("href", "src") if name in attrs]
    assert not [
        address
        for address in addresses
        if not address.startswith(
            ("#", "../", "pointage.csv", "messages.csv", "echeances-tva.csv", "avoirs-a-emettre.csv", "data:,")
        )
    ]
    assert not re.search(r"url\(|@import", page)
    policy = next(attrs["content"] for _, attrs in reader.tags if attrs.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'")


@pytest.mark.parametrize("field", ["name", "id"])
@pytest.mark.parametrize(
    "text",
    ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{7*7}}", "</style></title>", "\u202egnp.exe"],
)
def test_whatever_a_field_holds_stays_text(field: str, text: str) -> None:
    def rename(client: Client) -> Client:
        return replace(client, name=text) if field == "name" else client

    ledger = (
        "invoice F-1 2026-09-30 due 2026-10-30 1200.00 disputed=2026-11-01\ninvoice F-2 2026-09-30 due 2026-10-30 70.00"
    )
    found = morning(ledger, client=rename)
    if field == "id":
        found = replace(
            found, drafts=[replace(draft, subject=text, to=text, text=text, file_name=text) for draft in found.drafts]
        )
    page = found.page()
    assert not {"script", "img"} & {tag for tag, _ in read(page).tags}
    assert text in unescape(page)


def test_a_command_can_be_pasted_whatever_the_id_is_made_of() -> None:
    assert command("sent", "l'atelier du chêne") == """relance sent 'l'"'"'atelier du chêne'"""
    assert command("sent", "-f", "brun") == "relance sent -- -f brun"


def test_the_report_of_many_clients_shows_the_first_and_counts_the_rest() -> None:
    count = SHOWN_MESSAGES + 20
    lines = [f"client c{n}\ninvoice F-{n} 2026-10-01 due 2026-10-31 {n + 10}.00 client=c{n}" for n in range(count)]
    lines += [
        f"client d{n}\ninvoice G-{n} 2026-10-01 due 2026-10-31 {n + 10}.00 client=d{n} disputed=2026-11-02"
        for n in range(SHOWN_IN_GROUP + 7)
    ]
    page = read(morning("\n".join(lines)).page())
    assert page.text("send").count("Lire le message") == SHOWN_TEXTS
    assert "… et 20 messages de plus, tous dans le dossier outbox." in page.text("send")
    assert f"… et {count + SHOWN_IN_GROUP + 7 - SHOWN_ROWS} autres" in page.text("owed")
    assert page.text("review").endswith("… et 7 autres")

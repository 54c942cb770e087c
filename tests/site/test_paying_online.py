"""Paying online: what a page shows where there are links, what it says to whoever comes back, and of debits on their way."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from generator.domain.linkplan import with_links
from generator.domain.policy import LinkPolicy, OfferStart
from tests.site.building import TODAY, changed, clients_of, read
from tests.support.accounts import settings
from tests.support.links import CARD_ONLY, CASHIER, LINKS, addresses, linked
from tests.support.world import GENEROUS, world

if TYPE_CHECKING:
    from pathlib import Path

    from generator.domain.account import Account
    from tests.site.building import Page

assert GENEROUS.plans
assert GENEROUS.discount
OFFERING = replace(
    GENEROUS,
    plans=replace(GENEROUS.plans, start=OfferStart.DUE),
    discount=replace(GENEROUS.discount, start=OfferStart.ISSUED, days=90),
)
LEDGER = """
client verdier
invoice F-1 2026-09-30 due 2026-10-30 1200.00
invoice F-2 2026-10-01 due 2026-10-31 400.00
invoice F-3 2026-11-10 due 2026-12-10 360.00
"""
AGREED = """
client verdier
invoice F-1 2026-07-01 due 2026-07-31 1200.00
agreement EC-1 2026-10-20 F-1 2026-10-20:300.00 2026-12-25:300.00 2027-01-20:600.00
payment 2026-10-20 300.00 F-1
"""


def account_of(ledger: str, today: str = TODAY, **client: str) -> Account:
    """The first account of a ledger in which everything is on offer."""
    account = clients_of(world(ledger, policy=OFFERING), today)[0][0]
    return replace(account, client=changed(account.client, **client))


def page_with(ledger: str, folder: Path, policy: LinkPolicy = LINKS, **client: str) -> tuple[Page, Account]:
    """The page of the first client with all its links, and the account."""
    account = linked(account_of(ledger, **client), policy)
    return read([account], settings(folder)), account


def buttons(page: Page) -> dict[str, str]:
    """The addresses of the cashier and the words of the link, unseen ones too."""
    found = re.findall(rf'<a class="[^"]*" href="({CASHIER}[^"]*)" rel="noopener">(.*?)</a>', page.source)
    return {" ".join(re.sub(r"<[^>]+>", "", words).split()): address for address, words in found}


def test_every_way_to_pay_that_has_a_link_has_a_button_that_says_its_amount(tmp_path: Path) -> None:
    page, account = page_with(LEDGER, tmp_path)
    where = addresses(account)
    assert buttons(page) == {
        "Payer 1 600,00 € en ligne": where["full 1600.00"],
        "Payer 1 200,00 € en ligne, facture F-1": where["invoice 1200.00"],
        "Payer 400,00 € en ligne, facture F-2": where["invoice 400.00"],
        "Payer 360,00 € en ligne, facture F-3": where["invoice 360.00"],
        "Payer 800,00 € en ligne, première échéance sur 2": where["plan 800.00"],
        "Payer 533,34 € en ligne, première échéance sur 3": where["plan 533.34"],
        "Payer 400,00 € en ligne, première échéance sur 4": where["plan 400.00"],
        "Payer 342,00 € en ligne": where["discount 342.00"],
    }


def test_a_discount_can_be_paid_online_or_by_transfer_until_the_same_day(tmp_path: Path) -> None:
    page, account = page_with(LEDGER, tmp_path)
    section = page.section("discount-eur-1")
    (offer,) = [offer for offer in account.offers if offer.saving]
    assert "Payer 342,00 € en ligne" in section
    assert "Ou par un virement du même montant, avec cette référence :" in section
    assert offer.reference in section
    assert "tient jusqu’au" in section


def test_the_next_instalment_of_an_agreement_can_be_paid_and_all_that_is_left_of_it(tmp_path: Path) -> None:
    page, account = page_with(AGREED, tmp_path)
    assert buttons(page.section("agreement-eur-1")) == {
        "Payer 300,00 € en ligne, échéance du 25 décembre": addresses(account)["instalment 300.00"],
        "Payer 900,00 € en ligne, tout ce qui reste de l’échéancier": addresses(account)["rest 900.00"],
    }


def test_the_transfer_stays_beside_it_as_an_equal(tmp_path: Path) -> None:
    page, _ = page_with(LEDGER, tmp_path)
    actions = page.source.partition('<nav class="actions"')[2].partition("</nav>")[0]
    assert actions.index("Payer 1") < actions.index("Régler par virement") < actions.index("fois")
    assert "Le virement convient tout aussi bien." in page
    assert "FR14 2004 1010" in page.section("pay-eur")
    assert "en ligne ou par un virement qui porte la référence indiquée" in page.section("plans-eur")


@pytest.mark.parametrize(
    ("policy", "language", "sentence"),
    [
        (
            LINKS,
            "fr",
            "En ligne : par carte bancaire ou par prélèvement SEPA, sur la page de paiement sécurisée de Stripe.",
        ),
        (CARD_ONLY, "fr", "En ligne : par carte bancaire, sur la page de paiement sécurisée de Stripe."),
        (LINKS, "en", "Online: by card or SEPA direct debit, on Stripe’s secure payment page."),
        (CARD_ONLY, "en", "Online: by card, on Stripe’s secure payment page."),
    ],
)
def test_how_one_pays_is_said_once(policy: LinkPolicy, language: str, sentence: str, tmp_path: Path) -> None:
    page, _ = page_with(LEDGER, tmp_path, policy, language=language)
    assert page.text.count(sentence) == 1


def test_a_debit_exists_in_euros_only(tmp_path: Path) -> None:
    ledger = LEDGER + "invoice F-9 2026-09-01 due 2026-10-01 77.00 currency=GBP"
    accounts = [linked(account) for account in clients_of(world(ledger, policy=OFFERING))[0]]
    assert "ou par prélèvement SEPA (en euros), sur la page" in read(accounts, settings(tmp_path))


def test_the_address_of_the_cashier_carries_nothing_of_ours(tmp_path: Path) -> None:
    page, account = page_with(LEDGER, tmp_path)
    for address in buttons(page).values():
        assert urlsplit(address).query == ""
        assert account.keys[0] not in address
        assert account.client.email not in address


def bare(source: str) -> str:
    """The markup without spaces, and without the mark, which is that of the whole page."""
    return re.sub(r'\s|(?<=relance-state" content=")\w+', "", source)


def test_without_links_the_page_is_the_same_as_without_stripe(tmp_path: Path) -> None:
    account = account_of(LEDGER)
    plain = read([account], settings(tmp_path))
    assert "en ligne" not in plain
    assert "Stripe" not in plain.source
    assert 'id="paid"' not in plain.source
    called_for = read([with_links(account, LINKS, None)], settings(tmp_path))  # wanted, and not seen active
    thanks = called_for.section("paid").source
    assert bare(called_for.source.replace(thanks, "")) == bare(plain.source)


def test_only_what_has_a_link_has_a_button(tmp_path: Path) -> None:
    account = linked(account_of(LEDGER))
    one = next(link for link in account.wanted if link.invoices == ("F-3",))
    page = read([replace(account, links={one.key: account.links[one.key]})], settings(tmp_path))
    assert list(buttons(page)) == ["Payer 360,00 € en ligne, facture F-3"]
    assert "Régler 1 600,00 €" in page


def test_who_comes_back_from_paying_is_thanked_and_told_what_happens_now(tmp_path: Path) -> None:
    page, account = page_with(LEDGER, tmp_path)
    back = urlsplit(account.wanted[0].return_url).fragment
    thanks = page.section(back)
    assert "Merci, votre paiement est en chemin." in thanks
    assert "à la prochaine mise à jour de cette page, le plus souvent le lendemain matin" in thanks
    assert "de 2 à 14 jours" in thanks
    assert "Vous n’avez rien d’autre à faire." in thanks
    assert "peut-être pas encore compte" in thanks
    assert "Claire Lumen" in thanks
    assert "mailto:compta@atelier-lumen.example" in thanks.links


def test_the_thanks_can_be_reached_and_are_announced(tmp_path: Path) -> None:
    page, _ = page_with(LEDGER, tmp_path)
    (section,) = [known for tag, known in page.elements if known.get("id") == "paid"]
    assert section["tabindex"] == "-1"
    titles = [known for tag, known in page.elements if known.get("id") == section["aria-labelledby"]]
    assert len(titles) == 1
    assert "#content" in page.section("paid").links


def test_by_card_only_nothing_is_said_of_debits(tmp_path: Path) -> None:
    page, _ = page_with(LEDGER, tmp_path, CARD_ONLY)
    assert "SEPA" not in page.text


def test_the_english_page_thanks_in_english(tmp_path: Path) -> None:
    page, _ = page_with(LEDGER, tmp_path, language="en")
    assert "Pay €1,600.00 online" in page
    assert "Thank you, your payment is on its way." in page.section("paid")


# Debits on their way


FLYING = "client verdier\ninvoice F-1 2026-09-30 due 2026-10-30 1200.00\ndebit 2026-11-20 1200.00 F-1"


def test_a_debit_that_covers_everything_is_the_first_sentence(tmp_path: Path) -> None:
    page = read([account_of(FLYING)], settings(tmp_path))
    assert "Au 22 novembre 2026, un prélèvement de 1 200,00 € est en cours : vous n’avez rien à faire." in page
    assert "Prélèvement en cours Ordonné, pas encore arrivé" in page
    assert "Total TTC 1 200,00 € Prélèvement en cours 1 200,00 €" in page
    assert "20/11/2026 Prélèvement ordonné, en cours – F-1 1 200,00 €" in page
    assert "tout est réglé" not in page
    assert "Reste à régler" not in page
    assert "Régler par virement" not in page


def test_two_debits_are_counted_and_added(tmp_path: Path) -> None:
    page = read(
        [account_of(FLYING + "\ninvoice F-2 2026-09-30 due 2026-10-30 50.00\ndebit 2026-11-21 50.00 F-2")],
        settings(tmp_path),
    )
    assert "2 prélèvements, 1 250,00 € en tout, sont en cours : vous n’avez rien à faire." in page
    assert "Ensemble 1 250,00 €" in page


def test_what_a_debit_covers_in_part_shows_both(tmp_path: Path) -> None:
    ledger = "client verdier\ninvoice F-1 2026-09-30 due 2026-10-30 1200.00\ndebit 2026-11-20 400.00 F-1"
    page = read([account_of(ledger)], settings(tmp_path))
    assert "il reste 800,00 € à régler à Atelier Lumen" in page
    assert "Un prélèvement de 400,00 € est en cours : ce qu’il couvre n’est plus demandé." in page
    assert "Total TTC 1 200,00 € Prélèvement en cours 400,00 € Reste à régler 800,00 €" in page


def test_a_debit_is_said_to_bring_what_it_brings_also_when_it_earns_a_discount(tmp_path: Path) -> None:
    there = world("client verdier\ninvoice F-1 2026-11-10 due 2026-12-10 1200.00", policy=OFFERING)
    there.build("2026-11-12")
    (offer,) = [offer for offer in there.on("2026-11-12").offers if offer.saving]
    there.add(f'debit 2026-11-20 {offer.amount} F-1 "ref={offer.reference}"')
    page = read(clients_of(there)[0], settings(tmp_path))
    assert "un prélèvement de 1 140,00 € est en cours" in page
    assert "Prélèvement en cours 1 200,00 €" in page


def test_an_instalment_that_a_debit_pays_is_not_said_to_be_paid(tmp_path: Path) -> None:
    agreement = account_of(AGREED).agreements[0]
    ledger = f'{AGREED}debit 2026-11-20 300.00 F-1 "ref={agreement.reference}"'
    section = read([account_of(ledger)], settings(tmp_path)).section("agreement-eur-1")
    assert "20 octobre réglée, merci 300,00 €" in section
    assert "25 décembre prélèvement en cours 300,00 €" in section


def test_the_english_page_says_it_in_english(tmp_path: Path) -> None:
    page = read([account_of(FLYING, language="en")], settings(tmp_path))
    assert "As of 22 November 2026, a debit of €1,200.00 is on the way: there is nothing for you to do." in page
    assert "Debit ordered, on its way – F-1" in page


def test_a_second_currency_has_its_own_debit(tmp_path: Path) -> None:
    ledger = FLYING + "\ninvoice F-9 2026-09-01 due 2026-10-01 77.00 currency=GBP"
    page = read(clients_of(ledger)[0], settings(tmp_path))
    assert "il reste 77,00 £GB à régler" in page
    assert "En euros, un prélèvement de 1 200,00 € est en cours" in page


def test_what_came_by_stripe_is_named_as_people_name_it(tmp_path: Path) -> None:
    page = read([account_of(FLYING + " state=paid")], settings(tmp_path))
    assert "Règlement reçu, merci (prélèvement SEPA) – F-1" in page


def test_what_a_bank_disputes_shows_no_number_of_ours(tmp_path: Path) -> None:
    ledger = 'invoice F-1 2026-09-01 due 2026-10-01 540.00\ndispute F-1 2026-11-12 "reason=Stripe du_1QxYz"'
    page = read([account_of(ledger)], settings(tmp_path))
    assert "Votre banque nous a transmis une contestation du paiement" in page
    assert "du_1QxYz" not in page.source

"""What the sandbox's pages say, in French and in English."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from generator.sandbox.settings import SYMBOLS, decimals

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

FRENCH: Mapping[str, str] = {
    "language": "fr",
    "banner": "Bac à sable\u00a0: aucun argent réel.",
    "banner_more": "Rien n’est débité et aucune donnée bancaire n’est demandée.",
    "pay": "Payer {amount}",
    "to": "à {seller}",
    "total": "Total",
    "choose": "Que doit-il se passer\u202f?",
    "card": "Payer par carte",
    "card_more": "La carte est acceptée tout de suite.",
    "sepa_debit": "Payer par prélèvement SEPA",
    "sepa_debit_more": "Le prélèvement reste en cours jusqu’à ce que vous le fassiez passer ou échouer.",
    "refused": "Essayer une carte refusée",
    "refused_more": "Rien n’est payé et cette page reste ouverte.",
    "was_refused": "La carte a été refusée\u00a0: rien n’a été payé. Un autre essai est possible.",
    "inactive": "Ce lien de paiement n’est plus actif.",
    "expired": "Cette page de paiement a expiré.",
    "expired_more": "Rien n’a été payé ici.",
    "paid": "Paiement reçu",
    "paid_more": "{amount} ont été payés, pour de faux.",
    "on_its_way": "Prélèvement en cours",
    "on_its_way_more": "{amount} sont en route, pour de faux. Le bac à sable décide de la suite.",
    "not_found": "Rien à cette adresse.",
    "foreign": "Cette demande ne vient pas d’une page du bac à sable.",
    "board": "Bac à sable",
    "board_lead": "Ce qu’une banque ferait, vous le décidez ici. Dans la démonstration, les pages et les messages suivent aussitôt.",
    "to_board": "Ouvrir le bac à sable",
    "payments": "Paiements",
    "no_payments": "Aucun paiement pour l’instant.",
    "links": "Liens à payer",
    "no_links": "Aucun lien actif.",
    "open": "Ouvrir",
    "more": "Les {count} plus récents sont montrés, sur {total}.",
    "state_failed_card": "Carte refusée",
    "state_pending": "Prélèvement en cours",
    "state_failed": "Prélèvement rejeté",
    "state_succeeded": "Payé",
    "state_part": "Remboursé en partie\u00a0: {amount}",
    "state_refunded": "Remboursé",
    "state_needs_response": "Contesté",
    "state_won": "Contestation gagnée",
    "state_lost": "Contestation perdue",
    "by_card": "par carte",
    "by_sepa_debit": "par prélèvement SEPA",
    "clear": "Le prélèvement passe",
    "fail": "Le prélèvement échoue",
    "refund": "Rembourser",
    "refund_amount": "Montant à rembourser",
    "refund_hint": "vide\u00a0: tout ce qui reste",
    "dispute": "Le client conteste",
    "won": "Donner raison au vendeur",
    "lost": "Donner raison au client",
    "impossible": "Cela n’est pas possible pour ce paiement, tel qu’il est. Rien n’a changé.",
}
ENGLISH: Mapping[str, str] = {
    "language": "en",
    "banner": "Sandbox: no real money.",
    "banner_more": "Nothing is charged and no bank details are asked for.",
    "pay": "Pay {amount}",
    "to": "to {seller}",
    "total": "Total",
    "choose": "What should happen?",
    "card": "Pay by card",
    "card_more": "The card is accepted at once.",
    "sepa_debit": "Pay by SEPA direct debit",
    "sepa_debit_more": "The debit stays on its way until you let it clear or fail.",
    "refused": "Try a card that is refused",
    "refused_more": "Nothing is paid and this page stays open.",
    "was_refused": "The card was refused: nothing was paid. You can try again.",
    "inactive": "This payment link is no longer active.",
    "expired": "This payment page has expired.",
    "expired_more": "Nothing was paid here.",
    "paid": "Payment received",
    "paid_more": "{amount} was paid, in play money.",
    "on_its_way": "Debit on its way",
    "on_its_way_more": "{amount} is on its way, in play money. The sandbox decides what comes of it.",
    "not_found": "Nothing at this address.",
    "foreign": "This request does not come from a page of the sandbox.",
    "board": "Sandbox",
    "board_lead": "What a bank would do, you decide here. In the demo, pages and messages follow at once.",
    "to_board": "Open the sandbox",
    "payments": "Payments",
    "no_payments": "No payment yet.",
    "links": "Links to pay",
    "no_links": "No active link.",
    "open": "Open",
    "more": "The {count} most recent of {total} are shown.",
    "state_failed_card": "Card refused",
    "state_pending": "Debit on its way",
    "state_failed": "Debit returned",
    "state_succeeded": "Paid",
    "state_part": "Refunded in part: {amount}",
    "state_refunded": "Refunded",
    "state_needs_response": "Disputed",
    "state_won": "Dispute won",
    "state_lost": "Dispute lost",
    "by_card": "by card",
    "by_sepa_debit": "by SEPA debit",
    "clear": "The debit clears",
    "fail": "The debit fails",
    "refund": "Refund",
    "refund_amount": "Amount to refund",
    "refund_hint": "empty: all that is left",
    "dispute": "The client disputes it",
    "won": "Decide for the seller",
    "lost": "Decide for the client",
    "impossible": "That cannot be done to this payment as it stands. Nothing has changed.",
}


def words(accept_language: str) -> Mapping[str, str]:
    """The words for a browser's wish; French when it asks for neither language."""
    best, most = FRENCH, 0.0
    for part in accept_language.lower().split(","):
        tag, _, weight = part.strip().partition(";q=")
        found = {"fr": FRENCH, "en": ENGLISH}.get(tag.strip()[:2])
        try:
            wish = float(weight or 1)
        except ValueError:
            wish = 0.0
        if found is not None and wish > most:
            best, most = found, wish
    return best


def amount(minor: int, currency: str, language: str) -> str:
    """An amount as people read it: `1 234,50 €`, `€1,234.50`."""
    places = decimals(currency)
    units, rest = divmod(minor, 10**places)
    french = language == "fr"
    number = f"{units:,}".replace(",", "\u202f" if french else ",")
    if places:
        number += f"{',' if french else '.'}{rest:0{places}d}"
    symbol = SYMBOLS.get(currency, currency.upper())
    if french:
        return f"{number}\u00a0{symbol}"
    return f"{symbol}{number}" if currency in SYMBOLS else f"{symbol}\u00a0{number}"


def moment(second: int, zone: tzinfo | None, language: str) -> str:
    """A day and an hour."""
    when = datetime.fromtimestamp(second, zone)
    return when.strftime("%d/%m/%Y à %H:%M" if language == "fr" else "%Y-%m-%d, %H:%M")

"""`messages.csv`: the messages of the day, and everybody to whom nothing goes, as a French spreadsheet opens them."""

from __future__ import annotations

from dataclasses import replace

from generator.config_delivery import SmtpSettings
from tests.report.morning import Morning, morning
from tests.report.test_pointage import rows


def table(found: Morning) -> list[dict[str, str]]:
    return rows(found.files()["messages.csv"])


def test_it_begins_with_a_bom_and_separates_with_semicolons() -> None:
    content = morning().files()["messages.csv"]
    head = "Quoi;Client;Nom;Étape;Par;Montant;Devise;Destinataire;Détail;Commande\r\n"
    assert content.startswith(b"\xef\xbb\xbf" + head.encode())


def test_what_there_is_to_do_comes_first_then_what_is_held_then_whose_payer_is_unknown() -> None:
    assert list(dict.fromkeys(row["Quoi"] for row in table(morning()))) == [
        "Envois incertains",
        "Réponses à lire",
        "Adresses qui refusent nos messages",
        "À envoyer vous-même",
        "À appeler",
        "À poster",
        "Envoi incertain",
        "À revoir d’abord",
        "Contestation en cours",
        "En attente, à votre demande",
        "Promesse de paiement",
        "Prélèvement en cours",
        "Échéancier tenu",
        "Procédure collective",
        "Payeur inconnu",
    ]


def test_a_message_says_to_whom_how_much_and_what_to_type() -> None:
    row = next(row for row in table(morning()) if row["Client"] == "lumiere")
    assert row == {
        "Quoi": "À envoyer vous-même",
        "Client": "lumiere",
        "Nom": "Lumiere",
        "Étape": "deuxième relance",
        "Par": "e-mail",
        "Montant": "1200,00",
        "Devise": "EUR",
        "Destinataire": "lumiere@client.example",
        "Détail": "Facture F-118",
        "Commande": "relance sent lumiere",
    }


def test_with_a_mail_server_what_to_type_is_the_owners_word() -> None:
    found = table(morning(smtp=SmtpSettings("mail.atelier-lumen.example")))
    row = next(row for row in found if row["Client"] == "lumiere")
    assert (row["Quoi"], row["Commande"]) == ("À approuver", "relance send --approve lumiere")


def test_whoever_is_held_stands_there_with_the_reason_its_end_and_what_was_noted() -> None:
    ledger = """
        client brun hold=2026-11-30
        invoice F-1 2026-09-30 due 2026-10-30 1200.00
        call 2026-11-10 "Rappeler après le 30"
    """
    row = next(row for row in table(morning(ledger)) if row["Quoi"] == "En attente, à votre demande")
    assert row["Montant"] == "1200,00"
    assert row["Détail"].startswith("jusqu’au 30 novembre compris")
    assert row["Détail"].endswith(" · 10 novembre, appel\u00a0: «\u00a0Rappeler après le 30\u00a0»")


def test_a_message_in_two_currencies_has_a_row_for_each() -> None:
    ledger = """
        invoice F-1 2026-09-30 due 2026-10-30 1200.00
        invoice F-2 2026-09-30 due 2026-10-30 400.00 currency=GBP
    """
    found = [row for row in table(morning(ledger)) if row["Étape"] == "première relance"]
    assert [(row["Montant"], row["Devise"]) for row in found] == [("1200,00", "EUR"), ("400,00", "GBP")]


def test_nothing_that_somebody_wrote_is_a_formula_or_breaks_its_row() -> None:
    ledger = """
        invoice F-1 2026-09-30 due 2026-10-30 1200.00
        answer m1 2026-11-20 "sender==1+1" "subject=@SUM(1)" "text=a"
    """
    found = morning(ledger, client=lambda client: replace(client, name="=HYPERLINK(1)\r\n;x"))
    (row,) = (row for row in table(found) if row["Quoi"] == "Réponses à lire")
    assert row["Nom"] == "'=HYPERLINK(1) ;x"
    assert row["Destinataire"] == "'=1+1"


def test_it_lists_everybody_however_many_the_page_shows() -> None:
    count = 700
    lines = [f"client c{n}\ninvoice F-{n} 2026-10-01 due 2026-10-31 {n + 10}.00 client=c{n}" for n in range(count)]
    assert len([row for row in table(morning("\n".join(lines))) if row["Quoi"] == "À envoyer vous-même"]) == count


def test_it_speaks_english_too() -> None:
    found = table(morning(language="en"))
    assert found[0]["What"] == "Perhaps sent"
    assert {row["Command"] for row in found} >= {"relance answered dumont", 'relance log pont --call "…"'}

"""What the owner reads of the cost of lateness, and of the VAT of what was agreed."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from generator.config import ReportSettings
from generator.domain.money import Money, total
from tests.report.morning import Morning, morning
from tests.report.test_report_page import read

if TYPE_CHECKING:
    from pathlib import Path

    from generator.domain.ledger import Client

LATE = """
    client brun
    invoice F-1 2025-11-20 due 2025-12-20 1000.00 client=brun
    payment 2026-01-09 1000.00 F-1 client=brun
    client zola
    invoice F-2 2026-06-01 due 2026-07-01 365.00 client=zola
    payment 2026-07-11 365.00 F-2 client=zola
    client neuf
    invoice F-3 2026-10-01 due 2026-10-31 500.00 client=neuf
    payment 2026-10-31 500.00 F-3 client=neuf
"""


def priced(found: Morning, percent: str) -> Morning:
    """The same morning of an owner who says what money costs them."""
    return replace(found, settings=replace(found.settings, report=ReportSettings(Decimal(percent))))


def section(found: Morning) -> str:
    return read(found.page()).text("costs")


def test_each_figure_stands_beside_how_it_was_counted() -> None:
    said = section(morning(LATE, booked=None))
    # 1000 × 20 days + 365 × 10 days = 23,650 euro-days over 365 days, of 1,865 that came due
    assert "En retard, un jour ordinaire 64,79 € La moyenne de ce qui manquait, jour après jour, sur 365 jours." in said
    assert "Retard moyen 13 jours De ce qui est venu à échéance" in said
    assert (
        "Ventes à encaisser 89 jours Ce qui attend d’être réglé, en jours de ventes. Si tout l’était à l’échéance : 61 jours."
        in said
    )
    assert "Aucun client ne voit ces chiffres." in said


def test_without_a_rate_no_cost_is_invented_and_it_says_how_to_get_one() -> None:
    said = section(morning(LATE))
    assert "coûté" not in said
    assert '[report] money_costs_percent = "8"' in said


def test_with_the_owners_rate_it_says_what_it_cost_and_whose_lateness_most() -> None:
    said = section(priced(morning(LATE, booked=None), "8"))
    assert "Ce que cela vous a coûté 5,18 € 64,79 € avancés 365 jours durant, au taux de 8 % l’an." in said
    assert "money_costs_percent" not in said
    table = said.partition("Où l’argent manque le plus")[2]
    assert "2 clients en retard dans l’année" in table
    assert re.search(r"Brun 20 jours 54,79 € 85 % 4,38 € Zola 10 jours 10,00 € 15 % 0,80 €", table)
    assert "Neuf" not in table


def test_only_the_five_who_cost_most_are_named() -> None:
    ledger = "\n".join(
        f"client c{n}\ninvoice F-{n} 2026-08-01 due 2026-08-31 {n}00.00 client=c{n}" for n in range(1, 8)
    )
    table = section(morning(ledger)).partition("Où l’argent manque le plus")[2]
    assert re.findall(r"C\d", table) == ["C7", "C6", "C5", "C4", "C3"]
    assert "et 2 autres" in table


def test_currencies_are_told_apart_the_owners_first() -> None:
    said = section(morning(f"{LATE}\ninvoice G-1 2026-08-01 due 2026-11-10 36.50 client=zola currency=GBP"))
    euros, pounds = said.split(" GBP ", 1)
    assert "£" not in euros
    assert "3,29 £GB" in pounds  # 36.50 × 10 days, over the 111 since the first invoice in pounds
    assert "€" not in pounds
    assert said.index(" EUR ") < said.index(" GBP ")


def test_what_is_disputed_is_said_to_be_left_out() -> None:
    said = section(morning(f"{LATE}\ninvoice F-9 2026-06-01 due 2026-07-01 77.00 client=zola disputed=2026-08-01"))
    assert "Les 77,00 € contestés ne sont pas comptés." in said


def test_where_nobody_was_late_it_says_so_and_where_nothing_was_due_nothing() -> None:
    on_time = "client neuf\ninvoice F-3 2026-10-01 due 2026-10-31 500.00\npayment 2026-10-31 500.00 F-3"
    assert "En EUR, rien n’a été réglé après son échéance." in section(morning(on_time))
    nothing = read(
        morning("client vide\ninvoice F-1 2024-01-01 due 2024-02-01 5.00\npayment 2024-01-20 5.00 F-1").page()
    )
    assert "costs" not in nothing.sections
    assert "#costs" not in nothing.links()


def test_discounts_agreements_and_what_followed_reminders_are_counted() -> None:
    said = section(
        morning("""
        client brun
        invoice F-0 2026-08-01 due 2026-08-31 100.00 escompte=2/10 client=brun
        payment 2026-08-05 98.00 F-0 client=brun
        invoice F-1 2026-08-01 due 2026-08-31 600.00 client=brun
        sent 2026-09-07 reminder-1 F-1 client=brun
        sent 2026-09-14 reminder-2 F-1 client=brun
        payment 2026-09-21 600.00 F-1 client=brun
        client lys
        invoice F-2 2026-08-01 due 2026-08-31 400.00 client=lys
        agreement EC-1 2026-11-10 F-2 2026-11-20:200.00 2026-12-20:200.00 client=lys
        payment 2026-11-20 200.00 F-2 client=lys
        """)
    )
    assert "1 remise accordée et prise 2,00 €" in said
    assert "1 échéancier convenu, en cours 400,00 €" in said
    assert "première relance 1 0 (0 %) deuxième relance 1 1 (100 %)" in said


def test_it_is_there_in_english() -> None:
    said = read(priced(morning(LATE, language="en", booked=None), "8").page()).text("costs")
    assert "Overdue on a usual day €64.79" in said
    assert "What it cost you €5.18 €64.79 advanced for 365 days, at 8% a year." in said
    assert "Brun 20 days €54.79 85%" in said


# The VAT of what was agreed


AGREED = """
    client lys
    invoice F-1 2026-08-01 due 2026-08-31 1200.00 client=lys
    invoice F-2 2026-09-01 due 2026-09-30 55.00 client=lys
    agreement EC-1 2026-11-10 F-1,F-2 2026-11-30:800.00 2026-12-31:455.00 client=lys
"""


def rows(found: Morning) -> list[dict[str, str]]:
    text = found.files()["echeances-tva.csv"].decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def with_vat(found: Morning, **rates: str) -> Morning:
    """The same morning, with one rate for each of these invoices."""
    clients = []
    for accounts in found.clients:
        changed = []
        for account in accounts:
            items = [
                replace(item, invoice=replace(item.invoice, vat=((Decimal(rates[name]), None),)))
                if (name := item.id.replace("-", "")) in rates
                else item
                for item in account.items
            ]
            changed.append(replace(account, items=tuple(items)))
        clients.append(tuple(changed))
    return replace(found, clients=clients)


def test_the_accountant_gets_every_instalment_by_invoice_and_rate() -> None:
    found = rows(with_vat(morning(AGREED), F1="20", F2="5.5"))
    names = ("Échéance", "Date", "Facture", "Taux de TVA", "Hors taxes", "TVA", "TTC", "Devise")
    assert [tuple(row[name] for name in names) for row in found] == [
        ("1", "2026-11-30", "F-1", "20", "666,67", "133,33", "800,00", "EUR"),
        ("2", "2026-12-31", "F-1", "20", "333,33", "66,67", "400,00", "EUR"),
        ("2", "2026-12-31", "F-2", "5,5", "52,13", "2,87", "55,00", "EUR"),
    ]
    assert total((Money.of(row["TTC"].replace(",", "."), "EUR") for row in found), "EUR") == Money(125_500, "EUR")


def test_where_the_rate_is_not_known_the_amount_stands_alone() -> None:
    found = rows(with_vat(morning(AGREED), F1="20"))
    assert [(row["Facture"], row["Taux de TVA"], row["TVA"], row["TTC"]) for row in found][-1] == (
        "F-2",
        "",
        "",
        "55,00",
    )


def test_it_is_linked_where_there_is_anything_in_it() -> None:
    assert "echeances-tva.csv" in read(morning(AGREED).page()).links()
    assert "echeances-tva.csv" not in read(morning(LATE).page()).links()
    assert rows(morning(LATE)) == []


@pytest.mark.parametrize("name", ["=1+1", "@SUM(1)", "+33", "-2+3"])
def test_no_cell_becomes_a_formula(name: str) -> None:
    def renamed(client: Client) -> Client:
        return replace(client, name=name)

    assert {row["Nom"] for row in rows(morning(AGREED, client=renamed))} == {f"'{name}"}


def test_none_of_it_leaves_the_report(tmp_path: Path) -> None:
    files = morning(LATE, home=tmp_path).files()
    assert [name for name, content in files.items() if "Où l’argent manque".encode() in content] == ["index.html"]

"""A discount on the next invoice, from the offer to the deduction, as the owner runs it and as the client reads it."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.policy import default
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.owner import INVOICES as USUAL
from tests.support.owner import PORTAL, Owner, new_owner

if TYPE_CHECKING:
    from pathlib import Path

BOM = "\ufeff"
INVOICES = USUAL.replace("20/11/2026;20/12/2026", "10/11/2026;10/12/2026")
HEADER = "voucher;client;amount;currency;earned_on;valid_until;status;invoices;note"
LADDER = """
[reminders]
receipts = true
[[reminders.steps]]
name = "word"
days = 7
offers = ["discount"]
"""
NEXT = PORTAL.replace("days = 10", 'days = 10\non = "next-invoice"') + LADDER


@pytest.fixture
def owner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Owner:
    """With the first reminder, on 16 November, everybody is offered 5 % off their next invoice."""
    made = new_owner(tmp_path / "sable", capsys)
    made.write("ledger/invoices.csv", INVOICES)
    made.write("portal.toml", NEXT)
    assert made.run("build") == 0, made.complained
    return made


def rows(owner: Owner) -> list[str]:
    text = (owner.folder / "ledger/relance/vouchers.csv").read_text("utf-8").removeprefix(BOM)
    return text.splitlines()


def pay(owner: Owner, *payments: str) -> None:
    owner.write("ledger/payments.csv", "date;client;montant\n" + "".join(f"{payment}\n" for payment in payments))


def invoice(owner: Owner, row: str) -> None:
    owner.write("ledger/invoices.csv", INVOICES + f"{row}\n")


def vouchers(owner: Owner, date: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = owner.show("verdier", date=date)[0]["vouchers"]
    return found


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).replace("\u202f", " ").replace("\xa0", " ").split())


def mail(owner: Owner, client: str) -> str:
    """What the message that is prepared for a client says."""
    for path in sorted((owner.folder / "outbox").rglob("*.eml")):
        message = message_from_bytes(path.read_bytes(), policy=default)
        if client in str(message["To"]):
            body = message.get_body(("plain",))
            assert body is not None
            return words(body.get_content())
    raise AssertionError(f"nothing is prepared for {client}")


def earn(owner: Owner) -> str:
    """Verdier pays in time, and has 60.00 off; says the id of that."""
    pay(owner, "20/11/2026;verdier;1200,00")
    [voucher] = vouchers(owner, "2026-11-21")
    return str(voucher["id"])


class TestWhatTheClientReads:
    def test_the_page_offers_it(self, owner: Owner) -> None:
        page = words(owner.page("verdier"))
        assert "Un avoir de 60,00 € si vous réglez au plus tard le" in page
        assert "1 200,00 € à régler : un avoir de 60,00 € (5 %) sera déduit de votre prochaine facture" in page
        assert "dans les 365 jours" in page
        assert "économisez" not in page
        assert page.count("Ou scannez ce code") == 1  # a second way to pay the same amount would invite paying twice
        english = words(owner.page("kite"))
        assert "€25.00 (5%) will be taken off your next invoice" in english
        assert "you save" not in english

    def test_the_message_says_the_same(self, owner: Owner) -> None:
        assert (
            "Réglez 1 200,00 € au plus tard le 26 novembre 2026 : un avoir de 60,00 € sera déduit de votre prochaine facture"
            in mail(owner, "verdier")
        )
        assert "Pay €500.00 by 26 November 2026 at the latest: €25.00 will be taken off" in mail(owner, "kite")
        for client in ("verdier", "kite"):
            assert "0,00 € de moins" not in mail(owner, client)
            assert "saves you" not in mail(owner, client)

    def test_once_earned_the_receipt_and_the_page_say_so_until_it_was_used(self, owner: Owner) -> None:
        for client in ("verdier", "kite"):
            assert owner.run("sent", client) == 0, owner.complained
        name = earn(owner)
        assert owner.run("build", date="2026-11-23") == 0, owner.complained
        assert "un avoir de 60,00 € vous est acquis" in mail(owner, "verdier").replace("**", "")
        page = words(owner.page("verdier", date="2026-11-23"))
        assert "Un avoir de 60,00 € vous est acquis depuis le 20 novembre" in page
        assert "il sera déduit de votre prochaine facture, émise au plus tard le 20 novembre 2027" in page
        invoice(owner, "F-2026-131;verdier;01/12/2026;31/12/2026;Maintenance;400,00")
        assert owner.run("build", date="2026-12-02") == 0, owner.complained
        page = words(owner.page("verdier", date="2026-12-02"))
        assert "S’il n’est pas déduit de la facture F-2026-131" in page
        assert owner.run("voucher", "verdier", "--used", name, "--invoice", "F-2026-131", date="2026-12-02") == 0
        assert owner.run("build", date="2026-12-02") == 0, owner.complained
        assert "vous est acquis" not in words(owner.page("verdier", date="2026-12-02"))

    def test_nobody_is_asked_for_less(self, owner: Owner) -> None:
        earn(owner)
        invoice(owner, "F-2026-131;verdier;01/12/2026;31/12/2026;Maintenance;400,00")
        totals = owner.show("verdier", date="2027-01-02")[0]["totals"]
        assert (totals["overdue"], totals["credit"]) == ("550.00", "0.00")


class TestWhatTheOwnerReads:
    def test_show_and_json(self, owner: Owner) -> None:
        [offer] = [one for one in owner.show("verdier")[0]["offers"] if one["kind"] == "discount"]
        assert (offer["amount"], offer["saving"], offer["voucher"]) == ("1200.00", "0.00", "60.00")
        assert owner.run("show", "verdier") == 0
        assert "discount  1200.00, 60.00 off the next invoice until 2026-11-26" in owner.said
        name = earn(owner)
        assert vouchers(owner, "2026-11-21") == [
            {
                "id": name,
                "amount": "60.00",
                "earned_on": "2026-11-20",
                "valid_until": "2027-11-20",
                "status": "open",
                "paid": ["F-2026-118"],
                "invoices": [],
                "following": None,
            }
        ]
        assert owner.run("show", "verdier", date="2026-11-21") == 0
        assert f"{name}  60.00  2026-11-20 until 2027-11-20  earned by paying F-2026-118: to take off" in owner.said

    def test_the_report_says_what_to_take_off_and_names_the_invoice_issued_since(self, owner: Owner) -> None:
        report = owner.folder / "report" / "index.html"
        assert "avoir de 60,00 € sur la prochaine facture, pour 1 200,00 € réglés" in words(report.read_text("utf-8"))
        name = earn(owner)
        invoice(owner, "F-2026-131;verdier;01/12/2026;31/12/2026;Maintenance;400,00")
        assert owner.run("build", date="2026-12-02") == 0, owner.complained
        said = words(report.read_text("utf-8"))
        assert "Avoirs à déduire" in said
        assert (
            "acquis le 20/11/2026, à déduire de F-2026-131" in said or "à déduire de F-2026-131, émise depuis" in said
        )
        assert f"relance voucher verdier --used {name}" in said

    def test_the_history_tells_of_the_offer(self, owner: Owner) -> None:
        assert owner.run("history", "verdier") == 0, owner.complained
        assert "avoir de 5 % sur la prochaine facture, pour le règlement de F-2026-118" in words(owner.said)


class TestVoucher:
    def test_used(self, owner: Owner) -> None:
        name = earn(owner)
        invoice(owner, "F-2026-131;verdier;01/12/2026;31/12/2026;Maintenance;400,00")
        arguments = (
            "voucher",
            "verdier",
            "--used",
            name.lower(),
            "--invoice",
            "f-2026-131",
            "--note",
            "on the invoice",
        )
        assert owner.run(*arguments, date="2026-12-02") == 0, owner.complained
        assert rows(owner) == [
            HEADER,
            f"{name};verdier;60,00;EUR;2026-11-20;2027-11-20;used;F-2026-131;on the invoice",
        ]
        assert "is used on F-2026-131, noted in ledger/relance/vouchers.csv" in owner.said
        assert owner.run("check", date="2026-12-02") == 0, owner.complained
        [voucher] = vouchers(owner, "2026-12-02")
        assert (voucher["status"], voucher["invoices"], voucher["following"]) == ("used", ["F-2026-131"], None)
        before = owner.files()
        assert owner.run("voucher", "verdier", "--used", name, date="2026-12-03") == 2
        assert "was used already on F-2026-131" in owner.complained
        assert owner.files() == before

    def test_given_and_cancelled(self, owner: Owner) -> None:
        assert owner.run("voucher", "kite", "--give", "50,00", "--days", "180", "--note", "late delivery") == 0
        [_, row] = rows(owner)
        name = row.split(";")[0]
        assert row == f"{name};kite;50,00;EUR;2026-11-16;2027-05-15;open;;late delivery"
        assert owner.run("voucher", "kite", "--give", "50,00") == 0, owner.complained  # another one, of the same day
        assert len({row.split(";")[0] for row in rows(owner)[1:]}) == 2
        assert owner.run("build") == 0, owner.complained
        assert "you have €50.00 off your next invoice" in words(owner.page("kite"))
        assert owner.run("voucher", "kite", "--cancel", name) == 0, owner.complained
        assert [one["status"] for one in owner.show("kite")[0]["vouchers"] if one["id"] == name] == ["cancelled"]

    def test_without_an_option_it_lists(self, owner: Owner) -> None:
        assert owner.run("voucher", "verdier") == 0
        assert "no voucher, earned or given" in owner.said
        name = earn(owner)
        before = owner.files()
        assert owner.run("voucher", "verdier", date="2026-11-21") == 0
        assert f"  {name}  60.00" in owner.said
        assert owner.files() == before

    @pytest.mark.parametrize(
        ("arguments", "why"),
        [
            (("nobody",), "no such client"),
            (("verdier", "--used", "XYZ"), "no such voucher"),
            (("verdier", "--cancel", "XYZ"), "no such voucher"),
            (("verdier", "--give", "0"), "--give 0"),
            (("verdier", "--give=-5"), "--give"),
            (("verdier", "--give", "some"), "is not an amount"),
            (("verdier", "--give", "50", "--currency", "USD"), "never invoiced in"),
            (("verdier", "--give", "50", "--invoice", "F-2026-118"), "--invoice goes with --used"),
            (("verdier", "--days", "10"), "--days goes with --give"),
            (("verdier", "--note", "x"), "--note goes with"),
        ],
    )
    def test_what_cannot_be_noted_is_not(self, owner: Owner, arguments: tuple[str, ...], why: str) -> None:
        before = owner.files()
        assert owner.run("voucher", *arguments) == 2
        assert why in owner.complained
        assert "Nothing was recorded." in owner.complained
        assert owner.files() == before

    def test_dry_run(self, owner: Owner) -> None:
        before = owner.files()
        assert owner.run("voucher", "verdier", "--give", "50,00", "--dry-run") == 0
        assert "50.00 EUR off the next invoice, until 2027-11-16" in owner.said
        assert owner.files() == before


class TestRows:
    def test_a_row_written_by_hand_in_french(self, owner: Owner) -> None:
        owner.write(
            "ledger/relance/vouchers.csv", "Avoir;Client;Montant;Acquis le;Statut\nGESTE-1;kite;40;01/11/2026;ouvert\n"
        )
        [account] = owner.show("kite")
        assert [(one["id"], one["amount"], one["valid_until"]) for one in account["vouchers"]] == [
            ("GESTE-1", "40.00", None)
        ]

    @pytest.mark.parametrize(
        ("row", "problem"),
        [
            ("G-1;nobody;40;01/11/2026;", "client-unknown"),
            ("G-1;kite;;01/11/2026;", "cell-missing"),
            ("G-1;kite;0;01/11/2026;", "amount-not-positive"),
            ("G-1;kite;40;;", "cell-missing"),
            ("G-1;kite;40;01/11/2026;F-9", "invoice-unknown"),
            ("G-1;kite;40;01/11/2026;F-2026-118", "invoice-of-other-client"),
            ("G-1;kite;40;01/11/2026;\ng-1;verdier;40;01/11/2026;", "voucher-inconsistent"),
        ],
    )
    def test_what_is_wrong_is_said(self, owner: Owner, row: str, problem: str) -> None:
        owner.write("ledger/relance/vouchers.csv", f"voucher;client;amount;earned_on;invoices\n{row}\n")
        assert owner.run("check") == 1
        assert f"[{problem}]" in owner.complained + owner.said


class TestOffer:
    def test_to_one_client(self, owner: Owner) -> None:
        owner.write("portal.toml", PORTAL[: PORTAL.index("[offers.discount]")])
        assert owner.run("offer", "kite", "--discount", "8%", "--voucher", date="2026-11-28") == 0, owner.complained
        assert "kite: 500.00 EUR for F-2026-120, and 40.00 EUR off the next invoice within 365 days" in owner.said
        pay(owner, "02/11/2026;kite;300,00", "05/12/2026;kite;500,00")
        account = owner.show("kite", date="2026-12-06")[0]
        assert [(one["amount"], one["earned_on"]) for one in account["vouchers"]] == [("40.00", "2026-12-05")]

    @pytest.mark.parametrize("arguments", [("--plan", "2"), ("--plan", "2", "--discount", "5%")])
    def test_it_goes_with_a_discount_alone(self, owner: Owner, arguments: tuple[str, ...]) -> None:
        assert owner.run("offer", "verdier", "--voucher", *arguments) == 2
        assert "--voucher goes with --discount" in owner.complained

"""In the outbox: one message for companies of a group, a call sheet in two forms, who pays before the general address."""

from __future__ import annotations

import email
import email.policy
import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from generator.domain.delivery import SendIntended, SentItem
from generator.journal import append
from tests.support.owner import Owner, new_owner

if TYPE_CHECKING:
    from email.message import EmailMessage
    from pathlib import Path

CLIENTS = """id;nom;email;contact;groupe;type;canal;téléphone
lyon;Verdier Lyon;compta@verdier.example;Anne Verdier;Verdier;business;;
nantes;Verdier Nantes;compta@verdier.example;Anne Verdier;Verdier;business;;
paris;Verdier Paris;paris@verdier.example;;Verdier;business;;
brun;Brun SARL;contact@brun.example;;;business;phone;04 72 00 11 22
"""
INVOICES = """numéro;client;date d'émission;échéance;objet;montant ttc
L-1;lyon;30/09/2026;30/10/2026;Refonte du site;1 200,00
N-1;nantes;30/09/2026;30/10/2026;Maintenance;300,00
P-1;paris;30/09/2026;30/10/2026;Maintenance;80,00
B-1;brun;30/09/2026;30/10/2026;Étagères;500,00
"""
CONTACTS = """client;nom;rôle;email;téléphone
brun;Paul Roux;paie;;04 72 00 11 33
paris;Comptabilité;paie;factures@verdier.example;
"""


@pytest.fixture
def owner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Owner:
    """A shop with a group of three companies, two of which are written to at one address."""
    shop = new_owner(tmp_path / "shop", capsys)
    shop.write("ledger/clients.csv", CLIENTS)
    shop.write("ledger/invoices.csv", INVOICES)
    shop.write("ledger/contacts.csv", CONTACTS)
    (shop.folder / "ledger/payments.csv").unlink()
    assert shop.run("build") == 0, shop.complained
    return shop


def manifest(owner: Owner) -> dict[str, dict[str, Any]]:
    """What the manifest says of each message, by its client."""
    content = json.loads((owner.folder / "outbox/manifest.json").read_text(encoding="utf-8"))
    assert set(content["files"]) == {path.name for path in (owner.folder / "outbox").iterdir()} - {"manifest.json"}
    return {message["client"]: message for message in content["messages"]}


def mail(owner: Owner, file: str) -> EmailMessage:
    """A message of the outbox."""
    return email.message_from_bytes((owner.folder / "outbox" / file).read_bytes(), policy=email.policy.default)


def test_a_group_gets_one_message_and_the_report_shows_it(owner: Owner) -> None:
    told = manifest(owner)

    assert set(told) == {"lyon", "paris", "brun"}
    assert told["lyon"]["clients"] == ["lyon", "nantes"]
    assert told["lyon"]["amounts"] == [{"currency": "EUR", "amount": "1500.00"}]
    assert [item["invoice"] for item in told["lyon"]["items"]] == ["L-1", "N-1"]
    report = (owner.folder / "report/index.html").read_text(encoding="utf-8")
    assert "Verdier Nantes" in report


def test_without_news_its_message_is_kept_and_with_news_of_one_it_is_made_again(owner: Owner) -> None:
    before = owner.files()
    assert owner.run("build") == 0, owner.complained
    assert {name: content for name, content in owner.files().items() if name.startswith("outbox")} == {
        name: content for name, content in before.items() if name.startswith("outbox")
    }
    owner.write("ledger/payments.csv", "date;client;montant;facture\n14/11/2026;nantes;100,00;N-1\n")
    assert owner.run("build") == 0, owner.complained
    assert manifest(owner)["lyon"]["amounts"] == [{"currency": "EUR", "amount": "1400.00"}]


def test_when_one_of_two_has_paid_the_other_is_written_to_alone(owner: Owner) -> None:
    owner.write("ledger/payments.csv", "date;client;montant;facture\n14/11/2026;nantes;300,00;N-1\n")
    assert owner.run("build") == 0, owner.complained

    assert manifest(owner)["lyon"]["clients"] == ["lyon"]
    assert not list((owner.folder / "outbox").glob("*group*"))


def test_what_was_sent_to_the_group_was_sent_to_each(owner: Owner) -> None:
    assert owner.run("sent", "lyon", "nantes") == 0, owner.complained

    for client in ("lyon", "nantes"):
        (sent,) = owner.show(client)[0]["reminders"]["sent"]
        assert sent["step"] == "reminder-1"


def test_whichever_of_them_is_named_it_is_not_sent_to_the_others_again(owner: Owner) -> None:
    assert owner.run("sent", "lyon") == 0, owner.complained
    assert "nantes: reminder-1 recorded as sent" in owner.said
    assert owner.run("build") == 0, owner.complained
    assert set(manifest(owner)) == {"paris", "brun"}


def test_who_pays_is_written_to_and_a_department_greeted_without_a_name(owner: Owner) -> None:
    message = mail(owner, manifest(owner)["paris"]["file"])

    assert message["To"] == "Comptabilité <factures@verdier.example>"
    body = message.get_body(("plain",))
    assert body is not None
    assert body.get_content().splitlines()[0] == "Bonjour,"


def test_a_call_sheet_is_a_page_and_markdown_and_names_who_pays_first(owner: Owner) -> None:
    told = manifest(owner)["brun"]

    assert told["to"] == "04 72 00 11 33"
    assert told["beside"] == [told["file"].replace(".html", ".md")]
    text = (owner.folder / "outbox" / told["beside"][0]).read_text(encoding="utf-8")
    assert text.startswith("# Appeler Paul Roux\n")


def test_a_call_sheet_that_was_spoilt_is_made_again(owner: Owner) -> None:
    path = owner.folder / "outbox" / manifest(owner)["brun"]["beside"][0]
    text = path.read_text(encoding="utf-8")
    path.write_text("spoilt", encoding="utf-8")

    assert owner.run("build") == 0, owner.complained
    assert path.read_text(encoding="utf-8") == text


def test_a_mistake_in_a_template_of_a_group_stops_the_build(owner: Owner) -> None:
    owner.write("portal_templates/emails/fr/group.md", "Subject: x\n\n{{ companies[0].nothing }}\n")

    assert owner.run("build") == 1
    assert "portal_templates/emails/fr/group.md:3" in owner.complained


@pytest.mark.parametrize(("verb", "held"), [("sent", "minimum_gap"), ("resend", None)])
def test_what_became_of_a_message_to_a_group_became_of_it_for_each(owner: Owner, verb: str, held: str | None) -> None:
    at = datetime(2026, 11, 16, 9, tzinfo=UTC)
    announced = [
        SendIntended(
            client,
            "one-attempt",
            "reminder-1",
            "email",
            at.date(),
            (SentItem(invoice, "reminder-1", date(2026, 9, 30), total, "EUR"),),
            ("compta@verdier.example",),
            "Deux factures",
            at,
        )
        for client, invoice, total in (("lyon", "L-1", 120_000), ("nantes", "N-1", 30_000))
    ]
    append(owner.folder / "journal", announced, at)
    assert [owner.show(client)[0]["reminders"]["held"] for client in ("lyon", "nantes")] == ["uncertain"] * 2
    assert owner.run(verb, "nantes") == 0, owner.complained
    assert [owner.show(client)[0]["reminders"]["held"] for client in ("lyon", "nantes")] == [held] * 2

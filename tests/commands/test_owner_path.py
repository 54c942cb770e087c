"""The owner's way through the commands, in order: check, show, build, sent, the next weeks."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING

import pytest

from generator.cli import main
from tests.support.owner import PORTAL, Owner, new_owner
from tests.support.sandbox import LOOPBACK

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def owner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Owner:
    return new_owner(tmp_path / "sable", capsys)


def outbox(owner: Owner) -> list[str]:
    return sorted(path.name for path in (owner.folder / "outbox").glob("2026*"))


def test_check_says_that_all_is_well_and_writes_nothing(owner: Owner) -> None:
    before = owner.files()
    assert owner.run("check") == 0, owner.complained
    assert "2 clients, 3 invoices" in owner.said
    assert owner.files() == before


def test_show_is_a_dry_run(owner: Owner) -> None:
    before = owner.files()
    accounts = owner.show()
    assert [(found["client"]["id"], found["totals"]["to_pay"]) for found in accounts] == [
        ("verdier", "1200.00"),
        ("kite", "500.00"),
    ]
    assert accounts[0]["reminders"]["due_today"]["step"] == "reminder-1"
    assert owner.run("show") == 0
    assert owner.run("show", "verdier") == 0
    assert "reminder-1 is due today by email" in owner.said
    assert owner.files() == before


def test_build_makes_pages_messages_and_a_report(owner: Owner) -> None:
    assert owner.run("build") == 0, owner.complained
    assert len(list((owner.folder / "output" / "p").iterdir())) == 2
    assert [name.split("-", 3)[3] for name in outbox(owner)] == ["kite-reminder-1.eml", "verdier-reminder-1.eml"]
    assert "1\u202f200,00" in owner.page("verdier")
    assert "£" not in owner.page("kite")
    assert "€500.00" in owner.page("kite")
    assert (owner.folder / "report" / "index.html").is_file()


def test_building_twice_on_one_day_writes_the_same_bytes_and_no_new_journal(owner: Owner) -> None:
    assert owner.run("build") == 0, owner.complained
    before = owner.files()
    assert owner.run("build") == 0
    assert owner.files() == before


def test_a_message_stays_due_until_it_is_recorded_as_sent(owner: Owner) -> None:
    assert owner.run("build") == 0, owner.complained
    owner.run("build", date="2026-11-17")
    assert len(outbox(owner)) == 2
    assert owner.run("sent", "verdier", date="2026-11-17") == 0, owner.complained
    owner.run("build", date="2026-11-17")
    assert [name.split("-", 3)[3] for name in outbox(owner)] == ["kite-reminder-1.eml"]
    assert owner.show("verdier", date="2026-11-17")[0]["reminders"]["sent"][0]["step"] == "reminder-1"


def test_sent_twice_is_refused_with_the_reason(owner: Owner) -> None:
    owner.run("sent", "--all")
    before = owner.files()
    assert owner.run("sent", "verdier") == 2
    assert "no message is due today" in owner.complained
    assert owner.files() == before


def test_sent_for_one_wrong_client_records_nothing_at_all(owner: Owner) -> None:
    assert owner.run("sent", "verdier", "nobody") == 2
    assert "nobody: no such client" in owner.complained
    assert not (owner.folder / "journal").exists()


def test_the_offers_of_a_step_keep_their_dates_at_every_later_build(owner: Owner) -> None:
    assert owner.run("build") == 0, owner.complained
    owner.run("sent", "--all")
    owner.run("build", date="2026-11-23")
    first = [offer for offer in owner.show("verdier", date="2026-11-23")[0]["offers"] if offer["kind"] == "plan"]
    assert [len(offer["instalments"]) for offer in first] == [2, 3, 4]
    assert [part["amount"] for part in first[2]["instalments"]] == ["300.00"] * 4
    for day in ("2026-11-24", "2026-11-28", "2026-12-03"):
        owner.run("build", date=day)
        later = [offer for offer in owner.show("verdier", date=day)[0]["offers"] if offer["kind"] == "plan"]
        assert later == first
    owner.run("sent", "--all", date="2026-11-23")
    after = [offer["key"] for offer in owner.show("verdier", date="2026-12-04")[0]["offers"]]
    assert not set(after) & {offer["key"] for offer in first}


def test_rotate_gives_a_new_page_and_the_old_one_goes(owner: Owner) -> None:
    assert owner.run("build") == 0, owner.complained
    old = owner.show("verdier")[0]["portal_url"]
    assert owner.run("rotate", "verdier") == 0
    new = owner.show("verdier")[0]["portal_url"]
    assert new != old
    assert owner.run("build") == 0, owner.complained
    published = {path.name for path in (owner.folder / "output" / "p").iterdir()}
    assert new.rstrip("/").rsplit("/", 1)[1] in published
    assert old.rstrip("/").rsplit("/", 1)[1] not in published
    everything = b"".join(content for name, content in owner.files().items() if not name.startswith("journal"))
    assert old.encode() not in everything


def test_old_debts_wait_until_the_owner_has_reviewed_them(owner: Owner) -> None:
    late = "2026-12-29"
    reminders = owner.show("verdier", date=late)[0]["reminders"]
    assert reminders["to_review"] == ["F-2026-118"]
    assert [item["invoice"] for item in reminders["due_today"]["items"]] == ["F-2026-121"]
    assert owner.run("review", date=late) == 0
    assert "verdier: F-2026-118" in owner.said
    assert owner.run("review", "verdier", date=late) == 0
    reminders = owner.show("verdier", date=late)[0]["reminders"]
    assert {item["invoice"]: item["step"] for item in reminders["due_today"]["items"]} == {
        "F-2026-118": "reminder-1",
        "F-2026-121": "reminder-1",
    }
    assert owner.run("review", "verdier", date=late) == 2


TAKINGS = """date;client;montant;facture;moyen;statut;stripe;annule
02/11/2026;verdier;1 200,00;F-2026-118;card;paid;pi_1;
09/11/2026;verdier;-100,00;F-2026-118;refund;paid;re_1;pi_1
"""


def test_a_refund_waits_until_the_owner_has_said_that_it_was_no_gesture(owner: Owner) -> None:
    owner.write("ledger/relance/payments.csv", TAKINGS)
    reminders = owner.show("verdier")[0]["reminders"]
    assert (reminders["due_today"], reminders["held"], reminders["to_review"]) == (None, "review", ["F-2026-118"])
    told = "refunded on 2026-11-09: was it a gesture? Then write a credit note; else release it"
    assert owner.run("show", "verdier") == 0
    assert f"F-2026-118  {told}: relance review verdier" in owner.said
    assert owner.run("review") == 0
    assert f"verdier: F-2026-118, {told}" in owner.said
    assert "old debt" not in owner.said
    assert owner.run("review", "verdier") == 0
    assert owner.said == "verdier: 1 refunded invoice reviewed; the reminders go on where they stood.\n"
    assert owner.show("verdier")[0]["reminders"]["due_today"]["step"] == "reminder-1"
    assert owner.run("show", "verdier") == 0
    assert "To review" not in owner.said


def test_a_gesture_that_is_written_down_leaves_nothing_to_review(owner: Owner) -> None:
    owner.write("ledger/relance/payments.csv", TAKINGS)
    invoices = (owner.folder / "ledger" / "invoices.csv").read_text(encoding="utf-8")
    owner.write("ledger/invoices.csv", f"{invoices}A-2026-7;verdier;10/11/2026;;Geste;-100,00\n")
    reminders = owner.show("verdier")[0]["reminders"]
    assert (reminders["held"], reminders["to_review"]) == ("paid", [])


def test_a_removed_client_takes_their_page_along(owner: Owner) -> None:
    assert owner.run("build") == 0, owner.complained
    for name in ("clients", "invoices", "payments"):
        path = owner.folder / "ledger" / f"{name}.csv"
        kept = [line for line in path.read_text(encoding="utf-8").splitlines() if "kite" not in line]
        path.write_text("\n".join(kept) + "\n", encoding="utf-8")
    assert owner.run("build") == 0
    assert len(list((owner.folder / "output" / "p").iterdir())) == 1
    assert "Kite" not in "".join(path.read_text() for path in (owner.folder / "output").rglob("*.html"))


def test_one_wrong_cell_stops_everything_and_leaves_the_old_site(owner: Owner) -> None:
    assert owner.run("build") == 0, owner.complained
    before = owner.files()
    bad = owner.write("ledger/payments.csv", "date;client;montant;facture\n31/02/2026;kite;abc;F-9\n")
    for command in ("check", "show", "build", "sent"):
        assert owner.run(command, *(["--all"] if command == "sent" else [])) == 1
        assert "ledger/payments.csv:2, column" in owner.complained
        assert owner.complained.count("payments.csv:2") >= 2
        assert "Traceback" not in owner.complained
    after = owner.files()
    assert {name: content for name, content in after.items() if name != "ledger/payments.csv"} == {
        name: content for name, content in before.items() if name != "ledger/payments.csv"
    }
    assert bad.exists()


def test_a_template_of_the_owner_with_a_mistake_names_file_and_line_and_writes_nothing(owner: Owner) -> None:
    owner.write("portal_templates/emails/fr/reminder-1.md", "Subject: Bonjour\n\nBonjour {{ nobody_knows_this }},\n")
    before = owner.files()
    assert owner.run("check") == 1
    assert owner.run("build") == 1
    assert re.search(r"portal_templates/emails/fr/reminder-1\.md:3", owner.complained)
    assert owner.files() == before


def test_a_page_template_of_the_owner_with_a_mistake_leaves_the_old_site_and_the_journal(owner: Owner) -> None:
    assert owner.run("build") == 0, owner.complained
    owner.write("theme/templates/client.html", "{% if %}")
    before = owner.files()
    assert owner.run("build", date="2026-11-17") == 1
    assert "client.html:1" in owner.complained
    assert owner.files() == before


def test_the_amounts_of_the_manifest_are_those_of_the_accounts(owner: Owner) -> None:
    assert owner.run("build") == 0, owner.complained
    manifest = json.loads((owner.folder / "outbox" / "manifest.json").read_text(encoding="utf-8"))
    amounts = {message["client"]: message["amounts"] for message in manifest["messages"]}
    assert amounts == {
        "kite": [{"currency": "EUR", "amount": "500.00"}],
        "verdier": [{"currency": "EUR", "amount": "1200.00"}],
    }


def test_before_the_first_build_no_address_is_told_that_would_never_exist(owner: Owner) -> None:
    assert [account["portal_url"] for account in owner.show()] == [None, None]
    owner.run("show", "verdier")
    assert "none yet" in owner.said
    assert owner.run("build") == 0, owner.complained
    assert owner.show()[0]["portal_url"].startswith("https://payer.atelier-sable.example/p/")


def test_a_lost_journal_is_never_silent(owner: Owner) -> None:
    assert owner.run("build") == 0, owner.complained
    before = {path.name for path in (owner.folder / "output" / "p").iterdir()}
    shutil.rmtree(owner.folder / "journal")
    assert owner.run("build") == 1
    assert "Restore journal/" in owner.complained
    assert {path.name for path in (owner.folder / "output" / "p").iterdir()} == before


def test_a_client_without_an_address_is_written_to_where_they_pay(owner: Owner) -> None:
    clients = (owner.folder / "ledger" / "clients.csv").read_text(encoding="utf-8")
    owner.write("ledger/clients.csv", clients.replace("compta@verdier.example", ""))
    owner.write(
        "ledger/contacts.csv",
        "client;name;role;email\nverdier;Luc Roux;orders;luc@verdier.example\nverdier;Mia Paye;pays;mia@verdier.example\n",
    )
    assert owner.run("build") == 0, owner.complained
    manifest = json.loads((owner.folder / "outbox" / "manifest.json").read_text(encoding="utf-8"))
    assert {message["client"]: message["to"] for message in manifest["messages"]}["verdier"] == "mia@verdier.example"


def test_payments_are_never_booked_ahead_of_the_day(owner: Owner) -> None:
    owner.write("portal.toml", PORTAL + '\n[ledger]\npayments_up_to = "2027-11-20"\n')
    assert owner.run("build") == 0, owner.complained
    assert "booked-ahead" in owner.complained
    assert "2027" not in owner.page("verdier").split("<main")[1].split("</main>")[0]


def test_sent_all_with_nothing_due_says_so(owner: Owner) -> None:
    assert owner.run("sent", "--all") == 0
    assert owner.run("sent", "--all") == 0
    assert "nothing was recorded" in owner.said
    assert owner.run("sent", "--all", "kite") == 2


def test_an_id_nearly_right_is_guessed(owner: Owner) -> None:
    assert owner.run("show", "Verdier") == 2
    assert "Did you mean verdier?" in owner.complained


def test_init_where_one_stands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["init", "."]) == 0, capsys.readouterr().err
    assert main(["check"]) == 0, capsys.readouterr().err


def test_a_look_of_the_owner_is_used_where_they_stand(owner: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    owner.write("theme/static/page.css", "body { color: teal }")
    monkeypatch.chdir(owner.folder)
    assert main(["build", "--date", "2026-11-16"]) == 0
    assert (owner.folder / "output" / "theme" / "page.css").read_text(encoding="utf-8") == "body { color: teal }"


def test_a_wrong_folder_is_left_as_it_was(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert Owner(tmp_path / "nowhere", capsys).run("build") == 1
    assert list(tmp_path.iterdir()) == []


def test_no_second_run_beside_the_first(owner: Owner) -> None:
    from generator.lock import exclusive  # noqa: PLC0415 - only this test holds the folder

    with exclusive(owner.folder):
        assert owner.run("build") == 3
    assert "another run" in owner.complained


def test_init_makes_a_folder_that_builds_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "mine"
    assert main(["init", str(folder)]) == 0
    owner = Owner(folder, capsys)
    assert owner.run("check", date=None) == 0, owner.complained
    assert owner.run("build", date=None) == 0, owner.complained
    assert (folder / ".gitignore").is_file()
    assert list((folder / "output" / "p").iterdir())


def test_init_refuses_a_folder_that_holds_something(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    assert main(["init", str(tmp_path)]) == 2
    assert "not empty" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_folder_that_is_no_owners_folder_is_told_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert Owner(tmp_path, capsys).run("build") == 1
    assert list(tmp_path.rglob("*.html")) == []


@LOOPBACK
def test_the_demo_replaces_only_a_demo(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "demo"
    assert main(["demo", str(folder)]) == 0
    first = (folder / "report" / "index.html").read_bytes()
    assert main(["demo", str(folder)]) == 0
    assert (folder / "report" / "index.html").read_bytes() == first
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "portal.toml").write_text(PORTAL)
    assert main(["demo", str(tmp_path / "mine")]) == 2
    assert (tmp_path / "mine" / "portal.toml").read_text() == PORTAL
    assert "no demo" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["sing"], ["build", "--date", "31/12/2026"], ["show", "--jason"]])
def test_wrong_usage_is_status_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2
    assert "usage: relance" in capsys.readouterr().err


def test_a_bug_is_status_4(owner: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("generator.commands.check.template_problems", lambda *_: 1 / 0)
    assert owner.run("check") == 4
    assert "bug of relance" in owner.complained

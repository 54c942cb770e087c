"""`relance resend` and `relance sent`: the owner's word on messages of which nobody knows, or that were refused."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from generator.domain.delivery import Outcome
from generator.lock import exclusive
from tests.support.attempts import attempt
from tests.support.owner import Owner, new_owner

if TYPE_CHECKING:
    from pathlib import Path

LATER = "2026-11-24"


@pytest.fixture
def owner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Owner:
    return new_owner(tmp_path / "sable", capsys)


def reminders(owner: Owner, date: str = LATER) -> dict[str, Any]:
    found: dict[str, Any] = owner.show("verdier", date=date)[0]["reminders"]
    return found


def step(owner: Owner) -> str | None:
    due = reminders(owner)["due_today"]
    return due["step"] if due else None


def test_an_uncertain_message_holds_the_client_until_the_owner_has_a_word(owner: Owner) -> None:
    attempt(owner.folder)
    assert (step(owner), reminders(owner)["held"]) == (None, "uncertain")
    assert owner.run("resend", "verdier", date=LATER) == 0, owner.complained
    assert (
        "verdier: reminder-1 of 2026-11-16 to compta@verdier.example did not arrive, and may be sent again"
        in owner.said
    )
    assert "reminder-1 is due today" in owner.said
    assert (step(owner), reminders(owner)["sent"]) == ("reminder-1", [])


def test_or_it_had_left_after_all(owner: Owner) -> None:
    attempt(owner.folder)
    assert owner.run("sent", "verdier", date=LATER) == 0, owner.complained
    assert "reminder-1 of 2026-11-16, which was uncertain, recorded as sent" in owner.said
    assert [message["date"] for message in reminders(owner)["sent"]] == ["2026-11-16"]
    assert step(owner) == "reminder-2"


def test_what_was_uncertain_is_told_apart_from_todays_message(owner: Owner) -> None:
    attempt(owner.folder)
    assert owner.run("sent", "verdier", date=LATER) == 0
    assert owner.run("sent", "verdier", date=LATER) == 0, "now today's"
    assert "reminder-2 recorded as sent on 2026-11-24" in owner.said
    assert [message["step"] for message in reminders(owner)["sent"]] == ["reminder-1", "reminder-2"]


def test_all_is_about_todays_messages_and_names_what_is_uncertain(owner: Owner) -> None:
    attempt(owner.folder)
    assert owner.run("sent", "--all", date=LATER) == 0, owner.complained
    assert "kite: reminder-1 recorded" in owner.said
    assert "verdier: reminder-1 of 2026-11-16 is uncertain. Did it leave? relance sent verdier" in owner.said
    assert reminders(owner)["held"] == "uncertain"


def test_a_client_who_has_paid_since_can_be_told_of_too(owner: Owner) -> None:
    attempt(owner.folder)
    owner.write("ledger/payments.csv", "date;client;montant;facture\n17/11/2026;verdier;1 200,00;F-2026-118\n")
    assert owner.run("sent", "verdier", date=LATER) == 0, owner.complained


def test_a_refused_message_may_go_again_once_the_address_is_right(owner: Owner) -> None:
    attempt(owner.folder, Outcome.REFUSED)
    assert (step(owner), reminders(owner)["held"]) == (None, "unreachable")
    assert owner.run("resend", "verdier", date=LATER) == 0, owner.complained
    assert step(owner) == "reminder-1"


def test_one_that_bounced_later_too(owner: Owner) -> None:
    attempt(owner.folder, Outcome.SENT, Outcome.BOUNCED, refused=("compta@verdier.example",))
    assert owner.run("resend", "verdier", date=LATER) == 0, owner.complained
    assert step(owner) == "reminder-1"


def test_one_that_arrived_elsewhere_only_frees_the_address(owner: Owner) -> None:
    to = ("compta@verdier.example", "anne@verdier.example")
    attempt(owner.folder, Outcome.SENT, to=to, refused=("compta@verdier.example",))
    assert reminders(owner)["held"] == "unreachable"
    assert owner.run("resend", "verdier", date=LATER) == 0, owner.complained
    assert "arrived elsewhere and is not sent again; compta@verdier.example may be tried" in owner.said
    assert step(owner) == "reminder-2"


@pytest.mark.parametrize("outcomes", [(), (Outcome.SENT,), (Outcome.LATER,)])
def test_what_arrived_or_surely_did_not_leave_needs_no_word(owner: Owner, outcomes: tuple[Outcome, ...]) -> None:
    attempt(owner.folder, *outcomes, client="kite" if outcomes else "verdier")
    before = owner.files()
    assert owner.run("resend", "kite", date=LATER) == 2
    assert "kite: no message is uncertain or was refused" in owner.complained
    assert owner.files() == before


def test_for_one_wrong_client_nothing_at_all_is_recorded(owner: Owner) -> None:
    attempt(owner.folder)
    before = owner.files()
    assert owner.run("resend", "verdier", "nobody", date=LATER) == 2
    assert owner.run("resend", "verdier", "kite", date=LATER) == 2
    assert owner.files() == before


def test_a_second_word_is_not_needed(owner: Owner) -> None:
    attempt(owner.folder)
    assert owner.run("resend", "verdier", "verdier", date=LATER) == 0, owner.complained
    assert owner.said.count("may be sent again") == 1
    assert owner.run("resend", "verdier", date=LATER) == 2


def test_a_word_of_a_day_to_come_is_none(owner: Owner) -> None:
    attempt(owner.folder)
    for verb in ("resend", "sent"):
        assert owner.run(verb, "verdier", "--date", "2026-11-25", date=LATER) == 2
        assert "cannot be of a day to come" in owner.complained


def test_two_runs_at_once_and_a_journal_that_cannot_be_written(owner: Owner) -> None:
    attempt(owner.folder)
    for verb in ("resend", "sent"):
        with exclusive(owner.folder):
            assert owner.run(verb, "verdier", date=LATER) == 3
    month = owner.folder / "journal" / "2026-12"
    month.write_text("no folder", encoding="utf-8")
    for verb in ("resend", "sent"):
        assert owner.run(verb, "verdier", date="2026-12-01") == 3
        assert "cannot be written" in owner.complained


# The bytes of what was sent by hand


def kept(owner: Owner) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in owner.folder.glob("journal/*/messages/*")}


def digests(owner: Owner) -> list[str]:
    text = "".join(path.read_text("utf-8") for path in owner.folder.glob("journal/*/*.jsonl"))
    return re.findall('"digest":"([0-9a-f]{32})"', text)


def test_the_draft_that_was_sent_is_kept_beside_the_journal(owner: Owner) -> None:
    assert owner.run("build", date="2026-11-16") == 0, owner.complained
    (draft,) = owner.folder.glob("outbox/*verdier*.eml")
    content = draft.read_bytes()
    assert owner.run("sent", "verdier") == 0, owner.complained
    (digest,) = digests(owner)
    assert kept(owner) == {f"{digest}.eml": content}


def test_without_a_draft_nothing_is_kept(owner: Owner) -> None:
    assert owner.run("sent", "verdier") == 0, owner.complained
    assert (kept(owner), digests(owner)) == ({}, [])


def test_a_draft_about_other_invoices_is_not_what_was_sent(owner: Owner) -> None:
    owner.run("build", date="2026-11-16")
    invoices = (owner.folder / "ledger/invoices.csv").read_text("utf-8")
    owner.write("ledger/invoices.csv", f"{invoices}F-2026-99;verdier;01/10/2026;31/10/2026;Logo;90,00\n")
    assert owner.run("sent", "verdier") == 0, owner.complained
    assert kept(owner) == {}


def test_a_manifest_that_was_tampered_with_leads_nowhere(owner: Owner) -> None:
    owner.run("build", date="2026-11-16")
    manifest = owner.folder / "outbox" / "manifest.json"
    text = manifest.read_text("utf-8").replace("2026-11-16-verdier-reminder-1.eml", "../portal.toml")
    manifest.write_text(text, encoding="utf-8")
    assert owner.run("sent", "verdier") == 0, owner.complained
    assert kept(owner) == {}


def test_a_letter_is_kept_and_a_call_sheet_is_not(owner: Owner) -> None:
    head = "id;name;email;kind;channel;address;phone\n"
    for channel, count in (("phone", 0), ("letter", 1)):
        owner.write(
            "ledger/clients.csv", f"{head}verdier;V;a@v.example;business;{channel};1 rue X;04\nkite;K;k@k.example;;;;\n"
        )
        assert owner.run("build", date="2026-11-16") == 0, owner.complained
        assert owner.run("sent", "verdier") == 0, owner.complained
        assert [name[-5:] for name in kept(owner)] == [".html"] * count
        for path in owner.folder.glob("journal/*/*.jsonl"):
            path.unlink()
        (owner.folder / "output").rename(owner.folder / f"was-{channel}")

"""`links`, `reconcile` and `doctor` as an owner runs them, over a socket of this machine; and what pages and messages then show."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING, Any

import pytest

from generator.cli import main
from generator.sandbox import DEBIT, EVERYTHING, AccountSettings, Fault
from generator.stripe_links import Cashier
from tests.support.owner import INVOICES, PORTAL, Owner, new_owner
from tests.support.sandbox import LOOPBACK, Clock, Running, running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from generator.sandbox import Request
    from generator.sandbox.records import Link

pytestmark = LOOPBACK

TEST_KEY, LIVE_KEY, LIVE_SECRET = "rk_test_AtelierSable01234", "rk_live_AtelierSable01234", "sk_live_AtelierSable01234"
STRIPE = """
[stripe]
ledger = "sable"
methods = ["card", "sepa_debit"]
"""
LADDER = """
[offers]
first = "together"
[[reminders.steps]]
name = "reminder-1"
days = 7
offers = ["discount", "plan"]
[[reminders.steps]]
name = "reminder-2"
days = 14
"""
TODAY = "2026-11-16"


@dataclass
class Desk:
    """An owner's folder, and the Stripe account that its key opens."""

    owner: Owner
    at: Running

    def run(self, *arguments: str, date: str = TODAY) -> int:
        self.at.clock.at = self.at.clock.at.replace(year=int(date[:4]), month=int(date[5:7]), day=int(date[8:]))
        return self.owner.run(*arguments, date=date)

    def apply(self, date: str = TODAY) -> None:
        assert self.run("links", "--apply", date=date) == 0, self.owner.complained

    def reconcile(self, date: str = TODAY) -> None:
        assert self.run("reconcile", date=date) == 0, self.owner.complained

    def morning(self, date: str = TODAY) -> None:
        """What CI does, but for the site: reconcile, links."""
        self.reconcile(date)
        self.apply(date)

    def whole_morning(self, date: str = TODAY) -> None:
        """What CI does: reconcile, links, build."""
        self.morning(date)
        self.build(date)

    def build(self, date: str = TODAY) -> None:
        assert self.run("build", date=date) == 0, self.owner.complained

    @property
    def links(self) -> list[Link]:
        return list(self.at.sandbox.store.links)

    def active(self) -> list[str]:
        """The links that can be paid: `full 1200.00`."""
        return sorted(name(link) for link in self.links if link.active and not link.used_up)

    def link(self, what: str) -> str:
        return next(link.id for link in self.links if link.active and name(link) == what)

    def asked(self, method: str = "POST") -> int:
        return sum(exchange.request.method == method for exchange in self.at.sandbox.log)

    def buttons(self, client: str, date: str = TODAY) -> set[str]:
        """Where the page of a client sends them to pay."""
        return set(re.findall(rf'href="({re.escape(self.at.url)}/pay/\w+)"', self.owner.page(client, date)))

    def addresses(self, client: str) -> set[str]:
        """Where the links of a client are that can be paid."""
        bills = {"verdier": {"F-2026-118", "F-2026-121"}, "kite": {"F-2026-120"}}[client]
        return {
            f"{self.at.url}/pay/{link.id}"
            for link in self.links
            if link.active and not link.used_up and set(link.metadata["relance_invoices"].split("; ")) <= bills
        }

    def mail(self, client: str, date: str = TODAY) -> str:
        """All that the message of the day says, in text and in HTML."""
        (path,) = (self.owner.folder / "outbox").glob(f"{date}-{client}-*.eml")
        message = message_from_bytes(path.read_bytes(), policy=default)
        return "\n".join(str(part.get_content()) for part in message.walk() if part.get_content_maintype() == "text")

    def rows(self) -> list[list[str]]:
        path = self.owner.folder / "ledger/relance/payments.csv"
        if not path.exists():
            return []
        head, *rows = path.read_text(encoding="utf-8-sig").splitlines()
        names = head.split(";")
        kept = [names.index(each) for each in ("date", "client", "amount", "status")]
        return [[row.split(";")[place] for place in kept] for row in rows]

    def show(self, client: str, date: str = TODAY) -> dict[str, Any]:
        return self.owner.show(client, date=date)[0]

    def journal(self) -> list[dict[str, Any]]:
        files = sorted((self.owner.folder / "journal").glob("*/*.jsonl"))
        return [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]


def name(link: Link) -> str:
    return f"{link.metadata['relance_kind']} {link.total // 100}.{link.total % 100:02d}"


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    defaults = Cashier.__init__.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "rate", 1e6)
    monkeypatch.setitem(defaults, "sleep", lambda _: None)


@pytest.fixture
def open_desk(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Desk]]:
    """Makes desks; the key and the address are in the environment, as in CI."""
    opened: list[Any] = []

    def make(key: str = TEST_KEY, portal: str = PORTAL + STRIPE + LADDER, **settings: Any) -> Desk:
        context = running(clock=Clock(), **settings)
        at = context.__enter__()
        opened.append(context)
        owner = new_owner(tmp_path / f"sable{len(opened)}", capsys)
        owner.write("portal.toml", portal)
        owner.write("ledger/invoices.csv", INVOICES.replace("20/11/2026", "10/11/2026"))
        monkeypatch.setenv("STRIPE_API_KEY", key)
        monkeypatch.setenv("STRIPE_API_BASE", at.url)
        return Desk(owner, at)

    yield make
    for context in opened:
        context.__exit__(None, None, None)


@pytest.fixture
def desk(open_desk: Callable[..., Desk]) -> Desk:
    return open_desk()


class TestLinks:
    def test_the_plan_is_told_and_nothing_is_done(self, desk: Desk) -> None:
        before = desk.owner.files()
        assert desk.run("links") == 0, desk.owner.complained
        assert desk.asked("POST") == 0
        assert desk.owner.files() == before
        assert re.search(r"create\s+1200\.00 EUR\s+verdier\s+invoice\s+new", desk.owner.said)
        assert re.search(r"create\s+500\.00 EUR\s+kite\s+invoice\s+new", desk.owner.said)
        assert "to create" in desk.owner.said

    def test_applied_exactly_the_wanted_links_are_active(self, desk: Desk) -> None:
        desk.apply()
        assert desk.active() == [
            "discount 1140.00", "discount 475.00", "invoice 1200.00", "invoice 150.00", "invoice 500.00",
            "plan 125.00", "plan 166.67", "plan 250.00", "plan 300.00", "plan 400.00", "plan 600.00",
        ]  # fmt: skip

    def test_applied_again_nothing_is_asked_but_the_lists_and_nothing_is_written(self, desk: Desk) -> None:
        desk.apply()
        before, posts, gets = desk.owner.files(), desk.asked("POST"), desk.asked("GET")
        desk.apply()
        assert desk.asked("POST") == posts
        assert desk.asked("GET") == gets + 2  # links, and open checkouts
        assert desk.owner.files() == before
        assert "11 to keep" in desk.owner.said

    def test_with_the_journals_record_lost_one_look_finds_them_all(self, desk: Desk) -> None:
        desk.whole_morning()
        shown = desk.buttons("verdier")
        for path in (desk.owner.folder / "journal").glob("*/*.jsonl"):
            lines = [line for line in path.read_text("utf-8").splitlines() if '"event":"links"' not in line]
            path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        desk.build()
        assert desk.buttons("verdier") == set()  # nobody knows: transfers only
        posts = desk.asked("POST")
        desk.apply()
        assert desk.asked("POST") == posts
        desk.build()
        assert desk.buttons("verdier") == shown

    def test_closed_every_link_goes_down_and_pages_offer_transfers(self, desk: Desk) -> None:
        desk.apply()
        assert desk.run("links", "--close") == 0
        assert len(desk.active()) == 11
        assert desk.run("links", "--close", "--apply") == 0, desk.owner.complained
        assert desk.active() == []
        desk.build()
        assert desk.buttons("verdier") == set()
        desk.apply()
        assert len(desk.active()) == len(desk.links) == 11  # the old ones, put up again

    def test_links_that_the_account_does_not_know_are_told(self, open_desk: Callable[..., Desk]) -> None:
        desk = open_desk()
        desk.apply()
        assert "cannot be found" not in desk.owner.complained
        lost = desk.links[0]
        del lost.metadata["relance_ledger"]
        assert desk.run("links") == 0
        assert "warning: 1 link of the journal cannot be found" in desk.owner.complained
        assert lost.id in desk.owner.complained

    def test_a_payment_booked_by_the_owner_takes_down_what_it_makes_wrong_and_nothing_else(self, desk: Desk) -> None:
        desk.apply()
        kept = {link.id for link in desk.links if "F-2026-120" not in link.metadata["relance_invoices"]}
        desk.owner.write(
            "ledger/payments.csv",
            "date;client;montant;facture\n02/11/2026;kite;300,00;F-2026-120\n16/11/2026;kite;100,00;F-2026-120\n",
        )
        desk.apply()
        assert {"invoice 400.00", "discount 380.00"} <= set(desk.active())
        assert {"invoice 500.00", "discount 475.00"} & set(desk.active()) == set()
        assert kept <= {link.id for link in desk.links if link.active}

    def test_back_at_the_old_amount_the_old_link_is_active_again(self, desk: Desk) -> None:
        desk.apply()
        first = desk.link("invoice 500.00")
        payments = desk.owner.folder / "ledger/payments.csv"
        before = payments.read_text()
        payments.write_text(before + "16/11/2026;kite;100,00;F-2026-120\n")
        desk.apply()
        payments.write_text(before)
        desk.apply()
        assert desk.link("invoice 500.00") == first

    def test_an_expired_offer_goes_on_the_next_run(self, desk: Desk) -> None:
        desk.apply()
        desk.build()
        assert desk.run("sent", "--all") == 0, desk.owner.complained
        desk.apply("2026-11-26")
        assert "discount 1140.00" in desk.active()
        desk.apply("2026-11-27")
        assert not [each for each in desk.active() if each.startswith(("discount", "plan"))]

    def test_what_cannot_be_charged_is_said(self, desk: Desk) -> None:
        desk.owner.write(
            "ledger/invoices.csv",
            "number;client;issued;due;total;currency\nF-1;verdier;2026-09-30;2026-10-30;0,40;EUR\n"
            "F-2;kite;2026-09-30;2026-10-30;5000;JPY\nF-3;kite;2026-09-30;2026-10-30;10,125;KWD\nF-4;verdier;2026-09-30;2026-10-30;7,500;BHD\n",
        )
        desk.owner.write("ledger/payments.csv", "date;client;montant;facture\n")
        desk.apply()
        assert re.search(r"no link\s+0\.40 EUR\s+verdier\s+too small", desk.owner.said)
        assert re.search(r"no link\s+10\.125 KWD\s+kite\s+fraction", desk.owner.said)
        assert {(link.currency, link.total) for link in desk.links} == {("jpy", 5000), ("jpy", 4750), ("bhd", 7500)}
        desk.build()  # all of it can be paid by transfer

    @pytest.mark.parametrize(
        "edit", ["limit", "quantity", "deactivated", "doubled", "fingerprint", "generation", "key"]
    )
    def test_a_link_edited_by_hand_in_the_dashboard_is_put_right(self, desk: Desk, edit: str) -> None:
        desk.apply()
        before = desk.active()
        link = desk.at.sandbox.store.links[desk.link("invoice 1200.00")]
        if edit == "limit":
            link.limit = None
        elif edit == "quantity":
            link.lines[0].quantity = 2
        elif edit == "deactivated":
            link.active = False
        elif edit in {"fingerprint", "generation", "key"}:
            link.metadata[f"relance_{edit}"] = "edited"
        else:
            copy: Any = {"metadata": dict(link.metadata)}
            desk.at.create(120_000, **copy)
        desk.apply()
        assert desk.active() == before
        desk.apply()
        assert "11 to keep" in desk.owner.said
        assert "to create" not in desk.owner.said

    def test_links_of_another_ledger_on_the_same_account_are_left_alone(self, desk: Desk) -> None:
        desk.apply()
        notes = dict(desk.at.sandbox.store.links[desk.link("invoice 1200.00")].metadata)
        theirs = desk.at.create(99_900, metadata={**notes, "relance_ledger": "other"})
        nobodys = desk.at.create(77_700)
        desk.apply()
        assert desk.at.sandbox.store.links[theirs.id].active
        assert desk.at.sandbox.store.links[nobodys.id].active
        assert "2 links of the same Stripe account belong to something else" in desk.owner.said

    def test_a_ledger_that_lost_its_invoices_takes_nothing_down_without_being_forced(self, desk: Desk) -> None:
        clients = "".join(f"c{number};Client {number};c{number}@c.example\n" for number in range(30))
        bills = "".join(f"F-{number};c{number};2026-11-01;2026-12-01;20,00\n" for number in range(30))
        desk.owner.write("ledger/clients.csv", f"id;name;email\n{clients}")
        desk.owner.write("ledger/invoices.csv", f"number;client;issued;due;total\n{bills}")
        desk.owner.write("ledger/payments.csv", "date;client;amount\n")
        desk.apply()
        assert len(desk.active()) == 30
        lines = bills.splitlines()[:5]
        desk.owner.write("ledger/invoices.csv", "\n".join(["number;client;issued;due;total", *lines, ""]))
        files, posts = desk.owner.files(), desk.asked("POST")
        assert desk.run("links", "--apply") == 2
        assert "25 links of 30 would go, more than 50 %" in desk.owner.complained
        assert "--force" in desk.owner.complained
        assert (desk.owner.files(), desk.asked("POST")) == (files, posts)
        assert desk.run("links") == 0  # to look is always allowed
        assert desk.run("links", "--apply", "--force") == 0
        assert len(desk.active()) == 5

    def test_when_stripe_refuses_one_account_the_others_go_on_and_the_exit_status_says_so(self, desk: Desk) -> None:
        def one_fails(request: Request) -> Fault | None:
            return Fault.ERROR_500 if request.method == "POST" and b"F-2026-120" in request.body else None

        desk.at.sandbox.faults = one_fails
        assert desk.run("links", "--apply") == 3
        assert "1 account" in desk.owner.complained
        assert "run the command again" in desk.owner.complained
        desk.build()
        assert desk.buttons("verdier") == desk.addresses("verdier") != set()
        assert desk.buttons("kite") == set()
        desk.at.sandbox.faults = None
        desk.whole_morning()
        assert desk.buttons("kite") == desk.addresses("kite") != set()

    @pytest.mark.parametrize("fault", [fault for fault in Fault if fault is not Fault.TIMEOUT])
    def test_one_request_in_three_that_goes_wrong_changes_nothing_in_the_end(self, desk: Desk, fault: Fault) -> None:
        turn = [0]

        def every_third(_: Request) -> Fault | None:
            turn[0] += 1
            return fault if turn[0] % 3 == 0 else None

        desk.at.sandbox.faults = every_third
        # requests of several threads take turns as they please: one may meet every fault, and its account is left to the next run
        assert any(desk.run("links", "--apply") == 0 for _ in range(4)), desk.owner.complained
        assert len(desk.active()) == len(desk.links) == 11
        desk.at.sandbox.pay(desk.link("discount 475.00"))
        desk.morning()
        assert desk.rows() == [["2026-11-16", "kite", "475,00", "paid"]]
        assert len(desk.active()) == 6  # those of the other client


class TestRuleFive:
    def test_before_the_first_run_pages_and_messages_offer_transfers_only(self, desk: Desk) -> None:
        desk.build()
        assert desk.buttons("verdier") == set()
        assert "/pay/" not in desk.mail("verdier")
        assert "FR76" in desk.owner.page("verdier").replace(" ", "").replace("\u202f", "").replace("\u00a0", "")

    def test_after_it_each_page_has_the_links_of_its_client_and_of_nobody_else(self, desk: Desk) -> None:
        desk.whole_morning()
        for client in ("verdier", "kite"):
            assert desk.buttons(client) == desk.addresses(client) != set()
            assert set(re.findall(rf"{re.escape(desk.at.url)}/pay/\w+", desk.mail(client))) <= desk.addresses(client)
            assert desk.at.url in desk.mail(client)
        assert desk.buttons("verdier") & desk.buttons("kite") == set()

    def test_no_address_to_pay_holds_anything_of_the_client(self, desk: Desk) -> None:
        desk.whole_morning()
        for client in ("verdier", "kite"):
            assert all(re.fullmatch(rf"{re.escape(desk.at.url)}/pay/plink_\w+", url) for url in desk.buttons(client))

    def test_when_the_balance_changes_the_buttons_go_until_the_links_are_right_again(self, desk: Desk) -> None:
        desk.whole_morning()
        payments = desk.owner.folder / "ledger/payments.csv"
        payments.write_text(payments.read_text() + "16/11/2026;kite;100,00;F-2026-120\n")
        desk.build()
        assert desk.buttons("kite") == set()
        assert "/pay/" not in desk.mail("kite")
        assert desk.buttons("verdier") == desk.addresses("verdier")
        desk.whole_morning()
        assert desk.buttons("kite") == desk.addresses("kite") != set()

    def test_without_the_table_everything_works_with_transfers(self, desk: Desk) -> None:
        desk.whole_morning()
        desk.owner.write("portal.toml", PORTAL + LADDER)
        desk.build()
        assert desk.buttons("verdier") == set()
        for command in ("links", "reconcile", "doctor"):
            assert desk.run(command) == 2
            assert "[stripe]" in desk.owner.complained


class TestPaid:
    def test_a_payment_is_booked_its_links_go_and_the_page_says_so(self, desk: Desk) -> None:
        desk.morning()
        desk.at.sandbox.pay(desk.link("invoice 1200.00"))
        desk.morning("2026-11-17")
        assert desk.rows() == [["2026-11-16", "verdier", "1200,00", "paid"]]
        assert [each for each in desk.active() if "1200" in each or "1140" in each] == []
        assert desk.show("verdier", "2026-11-17")["totals"]["overdue"] == "0.00"
        moved = [event for event in desk.journal() if event["event"] == "money"]
        assert [(event["client"], event["amount"], event["status"]) for event in moved] == [
            ("verdier", 120_000, "paid")
        ]

    def test_however_often_it_is_read_it_is_booked_once(self, desk: Desk) -> None:
        desk.morning()
        desk.at.sandbox.pay(desk.link("invoice 1200.00"))
        desk.reconcile()
        assert "1 row added" in desk.owner.said
        before = desk.owner.files()
        for date in (TODAY, "2026-11-17", "2026-12-30"):
            desk.reconcile(date)
            assert "Nothing new." in desk.owner.said
        assert desk.owner.files() == before

    def test_a_run_that_died_before_its_journal_is_made_up_for(self, desk: Desk) -> None:
        desk.apply()
        desk.at.sandbox.pay(desk.link("invoice 1200.00"))
        desk.reconcile()
        for path in (desk.owner.folder / "journal").glob("*/*.jsonl"):
            lines = [
                line for line in path.read_text("utf-8").splitlines(keepends=True) if '"event":"money"' not in line
            ]
            path.write_text("".join(lines), "utf-8")
        desk.reconcile()
        desk.reconcile()
        assert [event["status"] for event in desk.journal() if event["event"] == "money"] == ["paid"]
        assert len(desk.rows()) == 1

    def test_the_discount_paid_settles_the_debt(self, desk: Desk) -> None:
        desk.whole_morning()
        desk.at.sandbox.pay(desk.link("discount 475.00"))
        desk.whole_morning()
        account = desk.show("kite")
        assert account["items"][0]["status"] == "paid"
        assert account["totals"]["open"] == "0.00"
        assert desk.buttons("kite") == set()

    def test_a_discount_paid_through_its_link_after_its_last_day_is_honoured(self, desk: Desk) -> None:
        desk.whole_morning()
        assert desk.run("sent", "--all") == 0
        desk.at.clock.pass_(days=30)  # no run in between: the link is still active
        desk.at.sandbox.pay(desk.link("discount 475.00"))
        desk.whole_morning("2026-12-17")
        assert desk.show("kite", "2026-12-17")["totals"]["open"] == "0.00"

    def test_the_first_instalment_paid_makes_an_agreement_and_the_next_one_has_its_link(self, desk: Desk) -> None:
        desk.morning()
        desk.at.sandbox.pay(desk.link("plan 400.00"))
        desk.morning("2026-11-17")
        account = desk.show("verdier", "2026-11-17")
        assert account["agreement"] is not None
        assert "instalment 400.00" in desk.active()
        assert not [each for each in desk.active() if each in {"invoice 1200.00", "discount 1140.00", "plan 300.00"}]

    def test_paid_and_not_yet_read_what_is_for_the_same_debt_goes_down(self, desk: Desk) -> None:
        desk.whole_morning()
        desk.at.sandbox.pay(desk.link("invoice 1200.00"))
        desk.apply()
        assert "same debt paid" in desk.owner.said
        assert "paid and not yet in the ledger" in desk.owner.said
        assert [each for each in desk.active() if each in {"discount 1140.00", "plan 400.00"}] == []
        assert "invoice 150.00" in desk.active()  # another debt
        desk.build()
        assert desk.buttons("verdier") == set()

    def test_the_same_debt_paid_twice_is_a_credit_and_one_to_give_back(self, desk: Desk) -> None:
        desk.whole_morning()
        desk.at.sandbox.pay(desk.link("invoice 500.00"))
        second = desk.at.sandbox.pay(desk.link("discount 475.00"))
        desk.whole_morning("2026-11-17")
        assert [row[2] for row in desk.rows()] == ["500,00", "475,00"]
        account = desk.show("kite", "2026-11-17")
        assert (account["totals"]["open"], account["totals"]["credit"]) == ("0.00", "475.00")
        report = (desk.owner.folder / "report/index.html").read_text("utf-8")
        assert desk.at.sandbox.charge_of(second).intent in report
        assert not list(desk.at.sandbox.store.refunds)  # nothing is given back by itself

    def test_a_session_paid_after_its_link_was_taken_down_is_booked_all_the_same(self, desk: Desk) -> None:
        desk.morning()
        link = desk.link("discount 475.00")
        session = desk.at.sandbox.open_session(link)
        desk.at.client.v1.payment_links.update(link, {"active": False})  # a run that was killed here
        desk.at.sandbox.pay_session(session)
        desk.morning("2026-11-17")
        assert desk.rows() == [["2026-11-16", "kite", "475,00", "paid"]]
        assert desk.show("kite", "2026-11-17")["totals"]["open"] == "0.00"

    def test_a_page_opened_before_cannot_be_paid_once_its_link_is_down(self, desk: Desk) -> None:
        desk.morning()
        session = desk.at.sandbox.open_session(desk.link("invoice 500.00"))
        payments = desk.owner.folder / "ledger/payments.csv"
        payments.write_text(payments.read_text() + "16/11/2026;kite;100,00;F-2026-120\n")
        desk.apply()
        assert desk.at.sandbox.store.sessions[session].status == "expired"

    def test_booked_by_hand_with_its_id_it_counts_once(self, desk: Desk) -> None:
        desk.morning()
        session = desk.at.sandbox.pay(desk.link("invoice 500.00"))
        intent = desk.at.sandbox.charge_of(session).intent
        payments = desk.owner.folder / "ledger/payments.csv"
        payments.write_text(
            payments.read_text().replace("facture\n", "facture;référence\n")
            + f"16/11/2026;kite;500,00;F-2026-120;Stripe {intent}\n"
        )
        desk.morning("2026-11-17")
        account = desk.show("kite", "2026-11-17")
        assert (account["totals"]["open"], account["totals"]["credit"]) == ("0.00", "0.00")
        assert account["items"][0]["paid"] == "800.00"
        desk.morning("2026-11-18")
        assert len(desk.rows()) == 1

    def test_the_clients_own_account_gone_from_the_ledger_is_said_until_it_is_back(self, desk: Desk) -> None:
        desk.morning()
        desk.at.sandbox.pay(desk.link("invoice 500.00"))
        ledger = desk.owner.folder / "ledger"
        kept = {each: (ledger / each).read_text() for each in ("clients.csv", "invoices.csv", "payments.csv")}
        for each, text in kept.items():
            (ledger / each).write_text("".join(line for line in text.splitlines(keepends=True) if "kite" not in line))
        assert desk.run("reconcile") == 0, desk.owner.complained
        assert desk.rows() == []
        assert "was paid by a client who is not in the ledger" in desk.owner.complained
        files = desk.owner.files()
        desk.reconcile()
        assert desk.owner.files() == files
        for each, text in kept.items():
            (ledger / each).write_text(text)
        desk.reconcile("2026-12-20")
        assert desk.rows() == [["2026-11-16", "kite", "500,00", "paid"]]

    @pytest.mark.parametrize("command", [["reconcile"], ["links", "--apply"]])
    def test_what_is_written_for_good_is_for_today(self, desk: Desk, command: list[str]) -> None:
        now = datetime(2026, 11, 20, 9, tzinfo=UTC)
        where = ["--folder", str(desk.owner.folder), "--date", TODAY]
        assert main([command[0], *where, *command[1:]], now=now) == 2
        assert "leave --date out" in desk.owner.capsys.readouterr().err
        assert desk.links == []

    def test_a_client_who_has_another_id_since_has_paid_all_the_same(self, desk: Desk) -> None:
        desk.apply()
        desk.at.sandbox.pay(desk.link("invoice 1200.00"))
        for name_ in ("clients.csv", "invoices.csv"):
            path = desk.owner.folder / "ledger" / name_
            path.write_text(path.read_text("utf-8").replace("verdier;", "maison-verdier;"), "utf-8")
        desk.apply()  # before the payment is read: nothing of that debt can be paid again
        assert "invoice 1200.00" not in desk.active()
        desk.reconcile()
        assert desk.rows() == [["2026-11-16", "maison-verdier", "1200,00", "paid"]]

    def test_a_clock_that_is_behind_hides_no_payment(self, desk: Desk) -> None:
        desk.morning()
        desk.at.clock.pass_(days=2)
        desk.at.sandbox.pay(desk.link("invoice 500.00"))
        assert desk.owner.run("reconcile", date=TODAY) == 0
        assert "clock" in desk.owner.complained
        assert desk.rows() == [["2026-11-16", "kite", "500,00", "paid"]]


class TestDebits:
    def test_under_way_nothing_is_asked_and_the_page_says_so(self, desk: Desk) -> None:
        desk.whole_morning()
        session = desk.at.sandbox.pay(desk.link("invoice 1200.00"), method=DEBIT)
        desk.whole_morning("2026-11-17")
        assert desk.rows() == [["2026-11-16", "verdier", "1200,00", "in_flight"]]
        account = desk.show("verdier", "2026-11-17")
        assert account["reminders"]["due_today"] is None
        assert not list((desk.owner.folder / "outbox").glob("2026-11-17-verdier-*"))
        page = desk.owner.page("verdier", "2026-11-17").lower()
        assert "prélèvement en cours" in page.replace("\u00a0", " ")
        assert [each for each in desk.active() if each in {"invoice 1200.00", "discount 1140.00", "plan 400.00"}] == []
        desk.at.sandbox.clear(session)
        desk.whole_morning("2026-11-20")
        assert desk.rows()[1:] == [["2026-11-16", "verdier", "1200,00", "paid"]]
        assert "prélèvement en cours" not in desk.owner.page("verdier", "2026-11-20").lower().replace("\u00a0", " ")

    def test_one_that_fails_is_asked_for_again_with_a_link_that_works(self, desk: Desk) -> None:
        desk.whole_morning()
        old = desk.link("invoice 1200.00")
        session = desk.at.sandbox.pay(old, method=DEBIT)
        desk.whole_morning("2026-11-17")
        desk.at.sandbox.fail(session)
        desk.whole_morning("2026-11-23")
        assert [row[3] for row in desk.rows()] == ["in_flight", "failed"]
        assert "invoice 1200.00" in desk.active()
        assert desk.link("invoice 1200.00") != old
        assert desk.show("verdier", "2026-11-23")["totals"]["overdue"] == "1200.00"
        assert desk.buttons("verdier", "2026-11-23") == desk.addresses("verdier")

    def test_one_that_takes_long_is_not_forgotten_while_others_pay(self, desk: Desk) -> None:
        desk.morning()
        session = desk.at.sandbox.pay(desk.link("invoice 1200.00"), method=DEBIT)
        desk.morning("2026-11-17")
        desk.at.sandbox.pay(desk.link("invoice 500.00"))
        desk.morning("2026-11-25")
        desk.at.sandbox.clear(session)
        desk.morning("2026-12-05")
        assert [row[1:] for row in desk.rows()] == [
            ["verdier", "1200,00", "in_flight"], ["kite", "500,00", "paid"], ["verdier", "1200,00", "paid"],
        ]  # fmt: skip


class TestGivenBack:
    def test_a_part_and_then_all_of_it(self, desk: Desk) -> None:
        desk.morning()
        session = desk.at.sandbox.pay(desk.link("invoice 500.00"))
        desk.morning("2026-11-17")
        desk.at.sandbox.refund(session, 12_000)
        desk.morning("2026-11-18")
        assert desk.show("kite", "2026-11-18")["totals"]["open"] == "120.00"
        assert "invoice 120.00" in desk.active()
        desk.at.sandbox.refund(session)
        desk.morning("2026-11-19")
        assert desk.show("kite", "2026-11-19")["totals"]["open"] == "500.00"
        assert [row[2] for row in desk.rows()] == ["500,00", "-120,00", "-380,00"]

    def test_disputed_at_the_bank_then_won_three_months_later(self, desk: Desk) -> None:
        desk.morning()
        session = desk.at.sandbox.pay(desk.link("invoice 500.00"))
        desk.morning("2026-11-17")
        desk.at.clock.pass_(days=1)
        dispute = desk.at.sandbox.dispute(session)
        desk.reconcile("2026-11-18")
        assert "a bank disputes the payment of F-2026-120" in desk.owner.complained
        desk.morning("2026-11-18")
        item = desk.show("kite", "2026-11-18")["items"][0]
        assert (item["status"], item["open"]) == ("disputed", "500.00")
        assert desk.show("kite", "2026-11-18")["reminders"]["due_today"] is None
        desk.at.clock.pass_(days=80)
        desk.at.sandbox.pay(desk.link("invoice 150.00"))  # others go on paying
        desk.reconcile("2027-02-06")
        desk.at.sandbox.close_dispute(dispute.id, won=True)
        desk.reconcile("2027-02-20")
        assert desk.rows()[-1] == ["2026-11-18", "kite", "-500,00", "cancelled"]
        assert desk.show("kite", "2027-02-20")["items"][0]["status"] == "paid"


class TestKeys:
    def test_none(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("STRIPE_API_KEY")
        assert desk.run("links") == 2
        assert "STRIPE_API_KEY is not set" in desk.owner.complained

    def test_from_the_folders_own_file(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("STRIPE_API_KEY")
        desk.owner.write(".env", f"STRIPE_API_KEY={TEST_KEY}\n")
        desk.owner.write(".gitignore", ".env\n")
        assert desk.run("links") == 0, desk.owner.complained

    @pytest.mark.parametrize("key", ["pk_test_abc", "whsec_abc", "nonsense", "sk_test_ with spaces"])
    def test_one_that_is_no_key_for_this(self, desk: Desk, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
        monkeypatch.setenv("STRIPE_API_KEY", key)
        for command in ("links", "reconcile", "doctor"):
            assert desk.run(command) == 2
            assert key not in desk.owner.complained + desk.owner.said
        assert desk.at.sandbox.log == []

    @pytest.mark.parametrize("command", [["links"], ["links", "--apply"], ["reconcile"], ["doctor"]])
    def test_a_wrong_one_is_said_once_and_nothing_is_written(
        self, open_desk: Callable[..., Desk], command: list[str]
    ) -> None:
        desk = open_desk(keys={"rk_test_another": EVERYTHING})
        before = desk.owner.files()
        assert desk.run(*command) == 3
        assert "Stripe does not know this key" in desk.owner.complained
        assert TEST_KEY not in desk.owner.complained + desk.owner.said
        assert desk.owner.files() == before
        assert len(desk.at.sandbox.log) == 1

    def test_a_live_secret_key_is_refused_unless_asked_for(self, open_desk: Callable[..., Desk]) -> None:
        live = AccountSettings(livemode=True)
        desk = open_desk(key=LIVE_SECRET, account=live)
        assert desk.run("links", "--apply") == 2
        assert "rk_live_" in desk.owner.complained
        assert desk.at.sandbox.log == []
        desk.owner.write("portal.toml", PORTAL + STRIPE + "live_secret_key = true\n" + LADDER)
        assert desk.run("links") == 0, desk.owner.complained

    def test_a_test_key_does_nothing_where_clients_use_live_links(
        self, open_desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        desk = open_desk(
            key=LIVE_KEY, account=AccountSettings(livemode=True), contract=False, base_url="https://buy.stripe.com"
        )
        desk.apply()
        asked = len(desk.at.sandbox.log)
        monkeypatch.setenv("STRIPE_API_KEY", TEST_KEY)
        for command in (["links"], ["links", "--apply"], ["reconcile"]):
            assert desk.run(*command) == 2
            assert "test key" in desk.owner.complained
        assert len(desk.at.sandbox.log) == asked


class TestDoctor:
    def test_all_is_well(self, desk: Desk) -> None:
        before = desk.owner.files()
        assert desk.run("doctor") == 0, desk.owner.complained
        assert "relance can work with what is set up" in desk.owner.said
        assert desk.owner.files() == before
        assert desk.links == []

    def test_a_missing_permission_is_named_with_what_to_do(self, open_desk: Callable[..., Desk]) -> None:
        have = frozenset(
            {"rak_payment_link_write", "rak_checkout_session_write", "rak_payment_intent_read", "rak_dispute_read"}
        )
        desk = open_desk(keys={TEST_KEY: have})
        assert desk.run("doctor") == 3
        assert "give the key the permission Charges and Refunds: read" in desk.owner.said
        assert "rak_charge_read" in desk.owner.said
        assert desk.run("reconcile") == 3
        assert "rak_charge_read" in desk.owner.complained
        assert desk.rows() == []

    def test_an_account_in_another_currency(self, open_desk: Callable[..., Desk]) -> None:
        desk = open_desk(account=AccountSettings(country="GB", default_currency="gbp"))
        assert desk.run("doctor") == 0
        assert re.search(r"the account is kept in GBP and the ledger in EUR", desk.owner.said)

    def test_test_or_live_and_restricted_or_not_is_said(self, open_desk: Callable[..., Desk]) -> None:
        assert open_desk().run("doctor") == 0
        desk = open_desk(key="sk_test_AtelierSable0123")
        assert desk.run("doctor") == 0
        assert "a secret key, test" in desk.owner.said
        assert "restricted key can do less harm" in desk.owner.said

    def test_nobody_answers(self, desk: Desk) -> None:
        desk.at.sandbox.faults = lambda _: Fault.DROP_BEFORE
        assert desk.run("doctor") == 3
        assert "cannot be reached" in desk.owner.complained

"""A shop over some weeks, told by chance: its ledger changes, its clients pay, and the machine that runs relance breaks down.

Everything is real but the network and the clock: the owner's folder with its files, the commands' own functions, the
`stripe` library, and the sandbox in the place of Stripe.
"""

from __future__ import annotations

import csv
import random
from collections import Counter
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from unittest import mock
from zoneinfo import ZoneInfo

from generator.commands import links as links_command
from generator.commands import reconcile as reconcile_command
from generator.domain.ledger import Progress
from generator.domain.linkplan import LinkKind
from generator.domain.reminders import message_sent
from generator.errors import OutsideError
from generator.journal import append
from generator.sandbox import CARD, DEBIT, Fault, NotPossibleError, Sandbox
from generator.workspace import open_workspace
from tests.support.till import Killed, cashier_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from generator.domain.account import Account
    from generator.sandbox import Request
    from generator.stripe_links import Cashier
    from generator.workspace import Workspace

PARIS = ZoneInfo("Europe/Paris")
PORTAL = """
[seller]
name = "Atelier Sable"
email = "compta@atelier-sable.example"
contact = "Nora Sable"
iban = "FR7630006000011234567890189"
terms = "30"
[site]
url = "https://payer.atelier-sable.example"
[offers.discount]
percent = "5"
days = 6
[offers.plans]
counts = [2, 3]
minimum_debt = "300.00"
minimum_instalment = "50.00"
days = 8
[stripe]
ledger = "sable"
methods = ["card", "sepa_debit"]
deactivate_at_most_percent = 100
[reminders]
minimum_gap_days = 3
[[reminders.steps]]
name = "reminder-1"
days = 2
offers = ["discount"]
[[reminders.steps]]
name = "reminder-2"
days = 6
offers = ["discount", "plan"]
[[reminders.steps]]
name = "reminder-3"
days = 20
offers = ["plan"]
"""
CLIENTS = ("verdier", "kite", "lune")
FAULTS = tuple(Fault)
_SHARE_OF_FAULTS = 0.12


@dataclass
class Bill:
    """An invoice as its owner writes it."""

    number: str
    client: str
    issued: date
    total: str
    currency: str = "EUR"
    disputed_on: str = ""
    dispute_closed_on: str = ""
    credit_of: str = ""

    @property
    def row(self) -> list[str]:
        due = self.issued + timedelta(days=10)
        return [
            self.number, self.client, self.issued.isoformat(), due.isoformat(), self.total, self.currency,
            self.disputed_on, self.dispute_closed_on, self.credit_of,
        ]  # fmt: skip


@dataclass
class Story:
    """One seed."""

    folder: Path
    seed: int
    now: datetime = datetime(2026, 9, 7, 9, tzinfo=UTC)
    bills: list[Bill] = field(default_factory=list)
    transfers: list[list[str]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.sandbox = Sandbox(clock=lambda: self.now, record=False)
        self.folder.mkdir(parents=True)
        (self.folder / "portal.toml").write_text(PORTAL, encoding="utf-8")
        for _ in range(4):
            self._bill()
        self._write()

    @property
    def today(self) -> date:
        return self.now.astimezone(PARIS).date()

    def likely(self, share: float) -> bool:
        return self.chance.random() < share

    # What happens outside

    def days_pass(self) -> None:
        self.now += timedelta(days=self.chance.choice([0, 1, 2, 3, 5, 9]), hours=self.chance.randint(1, 5))

    def owner_works(self) -> None:
        """New invoices, transfers booked, credit notes, contestations."""
        for act in self.chance.choices([self._bill, self._transfer, self._credit, self._contest, self._by_hand], k=3):
            if self.likely(0.6):
                act()
        self._write()

    def clients_act(self, most: int = 6) -> None:
        """Clients open links, pay them by card or debit, now or later; banks clear, refuse and contest; the owner gives back."""
        acts: list[Callable[[], object]] = [
            self._open, self._open, self._pay, self._pay, self._pay_late, self._pay_late,
            self._clear, self._fail, self._refund, self._dispute, self._decide,
        ]  # fmt: skip
        for act in self.chance.choices(acts, k=self.chance.randint(0, most)):
            with suppress(NotPossibleError):
                act()

    def _bill(self) -> None:
        amount = f"{self.chance.choice([40, 120, 300, 480, 1000])}.{self.chance.choice(['00', '33'])}"
        currency = "GBP" if self.likely(0.15) else "EUR"
        issued = self.today - timedelta(days=self.chance.randint(0, 20))
        self.bills.append(Bill(f"F-{len(self.bills) + 1}", self.chance.choice(CLIENTS), issued, amount, currency))

    def _transfer(self) -> None:
        bill = self._some_bill()
        if bill is not None:
            amount = self.chance.choice([bill.total, "10.00", "25.50"])
            named = bill.number if self.likely(0.7) else ""
            self.transfers.append([self.today.isoformat(), bill.client, amount, named, bill.currency, ""])

    def _credit(self) -> None:
        bill = self._some_bill()
        if bill is not None and not any(other.credit_of == bill.number for other in self.bills):
            number = f"A-{len(self.bills) + 1}"
            self.bills.append(Bill(number, bill.client, self.today, "-15.00", bill.currency, credit_of=bill.number))

    def _contest(self) -> None:
        bill = self._some_bill()
        if bill is None:
            return
        if bill.disputed_on:
            bill.dispute_closed_on = self.today.isoformat()
        else:
            bill.disputed_on = self.today.isoformat()

    def _by_hand(self) -> None:
        """The owner books what the bank shows of a payment through a link, with its id at Stripe."""
        charges = [charge for charge in self.sandbox.store.charges if charge.status == "succeeded"]
        told = " ".join(row[-1] for row in self.transfers)
        charge = self.chance.choice(charges) if charges else None
        if charge is None or charge.intent in told:
            return
        session = self.sandbox.store.sessions[self.sandbox.store.intents[charge.intent].session]
        client = next(
            (bill.client for bill in self.bills if bill.number in session.metadata.get("relance_invoices", "")), ""
        )
        if client:
            amount = f"{charge.amount // 100}.{charge.amount % 100:02d}"
            row = [self.today.isoformat(), client, amount, "", charge.currency.upper(), f"Stripe {charge.intent}"]
            self.transfers.append(row)

    def _some_bill(self) -> Bill | None:
        bills = [bill for bill in self.bills if not bill.credit_of]
        return self.chance.choice(bills) if bills else None

    def _open(self) -> None:
        self.sandbox.open_session(self._one([link.id for link in self.sandbox.store.links]))

    def _pay(self) -> None:
        usable = [link.id for link in self.sandbox.store.links if link.active and not link.used_up]
        self._paid(self.sandbox.open_session(self._one(usable)))

    def _pay_late(self) -> None:
        """A checkout that was opened earlier, whatever became of its link."""
        self.sandbox.payments.lapse(self.sandbox.now)
        self._paid(self._one([session.id for session in self.sandbox.store.sessions if session.status == "open"]))

    def _paid(self, session: str) -> None:
        methods = self.sandbox.store.sessions[session].methods
        self.sandbox.pay_session(session, method=DEBIT if DEBIT in methods and self.likely(0.4) else CARD)
        self.counts["payments"] += 1

    def _charges(self, status: str) -> list[str]:
        return [charge.id for charge in self.sandbox.store.charges if charge.status == status]

    def _one(self, identifiers: list[str]) -> str:
        if not identifiers:
            raise NotPossibleError
        return self.chance.choice(identifiers)

    def _clear(self) -> None:
        self.sandbox.clear(self._one(self._charges("pending")))

    def _fail(self) -> None:
        self.sandbox.fail(self._one(self._charges("pending")))
        self.counts["debits that failed"] += 1

    def _refund(self) -> None:
        self.sandbox.refund(self._one(self._charges("succeeded")), self.chance.choice([None, 100, 1500]))
        self.counts["refunds"] += 1

    def _dispute(self) -> None:
        self.sandbox.dispute(self._one(self._charges("succeeded")))
        self.counts["disputes"] += 1

    def _decide(self) -> None:
        open_ones = [dispute.id for dispute in self.sandbox.store.disputes if dispute.status == "needs_response"]
        self.sandbox.close_dispute(self._one(open_ones), won=self.likely(0.5))

    def _write(self) -> None:
        rows = [bill.row for bill in self.bills]
        head = [
            "number",
            "client",
            "issued",
            "due",
            "total",
            "currency",
            "disputed_on",
            "dispute_closed_on",
            "credit_of",
        ]
        self._csv("invoices", head, rows)
        clients = [[name, name.title(), f"{name}@client.example", "business"] for name in CLIENTS]
        self._csv("clients", ["id", "name", "email", "kind"], clients)
        self._csv("payments", ["date", "client", "amount", "invoice", "currency", "reference"], self.transfers)

    def _csv(self, name: str, head: list[str], rows: list[list[str]]) -> None:
        path = self.folder / "ledger" / f"{name}.csv"
        path.parent.mkdir(exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, delimiter=";").writerows([head, *rows])

    # A run of relance

    def run(self) -> None:
        """Reconcile, links, and the messages of the day sent: as CI does every morning, on a good day."""
        with self.cashier(self._watched(lambda _: None)) as cashier:
            self._steps(cashier)

    def cashier(self, faults: Callable[[Request], Fault | None]) -> Cashier:
        """Stripe, as far as this machine reaches it."""
        return cashier_of(self.sandbox, faults)

    def run_badly(self) -> None:
        """The same while requests fail, clients pay in the middle of it, and the machine may be switched off at any moment."""
        at_request = self.chance.randint(1, 40)  # many runs end before
        self.counts["bad runs"] += 1

        def wrong(_: Request) -> Fault | None:
            nonlocal at_request
            at_request -= 1
            if at_request == 0:
                self.counts["killed in a request"] += 1
                if self.likely(0.5):  # before Stripe has it, or after
                    raise Killed
                self.killed_after_answer(cashier)
            if self.likely(0.05):
                self.clients_act(1)
            if self.likely(_SHARE_OF_FAULTS):
                self.counts["faults"] += 1
                return self.chance.choice(FAULTS)
            return None

        with self.cashier(self._watched(wrong)) as cashier, self._weak_disk():
            try:
                self._steps(cashier)
            except OutsideError:
                self.counts["ended with exit status 3"] += 1
            except Killed:
                self.counts["killed"] += 1

    @staticmethod
    def killed_after_answer(cashier: Cashier) -> None:
        """This request is the last one: Stripe does it, and nobody hears of it."""
        cashier._http.dead = True  # type: ignore[attr-defined]

    def _steps(self, cashier: Cashier) -> None:
        workspace = open_workspace(self.folder)
        reconcile_command.bring_in(workspace, self.today, self.now, cashier)
        workspace = open_workspace(self.folder)
        if links_command.synchronise(workspace, self.today, self.now, cashier, force=False).errors:
            raise OutsideError("some accounts could not be brought up to date")
        workspace = open_workspace(self.folder)
        accounts = workspace.decide(self.today).accounts
        steps = workspace.settings.policy.reminders.steps
        sent = [message for account in accounts if (message := message_sent(account, steps)) is not None]
        append(self.folder / "journal", list(dict.fromkeys(sent)), self.now)

    def _watched(self, faults: Callable[[Request], Fault | None]) -> Callable[[Request], Fault | None]:
        """Before each request nothing is payable twice."""

        def watched(request: Request) -> Fault | None:
            self.counts["requests"] += 1
            self.counts["changes"] += request.method == "POST"
            self.no_two_links_for_one_key()
            return faults(request)

        return watched

    def _weak_disk(self) -> ExitStack:
        """Each write of a file may be the last thing that is done, or the first that is not."""
        stack = ExitStack()
        for module, name in (
            (reconcile_command, "append_disputes"),
            (reconcile_command, "append_takings"),
            (reconcile_command, "append"),
            (links_command, "append"),
        ):
            stack.enter_context(mock.patch.object(module, name, self._fragile(getattr(module, name))))
        return stack

    def _fragile(self, write: Callable[..., object]) -> Callable[..., object]:
        def fragile(*arguments: object) -> object:
            for moment in ("before", "after"):
                if self.likely(0.04):
                    self.counts[f"killed {moment} a write"] += 1
                    raise Killed
                if moment == "before":
                    result = write(*arguments)
            return result

        return fragile

    # What must hold

    def no_two_links_for_one_key(self) -> None:
        active = Counter(
            link.metadata["relance_key"]
            for link in self.sandbox.store.links
            if link.active and not link.used_up and link.metadata.get("relance_ledger") == "sable"
        )
        assert not active or max(active.values()) == 1, f"seed {self.seed}: two active links for one way to pay"

    def opened(self) -> tuple[Workspace, tuple[Account, ...]]:
        workspace = open_workspace(self.folder)
        return workspace, workspace.decide(self.today).accounts

    def exactly_the_wanted_links_are_active(self) -> None:
        _, accounts = self.opened()
        wanted = sorted(
            (link.key, link.amount.minor, link.amount.currency.lower()) for found in accounts for link in found.wanted
        )
        active = [
            link for link in self.sandbox.store.links if link.active and link.metadata.get("relance_ledger") == "sable"
        ]
        assert sorted((link.metadata["relance_key"], link.total, link.currency) for link in active) == wanted, self.seed
        recorded = {key: url for found in accounts for key, url in found.links.items()}
        assert recorded == {link.metadata["relance_key"]: f"{self.sandbox.address}/pay/{link.id}" for link in active}
        open_pages = {session.link for session in self.sandbox.store.sessions if session.status == "open"}
        assert open_pages <= {link.id for link in active}, "what is superseded cannot be paid on a page opened before"

    def links_ask_what_the_accounts_ask(self) -> None:
        """Said in another way than the plan says it: by what each page shows."""
        _, accounts = self.opened()
        for account in accounts:
            by_kind: dict[str, set[int]] = {}
            for link in account.wanted:
                by_kind.setdefault(link.kind, set()).add(link.amount.minor)
            shown = {item.open.minor for item in account.payable} | {account.totals.to_pay.minor}
            assert by_kind.get(LinkKind.INVOICE, set()) <= shown
            assert by_kind.get(LinkKind.FULL, set()) <= {account.totals.to_pay.minor}

    def every_payment_is_booked_once(self) -> None:
        path = self.folder / "ledger" / "relance" / "payments.csv"
        text = path.read_text(encoding="utf-8-sig") if path.exists() else ""
        rows = list(csv.DictReader(text.splitlines(), delimiter=";"))
        told = Counter((row["stripe"].split()[0], row["status"]) for row in rows)
        assert not told or max(told.values()) == 1, f"seed {self.seed}: a row twice"
        ledger = open_workspace(self.folder).ledger
        booked = {taking.id: (taking.progress, taking.payment.amount.minor) for taking in ledger.takings}
        moved = {
            name: end for name, end in self._moved() if end[0] is not Progress.CANCELLED or name in booked
        }  # a dispute that was won before anybody read of it is nothing
        assert booked == moved, f"seed {self.seed}: lost or invented"
        counted = sum(payment.amount.minor for payment in ledger.payments if payment.stripe)
        there = sum(minor for _, (progress, minor) in self._moved() if progress is Progress.PAID)
        assert counted == there, f"seed {self.seed}: the owner's books and Stripe's differ"

    def _moved(self) -> Iterator[tuple[str, tuple[Progress, int]]]:
        """All money that moved, as Stripe knows it: by id, how far it came and how much it is."""
        store = self.sandbox.store
        progress = {"succeeded": Progress.PAID, "pending": Progress.IN_FLIGHT, "failed": Progress.FAILED}
        for session in store.sessions:
            if session.status == "complete":
                charge = self.sandbox.charge_of(session.id)
                yield charge.intent, (progress[charge.status], charge.amount)
        for refund in store.refunds:
            yield refund.id, (Progress.PAID, -refund.amount)
        for dispute in store.disputes:
            yield dispute.id, (Progress.CANCELLED if dispute.status == "won" else Progress.PAID, -dispute.amount)

    def state(self) -> tuple[Any, ...]:
        """All that a run could change."""
        files = {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file()
        }
        links = [(link.id, link.active) for link in self.sandbox.store.links]
        return files, links

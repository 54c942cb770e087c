"""What relance says to Stripe and what it makes of the answers, good and bad; the real library over a socket of this machine."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import stripe

from generator import stripe_links
from generator.domain.ledger import Progress
from generator.domain.linkplan import LinkKind, Wanted
from generator.domain.money import Money
from generator.domain.reconciliation import Why
from generator.errors import OutsideError
from generator.link_words import LinkWords
from generator.sandbox import DEBIT, EVERYTHING, AccountSettings, Fault, Request
from generator.stripe_links import Cashier
from tests.support.sandbox import KEY, LOOPBACK, Running, running
from tests.support.till import InProcess, unanswered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

pytestmark = LOOPBACK

WORDS = LinkWords("Facture F-1", "", "", "Ce lien n’est plus actif. Écrivez à Nora Sable.")
WANTED = Wanted(
    key="K2", kind=LinkKind.INVOICE, client="brun", account="A2", language="fr", amount=Money(120_000, "EUR"),
    invoices=("F-1",), reference="F-1", return_url="https://payer.atelier-sable.example/p/k/#paid",
    methods=("card", "sepa_debit"), fingerprint="f1",
)  # fmt: skip


def wanting(minor: int = 120_000, currency: str = "EUR", **changes: Any) -> Wanted:
    methods = ("card", "sepa_debit") if currency == "EUR" else ("card",)
    amount = Money(minor, currency)
    return replace(WANTED, amount=amount, methods=methods, fingerprint=f"f{minor}{currency}", **changes)


@dataclass
class Shop:
    """A sandbox, a cashier of it, and what was waited for."""

    at: Running
    cashier: Cashier
    waited: list[float]

    def make(self, wanted: Wanted = WANTED, generation: int = 1) -> str:
        return self.cashier.create(wanted, WORDS, generation).id

    def asked(self, method: str = "", part: str = "") -> int:
        """How many requests of this kind were made."""
        requests = [exchange.request for exchange in self.at.sandbox.log]
        return sum((not method or request.method == method) and part in request.path for request in requests)

    @property
    def links(self) -> list[Any]:
        return list(self.at.sandbox.store.links)


@contextmanager
def shop(*, ledger: str = "sable", key: str = KEY, timeout: float = 5, **settings: Any) -> Iterator[Shop]:
    waited: list[float] = []
    with (
        running(**settings) as at,
        Cashier(key, ledger, base=at.url, rate=1e6, timeout=timeout, sleep=waited.append) as cashier,
    ):
        yield Shop(at, cashier, waited)


@pytest.fixture
def open_shop() -> Iterator[Shop]:
    with shop() as each:
        yield each


def faults(*in_order: Fault | None, method: str = "POST") -> Callable[[Request], Fault | None]:
    """These faults for the next requests of this method, then none."""
    left = list(in_order)
    return lambda request: left.pop(0) if left and request.method == method else None


class TestALink:
    def test_it_is_for_one_amount_and_can_be_paid_once(self, open_shop: Shop) -> None:
        open_shop.make()
        (link,) = open_shop.links
        assert (link.total, link.currency, link.limit) == (120_000, "eur", 1)
        assert link.methods == ["card", "sepa_debit"]
        assert link.lines[0].name == "Facture F-1"

    def test_it_leads_back_to_the_page_and_says_whom_to_write_to_once_it_is_closed(self, open_shop: Shop) -> None:
        open_shop.make()
        (link,) = open_shop.links
        assert link.redirect == "https://payer.atelier-sable.example/p/k/#paid"
        assert "Nora Sable" in link.inactive_message

    def test_it_is_known_again_by_notes_that_name_nobody_on_the_link_and_on_its_payment(self, open_shop: Shop) -> None:
        open_shop.make()
        (link,) = open_shop.links
        assert link.metadata == link.intent_data["metadata"]
        assert link.metadata["relance_ledger"] == "sable"
        assert "brun" not in str(link)
        assert all(name.startswith("relance_") and len(text) <= 500 for name, text in link.metadata.items())

    @pytest.mark.parametrize("count", [1, 40, 400])
    def test_every_invoice_that_it_pays_is_noted(self, open_shop: Shop, count: int) -> None:
        numbers = tuple(f"F-2026-{number:05d}" for number in range(count))
        link = open_shop.make(replace(WANTED, invoices=numbers))
        assert len(open_shop.links[0].metadata) <= 50
        (seen,) = open_shop.cashier.links()
        assert seen.invoices == frozenset(numbers)
        open_shop.at.sandbox.dispute(open_shop.at.sandbox.pay(link))
        (back,) = open_shop.cashier.returned(None)
        assert back.invoices == numbers  # each of them is disputed then

    def test_too_many_to_note_are_not_noted_in_part(self, open_shop: Shop) -> None:
        open_shop.make(replace(WANTED, invoices=tuple(f"F-2026-{number:06d}" for number in range(2500))))
        (seen,) = open_shop.cashier.links()
        assert seen.invoices == frozenset()  # not known: a payment of it may be for anything of the account

    def test_what_is_listed_is_what_was_made(self, open_shop: Shop) -> None:
        made = open_shop.cashier.create(WANTED, WORDS, 1)
        (seen,) = open_shop.cashier.links()
        assert seen == made
        assert (seen.key, seen.fingerprint, seen.generation, seen.account) == ("K2", "f1", 1, "A2")
        assert (seen.amount, seen.invoices, seen.active, seen.used) == (WANTED.amount, frozenset({"F-1"}), True, False)

    def test_once_paid_it_is_used(self, open_shop: Shop) -> None:
        open_shop.at.sandbox.pay(open_shop.make())
        (seen,) = open_shop.cashier.links()
        assert seen.used

    def test_so_it_is_while_a_debit_is_under_way(self, open_shop: Shop) -> None:
        open_shop.at.sandbox.pay(open_shop.make(), method=DEBIT)
        (seen,) = open_shop.cashier.links()
        assert seen.used

    @pytest.mark.parametrize(
        ("minor", "currency", "units"),
        [
            (5000, "JPY", 5000),
            (1230, "KWD", 1230),
            (2500, "ISK", 250_000),
            (1_200_000, "MGA", 12_000),
            (999, "GBP", 999),
        ],
    )
    def test_currencies_without_decimals_or_with_three(
        self, open_shop: Shop, minor: int, currency: str, units: int
    ) -> None:
        open_shop.make(wanting(minor, currency))
        assert open_shop.links[0].total == units
        (seen,) = open_shop.cashier.links()
        assert seen.amount == Money(minor, currency)
        open_shop.at.sandbox.pay(seen.id)
        (receipt,) = open_shop.cashier.receipts(None)
        assert receipt.amount == Money(minor, currency)

    def test_less_than_stripe_takes_is_refused_for_good_with_its_reason(self, open_shop: Shop) -> None:
        with pytest.raises(OutsideError, match="at least"):
            open_shop.make(wanting(49))
        assert open_shop.asked("POST") == 1
        assert open_shop.links == []

    def test_a_list_longer_than_a_page(self, open_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(stripe_links, "_PAGE", 2)
        for number in range(5):
            open_shop.at.create(metadata={"relance_ledger": "sable", "relance_key": f"k{number}"})
        assert [seen.key for seen in open_shop.cashier.links()] == ["k4", "k3", "k2", "k1", "k0"]
        assert open_shop.asked("GET", "/v1/payment_links") == 3


class TestOfSomethingElse:
    def test_links_of_another_ledger_or_of_nobody_are_counted_and_left_alone(self, open_shop: Shop) -> None:
        open_shop.at.create(metadata={"relance_ledger": "other", "relance_key": "K2"})
        open_shop.at.create()
        open_shop.make()
        assert len(list(open_shop.cashier.links())) == 1
        assert open_shop.cashier.foreign == 2

    def test_so_is_their_money(self, open_shop: Shop) -> None:
        notes: Any = {"relance_ledger": "other"}
        paid = open_shop.at.sandbox.pay(open_shop.at.create(metadata=notes, payment_intent_data={"metadata": notes}).id)
        open_shop.at.sandbox.refund(paid, 100)
        open_shop.at.sandbox.dispute(paid)
        assert list(open_shop.cashier.receipts(None)) == []
        assert list(open_shop.cashier.returned(None)) == []

    def test_so_are_their_open_checkouts(self, open_shop: Shop) -> None:
        theirs = open_shop.at.sandbox.open_session(open_shop.at.create(metadata={"relance_ledger": "other"}).id)
        ours = open_shop.at.sandbox.open_session(open_shop.make())
        assert open_shop.cashier.close_checkouts(set())
        sessions = open_shop.at.sandbox.store.sessions
        assert (sessions[theirs].status, sessions[ours].status) == ("open", "expired")

    @pytest.mark.parametrize(
        "notes",
        [
            {"relance_ledger": "sable"},
            {"relance_ledger": "sable", "relance_generation": "many", "relance_key": "", "relance_invoices": "; ; "},
        ],
    )
    def test_notes_edited_by_hand_break_nothing(self, open_shop: Shop, notes: dict[str, str]) -> None:
        open_shop.at.create(metadata=notes)
        (seen,) = open_shop.cashier.links()
        assert (seen.generation, seen.invoices) == (0, frozenset())

    def test_a_link_with_two_lines_or_several_pieces_or_no_limit_is_for_no_single_amount(self, open_shop: Shop) -> None:
        ours: Any = {"metadata": {"relance_ledger": "sable"}}
        price: Any = {"currency": "eur", "unit_amount": 500, "product_data": {"name": "x"}}
        one: Any = {"price_data": price, "quantity": 1}
        open_shop.at.create(line_items=[one, one], **ours)
        open_shop.at.create(line_items=[{**one, "quantity": 2}], **ours)
        open_shop.at.create(restrictions={"completed_sessions": {"limit": 5}}, **ours)
        free: Any = {"line_items": [one], **ours}
        open_shop.at.client.v1.payment_links.create(free)
        assert [seen.amount for seen in open_shop.cashier.links()] == [None] * 4


class TestTakenDown:
    def test_its_open_checkouts_end_with_it(self, open_shop: Shop) -> None:
        link = open_shop.make()
        sessions = [open_shop.at.sandbox.open_session(link) for _ in range(3)]
        assert open_shop.cashier.deactivate(link)
        assert {open_shop.at.sandbox.store.sessions[each].status for each in sessions} == {"expired"}
        assert not open_shop.links[0].active

    def test_one_that_was_paid_says_so(self, open_shop: Shop) -> None:
        link = open_shop.make()
        open_shop.at.sandbox.pay(link)
        assert not open_shop.cashier.deactivate(link)

    @pytest.mark.parametrize("moment", [1, 2, 3])
    def test_one_that_is_paid_at_any_moment_of_it_says_so_or_can_be_paid_no_more(
        self, open_shop: Shop, moment: int
    ) -> None:
        link = open_shop.make()
        session = open_shop.at.sandbox.open_session(link)
        count = Counter[str]()

        def pays(_: Request) -> None:
            count["requests"] += 1
            if count["requests"] == moment:
                open_shop.at.sandbox.pay_session(session)

        open_shop.at.sandbox.faults = pays
        assert not open_shop.cashier.deactivate(link)
        assert open_shop.at.sandbox.store.sessions[session].status == "complete"

    def test_twice_is_as_once(self, open_shop: Shop) -> None:
        link = open_shop.make()
        assert open_shop.cashier.deactivate(link)
        assert open_shop.cashier.deactivate(link)

    def test_checkouts_left_open_by_a_run_that_was_killed_are_ended_by_the_next(self, open_shop: Shop) -> None:
        superseded, right = open_shop.make(), open_shop.make(generation=2)
        left, kept = open_shop.at.sandbox.open_session(superseded), open_shop.at.sandbox.open_session(right)
        open_shop.at.client.v1.payment_links.update(superseded, {"active": False})
        assert open_shop.cashier.close_checkouts({right})
        sessions = open_shop.at.sandbox.store.sessions
        assert (sessions[left].status, sessions[kept].status) == ("expired", "open")

    def test_and_one_that_is_paid_at_that_moment_is_told(self, open_shop: Shop) -> None:
        session = open_shop.at.sandbox.open_session(open_shop.make())
        pays = [lambda: open_shop.at.sandbox.pay_session(session)]

        def at_the_second(request: Request) -> None:
            if request.path.endswith("/expire"):
                pays.pop()()

        open_shop.at.sandbox.faults = at_the_second
        assert not open_shop.cashier.close_checkouts(set())

    def test_put_up_again_it_can_be_paid_at_its_old_address(self, open_shop: Shop) -> None:
        made = open_shop.cashier.create(WANTED, WORDS, 1)
        open_shop.cashier.deactivate(made.id)
        again = open_shop.cashier.activate(made.id)
        assert again.active
        assert again.url == made.url


class TestTrouble:
    @pytest.mark.parametrize(
        "trouble",
        [
            [Fault.DROP_BEFORE],
            [Fault.DROP_AFTER],
            [Fault.RATE_LIMITED],
            [Fault.ERROR_500],
            [Fault.SAVED_500],
            [Fault.SAVED_500_ACTED],
            [Fault.SAVED_500, Fault.SAVED_500],
            [Fault.SAVED_500_ACTED, Fault.SAVED_500],
            [Fault.DROP_AFTER, Fault.SAVED_500],
            [Fault.RATE_LIMITED, Fault.DROP_BEFORE, Fault.ERROR_500, Fault.DROP_AFTER],
        ],
        ids="+".join,
    )
    def test_a_link_is_made_exactly_once_whatever_goes_wrong(self, open_shop: Shop, trouble: list[Fault]) -> None:
        open_shop.at.sandbox.faults = faults(*trouble)
        made = open_shop.make()
        assert [link.id for link in open_shop.links] == [made]

    def test_an_answer_that_comes_too_late(self) -> None:
        with shop(timeout=0.2) as each:
            each.at.sandbox.timeout = 0.4
            each.at.sandbox.faults = faults(Fault.TIMEOUT)
            each.cashier.throttle.sleep = lambda seconds: time.sleep(min(seconds, 0.2))
            made = each.make()
            assert [link.id for link in each.links] == [made]

    def test_the_first_try_that_is_still_at_work_is_waited_for_and_not_repeated(self, open_shop: Shop) -> None:
        """Stripe has the request and works at it; nobody waited for the answer; then it says that the key is in use."""
        sandbox = open_shop.at.sandbox
        kept: list[str] = []
        in_use = '{"error":{"type":"idempotency_error","code":"idempotency_key_in_use","message":"in progress"}}'

        class Busy(InProcess):
            def request(
                self, method: str, url: str, headers: Any, post_data: Any = None, *, _usage: Any = None
            ) -> tuple[str, int, Mapping[str, str]]:
                if method == "post" and len(kept) < 3:
                    kept.append(url)
                    if len(kept) == 1:
                        raise unanswered()
                    return in_use, 409, {}
                return super().request(method, url, headers, post_data)

        with Cashier(KEY, "sable", rate=1e6, sleep=lambda _: None, transport=Busy(sandbox)) as cashier:
            cashier.create(WANTED, WORDS, 1)
        (saved,) = sandbox.store.saved
        assert saved == "relance-sable-K2-f1-1"  # the first key, not a second one beside a link that is being made

    def test_the_pause_that_stripe_asks_for_is_kept(self, open_shop: Shop) -> None:
        open_shop.at.sandbox.faults = faults(Fault.RATE_LIMITED, method="GET")
        list(open_shop.cashier.links())
        assert max(open_shop.waited) > 0.9  # Retry-After: 1

    def test_what_does_not_end_is_given_up_and_said(self, open_shop: Shop) -> None:
        open_shop.at.sandbox.faults = lambda _: Fault.DROP_BEFORE
        with pytest.raises(OutsideError, match="cannot be reached"):
            list(open_shop.cashier.links())
        open_shop.at.sandbox.faults = lambda _: Fault.ERROR_500
        with pytest.raises(OutsideError, match="500"):
            open_shop.cashier.deactivate("plink_x")
        open_shop.at.sandbox.faults = lambda _: Fault.RATE_LIMITED
        with pytest.raises(OutsideError, match="too often"):
            list(open_shop.cashier.receipts(None))
        assert sum(open_shop.waited) < 120
        assert len(open_shop.at.sandbox.log) <= 3 * 6

    def test_a_wrong_key_is_said_at_once_and_never_repeated(self) -> None:
        with shop(key="sk_test_wrong", keys={KEY: EVERYTHING}) as each:
            with pytest.raises(OutsideError, match="STRIPE_API_KEY") as refused:
                list(each.cashier.links())
            assert len(each.at.sandbox.log) == 1
            assert "wrong" not in str(refused.value)

    @pytest.mark.parametrize(
        ("permission", "missing"),
        [
            ("rak_payment_link_read", "Payment Links: read"),
            ("rak_payment_link_write", "Payment Links: write"),
            ("rak_checkout_session_read", "Checkout Sessions: read"),
            ("rak_checkout_session_write", "Checkout Sessions: write"),
            ("rak_payment_intent_read", "PaymentIntents: read"),
            ("rak_charge_read", "Charges and Refunds: read"),
            ("rak_dispute_read", "Disputes: read"),
        ],
    )
    def test_a_key_without_a_permission_names_it(self, permission: str, missing: str) -> None:
        needed = {
            "rak_payment_link_read", "rak_payment_link_write", "rak_checkout_session_read", "rak_checkout_session_write",
            "rak_payment_intent_read", "rak_charge_read", "rak_dispute_read",
        }  # fmt: skip
        family = permission.removesuffix("_read")  # writing includes reading
        have = needed - {permission} - ({f"{family}_write"} if permission.endswith("_read") else set())
        with shop(keys={KEY: frozenset(have)}) as each:
            found = each.cashier.permissions()
            assert missing in {name for name, reason in found.items() if reason}
            assert permission in found[missing]
            also = {missing, missing.replace("read", "write")}
            if missing == "Checkout Sessions: read":  # fees are read through the checkouts
                also.add("Balance transaction sources: read")
            assert {name for name, reason in found.items() if reason} <= also
        with shop(keys={KEY: frozenset(needed)}) as each:
            assert not any(each.cashier.permissions().values())
            assert each.cashier.owner() is None  # it may not read the account, and need not
            assert each.links == []

    def test_whose_account_it_is(self) -> None:
        with shop(account=AccountSettings(country="US", default_currency="usd")) as each:
            owner = each.cashier.owner()
            assert owner is not None
            assert (owner.country, owner.currency) == ("US", "USD")


class TestMoney:
    def paid(self, at: Shop, **how: Any) -> str:
        return at.at.sandbox.pay(at.make(), **how)

    def test_a_card_payment(self, open_shop: Shop) -> None:
        session = self.paid(open_shop)
        (receipt,) = open_shop.cashier.receipts(None)
        charge = open_shop.at.sandbox.charge_of(session)
        assert receipt.ids == (charge.intent, charge.id, session)
        assert (receipt.progress, receipt.amount, receipt.method) == (Progress.PAID, WANTED.amount, "card")
        assert (receipt.account, receipt.reference) == ("A2", "F-1")
        assert receipt.link == open_shop.links[0].id
        assert receipt.fee == "18.25 EUR"
        assert receipt.at == open_shop.at.clock.at

    def test_a_debit_and_what_becomes_of_it(self, open_shop: Shop) -> None:
        session = self.paid(open_shop, method=DEBIT)
        ordered = open_shop.at.clock.at
        (receipt,) = open_shop.cashier.receipts(None)
        assert (receipt.progress, receipt.method, receipt.at) == (Progress.IN_FLIGHT, "sepa_debit", ordered)
        open_shop.at.clock.pass_(days=6)
        open_shop.at.sandbox.clear(session)
        (after,) = open_shop.cashier.receipts(None)
        assert (after.progress, after.at, after.ids) == (Progress.PAID, ordered, receipt.ids)

    def test_a_debit_that_fails(self, open_shop: Shop) -> None:
        open_shop.at.sandbox.fail(self.paid(open_shop, method=DEBIT))
        (receipt,) = open_shop.cashier.receipts(None)
        assert receipt.progress is Progress.FAILED

    def test_a_card_that_is_refused_and_then_another_one_is_one_payment(self, open_shop: Shop) -> None:
        session = open_shop.at.sandbox.open_session(open_shop.make())
        open_shop.at.sandbox.refuse(session)
        assert list(open_shop.cashier.receipts(None)) == []
        open_shop.at.sandbox.pay_session(session)
        (receipt,) = open_shop.cashier.receipts(None)
        assert receipt.progress is Progress.PAID

    def test_a_page_that_was_opened_and_left_is_nothing(self, open_shop: Shop) -> None:
        open_shop.at.sandbox.open_session(open_shop.make())
        assert list(open_shop.cashier.receipts(None)) == []

    def test_a_session_paid_after_its_link_was_taken_down_is_a_payment(self, open_shop: Shop) -> None:
        link = open_shop.make()
        session = open_shop.at.sandbox.open_session(link)
        open_shop.at.client.v1.payment_links.update(link, {"active": False})
        open_shop.at.sandbox.pay_session(session)
        assert [receipt.link for receipt in open_shop.cashier.receipts(None)] == [link]

    def test_only_what_was_begun_since_then_is_read(self, open_shop: Shop) -> None:
        self.paid(open_shop)
        open_shop.at.clock.pass_(days=10)
        later = open_shop.at.clock.at
        open_shop.at.sandbox.pay(open_shop.make(generation=2))
        assert len(list(open_shop.cashier.receipts(later))) == 1
        assert len(list(open_shop.cashier.receipts(later - timedelta(days=11)))) == 2
        assert len(list(open_shop.cashier.receipts(None))) == 2

    def test_refunds_in_part_and_in_full(self, open_shop: Shop) -> None:
        session = self.paid(open_shop)
        intent = open_shop.at.sandbox.charge_of(session).intent
        part, rest = open_shop.at.sandbox.refund(session, 20_000), open_shop.at.sandbox.refund(session)
        found = {back.id: back for back in open_shop.cashier.returned(None)}
        assert found.keys() == {part.id, rest.id}
        assert [str(found[each.id].amount) for each in (part, rest)] == ["200.00", "1000.00"]
        assert {(back.of, back.why, back.progress) for back in found.values()} == {(intent, Why.REFUND, Progress.PAID)}
        assert found[part.id].invoices == ("F-1",)

    @pytest.mark.parametrize(
        ("won", "progress"), [(None, Progress.PAID), (False, Progress.PAID), (True, Progress.CANCELLED)]
    )
    def test_a_dispute_takes_the_money_unless_it_was_won(
        self,
        open_shop: Shop,
        won: bool | None,  # noqa: FBT001
        progress: Progress,
    ) -> None:
        session = self.paid(open_shop)
        dispute = open_shop.at.sandbox.dispute(session)
        if won is not None:
            open_shop.at.sandbox.close_dispute(dispute.id, won=won)
        (back,) = open_shop.cashier.returned(None)
        assert (back.id, back.why, back.amount, back.progress) == (dispute.id, Why.DISPUTE, WANTED.amount, progress)
        assert back.invoices == ("F-1",)

    def test_disputes_last_longer_than_refunds_and_are_read_for_longer(self, open_shop: Shop) -> None:
        session = self.paid(open_shop)
        open_shop.at.sandbox.refund(session, 100)
        dispute = open_shop.at.sandbox.dispute(session)
        open_shop.at.clock.pass_(days=90)
        now = open_shop.at.clock.at
        found = open_shop.cashier.returned(now - timedelta(days=30), now - timedelta(days=365))
        assert [back.id for back in found] == [dispute.id]


class TestRequests:
    def test_no_address_holds_anything_of_the_client(self, open_shop: Shop) -> None:
        link = open_shop.make()
        open_shop.cashier.deactivate(link)
        list(open_shop.cashier.links())
        list(open_shop.cashier.receipts(None))
        list(open_shop.cashier.returned(None))
        said = " ".join(exchange.request.target + exchange.request.form for exchange in open_shop.at.sandbox.log)
        assert "brun" not in said
        assert "%40" not in said  # no address of anybody
        assert "email" not in said

    def test_nothing_is_told_about_this_machine(self, open_shop: Shop) -> None:
        list(open_shop.cashier.links())
        (exchange,) = open_shop.at.sandbox.log
        assert not stripe.enable_telemetry
        assert "x-stripe-client-telemetry" not in exchange.request.headers

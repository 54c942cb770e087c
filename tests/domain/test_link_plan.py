"""Which payment links an account calls for, and what is done about those that exist so that exactly these are active."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.domain.linkplan import (
    Action,
    LinkKind,
    LinkPlan,
    Seen,
    Step,
    Wanted,
    account_fingerprint,
    pay_url,
    plan,
    wanted_links,
)
from generator.domain.memory import LinksSeen
from generator.domain.money import Money
from generator.domain.policy import LinkPolicy
from tests.support.reading import DISCOUNTING
from tests.support.world import World, world

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random

    from generator.domain.account import Account
    from generator.domain.policy import Policy

LINKS = LinkPolicy("sable", "https://payer.atelier-sable.example", "Nora Sable", ("card", "sepa_debit"))
WITH_LINKS = replace(DISCOUNTING, links=LINKS)
LATE = """
    invoice F-1 2026-10-02 due 2026-11-02 1000.00
    sent 2026-11-09 reminder-1 F-1
"""


def linked(text: str, policy: Policy = WITH_LINKS) -> World:
    return world(text, policy)


def ways(made: World, today: str, currency: str = "EUR") -> list[str]:
    """What each link is for and how much it asks: `full 1000.00`."""
    return sorted(f"{link.kind} {link.amount}" for link in made.on(today, currency).wanted)


def wanted(made: World, today: str, currency: str = "EUR") -> dict[str, Wanted]:
    """The links of the account, by what they are for and their invoices."""
    return {f"{link.kind} {' '.join(link.invoices)}".strip(): link for link in made.on(today, currency).wanted}


class TestWhatIsWanted:
    def test_one_late_invoice_has_one_link(self) -> None:
        made = linked("invoice F-1 2026-10-02 due 2026-11-02 1000.00")
        assert ways(made, "2026-11-06") == ["invoice 1000.00"]  # to pay all that is asked is to pay this invoice

    def test_several_late_invoices_have_one_each_and_one_for_all(self) -> None:
        made = linked(
            """
            invoice F-1 2026-10-02 due 2026-11-02 1000.00
            invoice F-2 2026-10-02 due 2026-11-03 200.00
            invoice F-3 2026-11-02 due 2026-12-02 30.00
            """
        )
        assert ways(made, "2026-11-06") == ["full 1200.00", "invoice 1000.00", "invoice 200.00", "invoice 30.00"]
        assert wanted(made, "2026-11-06")["full F-1 F-2"].amount == Money.of("1200.00", "EUR")

    def test_an_offer_has_one_and_each_plan_has_one_for_its_first_instalment(self) -> None:
        made = linked(LATE)
        made.build("2026-11-16")
        assert ways(made, "2026-11-16") == [
            "discount 950.00", "invoice 1000.00", "plan 250.00", "plan 333.34", "plan 500.00",
        ]  # fmt: skip

    def test_an_offer_that_is_over_has_none(self) -> None:
        made = linked(LATE)
        assert made.send("2026-11-16") == "reminder-2"
        assert "discount 950.00" in ways(made, "2026-11-26")
        assert ways(made, "2026-11-27") == ["invoice 1000.00"]

    def test_an_agreement_has_one_for_its_next_instalment_one_for_all_of_it_and_none_for_what_it_covers(self) -> None:
        made = linked(
            """
            invoice F-1 2026-10-02 due 2026-11-02 900.00
            agreement E-1 2026-11-10 F-1 2026-11-20:300.00 2026-12-20:300.00 2027-01-20:300.00
            """
        )
        assert ways(made, "2026-11-12") == ["instalment 300.00", "rest 900.00"]
        first = next(iter(made.on("2026-11-12").wanted))
        made.add("payment 2026-11-19 300.00 F-1")
        assert ways(made, "2026-11-20") == ["instalment 300.00", "rest 600.00"]
        second = next(iter(made.on("2026-11-20").wanted))
        assert (first.amount, first.part, first.parts) == (second.amount, 1, 3)
        assert second.part == 2
        assert first.key != second.key  # the address of the first instalment never pays the second
        made.add("payment 2026-12-18 300.00 F-1")
        assert ways(made, "2026-12-19") == ["instalment 300.00"]  # the last one is all that is left

    def test_an_instalment_paid_in_part_asks_for_its_rest(self) -> None:
        made = linked(
            """
            invoice F-1 2026-10-02 due 2026-11-02 900.00
            agreement E-1 2026-11-10 F-1 2026-11-20:300.00 2026-12-20:600.00
            payment 2026-11-12 100.00 F-1
            """
        )
        assert ways(made, "2026-11-13") == ["instalment 200.00", "rest 800.00"]

    def test_a_broken_agreement_asks_for_its_invoices_again(self) -> None:
        made = linked(
            """
            invoice F-1 2026-10-02 due 2026-11-02 900.00
            agreement E-1 2026-11-10 F-1 2026-11-20:300.00 2026-12-20:600.00
            sent 2026-11-23 instalment-late about=E-1@2026-11-20
            """
        )
        assert "invoice 900.00" in ways(made, "2026-12-15")

    @pytest.mark.parametrize(
        "why", ["disputed=2026-11-05", "status=litigation", "status=written_off", "status=factored"]
    )
    def test_what_is_not_asked_for_has_none(self, why: str) -> None:
        made = linked(
            f"invoice F-1 2026-10-02 due 2026-11-02 900.00 {why}\ninvoice F-2 2026-10-02 due 2026-12-02 40.00"
        )
        assert ways(made, "2026-11-06") == ["invoice 40.00"]

    def test_a_client_in_insolvency_proceedings_has_none(self) -> None:
        made = linked("client brun insolvent=2026-11-05\ninvoice F-1 2026-10-02 due 2026-11-02 900.00")
        assert ways(made, "2026-11-04") == ["invoice 900.00"]
        assert ways(made, "2026-11-05") == []

    def test_a_part_payment_and_a_credit_note_change_the_amount(self) -> None:
        made = linked("invoice F-1 2026-10-02 due 2026-11-02 900.00")
        made.add("payment 2026-11-05 400.00 F-1")
        assert ways(made, "2026-11-06") == ["invoice 500.00"]
        made.add("credit A-1 2026-11-06 100.00 F-1")
        assert ways(made, "2026-11-06") == ["invoice 400.00"]

    def test_a_discount_of_the_invoice_itself_has_a_link_while_it_lasts(self) -> None:
        made = linked("invoice F-1 2026-11-02 due 2026-12-02 100.00 escompte=2/10")
        assert ways(made, "2026-11-12") == ["discount 98.00", "invoice 100.00"]
        assert ways(made, "2026-11-13") == ["invoice 100.00"]

    def test_each_currency_is_an_account_of_its_own(self) -> None:
        made = linked(
            """
            invoice F-1 2026-10-02 due 2026-11-02 900.00
            invoice F-2 2026-10-02 due 2026-11-02 900.00 currency=GBP
            """
        )
        euros, pounds = wanted(made, "2026-11-06")["invoice F-1"], wanted(made, "2026-11-06", "GBP")["invoice F-2"]
        assert (euros.methods, pounds.methods) == (("card", "sepa_debit"), ("card",))
        assert euros.account != pounds.account

    def test_without_stripe_nothing_is_wanted(self) -> None:
        made = world(LATE, DISCOUNTING)
        made.build("2026-11-16")
        assert made.on("2026-11-16").wanted == ()

    def test_what_cannot_be_charged_is_told_and_the_rest_goes_on(self) -> None:
        made = linked(
            """
            invoice F-1 2026-10-02 due 2026-11-02 0.40
            invoice F-2 2026-10-02 due 2026-11-02 10.00
            invoice F-3 2026-10-02 due 2026-11-02 10.125 currency=KWD
            invoice F-4 2026-10-02 due 2026-11-02 900 currency=JPY
            """
        )
        assert ways(made, "2026-11-06") == ["full 10.40", "invoice 10.00"]
        assert ways(made, "2026-11-06", "KWD") == []
        assert ways(made, "2026-11-06", "JPY") == ["invoice 900"]
        _, refused = wanted_links(made.on("2026-11-06"), LINKS)
        assert [(str(found.amount), found.why) for found in refused] == [("0.40", "too_small")]
        _, refused = wanted_links(made.on("2026-11-06", "KWD"), LINKS)
        assert {found.why for found in refused} == {"fraction"}


class TestWhatALinkCarries:
    def test_the_reference_that_a_transfer_for_the_same_would_carry(self) -> None:
        made = linked(LATE)
        made.build("2026-11-16")
        account = made.on("2026-11-16")
        references = {offer.reference for offer in account.offers}
        assert {link.reference for link in account.wanted} == references
        assert "F-1" in references  # the invoice itself

    def test_no_personal_data_but_codes_and_invoice_numbers(self) -> None:
        made = linked("client camille-martin\ninvoice F-1 2026-10-02 due 2026-11-02 900.00")
        (link,) = made.on("2026-11-06").wanted
        noted = (link.key, link.account, link.reference, link.fingerprint, link.return_url)
        assert not [text for text in noted if "camille" in text]

    def test_the_client_comes_back_to_their_own_page(self) -> None:
        made = linked("invoice F-1 2026-10-02 due 2026-11-02 900.00")
        (link,) = made.on("2026-11-06").wanted
        assert link.return_url == "https://payer.atelier-sable.example/p/k1/#paid"

    def test_the_fingerprint_changes_with_all_that_the_client_sees_or_is_charged(self) -> None:
        made = linked("invoice F-1 2026-10-02 due 2026-11-02 900.00")
        seen = set()
        changes: list[dict[str, object]] = [
            {},
            {"methods": ("card",)},
            {"contact": "Jean"},
            {"site": "https://other.example"},
        ]
        for change in changes:
            made.policy = replace(WITH_LINKS, links=replace(LINKS, **change))  # type: ignore[arg-type]
            seen.add(made.on("2026-11-06").wanted[0].fingerprint)
        made.policy = WITH_LINKS
        made.add("payment 2026-11-05 1.00 F-1")
        seen.add(made.on("2026-11-06").wanted[0].fingerprint)
        made.ledger = replace(made.ledger, clients={"brun": replace(made.ledger.clients["brun"], language="en")})
        seen.add(made.on("2026-11-06").wanted[0].fingerprint)
        assert len(seen) == 6

    def test_and_with_nothing_else(self) -> None:
        made = linked("invoice F-1 2026-10-02 due 2026-11-02 900.00\ninvoice F-2 2026-10-02 due 2026-12-02 30.00")
        before = wanted(made, "2026-11-06")["invoice F-1"]
        made.add("payment 2026-11-06 30.00 F-2\nsent 2026-11-09 reminder-1")
        assert wanted(made, "2026-11-12")["invoice F-1"] == before


def shown(account: Account) -> list[str]:
    """Where each button of the page leads; empty for one that is not there."""
    offers = [pay_url(account, offer) for offer in account.offers]
    return [*offers, *(pay_url(account, item) for item in account.payable)]


class TestRuleFive:
    """A link is shown only if the last run saw it active for exactly these wanted links."""

    def record(self, made: World, today: str, at: str, **changes: object) -> None:
        account = made.on(today)
        links = tuple((link.key, f"https://buy.stripe.example/{link.key}") for link in account.wanted)
        moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
        seen = LinksSeen("brun", "EUR", moment, account_fingerprint(account.wanted), links)
        made.events.append(replace(seen, **changes))  # type: ignore[arg-type]

    def test_before_the_first_run_nothing_is_shown(self) -> None:
        made = linked(LATE)
        made.build("2026-11-16")
        account = made.on("2026-11-16")
        assert account.wanted
        assert account.links == {}

    def test_after_a_run_every_way_to_pay_has_its_address(self) -> None:
        made = linked(LATE)
        made.build("2026-11-16")
        self.record(made, "2026-11-16", "2026-11-16T08:00")
        account = made.on("2026-11-16")
        addresses = shown(account)
        assert all(address.startswith("https://buy.stripe.example/") for address in addresses)
        assert len(set(addresses)) == len(account.wanted)

    def test_after_a_change_of_balance_none_until_the_next_run(self) -> None:
        made = linked(LATE)
        made.build("2026-11-16")
        self.record(made, "2026-11-16", "2026-11-16T08:00")
        made.add("payment 2026-11-17 1.00 F-1")
        account = made.on("2026-11-17")
        assert not any(shown(account))

    def test_when_an_offer_ends_none_until_the_next_run(self) -> None:
        made = linked(LATE)
        made.build("2026-11-16")
        self.record(made, "2026-11-16", "2026-11-16T08:00")
        assert made.on("2026-11-26").links
        assert not made.on("2026-11-27").links

    def test_the_latest_record_holds_in_whatever_order_the_journals_are_read(self) -> None:
        made = linked(LATE)
        made.build("2026-11-16")
        self.record(made, "2026-11-16", "2026-11-16T09:00", fingerprint="", links=())  # about to change
        self.record(made, "2026-11-16", "2026-11-16T08:00")
        assert not made.on("2026-11-16").links


# What is done about those that exist

KEYS = st.sampled_from(["ka", "kb", "kc"])
AMOUNTS = st.sampled_from([1000, 2000])


def want(key: str = "ka", minor: int = 1000, account: str = "acc", invoices: tuple[str, ...] = ("F-1",)) -> Wanted:
    return Wanted(
        key=key, kind=LinkKind.INVOICE, client="brun", account=account, language="fr", amount=Money(minor, "EUR"),
        invoices=invoices, reference="F-1", return_url="https://x.example/", methods=("card",), fingerprint=f"f{key}{minor}",
    )  # fmt: skip


@dataclass
class Shop:
    """Links as Stripe keeps them: they are made, put up and taken down, and never deleted."""

    links: dict[str, Seen] = field(default_factory=dict)
    made: list[tuple[str, str, int]] = field(default_factory=list)
    _numbers: count[int] = field(default_factory=count)

    def do(self, todo: LinkPlan) -> None:
        for step in todo.steps:
            self._one(step)

    def _one(self, step: Step) -> None:
        if step.action is Action.DEACTIVATE:
            assert step.seen is not None
            self._change(step.seen.id, active=False)
        elif step.action is Action.REACTIVATE:
            assert step.seen is not None
            assert not self.links[step.seen.id].used, "a link that was paid cannot be put up again"
            self._change(step.seen.id, active=True)
        elif step.action is Action.CREATE:
            assert step.wanted is not None
            pair = (step.wanted.key, step.wanted.fingerprint, step.generation)
            assert pair not in self.made, "the same idempotency key would give the old link"
            self.made.append(pair)
            self.add(step.wanted, step.generation)

    def add(self, link: Wanted, generation: int = 1, *, active: bool = True, used: bool = False) -> Seen:
        name = f"plink_{next(self._numbers)}"
        self.links[name] = Seen(
            name, f"https://buy.stripe.example/{name}", active, used, link.key, link.fingerprint, generation, link.account,
            link.amount, frozenset(link.invoices),
        )  # fmt: skip
        return self.links[name]

    def pay(self, name: str) -> None:
        self._change(name, active=False, used=True)

    def _change(self, name: str, **changes: bool) -> None:
        self.links[name] = replace(self.links[name], **changes)  # type: ignore[arg-type]

    @property
    def seen(self) -> list[Seen]:
        return list(self.links.values())[::-1]  # the newest first, as Stripe lists them

    @property
    def active(self) -> list[tuple[str, int]]:
        return sorted((link.key, link.amount.minor) for link in self.seen if link.active and link.amount)


def steps(todo: LinkPlan) -> list[tuple[str, str]]:
    return [(str(step.action), str(step.reason)) for step in todo.steps]


def run(shop: Shop, wishes: Iterable[Wanted], settled: Iterable[str] = ()) -> list[tuple[str, str]]:
    todo = plan(list(wishes), shop.seen, set(settled))
    shop.do(todo)
    return steps(todo)


class TestPlan:
    def test_a_new_link_is_made_once_and_kept(self) -> None:
        shop = Shop()
        assert run(shop, [want()]) == [("create", "new")]
        assert run(shop, [want()]) == [("keep", "same")]
        assert shop.active == [("ka", 1000)]

    def test_another_amount_is_another_link_and_the_old_one_goes_first(self) -> None:
        shop = Shop()
        run(shop, [want()])
        assert run(shop, [want(minor=2000)]) == [("deactivate", "changed"), ("create", "changed")]
        assert shop.active == [("ka", 2000)]

    def test_back_to_the_old_amount_the_old_link_is_put_up_again(self) -> None:
        shop = Shop()
        run(shop, [want()])
        run(shop, [want(minor=2000)])
        assert run(shop, [want()]) == [("deactivate", "changed"), ("reactivate", "again")]
        assert shop.active == [("ka", 1000)]
        assert len(shop.links) == 2  # old emails stay valid

    def test_unless_it_was_paid_then_it_is_a_new_generation(self) -> None:
        shop = Shop()
        run(shop, [want()])
        (first,) = shop.links
        shop.pay(first)
        run(shop, [want(minor=2000)], settled=[first])
        assert run(shop, [want()], settled=[first]) == [("deactivate", "changed"), ("create", "again")]
        assert [generation for *_, generation in shop.made] == [1, 1, 2]

    def test_what_is_no_longer_offered_goes(self) -> None:
        shop = Shop()
        run(shop, [want(), want("kb")])
        assert run(shop, [want()]) == [("deactivate", "no_longer_offered"), ("keep", "same")]
        assert shop.active == [("ka", 1000)]

    def test_of_two_alike_one_stays(self) -> None:
        shop = Shop()
        shop.add(want())
        shop.add(want())
        assert sorted(run(shop, [want()])) == [("deactivate", "double"), ("keep", "same")]
        assert shop.active == [("ka", 1000)]

    @pytest.mark.parametrize("amount", [None, Money(999, "EUR"), Money(1000, "GBP")])
    def test_a_link_edited_by_hand_is_replaced(self, amount: Money | None) -> None:
        shop = Shop()
        link = shop.add(want())
        shop.links[link.id] = replace(link, amount=amount)
        assert run(shop, [want()]) == [("deactivate", "edited_by_hand"), ("create", "again")]
        assert run(shop, [want()]) == [("keep", "same")]

    def test_a_link_taken_down_by_hand_is_put_up_again(self) -> None:
        shop = Shop()
        link = shop.add(want(), active=False)
        assert run(shop, [want()]) == [("reactivate", "again")]
        assert shop.links[link.id].active

    def test_paid_and_not_in_the_ledger_yet_nothing_of_the_same_debt_can_be_paid(self) -> None:
        shop = Shop()
        wishes = [want("full", 3000, invoices=("F-1", "F-2")), want("f1"), want("f2", 2000, invoices=("F-2",))]
        run(shop, wishes)
        paid = next(link for link in shop.seen if link.key == "f1")
        shop.pay(paid.id)
        assert run(shop, wishes) == [
            ("deactivate", "same_debt_paid"), ("keep", "same"), ("consumed", "paid"), ("consumed", "paid"),
        ]  # fmt: skip
        assert shop.active == [("f2", 2000)]  # another debt

    def test_a_payment_of_which_the_invoices_are_not_known_may_be_for_anything_of_the_account(self) -> None:
        shop = Shop()
        wishes = [want("ka"), want("kb", invoices=("F-2",)), want("kc", account="other")]
        run(shop, wishes)
        paid = next(link for link in shop.seen if link.key == "ka")
        shop.pay(paid.id)
        shop.links[paid.id] = replace(shop.links[paid.id], invoices=frozenset())
        run(shop, wishes)
        assert shop.active == [("kc", 1000)]

    def test_once_its_payment_is_read_the_account_calls_for_what_is_left(self) -> None:
        shop = Shop()
        run(shop, [want(), want("kb", 3000)])
        paid = next(link for link in shop.seen if link.key == "ka")
        shop.pay(paid.id)
        assert run(shop, [want("kb", 2000)], settled=[paid.id]) == [
            ("deactivate", "changed"), ("create", "changed"),
        ]  # fmt: skip

    def test_a_payment_that_failed_asks_for_the_same_again_with_a_new_link(self) -> None:
        shop = Shop()
        run(shop, [want()])
        (first,) = shop.links
        shop.pay(first)
        assert run(shop, [want()], settled=[first]) == [("create", "again")]
        assert shop.made[-1] == ("ka", "fka1000", 2)

    def test_a_paid_link_that_nobody_wants_any_more_is_said_until_it_is_read(self) -> None:
        shop = Shop()
        link = shop.add(want(), used=True, active=False)
        assert run(shop, []) == [("consumed", "paid")]
        assert run(shop, [], settled=[link.id]) == []

    def test_within_an_account_what_goes_down_goes_first(self) -> None:
        shop = Shop()
        run(shop, [want("ka"), want("kb"), want("kc", account="two")])
        todo = plan([want("ka", 2000), want("kc", 2000, account="two")], shop.seen, ())
        assert [(step.account, step.action) for step in todo.steps] == [
            ("acc", Action.DEACTIVATE),
            ("acc", Action.DEACTIVATE),
            ("acc", Action.CREATE),
            ("two", Action.DEACTIVATE),
            ("two", Action.CREATE),
        ]

    @pytest.mark.parametrize(
        ("gone", "active", "percent", "too_many"),
        [(21, 40, 50, True), (20, 40, 50, False), (20, 20, 50, False), (21, 21, 100, False), (21, 42, 50, False)],
    )
    def test_taking_down_too_many_is_noticed(self, gone: int, active: int, percent: int, too_many: bool) -> None:  # noqa: FBT001
        shop = Shop()
        wishes = [want(f"k{number}", account=f"a{number}") for number in range(active)]
        run(shop, wishes)
        todo = plan(wishes[gone:], shop.seen, ())
        assert todo.active == active
        assert todo.takes_down_too_many(percent) is too_many


@st.composite
def pasts(draw: st.DrawFn) -> tuple[Shop, list[Wanted], list[str]]:
    """Whatever may have happened: links of any state made by any run, edited by hand, paid, read or not; and wishes."""
    shop, settled = Shop(), []
    for _ in range(draw(st.integers(0, 7))):
        link = want(draw(KEYS), draw(AMOUNTS), draw(st.sampled_from(["a", "b"])))
        used = draw(st.booleans())
        made = shop.add(link, draw(st.integers(1, 3)), active=draw(st.booleans()), used=used)
        if draw(st.integers(0, 4)) == 0:
            shop.links[made.id] = replace(made, amount=None)
        if draw(st.integers(0, 4)) == 0:
            shop.links[made.id] = replace(shop.links[made.id], invoices=frozenset())
        if used and draw(st.booleans()):
            settled.append(made.id)
    shop.made = sorted({(link.key, link.fingerprint, link.generation) for link in shop.seen})
    wishes = draw(st.dictionaries(KEYS, st.tuples(AMOUNTS, st.sampled_from(["a", "b"])), max_size=3))
    return shop, [want(key, minor, account) for key, (minor, account) in wishes.items()], settled


class TestWhateverHappenedBefore:
    @given(pasts())
    def test_exactly_the_wanted_links_are_active_but_for_debts_paid_and_not_read(
        self, past: tuple[Shop, list[Wanted], list[str]]
    ) -> None:
        shop, wishes, settled = past
        unread = [link for link in shop.seen if link.used and link.id not in settled]
        accounts = {wish.account for wish in wishes}

        def stops(link: Seen, wish: Wanted) -> bool:  # every invoice of these is F-1 or not known
            renamed = link.account not in accounts and bool(link.invoices)
            return link.account == wish.account or renamed

        free = [wish for wish in wishes if not any(stops(link, wish) for link in unread)]
        run(shop, wishes, settled)
        active = [link for link in shop.seen if link.active and not link.used]
        assert sorted((link.key, link.fingerprint, link.amount) for link in active) == sorted(
            (wish.key, wish.fingerprint, wish.amount) for wish in free
        )

    @given(pasts())
    def test_planning_again_changes_nothing(self, past: tuple[Shop, list[Wanted], list[str]]) -> None:
        shop, wishes, settled = past
        run(shop, wishes, settled)
        again = plan(wishes, shop.seen, set(settled))
        assert again.todo == ()
        assert {step.action for step in again.steps} <= {Action.KEEP, Action.CONSUMED}

    @given(pasts(), st.integers(0, 6))
    def test_interrupted_anywhere_it_comes_to_the_same_and_never_puts_up_a_second_link_for_one_key(
        self, past: tuple[Shop, list[Wanted], list[str]], done: int
    ) -> None:
        shop, wishes, settled = past
        before = Counter(link.key for link in shop.seen if link.active and not link.used)
        todo = plan(wishes, shop.seen, set(settled))
        shop.do(replace(todo, steps=todo.steps[:done]))
        after = Counter(link.key for link in shop.seen if link.active and not link.used)
        assert all(count <= max(before[key], 1) for key, count in after.items())
        run(shop, wishes, settled)
        assert plan(wishes, shop.seen, set(settled)).todo == ()
        assert max(Counter(link.key for link in shop.seen if link.active and not link.used).values(), default=0) <= 1

    @given(pasts(), st.randoms(use_true_random=False))
    def test_the_order_in_which_links_are_listed_does_not_matter(
        self, past: tuple[Shop, list[Wanted], list[str]], chance: Random
    ) -> None:
        shop, wishes, settled = past
        mixed = shop.seen
        chance.shuffle(mixed)
        assert set(plan(wishes, mixed, set(settled)).todo) == set(plan(wishes, shop.seen, set(settled)).todo)

"""The life of a payment, as the API shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import stripe

from generator.sandbox import NotPossibleError
from tests.support.sandbox import LOOPBACK, Running

if TYPE_CHECKING:
    from stripe.checkout import Session

pytestmark = LOOPBACK
MONEY = "payment_intent.latest_charge.balance_transaction"


def seen(at: Running, session: str) -> Session:
    return at.client.v1.checkout.sessions.retrieve(session, {"expand": [MONEY]})


def intent_of(session: Session) -> stripe.PaymentIntent:
    assert isinstance(session.payment_intent, stripe.PaymentIntent)
    return session.payment_intent


def charge_of(session: Session) -> stripe.Charge:
    charge = intent_of(session).latest_charge
    assert isinstance(charge, stripe.Charge)
    return charge


def test_a_card_pays_at_once_less_the_fee(sandbox: Running) -> None:
    session = seen(sandbox, sandbox.sandbox.pay(sandbox.create(12_000).id))
    assert (session.status, session.payment_status, session.url) == ("complete", "paid", None)
    intent, charge = intent_of(session), charge_of(session)
    assert (intent.status, intent.amount_received) == ("succeeded", 12_000)
    assert (charge.status, charge.paid, charge.captured, charge.refunded) == ("succeeded", True, True, False)
    assert charge.created == int(sandbox.clock().timestamp())
    movement = charge.balance_transaction
    assert isinstance(movement, stripe.BalanceTransaction)
    assert (movement.amount, movement.fee, movement.net) == (12_000, 205, 11_795)  # 1.5 % and 0.25


def test_a_link_with_a_limit_goes_down_when_it_is_reached(sandbox: Running) -> None:
    link = sandbox.create()
    sandbox.sandbox.pay(link.id)
    after = sandbox.client.v1.payment_links.retrieve(link.id)
    assert not after.active
    assert after.restrictions is not None
    assert after.restrictions.completed_sessions.count == 1
    with pytest.raises(NotPossibleError):
        sandbox.sandbox.open_session(link.id)
    with pytest.raises(stripe.InvalidRequestError, match="limit"):
        sandbox.client.v1.payment_links.update(link.id, {"active": True})


def test_a_link_without_a_limit_can_be_paid_again(sandbox: Running) -> None:
    link = sandbox.client.v1.payment_links.create({"line_items": [line_of(900)]})
    assert len({sandbox.sandbox.pay(link.id) for _ in range(3)}) == 3
    assert sandbox.client.v1.payment_links.retrieve(link.id).active


def line_of(minor: int) -> Any:
    return {
        "price_data": {"currency": "eur", "unit_amount": minor, "product_data": {"name": "Facture"}},
        "quantity": 1,
    }


def test_metadata_of_a_link_goes_to_its_sessions_and_its_own_to_the_intent(sandbox: Running) -> None:
    link = sandbox.create(
        metadata={"relance_offer": "o1"},
        payment_intent_data={"metadata": {"relance_intent": "i1"}, "description": "Facture F-2026-118"},
    )
    session = seen(sandbox, sandbox.sandbox.pay(link.id))
    assert session.metadata is not None
    assert session.metadata.to_dict() == {"relance_offer": "o1"}
    assert intent_of(session).metadata.to_dict() == {"relance_intent": "i1"}
    assert charge_of(session).metadata.to_dict() == {"relance_intent": "i1"}
    assert intent_of(session).description == "Facture F-2026-118"


def test_an_inactive_link_opens_for_nobody_but_an_open_page_can_still_be_paid(sandbox: Running) -> None:
    link = sandbox.create()
    opened = sandbox.sandbox.open_session(link.id)
    sandbox.client.v1.payment_links.update(link.id, {"active": False})
    with pytest.raises(NotPossibleError):
        sandbox.sandbox.open_session(link.id)
    sandbox.sandbox.pay_session(opened)
    assert seen(sandbox, opened).payment_status == "paid"


def test_an_expired_page_cannot_be_paid_nor_expired_again(sandbox: Running) -> None:
    opened = sandbox.sandbox.open_session(sandbox.create().id)
    assert sandbox.client.v1.checkout.sessions.expire(opened).status == "expired"
    with pytest.raises(NotPossibleError):
        sandbox.sandbox.pay_session(opened)
    with pytest.raises(stripe.InvalidRequestError, match="status of `expired`") as refused:
        sandbox.client.v1.checkout.sessions.expire(opened)
    assert refused.value.http_status == 400


def test_a_page_closes_by_itself_after_a_day(sandbox: Running) -> None:
    opened = sandbox.sandbox.open_session(sandbox.create().id)
    sandbox.clock.pass_(hours=23)
    assert seen(sandbox, opened).status == "open"
    sandbox.clock.pass_(hours=1)
    with pytest.raises(NotPossibleError):
        sandbox.sandbox.pay_session(opened)
    assert seen(sandbox, opened).status == "expired"


def test_a_refused_card_leaves_the_page_open(sandbox: Running) -> None:
    opened = sandbox.sandbox.open_session(sandbox.create().id)
    assert seen(sandbox, opened).payment_intent is None
    sandbox.sandbox.refuse(opened)
    session = seen(sandbox, opened)
    assert (session.status, session.payment_status) == ("open", "unpaid")
    error = intent_of(session).last_payment_error
    assert intent_of(session).status == "requires_payment_method"
    assert error is not None
    assert (error.code, error.decline_code) == ("card_declined", "generic_decline")
    assert (charge_of(session).status, charge_of(session).balance_transaction) == ("failed", None)
    sandbox.sandbox.pay_session(opened)
    again = seen(sandbox, opened)
    assert intent_of(again).id == intent_of(session).id
    assert intent_of(again).last_payment_error is None
    assert again.payment_status == "paid"


def test_a_debit_is_on_its_way_and_clears(sandbox: Running) -> None:
    paid = sandbox.sandbox.pay(sandbox.create(12_000).id, method="sepa_debit")
    session = seen(sandbox, paid)
    assert (session.status, session.payment_status) == ("complete", "unpaid")
    assert (intent_of(session).status, intent_of(session).amount_received) == ("processing", 0)
    assert (charge_of(session).status, charge_of(session).balance_transaction) == ("pending", None)
    begun = charge_of(session).created
    sandbox.clock.pass_(days=5)
    sandbox.sandbox.clear(paid)
    session = seen(sandbox, paid)
    assert (session.payment_status, intent_of(session).status) == ("paid", "succeeded")
    assert charge_of(session).created == begun
    movement = charge_of(session).balance_transaction
    assert isinstance(movement, stripe.BalanceTransaction)
    assert (movement.fee, movement.net, movement.created) == (35, 11_965, begun + 5 * 24 * 3600)


def test_a_debit_that_fails_leaves_its_session_complete_and_unpaid(sandbox: Running) -> None:
    link = sandbox.create()
    paid = sandbox.sandbox.pay(link.id, method="sepa_debit")
    sandbox.sandbox.fail(paid)
    session = seen(sandbox, paid)
    assert (session.status, session.payment_status) == ("complete", "unpaid")
    assert intent_of(session).status == "requires_payment_method"
    assert (charge_of(session).status, charge_of(session).failure_code) == ("failed", "insufficient_funds")
    assert not sandbox.client.v1.payment_links.retrieve(link.id).active
    with pytest.raises(NotPossibleError):
        sandbox.sandbox.clear(paid)


def test_a_link_without_debits_cannot_be_paid_by_one(sandbox: Running) -> None:
    with pytest.raises(NotPossibleError):
        sandbox.sandbox.pay(sandbox.create(payment_method_types=["card"]).id, method="sepa_debit")


def test_a_part_given_back_is_not_a_refunded_charge(sandbox: Running) -> None:
    paid = sandbox.sandbox.pay(sandbox.create(12_000).id)
    sandbox.sandbox.refund(paid, 5_000)
    charge = charge_of(seen(sandbox, paid))
    assert (charge.refunded, charge.amount_refunded) == (False, 5_000)
    with pytest.raises(NotPossibleError):
        sandbox.sandbox.refund(paid, 7_001)
    sandbox.sandbox.refund(paid)
    charge = charge_of(seen(sandbox, paid))
    assert (charge.refunded, charge.amount_refunded) == (True, 12_000)
    given = sandbox.client.v1.refunds.list({"charge": charge.id, "expand": ["data.balance_transaction"]}).data
    assert [refund.amount for refund in given] == [7_000, 5_000]
    movement = given[0].balance_transaction
    assert isinstance(movement, stripe.BalanceTransaction)
    assert (movement.amount, movement.fee, movement.net) == (-7_000, 0, -7_000)


@pytest.mark.parametrize(("won", "status", "comes_to"), [(True, "won", 0), (False, "lost", -14_000)])
def test_a_dispute_takes_the_money_and_may_bring_it_back(
    sandbox: Running, *, won: bool, status: str, comes_to: int
) -> None:
    paid = sandbox.sandbox.pay(sandbox.create(12_000).id)
    dispute = sandbox.sandbox.dispute(paid)
    assert charge_of(seen(sandbox, paid)).disputed
    (listed,) = sandbox.client.v1.disputes.list({"charge": str(dispute.charge)}).data
    assert (listed.status, listed.amount) == ("needs_response", 12_000)
    sandbox.sandbox.close_dispute(dispute.id, won=won)
    (listed,) = sandbox.client.v1.disputes.list().data
    assert listed.status == status
    assert sum(movement.net for movement in listed.balance_transactions) == comes_to


def test_a_contested_debit_is_lost_at_once(sandbox: Running) -> None:
    paid = sandbox.sandbox.pay(sandbox.create().id, method="sepa_debit")
    sandbox.sandbox.clear(paid)
    assert sandbox.sandbox.dispute(paid).status == "lost"


def test_sessions_are_found_by_link_status_and_day(sandbox: Running) -> None:
    one, other = sandbox.create(), sandbox.create()
    paid = sandbox.sandbox.pay(one.id)
    sandbox.clock.pass_(days=1)
    opened = sandbox.sandbox.open_session(other.id)
    sessions = sandbox.client.v1.checkout.sessions
    now = int(sandbox.clock().timestamp())

    def listed(**filters: Any) -> list[str]:
        return [session.id for session in sessions.list(filters).data]  # type: ignore[arg-type]

    assert listed() == [opened, paid]
    assert listed(payment_link=one.id) == [paid]
    assert listed(status="open") == [opened]
    assert listed(created={"gte": now}) == [opened]
    assert listed(created={"lt": now}) == [paid]
    assert listed(created=now) == [opened]


def test_nothing_is_expanded_that_was_not_asked_for(sandbox: Running) -> None:
    sandbox.sandbox.pay(sandbox.create().id)
    sessions = sandbox.client.v1.checkout.sessions
    plain = sessions.list().data[0]
    assert isinstance(plain.payment_intent, str)
    one_step = sessions.list({"expand": ["data.payment_intent"]}).data[0]
    assert isinstance(intent_of(one_step).latest_charge, str)
    with pytest.raises(stripe.InvalidRequestError, match="more than 4 levels"):
        sessions.list({"expand": ["data.payment_intent.latest_charge.balance_transaction.source"]})

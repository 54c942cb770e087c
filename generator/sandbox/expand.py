"""Records made into Stripe's objects, and references into the objects they name where the request asks for that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.sandbox import money_shapes, shapes
from generator.sandbox.wire import Json, StripeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from generator.sandbox.records import Dispute, Link, Session
    from generator.sandbox.settings import AccountSettings
    from generator.sandbox.store import Store

#: Stripe follows four steps of a path and no more.
_STEPS = 4

#: Where a step leads, by object: to the object that a reference names, or to a list that is there only when it is asked for.
_LEADS: dict[str, dict[str, str]] = {
    "payment_link": {"line_items": "list of item"},
    "checkout.session": {
        "line_items": "list of item",
        "payment_intent": "payment_intent",
        "payment_link": "payment_link",
    },
    "payment_intent": {"latest_charge": "charge"},
    "charge": {
        "balance_transaction": "balance_transaction",
        "payment_intent": "payment_intent",
        "refunds": "list of refund",
    },
    "refund": {
        "balance_transaction": "balance_transaction",
        "charge": "charge",
        "payment_intent": "payment_intent",
    },
    "dispute": {"charge": "charge", "payment_intent": "payment_intent"},
    "item": {"price": "price"},
    "price": {"product": "product"},
}


def check(kind: str, paths: Iterable[str]) -> None:
    """Raises StripeError for a path that leads nowhere from an object, or from a `list of` objects."""
    for index, path in enumerate(paths):
        param = f"expand[{index}]"
        steps = path.split(".")
        if len(steps) > _STEPS:
            raise StripeError(
                f"You cannot expand more than {_STEPS} levels of a property. Property: {path}", param=param
            )
        place = kind
        for step in steps:
            inner = place.removeprefix("list of ")
            leads = {"data": inner} if inner != place else _LEADS.get(place, {})
            if step not in leads:
                raise StripeError(f"This property cannot be expanded ({path}).", param=param)
            place = leads[step]


class View:
    """Shows records as Stripe's objects."""

    def __init__(self, store: Store, settings: AccountSettings, address: Callable[[], str]) -> None:
        """`address` is where the payment pages are, without a slash at the end."""
        self._store = store
        self._settings = settings
        self._address = address
        self._shown: dict[str, Callable[[Any], Json]] = {
            "payment_link": self._link,
            "checkout.session": self._session,
            "payment_intent": lambda record: money_shapes.intent(record, livemode=settings.livemode),
            "charge": lambda record: money_shapes.charge(record, livemode=settings.livemode),
            "refund": money_shapes.refund,
            "dispute": self._dispute,
            "balance_transaction": money_shapes.balance_transaction,
        }

    def object(self, kind: str, record: Any) -> Json:  # noqa: ANN401 - one record of any table
        """A record as Stripe shows it, nothing expanded."""
        return self._shown[kind](record)

    def _link(self, record: Link) -> Json:
        return shapes.link(record, f"{self._address()}/pay/{record.id}", livemode=self._settings.livemode)

    def _session(self, record: Session) -> Json:
        texts = self._store.links[record.link].custom_text
        return shapes.session(record, f"{self._address()}/c/pay/{record.id}", texts, livemode=self._settings.livemode)

    def _dispute(self, record: Dispute) -> Json:
        movements = [money_shapes.balance_transaction(self._store.balances[each]) for each in record.balances]
        return money_shapes.dispute(record, movements, livemode=self._settings.livemode)

    def expanded(self, shown: Json, paths: Iterable[str]) -> Json:
        """The object with what the paths name; they have been checked."""
        for path in paths:
            self._follow(shown, path.split("."))
        return shown

    def _follow(self, place: Json, steps: list[str]) -> None:
        if not steps:
            return
        first, rest = steps[0], steps[1:]
        if place["object"] == "list":
            for each in place["data"]:
                self._follow(each, rest)
            return
        if first not in place:
            place[first] = self._list(place, first)
        elif (place["object"], first) == ("price", "product"):
            if isinstance(place[first], str):
                line, created = self._store.products[place[first]]
                place[first] = shapes.product(line, created, livemode=self._settings.livemode)
        else:
            self._refer(place, first, _LEADS[place["object"]][first])
        inner = place[first]
        if isinstance(inner, dict):
            self._follow(inner, rest)

    def _refer(self, place: Json, name: str, kind: str) -> None:
        reference = place[name]
        if isinstance(reference, str):
            place[name] = self.object(kind, self._store.table(kind)[reference])

    def _list(self, place: Json, name: str) -> Json:
        if name == "refunds":
            given: list[Json] = [
                money_shapes.refund(each) for each in self._store.refunds if each.charge == place["id"]
            ]
            return shapes.listing(f"/v1/charges/{place['id']}/refunds", given[::-1], has_more=False)
        if place["object"] == "payment_link":
            link, owner = self._store.links[place["id"]], f"/v1/payment_links/{place['id']}"
        else:
            session = self._store.sessions[place["id"]]
            link, owner = self._store.links[session.link], f"/v1/checkout/sessions/{session.id}"
        return shapes.line_items(owner, link.lines, link.created, livemode=self._settings.livemode)

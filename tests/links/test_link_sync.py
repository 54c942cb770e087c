"""The plan, done: account by account, and nothing new where somebody has paid just now."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest

from generator.domain.linkplan import Seen, plan
from generator.errors import OutsideError
from generator.link_sync import Synced, apply
from tests.domain.test_link_plan import Shop, want

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.domain.linkplan import Wanted


@dataclass
class Maker:
    """Notes what it is asked to do; `paid` are links that somebody pays before they are down, `refused` keys that fail."""

    paid: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    asked: list[str] = field(default_factory=list)

    def create(self, wanted: Wanted, words: str, generation: int) -> Seen:
        self.asked.append(f"create {wanted.key}")
        if wanted.key in self.refused:
            raise OutsideError(f"Stripe refuses {wanted.key}")
        assert words == f"words of {wanted.key}"
        return Shop().add(wanted, generation)

    def activate(self, link: str) -> Seen:
        self.asked.append(f"activate {link}")
        return Shop().add(want())

    def deactivate(self, link: str) -> bool:
        self.asked.append(f"deactivate {link}")
        return link not in self.paid


def done(shop: Shop, wishes: Sequence[Wanted], maker: Maker) -> dict[str, Synced]:
    todo = plan(wishes, shop.seen, ())
    steps: list[int] = []
    found = list(apply(todo, maker, lambda wanted: f"words of {wanted.key}", done=steps.append))
    assert sum(steps) == len(todo.todo) or any(each.error for each in found)
    return {each.account: each for each in found}


def test_what_goes_down_goes_first_and_then_all_wanted_links_are_there() -> None:
    shop, maker = Shop(), Maker()
    old, kept = shop.add(want("ka")), shop.add(want("kb"))
    synced = done(shop, [want("ka", 2000), want("kb")], maker)["acc"]
    assert maker.asked == [f"deactivate {old.id}", "create ka"]
    assert synced.whole
    assert synced.links.keys() == {"ka", "kb"}
    assert synced.links["kb"] == kept.url


def test_where_somebody_paid_in_the_meantime_nothing_new_is_put_up() -> None:
    shop = Shop()
    old = shop.add(want("ka"))
    shop.add(want("kb", 2000), active=False)
    maker = Maker(paid=frozenset({old.id}))
    synced = done(shop, [want("ka", 2000), want("kb", 2000), want("kc", account="other")], maker)
    assert sorted(maker.asked) == ["create kc", f"deactivate {old.id}"]
    assert (synced["acc"].whole, synced["other"].whole) == (False, True)


def test_a_debt_that_was_paid_and_not_read_is_not_in_step() -> None:
    shop = Shop()
    shop.add(want("ka"), active=False, used=True)
    assert not done(shop, [want("ka"), want("kb")], Maker())["acc"].whole


@pytest.mark.parametrize("first", ["active", "used"])
def test_a_link_that_does_not_come_up_is_not_in_step(first: str) -> None:
    class Late(Maker):
        def activate(self, link: str) -> Seen:
            return replace(super().activate(link), **{first: first == "used"})  # type: ignore[arg-type]

    shop = Shop()
    shop.add(want("ka"), active=False)
    assert not done(shop, [want("ka")], Late())["acc"].whole


def test_an_account_that_fails_does_not_stop_the_others() -> None:
    wishes = [want(f"k{number}", account=f"a{number}") for number in range(50)]
    synced = done(Shop(), wishes, Maker(refused=frozenset({"k7"})))
    assert len(synced) == 50
    assert [name for name, each in synced.items() if not each.whole] == ["a7"]
    assert str(synced["a7"].error) == "Stripe refuses k7"


def test_what_is_in_order_asks_nobody() -> None:
    shop, maker = Shop(), Maker()
    for number in range(20):
        shop.add(want(f"k{number}", account=f"a{number}"))
    synced = done(shop, [want(f"k{number}", account=f"a{number}") for number in range(20)], maker)
    assert maker.asked == []
    assert all(each.whole for each in synced.values())

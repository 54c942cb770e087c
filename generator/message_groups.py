"""What one message for several companies of a group may speak of: each company's own facts, and what they add up to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from generator.domain.claims import real
from generator.domain.groups import gravest
from generator.domain.money import total
from generator.domain.policy import Tone
from generator.message_values import facts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.config import Settings
    from generator.domain.account import Account
    from generator.domain.due import DueReminder
    from generator.domain.money import Money

#: The template of such a message, whatever the step: the step gives its tone.
GROUP = "group"


@dataclass(frozen=True, slots=True)
class Group:
    """The clients of one message, each with what is due to them; `top` is the one whose step gives the tone."""

    settings: Settings
    together: tuple[tuple[Sequence[Account], DueReminder], ...]
    top: int

    @classmethod
    def of(cls, settings: Settings, clients: Sequence[Sequence[Account]]) -> Group:
        """Raises ValueError when nothing is due to one of them."""
        together = tuple((accounts, due) for accounts in clients if (due := accounts[0].reminders.due_today))
        if len(together) < len(clients):
            raise ValueError(f"nothing is due to some of {', '.join(accounts[0].client.id for accounts in clients)}")
        return cls(settings, together, gravest(clients, settings.policy.reminders))

    @property
    def asked(self) -> tuple[Money, ...]:
        """What is asked of all of them, once for each currency."""
        amounts = [amount for _, due in self.together for amount in due.asked]
        return tuple(
            total((amount for amount in amounts if amount.currency == currency), currency)
            for currency in sorted({amount.currency for amount in amounts})
        )

    def values(self) -> dict[str, object]:
        """The names that its template may use: those of the highest step, over the facts of every company."""
        known = [facts(self.settings, accounts, due) for accounts, due in self.together]
        companies = [found.values() for found in known]
        items = [item for _, due in self.together for item in real(due.items)]
        clients = [accounts[0].client for accounts, _ in self.together]
        same = len({(client.salutation, client.contact) for client in clients}) == 1
        firm = all(due.step.tone is Tone.FIRM for _, due in self.together)
        return {
            **companies[self.top],
            "client": clients[0] if same else replace(clients[0], salutation="", contact=""),
            "companies": companies,
            "sums": self.asked,
            "numbers": tuple(item.id for item in items),
            "count": len(items),
            "one": None,
            "deadline": min(found.deadline for found in known),
            "first_due": min(item.invoice.due for item in items),
            "spared": tuple(number for found in known for number in found.spared),
            "late_fees": firm and all(company["late_fees"] for company in companies),
            "notice_follows": firm and all(company["notice_follows"] for company in companies),
        }

"""A morning of a small workshop, for the tests of what its owner sees."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from generator.config import LedgerSettings, Seller, Settings
from generator.domain.fee_rules import FeePolicy
from generator.domain.ledger import Channel, Client
from generator.domain.policy import FeeMode
from generator.rates import shipped_rates
from generator.report import render_report
from tests.support.world import GENEROUS, World, world

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from generator.config_delivery import SmtpSettings
    from generator.domain.account import Account
    from generator.domain.ledger import Problem
    from generator.domain.memory import Event
    from generator.domain.policy import ReminderPolicy

TODAY = date(2026, 11, 23)  # a Monday

LEDGER = """
    client lumiere
    invoice F-118 2026-09-30 due 2026-10-30 1200.00 client=lumiere
    sent 2026-11-06 reminder-1 F-118 client=lumiere
    client brun
    invoice F-090 2026-08-28 due 2026-09-27 3450.00 client=brun
    sent 2026-10-05 reminder-1 F-090 client=brun
    sent 2026-10-13 reminder-2 F-090 client=brun
    sent 2026-10-28 reminder-3 F-090 client=brun
    client pont channel=phone
    invoice F-121 2026-10-12 due 2026-11-11 2210.00 client=pont
    client neuf
    invoice F-130 2026-11-10 due 2026-12-10 860.00 client=neuf escompte=2/15
    client vieux
    invoice F-031 2025-09-01 due 2025-10-01 1780.00 client=vieux
    invoice F-044 2025-11-01 due 2025-12-01 300.00 client=vieux
    client ozenne
    invoice F-099 2026-09-01 due 2026-10-01 540.00 client=ozenne disputed=2026-10-09
    client marchetti
    invoice F-105 2026-09-20 due 2026-10-20 415.00 client=marchetti promised=2026-11-24
    client iles
    invoice F-104 2026-09-18 due 2026-10-18 715.00 client=iles promised=2026-11-12
    sent 2026-10-26 reminder-1 F-104 client=iles
    client aubrac hold=2026-11-30
    invoice F-106 2026-09-22 due 2026-10-22 1015.00 client=aubrac
    client lys
    invoice F-083 2026-08-01 due 2026-08-31 1000.00 client=lys
    agreement EC-3 2026-09-20 F-083 2026-09-20:500.00 2026-12-21:500.00 client=lys
    payment 2026-09-20 500.00 F-083 client=lys
    client quai
    invoice F-080 2026-08-01 due 2026-08-31 1200.00 client=quai
    agreement EC-1 2026-09-20 F-080 2026-09-20:600.00 2026-11-25:600.00 client=quai
    payment 2026-09-20 600.00 F-080 client=quai
    client lemoine
    invoice F-081 2026-08-01 due 2026-08-31 900.00 client=lemoine
    agreement EC-2 2026-09-20 F-081 2026-09-20:300.00 2026-10-20:300.00 2026-11-20:300.00 client=lemoine
    sent 2026-10-23 instalment-late about=EC-2@2026-10-20 client=lemoine
    sent 2026-11-06 agreement-over about=EC-2@broken client=lemoine
    payment 2026-09-20 300.00 F-081 client=lemoine
    sent 2026-09-08 reminder-1 F-081 client=lemoine
    client harrow
    invoice F-110 2026-09-28 due 2026-10-28 2400.00 client=harrow currency=GBP
    invoice F-111 2026-10-28 due 2026-11-27 800.00 client=harrow
    client odile
    invoice F-070 2026-07-01 due 2026-07-31 100.00 client=odile
    payment 2026-07-20 130.00 client=odile
    client sauvage
    invoice F-072 2026-09-01 due 2026-10-01 680.00 client=sauvage
    debit 2026-11-19 680.00 F-072 client=sauvage
    client royer insolvent=2026-06-01
    invoice F-050 2026-04-01 due 2026-05-01 4200.00 client=royer
    client dumont
    invoice F-071 2026-07-01 due 2026-07-31 250.00 client=dumont
    payment 2026-07-30 250.00 F-071 client=dumont
    answer r1 2026-11-22 how=noted "text=Merci pour votre message, tout est en ordre." client=dumont
    client rive
    invoice F-073 2026-10-01 due 2026-10-31 470.00 client=rive
    attempt a1 2026-11-20 reminder-1 F-073 client=rive
    client gare
    invoice F-074 2026-11-03 due 2026-12-03 390.00 client=gare
    attempt a2 2026-11-03 presentation F-074 outcome=refused client=gare
"""


@dataclass(frozen=True)
class Draft:
    """A prepared message, as the report wants it; the real ones are made by another room."""

    client: str
    clients: tuple[str, ...]
    to: str
    subject: str
    step: str
    channel: Channel
    language: str
    text: str
    file_name: str


@dataclass(frozen=True)
class Morning:
    """The accounts of a day and the messages that were prepared from them."""

    world: World
    clients: list[tuple[Account, ...]]
    drafts: list[Draft]
    settings: Settings

    def files(self, warnings: Sequence[Problem] = ()) -> dict[str, bytes]:
        """The files of the report."""
        return render_report(self.settings, self.clients, self.drafts, warnings, TODAY)

    def page(self, warnings: Sequence[Problem] = ()) -> str:
        """The page of the report."""
        return self.files(warnings)["index.html"].decode()

    def of(self, client: str) -> Account:
        """The first account of a client."""
        return next(accounts[0] for accounts in self.clients if accounts[0].client.id == client)


def morning(  # noqa: PLR0913 - what a test changes of the morning, by name
    ledger: str = LEDGER,
    *,
    language: str = "fr",
    home: Path = Path("no-such-folder"),
    booked: date | None = date(2026, 11, 20),
    smtp: SmtpSettings | None = None,
    reminders: ReminderPolicy = GENEROUS.reminders,
    events: Sequence[Event] = (),
    late_fees: FeeMode = GENEROUS.late_fees,
    client: Callable[[Client], Client] = lambda client: client,
) -> Morning:
    """The morning of `TODAY` over a ledger, each client changed by `client` first; with `smtp`, relance sends by itself.

    `events` are what the ledger's text cannot say.
    """
    fees = FeePolicy(rates=shipped_rates()) if late_fees is FeeMode.CLAIM else GENEROUS.fees  # a claim needs its rates
    policy = replace(GENEROUS, payments_up_to=booked, reminders=reminders, late_fees=late_fees, fees=fees)
    found = world(ledger, policy=policy)
    found.events += events
    found.ledger = replace(found.ledger, clients={name: client(known) for name, known in found.ledger.clients.items()})
    found.build(TODAY)
    clients = found.decide(TODAY).by_client()
    seller = Seller("Atelier Lumen", "compta@atelier-lumen.example", language=language)
    settings = Settings(home, seller, "https://payer.atelier-lumen.example", LedgerSettings(), found.policy, smtp=smtp)
    drafts = [draft for accounts in clients if (draft := draft_for(accounts[0])) is not None]
    return Morning(found, clients, drafts, settings)


def draft_for(account: Account) -> Draft | None:
    """What the messages' room would prepare."""
    due, client = account.reminders.due_today, account.client
    if due is None:
        return None
    about = due.items[0].id if due.items else due.step.name
    ending = "eml" if due.channel is Channel.EMAIL else "html"
    return Draft(
        client=client.id,
        clients=(client.id,),
        to=client.email,
        subject=f"Facture {about}",
        step=due.step.name,
        channel=due.channel,
        language=client.language,
        text=f"Bonjour,\n\nLa facture {about} de {client.name} attend.\n\nAtelier Lumen\n",
        file_name=f"{account.as_of}-{client.id}-{due.step.name}.{ending}",
    )

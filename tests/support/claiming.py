"""An owner who claims late fees from one client."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.owner import CLIENTS, PLANS, SELLER, Owner, new_owner

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

CLAIMING = SELLER + PLANS + '\n[late_fees]\nclaim_from = "reminder-1"\n'
VERDIER = CLIENTS.replace("kind;language", "kind;language;late_fees").replace("business;fr", "business;fr;claim")


def claiming_owner(home: Path, capsys: pytest.CaptureFixture[str]) -> Owner:
    """On 16 November the first reminder claims what Verdier owes for being 17 days late with F-2026-118: 6.93 and 40.00."""
    made = new_owner(home / "sable", capsys)
    made.write("portal.toml", CLAIMING)
    made.write("ledger/clients.csv", VERDIER)
    assert made.run("build") == 0, made.complained
    return made


def told_by(owner: Owner) -> Owner:
    """The same once the reminder has left."""
    assert owner.run("sent", "verdier") == 0, owner.complained
    return owner

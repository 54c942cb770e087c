"""The line of words that a bank prints for a movement: who sent it, where the line says so."""

from __future__ import annotations

import re

_SENDER = re.compile(
    r"(?:/DE\b|\bDE ?:|\bEMETTEUR ?:|\bDONNEUR D.?ORDRE ?:|/FRM\b|\bFROM ?:)\s*(?P<name>\S.*?)"
    r"(?=\s*(?:/[A-Z]{2,}\b|\b(?:MOTIF|REF|REFERENCE|ID|DATE|LIB|LIBELLE|POUR|COMMUNICATION|REMITTANCE|DETAILS) ?:)|\s*$)",
    re.IGNORECASE,
)


def sender_of(label: str) -> str:
    """The sender, from lines like `VIR SEPA RECU /DE STUDIO VERDIER /MOTIF F-118`; else the line itself, which may be no more."""
    found = _SENDER.search(" ".join(label.split()))
    return found["name"] if found else label

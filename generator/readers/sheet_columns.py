"""The columns of a ledger that is one sheet: an invoice a row, its client in the same row, and how much of it is paid."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from generator.checks import slug
from generator.readers.cells import amount_text
from generator.readers.columns import CLIENTS, INVOICES, FileColumns
from generator.readers.placing import Placement, place

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

#: What the other formats of the ledger do not have.
_OWN = {
    "first_name": "prenom firstname",
    "paid": "paye payee payes payees regle reglee regles reglees acquitte acquittee paye_oui_non regle_oui_non est_payee",
    "balance": "solde reste reste_a_payer reste_a_regler reste_du restant restant_du restant_a_payer solde_du solde_a_payer"
    " solde_restant montant_restant montant_du balance_due amount_due outstanding",
}
#: Names that a sheet gives a column besides those that it has elsewhere.
_MORE = {
    "name": "client customer tiers nom_prenom nom_et_prenom destinataire nom_du_tiers",
    "number": "n no num ref reference numero_fact n_fact facture_n facture_no facture_num facture_numero",
    "issued": "date_fact emission date_de_la_facture facture_du",
    "due": "ech date_ech a_payer_avant_le echeance_le date_limite",
    "paid_on": "encaisse_le encaissee_le date_encaissement date_d_encaissement date_regl date_reglt date_du_reglement"
    " date_du_paiement date_virement paid_date",
    "paid_amount": "montant_regle montant_paye montant_recu montant_encaisse deja_regle deja_paye total_regle total_paye acompte"
    " acomptes acompte_recu acomptes_recus amount_paid",
}
#: Names that mean something else beside an invoice than in a list of clients.
_NOT_HERE = {
    "id": {"client"},
    "kind": {"type", "nature"},
    "pays_on": {"regle_le", "paie_le"},
    "salutation": {"appel"},
}
_TAKEN_FROM_INVOICES = [column for column in INVOICES.aliases if column != "client"]
#: The columns of the sheet that are about the client, in the order of clients.csv. Terms and notes in a row are its invoice's.
OF_CLIENTS = tuple(column for column in CLIENTS.aliases if column not in {"terms", "notes"})


def _names(column: str, aliases: Sequence[str]) -> tuple[str, ...]:
    unwanted = _NOT_HERE.get(column, set())
    kept = (alias for alias in aliases if alias not in unwanted)
    return tuple(dict.fromkeys([*kept, *_MORE.get(column, "").split()]))


SHEET = FileColumns(
    "sheet",
    required=("number", "issued", "total"),
    optional_file=False,
    own_name_first=False,
    aliases={
        **{column: _names(column, CLIENTS.aliases[column]) for column in OF_CLIENTS},
        **{column: _names(column, INVOICES.aliases[column]) for column in _TAKEN_FROM_INVOICES},
        **{column: tuple(names.split()) for column, names in _OWN.items()},
    },
)
NAMES = frozenset(name for column, aliases in SHEET.aliases.items() for name in (column, *aliases))
#: Who an invoice is for: by name, or by an id that clients.csv gives a name to.
WHO = ("name", "id")

_PLAIN_TOTALS = frozenset({"total", "montant", "montant_total", "amount", "total_amount"})
_BEFORE_TAX = re.compile(r"(?:(?:montant|total|prix|sous_total)_)?(?:ht|h_t|hors_taxes?|hors_tva)|net_amount|subtotal")
_FEWEST = 3  #: columns that a row of headers names
_LOOKED_AT = 40  #: rows at the top of a sheet
_MOSTLY = 2  #: one in so many cells


@dataclass(frozen=True, slots=True)
class Proposal:
    """Which column of a sheet is which of ours, as far as their names tell.

    `placed`: our column → theirs. `ambiguous`: our column → all of theirs that it could be. `missing`: what no column of theirs
    can be and every ledger needs. `unplaced`: theirs that are not read.
    """

    placed: dict[str, str]
    ambiguous: dict[str, tuple[str, ...]]
    missing: tuple[str, ...]
    unplaced: tuple[str, ...]


def propose(headers: Sequence[str], first_rows: Sequence[Sequence[str]] = ()) -> Proposal:
    """The mapping of a sheet that nothing was said of. `first_rows` tell an email from a name where the header does not."""
    found = place_sheet(headers, told_apart(headers, first_rows, {}))
    at = {column: index for column, index in found.at.items() if column not in found.rivals}
    if (
        "email" not in found.at
        and (index := _with_addresses(headers, first_rows, set(at.values()) - {at.get("contact", -1)})) >= 0
    ):
        at = {column: where for column, where in at.items() if where != index} | {"email": index}
    ambiguous = {column: tuple(headers[index] for index in places) for column, places in found.rivals.items()}
    settled = {*at.values(), *(index for places in found.rivals.values() for index in places)}
    missing = [column for column in SHEET.required if column not in at and column not in ambiguous]
    if not any(column in at or column in ambiguous for column in WHO):
        missing.insert(0, "name")
    return Proposal(
        placed={column: headers[at[column]] for column in SHEET.aliases if column in at},
        ambiguous=ambiguous,
        missing=tuple(missing),
        unplaced=tuple(header for index, header in enumerate(headers) if header and index not in settled),
    )


def _with_addresses(headers: Sequence[str], rows: Sequence[Sequence[str]], taken: set[int]) -> int:
    """The only column of which most cells are addresses; -1 when there is none, or more than one."""
    found = []
    for index, header in enumerate(headers):
        cells = [row[index] for row in rows if index < len(row) and row[index]]
        if header and index not in taken and cells and sum("@" in cell for cell in cells) * _MOSTLY > len(cells):
            found.append(index)
    return found[0] if len(found) == 1 else -1


def place_sheet(headers: Sequence[str], mapping: Mapping[str, str]) -> Placement:
    """Our columns among the headers of a sheet."""
    found = place(SHEET, headers, mapping)
    unclear = unclear_total(headers, mapping, found)
    return replace(found, rivals=found.rivals | {"total": unclear}) if unclear else found


def told_apart(headers: Sequence[str], rows: Iterable[Sequence[str]], mapping: Mapping[str, str]) -> dict[str, str]:
    """The owner's word, and which of two columns named like `paid` holds what came in: the one whose cells are all amounts."""
    names = {"paid", *SHEET.aliases["paid"]}
    both = [index for index, header in enumerate(headers) if slug(header) in names]
    known = dict(mapping)
    if len(both) != 2 or "paid_amount" in place(SHEET, headers, mapping).at:  # noqa: PLR2004 - one for each
        return known
    listed = list(rows)
    cells = {index: [row[index] for row in listed if index < len(row) and row[index]] for index in both}
    amounts = [index for index in both if cells[index] and all(amount_text(cell) for cell in cells[index])]
    if len(amounts) == 1 and mapping.get("paid") != headers[amounts[0]]:
        (other,) = {*both} - {*amounts}
        known |= {"paid": headers[other], "paid_amount": headers[amounts[0]]}
    return known


def unclear_total(headers: Sequence[str], mapping: Mapping[str, str], found: Placement) -> tuple[int, ...]:
    """The columns that could be what is to be paid, when one only says how much and stands beside one before tax."""
    total = found.at.get("total")
    if total is None or "total" in mapping or "total" in found.rivals or slug(headers[total]) not in _PLAIN_TOTALS:
        return ()
    before_tax = [index for index in found.left if _BEFORE_TAX.fullmatch(slug(headers[index]))]
    return (total, *before_tax) if before_tax else ()


def find_headers(rows: Sequence[tuple[int, list[str], bool]], mapping: Mapping[str, str]) -> int:
    """The place of the row that names the columns, below any titles: the one near the top that names most of ours. -1: none does."""
    known = NAMES | {slug(header) for header in mapping.values()}
    best, found = _FEWEST - 1, -1
    for index, (_, cells, _) in enumerate(rows[:_LOOKED_AT]):
        count = len({word for cell in cells if (word := slug(cell)) in known})
        if count > best:
            best, found = count, index
    return found


def fits(headers: Sequence[str], mapping: Mapping[str, str]) -> tuple[str, ...]:
    """What a sheet lacks to hold invoices; nothing when it does."""
    found = place_sheet(headers, mapping)
    lacking = [column for column in SHEET.required if column not in found.at]
    return tuple(lacking if any(column in found.at for column in WHO) else ["name", *lacking])

"""CSV statements, as banks export them: some lines about the account first, then the columns under names of the bank's own.

Cells are read by the rules of the ledger: dates, amounts and their decimal marks are told alike.
"""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from stdnum import iban as ibans

from generator.checks import presentable, slug
from generator.domain.bank import BankStatement, Movement
from generator.domain.ledger import SourceRef
from generator.problems import Flaw, files
from generator.problems import bank as problems
from generator.problems import cells as flaws
from generator.readers import cells
from generator.readers.bank.labels import sender_of
from generator.readers.bank.running import ends_of
from generator.readers.columns import FileColumns
from generator.readers.table import SEPARATOR_LINE, Table, records_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from generator.domain.ledger import Problem
    from generator.domain.money import Money
    from generator.readers.row import Row

_SEPARATORS = (";", ",", "\t", "|")
_LOOKED_AT = 60  #: lines in which the names of the columns must stand
_TIME = re.compile(r"[T ]\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})?$")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]){10,30}\b")
_ANY_DAY = re.compile(r"(?<!\d)(?:\d{1,2}[/.-]\d{1,2}[/.-]\d{4}|\d{4}-\d{2}-\d{2})(?!\d)")
_FOOTER = re.compile(r"(?:solde|total|totaux|balance|sum|somme|nombre|report|ancien|nouveau)(?:_.*)?")
_JOINED = frozenset({"label", "text"})
_DEBITS = frozenset({"d", "debit", "dbit", "sortie", "out"})


def _columns_of(text: str) -> dict[str, tuple[str, ...]]:
    rows = (line.split() for line in text.strip().splitlines())
    return {name: tuple(aliases) for name, *aliases in rows}


#: A bank's columns: each with the names that banks give it, the better ones first.
COLUMNS = FileColumns(
    "statement",
    required=("date",),
    aliases=_columns_of("""
        date date_operation date_d_operation date_de_l_operation date_comptable date_de_comptabilisation date_comptabilisation dateop \
            booking_date date_booked transaction_date posting_date completed_date operation_date date_de_valeur date_valeur \
            value_date settlement_date_utc started_date
        label libelle libelle_operation libelle_de_l_operation libelle_complet_operation libelle_simplifie libelle_complet \
            libelle_long detail_de_l_ecriture details operation intitule description designation transaction narrative memo \
            nature_de_l_operation type_operation motif
        text informations_complementaires information_complementaire detail commentaire communication communications \
            reference_client remittance remittance_information reference_de_paiement payment_reference reference ref note \
            complement notes libelle_2 libelle_complementaire message
        party tiers nom_du_tiers contrepartie nom_de_la_contrepartie counterparty counterparty_name emetteur \
            donneur_d_ordre payer payer_name payee sender debtor name nom_emetteur beneficiaire
        iban iban_contrepartie counterparty_iban iban_emetteur iban_tiers payer_iban
        amount montant montant_operation montant_de_l_operation montant_eur montant_en_euros montant_euro montant_ttc somme \
            amount_eur transaction_amount value settlement_amount total_amount_incl_vat
        debit debit_euros debit_eur debit_en_euros montant_debit sortie depense paid_out money_out withdrawal
        credit credit_euros credit_eur credit_en_euros montant_credit entree recette paid_in money_in deposit
        sense sens debit_credit credit_debit cdtdbtind sens_operation
        balance solde solde_apres_operation solde_eur solde_en_euros running_balance balance_eur
        account accountnum numero_de_compte num_compte numero_compte compte account_number account_id
        currency devise monnaie currency_code devise_du_compte
        number transaction_id id_transaction identifiant_operation reference_operation reference_de_l_operation \
            numero_operation operation_id reference_banque bank_reference id
    """),
)


class _Heading(NamedTuple):
    """The line that names the columns: its number, where each of ours stands, and all that is written above it."""

    line: int
    names: list[str]
    at: dict[str, list[int]]
    above: str


class _Line(NamedTuple):
    """A movement, the account that it is of, and the balance that stands beside it."""

    account: str
    movement: Movement
    balance: Money | None


def read_table(text: str, file: str, currency: str) -> tuple[list[BankStatement], list[Problem]]:
    """The statements of one CSV file, in the ledger's currency unless it says another; or what is wrong with it."""
    marked = SEPARATOR_LINE.match(text)
    body, before = (text[marked.end() :], 1) if marked else (text, 0)
    separators = (marked[1],) if marked else _SEPARATORS
    found = [(one, heading) for one in separators if (heading := _heading(body, one)) is not None]
    if not found:
        return [], [problems.COLUMNS_UNCLEAR.at(SourceRef(file), missing="a date, words and an amount together")]
    separator, heading = max(found, key=lambda one: len(one[1].at))
    table = Table.of(COLUMNS, file, {column: heading.names[places[0]] for column, places in heading.at.items()})
    _take_rows(table, body, separator, heading, before)
    movements = [
        _Line(row.text("account"), one, _balance(row, one.amount.currency))
        for row in table.rows
        if (one := _movement(row, currency)) is not None
    ]
    if table.problems:
        return [], sorted(table.problems, key=lambda problem: problem.where.line)
    return _statements(movements, file, currency, heading.above), []


def _heading(text: str, separator: str) -> _Heading | None:
    """The first line that has a column for the day, for words and for amounts."""
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    above: list[str] = []
    try:
        for _, cells_ in zip(range(_LOOKED_AT), lines, strict=False):
            at = _columns([slug(cell) for cell in cells_])
            if "date" in at and {"label", "text", "party"} & set(at) and {"amount", "debit", "credit"} & set(at):
                return _Heading(lines.line_num, [cell.strip() for cell in cells_], at, "\n".join(above))
            above.append(" ".join(cells_))
    except csv.Error:
        return None
    return None


def _columns(words: list[str]) -> dict[str, list[int]]:
    """Where our columns stand: of several that mean one, that with the better name; words may be in several."""
    at: dict[str, list[int]] = {}
    for column, aliases in COLUMNS.aliases.items():
        ranked = sorted(
            (rank, index)
            for rank, name in enumerate((column, *aliases))
            for index, word in enumerate(words)
            if word == name
        )
        if ranked:
            at[column] = [index for _, index in ranked] if column in _JOINED else [ranked[0][1]]
    if "amount" in at:
        at.pop("debit", None)
        at.pop("credit", None)
    return at


def _take_rows(table: Table, text: str, separator: str, heading: _Heading, before: int) -> None:
    first = before + 1
    for line, following, row in records_of(table, text, separator, first):
        if following - first <= heading.line:
            continue
        if extra := next(filter(None, row[len(heading.names) :]), ""):
            width = len(heading.names)
            table.refuse(files.CELLS_EXTRA.at(table.ref(line), extra, count=len(row), columns=width))
            continue
        row.extend([""] * (len(heading.names) - len(row)))
        values = {column: _shown([row[index] for index in places]) for column, places in heading.at.items()}
        if not _is_footer(values):
            table.add(line, {**values, "date": _TIME.sub("", values["date"])})


def _shown(cells_: list[str]) -> str:
    """What some cells say together, each thing once, without what a spreadsheet would take for a formula."""
    return presentable(" ".join(dict.fromkeys(filter(None, cells_))))


def _is_footer(values: Mapping[str, str]) -> bool:
    """Whether a line only tells a balance or a total, or nothing of money at all."""
    amounts = [values[column] for column in ("amount", "debit", "credit") if values.get(column)]
    if _ANY_DAY.match(values["date"]):
        return not amounts and bool(_FOOTER.fullmatch(slug(values.get("label", ""))))
    told = [slug(values[column]) for column in ("date", "label", "text", "party") if values.get(column)]
    return not amounts or any(_FOOTER.fullmatch(word) for word in told)


def _movement(row: Row, currency: str) -> Movement | None:
    on = row.day("date") if row.need("date") else None
    currency = row.read("currency", cells.currency_code) or currency
    amount = _amount(row, currency)
    if row.failed or on is None or amount is None:
        return None
    texts = tuple(dict.fromkeys(text for text in (row.text("label"), row.text("text")) if text))
    return Movement(
        on=on,
        amount=amount,
        party=row.text("party") or sender_of(" ".join(texts)),
        texts=texts,
        iban="".join(row.text("iban").split()).upper(),
        number=row.text("number"),
        source=row.source,
    )


def _amount(row: Row, currency: str) -> Money | None:
    """The amount: positive for what came. A debit may be written with or without its sign."""
    debit, credit = row.text("debit"), row.text("credit")
    if debit and credit and not (_nothing(debit) or _nothing(credit)):
        row.fail(problems.AMOUNT_TWICE.at(row.ref("debit"), debit))
        return None
    column = "amount" if row.table.has("amount") else "debit" if debit and not _nothing(debit) else "credit"
    text = row.text(column)
    if not text:
        row.fail(flaws.CELL_MISSING.at(row.ref(column), file=row.table.columns.file))
        return None
    amount = row.value(column, text, cells.amount(text, currency, row.table.mark(column)))
    if amount is None:
        return None
    leaves = column == "debit" or slug(row.text("sense")) in _DEBITS
    return -amount if leaves and amount.minor > 0 else amount


def _balance(row: Row, currency: str) -> Money | None:
    """The balance after a movement, in the style of the amounts; nothing for what cannot be understood: it is only a check."""
    marks = (row.table.mark(column) for column in ("amount", "credit", "debit") if row.table.has(column))
    found = cells.amount(row.text("balance"), currency, next(filter(None, marks), ""))
    return None if isinstance(found, Flaw) else found


def _nothing(text: str) -> bool:
    found = cells.amount_text(text)
    return found is not None and not found.digits


def _statements(lines: Sequence[_Line], file: str, currency: str, above: str) -> list[BankStatement]:
    """The movements of each account that the file is about, and the days that it speaks for."""
    told = next((text for match in _IBAN.finditer(above) if ibans.is_valid(text := "".join(match[0].split()))), "")
    groups: dict[str, list[_Line]] = {}
    for line in lines:
        groups.setdefault(" ".join(line.account.upper().split()) or told, []).append(line)
    return [
        BankStatement(
            file=file,
            form="csv",
            account=account,
            currency=next((movement.amount.currency for movement in found), currency),
            begins=min((begun for begun in (period[0], min(days, default=None)) if begun), default=None),
            ends=max((ended for ended in (period[1], max(days, default=None)) if ended), default=None),
            movements=found,
            opening=opening,
            closing=closing,
        )
        for account, own in (groups or {told: []}).items()
        for found in (tuple(line.movement for line in own),)
        for opening, closing in (ends_of(found, [line.balance for line in own]),)
        for days in ([movement.on for movement in found],)
        for period in (_told_period(above, days),)
    ]


def _told_period(above: str, days: Sequence[date]) -> tuple[date | None, date | None]:
    """The two days that the lines about the account name, when all movements lie between them."""
    found = sorted({day for text in _ANY_DAY.findall(above) if isinstance(day := cells.day(text), date)})
    if len(found) != 2 or any(not found[0] <= day <= found[1] for day in days):  # noqa: PLR2004 - from one to the other
        return None, None
    return found[0], found[1]

"""Whatever is in the files, the owner gets a list of problems, never a traceback; and nothing wrong gets in unseen."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from generator.domain.ledger import Severity
from generator.problems import CATALOGUE, format_problem
from generator.readers.columns import FILES
from tests.readers.folder import Read, read
from tests.support.effort import examples

FEW = settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow])

GARBAGE_CELLS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            "",
            "verdier",
            "VERDIER",
            "F-1",
            "F-1 F-2",
            "f-1/2",
            "120,00",
            "1,234",
            "1.234",
            "-12",
            "1e3",
            "NaN",
            "0",
            "31/12/2026",
            "31/02/2026",
            "2026-10-01",
            "9999-12-31",
            "30 fin de mois",
            "fin de mois 999",
            "void",
            "draft",
            "EUR",
            "GBP",
            "TND",
            "=1+1",
            "a@b.example",
            "oui",
            "Total",
            "a\nb",
            '"',
            '"x',
            "\0",
            "\u202e",
            "=?utf-8?q?x?=",
            "../x",
            "%2f",
            "CON",
            "20:10 5:3",
            "100",
            "https://a.example/",
            "https://[",
            "//x",
            "{0}",
            "{found}",
            "%s",
        ]
    ),
)


def judge(found: Read) -> None:
    """What must hold of any reading."""
    for problem in found.found:
        assert problem.code in CATALOGUE
        assert format_problem(problem).isprintable()
    ledger = found.ledger
    for invoice in ledger.invoices:
        assert invoice.client in ledger.clients or any(problem.severity is Severity.ERROR for problem in found.found)
        assert invoice.total.minor >= 0
    assert all(note.amount.minor > 0 for note in ledger.credit_notes)
    assert len({invoice.id for invoice in ledger.invoices}) == len(ledger.invoices)
    names = {name for invoice in ledger.invoices for name in (invoice.id, invoice.number)}
    if not any(problem.severity is Severity.ERROR for problem in found.found):
        assert all(name in names for payment in ledger.payments for name in payment.invoices)


@FEW
@given(
    st.dictionaries(
        st.sampled_from([columns.name.replace("relance-", "relance_") for columns in FILES]),
        st.binary(max_size=400),
        max_size=3,
    )
)
@example({"clients": b"\xff\xfe\x00\xd8"})
@example({"clients": b"sep=\n"})
@example({"invoices": b'sep="\n"a"b\n'})
@example({"invoices": b"\xef\xbb\xbf"})
@example({"payments": b";\n;;;\n"})
@example({"payments": b'"\n'})
def test_any_bytes_are_told_as_problems(contents: dict[str, bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        judge(read(Path(folder), **contents))  # type: ignore[arg-type]


@st.composite
def sheets(draw: st.DrawFn, file: int) -> str:
    """A sheet with real headers and cells of all kinds, written as a careless program would."""
    columns = FILES[file]
    headers = draw(st.lists(st.sampled_from([*columns.aliases, "", "Couleur"]), min_size=1, max_size=8))
    wanted = [*columns.required, *headers] if draw(st.booleans()) else headers
    names = list(dict.fromkeys(wanted))
    rows = draw(st.lists(st.lists(GARBAGE_CELLS, min_size=1, max_size=len(names) + 1), max_size=5))
    quoted = draw(st.booleans())
    lines = [[*names], *rows]
    return "\n".join(
        ";".join('"' + cell.replace('"', '""') + '"' if quoted else cell for cell in cells) for cells in lines
    )


@FEW
@given(st.data())
def test_any_cells_are_told_as_problems(data: st.DataObject) -> None:
    names = [columns.name.replace("relance-", "relance_") for columns in FILES]
    chosen = data.draw(st.sets(st.sampled_from(range(len(FILES))), min_size=1, max_size=3))
    contents = {names[file]: data.draw(sheets(file)).encode("utf-8", "surrogatepass") for file in chosen}
    with tempfile.TemporaryDirectory() as folder:
        judge(read(Path(folder), **contents))  # type: ignore[arg-type]


@FEW
@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                [
                    "number",
                    "client",
                    "issued",
                    "due",
                    "total",
                    "terms",
                    "part",
                    "status",
                    "paid_on",
                    "credit_of",
                    "currency",
                ]
            ),
            GARBAGE_CELLS,
        ),
        max_size=4,
    )
)
def test_a_row_that_is_sound_but_for_some_cells(spoilt: list[tuple[str, str]]) -> None:
    row = {
        "number": "F-1",
        "client": "verdier",
        "issued": "01/10/2026",
        "due": "",
        "total": "120,00",
        "terms": "",
        "part": "",
        "status": "",
        "paid_on": "",
        "credit_of": "",
        "currency": "",
    }
    row |= dict(spoilt)
    cells = ";".join('"' + cell.replace('"', '""') + '"' for cell in row.values())
    with tempfile.TemporaryDirectory() as folder:
        found = read(
            Path(folder),
            invoices=f"{';'.join(row)}\n{cells}\nF-2;verdier;01/10/2026;;80,00;;;;;;\n".encode(
                "utf-8", "surrogatepass"
            ),
        )
        judge(found)
        told = any(problem.where.line in {0, 2} for problem in found.found)
        lines = [invoice.source.line for invoice in found.ledger.invoices] + [
            note.source.line for note in found.ledger.credit_notes
        ]
        read_row = 2 in lines
        assert read_row or told or row["status"] in {"void", "draft"} or not any(row.values())

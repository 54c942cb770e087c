"""What reading a ledger costs, in each format, beside reading the same rows with the library alone.

    python -m bench.readers                      100,000 rows of each format, three rounds
    python -m bench.readers --formats csv sql --rows 20000
    python -m bench.readers --json result.json

`ours` is `read_ledger`: from the files to checked facts. `bare` only takes every row out of the same files, as the library
that we use gives them (`csv`, calamine, SQLAlchemy): no value is understood, nothing is kept.

Every measurement is a process of its own, and the two take turns. Seconds are of the processor, one core, for 100,000 rows;
memory is that of the whole process, Python and libraries too, in its worst moment. The run fails when a format takes more than
ten seconds. E-invoices are no rows: `bench.einvoices` measures them.
"""

from __future__ import annotations

import argparse
import csv
import gc
import json
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:  # run as a file and not as a module
    sys.path.insert(0, str(ROOT))

from bench.contenders import Watch  # noqa: E402 - see above
from bench.ledger import write_ledger  # noqa: E402
from bench.run import Series  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

_ROWS, _ROUNDS = 100_000, 3
_MOST_SECONDS = 10.0
_LISTS = ("clients", "invoices", "payments")
_FEC = (
    "JournalCode\tJournalLib\tEcritureNum\tEcritureDate\tCompteNum\tCompteLib\tCompAuxNum\tCompAuxLib\tPieceRef\tPieceDate"
    "\tEcritureLib\tDebit\tCredit\tEcritureLet\tDateLet\tValidDate\tMontantdevise\tIdevise"
)
_OF_CLIENT = ("name", "email", "contact", "phone", "kind", "language", "address")


@dataclass(frozen=True, slots=True)
class Format:
    """`make` turns a folder with a CSV ledger into one of this format; `bare` counts the rows of that."""

    make: Callable[[Path], None]
    bare: Callable[[Path], int]
    rows_a_client: float = 10.35  #: with its invoices and payments


def _as_it_is(folder: Path) -> None:
    """The ledger of the benchmark is in CSV files."""


def _bare_csv(folder: Path) -> int:
    count = 0
    for name in _LISTS:
        with (folder / "ledger" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            count += sum(1 for _ in csv.reader(file, delimiter=";")) - 1
    return count


def _into_sqlite(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "ledger.db")) as database:
        for name in _LISTS:
            with (folder / "ledger" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
                headers, *rows = csv.reader(file, delimiter=";")
            columns = ", ".join(f'"{header}"' for header in headers)
            database.execute(f"create table {name} ({columns})")
            marks = ", ".join("?" * len(headers))
            database.executemany(f"insert into {name} values ({marks})", rows)  # noqa: S608 - our own names
        database.commit()
    queries = "".join(f'{name} = "select * from {name}"\n' for name in _LISTS)  # noqa: S608 - our own names
    _say(folder, "sql", f"[ledger.sql]\n{queries}")


def _bare_sql(folder: Path) -> int:
    from sqlalchemy import create_engine  # noqa: PLC0415 - imports are not what is measured

    engine = create_engine(f"sqlite:///{folder / 'ledger.db'}")
    with engine.connect() as connection:
        asked = [connection.exec_driver_sql(f"select * from {name}") for name in _LISTS]  # noqa: S608 - our own names
        return sum(1 for rows in asked for _ in rows.yield_per(1000))


def _into_sheet(folder: Path) -> None:
    """A workbook of invoices with their clients in the row; the payments stay beside it."""
    from openpyxl import Workbook  # noqa: PLC0415 - imports are not what is measured

    clients = {row["id"]: row for row in _rows(folder, "clients")}
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Factures")
    headers: list[str] = []
    for row in _rows(folder, "invoices"):
        whole: dict[str, Any] = {
            "id": row["client"],
            **{name: clients[row["client"]][name] for name in _OF_CLIENT},
            **row,
        }
        del whole["client"]
        whole |= {"issued": date.fromisoformat(row["issued"]), "total": float(row["total"].replace(",", "."))}
        if not headers:
            headers = list(whole)
            sheet.append(headers)
        sheet.append(list(whole.values()))
    book.save(folder / "factures.xlsx")
    _say(folder, "sheet", keys='file = "factures.xlsx"\n', beside=("payments",))


def _bare_sheet(folder: Path) -> int:
    from python_calamine import CalamineWorkbook  # noqa: PLC0415 - imports are not what is measured

    book = CalamineWorkbook.from_path(str(folder / "factures.xlsx"))
    count = sum(1 for _ in book.get_sheet_by_index(0).iter_rows()) - 1
    with (folder / "learnt" / "payments.csv").open(encoding="utf-8", newline="") as file:
        return count + sum(1 for _ in csv.reader(file, delimiter=";")) - 1


def _into_fec(folder: Path) -> None:
    """Three lines for an invoice, two for a payment, lettered; clients stay beside it."""
    numbers = {row["number"]: row for row in _rows(folder, "invoices") if row["currency"] == "EUR"}
    letters = {row["invoice"]: f"L{place:06d}" for place, row in enumerate(_rows(folder, "payments")) if row["invoice"]}
    lines = [_FEC]
    for place, row in enumerate(numbers.values()):
        cents = round(float(row["total"].replace(",", ".")) * 100)
        day, letter = row["issued"].replace("-", ""), letters.get(row["number"], "")
        start = f"VE\tVentes\tV{place:06d}\t{day}\t"
        end = f"\t{row['number']}\t{day}\tFacture {row['number']}\t"
        lines += [
            f"{start}411000\tClients\t{row['client']}\t{row['client']}{end}{_sides(cents)}\t{letter}\t{day if letter else ''}\t{day}\t\t",
            f"{start}706000\tVentes\t\t{end}{_sides(cents // 6 - cents)}\t\t\t{day}\t\t",
            f"{start}445710\tTVA\t\t{end}{_sides(-(cents // 6))}\t\t\t{day}\t\t",
        ]
    for place, row in enumerate(_rows(folder, "payments")):
        if row["currency"] != "EUR":
            continue
        cents = round(float(row["amount"].replace(",", ".")) * 100)
        day, letter = row["date"].replace("-", ""), letters.get(row["invoice"], "")
        start = f"BQ\tBanque\tB{place:06d}\t{day}\t"
        end = f"\tR{place:06d}\t{day}\tReglement {row['invoice']}\t"
        lines += [
            f"{start}512000\tBanque\t\t{end}{_sides(cents)}\t\t\t{day}\t\t",
            f"{start}411000\tClients\t{row['client']}\t{row['client']}{end}{_sides(-cents)}\t{letter}\t{day if letter else ''}\t{day}\t\t",
        ]
    (folder / "123456782FEC20261231.txt").write_text("\r\n".join([*lines, ""]), encoding="utf-8")
    _say(folder, "fec", keys='file = "123456782FEC20261231.txt"\n', beside=("clients",))


def _sides(cents: int) -> str:
    amount = f"{abs(cents) // 100},{abs(cents) % 100:02d}"
    return f"{amount}\t0,00" if cents >= 0 else f"0,00\t{amount}"


def _bare_fec(folder: Path) -> int:
    with (folder / "123456782FEC20261231.txt").open(encoding="utf-8") as file:
        return sum(1 for line in file if line.split("\t")) - 1


def _rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / "ledger" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def _say(folder: Path, form: str, tables: str = "", keys: str = "", beside: tuple[str, ...] = ()) -> None:
    """Puts another format into the policy, and beside it only what this format reads."""
    policy = folder / "portal.toml"
    text = policy.read_text(encoding="utf-8").replace(
        "[ledger]\n", f'[ledger]\nformat = "{form}"\npath = "learnt"\n{keys}'
    )
    policy.write_text(f"{text}\n{tables}", encoding="utf-8")
    (folder / "learnt").mkdir()
    for name in beside:
        shutil.copy(folder / "ledger" / f"{name}.csv", folder / "learnt")


FORMATS = {
    "csv": Format(_as_it_is, _bare_csv),
    "sheet": Format(_into_sheet, _bare_sheet),
    "sql": Format(_into_sqlite, _bare_sql),
    "fec": Format(_into_fec, _bare_fec, rows_a_client=24.0),
}


def ours(folder: Path) -> int:
    """How many rows became facts, with nothing to say of any."""
    from generator.config import load_settings  # noqa: PLC0415 - imports are not what is measured
    from generator.problems import stops  # noqa: PLC0415
    from generator.readers import read_ledger  # noqa: PLC0415

    settings, _ = load_settings(folder)
    if settings is None:
        raise ValueError("the policy of the benchmark is wrong")
    ledger, problems = read_ledger(settings)
    if stops(problems):
        raise ValueError(f"the ledger of the benchmark is wrong: {problems[0]}")
    return len(ledger.clients) + len(ledger.invoices) + len(ledger.credit_notes) + len(ledger.payments)


def one(form: str, contender: str, folder: Path) -> dict[str, float]:
    """Reads a ledger once: seconds, the rows that it has, and the memory of this process in its worst moment."""
    read = ours if contender == "ours" else FORMATS[form].bare
    gc.collect()
    watch = Watch()
    rows = read(folder)
    spent = watch.stop()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {"seconds": float(str(spent["seconds"])), "cpu": float(str(spent["cpu"])), "peak_mb": peak, "rows": rows}


def measure(form: str, rows: int, rounds: int, scratch: Path) -> dict[str, Any]:
    """Both contenders in turns."""
    folder = write_ledger(scratch / form, max(1, round(rows / FORMATS[form].rows_a_client)))
    FORMATS[form].make(folder)
    series = {"ours": Series(), "bare": Series()}
    for turn in range(rounds):
        for name in sorted(series, reverse=bool(turn % 2)):
            series[name].add(dict(_apart(form, name, folder)))
    found = int(str(series["bare"].last["rows"]))
    scale = _ROWS / found
    return {
        "rows": found,
        "facts": series["ours"].last["rows"],
        "seconds": {name: round(one.median_cpu * scale, 3) for name, one in series.items()},
        "ours_over_bare": series["ours"].over(series["bare"])[1],
        "peak_mb": {name: max(one.peak_mb) for name, one in series.items()},
    }


def _apart(form: str, contender: str, folder: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.readers", "--one", form, contender, str(folder)]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own module
    measured: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return measured


def _line(form: str, found: dict[str, Any]) -> str:
    seconds, peak = found["seconds"], found["peak_mb"]
    return (
        f"{form:10} {found['rows']:8,} rows   per 100,000: ours {seconds['ours']:7.3f} s  bare {seconds['bare']:7.3f} s"
        f"   ratio {found['ours_over_bare']:7.1f}   memory {peak['ours']:5} MB  bare {peak['bare']:5} MB"
    )


def main() -> int:
    """Measures, prints a table, writes JSON when asked to. 1 when a format takes too long."""
    parser = argparse.ArgumentParser(description="Measures what reading a ledger costs.")
    parser.add_argument("--formats", nargs="+", choices=sorted(FORMATS), default=list(FORMATS))
    parser.add_argument("--rows", type=int, default=_ROWS)
    parser.add_argument("--rounds", type=int, default=_ROUNDS)
    parser.add_argument("--json", type=Path, help="also write the results here")
    parser.add_argument("--one", nargs=3, metavar=("FORMAT", "CONTENDER", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        form, contender, folder = options.one
        sys.stdout.write(json.dumps(one(form, contender, Path(folder))) + "\n")
        return 0
    results: dict[str, dict[str, Any]] = {}
    for form in options.formats:
        with tempfile.TemporaryDirectory(prefix="relance-bench-") as scratch:
            results[form] = measure(form, options.rows, options.rounds, Path(scratch))
        sys.stdout.write(_line(form, results[form]) + "\n")
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    return 0 if all(found["seconds"]["ours"] <= _MOST_SECONDS for found in results.values()) else 1


if __name__ == "__main__":
    sys.exit(main())

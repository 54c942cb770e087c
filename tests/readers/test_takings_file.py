"""Rows are added to a file as its owner's spreadsheet would, and read back as exactly what was meant."""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.checks import Clean, clean, presentable
from generator.domain.ledger import Dispute, Payment, Progress, Taking
from generator.domain.money import Money
from generator.errors import OutsideError, UserError
from generator.readers.takings_file import append_disputes, append_takings
from tests.readers.folder import again, read
from tests.support.effort import examples

if TYPE_CHECKING:
    from generator.domain.ledger import Ledger

BOM = b"\xef\xbb\xbf"
PAYMENT = Payment(
    "verdier",
    date(2026, 11, 2),
    Money(12000, "EUR"),
    method="card",
    reference="RF18539007547034",
    stripe=("pi_1", "ch_1", "cs_1"),
    link="plink_1",
)
TAKING = Taking(Progress.PAID, PAYMENT, "1.65 EUR")
ROW = "2026-11-02;verdier;120,00;;EUR;card;RF18539007547034;;paid;pi_1 ch_1 cs_1;;plink_1;1.65 EUR;"


def file_of(folder: Path, content: bytes | None = None) -> Path:
    path = folder / "ledger" / "relance" / "payments.csv"
    if content is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return path


def added(folder: Path, before: bytes | str, *takings: Taking) -> bytes:
    path = file_of(folder, before if isinstance(before, bytes) else before.encode())
    append_takings(path, takings or [TAKING])
    return path.read_bytes()


def test_the_first_row_makes_the_folder_and_the_file(tmp_path: Path) -> None:
    path = file_of(tmp_path)
    append_takings(path, [TAKING])
    head = "date;client;amount;invoice;currency;method;reference;note;status;stripe;undoes;link;fee;bank"
    assert path.read_bytes() == BOM + f"{head}\n{ROW}\n".encode()
    found = read(tmp_path)
    assert found.problems == []
    assert found.ledger.takings == (TAKING,)
    assert [child.name for child in path.parent.iterdir()] == ["payments.csv"]


def test_nothing_to_add_makes_nothing(tmp_path: Path) -> None:
    append_takings(file_of(tmp_path), [])
    assert list(tmp_path.iterdir()) == []


def test_a_second_time_adds_at_the_end(tmp_path: Path) -> None:
    path = file_of(tmp_path)
    append_takings(path, [replace(TAKING, progress=Progress.IN_FLIGHT)])
    before = path.read_bytes()
    append_takings(path, [TAKING])
    assert path.read_bytes() == before + f"{ROW}\n".encode()
    assert read(tmp_path).ledger.takings == (TAKING,)


@pytest.mark.parametrize(
    ("before", "row"),
    [
        ("date,client,amount,stripe,currency,method,reference,status,link,fee\n",
         "2026-11-02,verdier,120.00,pi_1 ch_1 cs_1,EUR,card,RF18539007547034,paid,plink_1,1.65 EUR\n"),
        ("Date;Client;Montant;Statut;Identifiant Stripe;Devise;Mode;Libellé;Lien;Frais;À moi\r\n31/10/2026;verdier;50,00;;;;;;;;x\r\n",
         "02/11/2026;verdier;120,00;paid;pi_1 ch_1 cs_1;EUR;card;RF18539007547034;plink_1;1.65 EUR;\r\n"),
        ("sep=|\ndate|client|amount|status|stripe|currency|method|reference|link|fee\n1.9.26|verdier|1 234.50|||||||",
         "\n02.11.26|verdier|120.00|paid|pi_1 ch_1 cs_1|EUR|card|RF18539007547034|plink_1|1.65 EUR\n"),
        ("date\tclient\tamount\tstatus\tstripe\tcurrency\tmethod\treference\tlink\tfee\r2026/10/01\tverdier\t5.50\r",
         "2026/11/02\tverdier\t120.00\tpaid\tpi_1 ch_1 cs_1\tEUR\tcard\tRF18539007547034\tplink_1\t1.65 EUR\r"),
        ('date,client,amount,status,stripe,currency,method,reference,link,fee\n01/10/2026,verdier,"5,50",,,,,,,\n\n\n',
         '02/11/2026,verdier,"120,00",paid,pi_1 ch_1 cs_1,EUR,card,RF18539007547034,plink_1,1.65 EUR\n'),
    ],
)  # fmt: skip
def test_the_file_keeps_its_ways(tmp_path: Path, before: str, row: str) -> None:
    assert added(tmp_path, before).decode() == before + row
    assert read(tmp_path).ledger.takings == (TAKING,)


def test_a_column_that_the_file_lacks_comes_at_the_end_of_every_line(tmp_path: Path) -> None:
    before = 'sep=;\r\n\r\nDate;Client;Montant;\r\n31/10/2026;verdier;50,00\r\n"01/11/2026";verdier;"60,00";;\r\n;;;\r\nTotal;;110,00;'
    assert added(tmp_path, before).decode() == (
        "sep=;\r\n\r\nDate;Client;Montant;;currency;method;reference;status;stripe;link;fee\r\n"
        '31/10/2026;verdier;50,00;;;;;;;;\r\n"01/11/2026";verdier;"60,00";;;;;;;;\r\n;;;\r\nTotal;;110,00;;;;;;;;\r\n'
        "02/11/2026;verdier;120,00;;EUR;card;RF18539007547034;paid;pi_1 ch_1 cs_1;plink_1;1.65 EUR\r\n"
    )
    found = read(tmp_path)
    assert found.ledger.takings == (TAKING,)
    assert [str(payment.amount) for payment in found.ledger.payments] == ["50.00", "60.00", "120.00"]


def test_cells_of_several_lines_stay_whole_when_a_column_is_added(tmp_path: Path) -> None:
    before = 'date;client;amount;note\n31/10/2026;verdier;50,00;"a;""b""\nc"\n'
    assert (
        added(tmp_path, before, replace(TAKING, payment=replace(PAYMENT, note='x;\n"y"')))
        .decode()
        .startswith(
            'date;client;amount;note;currency;method;reference;status;stripe;link;fee\n31/10/2026;verdier;50,00;"a;""b""\nc";;;;;;;\n'
        )
    )
    assert [payment.note for payment in read(tmp_path).ledger.payments] == ['a;"b"\nc', 'x;\n"y"']


HEAD = "date;client;amount;invoice;currency;method;reference;note;status;stripe;undoes;link;fee;Libre\n"


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_the_file_keeps_its_encoding(tmp_path: Path, codec: str) -> None:
    before = f"{HEAD}31/10/2026;verdier;50,00;;;chèque;;;;;;;;déjà là\n".encode(codec)
    noted = replace(TAKING, payment=replace(PAYMENT, method="débit", note="l’été à 5 €"))
    after = added(tmp_path, before, noted)
    assert after.startswith(before)
    assert (
        after[len(before) :].decode({"utf-8-sig": "utf-8", "utf-16": "utf-16-le"}.get(codec, codec)).count("débit") == 1
    )
    assert read(tmp_path).ledger.takings == (noted,)


@pytest.mark.parametrize("name", ["Łukasz", "Ã©lan", "élan"])
def test_a_name_that_windows_1252_cannot_write_moves_the_file_to_utf_8(tmp_path: Path, name: str) -> None:
    before = f"{HEAD}31/10/2026;verdier;50,00;;;chèque;;;;;;;;déjà là\n"
    clients = f"id;name;email\nverdier;V;v@verdier.example\n{name};L;l@lukasz.example\n"
    taking = replace(TAKING, payment=replace(PAYMENT, client=name))
    after = added(tmp_path, before.encode("cp1252"), taking)
    assert after.startswith(before.encode("cp1252") if name == "élan" else BOM + before.encode())
    found = read(tmp_path, clients=clients)
    assert found.ledger.takings == (taking,)


@pytest.mark.parametrize("before", [b"", BOM, b"\n", b"sep=,\r\n", b"  \r\n\r\n", "\n".encode("utf-16")])
def test_a_file_without_a_line_gets_its_first(tmp_path: Path, before: bytes) -> None:
    assert added(tmp_path, before).startswith(before)
    found = read(tmp_path)
    assert (found.problems, found.ledger.takings) == ([], (TAKING,))


def test_three_decimals_are_never_taken_for_thousands(tmp_path: Path) -> None:
    dinars = replace(TAKING, payment=replace(PAYMENT, amount=Money(1234, "TND")))
    path = file_of(tmp_path)
    append_takings(path, [dinars])
    assert ";1,2340;" in path.read_text(encoding="utf-8-sig")
    assert read(tmp_path).ledger.takings == (dinars,)


def test_a_file_that_its_reader_refuses_is_left_alone(tmp_path: Path) -> None:
    for before in (b'date;client;amount\n"x', b"date;client\n", b"PK\x03\x04", b"a\xc3\xa9\xe9;"):
        path = file_of(tmp_path, before)
        with pytest.raises(UserError):
            append_takings(path, [TAKING])
        assert path.read_bytes() == before
        assert [child.name for child in path.parent.iterdir()] == ["payments.csv"]


def test_a_disk_that_refuses_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    path = file_of(tmp_path, HEAD.encode())
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutsideError, match="No space left"):
        append_takings(path, [TAKING])
    assert path.read_bytes() == HEAD.encode()
    assert [child.name for child in path.parent.iterdir()] == ["payments.csv"]


def test_what_a_run_that_died_left_aside_goes(tmp_path: Path) -> None:
    path = file_of(tmp_path, HEAD.encode())
    path.with_name(".payments.csv.0a1b2c3d.tmp").write_bytes(b"half a fi")
    append_takings(path, [TAKING])
    assert [child.name for child in path.parent.iterdir()] == ["payments.csv"]
    assert read(tmp_path).ledger.takings == (TAKING,)


def test_a_link_to_the_file_stays_a_link_and_its_rights_stay(tmp_path: Path) -> None:
    kept = tmp_path / "kept.csv"
    kept.write_text(HEAD, encoding="utf-8")
    kept.chmod(0o600)
    path = file_of(tmp_path)
    path.parent.mkdir(parents=True)
    path.symlink_to(kept)
    append_takings(path, [TAKING])
    assert path.is_symlink()
    assert kept.stat().st_mode & 0o777 == 0o600
    assert read(tmp_path).ledger.takings == (TAKING,)


def test_disputes_go_into_their_own_file(tmp_path: Path) -> None:
    path = tmp_path / "ledger" / "relance" / "disputes.csv"
    disputes = [
        Dispute("F-1", date(2026, 11, 3), reason="Stripe du_1"),
        Dispute("F-1", date(2026, 11, 4), date(2026, 11, 9), "=SUM(A1)\n-x"),
    ]
    append_disputes(path, disputes[:1])
    append_disputes(path, disputes[1:])
    found = read(tmp_path)
    assert found.problems == []
    assert [dispute.reason for dispute in found.ledger.disputes] == ["Stripe du_1", "'=SUM(A1)\n-x"]
    assert [(dispute.opened_on, dispute.closed_on) for dispute in found.ledger.disputes] == [
        (dispute.opened_on, dispute.closed_on) for dispute in disputes
    ]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        (" @SUM(A1)", "'@SUM(A1)"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("=?utf-8?q?x?=", "'= ?utf-8?q?x?="),
        ("-12,50", "-12,50"),
        ("+33 4 00", "+33 4 00"),
        ("a\r\nb\tc", "a  b c"),
        ("a\u200bb\x00", "ab"),
    ],
)
def test_what_a_spreadsheet_would_run_is_a_text(text: str, written: str) -> None:
    assert presentable(text) == written
    assert clean(presentable(text)) == Clean(presentable(text))


@settings(max_examples=examples(200), deadline=None)
@given(
    st.text(alphabet=st.one_of(st.characters(), st.sampled_from("=?@+-(|!\u200b\n\r\t 'A")), max_size=12), st.booleans()
)
def test_a_text_of_ours_is_one_that_readers_take(text: str, lines: bool) -> None:  # noqa: FBT001
    written = presentable(text, lines=lines)
    assert clean(written, lines=lines) == Clean(written)
    assert presentable(written, lines=lines) == written
    if clean(text, lines=lines) == Clean(text) and text == text.strip() and "\r" not in text:
        assert written == text


# Whatever the file is like, and whatever is to be written


CLIENT_IDS = ["verdier", "Élan & Cie", "l’été (Ł)", "a.b+c@d#1", "0042", "Œuvre-9"]
NUMBERS = ["F-1", "F 2", "2026/3", "N°4", "-5", "7;8", 'F"9', "1,5", "é=6"]
INVOICES = "number;client;issued;due;total\n" + "".join(
    '"{}";verdier;2026-10-01;2026-10-31;99999\n'.format(number.replace('"', '""')) for number in NUMBERS
)
CLIENTS = "id;name;email\n" + "".join(f"{client};X;x@verdier.example\n" for client in CLIENT_IDS)
CURRENCIES = ["EUR", "JPY", "TND"]
words = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["=1+1", "-x", "+1", "@SUM(1)", "a;b", "a,b", 'a"b', "a\tb", "é", "Ł", "Ã©", "x\ny", "sep=;", "Total"]
    ),
)
stripe_ids = st.from_regex(r"(pi|ch|re|cs)_[A-Za-z0-9_]{1,8}", fullmatch=True)


@st.composite
def takings(draw: st.DrawFn) -> Taking:
    """Any taking as relance would book it: texts as they can stand in a cell."""
    currency = draw(st.sampled_from(CURRENCIES))
    named = draw(st.lists(st.sampled_from(NUMBERS), max_size=3, unique=True))
    if any({",", ";"} & {*name} for name in named):  # such a number can only be named alone
        named = named[:1]
    return Taking(
        draw(st.sampled_from(Progress)),
        Payment(
            client=draw(st.sampled_from(CLIENT_IDS)),
            date=draw(st.dates(date(1970, 1, 1), date(2199, 12, 31))),
            amount=Money(draw(st.integers(-(10**9), 10**9)), currency),
            invoices=tuple(named),
            method=presentable(draw(words)),
            reference=presentable(draw(words)),
            note=presentable(draw(words), lines=True),
            stripe=tuple(dict.fromkeys(draw(st.lists(stripe_ids, min_size=1, max_size=3)))),
            undoes=draw(st.one_of(st.just(""), stripe_ids)),
            link=draw(st.sampled_from(["", "plink_1"])),
        ),
        presentable(draw(words)),
    )


class Written(NamedTuple):
    """A file as some spreadsheet wrote it."""

    content: bytes
    text: str
    codec: str


COLUMNS = {
    "date": ["date", "Date de paiement", "RÉGLÉ LE"],
    "client": ["client", "Code client"],
    "amount": ["amount", "Montant"],
    "invoice": ["invoice", "N° facture"],
    "currency": ["currency", "Devise"],
    "note": ["note", "Commentaire"],
    "status": ["status", "État"],
    "stripe": ["stripe", "Identifiant Stripe"],
    "": ["Libre", ""],
}
DAYS = ["31/10/2026", "1/9/26", "2026-10-31", "2026/10/31", "31.10.2026", "31-10-26"]


@st.composite
def files(draw: st.DrawFn) -> Written:
    """A sound payments file, written in any of the ways that readers take."""
    separator, ending = draw(st.sampled_from(";,\t|")), draw(st.sampled_from(["\n", "\r\n", "\r"]))
    chosen = ["date", "client", "amount", *draw(st.lists(st.sampled_from([*COLUMNS][3:]), unique=True))]
    chosen = draw(st.permutations(chosen))
    header = [draw(st.sampled_from(COLUMNS[column])) for column in chosen]
    days, mark = draw(st.sampled_from(DAYS)), draw(st.sampled_from([",", "."]))
    sums = draw(st.sampled_from([[f"50{mark}00", f"-1 234{mark}5"], ["50", "1200"], [f"(12{mark}30)", "7"]]))
    lines = [header]
    for number in range(draw(st.integers(0, 3))):
        cells = {
            "date": days,
            "client": draw(st.sampled_from(["verdier", "0042"])),
            "amount": draw(st.sampled_from(sums)),
            "note": draw(st.sampled_from(["", "x", 'a"b', f"a{separator}b", "déjà", f"a{ending}b", ending, " z "])),
            "status": draw(st.sampled_from(["", "paid", "payé"])) if number else "",
            "": draw(st.sampled_from(["", "libre", "'=1"])),
        }
        row = [cells.get(column, "") for column in chosen]
        if not row[-1] and draw(st.booleans()):
            row.pop()
        lines.append([*row, *draw(st.sampled_from([[], [""], ["", ""]]))] if len(row) == len(chosen) else row)
        if draw(st.integers(0, 4)) == 0:
            lines.append(draw(st.sampled_from([[""], ["", "", ""]])))
    always = draw(st.booleans())
    text = ending.join(separator.join(_cell(cell, separator, always=always) for cell in line) for line in lines)
    text += draw(st.sampled_from(["", ending, ending * 2]))
    if separator == "|" or draw(st.integers(0, 5)) == 0:
        text = f"sep={separator}{ending}{text}"
    codec = draw(st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16"]))
    return Written(text.encode(codec), text, codec)


def _cell(text: str, separator: str, *, always: bool) -> str:
    special = {separator, '"', "\r", "\n"} & {*text}
    return '"' + text.replace('"', '""') + '"' if special or (always and text) else text


def ledger_of(folder: Path) -> tuple[Ledger, list[str]]:
    (folder / "ledger").mkdir(exist_ok=True)
    (folder / "ledger" / "clients.csv").write_text(CLIENTS, encoding="utf-8")
    (folder / "ledger" / "invoices.csv").write_text(INVOICES, encoding="utf-8")
    found = again(folder)
    return found.ledger, [problem for problem in found.problems if problem.split()[0] not in TOLD]


#: What is said of the data that chance draws, and is no error.
TOLD = {
    "payment-exceeds-debt",
    "payment-twice",
    "column-unknown",
    "payment-other-client",
    "payment-other-currency",
}


@settings(max_examples=examples(50), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(st.none(), files()), st.lists(takings(), min_size=1, max_size=4))
def test_what_is_written_is_read_back_the_same(before: Written | None, new: list[Taking]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = file_of(folder, before.content if before else None)
        old, problems = ledger_of(folder)
        assert problems == []
        append_takings(path, new)
        first = path.read_bytes()
        append_takings(path, new[:1])
        assert path.read_bytes().startswith(first)
        found, problems = ledger_of(folder)
        assert problems == []
        held: dict[str, Taking] = {}
        for taking in [*new, new[0]]:
            if taking.id not in held or held[taking.id].progress.rank <= taking.progress.rank:
                held[taking.id] = taking
        assert list(found.takings) == list(held.values())
        ours = [payment for payment in found.payments if not payment.stripe]
        assert ours == list(old.payments)
        if before:
            _is_kept(before, first)


def _is_kept(before: Written, after: bytes) -> None:
    """Every line is there, in the same encoding or, where that has no letter for a new name, in UTF-8; perhaps with more cells."""
    if before.codec == "cp1252" and after.startswith(BOM):
        text = after.decode("utf-8-sig")
    else:
        assert after[:2] == before.content[:2]
        text = after.decode("utf-8" if before.content.isascii() else before.codec)
    rest = text
    for line in before.text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        assert line in rest
        rest = rest[rest.index(line) + len(line) :]

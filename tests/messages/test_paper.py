"""A letter as a PDF: the same words on paper, nothing that only the owner may read, nothing from elsewhere."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from generator.domain.ledger import Channel
from generator.errors import OutsideError, UserError
from generator.paper import pdf
from tests.messages.reading import Office
from tests.support.accounts import accounts, item, sent, settings
from tests.support.owner import PORTAL, new_owner
from tests.support.world import day

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def paper() -> None:
    """Skips, and says why, where letters cannot be drawn."""
    try:
        pdf("<title>Essai</title>")
    except OutsideError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))
    pytest.importorskip("pypdf")


@pytest.fixture(scope="module")
def letter(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A formal notice about forty invoices."""
    office = Office(settings(tmp_path_factory.mktemp("folder")))
    late = [item(f"F-{number}") for number in range(40)]
    before = [sent(step, day(on), late) for step, on in (("reminder-2", "2026-11-01"), ("reminder-3", "2026-11-12"))]
    return office.message(accounts("formal-notice", *late, channel=Channel.LETTER, history=before)).html


def pages_of(content: bytes) -> list[str]:
    """What can be read on each page, with plain spaces."""
    from pypdf import PdfReader  # noqa: PLC0415 - only where letters are drawn

    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(content)).pages]


@pytest.mark.usefixtures("paper")
def test_the_whole_letter_is_on_paper(letter: str) -> None:
    pages = pages_of(pdf(letter))

    assert len(pages) > 1
    assert all(re.search(rf"\bF-{number}\b", " ".join(pages)) for number in range(40))
    assert "mise en demeure" in pages[0]
    assert all(
        "Reste" in page for page in pages if re.search(r"\bF-\d+\b.*\bF-\d+\b", page)
    )  # the head of the table comes again


@pytest.mark.usefixtures("paper")
def test_what_only_the_owner_may_read_is_not() -> None:
    html = "<style>@media print { .owner { display: none } }</style><p class=owner>Ne pas imprimer</p><p>Madame,</p>"
    assert pages_of(pdf(html)) == ["Madame,"]


@pytest.mark.usefixtures("paper")
def test_its_language_its_title_and_its_structure_are_for_those_who_have_it_read(letter: str) -> None:
    from pypdf import PdfReader  # noqa: PLC0415

    found = PdfReader(io.BytesIO(pdf(letter)))
    title = re.search(r"<title>(.*?)</title>", letter)
    assert title
    assert found.metadata
    assert found.metadata.title
    root = found.trailer["/Root"].get_object()
    assert root["/Lang"] == "fr"  # type: ignore[index] # a dictionary of the PDF
    assert "/StructTreeRoot" in root  # type: ignore[operator]


@pytest.mark.usefixtures("paper")
def test_the_same_letter_is_the_same_file_today_and_on_another_day(letter: str, tmp_path: Path) -> None:
    (tmp_path / "letter.html").write_text(letter, encoding="utf-8")
    program = (
        "import sys, time; time.time = lambda: 2e9; from generator.paper import pdf; from pathlib import Path; "
        "sys.stdout.buffer.write(pdf(Path(sys.argv[1]).read_text(encoding='utf-8')))"
    )
    there = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", program, str(tmp_path / "letter.html")],
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": "7", "PYTHONPATH": str(ROOT), "TZ": "Pacific/Kiritimati"},
        capture_output=True,
        check=True,
    )
    first = pdf(letter)
    assert first == pdf(letter) == there.stdout
    assert not re.search(rb"/(CreationDate|ModDate)", first)


@pytest.mark.usefixtures("paper")
@pytest.mark.parametrize("before", [None, "1700000000"])
def test_the_environment_is_left_as_it_was(monkeypatch: pytest.MonkeyPatch, before: str | None) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    if before:
        monkeypatch.setenv("SOURCE_DATE_EPOCH", before)
    pdf("<p>Madame,")
    assert os.environ.get("SOURCE_DATE_EPOCH") == before


@pytest.mark.usefixtures("paper")
@pytest.mark.parametrize(
    "markup",
    [
        '<img src="https://elsewhere.example/logo.png">',
        '<img src="logo.png">',
        '<img src="file:///etc/hostname">',
        '<link rel="stylesheet" href="http://127.0.0.1/x.css">',
        '<style>@import url("https://elsewhere.example/x.css");</style>',
        '<style>p { background: url("//elsewhere.example/x.png") }</style><p>x',
    ],
)
def test_what_is_not_in_the_letter_is_the_owners_to_mend(markup: str) -> None:
    with pytest.raises(UserError, match=r"a letter on paper holds only what is in it") as caught:
        pdf(f"<p>Madame,</p>{markup}")
    assert caught.value.problems[0].code == "template-error"
    assert "letter.invalid" not in str(caught.value)


@pytest.mark.usefixtures("paper")
def test_a_picture_in_the_letter_is_drawn() -> None:
    dot = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGD4DwABBAEAX+XDSwAAAABJRU5ErkJggg=="
    assert b"/XObject" in pdf(f'<img src="{dot}">')


def test_without_weasyprint_it_is_told_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(OutsideError, match=r"pip install 'relance\[pdf\]'"):
        pdf("<p>Madame,")


def test_without_pango_it_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    class NoPango:
        """Imports WeasyPrint as a machine does that has no Pango."""

        @staticmethod
        def find_spec(name: str, *_: Sequence[str] | None) -> ModuleSpec | None:
            if name == "weasyprint":
                raise OSError("cannot load library 'libpango-1.0-0'")
            return None

    for name in [name for name in sys.modules if name.partition(".")[0] == "weasyprint"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [NoPango, *sys.meta_path])
    with pytest.raises(OutsideError, match="apt install libpango"):
        pdf("<p>Madame,")


@pytest.mark.usefixtures("paper")
def test_the_outbox_has_the_letter_as_a_pdf_when_the_owner_wants_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    owner = new_owner(tmp_path, capsys)
    steps = '\n[[reminders.steps]]\nname = "reminder-1"\ndays = 7\nchannel = "letter"\n'
    owner.write("portal.toml", f"{PORTAL}\n[letters]\npdf = true\n{steps}")
    assert owner.run("build") == 0, owner.complained
    letter, other = sorted(path for path in (owner.folder / "outbox").glob("*verdier*"))
    assert (letter.suffix, other.suffix) == (".html", ".pdf")
    assert other.read_bytes().startswith(b"%PDF")
    before = other.stat().st_mtime_ns
    assert owner.run("build") == 0
    assert other.stat().st_mtime_ns == before

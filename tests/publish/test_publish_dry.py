"""`relance publish --dry-run`: everything that would happen is said, and nothing is written anywhere."""

from __future__ import annotations

import shutil
import tempfile
from typing import TYPE_CHECKING

from tests.support.remote import cloned, git
from tests.support.sandbox import KEY, LOOPBACK

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.publish.conftest import Scene

pytestmark = LOOPBACK


def whole(scene: Scene) -> dict[str, bytes]:
    """Every file there is: of the folder with its repository, of the remote, of the site, of the mail server."""
    home = scene.owner.folder.parent
    return {str(path.relative_to(home)): path.read_bytes() for path in home.rglob("*") if path.is_file()}


def test_it_says_everything_and_writes_nothing_anywhere(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    before = whole(scene)
    assert scene.publish("--dry-run") == 0, scene.owner.complained
    said = scene.owner.said
    assert whole(scene) == before
    assert list(scratch.iterdir()) == []
    assert {each.request.method for each in scene.stripe.sandbox.log} == {"GET"}
    assert scene.mail.attempts == 0
    assert scene.web.asked == []
    assert "page appears  verdier" in said
    assert "link is made  kite: 500.00 EUR" in said
    assert "would leave   verdier: reminder-1, 1200.00 EUR (email)" in said
    assert "would be committed and pushed" in said
    assert f"would go to {scene.web.folder} (folder)" in said
    assert said.endswith("Nothing was written, made or sent.\n")


def test_what_it_says_is_what_then_happens_and_after_that_only_what_is_new(scene: Scene) -> None:
    scene.publish("--dry-run")
    planned = scene.owner.said
    assert scene.publish() == 0, scene.owner.complained
    assert planned.count("page appears") == len(list((scene.web.folder / "p").iterdir()))
    assert planned.count("link is made") == scene.active_links()
    assert planned.count("would leave ") == len(scene.mail.taken)
    assert scene.publish("--dry-run") == 0
    assert "clients' pages: 0 new, 0 changed, 0 gone; 0 messages ready" in scene.owner.said
    assert "would be: 0 put up, 0 taken down, 2 kept" in scene.owner.said
    (scene.owner.folder / "ledger" / "payments.csv").write_text(
        "date;client;montant;facture\n02/11/2026;kite;300,00;F-2026-120\n16/11/2026;verdier;1200,00;F-2026-118\n",
        encoding="utf-8",
    )
    assert scene.publish("--dry-run") == 0, scene.owner.complained
    assert "page changes  verdier" in scene.owner.said
    assert "page changes  kite" not in scene.owner.said
    assert "link goes     " in scene.owner.said


def test_a_change_of_the_ledger_is_told_against_what_was_there_before(scene: Scene, tmp_path: Path) -> None:
    base = cloned(scene.remote, "base")
    assert scene.publish("--dry-run", "--against", str(base)) == 0, scene.owner.complained
    assert "If merged: nothing changes for any client." in scene.owner.said, "also before the first build"
    scene.owner.write(
        "ledger/payments.csv",
        "date;client;montant;facture\n02/11/2026;kite;300,00;F-2026-120\n16/11/2026;verdier;1200,00;F-2026-118\n",
    )
    before = whole(scene)
    summary = tmp_path / "summary.md"
    assert scene.publish("--dry-run", "--against", str(base), "--summary", str(summary)) == 0, scene.owner.complained
    said = scene.owner.said
    assert "If merged: 1 page changes, 1 message fewer today, 1 link down." in said
    assert "page changes  verdier" in said
    assert "one fewer     verdier: reminder-1, 1200.00 EUR (email)" in said
    assert "kite" not in said.partition("If merged")[0].partition("page changes")[2]
    text = summary.read_text(encoding="utf-8")
    assert "1 page changes" in text
    summary.unlink()
    assert whole(scene) == before
    assert scene.stripe.sandbox.log == []


def test_the_summary_of_a_run_is_added_to_the_page_of_the_job(scene: Scene, tmp_path: Path) -> None:
    page = tmp_path / "summary.md"
    page.write_text("# Hier\n", encoding="utf-8")
    assert scene.publish("--summary", str(page)) == 0, scene.owner.complained
    text = page.read_text(encoding="utf-8")
    assert text.startswith("# Hier\n")
    assert "Verdier" in text
    key = next((scene.web.folder / "p").iterdir()).name
    assert key not in text
    assert git(scene.owner.folder, "status", "--porcelain") == ""
    assert scene.publish("--summary", str(tmp_path / "no" / "such" / "folder.md")) == 0
    assert "warning: " in scene.owner.complained


def test_where_stripe_cannot_be_asked_or_something_is_wrong_or_waits_it_says_so(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STRIPE_API_KEY")
    folder = scene.owner.folder
    shutil.move(folder / "ledger", folder.parent / "books")
    scene.configure(more='[reminders]\napprove = "all"\n[ledger]\npath = "../books"\n')
    assert scene.publish("--dry-run") == 0, scene.owner.complained
    assert "Stripe could not be asked: STRIPE_API_KEY is not set" in scene.owner.said
    assert "waits for you verdier: reminder-1, 1200.00 EUR (email)" in scene.owner.said
    assert "0 messages would leave, 2 would wait for your word" in scene.owner.said
    monkeypatch.setenv("STRIPE_API_KEY", KEY)
    scene.configure(more=f'[ledger]\npath = "{folder.parent / "books"}"\n')
    before = whole(scene)
    assert scene.publish("--dry-run") == 0, scene.owner.complained
    assert "the ledger is outside of the folder: nothing is brought in" in scene.owner.said
    assert whole(scene) == before
    (folder.parent / "books" / "invoices.csv").write_text(
        "number;client;issued;due;total\nF-1;nobody;01/10/2026;31/10/2026;1,00\n", encoding="utf-8"
    )
    assert scene.publish("--dry-run", "--summary", str(tmp_path / "summary.md")) == 1
    assert "relance: check failed: " in scene.owner.complained
    assert "nobody" in (tmp_path / "summary.md").read_text(encoding="utf-8")

"""Building a site: only what changed is written, what is gone disappears, and the old site survives every accident."""

from __future__ import annotations

import errno
import json
import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from generator.errors import OutsideError, UserError
from generator.site_build import SiteResult, Stage
from tests.site.building import TODAY, Owner, clients_of, files_of, key_of
from tests.support.accounts import seller

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LEDGER = """
client ada
client bea
client cleo
invoice A-1 2026-09-01 due 2026-10-01 100.00 client=ada
invoice B-1 2026-09-01 due 2026-10-01 200.00 client=bea
invoice C-1 2026-09-01 due 2026-10-01 300.00 client=cleo
"""
PAID = LEDGER + "payment 2026-11-20 200.00 B-1 client=bea"


@pytest.fixture
def owner(tmp_path: Path) -> Owner:
    return Owner(tmp_path)


def test_every_client_has_a_page_under_their_key(owner: Owner) -> None:
    assert owner.build(clients_of(LEDGER)) == SiteResult(written=3, kept=0, removed=0)
    assert "A-1" in owner.page("ada").read_text()
    assert set(files_of(owner.output)) == {
        "_headers",
        "robots.txt",
        "index.html",
        "404.html",
        *(f"p/{key_of(name)}/index.html" for name in ("ada", "bea", "cleo")),
    }


def test_the_same_facts_give_the_same_bytes(owner: Owner, tmp_path: Path) -> None:
    owner.build(clients_of(LEDGER))
    first, state = files_of(owner.output), owner.state.read_bytes()
    assert owner.build(clients_of(LEDGER)) == SiteResult(written=0, kept=3, removed=0)
    assert files_of(owner.output) == first
    assert owner.state.read_bytes() == state
    elsewhere = Owner(tmp_path / "elsewhere")
    elsewhere.build(clients_of(LEDGER))
    assert files_of(elsewhere.output) == first
    assert elsewhere.state.read_bytes() == state


def test_only_what_changed_is_written(owner: Owner) -> None:
    owner.build(clients_of(LEDGER))
    before = {name: owner.page(name).stat().st_ino for name in ("ada", "bea", "cleo")}
    assert owner.build(clients_of(PAID)) == SiteResult(written=1, kept=2, removed=0)
    after = {name: owner.page(name).stat().st_ino for name in before}
    assert {name for name in before if before[name] != after[name]} == {"bea"}
    assert "tout est réglé" in owner.page("bea").read_text()


def test_a_line_more_at_the_top_of_a_file_of_the_ledger_changes_no_page(owner: Owner) -> None:
    clients = clients_of(LEDGER)
    owner.build(clients)
    moved = [
        [replace(account, client=replace(account.client, source=account.client.source._replace(line=9)))]
        for (account,) in clients
    ]
    assert owner.build(moved) == SiteResult(written=0, kept=3, removed=0)


def test_a_sentence_of_the_owners_changes_every_page(owner: Owner) -> None:
    owner.build(clients_of(LEDGER))
    own = owner.folder / "portal_templates" / "pages" / "fr"
    own.mkdir(parents=True)
    (own / "history.html").write_text(
        '{% set title = "Les faits" %}\n{% macro line(entry) %}{{ entry.kind }}{% endmacro %}'
    )
    assert owner.build(clients_of(LEDGER)).written == 3
    assert "Les faits" in owner.page("ada").read_text()


def test_markup_of_the_owners_is_found_first(owner: Owner) -> None:
    own = owner.folder / "theme" / "templates"
    own.mkdir(parents=True)
    (own / "client.html").write_text("{{ client.name }} {{ views[0].account.totals.to_pay|money }}")
    owner.build(clients_of(LEDGER))
    assert owner.page("ada").read_text() == "Ada 100,00\xa0€"


def test_a_page_that_was_changed_by_hand_is_written_again(owner: Owner) -> None:
    owner.build(clients_of(LEDGER))
    right = owner.page("ada").read_bytes()
    owner.page("ada").write_bytes(right.replace(b"100", b"900"))
    assert owner.build(clients_of(LEDGER)) == SiteResult(written=1, kept=2, removed=0)
    assert owner.page("ada").read_bytes() == right


@pytest.mark.parametrize(
    "content", [None, b"", b"[]", b'{"version": 99}', b'{"version": 1, "pages": {"x": 3}}', b"\xff\x00"]
)
def test_a_lost_or_broken_state_only_costs_time(owner: Owner, content: bytes | None) -> None:
    owner.build(clients_of(LEDGER))
    if content is None:
        owner.state.unlink()
    else:
        owner.state.write_bytes(content)
    assert owner.build(clients_of(LEDGER)).written == 3


def test_a_removed_client_and_an_old_key_lead_nowhere(owner: Owner) -> None:
    owner.build(clients_of(LEDGER))
    ada, bea, _ = clients_of(LEDGER)
    rotated = [replace(account, keys=(key_of("bea", 2),)) for account in bea]
    assert owner.build([ada, rotated]) == SiteResult(written=1, kept=1, removed=2)
    assert not owner.page("cleo").parent.exists()
    assert not owner.page("bea").parent.exists()
    assert owner.page("bea", 2).exists()


def test_all_keys_of_a_client_show_the_same_page(owner: Owner) -> None:
    (account,) = clients_of(LEDGER)[0]
    two = replace(account, keys=(key_of("ada"), key_of("ada", 2)))
    assert owner.build([[two]]).written == 2
    assert owner.page("ada").read_bytes() == owner.page("ada", 2).read_bytes()


def test_two_accounts_of_one_client_are_one_page(owner: Owner) -> None:
    clients = clients_of(
        "client ada\ninvoice A-1 2026-09-01 due 2026-10-01 1.00\ninvoice A-2 2026-09-01 due 2026-10-01 2.00 currency=GBP"
    )
    assert owner.build(clients).written == 1
    assert "A-1" in owner.page("ada").read_text()
    assert "A-2" in owner.page("ada").read_text()


@pytest.mark.parametrize(
    "key", ["short", "../../../../etc/passwd", "with/a/slash/in/the/middle", "x" * 80, "dots..and..dots..and", ""]
)
def test_a_key_that_is_no_key_is_never_a_path(owner: Owner, key: str) -> None:
    (account,) = clients_of(LEDGER)[0]
    with pytest.raises(ValueError, match="portal key"):
        owner.build([[replace(account, keys=(key,))]])
    assert not owner.output.exists()


def test_one_key_for_two_clients_is_refused(owner: Owner) -> None:
    ada, bea, _ = clients_of(LEDGER)
    with pytest.raises(ValueError, match="portal key"):
        owner.build([ada, [replace(account, keys=ada[0].keys) for account in bea]])


def test_accounts_of_another_day_are_refused(owner: Owner) -> None:
    with pytest.raises(ValueError, match="another day"):
        owner.build(clients_of(LEDGER), today="2026-11-23")


def test_the_state_holds_the_keys_and_is_the_owners_alone(owner: Owner) -> None:
    owner.build(clients_of(LEDGER))
    assert set(json.loads(owner.state.read_text())["pages"]) == {key_of(name) for name in ("ada", "bea", "cleo")}
    assert owner.state.stat().st_mode & 0o077 == 0


def test_nothing_is_left_beside_the_site(owner: Owner) -> None:
    for _ in range(2):
        owner.build(clients_of(LEDGER))
    assert {path.name for path in owner.folder.iterdir()} == {"output", "report"}


# ---- what must not be followed or replaced


def test_links_in_the_old_site_are_not_followed(owner: Owner, tmp_path: Path) -> None:
    owner.build(clients_of(LEDGER))
    secret = tmp_path / "secret.html"
    secret.write_bytes(owner.page("ada").read_bytes())
    owner.page("ada").unlink()
    owner.page("ada").symlink_to(secret)
    aside = tmp_path / "aside"
    owner.page("bea").parent.rename(aside)
    owner.page("bea").parent.symlink_to(aside)
    assert owner.build(clients_of(LEDGER)) == SiteResult(written=2, kept=1, removed=0)
    assert not any(path.is_symlink() for path in owner.output.rglob("*"))
    assert secret.exists()
    assert (aside / "index.html").exists()


def test_a_linked_output_folder_is_refused(owner: Owner, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    target.mkdir()
    owner.output.symlink_to(target)
    with pytest.raises(OutsideError, match="symbolic link"):
        owner.build(clients_of(LEDGER))
    assert list(target.iterdir()) == []


def test_a_folder_of_somebody_elses_is_not_replaced(owner: Owner) -> None:
    owner.output.mkdir()
    (owner.output / "thesis.txt").write_text("ten years")
    with pytest.raises(OutsideError, match="did not make"):
        owner.build(clients_of(LEDGER))
    assert (owner.output / "thesis.txt").read_text() == "ten years"


def test_an_empty_folder_is_welcome_and_a_file_is_not(owner: Owner) -> None:
    owner.output.mkdir()
    owner.build(clients_of(LEDGER))
    other = Owner(owner.folder / "other")
    other.folder.mkdir()
    other.output.write_text("")
    with pytest.raises(OutsideError, match="is a file"):
        other.build(clients_of(LEDGER))


# ---- mistakes of the owner's


def test_a_mistake_in_a_template_names_file_and_line_and_keeps_the_old_site(owner: Owner) -> None:
    owner.build(clients_of(LEDGER))
    before = files_of(owner.output)
    own = owner.folder / "portal_templates" / "pages" / "fr"
    own.mkdir(parents=True)
    (own / "history.html").write_text(
        '{% set title = "x" %}\n\n{% macro line(entry) %}{{ entry.amonut }}{% endmacro %}'
    )
    with pytest.raises(UserError) as caught:
        owner.build(clients_of(LEDGER))
    (problem,) = caught.value.problems
    assert (problem.code, problem.where.file, problem.where.line) == (
        "template-error",
        "portal_templates/pages/fr/history.html",
        3,
    )
    (own / "history.html").write_text("fine\n{% macro line(entry %}")
    with pytest.raises(UserError) as caught:
        owner.build(clients_of(LEDGER))
    assert str(caught.value.problems[0].where) == "portal_templates/pages/fr/history.html:2"
    assert files_of(owner.output) == before
    assert {path.name for path in owner.folder.iterdir()} == {"output", "report", "portal_templates"}


def test_a_seller_that_no_transfer_can_name_is_told_before_anything_is_written(owner: Owner) -> None:
    owner.settings = replace(owner.settings, seller=seller(name="A" * 71))
    with pytest.raises(UserError, match="account holder"):
        owner.build(clients_of(LEDGER))
    assert not owner.output.exists()


# ---- invoices that are files


def _with_document(path: str) -> list[list[Any]]:
    (account,) = clients_of(LEDGER)[0]
    items = tuple(replace(item, invoice=replace(item.invoice, document=path)) for item in account.items)
    return [[replace(account, items=items)]]


def test_a_file_of_an_invoice_is_published_beside_the_page_only(owner: Owner) -> None:
    (owner.folder / "factures").mkdir()
    (owner.folder / "factures" / "F é 1.pdf").write_bytes(b"%PDF one")
    clients = _with_document("factures/F é 1.pdf")
    owner.build(clients)
    (place,) = [name for name in files_of(owner.output) if name.endswith(".pdf")]
    folder = f"p/{key_of('ada')}/"
    assert place.startswith(folder)
    assert place.endswith("/F-1.pdf")
    assert f'href="{place.removeprefix(folder)}"' in owner.page("ada").read_text()
    kept = (owner.output / place).stat().st_ino
    owner.build(clients)
    assert (owner.output / place).stat().st_ino == kept
    (owner.folder / "factures" / "F é 1.pdf").write_bytes(b"%PDF another")
    owner.build(clients)
    assert (owner.output / place).read_bytes() == b"%PDF another"


def test_the_published_file_is_a_copy(owner: Owner) -> None:
    source = owner.folder / "F-1.pdf"
    source.write_bytes(b"%PDF")
    owner.build(_with_document("F-1.pdf"))
    assert source.stat().st_nlink == 1


def test_a_ledger_is_never_published_as_an_invoice(owner: Owner) -> None:
    (owner.folder / "clients.csv").write_text("secret")
    with pytest.raises(UserError) as caught:
        owner.build(_with_document("clients.csv"))
    assert [problem.code for problem in caught.value.problems] == ["document-kind"]
    assert not owner.output.exists()


def test_a_file_that_leads_out_of_the_folder_is_not_published(tmp_path: Path) -> None:
    inside = Owner(tmp_path / "inside")
    inside.folder.mkdir()
    (tmp_path / "private.pdf").write_bytes(b"%PDF")
    (inside.folder / "F-1.pdf").symlink_to(tmp_path / "private.pdf")
    with pytest.raises(OutsideError):
        inside.build(_with_document("F-1.pdf"))
    assert not inside.output.exists()


# ---- accidents


class Accident:
    """Counts what a build does to the files of one folder, and stops it at a chosen moment."""

    EVENTS = frozenset({"open", "os.mkdir", "os.rename", "os.link", "os.remove", "os.rmdir", "os.scandir"})

    def __init__(self) -> None:
        self.folder = ""
        self.count = 0
        self.at = 0
        self.error: BaseException | None = None

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.folder or event not in self.EVENTS or not str(arguments[0]).startswith(self.folder):
            return
        self.count += 1
        if self.error is not None and self.count >= self.at:
            raise self.error


_accident = Accident()
sys.addaudithook(_accident)


@pytest.fixture
def accident(tmp_path: Path) -> Iterator[Accident]:
    _accident.folder, _accident.count, _accident.error = str(tmp_path), 0, None
    yield _accident
    _accident.folder, _accident.error = "", None


class KilledError(BaseException):
    """The process is gone: nothing after this runs, no cleaning up either."""


def _moments(owner: Owner, accident: Accident) -> int:
    """How many things a build does to files, once there is an old site."""
    owner.build(clients_of(LEDGER))
    accident.count = 0
    owner.build(clients_of(PAID))
    owner.build(clients_of(LEDGER))
    return accident.count // 2


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS])
def test_a_disk_that_fails_at_any_moment_leaves_a_whole_site(owner: Owner, accident: Accident, code: int) -> None:
    moments = _moments(owner, accident)
    old = files_of(owner.output)
    owner.build(clients_of(PAID))
    new = files_of(owner.output)
    owner.build(clients_of(LEDGER))
    failed = 0
    for moment in range(1, moments + 5):
        accident.count, accident.at, accident.error = (
            0,
            moment,
            OSError(code, os.strerror(code), str(owner.folder / "x")),
        )
        try:
            owner.build(clients_of(PAID))
        except OutsideError as error:
            failed += error.exit_status == 3
        accident.error = None
        Stage(owner.output).recover()
        assert files_of(owner.output) in (old, new)
        owner.build(clients_of(LEDGER))
        assert files_of(owner.output) == old
    assert failed > moments / 2


def test_a_process_that_dies_at_any_moment_leaves_a_whole_site(
    owner: Owner, accident: Accident, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = _moments(owner, accident)
    old = files_of(owner.output)
    owner.build(clients_of(PAID))
    new = files_of(owner.output)
    owner.build(clients_of(LEDGER))
    seen = set()
    for moment in range(1, moments + 5):
        accident.count, accident.at, accident.error = 0, moment, KilledError()
        with monkeypatch.context() as gone:
            gone.setattr(Stage, "abandon", lambda _: None)  # the dead clean nothing up
            try:
                owner.build(clients_of(PAID))
            except KilledError:
                seen.add("killed")
        accident.error = None
        Stage(owner.output).recover()
        assert files_of(owner.output) in (old, new)
        owner.build(clients_of(LEDGER))
        assert files_of(owner.output) == old
        assert {path.name for path in owner.folder.iterdir()} == {"output", "report"}
    assert seen == {"killed"}


def test_what_must_be_remembered_is_written_before_anything_is_public(owner: Owner) -> None:
    from datetime import date  # noqa: PLC0415

    from generator.site import build_site  # noqa: PLC0415

    def refused() -> None:
        assert not owner.output.exists()
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OutsideError, match="No space left"):
        build_site(
            owner.settings,
            clients_of(LEDGER),
            today=date.fromisoformat(TODAY),
            output=owner.output,
            state=owner.state,
            before_swap=refused,
        )
    assert not owner.output.exists()


def test_a_half_deleted_old_site_is_never_taken_for_a_whole_one(owner: Owner) -> None:
    owner.build(clients_of(LEDGER))
    stage = Stage(owner.output)
    owner.output.rename(stage.gone)
    stage.recover()
    assert not owner.output.exists()

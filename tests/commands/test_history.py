"""`relance history`: the file one would show to a mediator, on the screen or as a zip with every message."""

from __future__ import annotations

import html
import re
import shutil
import zipfile
from datetime import UTC, date, datetime, time
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from generator.cli import main
from generator.domain.chronicle import EntryKind
from generator.domain.delivery import Answered, Outcome
from generator.domain.policy import DEFAULT_LADDER, INSTALMENT_LATE, INSTALMENT_SOON, ONBOARDING, RECAP, RECEIPT
from generator.journal import append, read_kept
from generator.resources import bundled
from generator.sentences import Sentences
from tests.support.attempts import attempt
from tests.support.owner import CLIENTS, INVOICES, PAYMENTS, PORTAL, Owner

LAST = "2026-11-30"
HOSTILE = "<script>alert(1)</script> **b** [x](https://evil.example) | `c`"


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Verdier was written to by hand, called, promised, disputed and answered; Kite had a message that came back."""
    folder = tmp_path_factory.mktemp("story") / "sable"
    for name, text in {
        "portal.toml": PORTAL,
        "ledger/clients.csv": CLIENTS,
        "ledger/invoices.csv": INVOICES,
        "ledger/payments.csv": PAYMENTS,
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    for day, (verb, *rest) in [
        ("2026-11-16", ("build",)),
        ("2026-11-16", ("sent", "verdier")),
        ("2026-11-17", ("log", "verdier", "--call", f"Paiement prévu vendredi\n{HOSTILE}")),
        ("2026-11-17", ("promise", "verdier", "2026-11-20", "450,00", "--invoices", "F-2026-118")),
        ("2026-11-18", ("log", "verdier", "--note", "Cliente de longue date, ne pas insister")),
        ("2026-11-18", ("dispute", "verdier", "F-2026-118", "Deux pages manquent")),
        ("2026-11-20", ("dispute", "verdier", "F-2026-118", "--close")),
        ("2026-11-25", ("log", "verdier", "--answer", "Puis-je payer en trois fois ?")),
    ]:
        now = datetime.combine(date.fromisoformat(day), time(12), UTC)
        assert main([verb, "--folder", str(folder), "--date", day, *rest], now=now) == 0
    gone = ("accounts@kite.example",)
    attempt(folder, Outcome.SENT, Outcome.BOUNCED, client="kite", to=gone, refused=gone)
    return folder


@pytest.fixture
def owner(story: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Owner:
    """That folder, to change as a test likes."""
    capsys.readouterr()
    return Owner(Path(shutil.copytree(story, tmp_path / "sable", symlinks=True)), capsys)


def export(owner: Owner, client: str = "verdier", name: str = "file.zip", date: str = LAST) -> dict[str, bytes]:
    path = owner.folder.parent / name
    assert owner.run("history", client, "--export", str(path), date=date) == 0, owner.complained
    with zipfile.ZipFile(path) as archive:
        return {info: archive.read(info) for info in archive.namelist()}


def words(page: bytes) -> str:
    """What a reader of the page sees."""
    text = re.sub(r"<(style|title)>.*?</\1>|<[^>]+>", " ", page.decode(), flags=re.DOTALL)
    return re.sub(r"[\s\u00a0\u202f]+", " ", html.unescape(text))


def test_it_is_printed_in_the_order_of_days_with_its_sources(owner: Owner) -> None:
    before = owner.files()
    assert owner.run("history", "verdier", date=LAST) == 0, owner.complained
    said = re.sub("[\u00a0\u202f]", " ", owner.said)
    expected = [
        "30/09/2026  Facture F-2026-118 (Refonte du site) : 1 200,00 €, à régler au plus tard le 30 octobre 2026. (ledger/",
        "16/11/2026  E-mail envoyé : première relance, au sujet de F-2026-118 (1 200,00 €). (journal)",
        "            À : compta@verdier.example",
        "17/11/2026  Appel téléphonique. (journal)",
        "            « Paiement prévu vendredi »",
        "17/11/2026  Règlement de 450,00 € promis pour le 20 novembre 2026, au titre de F-2026-118. (ledger/relance/promises.csv, ligne 2)",
        "18/11/2026  Contestation de F-2026-118. (ledger/relance/disputes.csv, ligne 3)",
        "            « Deux pages manquent »",
        "20/11/2026  La contestation de F-2026-118 est close. (ledger/relance/disputes.csv, ligne 3)",
        "25/11/2026  Réponse reçue. (journal)",
        "            « Puis-je payer en trois fois ? »",
    ]
    places = [said.find(line) for line in expected]
    assert -1 not in places, said
    assert places == sorted(places)
    assert owner.files() == before


def test_it_speaks_the_sellers_language(owner: Owner) -> None:
    owner.write("portal.toml", PORTAL.replace('terms = "30"', 'terms = "30"\nlanguage = "en"'))
    assert owner.run("history", "verdier", date=LAST) == 0, owner.complained
    assert "Email sent: first reminder, about F-2026-118" in owner.said
    assert "Facture" not in owner.said.replace("Facture F-2026-118", "")  # the subject of the email stays what it was


def test_a_message_that_came_back_is_told_as_it_was(owner: Owner) -> None:
    assert owner.run("history", "kite", date=LAST) == 0, owner.complained
    said = re.sub("[\u00a0\u202f]", " ", owner.said)
    assert "E-mail revenu sans avoir pu être remis : première relance" in said
    assert "Non remis à : accounts@kite.example" in said
    assert "Réponse du serveur : 550 no such user" in said


def test_the_zip_holds_the_page_the_text_and_every_message(owner: Owner) -> None:
    (draft,) = owner.folder.glob("outbox/*verdier*.eml")
    content = draft.read_bytes()
    files = export(owner)
    assert set(files) == {"history.html", "history.md", "messages/2026-11-16-reminder-1.eml"}
    assert files["messages/2026-11-16-reminder-1.eml"] == content
    assert b'href="messages/2026-11-16-reminder-1.eml"' in files["history.html"]
    subject = str(message_from_bytes(content, policy=default)["Subject"])
    assert f"Objet : {subject}" in words(files["history.html"])
    assert "10 lines, 1 message attached" in re.sub(r"\d+ lines", "10 lines", owner.said)


def test_page_and_text_say_the_same(owner: Owner) -> None:
    files = export(owner)
    page = words(files["history.html"])
    text = re.sub(r"\\(.)", r"\1", files["history.md"].decode())
    for sentence in re.findall(r"\*\*\d\d/\d\d/\d{4}\*\*  (.+?) \*\(", text):
        assert re.sub(r"[\s\u00a0\u202f]+", " ", sentence) in page
    assert re.findall(r"\d+,\d\d", page) == re.findall(r"\d+,\d\d", text)


def test_the_page_stands_alone_and_asks_nothing_of_anybody(owner: Owner) -> None:
    page = export(owner)["history.html"].decode()
    assert "default-src 'none'" in page
    assert "<script" not in page
    assert not re.search(r"""(?:src|href)=["'](?!messages/|data:,)""", page)
    assert "url(" not in page
    assert "@page" in page


def test_the_same_history_is_the_same_bytes_and_its_owners_alone(owner: Owner) -> None:
    export(owner, name="a.zip")
    export(owner, name="b.zip")
    first, second = (owner.folder.parent / name for name in ("a.zip", "b.zip"))
    assert first.read_bytes() == second.read_bytes()
    assert first.stat().st_mode & 0o777 == 0o600


def test_what_is_there_already_is_never_overwritten(owner: Owner) -> None:
    export(owner)
    before = (owner.folder.parent / "file.zip").read_bytes()
    assert owner.run("history", "verdier", "--export", str(owner.folder.parent / "file.zip"), date=LAST) == 2
    assert "is there already" in owner.complained
    assert (owner.folder.parent / "file.zip").read_bytes() == before
    link = owner.folder.parent / "link.zip"
    link.symlink_to(owner.folder.parent / "elsewhere.zip")
    assert owner.run("history", "verdier", "--export", str(link), date=LAST) == 2
    assert not (owner.folder.parent / "elsewhere.zip").exists()


@pytest.mark.parametrize(
    ("place", "status"),
    [
        ("output/x.zip", 2),
        ("output/p/../x.zip", 2),
        ("nowhere/x.zip", 3),
        ("a\0b.zip", 2),
        ("x" * 300, 3),
        ("ledger", 2),
    ],
)
def test_where_it_cannot_be_it_is_not_written(owner: Owner, place: str, status: int) -> None:
    before = owner.files()
    assert owner.run("history", "verdier", "--export", str(owner.folder / place), date=LAST) == status
    assert owner.files() == before


@pytest.mark.parametrize(("client", "why"), [("nobody", "no such client"), ("Verdier", "Did you mean verdier?")])
def test_an_unknown_client_has_no_history(owner: Owner, client: str, why: str) -> None:
    assert owner.run("history", client, date=LAST) == 2
    assert why in owner.complained


def test_a_client_of_whom_nothing_is_known_has_none_either(owner: Owner) -> None:
    owner.write("ledger/clients.csv", CLIENTS + "neuf;Neuf;a@neuf.example;;;;\n")
    assert owner.run("history", "neuf", date=LAST) == 2
    assert "nothing is known of this client by 2026-11-30" in owner.complained


# What is in it, and what never is


def test_nothing_of_the_owners_own_and_nothing_of_another_client_is_in_it(owner: Owner) -> None:
    rows = [
        f"{row};{note}"
        for row, note in zip(CLIENTS.splitlines(), ("notes", "Mauvais payeur", "Kite: be careful"), strict=True)
    ]
    owner.write("ledger/clients.csv", "\n".join(rows))
    owner.write(
        "ledger/payments.csv", "date;client;montant;facture;note\n02/11/2026;kite;300,00;F-2026-120;vu avec Tom\n"
    )
    everything = b"".join(export(owner).values()).decode()
    everything += b"".join(export(owner, "kite", "kite.zip")["history.html"].splitlines()).decode()
    for secret in ("Mauvais payeur", "be careful", "Cliente de longue date", "vu avec Tom"):
        assert secret not in everything
    verdiers = b"".join(export(owner, name="again.zip").values()).decode()
    for other in ("Kite", "kite", "F-2026-120"):
        assert other not in verdiers


def test_hostile_words_are_words(owner: Owner) -> None:
    files = export(owner)
    assert "alert(1)" in words(files["history.html"])
    text = files["history.md"].decode()
    assert "<script>" not in text.replace("\\<script\\>", "")
    assert "[x](" not in text
    assert r"\*\*b\*\*" in text
    owner.write("ledger/clients.csv", CLIENTS.replace("Éditions Verdier-Roux", "</title><img src=x onerror=1>"))
    assert "<img" not in export(owner, name="b.zip")["history.html"].decode()
    assert owner.run("history", "verdier", date=LAST) == 0


def test_what_the_terminal_shows_cannot_move_it(owner: Owner) -> None:
    (path,) = (path for path in owner.folder.glob("journal/*/*.jsonl") if '"answer"' in path.read_text("utf-8"))
    path.write_text(path.read_text("utf-8").replace("Puis-je", "\\u001b[2J\\u202ePuis-je"), encoding="utf-8")
    assert owner.run("history", "verdier", date=LAST) == 0, owner.complained
    assert "\x1b" not in owner.said
    assert "\u202e" not in owner.said


def test_a_message_that_was_not_kept_or_was_changed_is_said_and_not_attached(owner: Owner) -> None:
    (kept,) = owner.folder.glob("journal/*/messages/*.eml")
    kept.write_bytes(kept.read_bytes() + b"one more line")
    files = export(owner, name="changed.zip")
    assert set(files) == {"history.html", "history.md"}
    assert "n’a pas été retrouvé" in words(files["history.html"])
    kept.unlink()
    assert set(export(owner, name="gone.zip")) == {"history.html", "history.md"}


@pytest.mark.parametrize("digest", ["", "../../../portal", "*", "0" * 31, "A" * 32])
def test_a_digest_that_is_none_finds_no_file(owner: Owner, digest: str) -> None:
    assert read_kept(owner.folder / "journal", digest) is None


def test_a_letter_is_attached_without_what_it_says_to_the_owner_alone(owner: Owner) -> None:
    head = "id;name;email;kind;channel;address\n"
    owner.write(
        "ledger/clients.csv",
        f"{head}verdier;V;a@v.example;business;;\nkite;Kite;k@k.example;business;letter;1 High Street\n",
    )
    assert owner.run("resend", "kite", date="2026-11-23") == 0, owner.complained
    assert owner.run("build", date="2026-11-23") == 0, owner.complained
    (letter,) = owner.folder.glob("outbox/*kite*.html")
    assert b'class="owner"' in letter.read_bytes()
    assert owner.run("sent", "kite", date="2026-11-23") == 0, owner.complained
    files = export(owner, "kite")
    (name,) = (name for name in files if name.startswith("messages/"))
    assert name == "messages/2026-11-23-reminder-1.html"
    assert b'class="owner"' not in files[name]
    assert files[name].count(b"</main>") == 1


def test_two_messages_of_one_step_and_day_are_both_attached(owner: Owner) -> None:
    (kept,) = owner.folder.glob("journal/*/messages/*.eml")
    attempt(owner.folder, Outcome.SENT, digest=kept.stem)
    assert sorted(name for name in export(owner) if name.startswith("messages/")) == [
        "messages/2026-11-16-reminder-1-2.eml",
        "messages/2026-11-16-reminder-1.eml",
    ]


def test_a_message_to_several_companies_is_told_to_each_and_attached_to_none(owner: Owner) -> None:
    (kept,) = owner.folder.glob("journal/*/messages/*.eml")
    attempt(owner.folder, Outcome.SENT, client="kite", digest=kept.stem, on=date(2026, 11, 23))
    for client in ("verdier", "kite"):
        files = export(owner, client, f"{client}.zip")
        assert set(files) == {"history.html", "history.md"}
        assert "Ce message réunissait plusieurs sociétés" in words(files["history.html"])


def test_an_answer_about_several_companies_is_told_to_each_and_repeated_to_none(owner: Owner) -> None:
    said = [
        Answered(
            client,
            "r1@verdier.example",
            date(2026, 11, 18),
            "message",
            "v@verdier.example",
            "Re: Kite doit 800",
            "L'acompte",
        )
        for client in ("verdier", "kite")
    ]
    append(owner.folder / "journal", said, datetime(2026, 11, 18, 9, tzinfo=UTC))
    for client in ("verdier", "kite"):
        shown = words(export(owner, client, f"{client}.zip")["history.html"])
        assert "Cette réponse concerne plusieurs sociétés" in shown
        assert "acompte" not in shown
        assert "Re: Kite doit 800" not in shown


# Words


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_kind_status_and_step_has_its_words(language: str) -> None:
    say = Sentences("history", language)
    assert all(callable(getattr(say, kind.value)) for kind in EntryKind)
    names = [step.name for step in DEFAULT_LADDER] + [INSTALMENT_SOON, *INSTALMENT_LATE, RECAP, RECEIPT, ONBOARDING]
    assert all(say.step(name) != name for name in names)


def test_both_languages_have_the_same_sentences() -> None:
    french, english = (
        re.findall(
            r"macro (\w+)\((.*?)\)",
            (bundled("portal_templates") / "history" / language / "words.jinja").read_text("utf-8"),
        )
        for language in ("fr", "en")
    )
    assert french == english
    assert len(french) == len(set(french))


def test_the_owners_own_sentence_is_used_and_a_mistake_in_it_is_told(owner: Owner) -> None:
    path = "portal_templates/history/fr/words.jinja"
    owner.write(path, "{%- macro call(e) -%} On s’est parlé. {%- endmacro -%}")
    assert owner.run("history", "verdier", date=LAST) == 0, owner.complained
    assert "On s’est parlé." in owner.said
    owner.write(path, "{%- macro call(e) -%} {{ e.nothing.at.all }} {%- endmacro -%}")
    assert owner.run("history", "verdier", date=LAST) == 1
    assert path in owner.complained
    assert "[template-error]" in owner.complained

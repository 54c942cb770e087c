"""A negotiation from the first email to the last payment, as a client lives it in a browser and an owner on the command line.

`RELANCE_SCREENSHOTS=docs/images` takes the pictures of docs/explanation/negotiation.md on the way.
"""

from __future__ import annotations

import io
import os
import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.negotiating import CLIENT, Negotiation, calendar, negotiation, written

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage

    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]

PICTURES = os.environ.get("RELANCE_SCREENSHOTS")
WIDTH = 360
COLOURS = 20  # enough for the few of a page and its letters' edges, and small on disk
ASKED, OFFERED, TAKEN = "2026-11-16", "2026-11-23", "2026-11-24"
SOON, EARLY = "2026-12-18", "2026-12-21"
MISSED, ASKED_AFTER, LAST_WORD, TOLD = "2027-01-25", "2027-01-28", "2027-02-04", "2027-02-11"
TALKED, AGAIN = "2027-02-12", ["2027-02-26", "2027-03-26"]
DATES = ["2026-12-23", MISSED, "2027-02-23"]
GONE = "n’est plus actif"


@dataclass
class Scene:
    """The owner's command line, and the client's browser on the same day."""

    seller: Negotiation
    phone: Page
    uids: dict[str, str] = field(default_factory=dict)  # by day: the entries of the client's calendar

    def on(self, date: str) -> None:
        """It is that day, a little before noon, for the client's phone and for the cashier's."""
        self.seller.at.clock.at = datetime.fromisoformat(f"{date}T10:30:00+00:00")
        self.phone.clock.set_fixed_time(f"{date}T10:30:00Z")

    def opens(self, mail: EmailMessage) -> None:
        """The client opens an email, as it arrived."""
        self.phone.goto("about:blank")
        self.phone.set_content(written(mail, "html"))

    def follows(self, words: str) -> None:
        """The client follows a link or a button of what they read."""
        self.phone.get_by_role("link", name=re.compile(words)).first.click()
        self.phone.wait_for_load_state()

    def reads(self) -> str:
        """All that the page in front of them says, on one line."""
        return " ".join(self.phone.locator("main").inner_text().split())

    def page(self, date: str) -> str:
        """The client's page that day, read again."""
        self.on(date)
        self.phone.goto(self.seller.page(date))
        return self.reads()

    def pays(self) -> None:
        """By card, on the page of the sandbox in front of them; then they are back where they are thanked."""
        self.phone.get_by_role("button", name="Payer par carte").click()
        self.phone.wait_for_url(re.compile("#paid$"))
        assert self.phone.get_by_text("Merci").first.is_visible()

    def schedule(self) -> list[tuple[str, str, str]]:
        """The agreed schedule of the page: each day, how it stands, its amount."""
        rows = self.phone.locator(".agreement .schedule").first.locator("li").all()
        cells = [
            [" ".join((row.locator(part).text_content() or "").split()) for part in (".state", ".figure")]
            for row in rows
        ]
        days = [" ".join((row.locator("span").first.text_content() or "").split()) for row in rows]
        return [(day, state, figure) for day, (state, figure) in zip(days, cells, strict=True)]

    def picture(self, name: str, at: str = "") -> None:
        """What is worth a picture fits the phone; where pictures are asked for, one of it, from the element `at` on."""
        assert self.phone.evaluate("document.documentElement.scrollWidth") <= WIDTH, name
        if at:
            self.phone.locator(at).first.evaluate("element => element.scrollIntoView({block: 'start'})")
        if not PICTURES:
            return
        from PIL import Image  # noqa: PLC0415 - only who takes pictures needs it

        taken = Image.open(io.BytesIO(self.phone.screenshot(animations="disabled")))
        small = taken.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        small.save(Path(PICTURES) / f"negotiation-{name}.png", optimize=True)


@pytest.fixture
def scene(
    browser: Browser, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Scene]:
    """One client, 1 200,00 € late since 30 October 2026, and the first letter not yet written."""
    with negotiation(tmp_path, capsys, monkeypatch) as seller:
        context = browser.new_context(
            locale="fr-FR",
            timezone_id="Europe/Paris",
            viewport={"width": WIDTH, "height": 2 * WIDTH},
            device_scale_factor=2,
            reduced_motion="reduce",
        )
        phone = context.new_page()
        phone.clock.install(time=f"{ASKED}T10:00:00Z")
        yield Scene(seller, phone)
        context.close()


def test_a_negotiation_from_the_first_email_to_the_last_payment(scene: Scene) -> None:
    links = the_client_reads_and_takes_four_times(scene)
    the_agreement_is_written_down_and_the_other_ways_are_closed(scene, links)
    a_word_comes_before_the_second_date_which_is_paid(scene)
    the_third_is_missed_and_asked_for_twice(scene)
    the_agreement_ends_and_the_rest_is_due(scene)
    another_one_takes_its_place_and_is_kept(scene)


def the_client_reads_and_takes_four_times(scene: Scene) -> list[str]:
    seller = scene.seller
    (first,) = seller.whole_morning(ASKED)
    assert "fois" not in written(first)  # the client speaks first
    (mail,) = seller.whole_morning(OFFERED)
    assert "payer en 2, 3 ou 4 fois" in written(mail)
    assert "4 versements de 300,00 €" in written(mail)
    links = [f"{seller.at.url}/pay/{link.id}" for link in seller.links()]
    assert seller.active() == ["invoice 1200.00", "plan 300.00", "plan 400.00", "plan 600.00"]
    scene.on(TAKEN)
    scene.opens(mail)
    scene.picture("1-email")
    scene.follows("Choisir ce qui me convient")
    assert scene.phone.url == seller.page(OFFERED)
    assert "1 200,00 €" in scene.reads()
    scene.follows("en 2, 3 ou 4 fois")
    scene.picture("2-plan", ".plans .choice:last-child")
    scene.follows(r"300,00.*première échéance sur 4")
    assert "300,00" in scene.phone.locator("h1").inner_text()
    scene.picture("3-checkout")
    scene.pays()
    return links


def the_agreement_is_written_down_and_the_other_ways_are_closed(scene: Scene, links: list[str]) -> None:
    (recap,) = scene.seller.whole_morning(TAKEN)
    scene.page(TAKEN)
    assert scene.schedule() == [
        ("23 novembre", "réglée, merci", "300,00 €"),
        ("23 décembre", "la prochaine", "300,00 €"),
        ("25 janvier 2027", "", "300,00 €"),
        ("23 février 2027", "", "300,00 €"),
    ]
    assert "plans-eur" not in scene.phone.content()
    scene.picture("4-agreement", ".agreement")
    text = written(recap)
    assert "1 200,00 € en 4 échéances, sans frais" in text
    assert "Il reste 900,00 € à régler à ces dates" in text
    entries = calendar(recap)
    assert [(state, day) for _, _, state, day in entries] == [("CONFIRMED", day) for day in DATES]
    scene.uids = {day: uid for uid, _, _, day in entries}
    assert len(set(scene.uids.values())) == len(DATES)
    scene.opens(recap)
    scene.picture("5-recap")
    assert scene.seller.active() == ["instalment 300.00", "rest 900.00"]
    for link in links:
        scene.phone.goto(link)
        assert GONE in scene.phone.locator("body").inner_text(), link
    assert scene.seller.whole_morning(TAKEN) == []  # the same morning again: nothing is said twice


def a_word_comes_before_the_second_date_which_is_paid(scene: Scene) -> None:
    assert scene.seller.whole_morning("2026-12-17") == []
    (word,) = scene.seller.whole_morning(SOON)
    assert word["Subject"] == "Échéance du 23 décembre 2026 (2 sur 4)"
    scene.on(EARLY)
    scene.opens(word)
    scene.follows("Voir l’échéancier et payer")
    scene.follows(r"300,00.*échéance du 23 décembre")
    scene.pays()
    assert scene.seller.whole_morning("2026-12-22") == []  # paid before its date: no other word
    scene.page("2026-12-22")
    assert [state for _, state, _ in scene.schedule()] == ["réglée, merci", "réglée, merci", "la prochaine", ""]


def the_third_is_missed_and_asked_for_twice(scene: Scene) -> None:
    seller = scene.seller
    (soon,) = seller.whole_morning("2027-01-22")
    assert "(3 sur 4)" in soon["Subject"]
    assert seller.whole_morning(MISSED) == []
    (late,) = seller.whole_morning(ASKED_AFTER)
    assert "nous pouvons convenir d’une autre date" in written(late)
    assert "L’échéancier tient jusqu’au 7 février 2027 inclus" in written(late)
    scene.page(ASKED_AFTER)
    assert scene.schedule()[2] == ("25 janvier", "à régler", "300,00 €")
    (last,) = seller.whole_morning(LAST_WORD)
    assert "L’échéancier tient jusqu’au 7 février 2027 inclus" in written(last)
    assert seller.whole_morning("2027-02-05") == []
    assert seller.show("2027-02-05")["agreement"]["holds"]  # eleven days late, and the written word is eight days old
    assert seller.active() == ["instalment 300.00", "rest 600.00"]


def the_agreement_ends_and_the_rest_is_due(scene: Scene) -> None:
    seller = scene.seller
    (told,) = seller.whole_morning(TOLD)
    text = written(told)
    assert "l’échéancier a donc pris fin" in text
    assert "à régler en une fois : 600,00 €" in text
    assert "Ce que vous avez déjà réglé, 600,00 €, reste acquis" in text
    assert "un nouvel accord reste possible" in text
    assert [(uid, state) for uid, _, state, _ in calendar(told)] == [(scene.uids[DATES[-1]], "CANCELLED")]
    account = seller.show(TOLD)
    assert not account["agreement"]["holds"]
    assert account["totals"]["to_pay"] == "600.00"
    assert seller.active() == ["invoice 600.00"]  # and no new plan by itself
    assert "600,00 €" in scene.page(TOLD)
    scene.opens(told)
    scene.picture("6-ended")


def another_one_takes_its_place_and_is_kept(scene: Scene) -> None:
    seller = scene.seller
    first = seller.show(TALKED)["agreement"]["id"]
    terms = ("--plan", "2", "--first", AGAIN[0], "--replaces", first)
    seller.does("agree", CLIENT, *terms, date=TALKED)
    (recap,) = seller.whole_morning(TALKED)
    assert "600,00 € en 2 échéances" in written(recap)
    confirmed = [(uid, day) for uid, _, state, day in calendar(recap) if state == "CONFIRMED"]
    assert [day for _, day in confirmed] == AGAIN
    assert not {uid for uid, _ in confirmed} & set(scene.uids.values())
    scene.page(TALKED)
    assert scene.schedule() == [("26 février", "la prochaine", "300,00 €"), ("26 mars", "", "300,00 €")]
    scene.picture("7-again", ".agreement")
    for word, paid, seen in (("2027-02-23", "2027-02-24", "2027-02-25"), ("2027-03-23", "2027-03-24", "2027-03-25")):
        (mail,) = seller.whole_morning(word)
        assert "Échéance du" in mail["Subject"]
        scene.on(paid)
        scene.opens(mail)
        scene.follows("Voir l’échéancier et payer")
        scene.follows(r"300,00.*échéance du 26")
        scene.pays()
        mails = seller.whole_morning(seen)
    assert ["Merci" in written(mail) for mail in mails] == [True]
    account = seller.show(seen)
    assert (account["totals"]["open"], account["totals"]["credit"]) == ("0.00", "0.00")
    assert seller.active() == []
    assert "300,00 €" in scene.page(seen)
    assert scene.phone.get_by_role("link", name=re.compile("^Payer")).count() == 0
    rows = (seller.owner.folder / "ledger/relance/payments.csv").read_text("utf-8-sig").splitlines()[1:]
    assert [row.count("300,00") for row in rows] == [1, 1, 1, 1]  # 4 × 300,00: not a cent more, nor less
    history = seller.does("history", CLIENT, date=seen)
    for line in ("Échéancier convenu pour F-2026-118 (1 200,00 €)", "fin d’un échéancier non tenu"):
        assert line in " ".join(history.split())
    assert "Échéancier convenu pour F-2026-118 (600,00 €)" in " ".join(history.split())

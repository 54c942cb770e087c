"""What a person sees: on a phone, without JavaScript, in the dark, on paper, and long after the last build."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.support.effort import one_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]

WITH_OFFERS = "C-002"  # second reminder: a discount and three plans
MONEY = re.compile(r"\d[\d\u202f]*,\d\d\u00a0€")


def open_page(browser: Browser, address: str, **options: object) -> Page:
    page = browser.new_context(**options).new_page()  # type: ignore[arg-type]
    page.goto(address)
    return page


@pytest.mark.parametrize("width", one_in(3, [320, 360, 768, 1280]))
def test_no_page_of_the_demo_scrolls_sideways(browser: Browser, demo: str, keys: dict[str, str], width: int) -> None:
    page = open_page(browser, demo, viewport={"width": width, "height": 800})
    for key in keys.values():
        page.goto(f"{demo}/p/{key}/")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, key
    page.context.close()


def test_everything_is_there_without_javascript(browser: Browser, demo: str, keys: dict[str, str]) -> None:
    address = f"{demo}/p/{keys[WITH_OFFERS]}/"
    texts = []
    for enabled in (True, False):
        page = open_page(browser, address, java_script_enabled=enabled)
        texts.append(page.locator("main").inner_text())
        page.context.close()
    assert sorted(MONEY.findall(texts[0])) == sorted(MONEY.findall(texts[1]))
    assert "2\u202f880,00\u00a0€" in texts[1]


def test_a_page_asks_nothing_of_another_host_and_keeps_nothing(
    browser: Browser, demo: str, keys: dict[str, str]
) -> None:
    context = browser.new_context()
    page = context.new_page()
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(f"{demo}/p/{keys[WITH_OFFERS]}/")
    assert asked
    assert all(address.startswith(demo) for address in asked)
    assert complaints == []
    assert context.cookies() == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    context.close()


def test_an_offer_steps_back_by_itself_on_a_page_that_nobody_rebuilt(
    browser: Browser, demo: str, keys: dict[str, str]
) -> None:
    page = browser.new_context(timezone_id="Pacific/Kiritimati").new_page()
    page.clock.install(
        time="2026-12-03T22:30:00Z"
    )  # half past eleven in Paris, the last evening; the 4th in Kiritimati
    page.goto(f"{demo}/p/{keys[WITH_OFFERS]}/")
    assert page.locator(".discount").is_visible()
    assert page.locator(".discount.over").count() == 0
    page.clock.set_fixed_time("2026-12-03T23:30:00Z")  # after midnight in Paris
    page.reload()
    assert page.locator(".discount.over").count() == 1
    said = page.locator(".discount").inner_text()
    assert "Cette proposition a pris fin le 3 décembre. Écrivez-nous" in said
    assert "2\u202f736,00" not in said
    assert page.locator(".choice.over").count() == 3
    assert page.locator(".actions a").all_inner_texts()[-1] == "Répondre ou signaler un problème"
    assert not page.get_by_text("Payer en 2, 3 ou 4 fois").is_visible()
    page.context.close()


@pytest.mark.parametrize("now", ["1970-01-01T00:00:00Z", "2026-11-23T08:00:00Z", "2090-01-01T00:00:00Z"])
def test_a_wrong_clock_only_ever_hides_offers(browser: Browser, demo: str, keys: dict[str, str], now: str) -> None:
    page = browser.new_context().new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.clock.install(time=now)
    page.goto(f"{demo}/p/{keys[WITH_OFFERS]}/")
    assert page.locator(".lede").is_visible()
    assert page.locator(".transfer .amount").is_visible()
    assert page.locator(".discount").is_visible()
    assert complaints == []
    page.context.close()


def test_the_last_day_of_an_offer_can_be_read_without_javascript(
    browser: Browser, demo: str, keys: dict[str, str]
) -> None:
    page = open_page(browser, f"{demo}/p/{keys[WITH_OFFERS]}/", java_script_enabled=False)
    assert "3 décembre" in page.locator(".discount").inner_text()
    assert page.locator(".choice .until").all_inner_texts() == ["À accepter au plus tard le 3 décembre"] * 3
    assert page.locator(".expired:visible").count() == 0
    page.context.close()


def test_the_qr_code_is_for_wide_screens_only(browser: Browser, demo: str, keys: dict[str, str]) -> None:
    for width, visible in ((360, False), (1280, True)):
        page = open_page(browser, f"{demo}/p/{keys[WITH_OFFERS]}/", viewport={"width": width, "height": 900})
        codes = page.locator("svg path").all()
        assert (
            any(code.is_visible() and (code.bounding_box() or {"width": 0})["width"] > 80 for code in codes) is visible
        )
        page.context.close()


def test_a_value_is_copied_as_the_bank_wants_it(browser: Browser, demo: str, keys: dict[str, str]) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"{demo}/p/{keys[WITH_OFFERS]}/")
    page.locator("button[data-copy^='FR76']").first.click()
    assert page.evaluate("navigator.clipboard.readText()") == "FR7699999000370001234567851"
    context.close()


def test_on_paper_every_amount_is_still_there(browser: Browser, demo: str, keys: dict[str, str]) -> None:
    page = open_page(browser, f"{demo}/p/{keys[WITH_OFFERS]}/")
    on_screen = set(MONEY.findall(page.locator("main").inner_text()))
    page.emulate_media(media="print")
    assert on_screen <= set(MONEY.findall(page.locator("main").inner_text()))
    page.context.close()


def test_the_dark_page_is_dark(browser: Browser, demo: str, keys: dict[str, str]) -> None:
    page = open_page(browser, f"{demo}/p/{keys[WITH_OFFERS]}/", color_scheme="dark")
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    channels = [int(part) for part in re.findall(r"\d+", colour)[:3]]
    assert max(channels) < 80, colour
    page.context.close()

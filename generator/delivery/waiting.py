"""Waiting for a site that was just published: asked again, with pauses, until clients see the pages of this build.

A cache that keeps an older page and a deploy that is not finished pass; a wrong address, a certificate and a name that nobody knows
do not, and are asked for a second time only. What is said never holds the address of a page.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from generator.delivery.pages import TIMEOUT, Fault, Look, look_at_pages, read_listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from urllib.request import OpenerDirector

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0  #: seconds
_LASTS = frozenset({Fault.TLS, Fault.UNKNOWN_HOST, Fault.ADDRESS})  #: no waiting helps
_ADVICE = {
    Fault.OLDER: "A cache, or a deploy that is not finished: wait a little, or empty the cache of your host.",
    Fault.OTHER_SITE: "Is [site] url in portal.toml the address of the place where the site goes?",
    Fault.NOT_FOUND: "Is [site] url in portal.toml the address of the place where the site goes?",
    Fault.REFUSED: "Look at what your host says of the site.",
    Fault.BROKEN: "Look at what your host says of the site.",
    Fault.UNREACHED: "Look at whether your host is up.",
    Fault.UNKNOWN_HOST: "Look at [site] url in portal.toml, and at the DNS record of that name.",
    Fault.TLS: "Your host has to have a certificate for this name; a new one can take an hour.",
    Fault.ADDRESS: "Look at [site] url in portal.toml.",
}

#: What is told while it goes on.
Tell = Callable[[str], None]
_STILL = "still shows a page that was taken away"


@dataclass(frozen=True, slots=True)
class Seen:
    """What clients see in the end. `wrong` are pages that are not as they were built, `lingering` those that should be gone.

    `listed`: the host shows the names of all pages to everybody. `notes` are worth knowing, and stop nothing.
    """

    asked: int
    wrong: Mapping[str, Look] = field(default_factory=dict)
    lingering: frozenset[str] = frozenset()
    listed: bool = False
    notes: tuple[str, ...] = ()

    @property
    def right(self) -> bool:
        """Whether messages may lead there now."""
        return not self.wrong and not self.listed

    @property
    def words(self) -> str:
        """What is wrong and what to do about it, by reason and never by address; empty when nothing is."""
        said = []
        if self.listed:
            said.append(
                "the host lists the folder p/, and with it the address of every page: switch directory listings off, then give "
                "every client a new page (relance rotate CLIENT)"
            )
        if self.wrong:
            reasons = Counter(look.words for look in self.wrong.values()).most_common()
            why = "; ".join(f"{words} ({count})" for words, count in reasons)
            ((fault, _),) = Counter(look.fault for look in self.wrong.values()).most_common(1)
            many = f"{len(self.wrong)} of {self.asked} pages {'is' if len(self.wrong) == 1 else 'are'}"
            said.append(f"{many} not online as this build made them: {why}. {_ADVICE[fault] if fault else ''}".rstrip())
        return ". ".join(said)


def pauses(seconds: float) -> Iterator[float]:
    """Longer and longer pauses, that come to so many seconds in all."""
    pause = FIRST_PAUSE
    while seconds >= pause:
        yield pause
        seconds -= pause
        pause = min(pause * 2, LONGEST_PAUSE)


def wait_for_pages(
    site: str,
    pages: Mapping[str, str | None],
    gone: Iterable[str],
    between: Iterable[float],
    tell: Tell,
    *,
    sleep: Callable[[float], None] = time.sleep,
    timeout: float = TIMEOUT,
    opener: OpenerDirector | None = None,
) -> Seen:
    """Asks until every page has its mark (None: any) and those that are `gone` answer nothing of ours, or no pause is left.

    `site` is the address of the whole, for a look at whether its folder of pages is listed; `between` are the pauses in seconds.
    """

    def look(urls: Mapping[str, str | None]) -> dict[str, Look]:
        return look_at_pages(urls, timeout=timeout, opener=opener)

    first = look(pages)
    wrong = {url: one for url, one in first.items() if one.fault is not None}
    lingering = _lingering(look(dict.fromkeys(gone)))
    unguarded = {url for url, one in first.items() if one.fault is None and not one.guarded}
    tries = 1
    for pause in between:
        lasting = all(one.fault in _LASTS for one in wrong.values())
        if not (wrong or lingering) or (wrong and lasting and tries > 1):
            break
        tell(f"{_still(wrong, lingering)}: asking again in {pause:g} seconds")
        sleep(pause)
        tries += 1
        again = look({url: pages[url] for url in wrong})
        unguarded |= {url for url, one in again.items() if one.fault is None and not one.guarded}
        wrong = {url: one for url, one in again.items() if one.fault is not None}
        lingering = _lingering(look(dict.fromkeys(lingering)))
    keys = [url.rstrip("/").rpartition("/")[2].encode() for url in pages]
    listing = read_listing(f"{site}/p/", timeout=timeout, opener=opener) if pages else b""
    return Seen(
        len(pages),
        wrong,
        frozenset(lingering),
        any(key in listing for key in keys),
        tuple(_notes(len(lingering), len(unguarded))),
    )


def _lingering(looks: Mapping[str, Look]) -> list[str]:
    """Those where a page of ours still answers: another page of the host's, or none, tells nothing of the client."""
    return [url for url, look in looks.items() if look.mark is not None]


def _still(wrong: Mapping[str, Look], lingering: list[str]) -> str:
    parts = []
    if wrong:
        ((words, _),) = Counter(look.words for look in wrong.values()).most_common(1)
        parts.append(f"{len(wrong)} not yet as built ({words})")
    if lingering:
        parts.append(f"{len(lingering)} still there that should be gone")
    return ", ".join(parts)


def _notes(lingering: int, unguarded: int) -> Iterator[str]:
    if lingering:
        yield (f"the host {_STILL} ({lingering}): empty its cache, and remove its old deploys")
    if unguarded:
        yield (
            f"{unguarded} of the pages asked no longer tell search engines to leave them out: your host, or a template of yours, "
            "takes the robots line away"
        )

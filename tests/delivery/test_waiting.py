"""After a publish: asked again until clients see this build, and told apart what waiting heals from what it does not."""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING, Any
from urllib.error import URLError
from urllib.request import OpenerDirector

import pytest

from generator.delivery.pages import Fault, look_at_pages
from generator.delivery.waiting import Seen, pauses, wait_for_pages
from tests.delivery.test_pages import ANOTHER, KEY, MARK, Host, host, page, say
from tests.support.sandbox import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from http.server import BaseHTTPRequestHandler

pytestmark = LOOPBACK

OLD = "oldoldoldoldoldoldoldold12"
GUARDED = '<meta name="robots" content="noindex, nofollow">'


class Wait:
    """One wait, with what was told and how long it slept."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.slept: list[float] = []

    def __call__(
        self,
        there: Host,
        between: Iterable[float] = (1, 2),
        *,
        gone: bool = False,
        opener: OpenerDirector | None = None,
    ) -> Seen:
        site = there.url.removesuffix(f"/p/{KEY}/")
        away = [f"{site}/p/{OLD}/"] if gone else []
        return wait_for_pages(
            site, {there.url: MARK}, away, between, self.told.append, sleep=self.slept.append, timeout=5, opener=opener
        )


@pytest.fixture
def wait() -> Wait:
    return Wait()


def only_pages(*answers: Callable[[BaseHTTPRequestHandler], None]) -> Callable[[BaseHTTPRequestHandler], None]:
    """The page answers these one after the other, the last of them for ever; everything else is not found."""
    left = list(answers)

    def answer(asked: BaseHTTPRequestHandler) -> None:
        if not asked.path.endswith(f"/p/{KEY}/"):
            say(b"", 404)(asked)
            return
        (left.pop(0) if len(left) > 1 else left[0])(asked)

    return answer


RIGHT = say(page().replace(b"<head>", f"<head>{GUARDED}".encode()))
OLDER = say(page(ANOTHER), Age="40")


def test_what_is_right_at_once_is_not_waited_for(wait: Wait) -> None:
    with host(only_pages(RIGHT)) as there:
        seen = wait(there)
    assert seen == Seen(asked=1)
    assert seen.right
    assert seen.words == ""
    assert (wait.told, wait.slept) == ([], [])


def test_a_page_from_a_cache_is_waited_for(wait: Wait) -> None:
    with host(only_pages(OLDER, say(b"", 404), RIGHT)) as there:
        seen = wait(there)
    assert seen.right
    assert wait.slept == [1, 2]
    assert "1 not yet as built (the page online is an older build, kept by a cache for 40 seconds)" in wait.told[0]
    assert KEY not in "".join(wait.told)


def test_what_does_not_come_in_time_is_told_without_its_address(wait: Wait) -> None:
    with host(only_pages(OLDER)) as there:
        seen = wait(there)
    assert not seen.right
    assert wait.slept == [1, 2]
    assert seen.words.startswith(
        "1 of 1 pages is not online as this build made them: the page online is an older build"
    )
    assert "A cache, or a deploy that is not finished" in seen.words
    assert KEY not in seen.words


@pytest.mark.parametrize(
    ("answer", "fault", "advice"),
    [
        (OLDER, Fault.OLDER, "A cache"),
        (say(b"<h1>Welcome to nginx"), Fault.OTHER_SITE, "Is [site] url in portal.toml"),
        (say(b"", 301, Location="https://elsewhere.example/"), Fault.OTHER_SITE, "Is [site] url in portal.toml"),
        (say(b"", 404), Fault.NOT_FOUND, "Is [site] url in portal.toml"),
        (say(b"", 410), Fault.NOT_FOUND, "Is [site] url in portal.toml"),
        (say(b"", 403), Fault.REFUSED, "what your host says"),
        (say(b"", 503), Fault.REFUSED, "what your host says"),
        (say(page(), announced=9000), Fault.BROKEN, "what your host says"),
    ],
)
def test_each_kind_of_wrong_answer_is_told_apart(
    wait: Wait, answer: Callable[[BaseHTTPRequestHandler], None], fault: Fault, advice: str
) -> None:
    with host(only_pages(answer)) as there:
        seen = wait(there, [])
    assert [look.fault for look in seen.wrong.values()] == [fault]
    assert advice in seen.words


def _refused() -> ssl.SSLError:
    error = ssl.SSLError(1, "wrong version number")
    error.reason = "WRONG_VERSION_NUMBER"
    return error


class Failing(OpenerDirector):
    """A network on which one thing happens."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.happens = error

    def open(self, *_: Any, **__: Any) -> Any:
        raise self.happens


@pytest.mark.parametrize(
    ("error", "fault", "waits"),
    [
        (URLError(socket.gaierror(-2, "Name or service not known")), Fault.UNKNOWN_HOST, 1),
        (URLError(_refused()), Fault.TLS, 1),
        (URLError(ConnectionRefusedError()), Fault.UNREACHED, 3),
        (URLError(TimeoutError()), Fault.UNREACHED, 3),
    ],
)
def test_what_no_waiting_heals_is_asked_twice_only(wait: Wait, error: Exception, fault: Fault, waits: int) -> None:
    there = Host(RIGHT, port=443, scheme="https")
    seen = wait(there, [1, 2, 3], opener=Failing(error))
    assert [look.fault for look in seen.wrong.values()] == [fault]
    assert len(wait.slept) == waits


def test_an_address_that_nothing_can_be_asked_at_is_one_of_a_kind() -> None:
    (look,) = look_at_pages({"http://payer.lumen.example/p/x/": MARK}).values()
    assert look.fault is Fault.ADDRESS


# What should be gone


@pytest.mark.parametrize("answer", [say(b"", 404), say(b"", 410), say(b"<p>Nothing here")])
def test_a_page_that_is_gone_answers_nothing_of_ours(
    wait: Wait, answer: Callable[[BaseHTTPRequestHandler], None]
) -> None:
    with host(lambda asked: (answer if OLD in asked.path else only_pages(RIGHT))(asked)) as there:
        seen = wait(there, gone=True)
    assert seen == Seen(asked=1)


def test_a_page_that_should_be_gone_and_is_not_is_waited_for_and_told(wait: Wait) -> None:
    with host(lambda asked: (OLDER if OLD in asked.path else only_pages(RIGHT))(asked)) as there:
        seen = wait(there, gone=True)
    assert seen.right
    assert len(seen.lingering) == 1
    assert wait.slept == [1, 2]
    assert "1 still there that should be gone" in wait.told[0]
    assert "still shows a page that was taken away (1)" in seen.notes[0]
    assert OLD not in "".join([*wait.told, *seen.notes])


# What protects the pages


def test_a_host_that_lists_the_folder_of_pages_tells_every_address(wait: Wait) -> None:
    def answer(asked: BaseHTTPRequestHandler) -> None:
        listed = say(f'<a href="{KEY}/">{KEY}/</a>'.encode())
        (listed if asked.path == "/p/" else only_pages(RIGHT))(asked)

    with host(answer) as there:
        seen = wait(there)
    assert not seen.right
    assert "the host lists the folder p/" in seen.words
    assert KEY not in seen.words


@pytest.mark.parametrize("answer", [say(page(), X_Robots_Tag="noindex, nofollow"), RIGHT])
def test_a_header_or_the_page_itself_keeps_search_engines_out(
    wait: Wait, answer: Callable[[BaseHTTPRequestHandler], None]
) -> None:
    with host(only_pages(answer)) as there:
        assert wait(there).notes == ()


def test_a_page_that_search_engines_may_list_is_told_and_stops_nothing(wait: Wait) -> None:
    with host(only_pages(say(page()))) as there:
        seen = wait(there)
    assert seen.right
    assert "1 of the pages asked no longer tell search engines to leave them out" in seen.notes[0]


# The pauses


@pytest.mark.parametrize(
    ("seconds", "expected"), [(0, []), (1, [1]), (10, [1, 2, 4]), (300, [1, 2, 4, 8, 16, 32, 60, 60, 60])]
)
def test_pauses_grow_and_never_come_to_more_than_the_owner_allows(seconds: float, expected: list[float]) -> None:
    assert list(pauses(seconds)) == expected

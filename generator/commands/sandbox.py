"""The sandbox of a demo: a Stripe of its own on this machine, where paying costs nothing and changes the demo at once."""

from __future__ import annotations

import socket
import time
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from typing import TYPE_CHECKING

from generator.commands import complain
from generator.errors import OutsideError, RelanceError
from generator.sandbox import AccountSettings, Sandbox, serve
from generator.workspace import demo_day

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date
    from pathlib import Path

    from generator.config import Settings
    from generator.sandbox import Request, Response

HOST = "127.0.0.1"
PORT = 8790
ADDRESS = f"http://{HOST}:{PORT}"
KEY = "rk_test_sandbox"
STATE = ".sandbox.json"
_NOON = time_of_day(12)
_LONGEST = timedelta(hours=9)
_REDIRECT = 303
_SOON = 2  # seconds


def has_sandbox(folder: Path) -> bool:
    """Whether payments of this folder go to the sandbox: it is a demo. No key of the owner's is ever used for one."""
    return demo_day(folder) is not None


def sandbox_answers() -> bool:
    """Whether the sandbox of a demo runs on this machine now."""
    with suppress(OSError), socket.create_connection((HOST, PORT), timeout=_SOON):
        return True
    return False


def pay_pages(settings: Settings) -> str:
    """Where the links of a demo are said to lead: to its own domain for payments, which the preview brings to the sandbox."""
    host = settings.stripe.pay_host if settings.stripe else ""
    return f"https://{host}" if host else ADDRESS


@contextmanager
def sandbox_for(settings: Settings, day: date, *, port: int, after: Follow | None = None) -> Iterator[str]:
    """Runs the sandbox of a demo on its day, with all that happened in it so far, and gives its address.

    Raises OutsideError when the port is taken.
    """
    clock, state, pages = _clock(day), settings.folder / STATE, pay_pages(settings)
    account = AccountSettings(name=settings.seller.name)
    try:
        sandbox = _DemoSandbox(clock=clock, state=state, account=account, base_url=pages, record=False)
    except ValueError as error:
        raise OutsideError(
            f"{STATE} is damaged, or of another version: delete it, or run `relance demo` again."
        ) from error
    sandbox.after = after
    try:
        with serve(sandbox, port) as served:
            yield served.url
    except OSError as error:
        raise OutsideError(
            f"the sandbox cannot use port {port}: {error.strerror}. Is the preview of another demo open?"
        ) from error


def _clock(day: date) -> Callable[[], datetime]:
    """Noon of the demo's day, and on from there: a payment is never of another day."""
    noon, began = datetime.combine(day, _NOON, UTC), time.monotonic()
    return lambda: noon + min(timedelta(seconds=time.monotonic() - began), _LONGEST)


class Follow:
    """What a payment in the sandbox sets off: `work`, and then the way back to the preview instead of the published site."""

    def __init__(self, work: Callable[[], None], site: str, preview: str) -> None:
        """`site` is the address that links lead back to, `preview` where the same pages are on this machine."""
        self.work = work
        self.site = site
        self.preview = preview

    def home(self, response: Response) -> Response:
        """The answer, with every address of the site led to the preview."""
        headers = {name: text.replace(self.site, self.preview) for name, text in response.headers.items()}
        return replace(response, headers=headers)


class _DemoSandbox(Sandbox):
    after: Follow | None = None

    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        if self.after is None or request.path.startswith("/v1/"):
            return response
        if request.method == "POST" and response.status == _REDIRECT:
            try:
                self.after.work()
            except RelanceError as error:
                complain(f"relance: {error}")
        return self.after.home(response)

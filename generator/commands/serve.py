"""`relance serve`: a preview of the site, the outbox and the report, on this machine only."""

from __future__ import annotations

import io
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import unquote

from generator.commands import DONE, Context, say
from generator.commands.build import build
from generator.commands.cashier import open_cashier
from generator.commands.links import synchronise
from generator.commands.reconcile import bring_in
from generator.commands.sandbox import PORT, Follow, has_sandbox, pay_pages, sandbox_for
from generator.errors import OutsideError, UsageError
from generator.lock import exclusive

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

_HOST = "127.0.0.1"
_NAMES = frozenset({_HOST, "localhost"})
#: Where each generated folder appears; the site itself is at the root, as it will be once published.
_ROOMS = {"/_report": "report", "/_outbox": "outbox"}


def run(context: Context, options: Namespace) -> int:
    """Raises UsageError when nothing is built yet, OutsideError when the port is taken."""
    return preview(context, options.port)


def preview(context: Context, port: int) -> int:
    """Serves until interrupted; a demo with its sandbox, in which payments change the demo at once."""
    folder = context.folder
    if not (folder / "output").is_dir():
        raise UsageError(f"{folder} has no site yet: run `relance build --folder {folder}` first.")
    try:
        server = ThreadingHTTPServer((_HOST, port), partial(Preview, folder=folder))
    except OSError as error:
        raise OutsideError(f"port {port} cannot be used: {error.strerror}. Try another one with --port.") from error
    address = f"http://{_HOST}:{server.server_address[1]}"
    say(f"Report: {address}/_report/   Outbox: {address}/_outbox/   Site: {address}/   (stop with Ctrl-C)")
    with server, _sandbox(context, address) as led:
        server.RequestHandlerClass = partial(Preview, folder=folder, led=led)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            say()
    return DONE


@contextmanager
def _sandbox(context: Context, preview_address: str) -> Iterator[tuple[str, str]]:
    """The sandbox of a demo, for as long as the preview runs: where links lead, and where they are led instead.

    Nothing for a folder that is no demo.
    """
    workspace, today = context.open() if has_sandbox(context.folder) else (None, None)
    if workspace is None or today is None or workspace.settings.stripe is None:
        yield "", ""
        return
    follow = Follow(lambda: take_in(context), workspace.settings.site_url, preview_address)
    with sandbox_for(workspace.settings, today, port=PORT, after=follow) as address:
        say(
            f"Payments: {address}/sandbox   No real money: whatever is paid there changes the pages and the outbox at once."
        )
        yield pay_pages(workspace.settings), address


def take_in(context: Context) -> None:
    """What CI does after a payment: reconcile, links, build."""
    with exclusive(context.folder):
        workspace, today = context.open()
        with open_cashier(workspace) as cashier:
            bring_in(workspace, today, context.now, cashier)
            workspace, today = context.open()
            synchronise(workspace, today, context.now, cashier)
        workspace, today = context.open()
        build(workspace, today, context.now)


class Preview(SimpleHTTPRequestHandler):
    """Serves three folders as one site, with the address of no other machine in it."""

    def __init__(self, *args: object, folder: Path, led: tuple[str, str] = ("", "")) -> None:
        """For one request; `folder` is the owner's; links to the first address of `led` are shown as leading to the second."""
        self.folder = folder
        self.led = led
        super().__init__(*args)  # type: ignore[arg-type]  # what the server gives every handler

    def translate_path(self, path: str) -> str:
        """The file of an address; dot files (a lock, a build's state) are nobody's business."""
        plain = path.split("?", 1)[0].split("#", 1)[0]
        room, rest = "output", plain
        for prefix, name in _ROOMS.items():
            if plain == prefix or plain.startswith(prefix + "/"):
                room, rest = name, plain[len(prefix) :] or "/"
        # the report and the outbox point at each other and at the site as folders side by side
        for name in ("output", "outbox", "report"):
            if room == "output" and plain.startswith(f"/{name}/"):
                room, rest = name, plain[len(name) + 1 :]
        self.directory = str(self.folder / room)
        hidden = any(part.startswith(".") for part in unquote(rest).split("/"))
        return super().translate_path("/.nothing" if hidden else rest)

    def send_head(self) -> io.BytesIO | BinaryIO | None:
        """A file; a page of a demo with its payment links led to the sandbox.

        Only under a name of this machine: a site elsewhere that gives its own name our address must not read the report.
        """
        if self.headers.get("Host", "").partition(":")[0] not in _NAMES:
            self.send_error(HTTPStatus.MISDIRECTED_REQUEST)
            return None
        path = Path(self.translate_path(self.path))
        page = path / "index.html" if path.is_dir() and self.path.split("?")[0].endswith("/") else path
        before, after = self.led
        if not before or page.suffix != ".html" or not page.is_file():
            return super().send_head()
        content = page.read_bytes().replace(before.encode(), after.encode())
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        return io.BytesIO(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's own name
        """Nothing: an address holds a client's key, and a terminal keeps what it shows."""

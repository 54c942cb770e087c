"""`relance serve`: a preview of the site, the outbox and the report, on this machine only."""

from __future__ import annotations

from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from generator.commands import DONE, Context, say
from generator.errors import OutsideError, UsageError

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path

_HOST = "127.0.0.1"
#: Where each generated folder appears; the site itself is at the root, as it will be once published.
_ROOMS = {"/_report": "report", "/_outbox": "outbox"}


def run(context: Context, options: Namespace) -> int:
    """Raises UsageError when nothing is built yet, OutsideError when the port is taken."""
    return preview(context.folder, options.port)


def preview(folder: Path, port: int) -> int:
    """Serves until interrupted."""
    if not (folder / "output").is_dir():
        raise UsageError(f"{folder} has no site yet: run `relance build --folder {folder}` first.")
    try:
        server = ThreadingHTTPServer((_HOST, port), partial(Preview, folder=folder))
    except OSError as error:
        raise OutsideError(f"port {port} cannot be used: {error.strerror}. Try another one with --port.") from error
    address = f"http://{_HOST}:{server.server_address[1]}"
    say(f"Report: {address}/_report/   Outbox: {address}/_outbox/   Site: {address}/   (stop with Ctrl-C)")
    with server:
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            say()
    return DONE


class Preview(SimpleHTTPRequestHandler):
    """Serves three folders as one site, with the address of no other machine in it."""

    def __init__(self, *args: object, folder: Path) -> None:
        """For one request; `folder` is the owner's."""
        self.folder = folder
        super().__init__(*args)  # type: ignore[arg-type]

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
        hidden = any(part.startswith(".") for part in rest.split("/"))
        return super().translate_path("/.nothing" if hidden else rest)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's own name
        """Nothing: an address holds a client's key, and a terminal keeps what it shows."""

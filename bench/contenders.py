"""What is measured, each in a process of its own: `python -m bench.contenders NAME FOLDER` prints one line of JSON.

`build`    the whole of `relance build` in an owner's folder: read, check, decide, remember, render, verify, swap
`floor`    the least that the same result can cost: the same templates with everything that they are told already worked
           out, so only rendering, drawing the same QR codes, the cheapest correct MIME message, and writing
`pelican`  stock Pelican with its own theme and one Markdown file per client

Seconds are counted from the call to its end; starting Python and importing are not in them.
"""

from __future__ import annotations

import binascii
import gc
import hashlib
import json
import logging
import resource
import sys
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default as default_policy
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

from bench.ledger import TODAY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from jinja2 import Template

    from generator.domain.account import Account
    from generator.site_render import PublicPage
    from generator.templates import MessageTemplate, Rendered
    from generator.workspace import Workspace

Measured = dict[str, object]
_NOON = datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=UTC)
_PART_HEAD = b'; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'


class Watch:
    """Counts from its making: seconds on the clock, and seconds of this processor, which a busy machine changes less."""

    def __init__(self) -> None:
        self._start, self._cpu = time.perf_counter(), time.process_time()

    def stop(self) -> Measured:
        """What was spent since."""
        return {"seconds": time.perf_counter() - self._start, "cpu": time.process_time() - self._cpu}


def build(folder: Path) -> Measured:
    """`relance build`, as the command runs it."""
    from generator.at_rest import collector_at_rest  # noqa: PLC0415 - imports are not what is measured
    from generator.commands.build import build as whole  # noqa: PLC0415
    from generator.workspace import open_workspace  # noqa: PLC0415

    watch = Watch()
    with collector_at_rest():
        workspace = open_workspace(folder)
        built = whole(workspace, TODAY, _NOON)
        spent = watch.stop()
    return {
        **spent,
        "written": built.site.written,
        **_pages(folder / "output"),
        **_messages(folder / "outbox"),
    }


def floor(folder: Path) -> Measured:
    """The same pages and messages from contexts that are ready; `folder` was built before and has its keys."""
    from generator.site_render import marked  # noqa: PLC0415
    from generator.workspace import open_workspace  # noqa: PLC0415

    workspace = open_workspace(folder)
    clients = workspace.decide(TODAY).by_client()
    pages = _page_jobs(workspace, clients, folder / "floor" / "empty")
    messages = _message_jobs(workspace, clients)
    output, outbox = folder / "floor" / "output", folder / "floor" / "outbox"
    outbox.mkdir(parents=True)
    forget_everything_drawn()
    watch = Watch()
    for key, template, values in pages:
        target = output / "p" / key
        target.mkdir(parents=True)
        (target / "index.html").write_bytes(marked(template.render(values).encode()))
    for message in messages:
        (outbox / message.name).write_bytes(message.make())
    spent = watch.stop()
    return {**spent, **_pages(output), **_messages(outbox)}


def pelican(folder: Path) -> Measured:
    """Pelican as it comes, without feeds; its menu does not list the pages, which would make it quadratic."""
    from pelican import Pelican  # noqa: PLC0415
    from pelican.settings import read_settings  # noqa: PLC0415

    from generator.workspace import open_workspace  # noqa: PLC0415

    content = folder / "pelican" / "content"
    (content / "pages").mkdir(parents=True)
    for accounts in open_workspace(folder).decide(TODAY).by_client():
        name = accounts[0].client.id.lower()
        (content / "pages" / f"{name}.md").write_text(_markdown(accounts), encoding="utf-8")
    config = folder / "pelican" / "pelicanconf.py"
    config.write_text(
        "PATH = 'content'\nOUTPUT_PATH = 'output'\nSITENAME = 'Relevés'\nSITEURL = ''\nTIMEZONE = 'Europe/Paris'\n"
        "DISPLAY_PAGES_ON_MENU = False\nFEED_ALL_ATOM = CATEGORY_FEED_ATOM = TRANSLATION_FEED_ATOM = None\n"
        "AUTHOR_FEED_ATOM = AUTHOR_FEED_RSS = None\n",
        encoding="utf-8",
    )
    logging.disable(logging.WARNING)
    settings = read_settings(str(config))
    watch = Watch()
    Pelican(settings).run()
    spent = watch.stop()
    return {**spent, "pages": len(list((folder / "pelican" / "output" / "pages").glob("*.html")))}


def _page_jobs(
    workspace: Workspace, clients: Sequence[Sequence[Account]], aside: Path
) -> list[tuple[str, Template, dict[str, object]]]:
    """For each key its template and all that the template is told, as the site's own renderer works it out."""
    from generator.site_render import Renderer  # noqa: PLC0415

    class Noting(Renderer):
        """Notes what it would render instead of rendering it."""

        def page(self, template: str, language: str, **values: object) -> bytes:
            noted.append((self.template(template, language), values))
            return b""

    renderer = Noting(workspace.settings, None, _public_pages(workspace, aside))
    noted: list[tuple[Template, dict[str, object]]] = []
    for accounts in clients:
        renderer.client(accounts)
    keys = [accounts[0].keys[0] for accounts in clients]
    return [(key, template, values) for key, (template, values) in zip(keys, noted, strict=True)]


def _public_pages(workspace: Workspace, aside: Path) -> tuple[PublicPage, ...]:
    """The prose that every page's menu lists, as a build without any client finds it."""
    from generator import site  # noqa: PLC0415
    from generator.commands.build import build as whole  # noqa: PLC0415
    from generator.domain.ledger import Ledger  # noqa: PLC0415
    from generator.site_render import Renderer  # noqa: PLC0415

    used: list[Renderer] = []

    def noting(*given: object, **named: object) -> Renderer:
        used.append(Renderer(*given, **named))  # type: ignore[arg-type]
        return used[-1]

    aside.mkdir(parents=True)
    empty = replace(workspace, settings=replace(workspace.settings, folder=aside), ledger=Ledger({}))
    with mock.patch.object(site, "Renderer", noting):
        whole(empty, TODAY, _NOON)
    return next((renderer.public_pages for renderer in used if renderer.public_pages), ())


@dataclass(frozen=True, slots=True)
class MessageJob:
    """A message whose headers are written and whose values are ready; what is left is its words and their encoding."""

    name: str
    head: bytes
    boundary: bytes
    template: MessageTemplate
    values: Mapping[str, object]

    def make(self) -> bytes:
        """`multipart/alternative` in quoted-printable, with nothing between the words and the bytes."""
        words = self.template.render(self.values)
        parts = []
        for kind, text in ((b"plain", words.text), (b"html", words.html)):
            encoded = binascii.b2a_qp((text.rstrip("\n") + "\n").encode(), istext=True).replace(b"\n", b"\r\n")
            parts += [b"--", self.boundary, b"\r\nContent-Type: text/", kind, _PART_HEAD, encoded]
        return b"".join([self.head, b"\r\n\r\n", *parts, b"--", self.boundary, b"--\r\n"])


def _message_jobs(workspace: Workspace, clients: Sequence[Sequence[Account]]) -> list[MessageJob]:
    """For each message of the day its headers, and the template with all that it is told."""
    from generator.messages import MessageTemplates, compose  # noqa: PLC0415
    from generator.templates import MessageTemplate  # noqa: PLC0415

    render = MessageTemplate.render
    noted: list[tuple[MessageTemplate, Mapping[str, object]]] = []

    def noting(template: MessageTemplate, values: Mapping[str, object]) -> Rendered:
        noted.append((template, dict(values)))
        return render(template, values)

    templates, jobs = MessageTemplates(workspace.settings), []
    with mock.patch.object(MessageTemplate, "render", noting):
        for accounts in clients:
            message = compose(workspace.settings, accounts, templates)
            if message is not None:
                head = message.eml().split(b"\r\n\r\n", 1)[0]
                boundary = head.rpartition(b'boundary="')[2].partition(b'"')[0]
                jobs.append(MessageJob(message.file_name, head, boundary, *noted[-1]))
    return jobs


def forget_everything_drawn() -> None:
    """Empties the caches of the program, which working out the contexts has filled."""
    for name, module in list(sys.modules.items()):
        if name.startswith("generator"):
            for value in vars(module).values():
                if hasattr(value, "cache_clear"):
                    value.cache_clear()
    gc.collect()


def _markdown(accounts: Sequence[Account]) -> str:
    """A client's statement as one would write it by hand for a stock site."""
    first = accounts[0]
    lines = [
        f"Title: {first.client.name}",
        f"Slug: {first.client.id.lower()}",
        "",
        f"Bonjour {first.client.salutation},",
        "",
    ]
    for account in accounts:
        lines += [
            f"Il reste {account.totals.to_pay} {account.currency} à régler.",
            "",
            "| Facture | Échéance | Solde |",
            "|---|---|---|",
        ]
        lines += [f"| {item.id} | {item.invoice.due} | {item.open} |" for item in account.items if item.open]
        lines += ["", "## Historique", ""]
        lines += [f"- {line.on} {line.kind} {line.amount} {' '.join(line.invoices)}" for line in account.history]
    return "\n".join([*lines, ""])


def _pages(output: Path) -> Measured:
    """How many client pages there are, and a digest of them all: two contenders made the same when it is the same."""
    found = sorted((output / "p").glob("*/index.html"))
    return {"pages": len(found), "pages_digest": _digest((path.parent.name, path.read_bytes()) for path in found)}


def _messages(outbox: Path) -> Measured:
    """The same for messages: what a mail program reads in them, however they are written."""
    found = sorted(outbox.glob("*.eml"))
    return {"messages": len(found), "messages_digest": _digest((path.name, _read(path)) for path in found)}


def _read(path: Path) -> bytes:
    message = message_from_bytes(path.read_bytes(), policy=default_policy)
    texts = [part.get_content().rstrip() for part in message.walk() if not part.is_multipart()]
    return "\0".join([str(message["To"]), str(message["Subject"]), *texts]).encode()


def _digest(named: Iterable[tuple[str, bytes]]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for name, content in named:
        digest.update(name.encode() + b"\0" + content + b"\0")
    return digest.hexdigest()


CONTENDERS: dict[str, Callable[[Path], Measured]] = {"build": build, "floor": floor, "pelican": pelican}


def main() -> None:
    """Runs one contender and prints what was measured."""
    name, folder = sys.argv[1:]
    measured = CONTENDERS[name](Path(folder))
    measured["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    sys.stdout.write(json.dumps(measured) + "\n")


if __name__ == "__main__":
    main()

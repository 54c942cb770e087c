"""The history of one client, as one would show it to a mediator: a page to print, the same in Markdown, and every message.

It speaks the seller's language. Sentences are in `portal_templates/history/<language>/words.jinja`, the markup is in
`theme/history/`; an owner's own files come before those that ship with relance.
"""

from __future__ import annotations

import io
import os
import re
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.errors import MessageError
from typing import TYPE_CHECKING, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from generator.domain.chronicle import EntryKind
from generator.errors import OutsideError, UsageError
from generator.problems import printable
from generator.resources import bundled
from generator.sentences import Sentences, blame
from generator.template_cache import TemplateCache

if TYPE_CHECKING:
    from collections.abc import Callable, Container
    from datetime import date
    from pathlib import Path

    from generator.config import Seller
    from generator.domain.account import Account
    from generator.domain.chronicle import Entry
    from generator.domain.ledger import Client

#: The bytes of a message that was kept, by its digest, and the ending of its file; None when they are gone or were changed.
Kept = tuple[str, bytes]

_ENDINGS = frozenset({".eml", ".html"})
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first day that a zip can say: the same history is the same bytes
_MADE_ON_UNIX = 3
_OWNER_ONLY = 0o600
_NOT_IN_A_NAME = re.compile(r"[^a-z0-9]+")
_OWNERS_NOTE = re.compile(rb'<aside class="owner">.*?</aside>\s*', re.DOTALL)
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|!~&])")
_SPACES = re.compile(r"\s+")


class Line(NamedTuple):
    """One line as it is read: `quote` are somebody's own words, `file` the message that is attached."""

    on: date
    kind: str
    title: str
    details: tuple[str, ...]
    quote: str
    source: str
    file: str


@dataclass(frozen=True, slots=True)
class History:
    """What is to be shown of one client. `booked` is the day up to which payments are known."""

    seller: Seller
    client: Client
    accounts: tuple[Account, ...]
    entries: tuple[Entry, ...]
    day: date
    booked: date | None


class Historian:
    """One client's history in words."""

    def __init__(
        self,
        history: History,
        kept: Callable[[str], Kept | None],
        home: Path | None = None,
        shared: Container[str] = (),
    ) -> None:
        """`kept` finds the bytes of a message by their digest; `home` is the owner's folder.

        `shared` are the digests of messages that were to other clients too, and the ids of answers that came from several:
        what is theirs is shown to nobody else.
        Raises UserError for a mistake in the owner's own sentences.
        """
        self.shared = shared
        self.history = history
        self.home = home.resolve() if home else None
        self.words = Sentences("history", history.seller.language, home)
        self.messages: dict[str, bytes] = {}
        try:
            self.lines = tuple(self._line(entry, kept) for entry in history.entries)
        except Exception as error:
            raise blame(error, self.home) from error

    def _line(self, entry: Entry, kept: Callable[[str], Kept | None]) -> Line:
        said, mark = self.words, entry.digest or entry.known_as
        shared = bool(mark) and mark in self.shared
        found = kept(entry.digest) if entry.digest and not shared else None
        to, subject = _header(found) if found and not (entry.to and entry.subject) else ((), "")
        to, subject = entry.to or to, "" if shared else entry.subject or subject
        details = []
        if to:
            details.append(said.sender(to[0]) if entry.kind is EntryKind.ANSWER else said.to(to))
        if subject:
            details.append(said.subject(subject))
        if entry.gone:
            details.append(said.gone(entry.gone))
        by_server = entry.kind in {EntryKind.REFUSED, EntryKind.BOUNCED}
        if entry.text and by_server:
            details.append(said.server(entry.text))
        if shared:
            details.append(said.shared_answer() if entry.kind is EntryKind.ANSWER else said.shared())
        elif entry.digest and found is None:
            details.append(said.lost())
        title = getattr(said, entry.kind.value)(entry)
        return Line(
            on=entry.on,
            kind=entry.kind.value,
            title=title[:1].upper() + title[1:],
            details=tuple(details),
            quote=entry.text if entry.kind in _QUOTED and not shared else "",
            source=said.place(entry.source.file, entry.source.line) if entry.source else said.journal(),
            file=self._attach(entry, found) if found else "",
        )

    def _attach(self, entry: Entry, found: Kept) -> str:
        ending, content = found
        if ending not in _ENDINGS:
            return ""
        if ending == ".html":  # what stands on a letter's screen for the owner alone is no part of the letter
            content = _OWNERS_NOTE.sub(b"", content)
        stem = f"messages/{entry.on.isoformat()}-{_NOT_IN_A_NAME.sub('-', entry.step.lower()).strip('-') or 'message'}"
        name, number = f"{stem}{ending}", 1
        while name in self.messages:
            number += 1
            name = f"{stem}-{number}{ending}"
        self.messages[name] = content
        return name

    def html(self) -> str:
        """The page to print; it needs no other file. Raises UserError for a mistake in the owner's own template."""
        folders = [*([self.home / "theme" / "history"] if self.home else []), bundled("theme") / "history"]
        environment = Environment(
            loader=FileSystemLoader(folders),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            bytecode_cache=TemplateCache(None, f"history {self.words.language}"),
        )
        environment.filters.update(self.words.formats)
        history, style = self.history, next(path for folder in folders if (path := folder / "history.css").is_file())
        try:
            return environment.get_template("history.html").render(
                say=self.words,
                lang=self.words.language,
                css=style.read_text(encoding="utf-8"),
                seller=history.seller,
                client=history.client,
                accounts=history.accounts,
                day=history.day,
                booked=history.booked,
                lines=self.lines,
                attached=bool(self.messages),
            )
        except Exception as error:
            raise blame(error, self.home) from error

    def _opening(self) -> list[str]:
        said, history = self.words, self.history
        seller, client = history.seller.name, history.client.name
        intro = said.intro(seller, client, history.day)
        if history.booked:
            intro = f"{intro} {said.booked(history.booked)}"
        return [said.title(), intro, said.sources()]

    def markdown(self) -> str:
        """The same, for whoever would rather have plain text that a program can read too."""
        said, date_of = self.words, self.words.formats["short_date"]
        title, *opening = map(_plain, self._opening())
        parts = [f"# {title}", *opening, *([_plain(said.attached())] if self.messages else [])]
        for account in self.history.accounts:
            parts += [f"## {_plain(said.items_title())}", self._items(account)]
        parts.append(f"## {_plain(said.lines_title())}")
        for line in self.lines:
            rows = [f"**{date_of(line.on)}**  {_plain(line.title)} *({_plain(line.source)})*"]
            rows += [_plain(detail) for detail in line.details]
            rows += [f"[{_plain(said.file(line.file))}]({line.file})"] if line.file else []
            text = "  \n  ".join(rows)
            quote = "  \n".join(f"  > {_plain(words)}" for words in line.quote.splitlines())
            parts.append(f"- {text}" + (f"\n\n{quote}" if quote else ""))
        parts.append(_plain(f"{said.closing()} {self._contact()}"))
        return "\n\n".join(parts) + "\n"

    def _items(self, account: Account) -> str:
        said, date_of, money = self.words, self.words.formats["short_date"], self.words.formats["money"]
        heads = (said.number(), said.issued(), said.due(), said.total(), said.settled_amount(), said.open())
        rows = [heads, ("---", "---", "---", "---:", "---:", "---:")]
        rows += [
            (
                f"{said.item(item)} ({said.status(item.status.value)})",
                date_of(item.invoice.issued),
                date_of(item.invoice.due),
                money(item.total),
                money(item.paid + item.credited),
                money(item.open),
            )
            for item in account.items
        ]
        rows.append((said.sum(), "", "", "", "", money(account.totals.open)))
        return "\n".join(
            f"| {' | '.join(cell if cell.startswith('---') else _plain(cell) for cell in row)} |" for row in rows
        )

    def _contact(self) -> str:
        seller = self.history.seller
        return ", ".join(filter(None, (seller.contact or seller.name, seller.phone, seller.email)))

    def text(self) -> str:
        """The same for the terminal, where nothing can be attached."""
        said, date_of = self.words, self.words.formats["short_date"]
        rows = [*self._opening(), ""]
        for line in self.lines:
            rows.append(f"{date_of(line.on)}  {line.title} ({line.source})")
            rows += [f"            {detail}" for detail in line.details]
            rows += [
                f"            « {words} »" if said.language == "fr" else f'            "{words}"'
                for words in line.quote.splitlines()
            ]
        return "\n".join(map(printable, rows))

    def export(self, path: Path) -> int:
        """Writes all of it as one zip, which only its owner can read, and says how many messages are in it.

        Raises UsageError for a file that is there already, OutsideError when the disk refuses; then nothing is left.
        """
        files = {"history.html": self.html().encode(), "history.md": self.markdown().encode(), **self.messages}
        content = _zipped(files)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
        except FileExistsError as error:
            raise UsageError(f"{path} is there already; name another file.") from error
        except (OSError, ValueError) as error:
            raise OutsideError(f"{path} cannot be written: {_reason(error)}.") from error
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            with suppress(OSError):
                path.unlink()
            raise OutsideError(f"{path} cannot be written: {_reason(error)}.") from error
        return len(self.messages)


_QUOTED = frozenset({EntryKind.CALL, EntryKind.CALL_MISSED, EntryKind.ANSWER, EntryKind.DISPUTE})


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) else "") or type(error).__name__


def _header(found: Kept) -> tuple[tuple[str, ...], str]:
    """The addressees and the subject of an email that was kept; nothing of a letter."""
    ending, content = found
    if ending != ".eml":
        return (), ""
    try:
        message = message_from_bytes(content, policy=policy.default)
        to, subject = message["To"], message["Subject"]
        addresses = tuple(address.addr_spec for address in to.addresses) if to is not None else ()
        return addresses, str(subject or "")
    except (MessageError, ValueError, LookupError, AttributeError):
        return (), ""


def _plain(text: str) -> str:
    """A text in which nothing is markup, on one line."""
    return _MARKDOWN.sub(r"\\\1", _SPACES.sub(" ", text)).strip()


def _zipped(files: dict[str, bytes]) -> bytes:
    """The same files give the same bytes, whenever and wherever they are put together."""
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = _MADE_ON_UNIX
            info.external_attr = _OWNER_ONLY << 16
            archive.writestr(info, files[name])
    return output.getvalue()

"""`relance clients`: who the clients are and how each is reached; and a list, ready to fill in, of those who cannot be."""

from __future__ import annotations

import csv
import io
import sys
from typing import TYPE_CHECKING

from generator import wording
from generator.checks import slug
from generator.commands import DONE, Context, complain, plural, say, tell_problems
from generator.domain.ledger import Channel, Client
from generator.errors import OutsideError, UsageError
from generator.readers.columns import CLIENTS
from generator.readers.sheet import lines_to_append
from generator.summary import printable

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from generator.domain.account import Account
    from generator.domain.money import Money
    from generator.workspace import Workspace

_LANGUAGE = "en"  # the command line speaks English
#: What is worth knowing of a client whom nobody could write to yet.
COLUMNS = ("id", "name", "email", "contact", "kind", "phone", "channel", "terms")
_WIDEST_NAME = 32


def run(context: Context, options: Namespace) -> int:
    """Raises UsageError for what cannot be added to, or would be written over; writes nothing but the file it is given."""
    workspace, today = context.open()
    accounts = {found[0].client.id: found for found in workspace.decide(today).by_client()}
    shown = [
        (_addressee(client, accounts), accounts.get(client.id, ()))
        for client in workspace.ledger.clients.values()
        if options.all or _open(accounts.get(client.id, ()))
    ]
    tell_problems(workspace.problems)
    if options.missing:
        _list_missing(workspace, [client for client, _ in shown if not _is_reached(client)], options)
        return DONE
    if options.append or options.output:
        raise UsageError("--append and --output are about the list that --missing makes.")
    for line in _table(shown):
        say(line)
    return DONE


def _addressee(client: Client, accounts: Mapping[str, Sequence[Account]]) -> Client:
    """The client as they are written to, at whoever pays."""
    found = accounts.get(client.id)
    return found[0].client if found else client


def _open(accounts: Sequence[Account]) -> list[Money]:
    """What is open, one sum for each currency."""
    return [account.totals.open for account in accounts if account.totals.open]


def _is_reached(client: Client) -> bool:
    """Whether messages have somewhere to go: an address, or a means that needs none."""
    return bool(client.email) or client.channel not in {None, Channel.EMAIL}


def _order(client: Client) -> tuple[str, str]:
    return slug(client.name), client.id


def _table(shown: Sequence[tuple[Client, Sequence[Account]]]) -> list[str]:
    rows = [
        (
            printable(client.id),
            printable(client.name)[:_WIDEST_NAME],
            _way(client),
            " + ".join(wording.money(amount, _LANGUAGE) for amount in _open(accounts)) or "–",
        )
        for client, accounts in sorted(shown, key=lambda entry: _order(entry[0]))
    ]
    if not rows:
        return ["No client owes anything: --all lists the others too."]
    rows.insert(0, ("CLIENT", "NAME", "REACHED", "OPEN"))
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _way(client: Client) -> str:
    if client.channel is Channel.PHONE:
        return f"calls {client.phone}".rstrip()
    if client.channel is Channel.LETTER:
        return "letters"
    if client.email:
        return client.email
    return f"calls {client.phone}, no address" if client.phone else "no address"


def _list_missing(workspace: Workspace, missing: Sequence[Client], options: Namespace) -> None:
    path = workspace.folder / workspace.settings.ledger.path / CLIENTS.file
    rows = [_row(client) for client in sorted(missing, key=_order)]
    if options.append:
        known = {client.id for client in missing if client.source.file.endswith(CLIENTS.file)}
        data = lines_to_append(path, CLIENTS, [row for row in rows if row["id"] not in known])
        if known:
            complain(f"{plural(len(known), 'client')} in {CLIENTS.file} already: write their addresses there.")
    else:
        data = _file(rows)
    if options.output is None:
        _write_out(data)
    else:
        _write_file(options.output, data)
        complain(f"{plural(len(rows), 'client')} to fill in: {options.output}")


def _row(client: Client) -> dict[str, str]:
    values = {
        "id": client.id,
        "name": client.name,
        "email": client.email,
        "contact": client.contact,
        "kind": str(client.kind),
        "phone": client.phone,
        "channel": str(client.channel or ""),
        "terms": client.terms,
    }
    return {column: values[column] for column in COLUMNS}


def _file(rows: Sequence[dict[str, str]]) -> bytes:
    """A whole clients.csv, as a French spreadsheet opens it."""
    output = io.StringIO()
    table = csv.DictWriter(output, COLUMNS, delimiter=";", lineterminator="\r\n")
    table.writeheader()
    table.writerows(rows)
    return output.getvalue().encode("utf-8-sig")


def _write_out(data: bytes) -> None:
    """To a file of the shell's, byte by byte; a terminal is shown the text."""
    if sys.stdout.isatty():
        say(data.decode("utf-8-sig", "replace").rstrip())
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def _write_file(path: Path, data: bytes) -> None:
    """A new file. Raises UsageError for one that holds something, OutsideError when the disk refuses."""
    try:
        if path.exists() and (path.is_dir() or path.stat().st_size):
            raise UsageError(f"{path} holds something already: relance does not write over it. Choose another name.")
        path.write_bytes(data)
    except OSError as refused:
        raise OutsideError(f"{path} cannot be written: {refused.strerror}.") from refused

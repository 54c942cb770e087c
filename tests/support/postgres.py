"""A PostgreSQL server of the tests' own: in a folder that goes with it, on a unix socket, as a user who may do nothing else."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

PASSWORD = "Not-In-A-File"  # noqa: S105 - of a server that is gone with the test
_USER = "bookkeeper"
_UNPRIVILEGED = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Server:
    """Where the server listens."""

    folder: Path

    @property
    def url(self) -> str:
        """Its address, as an owner writes it: without the password."""
        return f"postgresql://{_USER}@/postgres?host={self.folder}"


def why_not() -> str:
    """Why there can be no server here; nothing when there can."""
    missing = [name for name in ("initdb", "pg_ctl", "postgres") if shutil.which(name) is None]
    if missing:
        return f"no {missing[0]} on this machine"
    return "" if os.geteuid() or _identity() else "this machine has no user but root"


@contextmanager
def server() -> Iterator[Server]:
    """A server for as long as it is needed."""
    with tempfile.TemporaryDirectory(prefix="relance-", dir="/tmp") as name:  # a socket's path must be short
        folder = Path(name)
        secret = folder / "password"
        secret.write_text(PASSWORD, encoding="utf-8")
        identity = {} if os.geteuid() else _identity()
        if identity:
            for path in (folder, secret):
                os.chown(path, identity["user"], identity["group"])
        data = str(folder / "data")
        made = [
            "initdb",
            "-D",
            data,
            "-U",
            _USER,
            "-A",
            "scram-sha-256",
            f"--pwfile={secret}",
            "--no-sync",
            "-E",
            "UTF8",
        ]
        _run([*made, "--locale=C"], folder, identity)
        listens = f"-k {folder} -c listen_addresses='' -c fsync=off"
        _run(["pg_ctl", "-D", data, "-w", "-l", str(folder / "log"), "-o", listens, "start"], folder, identity)
        try:
            yield Server(folder)
        finally:
            _run(["pg_ctl", "-D", data, "-w", "-m", "immediate", "stop"], folder, identity)


def _identity() -> dict[str, Any]:
    """A user whom the server accepts to run as, when we are root, whom it does not."""
    for name in _UNPRIVILEGED:
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}
    return {}


def _run(command: list[str], folder: Path, identity: dict[str, Any]) -> None:
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C"}
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=folder, env=environment, **identity)  # noqa: S603

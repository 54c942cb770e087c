"""The command line: parses, reads the clock once, dispatches, and turns what went wrong into an exit status."""

from __future__ import annotations

import sys
import traceback
from datetime import UTC, datetime
from importlib import import_module
from typing import TYPE_CHECKING

from generator.arguments import make_parser
from generator.commands import Context, complain, counted, tell_problems
from generator.errors import RelanceError, UserError

if TYPE_CHECKING:
    from collections.abc import Sequence

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None, *, now: datetime | None = None) -> int:
    """Runs one command and returns its exit status (see `generator.errors`). The clock is read once, here; `now` stands for it."""
    parser = make_parser()
    options = parser.parse_args(arguments)
    context = Context(folder=options.folder, now=now or datetime.now(UTC), day=options.date)
    try:
        command = import_module(f"generator.commands.{options.command}")
        return int(command.run(context, options))
    except UserError as error:
        tell_problems(error.problems)
        complain(f"{counted(error.problems)}: correct them and run again. Nothing was written.")
        return error.exit_status
    except RelanceError as error:
        complain(f"relance: {error}")
        return error.exit_status
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except Exception:  # noqa: BLE001 - whatever it is, it is ours, and the status must say so
        traceback.print_exc()
        complain("relance: this is a bug of relance, not a mistake of yours. Nothing more was done.")
        return RelanceError.exit_status

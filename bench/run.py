"""What a build costs, beside stock Pelican and beside the least that the same pages and messages can cost.

    python -m bench.run                              1,000 and 10,000 clients, three rounds
    python -m bench.run --clients 1000 --rounds 5
    python -m bench.run --quick                      20 clients, one round: does the benchmark itself work?

Every measurement is a process of its own (see `bench.contenders`); the contenders take turns in every round, so that a
busy moment of the machine falls on all of them. Medians and ratios are what counts: seconds are this machine's.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:  # run as a file and not as a module
    sys.path.insert(0, str(ROOT))

from bench.ledger import pay_one, write_ledger  # noqa: E402 - see above

_SIZES = (1000, 10_000)
_ROUNDS = 3


@dataclass(slots=True)
class Series:
    """All that was measured of one contender at one size."""

    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    peak_mb: list[int] = field(default_factory=list)
    last: dict[str, object] = field(default_factory=dict)

    def add(self, measured: dict[str, object]) -> None:
        """One more round."""
        self.seconds.append(float(str(measured["seconds"])))
        self.cpu.append(float(str(measured["cpu"])))
        self.peak_mb.append(int(str(measured["peak_mb"])))
        self.last = measured

    @property
    def median(self) -> float:
        """The median of the seconds on the clock."""
        return statistics.median(self.seconds)

    @property
    def median_cpu(self) -> float:
        """The median of the seconds of the processor."""
        return statistics.median(self.cpu)

    def over(self, other: Series) -> list[float]:
        """How many times the other one this is: on the clock, and of the processor."""
        return [round(self.median / other.median, 3), round(self.median_cpu / other.median_cpu, 3)]


def measure(clients: int, rounds: int, scratch: Path) -> dict[str, Series]:
    """Every contender at one size, taking turns."""
    ledger = write_ledger(scratch / f"ledger-{clients}", clients)
    series = {name: Series() for name in ("build", "rebuild", "floor", "pelican")}
    for turn in range(rounds):
        built = scratch / f"built-{clients}"
        shutil.copytree(ledger, built)
        series["build"].add(_run("build", built))
        others = ["rebuild", "floor", "pelican"]
        for name in others[turn % 3 :] + others[: turn % 3]:
            copy = scratch / f"{name}-{clients}"
            shutil.copytree(built, copy)
            if name == "rebuild":
                pay_one(copy, "C-00002", "10,00")
            series[name].add(_run("build" if name == "rebuild" else name, copy))
            shutil.rmtree(copy)
        shutil.rmtree(built)
    return series


def summary(results: dict[int, dict[str, Series]]) -> dict[str, Any]:
    """Medians and ratios, and whether the floor made the same pages and messages as the build."""
    sizes: dict[str, Any] = {}
    for clients, series in results.items():
        build, floor = series["build"], series["floor"]
        sizes[str(clients)] = {
            "pages": build.last["pages"],
            "messages": build.last["messages"],
            "seconds": {name: round(found.median, 3) for name, found in series.items()},
            "cpu": {name: round(found.median_cpu, 3) for name, found in series.items()},
            "peak_mb": {name: max(found.peak_mb) for name, found in series.items()},
            "build_over_floor": build.over(floor),
            "pelican_over_build": series["pelican"].over(build),
            "rebuild_over_build": series["rebuild"].over(build),
            "rebuild_wrote": series["rebuild"].last["written"],
            "same_pages": build.last["pages_digest"] == floor.last["pages_digest"],
            "same_messages": build.last["messages_digest"] == floor.last["messages_digest"],
        }
    smallest, largest = min(results), max(results)
    each = [results[size]["build"].median_cpu / size for size in (smallest, largest)]
    return {"sizes": sizes, "growth_per_client": round(each[1] / each[0], 2)}


def _run(contender: str, folder: Path) -> dict[str, object]:
    done = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", "bench.contenders", contender, str(folder)],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    measured: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return measured


def _table(found: dict[str, Any]) -> str:
    lines = []
    for clients, size in found["sizes"].items():
        lines.append(f"{int(clients):,} clients: {size['pages']} pages, {size['messages']} messages")
        for name, seconds in size["seconds"].items():
            cpu, peak = size["cpu"][name], size["peak_mb"][name]
            each = 1000 * cpu / int(clients)
            lines.append(f"  {name:8} {seconds:9.3f} s  processor {cpu:9.3f} s, {each:7.3f} ms a client  {peak:6} MB")
        for ratio in ("build_over_floor", "rebuild_over_build", "pelican_over_build"):
            clock, processor = size[ratio]
            lines.append(f"  {ratio.replace('_', ' '):20} {clock:7.3f}   processor {processor:7.3f}")
        lines.append(f"  the rebuild after one payment wrote {size['rebuild_wrote']} pages")
        lines.append(
            f"  the floor made the same pages: {size['same_pages']}, the same messages: {size['same_messages']}"
        )
    return "\n".join([*lines, f"processor a client, largest against smallest: {found['growth_per_client']}"])


def main() -> int:
    """Measures, prints a table, and writes JSON when asked to. 1 when the floor did not make the same as the build."""
    parser = argparse.ArgumentParser(description="Measures what a build costs.")
    parser.add_argument("--clients", type=int, nargs="+", default=list(_SIZES))
    parser.add_argument("--rounds", type=int, default=_ROUNDS)
    parser.add_argument("--quick", action="store_true", help="20 clients, one round")
    parser.add_argument("--json", type=Path, help="also write the results here")
    options = parser.parse_args()
    sizes, rounds = ([20], 1) if options.quick else (options.clients, options.rounds)
    with tempfile.TemporaryDirectory(prefix="relance-bench-") as scratch:
        found = summary({clients: measure(clients, rounds, Path(scratch)) for clients in sorted(sizes)})
    sys.stdout.write(_table(found) + "\n")
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    same = all(size["same_pages"] and size["same_messages"] for size in found["sizes"].values())
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())

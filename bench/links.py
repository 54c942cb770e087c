"""What ten thousand payment links cost: planned, made and looked at again, against the stand-in for Stripe.

    python -m bench.links                    1,000 and 10,000 links
    python -m bench.links --links 500 2000
    python -m bench.links --quick            40 and 120 links: does the benchmark itself work?

The stand-in and the one who asks it are processes of their own, so that the memory of the one is not counted for the
other. The limit of requests a second is lifted here: with it, 10,000 links take the ten minutes that Stripe's own limit
takes. What counts: peak memory does not grow with the number of links beyond what a list of them takes, and a run with
nothing to do asks for the pages of two lists and nothing else.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:  # run as a file and not as a module
    sys.path.insert(0, str(ROOT))

if TYPE_CHECKING:
    from generator.domain.linkplan import Wanted

_SIZES = (1000, 10_000)
_QUICK = (40, 120)
_PAGE = 100
_EACH = 2  # links of an account
_KEY = "rk_test_bench"
_FREE_MB = (
    12  #: peak memory that the larger run may take more; its plan, and what it remembers, are lists of that length
)


def serve() -> None:
    """The stand-in, until its input ends. Prints its address."""
    from generator.sandbox import Sandbox, serve  # noqa: PLC0415 - each process loads what it needs

    sandbox = Sandbox(clock=lambda: datetime.now(UTC), record=False)
    with serve(sandbox) as served:
        print(served.url, flush=True)
        sys.stdin.read()


def work(count: int, base: str) -> dict[str, object]:
    """Makes `count` links from nothing, then finds them all in order."""
    from generator.domain.linkplan import plan  # noqa: PLC0415
    from generator.link_sync import apply  # noqa: PLC0415
    from generator.link_words import LinkWords  # noqa: PLC0415
    from generator.stripe_links import Cashier  # noqa: PLC0415

    words = LinkWords("Facture F-1", "", "", "Ce lien n’est plus actif.")
    wanted = [_wanted(number) for number in range(count)]
    before = _peak()
    with Cashier(_KEY, "bench", base=base, rate=1e6) as cashier:
        asked = _counted(cashier)
        seconds, cpu = [], []
        whole = 0
        for _ in range(2):
            start, busy, so_far = time.perf_counter(), time.process_time(), asked[0]
            todo = plan(wanted, list(cashier.links()), ())
            synced = [found.whole for found in apply(todo, cashier, lambda _: words, done=lambda _: None)]
            cashier.close_checkouts({step.seen.id for step in todo.steps if step.seen})
            whole = sum(synced)
            seconds.append(time.perf_counter() - start)
            cpu.append(time.process_time() - busy)
            requests = asked[0] - so_far
    return {
        "links": count,
        "accounts_in_step": whole,
        "seconds": round(seconds[0], 2),
        "cpu": round(cpu[0], 2),
        "seconds_with_nothing_to_do": round(seconds[1], 2),
        "cpu_with_nothing_to_do": round(cpu[1], 2),
        "requests_with_nothing_to_do": requests,
        "list_pages": -(-count // _PAGE) + 1,
        "grown_mb": round(_peak() - before, 1),
        "peak_mb": round(_peak(), 1),
    }


def _counted(cashier: Any) -> list[int]:  # noqa: ANN401 - we reach inside
    """How many requests were made, in a list of one."""
    asked, inner = [0], cashier._http.request  # noqa: SLF001 - there is no other way to count without changing what is measured

    def request(*arguments: object, **named: object) -> object:
        asked[0] += 1
        return inner(*arguments, **named)

    cashier._http.request = request  # noqa: SLF001
    return asked


def _wanted(number: int) -> Wanted:
    from generator.domain.linkplan import LinkKind, Wanted, digest  # noqa: PLC0415
    from generator.domain.money import Money  # noqa: PLC0415

    invoice, account = f"F-{number}", f"A{number // _EACH}"
    return Wanted(
        key=f"K{number}",
        kind=LinkKind.INVOICE,
        client=account,
        account=account,
        language="fr",
        amount=Money(10_000 + number, "EUR"),
        invoices=(invoice,),
        reference=invoice,
        return_url="https://payer.atelier-sable.example/p/k/#paid",
        methods=("card", "sepa_debit"),
        fingerprint=digest((invoice, str(number))),
    )


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(count: int) -> dict[str, object]:
    """One size, in two processes."""
    me = [sys.executable, "-m", "bench.links"]
    with subprocess.Popen(  # noqa: S603 - our own module
        [*me, "--serve"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None  # noqa: S101 - it is a pipe
        base = server.stdout.readline().strip()
        done = subprocess.run(  # noqa: S603 - our own module
            [*me, "--work", str(count), base], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
        )
        server.communicate()
    measured: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return measured


def wrong(sizes: list[dict[str, Any]]) -> list[str]:
    """What should not be; empty when all is well."""
    found = []
    for size in sizes:
        if size["accounts_in_step"] != -(-size["links"] // _EACH):
            found.append(f"{size['links']} links: not all are in step")
        if size["requests_with_nothing_to_do"] != size["list_pages"]:
            found.append(f"{size['links']} links: a run with nothing to do asks for more than the list pages")
    if sizes[-1]["grown_mb"] - sizes[0]["grown_mb"] > _FREE_MB:
        found.append("peak memory grows with the number of links")
    return found


def _table(sizes: list[dict[str, Any]]) -> str:
    lines = []
    for size in sizes:
        each = 1000 * size["cpu"] / size["links"]
        lines.append(
            f"{size['links']:,} links\n"
            f"  made           {size['seconds']:8.2f} s  processor {size['cpu']:8.2f} s, {each:.2f} ms a link\n"
            f"  nothing to do  {size['seconds_with_nothing_to_do']:8.2f} s  processor {size['cpu_with_nothing_to_do']:8.2f} s, "
            f"{size['requests_with_nothing_to_do']} requests for {size['list_pages']} list pages\n"
            f"  memory         {size['grown_mb']:8.0f} MB more than before, {size['peak_mb']:.0f} MB at most"
        )
    return "\n".join(lines)


def main() -> int:
    """Measures and prints; 1 when something is not as it should be."""
    parser = argparse.ArgumentParser(description="Measures what payment links cost.")
    parser.add_argument("--links", type=int, nargs="+", default=list(_SIZES))
    parser.add_argument("--quick", action="store_true", help="40 and 120 links")
    parser.add_argument("--json", type=Path, help="also write the results here")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--work", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve()
        return 0
    if options.work:
        print(json.dumps(work(int(options.work[0]), options.work[1])))
        return 0
    sizes = [measure(count) for count in sorted(_QUICK if options.quick else options.links)]
    print(_table(sizes))
    if options.json:
        options.json.write_text(json.dumps({"sizes": sizes}, indent=1) + "\n", encoding="utf-8")
    faults = wrong(sizes)
    for fault in faults:
        print(f"wrong: {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

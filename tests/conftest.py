"""What all tests share: hypothesis profiles (a seeded sample by default, the long run with `make soak`)."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, settings

from tests.support.effort import SOAK, examples

if TYPE_CHECKING:
    import pytest

#: Where one rule is tried on many cases, each of them slow: every second case is in the ordinary run, all are with `make soak`.
SAMPLED = frozenset(
    {
        "tests/browser/test_answer_form.py",
        "tests/browser/test_pages.py",
        "tests/commands/test_agree.py",
        "tests/commands/test_approvals.py",
        "tests/commands/test_bad_proposals.py",
        "tests/commands/test_proposals.py",
        "tests/commands/test_rebuild.py",
        "tests/commands/test_troubled_agreements.py",
        "tests/commands/test_voucher.py",
        "tests/commands/test_waive.py",
        "tests/delivery/test_acceptance.py",
        "tests/delivery/test_waiting.py",
        "tests/deploy/test_folder.py",
        "tests/links/test_commands.py",
        "tests/links/test_crash_fuzz.py",
        "tests/publish/test_publish.py",
    }
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Takes every second case of those tests out of the ordinary run; a test that is asked for by its name has them all."""
    if SOAK or any("::" in argument for argument in config.args):
        return
    cases: defaultdict[str, list[str]] = defaultdict(list)
    for item in items:
        name, bracket, _ = item.nodeid.partition("[")
        if bracket and name.partition("::")[0] in SAMPLED:
            cases[name].append(item.nodeid)
    out = {case for same in cases.values() for case in sorted(same)[1::2]}
    config.hook.pytest_deselected(items=[item for item in items if item.nodeid in out])
    items[:] = [item for item in items if item.nodeid not in out]


settings.register_profile(
    "relance",
    max_examples=examples(60),
    derandomize=not SOAK,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("relance")

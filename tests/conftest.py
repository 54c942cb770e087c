"""What all tests share: hypothesis profiles (a seeded sample by default, the long run with `make soak`)."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

from tests.support.effort import SOAK, examples

settings.register_profile(
    "relance",
    max_examples=examples(60),
    derandomize=not SOAK,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("relance")

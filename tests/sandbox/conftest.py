"""A running sandbox for each test that asks for one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.sandbox import Running, running

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def sandbox() -> Iterator[Running]:
    """A sandbox with its clock, its address and a client of the real library."""
    with running() as each:
        yield each

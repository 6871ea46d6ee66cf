"""Syntax trees are large: the workers that run these tests keep none of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.architecture import syntax

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="package", autouse=True)
def forget_the_trees() -> Iterator[None]:
    yield
    syntax.tree.cache_clear()
    syntax.nodes.cache_clear()

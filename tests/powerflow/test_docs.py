"""The examples of docs/power-flow.md print what the page says."""

from __future__ import annotations

import pytest
from page_examples import check_examples


def test_examples_print_what_the_page_says(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("jax", reason="JAX (extra 'learn') is not installed")
    check_examples("power-flow.md", capsys)

"""The example of docs/opf.md prints what the page says."""

from __future__ import annotations

import pytest
from page_examples import check_examples


def test_example_prints_what_the_page_says(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("casadi")
    check_examples("opf.md", capsys)

"""The example of docs/learning-tasks.md prints what the page says."""

from __future__ import annotations

import pytest
from page_examples import check_examples


def test_example_prints_what_the_page_says(capsys: pytest.CaptureFixture[str]) -> None:
    check_examples("learning-tasks.md", capsys)

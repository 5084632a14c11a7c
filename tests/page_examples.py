"""Examples on the pages of `docs/`: code, and behind it what it prints."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1] / "docs"

EXAMPLE = re.compile(r"^```python\n(.*?)^```\n+^```text\n(.*?)^```$", re.M | re.S)
"""A block of Python with a block of text right behind it."""


def check_examples(page: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Run every example of a page and hold what it prints against the text behind it; a page without one fails."""
    path = DOCS / page
    examples = EXAMPLE.findall(path.read_text(encoding="utf-8"))
    assert examples
    for code, printed in examples:
        exec(compile(code, str(path), "exec"), {})
        assert capsys.readouterr().out == printed

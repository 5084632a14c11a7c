"""The example of docs/opf.md prints what the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "opf.md"


def test_example_prints_what_the_page_says(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("casadi")
    blocks = re.findall(
        r"^```python\n(.*?)^```\n+^```text\n(.*?)^```$",
        PAGE.read_text(encoding="utf-8"),
        re.M | re.S,
    )
    assert blocks
    for code, printed in blocks:
        exec(compile(code, str(PAGE), "exec"), {})
        assert capsys.readouterr().out == printed

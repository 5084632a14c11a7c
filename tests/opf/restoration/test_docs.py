"""The example of docs/restoration-programs.md prints what the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[3] / "docs" / "restoration-programs.md"


def test_example_prints_what_the_page_says(capsys: pytest.CaptureFixture[str]) -> None:
    text = PAGE.read_text(encoding="utf-8")
    pattern = r"^```python\n(.*?)^```\n+^```text\n(.*?)^```$"
    ((code, printed),) = re.findall(pattern, text, re.M | re.S)
    exec(compile(code, str(PAGE), "exec"), {})
    assert capsys.readouterr().out == printed

"""The example of docs/microgrids-of-a-feeder.md prints what the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[3] / "docs" / "microgrids-of-a-feeder.md"


def test_example_prints_what_the_page_says(capsys: pytest.CaptureFixture[str]) -> None:
    (block,) = re.findall(
        r"^```python\n(.*?)^```\n+^```text\n(.*?)^```$",
        PAGE.read_text(encoding="utf-8"),
        re.M | re.S,
    )
    code, printed = block
    exec(compile(code, str(PAGE), "exec"), {})
    assert capsys.readouterr().out == printed

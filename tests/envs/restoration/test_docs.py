"""The examples of docs/islands.md print what the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[3] / "docs" / "islands.md"

BLOCKS = re.findall(
    r"^```python\n(.*?)^```\n+^```text\n(.*?)^```$",
    PAGE.read_text(encoding="utf-8"),
    re.M | re.S,
)


@pytest.mark.parametrize(("code", "printed"), BLOCKS, ids=["solve", "play"])
def test_examples_print_what_the_page_says(
    code: str, printed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    exec(compile(code, str(PAGE), "exec"), {})
    assert capsys.readouterr().out == printed

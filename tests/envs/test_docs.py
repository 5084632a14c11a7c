"""The examples of docs/environments.md print what the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "environments.md"


def test_examples_print_what_the_page_says(capsys: pytest.CaptureFixture[str]) -> None:
    blocks = re.findall(
        r"^```python\n(.*?)^```\n+^```text\n(.*?)^```$",
        PAGE.read_text(encoding="utf-8"),
        re.M | re.S,
    )
    assert len(blocks) == 2
    for code, printed in blocks:
        exec(compile(code, str(PAGE), "exec"), {})
        assert capsys.readouterr().out == printed


def test_page_names_every_task() -> None:
    from tieline.envs import TASKS

    rows = re.findall(r"^\| `([\w-]+)` \|", PAGE.read_text(encoding="utf-8"), re.M)
    assert set(TASKS) <= set(rows)

"""The examples of docs/environments.md print what the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "environments.md"


def test_examples_print_what_the_page_says(capsys: pytest.CaptureFixture[str]) -> None:
    blocks = re.findall(
        r"^```python\n((?:(?!^```).)*?)^```\n+^```text\n(.*?)^```$",
        PAGE.read_text(encoding="utf-8"),
        re.M | re.S,
    )
    assert len(blocks) == 3
    for code, printed in blocks:
        exec(compile(code, str(PAGE), "exec"), {})
        assert capsys.readouterr().out == printed


def test_the_other_examples_run(capsys: pytest.CaptureFixture[str]) -> None:
    """One after the other, as a reader types them; the training is cut short."""
    blocks = re.findall(
        r"^```python\n((?:(?!^```).)*?)^```$(?!\n+^```text)",
        PAGE.read_text(encoding="utf-8"),
        re.M | re.S,
    )
    names: dict[str, object] = {}
    for code in blocks:
        short = code.replace("learn(10_000)", "learn(2_048)")
        exec(compile(short, str(PAGE), "exec"), names)
    game, trained, frame = capsys.readouterr().out.splitlines()
    assert game == "5 agents, each with a reward of its own"
    assert re.fullmatch(r"return -2\d\d\.\d, with the safety step -2\d\d\.\d", trained)
    assert re.fullmatch(r"\(\d+, 800, 3\) uint8", frame)


def test_page_names_every_task() -> None:
    from tieline.envs import TASKS

    rows = re.findall(r"^\| `([\w-]+)` \|", PAGE.read_text(encoding="utf-8"), re.M)
    assert set(TASKS) <= set(rows)

"""The screen shows the answer of a result first, and every metric only when asked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from made_up_market import made_up_result

from tieline.cli.answer import print_answer
from tieline.reports.remarks import approximated, broken, left_out


def shown(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    width: int,
    *arguments: Any,
    **changes: Any,
) -> str:
    monkeypatch.setenv("COLUMNS", str(width))
    print_answer(replace(made_up_result(), **changes), *arguments)
    return capsys.readouterr().out


@pytest.mark.parametrize("width", [60, 100, 160])
def test_sentence_tiles_and_groups_fit_the_screen(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    remarks = [*left_out(["A fuse."]), *approximated(["x " * 90]), *broken(["Limit."])]
    text = shown(capsys, monkeypatch, width, remarks=tuple(remarks))
    headline = made_up_result().headline
    assert " ".join(text.split()).startswith(headline.title)
    words = " ".join(text.split())
    assert all(f"{label} {value}" in words for label, value in headline.tiles)
    places = [text.index(part) for part in ("Limit.", "x x", "A fuse.")]
    assert places == sorted(places), "what breaks first, what was left out last"
    assert max(map(len, text.splitlines())) <= width


def test_metrics_are_behind_their_flag(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "regret_constant_pct" not in shown(capsys, monkeypatch, 100)
    text = shown(capsys, monkeypatch, 100, True)
    assert set(made_up_result().metrics) <= set(text.split())

"""What cannot be held or would not end is refused, with what was asked and what the limit is."""

from __future__ import annotations

import pytest

from tieline import effort
from tieline.errors import InputError


def test_more_memory_than_there_is_names_both(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(effort, "memory_bytes", lambda: 8_000_000_000)
    effort.require_memory("10 levels", 7.9e9, "Raise the step.")
    with pytest.raises(
        InputError,
        match=r"10 levels take at least 9 GB of memory; there are 8 GB. Raise the step.",
    ):
        effort.require_memory("10 levels", 9e9, "Raise the step.")


def test_memory_is_that_of_the_machine_or_of_its_container(
    monkeypatch: pytest.MonkeyPatch, tmp_path
):
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(effort, "CONTAINER_LIMIT", limit)
    machine = effort.memory_bytes()
    assert machine is None or machine > 1e8
    limit.write_text("1000\n")
    assert effort.memory_bytes() == 1000
    limit.write_text("max\n")
    assert effort.memory_bytes() == machine


def test_work_without_end_is_refused():
    effort.require_power_flows("Levels", effort.MOST_POWER_FLOWS, "Fewer.")
    with pytest.raises(
        InputError,
        match=r"Levels take at least 1e\+12 power flows; the limit is 1e\+10. Fewer.",
    ):
        effort.require_power_flows("Levels", 1e12, "Fewer.")

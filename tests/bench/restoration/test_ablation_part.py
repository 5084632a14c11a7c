"""The table of short trainings by hand."""

from __future__ import annotations

from tieline.bench.restoration.ablation import VARIANTS, Brought, config_of
from tieline.bench.restoration.ablation_part import part_blocks, parts_table


def brought(words: str, scenario: str, objective: float) -> Brought:
    return Brought(words, "x = 1", scenario, objective, shed_kwh=2.0, cpu_s=30.0)


def test_a_row_for_each_variant_and_a_column_for_each_scenario() -> None:
    parts = [brought("a", "late", 10.0), brought("a", "random", 20.0)]
    table = parts_table([*parts, brought("b", "late", 11.0), brought("b", "random", 9)])
    assert table.headings[2:4] == ("late", "random")
    assert [row[0] for row in table.rows] == ["a", "b"]
    assert table.rows[1][2:4] == ("11.0", "9.0")


def test_nothing_asked_for_is_said() -> None:
    assert part_blocks([]) == ["Not asked for: `--ablation UPDATES`."]


def test_every_variant_is_a_training_that_can_be_asked_for() -> None:
    names = [config_of(variant, 3).learner for variant in VARIANTS]
    assert len({learner.model_dump_json() for learner in names}) >= len(VARIANTS) - 1

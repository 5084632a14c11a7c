"""tools/compare_runs.py sees what differs between two run folders, and nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from compare_runs import Run, blanked, compare, compare_table, read_run, report_text

RUN = Run(
    metrics={"hosting_capacity_kw": 1200.0, "first_limit": "voltage", "wall_s": 3.0},
    config={"feeder": "ieee33", "seed": 0},
    warnings=["a note"],
    tables={
        "buses": pd.DataFrame(
            {"bus": ["1", "2"], "v_pu": [1.0, 0.95], "solve_s": [1.0, 2.0]}
        )
    },
    report=["Hosting capacity", "1 200 kW"],
)


def differences(new: Run, **renames: str) -> list[str]:
    comparison = compare(RUN, new, renames)
    return [line for lines in comparison.differences.values() for line in lines]


def test_a_run_is_like_itself():
    assert compare(RUN, RUN, {}).is_same


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (
            {"metrics": {**RUN.metrics, "hosting_capacity_kw": 1200.0000001}},
            "1200.0 became",
        ),
        (
            {"metrics": {**RUN.metrics, "first_limit": "current"}},
            "voltage became current",
        ),
        ({"metrics": {**RUN.metrics, "further": 1}}, "metric further is new"),
        ({"config": {"feeder": "ieee33"}}, "field seed is gone"),
        ({"config": {"feeder": "ieee33", "seed": 1}}, "field seed: 0 became 1"),
        ({"warnings": []}, "-a note"),
        ({"tables": {}}, "table buses is gone"),
        ({"report": ["Hosting capacity", "1 201 kW"]}, "+1 201 kW"),
    ],
)
def test_what_differs_is_named(changed: dict, words: str):
    assert any(words in line for line in differences(replace(RUN, **changed)))


@pytest.mark.parametrize(
    "changed",
    [
        {"metrics": {**RUN.metrics, "wall_s": 99.0}},
        {"config": {**RUN.config, "further": True}},
        {"tables": {"buses": RUN.tables["buses"].assign(solve_s=[7.0, 7.0])}},
    ],
)
def test_times_and_further_settings_do_not_count(changed: dict):
    assert not differences(replace(RUN, **changed))


def test_a_name_that_changed_on_purpose_still_has_its_value_compared():
    metrics = {"capacity_kw": 1200.0, "first_limit": "voltage", "wall_s": 3.0}
    assert not differences(
        replace(RUN, metrics=metrics), hosting_capacity_kw="capacity_kw"
    )
    metrics["capacity_kw"] = 1.0
    assert differences(replace(RUN, metrics=metrics), hosting_capacity_kw="capacity_kw")


@pytest.mark.parametrize(
    ("values", "count"),
    [
        ([1.0, 2.0, np.nan], 0),
        ([1.0, 2.0 + 1e-9, np.nan], 0),
        ([1.0, 2.0 + 3e-9, np.nan], 1),
        ([1.0, np.nan, np.nan], 1),
        ([1.0, 2.0, 0.0], 1),
    ],
)
def test_numbers_of_a_table_agree_to_a_billionth_of_the_largest(
    values: list[float], count: int
):
    old = pd.DataFrame({"kw": [1.0, 2.0, np.nan]})
    assert len(compare_table(old, pd.DataFrame({"kw": values}))) == count


def test_rows_and_columns_of_a_table_are_compared():
    old = pd.DataFrame({"a": [1], "b": ["x"]})
    assert compare_table(old, pd.DataFrame({"b": ["x"], "a": [1]})) == [
        "the order of the columns differs"
    ]
    assert compare_table(old, old.drop(columns="b")) == ["column b is gone"]
    assert compare_table(old, pd.concat([old, old])) == ["1 rows became 2"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("wall time 12.3 s", "wall time ..."),
        ("2026-11-28 06:12:55", "..."),
        ("highest 1.0312 pu", "highest 1.0312 pu"),
        ("SHA-256 0123456789abcdef0123", "SHA-256 ..."),
        ("7 switches", "7 switches"),
    ],
)
def test_what_changes_each_time_is_blanked(line: str, expected: str):
    assert blanked(line) == expected


def test_words_of_a_page_are_read_without_scripts_and_styles():
    page = "<style>p {}</style><h1>Answer</h1><script>let x = '9 kW'</script><p>9\n kW <b>now</b>"
    page += "<details>machine</details>"
    assert report_text(page) == ["Answer", "9 kW", "now"]


def test_tables_of_the_feeder_are_no_answer(tmp_path: Path):
    content = {"metrics": {"a": 1}, "config": {}, "warnings": []}
    (tmp_path / "result.json").write_text(json.dumps(content))
    for folder in ("feeder", "tables"):
        (tmp_path / folder).mkdir()
        pd.DataFrame({"x": [1]}).to_parquet(tmp_path / folder / f"{folder}_1.parquet")
    assert list(read_run(tmp_path).tables) == ["tables_1"]

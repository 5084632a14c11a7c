"""Pages of tables and metrics: names and units of a run, meanings from the module and the page of the study."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from docs_site.study_runs import StudyRun
from docs_site.table_pages import rows_of_tables, study_page, table_pages

DOCS = Path(__file__).parents[2] / "docs"


def test_what_a_row_is_comes_from_the_page() -> None:
    text = "| table | a row is |\n| --- | --- |\n| `a.parquet`, `b.parquet` | a bus |\n"
    assert rows_of_tables(text) == {"a": "a bus", "b": "a bus"}


def test_a_run_gives_names_units_and_examples(tmp_path: Path) -> None:
    result = {"metrics": {"loss_low_kw": 12.5, "v_low_at": None}}
    (tmp_path / "result.json").write_text(json.dumps(result))
    frame = pd.DataFrame({"branch": ["l1"], "i_low_a": [3.25], "steps": [7]})
    frame.to_parquet(tmp_path / "currents.parquet")
    run = StudyRun("interval", "tieline run interval", tmp_path)
    page = table_pages({"interval": run}, DOCS)["tables/interval.md"]
    assert "| `loss_low_kw` | kW | 12.5 |" in page
    assert "| `i_low_a` | A | number | 3.25 |" in page
    assert "| `branch` |  | text | l1 |" in page
    assert "| `steps` |  | whole number | 7 |" in page
    # the meaning is that of the module that makes the metrics
    assert "remainder_max_pu" in page


def test_every_study_has_a_page_of_tables_without_a_run() -> None:
    pages = table_pages({}, DOCS)
    assert "tables/optimal-power-flow.md" in pages
    assert study_page(DOCS, "optimal-power-flow") == "opf.md"
    assert study_page(DOCS, "no-such-study") is None

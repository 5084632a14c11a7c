"""Tables in other formats hold every row and every name."""

from __future__ import annotations

import io

import pandas as pd
import pytest

from tieline.studies import table_files
from tieline.studies.table_files import WORKBOOK, excel_file


def test_a_workbook_has_a_sheet_for_each_table(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("openpyxl")
    monkeypatch.setattr(table_files, "MOST_ROWS", 2)
    times = pd.date_range("2025-06-21", periods=3, freq="h", tz="America/Edmonton")
    tables = {
        "voltages": pd.DataFrame({"time": times, "v_pu": [1.0, 1.01, 1.02]}),
        "a name that is longer than sheets may be": pd.DataFrame({"bus": ["b"]}),
    }
    content = excel_file(tables)[WORKBOOK]
    sheets = pd.read_excel(io.BytesIO(content), sheet_name=None)
    assert list(sheets) == [
        "voltages",
        "voltages 2",
        "a name that is longer than sheets may be"[:31],
    ]
    joined = pd.concat([sheets["voltages"], sheets["voltages 2"]])
    assert joined["v_pu"].tolist() == [1.0, 1.01, 1.02]
    assert joined["time"].iloc[0] == "2025-06-21 00:00:00-06:00"

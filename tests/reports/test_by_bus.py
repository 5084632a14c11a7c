"""Texts and numbers of a table, by bus."""

from __future__ import annotations

import pandas as pd

from tieline.reports.by_bus import texts_by_bus, values_by_bus


def test_a_table_by_bus() -> None:
    """Bus names that look like numbers stay names, as diagrams have them."""
    table = pd.DataFrame({"bus": [650, 632], "low_pu": [1.0, 0.98]})
    texts = texts_by_bus(table, lambda row: f"{row['low_pu']:.2f} pu")
    assert texts == {"650": "1.00 pu", "632": "0.98 pu"}
    assert values_by_bus(table, "low_pu") == {"650": 1.0, "632": 0.98}

"""Elements of a feeder as tables of pandas."""

from __future__ import annotations

import pytest

from tieline import load_feeder
from tieline.errors import InputError


def test_elements_of_a_feeder_are_a_labelled_table():
    feeder = load_feeder("ieee13")
    loads = feeder.table("loads")
    assert loads["name"].tolist() == [load.name for load in feeder.loads]
    assert loads["p_kw"].sum() == pytest.approx(feeder.peak_load_kw)
    assert feeder.table("lines")["code"].iloc[0] == feeder.lines[0].code.name
    assert feeder.table("pvs").empty
    with pytest.raises(InputError, match="Did you mean 'loads'"):
        feeder.table("load")

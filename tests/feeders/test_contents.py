"""What a feeder consists of, in words and in a notebook."""

from __future__ import annotations

from tieline import load_feeder
from tieline.feeders.contents import contents


def test_feeder_in_a_notebook_names_what_matters_of_each_kind():
    feeder = load_feeder("ieee13")
    rows = dict(contents(feeder))
    assert rows["lines"] == "11, 2.499 km, none with a rating"
    assert rows["voltage levels"] == "115, 4.16, 0.48 kV"
    assert rows["loads"] == "15, together 3466.0 kW and 2102.0 kvar"
    assert "generators" not in rows
    page = feeder.replace(name="<b>")._repr_html_()
    assert "&lt;b&gt;" in page
    assert all(value in page for value in rows.values())


def test_lengths_that_nobody_knows_are_not_shown():
    assert dict(contents(load_feeder("ieee33")))["lines"] == "32, none with a rating"

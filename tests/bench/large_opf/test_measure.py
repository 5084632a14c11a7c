"""Many DERs on a small feeder: what bounds less costs no more, and every limit is kept."""

from __future__ import annotations

import pytest

from tieline.bench.large_opf.measure import measure
from tieline.bench.large_opf.options import Options
from tieline.bench.large_opf.page import page, summary
from tieline.errors import InputError
from tieline.opf.replay import FEASIBLE_PU

pytest.importorskip("clarabel")


def test_wider_bounds_cost_no_more() -> None:
    measurement = measure(Options(feeders=("ieee13",), most_ders=30))
    p_only, box, circle = measurement.runs
    tolerance = 1e-4 * p_only.cost_on_ac
    assert box.cost_on_ac <= p_only.cost_on_ac + tolerance
    assert circle.cost_on_ac <= box.cost_on_ac + tolerance
    assert all(run.missed <= FEASIBLE_PU for run in measurement.runs)
    assert all(run.cpu_s > 0 for run in measurement.runs)
    (_, table), *_ = summary(measurement).tables
    assert [row[3] for row in table.rows] == [
        "P only",
        "box of P and Q",
        "circle of kVA",
    ]
    assert page(measurement).sections[0].blocks == [table]


def test_cases_rise_tenfold_up_to_the_most() -> None:
    assert Options().ders == [100, 1000, 10_000]
    assert Options(most_ders=2000).ders == [100, 1000]
    assert Options(most_ders=7).ders == [7]


def test_a_feeder_that_is_not_there_is_refused() -> None:
    with pytest.raises(InputError, match="Master"):
        measure(Options(feeders=("nowhere/Master.dss",)))

"""Which limits bind at the peak, and where they lie."""

from __future__ import annotations

from tieline import Result


def test_generators_bind_at_the_peak_in_every_microgrid(peak_hour: Result) -> None:
    rows = peak_hour.tables["binding"]
    central = rows[rows.decider == "central"]
    generators = central[central.kind == "generator power"]
    assert len(generators) == 4 * 5
    assert not generators.broken.any()
    assert set(generators.area) == {"mg1", "mg2", "mg3", "mg4", "mg5"}


def test_without_limits_the_same_rows_are_broken(peak_hour: Result) -> None:
    rows = peak_hour.tables["binding"]
    free = rows[rows.decider == "unconstrained"]
    assert free[free.kind == "generator power"].broken.all()
    assert free[free.kind == "high voltage"].broken.any()
    # 442 kW through 315 kVA, at the door of a microgrid
    branches = free[(free.kind == "branch") & free.broken]
    assert branches.miss.max() > 0.4
    assert set(branches.area) <= {"mg1", "mg2", "mg3", "mg4", "mg5"}


def test_nothing_global_binds_in_the_published_hour(paper_hour: Result) -> None:
    rows = paper_hour.tables["binding"]
    central = rows[rows.decider == "central"]
    assert central.empty

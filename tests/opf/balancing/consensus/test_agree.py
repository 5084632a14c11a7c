"""Regions that agree by prices come to the joint program's set-points, cost and duals; borders that do not agree are merged."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from minute_cases import ieee69_minute, limit_in, line_between
from tieline.errors import InputError
from tieline.network.partition import Partition
from tieline.network.partition.regions import make_partition
from tieline.network.topology import tree_from_source
from tieline.opf.balancing import Clearing, Minute, clear
from tieline.opf.balancing.consensus import Consensus, agree
from tieline.opf.make_problem import network_limits

pytest.importorskip("highspy")


def three_regions(
    demand_15_kw: float, demand_67_kw: float, room_kw: float | None
) -> Minute:
    """The 69-bus case with what lies before bus 6 as a region, the first, which has no DER and buys nothing."""
    minute = ieee69_minute(demand_15_kw, demand_67_kw, room_kw)
    none = np.zeros((1, 4), dtype=bool)
    calls = np.vstack([none, minute.may_serve])
    return dataclasses.replace(
        minute,
        demand_kw=np.append([0.0], minute.demand_kw),
        group=np.arange(3),
        neighbours=np.array([[0, 1], [1, 2]]),
        may_serve=calls,
        chosen=calls,
    )


def partition_of(minute: Minute) -> Partition:
    """Borders 5-6 and 11-66."""
    feeder = minute.network.feeder
    return make_partition(feeder, tree_from_source(feeder), {"6", "66"})


@pytest.mark.parametrize(
    ("demand_kw", "room_kw"),
    [((20, 5), None), ((45, 5), 40.2), ((45, 10), 0.2), ((22, 9), 0.2)],
)
def test_regions_agree_on_the_joint_optimum(
    demand_kw: tuple[float, float], room_kw: float | None
) -> None:
    """With a shared DER, a line that only another region relieves, and exports."""
    minute = three_regions(*demand_kw, room_kw)
    joint = clear(minute)
    consensus = Consensus(partition_of(minute))
    clearing = clear(minute, decide=consensus)
    assert clearing.p_kw == pytest.approx(joint.p_kw, abs=0.1)
    assert clearing.cost.total == pytest.approx(joint.cost.total, abs=1e-3)
    assert clearing.prices.flow == pytest.approx(joint.prices.flow, abs=1e-3)
    # The first region has no DER: any price up to its neighbour's and w is one of its balance.
    assert clearing.prices.balance[1:] == pytest.approx(
        joint.prices.balance[1:], abs=1e-3
    )
    assert clearing.keeps_limits
    assert not consensus.merged
    assert consensus.rounds <= 50 * clearing.replays


def _elements(binding: tuple[str, ...]) -> list[str]:
    return [place.split(" end ")[0] for place in binding]


def agrees_with_joint(minute: Minute) -> Clearing:
    """The clearing by regions, after holding it against the joint program's."""
    joint = clear(minute)
    consensus = Consensus(partition_of(minute))
    clearing = clear(minute, decide=consensus)
    assert joint.binding
    # both ends of a line without charging carry the same current: either may be named
    assert _elements(clearing.binding) == _elements(joint.binding)
    assert clearing.p_kw == pytest.approx(joint.p_kw, abs=0.1)
    assert clearing.cost.total == pytest.approx(joint.cost.total, abs=1e-3)
    assert clearing.keeps_limits
    assert not consensus.merged
    return clearing


def lowest_at(minute: Minute, bus: str, lowest_pu: float) -> Minute:
    """The minute in which one bus has a higher lowest voltage."""
    limits = minute.limits
    place = limits.points.names.index(f"{bus}.1")
    v_min_pu = limits.v_min_pu.copy()
    v_min_pu[place] = lowest_pu
    return dataclasses.replace(
        minute, limits=dataclasses.replace(limits, v_min_pu=v_min_pu)
    )


def test_a_voltage_that_binds_in_its_region() -> None:
    """At 61, which DERs 56 and 54 of the same region lift."""
    minute = three_regions(45, 10, None)
    lowest_pu = voltage_at(clear(minute), "61") + 5e-5
    clearing = agrees_with_joint(lowest_at(minute, "61", lowest_pu))
    assert voltage_at(clearing, "61") == pytest.approx(lowest_pu, abs=2e-6)


def test_a_voltage_that_another_region_relieves() -> None:
    """At 27: DER 67 of the last region stands nearer than any of its own; 66 gives nothing."""
    minute = three_regions(20, 5, None)
    none_at_66 = np.array([30.0, 30.0, 0.0, 30.0])
    minute = dataclasses.replace(minute, p_max_kw=none_at_66)
    free = clear(minute)
    lowest_pu = voltage_at(free, "27") + 2e-4
    clearing = agrees_with_joint(lowest_at(minute, "27", lowest_pu))
    assert voltage_at(clearing, "27") == pytest.approx(lowest_pu, abs=2e-6)
    assert clearing.p_kw[3] > free.p_kw[3] + 1


@pytest.mark.parametrize("unit", ["a", "kva"])
def test_limits_of_current_and_apparent_power(unit: str) -> None:
    """Of the line 10-11, in whose region no DER relieves it but the shared one."""
    minute = three_regions(45, 5, 1e3)
    line = line_between(minute.network.feeder, "10", "11")

    def limited(limit: float) -> Minute:
        asked = [limit_in(unit, line, limit)]
        limits = network_limits(minute.network, 0.9, 1.05, asked)
        return dataclasses.replace(minute, limits=limits)

    free = clear(limited(1e5))
    agrees_with_joint(limited(0.995 * float(free.flow.max())))


def voltage_at(clearing: Clearing, bus: str) -> float:
    place = clearing.minute.limits.points.names.index(f"{bus}.1")
    return float(clearing.vm_pu[place])


def test_no_region_knows_what_another_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A region's program has its own DERs and demand, and no limit: those are kept by all together, at a price."""
    minute = three_regions(45, 5, 40.2)
    programs = []
    made = agree.RegionProgram

    def keep(*arguments: object) -> object:
        programs.append(made(*arguments))  # type: ignore[arg-type]
        return programs[-1]

    monkeypatch.setattr(agree, "RegionProgram", keep)
    clear(minute, decide=Consensus(partition_of(minute)))
    assert len(programs) >= 3
    for region, part in enumerate(programs[:3]):
        is_own = np.arange(3) == region
        assert not part.minute.chosen[~is_own].any()
        assert not part.minute.demand_kw[~is_own].any()
        assert not part.minute.watched_flows.any()
        assert not part.minute.watched_points.any()


def test_borders_that_do_not_agree_are_merged_and_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In two rounds nobody agrees: the regions become one, and its program is the joint one."""
    monkeypatch.setattr(agree, "ROUNDS", 2)
    minute = three_regions(45, 5, 40.2)
    consensus = Consensus(partition_of(minute))
    clearing = clear(minute, decide=consensus)
    assert consensus.merged
    assert clearing.keeps_limits
    assert clearing.p_kw.sum() == pytest.approx(50, abs=0.1)


def test_merged_regions_are_one_program() -> None:
    minute = dataclasses.replace(three_regions(45, 10, 0.2), group=np.array([0, 1, 1]))
    joint = clear(minute)
    clearing = clear(minute, decide=Consensus(partition_of(minute)))
    assert joint.cost.exports == 0
    assert clearing.p_kw == pytest.approx(joint.p_kw, abs=0.1)
    assert clearing.cost.total == pytest.approx(joint.cost.total, abs=1e-3)


def test_a_partition_of_other_regions_is_refused() -> None:
    minute = ieee69_minute(20, 5, None)
    with pytest.raises(InputError, match="2 regions, but the partition has 3"):
        clear(minute, decide=Consensus(partition_of(minute)))

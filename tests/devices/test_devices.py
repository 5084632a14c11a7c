"""Limits, states and injections of devices, worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tieline.devices import (
    Batteries,
    EvSessions,
    Generators,
    PickUp,
    PvInverters,
    Shift,
    VoltVar,
)
from tieline.devices.battery import split
from tieline.errors import InputError
from tieline.feeders.elements import Generator, Pv, Storage

WHERE = ("b", (1, 2, 3, 0), "wye", 7.2)


def battery(**changes: float) -> Storage:
    """100 kW, 400 kWh, 10 % reserve, 95 % each way."""
    ratings: dict[str, Any] = {
        "reserve_kwh": 40.0,
        "efficiency_charge": 0.95,
        "efficiency_discharge": 0.95,
    } | changes
    return Storage(
        "s",
        *WHERE,
        rated_kw=100.0,
        energy_kwh=400.0,
        inverter_kva=110.0,
        **ratings,
    )


def test_pv_q_is_what_the_circle_leaves() -> None:
    inverters = PvInverters.of([Pv("pv", *WHERE, rated_kw=80.0, inverter_kva=100.0)])
    assert inverters.q_limit_kvar([[60.0], [80.0], [120.0]])[:, 0] == pytest.approx(
        [80.0, 60.0, 0.0]
    )
    p, q = inverters.clip([[100.0]], [[-90.0]], inverters.available_kw([[1.0]]))
    assert (p[0, 0], q[0, 0]) == pytest.approx((80.0, -60.0))


@pytest.mark.parametrize(
    ("v", "q"),
    [
        (0.90, 44.0),
        (0.95, 22.0),
        (1.0, 0.0),
        (1.05, -22.0),
        (1.1, -44.0),
        (np.nan, np.nan),
    ],
)
def test_volt_var_of_ieee_1547_category_b(v: float, q: float) -> None:
    inverters = PvInverters.of([Pv("pv", *WHERE, rated_kw=80.0, inverter_kva=100.0)])
    assert inverters.volt_var_kvar([[v]], [[0.0]])[0, 0] == pytest.approx(
        q, nan_ok=True
    )


def test_volt_var_gives_way_to_active_power() -> None:
    inverters = PvInverters.of([Pv("pv", *WHERE, rated_kw=100.0, inverter_kva=100.0)])
    assert inverters.volt_var_kvar([[1.2]], [[96.0]])[0, 0] == pytest.approx(-28.0)


def test_volt_var_curve_that_rises_is_refused() -> None:
    with pytest.raises(InputError, match="rising voltages and falling shares"):
        VoltVar((0.9, 1.1), (-0.4, 0.4))


def test_battery_round_trip_loses_by_both_efficiencies() -> None:
    units = Batteries.of([battery()])
    charged = units.next_stored_kwh([[100.0]], [[100.0]], [[0.0]], 0.5)
    assert charged[0, 0] == pytest.approx(147.5)
    given_back = 0.95 * 47.5 / 0.5
    assert units.next_stored_kwh(charged, [[0.0]], [[given_back]], 0.5)[
        0, 0
    ] == pytest.approx(100.0)
    assert given_back * 0.5 == pytest.approx(50.0 * 0.95**2)


def test_battery_limits_end_exactly_at_the_energy_limits() -> None:
    units, stored = Batteries.of([battery()], soc_max=0.9), np.array([[350.0], [50.0]])
    charge, discharge = units.power_limits_kw(stored, 0.25)
    assert charge[:, 0] == pytest.approx([10 / 0.25 / 0.95, 100.0])
    assert discharge[:, 0] == pytest.approx([100.0, 10 * 0.95 / 0.25])
    assert units.next_stored_kwh(stored[:1], charge[:1], 0.0, 0.25)[
        0, 0
    ] == pytest.approx(360.0)
    assert units.next_stored_kwh(stored[1:], 0.0, discharge[1:], 0.25)[
        0, 0
    ] == pytest.approx(40.0)


def test_stored_energy_of_many_steps_is_that_of_one_after_another() -> None:
    units = Batteries.of([battery()])
    charge = np.array([[40.0], [0.0], [10.0]])
    discharge = np.array([[0.0], [60.0], [0.0]])
    energy = [[200.0]]
    by_step = []
    for k in range(3):
        energy = units.next_stored_kwh(energy, charge[k], discharge[k], 0.5)
        by_step.append(energy[0, 0])
    stored = units.stored_after_steps([200.0], charge, discharge, 0.5)
    assert stored[:, 0] == pytest.approx(by_step)


def test_split_never_charges_and_discharges() -> None:
    charge, discharge = split([[-3.0, 0.0, 5.0]])
    assert charge.tolist() == [[3.0, 0.0, 0.0]]
    assert discharge.tolist() == [[0.0, 0.0, 5.0]]


def test_battery_with_bad_ratings_names_each() -> None:
    with pytest.raises(InputError, match=r"(?s)reserve_kwh.*efficiency"):
        Batteries.of([battery(reserve_kwh=500.0, efficiency_charge=0.0)])


def test_generator_fuel_of_the_microgrid_paper() -> None:
    sets = Generators.of(
        [Generator("g", *WHERE, rated_kva=360.0)],
        fuel_a=0.0001773,
        fuel_b=0.1709,
        fuel_c=14.67,
        fuel_price=0.4,
    )
    assert sets.fuel_litre_per_h([[300.0], [0.0]])[:, 0] == pytest.approx(
        [0.0001773 * 9e4 + 0.1709 * 300 + 14.67, 14.67]
    )
    marginal = (sets.cost_per_h([[300.01]]) - sets.cost_per_h([[299.99]])) / 0.02
    assert marginal[0, 0] == pytest.approx(0.4 * (2 * 0.0001773 * 300 + 0.1709))
    assert marginal[0] == pytest.approx(
        sets.cost_per_kwh + 2 * 300 * sets.cost_per_kw2h
    )


def test_no_load_fuel_is_burnt_unless_the_set_is_stopped() -> None:
    """Five sets off for eight hours: 235 $ of no-load fuel, which no rule saves for nothing."""
    sets = Generators.of(
        [Generator(f"g{k}", *WHERE, rated_kva=360.0) for k in range(5)],
        fuel_c=14.67,
        fuel_price=0.4,
    )
    idle_kw = np.zeros((8, 5))
    no_load = 8 * 5 * 14.67 * 0.4
    assert no_load == pytest.approx(234.7, abs=0.05)
    assert sets.cost_per_h(idle_kw).sum() == pytest.approx(no_load)
    assert 8 * sets.no_load_cost_per_h.sum() == pytest.approx(no_load)
    assert sets.cost_per_h(idle_kw, is_committed=False).sum() == 0.0
    committed = np.array([True, True, False, False, False])
    assert sets.cost_per_h(idle_kw, committed).sum() == pytest.approx(0.4 * no_load)


def test_empty_tank_stops_a_committed_set() -> None:
    sets = Generators.of([Generator("g", *WHERE, rated_kva=300.0)], fuel_c=10.0)
    assert sets.next_tank_litre([[1.0]], [[0.0]], 0.25)[0, 0] == 0.0
    assert sets.next_tank_litre([[1.0]], [[0.0]], 0.25, False)[0, 0] == 1.0


def test_generator_tank_and_ramp_limit_the_next_step() -> None:
    sets = Generators.of(
        [Generator("g", *WHERE, rated_kva=300.0)],
        ramp_kw_per_h=400.0,
        fuel_a=1e-4,
        fuel_b=0.2,
        fuel_c=10.0,
    )
    low, high = sets.power_limits_kw(
        [[150.0], [150.0], [150.0]], 0.25, [[1000.0], [10.0], [1.0]]
    )
    assert low[:, 0] == pytest.approx([50.0, 50.0, 0.0])
    assert high[0, 0] == 250.0
    assert sets.next_tank_litre([[10.0]], high[1:2], 0.25)[0, 0] == pytest.approx(
        0.0, abs=1e-12
    )
    assert high[2, 0] == 0.0  # not even the fuel to idle


def test_generator_without_fuel_figures_is_limited_by_rating() -> None:
    sets = Generators.of([Generator("g", *WHERE, rated_kva=300.0)])
    low, high = sets.power_limits_kw([[10.0]], 1.0)
    assert (low[0, 0], high[0, 0]) == (0.0, 300.0)


def test_ev_charges_late_only_as_long_as_it_can_still_be_served() -> None:
    session = EvSessions(
        ("car",), *(np.array([value]) for value in (1.0, 4.0, 18.0, 10.0, 0.9))
    )
    low, high = zip(
        *(session.power_limits_kw(at, [[0.0]], 1.0) for at in (0.0, 1.0, 2.0)),
        strict=True,
    )
    assert [float(x[0, 0]) for x in high] == [0.0, 10.0, 10.0]
    # 20 kWh from the grid in the last two hours
    assert [float(x[0, 0]) for x in low] == [
        0.0,
        0.0,
        10.0,
    ]
    assert session.next_delivered_kwh([[9.0]], [[10.0]], 1.0)[0, 0] == pytest.approx(
        18.0
    )


def test_ev_session_that_cannot_be_served_is_refused() -> None:
    with pytest.raises(InputError, match=r"EV session 'car'.*due_kwh"):
        EvSessions(
            ("car",), *(np.array([value]) for value in (0.0, 1.0, 18.0, 10.0, 0.9))
        )


def test_pick_up_may_drop_by_eps_and_counts_the_rest() -> None:
    with pytest.raises(InputError, match="max_drop"):
        PickUp(1.5)
    rule = PickUp(0.02)
    low, high = rule.limits([[0.5, 0.01]])
    assert low.tolist() == [[0.48, 0.0]]
    assert high.tolist() == [[1.0, 1.0]]
    assert rule.shed_kw([[0.5]], [[0.4]], [[100.0]])[0, 0] == pytest.approx(8.0)


def test_shift_gives_back_what_it_took() -> None:
    shift = Shift(0.2, most_kwh=10.0)
    low, high = shift.limits_kw([[100.0]], [[0.0]], 1.0)
    assert (low[0, 0], high[0, 0]) == (-10.0, 10.0)
    owed = shift.next_owed_kwh([[0.0]], low, 1.0)
    assert owed[0, 0] == 10.0
    assert shift.limits_kw([[100.0]], owed, 1.0)[0][0, 0] == 0.0  # owes all it may
    assert shift.next_owed_kwh(owed, [[10.0]], 1.0)[0, 0] == 0.0


def test_stated_limits_narrow_the_ratings() -> None:
    """Of 50 kW it may take 20 and give 30; a lowest injection above zero leaves nothing to take."""
    at = ("b", (1, 0), "wye", 0.4)
    free = Storage("free", *at, rated_kw=50.0, energy_kwh=100.0, inverter_kva=50.0)
    tied = Storage(
        "tied", *at, 50.0, 100.0, 50.0, p_low_limit_kw=-20.0, p_high_limit_kw=30.0
    )
    giving = Storage(
        "giving", *at, 50.0, 100.0, 50.0, p_low_limit_kw=10.0, p_high_limit_kw=80.0
    )
    units = Batteries.of([free, tied, giving])
    assert units.charge_max_kw.tolist() == [50.0, 20.0, 0.0]
    assert units.discharge_max_kw.tolist() == [50.0, 30.0, 50.0]


def test_a_stated_limit_is_the_highest_power() -> None:
    at = ("b", (1, 0), "wye", 0.4)
    limits = (None, 60.0, 200.0, -5.0)
    units = [
        Generator(f"g{k}", *at, rated_kva=100.0, p_high_limit_kw=limit)
        for k, limit in enumerate(limits)
    ]
    assert Generators.of(units).p_max_kw.tolist() == [100.0, 60.0, 100.0, 0.0]

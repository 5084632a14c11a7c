"""Primitive admittances against numbers by hand and against the power a rated element takes."""

from __future__ import annotations

import cmath
import math
from typing import Any

import numpy as np
import pytest

from tieline.feeders.elements import (
    Capacitor,
    Line,
    LineCode,
    Shunt,
    Source,
    Transformer,
    Winding,
)
from tieline.network.admittance import (
    Primitive,
    capacitor_primitive,
    line_primitive,
    shunt_primitive,
    source_impedance_ohm,
    transformer_primitive,
)

ONES = [1.0] * 8


def no_load_voltages(
    primitive: Primitive, fixed: dict[tuple[int, int], complex]
) -> dict[tuple[int, int], complex]:
    """Voltages of the free conductors when the others are held and nothing is connected."""
    keys = [(c.terminal, c.node) for c in primitive.conductors]
    y = primitive.matrix_s(ONES)
    held = [k for k, key in enumerate(keys) if key in fixed or key[1] == 0]
    free = [k for k in range(len(keys)) if k not in held]
    v_held = np.array([fixed.get(keys[k], 0.0) for k in held])
    v_free = np.linalg.solve(y[np.ix_(free, free)], -y[np.ix_(free, held)] @ v_held)
    return {keys[k]: complex(v) for k, v in zip(free, v_free, strict=True)}


def test_line_is_a_pi_section() -> None:
    code = LineCode(
        "c",
        ((0.3, 0.1), (0.1, 0.4)),
        ((0.8, 0.2), (0.2, 0.9)),
        ((10.0, -2.0), (-2.0, 12.0)),
    )
    line = Line("l", "a", "b", (1, 2), (2, 1), code, length_km=2.0)
    y = line_primitive(line, 50.0, closed_state=0).matrix_s(ONES)
    z = 2 * np.array([[0.3 + 0.8j, 0.1 + 0.2j], [0.1 + 0.2j, 0.4 + 0.9j]])
    half = 1j * math.pi * 50.0 * 2e-9 * np.array([[10.0, -2.0], [-2.0, 12.0]])
    assert y[:2, 2:] == pytest.approx(-np.linalg.inv(z), rel=1e-12)
    assert y[:2, :2] == pytest.approx(np.linalg.inv(z) + half, rel=1e-12)


def test_an_open_line_has_no_admittance() -> None:
    code = LineCode("c", ((0.3,),), ((0.8,),), ((10.0,),))
    primitive = line_primitive(
        Line("l", "a", "b", (1,), (1,), code), 50.0, closed_state=1
    )
    assert np.all(primitive.matrix_s([1.0, 0.0]) == 0)


@pytest.mark.parametrize(("open_end", "charged"), [("from", 1), ("to", 0)])
def test_a_line_open_at_one_end_keeps_its_charging_at_the_other(
    open_end: str, charged: int
) -> None:
    code = LineCode("c", ((0.3,),), ((0.8,),), ((10.0,),))
    primitive = line_primitive(
        Line("l", "a", "b", (1,), (1,), code, open_end=open_end),  # type: ignore[arg-type]
        50.0,
        closed_state=1,
    )
    half = 1j * math.pi * 50.0 * 10e-9
    behind = 1 / (0.3 + 0.8j + 1 / half)
    open_s, closed_s = primitive.matrix_s([1.0, 0.0]), primitive.matrix_s([1.0, 1.0])
    assert open_s[charged, charged] == pytest.approx(half + behind, rel=1e-12)
    assert np.count_nonzero(open_s) == 1
    assert (
        closed_s[0, 0]
        == closed_s[1, 1]
        == pytest.approx(1 / (0.3 + 0.8j) + half, rel=1e-12)
    )


@pytest.mark.parametrize(("leads", "angle_deg"), [(False, -30.0), (True, 30.0)])
@pytest.mark.parametrize("high_delta", [True, False])
def test_low_side_of_a_wye_delta_unit_lags_or_leads_by_30_degrees(
    leads: bool, angle_deg: float, high_delta: bool
) -> None:
    wye, delta = ((1, 2, 3, 0), "wye"), ((1, 2, 3), "delta")
    high, low = (delta, wye) if high_delta else (wye, delta)
    windings = (
        Winding("h", *high, kv=115.0, kva=5000.0),  # type: ignore[arg-type]
        Winding("l", *low, kv=4.16, kva=5000.0),  # type: ignore[arg-type]
    )
    unit = Transformer(
        "t", 3, windings, (8.0,), antifloat_ppm=1.0, low_side_leads=leads
    )
    a = cmath.exp(-2j * math.pi / 3)
    supply = {(1, k + 1): 115e3 / math.sqrt(3) * a**k for k in range(3)}
    v = no_load_voltages(transformer_primitive(unit, 0), supply)
    assert abs(v[2, 1]) == pytest.approx(4.16e3 / math.sqrt(3), rel=1e-5)
    assert math.degrees(cmath.phase(v[2, 1])) == pytest.approx(angle_deg, abs=1e-3)


def test_centre_tapped_secondary_gives_two_legs_of_120_volts() -> None:
    windings = (
        Winding("p", (2, 0), "wye", 7.2, 25.0, 0.6),
        Winding("s", (1, 0), "wye", 0.12, 25.0, 1.2),
        Winding("s", (0, 2), "wye", 0.12, 25.0, 1.2),
    )
    unit = Transformer("t", 1, windings, (2.04, 2.04, 1.36))
    v = no_load_voltages(transformer_primitive(unit, 0), {(1, 2): 7200.0 + 0j})
    assert v[2, 1] == pytest.approx(120.0)
    assert v[3, 2] == pytest.approx(-120.0)


def test_short_circuit_of_a_transformer_draws_rated_current_at_impedance_voltage() -> (
    None
):
    windings = (
        Winding("h", (1, 0), "wye", 7.2, 100.0, 0.5),
        Winding("l", (1, 0), "wye", 0.24, 100.0, 0.5),
    )
    y = transformer_primitive(Transformer("t", 1, windings, (5.0,)), 0).matrix_s(ONES)
    impedance_volt = 7200 * abs(0.01 + 0.05j)
    assert abs(y[0, 0]) * impedance_volt == pytest.approx(100e3 / 7200, rel=1e-12)


def test_tap_raises_the_voltage_of_its_winding() -> None:
    windings = (
        Winding("h", (1, 0), "wye", 2.4, 1000.0),
        Winding("l", (1, 0), "wye", 2.4, 1000.0, tap=1.05),
    )
    primitive = transformer_primitive(
        Transformer("t", 1, windings, (0.01,)), first_tap_state=1
    )
    y = primitive.matrix_s([1.0, 1.0, 1 / 1.05])
    assert -y[2, 0] / y[2, 2] == pytest.approx(1.05)


@pytest.mark.parametrize(
    ("connection", "nodes", "kv"),
    [("wye", (1, 2, 3, 0), 12.47), ("delta", (1, 2, 3), 12.47), ("wye", (2, 0), 7.2)],
)
def test_capacitor_gives_its_kvar_at_rated_voltage(
    connection: str, nodes: tuple[int, ...], kv: float
) -> None:
    primitive = capacitor_primitive(
        Capacitor("c", "b", nodes, connection, 300.0, kv),  # type: ignore[arg-type]
        0,
    )
    line_to_neutral = kv * 1e3 / (math.sqrt(3) if len(nodes) > 2 else 1)
    v = np.array(
        [
            0j if n == 0 else line_to_neutral * cmath.exp(-2j * math.pi * (n - 1) / 3)
            for n in nodes
        ]
    )
    power = v @ np.conj(primitive.matrix_s(ONES) @ v)
    assert power == pytest.approx(-300e3j, rel=1e-3 if kv == 7.2 else 1e-9)


def test_shunt_takes_its_power_at_rated_voltage() -> None:
    primitive = shunt_primitive(
        Shunt("s", "b", (1, 2, 3, 0), "wye", 7.2, p_kw=9.0, q_kvar=3.0)
    )
    v = np.array([7200.0, 7200.0, 7200.0, 0.0])
    assert v @ np.conj(primitive.matrix_s(ONES) @ v) == pytest.approx(9e3 + 3e3j)


def test_source_impedance_has_the_given_sequence_values() -> None:
    z = source_impedance_ohm(
        Source(
            "s", "b", (1, 2, 3), 12.47, r1_ohm=0.1, x1_ohm=1.0, r0_ohm=0.3, x0_ohm=2.5
        )
    )
    a = cmath.exp(2j * math.pi / 3)
    positive, zero = np.array([1, a**2, a]), np.ones(3)
    assert z @ positive == pytest.approx((0.1 + 1j) * positive)
    assert z @ zero == pytest.approx((0.3 + 2.5j) * zero)


def test_source_impedance_of_the_negative_sequence_may_be_another() -> None:
    source = Source(
        "s", "b", (1, 2, 3), 12.47, x1_ohm=1.0, r0_ohm=0.3, r2_ohm=0.2, x2_ohm=1.6
    )
    z = source_impedance_ohm(source)
    a = cmath.exp(2j * math.pi / 3)
    positive, negative = np.array([1, a**2, a]), np.array([1, a, a**2])
    assert z @ positive == pytest.approx(1j * positive)
    assert z @ negative == pytest.approx((0.2 + 1.6j) * negative)
    assert z @ np.ones(3) == pytest.approx(0.3 * np.ones(3))


def test_a_core_may_stand_on_both_windings() -> None:
    """Each winding takes its share at its own rated voltage, the first one at its tap."""
    windings = (
        Winding("a", (1, 0), "wye", 20.0, 400.0, r_pct=1.0, tap=1.05),
        Winding("b", (1, 0), "wye", 0.4, 400.0),
    )
    both: dict[str, Any] = {
        "first_noload_loss_pct": 0.3,
        "first_magnetizing_pct": 1.2,
        "noload_loss_pct": 0.2,
        "magnetizing_pct": -0.5,
    }
    with_core = transformer_primitive(
        Transformer("t", 1, windings, (6.0,), **both), 0
    ).matrix_s([1 / 1.05, 1.0])
    without = transformer_primitive(Transformer("t", 1, windings, (6.0,)), 0).matrix_s(
        [1 / 1.05, 1.0]
    )
    core = with_core - without
    assert core[0, 0] == pytest.approx(
        400e3 * complex(0.003, -0.012) / (20e3 * 1.05) ** 2, rel=1e-9
    )
    assert core[2, 2] == pytest.approx(
        400e3 * complex(0.002, 0.005) / 400.0**2, rel=1e-9
    )
    assert np.abs(core[[0, 2], [2, 0]]).max() < 1e-9 * abs(core[2, 2])

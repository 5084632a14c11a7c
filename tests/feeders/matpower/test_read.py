"""MATPOWER cases against reference voltages, published totals, and small cases worked out by hand."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest

from tieline.errors import InputError
from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import FeederError
from tieline.feeders.matpower import read_matpower
from tieline.feeders.problems import require_sound
from tieline.network import Network
from tieline.powerflow import solve

CASE = """function mpc = small  %% a comment with mpc.bus = [ in it
mpc.version = '2';
mpc.baseMVA = 20/2;
mpc.bus = [ %% number type Pd ...
    1  3  0   0   0    0    1  1  0  10  1  1.1  0.9
    2  1  2   1   0.1  0.3  1  1  0  10  1  1.1  0.9;
];
mpc.gen = [1  0  0  10  -10  1.02  10  1  10  0];
mpc.branch = [
    1  2  0.01  0.02  0.004  5  0  0  0  0  1  -360  360;
];
"""


def read(folder: Path, text: str) -> Feeder:
    (folder / "small.m").write_text(text)
    return read_matpower(folder / "small.m")


def voltages(feeder: Feeder) -> np.ndarray:
    return solve(
        Network.from_feeder(require_sound(feeder)), tolerance=1e-12, max_iterations=500
    ).v_pu[0]


def newton(y: np.ndarray, s_pu: np.ndarray, slack: complex) -> np.ndarray:
    """Voltages of a small network by plain Gauss iteration on Y, node 0 the slack; written for this test alone."""
    v = np.full(len(s_pu), slack)
    for _ in range(500):
        injected = np.conj(-s_pu[1:] / v[1:])
        v = np.r_[slack, np.linalg.solve(y[1:, 1:], injected - y[1:, 0] * slack)]
    return v


@pytest.mark.parametrize(
    ("case", "kw", "kvar"),
    [
        ("case33bw", 3715.0, 2300.0),
        ("case69", 3802.1, 2694.7),
        ("case141", 11944.625, 7402.614),
        ("case136ma", 18313.807, 7932.568),
        ("case533mt_hi", 14873.542, 148.736),
    ],
)
def test_published_case(shared_dir: Path, case: str, kw: float, kvar: float):
    """Totals as in the literature and the reference's README; voltages as in the reference, which has eight digits."""
    feeder = read_matpower(shared_dir / "feeders" / "matpower" / f"{case}.m")
    assert feeder.peak_load_kw == pytest.approx(kw, abs=5e-4)
    assert sum(load.q_kvar for load in feeder.loads) == pytest.approx(kvar, abs=5e-4)
    with (shared_dir / "reference" / f"{case}-pandapower.csv").open() as file:
        rows = list(csv.DictReader(file))
    expected = [
        float(row["v_magnitude_pu"])
        * np.exp(1j * math.radians(float(row["v_angle_deg"])))
        for row in rows
    ]
    np.testing.assert_allclose(voltages(feeder), expected, atol=2e-8, rtol=0)


def test_ohms_of_the_33_bus_feeder(shared_dir: Path):
    """Baran and Wu's first line is 0.0922 + j0.0470 ohm; the five ties add 8 + j8 ohm and are open."""
    feeder = read_matpower(shared_dir / "feeders" / "matpower" / "case33bw.m")
    assert feeder.lines[0].code.r_ohm_per_km == ((0.0922,),)
    assert feeder.lines[0].code.x_ohm_per_km == ((0.047,),)
    ties = [line for line in feeder.lines if not line.closed]
    assert [(tie.from_bus, tie.to_bus) for tie in ties] == [
        ("21", "8"),
        ("9", "15"),
        ("12", "22"),
        ("18", "33"),
        ("25", "29"),
    ]
    assert sum(tie.code.r_ohm_per_km[0][0] for tie in ties) == pytest.approx(7.0)


def test_expressions_are_evaluated(shared_dir: Path):
    """533 buses: 135/sqrt(3) and 12/sqrt(3) kV, powers per phase."""
    feeder = read_matpower(shared_dir / "feeders" / "matpower" / "case533mt_hi.m")
    assert {round(bus.kv_ll, 6) for bus in feeder.buses} == {
        round(135 / math.sqrt(3), 6),
        round(12 / math.sqrt(3), 6),
    }
    assert sum(load.p_kw < 0 for load in feeder.loads) == 19


def test_small_case_by_hand(tmp_path: Path):
    """10 kV on 10 MVA is 10 ohm per unit; b of 0.004 at 50 Hz is 0.0004 S / (100 pi) = 1273.24 nF."""
    feeder = read(tmp_path, CASE)
    line = feeder.lines[0]
    assert (line.code.r_ohm_per_km, line.code.x_ohm_per_km) == (((0.1,),), ((0.2,),))
    assert line.code.c_nf_per_km[0][0] == pytest.approx(1273.2395, abs=1e-4)
    assert (line.rating_kva, line.rating_a) == (5000.0, None)
    assert (feeder.loads[0].p_kw, feeder.loads[0].q_kvar, feeder.loads[0].kv) == (
        2000.0,
        1000.0,
        10.0,
    )
    assert (feeder.shunts[0].p_kw, feeder.shunts[0].q_kvar) == (100.0, -300.0)
    assert (feeder.source.bus, feeder.source.v_pu, feeder.source.kv_ll) == (
        "1",
        1.02,
        10.0,
    )


@pytest.mark.parametrize(
    ("tap", "shift_deg", "kv_to"),
    [(0.0, 0.0, 10.0), (0.95, 0.0, 0.4), (1.07, 30.0, 10.0), (1.9, -5.0, 10.0)],
)
def test_branch_model_equals_the_manual(
    tmp_path: Path, tap: float, shift_deg: float, kv_to: float
):
    """Y of MATPOWER manual eq. 3.2 with complex ratio, solved beside."""
    text = CASE.replace(
        "0.004  5  0  0  0  0  1", f"0.004  5  0  0  {tap}  {shift_deg}  1"
    ).replace("1  1  0  10  1  1.1  0.9;", f"1 1 0 {kv_to} 1 1.1 0.9;")
    assert text != CASE or tap == 0
    ratio = (tap or 1.0) * np.exp(1j * np.radians(shift_deg))
    series, charging = 1 / (0.01 + 0.02j), 0.002j
    y = np.array(
        [
            [(series + charging) / abs(ratio) ** 2, -series / np.conj(ratio)],
            [-series / ratio, series + charging],
        ]
    )
    y[1, 1] += 0.01 + 0.03j
    expected = newton(y, np.array([0, 0.2 + 0.1j]), 1.02)
    np.testing.assert_allclose(
        voltages(read(tmp_path, text)), expected, atol=1e-10, rtol=0
    )


def test_conversions_at_the_end_are_run(tmp_path: Path):
    """The lines that distribution cases end with: ohm to per unit, kVA to MW and Mvar at a power factor of 0.8."""
    tail = """
[PQ, PV, REF, NONE, BUS_I, BUS_TYPE, PD, QD, GS, BS, BUS_AREA, VM, ...
    VA, BASE_KV, ZONE, VMAX, VMIN, LAM_P, LAM_Q, MU_VMAX, MU_VMIN] = idx_bus;
Vbase = mpc.bus(1, BASE_KV) * 1e3;      %% in Volts
Sbase = mpc.baseMVA * 1e6;              %% in VA
mpc.branch(:, [BR_R BR_X]) = mpc.branch(:, [BR_R BR_X]) / (Vbase^2 / Sbase);
mpc.bus(:, [PD, QD]) = mpc.bus(:, [PD, QD]) / 1e3;
pf = 0.8;
mpc.bus(:, QD) = mpc.bus(:, PD) * sin(acos(pf));
mpc.bus(:, PD) = mpc.bus(:, PD) * pf;
"""
    feeder = read(tmp_path, CASE + tail)
    assert (feeder.loads[0].p_kw, feeder.loads[0].q_kvar) == (
        pytest.approx(1.6),
        pytest.approx(1.2),
    )
    assert feeder.lines[0].code.x_ohm_per_km == ((0.02,),)


def test_generator_at_a_pq_bus_and_out_of_service(tmp_path: Path):
    two = "mpc.gen = [1 0 0 10 -10 1.02 10 1 10 0; 2 0.5 0.1 1 -1 1 0 1 1 0; 2 0.7 0 1 -1 1 5 0 1 0];"
    feeder = read(
        tmp_path, CASE.replace("mpc.gen = [1  0  0  10  -10  1.02  10  1  10  0];", two)
    )
    units = feeder.generators
    assert [
        (unit.name, unit.bus, unit.p_kw, unit.q_kvar, unit.rated_kva) for unit in units
    ] == [("gen_2", "2", 500.0, 100.0, pytest.approx(1000 * math.sqrt(2)))]


THIRD = "\n    3  {}  1  0   0    0    1  1  0  {}  1  1.1  0.9;\n];\nmpc.gen"


def with_third_bus(kind: int, kv: float = 10.0) -> str:
    return CASE.replace("\n];\nmpc.gen", THIRD.format(kind, kv))


HOLDS_A_VOLTAGE = (
    with_third_bus(2)
    .replace("mpc.gen = [1", "mpc.gen = [3 0 0 1 -1 1 1 1 1 0; 1")
    .replace("360;\n", "360;\n    2  3  0.01  0.02  0  0  0  0  0  0  1  -360  360;\n")
)


def test_the_first_generator_of_a_pv_bus_holds_its_voltage(tmp_path: Path):
    second = HOLDS_A_VOLTAGE.replace(
        "mpc.gen = [3", "mpc.gen = [3 0 0.2 1 -1 1.01 1 1 1 0; 3"
    )
    feeder = read(tmp_path, second)
    # the last of them states the voltage, as MATPOWER has it
    assert [(unit.held_v_pu, unit.q_kvar) for unit in feeder.generators] == [
        (1.0, 0.0),
        (None, 0.0),
    ]
    assert abs(voltages(feeder)[2]) == pytest.approx(1.0, abs=1e-9)


def test_every_reference_bus_is_a_source(tmp_path: Path):
    sources = read(tmp_path, with_third_bus(3)).sources
    assert [(source.name, source.bus) for source in sources] == [
        ("grid", "1"),
        ("grid_2", "3"),
    ]


def test_a_bus_without_a_base_voltage_gets_one_and_a_note(tmp_path: Path):
    feeder = read(tmp_path, CASE.replace("  10  1  1.1  0.9", "  0  1  1.1  0.9"))
    assert {bus.kv_ll for bus in feeder.buses} == {1.0}
    assert "MATPOWER.NO_BASE_KV" in {note.code for note in feeder.notes}


@pytest.mark.parametrize(
    ("code", "text", "said"),
    [
        ("MATPOWER.REFERENCE", CASE.replace("1  3  0", "1  1  0"), "0 reference buses"),
        (
            "MATPOWER.BUS_UNKNOWN",
            CASE.replace("1  2  0.01", "1  7  0.01"),
            "branch 1: there is no bus 7",
        ),
        (
            "MATPOWER.BUS_UNKNOWN",
            CASE.replace("mpc.gen = [1", "mpc.gen = [9"),
            "gen 1: there is no bus 9",
        ),
    ],
)
def test_case_that_cannot_be_used(tmp_path: Path, code: str, text: str, said: str):
    with pytest.raises(FeederError) as raised:
        read(tmp_path, text)
    assert [finding.code for finding in raised.value.findings] == [code]
    assert said in str(raised.value)


def test_isolated_bus_is_left_out_with_a_note(tmp_path: Path):
    feeder = read(
        tmp_path,
        with_third_bus(4).replace(
            "360;\n", "360;\n 2 3 0.1 0.1 0 0 0 0 0 0 1 -360 360;\n"
        ),
    )
    assert [bus.name for bus in feeder.buses] == ["1", "2"]
    assert [note.code for note in feeder.notes] == ["MATPOWER.ISOLATED"]
    assert feeder.peak_load_kw == 2000.0
    assert len(feeder.lines) == 1


def test_open_transformer_is_left_out_with_a_note(tmp_path: Path):
    second = "360;\n    1  2  0.01  0.02  0  5  0  0  0.98  0  0  -360  360;\n"
    feeder = read(tmp_path, CASE.replace("360;\n", second))
    assert [note.code for note in feeder.notes] == ["MATPOWER.TRANSFORMER_OPEN"]
    assert feeder.transformers == ()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("mpc.branch", "mpc.branches", "there is no mpc.branch"),
        ("mpc.baseMVA", "baseMVA", "there is no mpc.baseMVA"),
        ("1  2  0.01", "1  2  0.0.1", "line 9"),
        (
            "2  1  2   1",
            "2  1  2",
            "mpc.bus: row 2 of a matrix has 12 columns, the first has 13",
        ),
        ("1  2  0.01  0.02  0.004", "1  2", "mpc.branch has 10 columns, too few"),
        ("20/2", "20/0", "line 3"),
        ("20/2", "__import__('os')", "line 3"),
        (
            "];\nmpc.gen",
            "];\nmpc = scale_load(2, mpc);\nmpc.gen",
            "line 8: the case is made by 'scale_load(2, mpc)'",
        ),
    ],
)
def test_file_that_cannot_be_followed(tmp_path: Path, old: str, new: str, said: str):
    with pytest.raises(InputError, match=r"small") as raised:
        read(tmp_path, CASE.replace(old, new, 1))
    assert said in str(raised.value)


def test_missing_file(tmp_path: Path):
    with pytest.raises(InputError, match="does not exist"):
        read_matpower(tmp_path / "absent.m")

"""Autotransformers (`AutoTrans`): a series winding from the high side H to the low side X, a common one from X to the neutral N.

Each winding sees v_w = u_w / (V_w t_w): the voltages u = (H - X, X - N, tertiary) by its rated volts and its tap. With
A = V_1 t_1 + V_2 t_2 the same leakage network between (H - N) / A, (X - N) / (V_2 t_2) and the tertiary has the same terminal
currents, so that the unit is a transformer of wye windings H to N and X to N. Its impedances follow from the engine's
(H. W. Dommel, EMTP Theory Book, eq. 6.45 to 6.50) by that change of voltages. Left out: units whose series winding is not the
first, and taps that a control moves, with which the equivalent impedances would change.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np

from tieline.feeders.elements import Shunt, Transformer, Winding
from tieline.feeders.opendss.circuit import DssCircuit, Record, Report
from tieline.feeders.opendss.transformers import hertz_ratio
from tieline.typing import ComplexArray, FloatArray
from tieline.units import SQRT3

SERIES_OF_EQUAL = 1e-4
"""Rated voltage of a series winding between equal voltages, in parts of theirs, in the engine."""

MOST_WINDINGS = 3


def read_autotransformers(
    circuit: DssCircuit, used_names: set[str], report: Report
) -> tuple[list[Transformer], list[Shunt]]:
    """All autotransformers, and what the engine puts between their windings and ground; `used_names`: of transformers."""
    units: list[Transformer] = []
    shunts: list[Shunt] = []
    for record in circuit.records("AutoTrans"):
        problem = _problem(circuit, record)
        if problem is not None:
            report.error("AUTOTRANSFORMER", record.component, *problem)
            continue
        name = f"autotrans_{record.name}" if record.name in used_names else record.name
        units.append(_transformer(record, name, hertz_ratio(circuit, record)))
        shunts += _antifloat(record, name)
    return units, shunts


def _problem(circuit: DssCircuit, record: Record) -> tuple[str, str] | None:
    """Why an autotransformer cannot be read, and what to do; None if it can."""
    kinds = [str(kind).lower() for kind in record["Conns"]]
    names = f"{' '.join(kinds)} in {record['Phases']} phase(s)"
    further = kinds[2:]
    if (
        kinds[:2] != ["series", "wye"]
        or len(kinds) > MOST_WINDINGS
        or record["Phases"] > 3
        or (record["Phases"] == 2 and "delta" in further)
    ):
        what = f"Its windings are {names}; only series, wye and one more are supported."
        return what, "Give a transformer wired as an autotransformer."
    if record.is_partly_open or record.is_cut_off:
        what = "Some of its conductors or windings are open."
        return what, "Disable it, or open a line beside it."
    if record.terminals[1].nodes[record["Phases"]] != 0:
        return "Its neutral is not ground.", "Ground it."
    if _is_regulated(circuit, record):
        what = "A control moves its tap, with which its impedance would change."
        return what, "Remove the RegControl, or give a transformer as the regulator."
    return None


def _is_regulated(circuit: DssCircuit, record: Record) -> bool:
    targets = {str(r["Transformer"]).lower() for r in circuit.records("RegControl")}
    is_no_transformer = record.name not in circuit.names("Transformer")
    return f"autotrans.{record.name}" in targets or (
        record.name in targets and is_no_transformer
    )


def _winding_volts(record: Record) -> FloatArray:
    """Rated voltage across one phase of each winding, the series one first, (winding,) [V]."""
    kvs = np.array(record["kVs"], dtype=float)
    is_delta = np.array([str(conn).lower() == "delta" for conn in record["Conns"]])
    is_across = is_delta | (record["Phases"] == 1)
    per_phase = np.where(is_across, 1.0, SQRT3)
    volts = kvs * 1e3 / per_phase
    high_volt = float(kvs[0]) * 1e3
    volts[0] -= float(kvs[1]) * 1e3 / per_phase[0]
    if volts[0] == 0.0:
        volts[0] = high_volt * SERIES_OF_EQUAL
    return volts.astype(np.float64)


def _va_per_phase(record: Record) -> float:
    return float(record["kVAs"][0]) * 1e3 / int(record["Phases"])


def _engine_admittance(record: Record, volts: FloatArray, ratio: float) -> ComplexArray:
    """Leakage network of the engine between its windings, on the data's base of one volt, (winding, winding) [pu]."""
    r_pu = np.array(record["pctRs"], dtype=float) / 100
    if record["XRConst"]:
        r_pu *= ratio
    x_pu = np.array(record["XSCArray"], dtype=float) / 100 * ratio
    leakage = _engine_leakage(r_pu, x_pu, volts)
    n_others = len(volts) - 1
    ones = np.ones((n_others, 1))
    incidence = np.hstack([ones, -np.eye(n_others)])
    return (incidence.T @ np.linalg.inv(leakage) @ incidence).astype(complex)


def _engine_leakage(
    r_pu: FloatArray, x_pu: FloatArray, volts: FloatArray
) -> ComplexArray:
    """Impedances from the series winding to each other one, with their mutual terms, (winding - 1, winding - 1) [pu]."""
    series = float(volts[0])
    common = float(volts[1])
    low_by_series = common / series
    high_by_series = 1 + low_by_series
    to_low = complex(r_pu[0] + r_pu[1], x_pu[0]) * high_by_series**2
    if len(volts) < MOST_WINDINGS:
        return np.array([[to_low]])
    high_low, high_third, low_third = x_pu
    x_third = high_low * high_by_series * low_by_series
    x_third += high_third * high_by_series
    x_third -= low_third * low_by_series
    to_third = complex(r_pu[0] + r_pu[2], x_third)
    between = complex(r_pu[1] + r_pu[2], low_third)
    mutual = (to_low + to_third - between) / 2
    return np.array([[to_low, mutual], [mutual, to_third]])


def _pair_impedances(
    admittance: ComplexArray, tapped: FloatArray
) -> dict[tuple[int, int], complex]:
    """Impedance between each pair of windings H-N, X-N, tertiary, by their numbers [pu]."""
    volts = _terminal_volts(tapped)
    to_windings = np.diag(1 / tapped).astype(complex)
    # the series winding ends at X
    to_windings[0, 1] = -1 / tapped[0]
    change = to_windings @ np.diag(volts)
    between = change.T @ admittance @ change
    # with winding 1 held at no voltage, these are the voltages of the others by their currents
    reduced = np.linalg.inv(between[1:, 1:])
    pairs = {}
    for j, to_first in enumerate(reduced.diagonal()):
        pairs[0, j + 1] = complex(to_first)
    for i, j in combinations(range(len(reduced)), 2):
        mutual = reduced[i, j]
        pairs[i + 1, j + 1] = complex(reduced[i, i] + reduced[j, j] - 2 * mutual)
    return pairs


def _terminal_volts(tapped: FloatArray) -> FloatArray:
    """Voltages H to N, X to N and of the tertiary at which no current flows, (winding,) [V]."""
    volts = tapped.copy()
    volts[0] += tapped[1]
    return volts


def _transformer(record: Record, name: str, ratio: float) -> Transformer:
    volts = _winding_volts(record)
    tapped = volts * np.array(record["Taps"], dtype=float)
    impedances = _pair_impedances(_engine_admittance(record, volts, ratio), tapped)
    resistances = _resistances({k: z.real for k, z in impedances.items()}, len(volts))
    no_load = _terminal_volts(tapped)
    return Transformer(
        name=name,
        phases=int(record["Phases"]),
        windings=tuple(
            _winding(record, k, float(no_load[k]), 100 * resistances[k])
            for k in range(len(volts))
        ),
        x_pct=tuple(100 * z.imag for z in impedances.values()),
        noload_loss_pct=float(record["pctNoLoadLoss"]),
        magnetizing_pct=float(record["pctIMag"]) / ratio,
        rating_kva=record.stated_rating("NormHkVA"),
    )


def _resistances(pairs: dict[tuple[int, int], float], count: int) -> list[float]:
    """Of each winding, from those of the pairs; of two windings each has half."""
    if count == 2:
        half = pairs[0, 1] / 2
        return [half, half]
    to_second = pairs[0, 1]
    to_third = pairs[0, 2]
    beyond = pairs[1, 2]
    first = (to_second + to_third - beyond) / 2
    return [first, to_second - first, to_third - first]


def _winding(record: Record, k: int, volt: float, r_pct: float) -> Winding:
    """Winding k as seen from its terminals; its tap is what its voltage misses of the rated one."""
    phases = int(record["Phases"])
    nodes = record.terminals[k].nodes
    is_delta = str(record["Conns"][k]).lower() == "delta"
    kv = float(record["kVs"][k])
    rated_volt = kv * 1e3 if is_delta or phases == 1 else kv * 1e3 / SQRT3
    tap = volt / rated_volt
    wye_nodes = (*nodes[:phases], 0 if k == 0 else nodes[phases])
    return Winding(
        bus=record.terminals[k].bus,
        nodes=nodes[: max(phases, 2)] if is_delta else wye_nodes,
        connection="delta" if is_delta else "wye",
        kv=kv,
        kva=float(record["kVAs"][k]),
        r_pct=r_pct,
        tap=tap,
        tap_min=min(float(record["MinTap"][k]), tap),
        tap_max=max(float(record["MaxTap"][k]), tap),
        tap_steps=max(int(record["NumTaps"][k]), 1),
    )


def _antifloat(record: Record, name: str) -> list[Shunt]:
    """What the engine puts at both ends of each winding against floating, half of ppm_Antifloat each."""
    half_ppm = 0.5e-6 * float(record["ppm_Antifloat"])
    if half_ppm == 0:
        return []
    half_va = half_ppm * _va_per_phase(record)
    susceptances = half_va / _winding_volts(record) ** 2
    # X has an end of the series winding and one of the common winding
    susceptances[1] += susceptances[0]
    return [
        _antifloat_shunt(record, name, k, float(susceptance))
        for k, susceptance in enumerate(susceptances)
    ]


def _antifloat_shunt(record: Record, name: str, k: int, susceptance_s: float) -> Shunt:
    phases = int(record["Phases"])
    terminal = record.terminals[k]
    is_delta = str(record["Conns"][k]).lower() == "delta"
    # at the corner of a delta two windings end
    ends_at_node = 2 if is_delta and phases > 1 else 1
    nodes = terminal.nodes[: max(phases, 2) if is_delta else phases]
    kv = float(record["kVs"][k]) / SQRT3
    q_kvar = susceptance_s * ends_at_node * kv**2 * 1e3 * len(nodes)
    return Shunt(
        f"antifloat_{name}_{k + 1}",
        terminal.bus,
        (*nodes, 0),
        "wye",
        kv,
        p_kw=0.0,
        q_kvar=q_kvar,
        is_loss=True,
    )

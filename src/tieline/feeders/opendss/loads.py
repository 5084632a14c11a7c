"""Loads: connection, power at rated voltage and its voltage dependence as ZIP shares.

    P(u) = P (z u^2 + i u + p),  u = |V| / V_rated;  Q likewise

OpenDSS load models 1 (P, Q constant), 2 (impedance), 5 (current), 8 (ZIP) and 3, 6, 7 (P constant, Q quadratic or fixed)
are such shares exactly. Model 4 is u^n: exact for n = 0, 1, 2, otherwise the polynomial with the same value, slope and
curvature at u = 1. Outside Vminpu..Vmaxpu, models 3, 4, 6 and 7 behave like model 1 in OpenDSS (`Load.power_outside`); the Q of
6 and 7 is then an impedance of its rated value, and P below Vminpu an impedance without the straight line of the others.
"""

from __future__ import annotations

from dataclasses import replace

from tieline.feeders.elements import CONSTANT_CURRENT, CONSTANT_IMPEDANCE, CONSTANT_POWER, Load, Shunt
from tieline.feeders.opendss.circuit import DssCircuit, Record, Report
from tieline.feeders.opendss.connections import hookup, is_in_service, neutral_shunt
from tieline.feeders.opendss.options import loads_are_impedances

Shares = tuple[float, float, float]

SHARES_BY_MODEL: dict[int, tuple[Shares, Shares]] = {
    1: (CONSTANT_POWER, CONSTANT_POWER),
    2: (CONSTANT_IMPEDANCE, CONSTANT_IMPEDANCE),
    3: (CONSTANT_POWER, CONSTANT_IMPEDANCE),
    5: (CONSTANT_CURRENT, CONSTANT_CURRENT),
    6: (CONSTANT_POWER, CONSTANT_POWER),
    7: (CONSTANT_POWER, CONSTANT_IMPEDANCE),
}
"""Shares (z, i, p) of P and of Q by OpenDSS load model; 4 and 8 have parameters of their own."""

POWER_OUTSIDE_BAND = (3, 4, 6, 7)
"""Outside their voltage band they become the impedance of a constant-power load."""

MODELS_OF_FIXED_Q = (6, 7)
"""Their Q does not follow LoadMult, nor the voltage band."""


def read_loads(circuit: DssCircuit, report: Report) -> tuple[list[Load], list[Shunt]]:
    """All loads, and the shunts at their neutrals."""
    multiplier = float(circuit.engine.Solution.LoadMult())
    all_impedances = loads_are_impedances(circuit)
    if circuit.engine.Solution.Year():
        what = "Load growth over the years is left out."
        report.warning("GROWTH_DROPPED", f"circuit {circuit.name}", what, "Scale the loads yourself.")
    loads, shunts = [], []
    for record in circuit.records("Load"):
        load = _load(record, multiplier, report) if is_in_service(record, report) else None
        if load is not None and all_impedances:
            load = _as_impedance(load, record, multiplier)
        if load is not None:
            loads.append(load)
            neutral = load.nodes[-1] if load.connection == "wye" else 0
            shunts.append(neutral_shunt(f"neutral_load_{record.name}", load.bus, neutral, record["RNeut"], record["XNeut"]))
    return loads, [shunt for shunt in shunts if shunt is not None]


def _load(record: Record, multiplier: float, report: Report) -> Load | None:
    where = hookup(record, report)
    shares = voltage_shares(record, report)
    if where is None or shares is None:
        return None
    zip_p, zip_q = shares
    p_scale = multiplier if record["Status"] == "Variable" else 1.0
    has_fixed_q = int(record["Model"]) in MODELS_OF_FIXED_Q
    q_scale = 1.0 if has_fixed_q else p_scale
    p_sum, q_sum = sum(zip_p), sum(zip_q)
    return Load(
        name=record.name,
        bus=where.bus,
        nodes=where.nodes,
        connection=where.connection,
        kv=where.kv,
        p_kw=float(record["kW"]) * p_scale * p_sum,
        q_kvar=float(record["kvar"]) * q_scale * q_sum,
        zip_p=_normalised(zip_p, p_sum),
        zip_q=_normalised(zip_q, q_sum),
        v_min_pu=float(record["VMinpu"]),
        v_max_pu=float(record["VMaxpu"]),
        v_low_pu=0.0 if has_fixed_q else float(record["VLowpu"]),
        power_outside=int(record["Model"]) in POWER_OUTSIDE_BAND,
        q_impedance_outside=has_fixed_q,
    )


def _as_impedance(load: Load, record: Record, multiplier: float) -> Load:
    """The load that takes its rated power at rated voltage, whatever its model."""
    scale = multiplier if record["Status"] == "Variable" else 1.0
    power = {"p_kw": float(record["kW"]) * scale, "q_kvar": float(record["kvar"]) * scale}
    shares = {"zip_p": CONSTANT_IMPEDANCE, "zip_q": CONSTANT_IMPEDANCE}
    return replace(load, **power, **shares, power_outside=False, q_impedance_outside=False)


def _normalised(shares: Shares, total: float) -> Shares:
    return (shares[0] / total, shares[1] / total, shares[2] / total) if total else CONSTANT_POWER


def voltage_shares(record: Record, report: Report) -> tuple[Shares, Shares] | None:
    """Shares (z, i, p) of P and of Q; None, with an error, for a model that has none."""
    model = int(record["Model"])
    if model == 4:
        watts, vars_ = float(record["CVRWatts"]), float(record["CVRVars"])
        return _exponent_shares(record, watts, report), _exponent_shares(record, vars_, report)
    if model == 8:
        return _zipv_shares(record, report)
    if model not in SHARES_BY_MODEL:
        report.error("LOAD_MODEL", record.component, f"Load model {model} is not supported.", "Use model 1 to 8.")
        return None
    return SHARES_BY_MODEL[model]


def _exponent_shares(record: Record, exponent: float, report: Report) -> Shares:
    """ZIP shares of u^n with its value, slope and curvature at u = 1: z = n (n - 1) / 2, i = n (2 - n), p = 1 - z - i."""
    if exponent not in (0.0, 1.0, 2.0):
        message = "Its CVR exponent is approximated by the ZIP polynomial that agrees to second order at rated voltage."
        report.warning("LOAD_EXPONENT_APPROXIMATED", record.component, message)
    z, i = exponent * (exponent - 1) / 2, exponent * (2 - exponent)
    return z, i, 1 - z - i


def _zipv_shares(record: Record, report: Report) -> tuple[Shares, Shares] | None:
    zipv = [float(value) for value in record["ZIPV"]]
    if "ZIPV" not in record.stated or len(zipv) < 6:
        report.error("LOAD_ZIPV", record.component, "It is of model 8, but has no ZIPV.", "Give seven numbers in ZIPV.")
        return None
    if len(zipv) > 6 and zipv[6] > 0:
        report.warning("LOAD_CUTOFF_DROPPED", record.component, "Its low-voltage drop-out (7th number of ZIPV) is left out.")
    return (zipv[0], zipv[1], zipv[2]), (zipv[3], zipv[4], zipv[5])

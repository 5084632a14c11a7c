"""Loads: connection, power at rated voltage and its voltage dependence as ZIP shares or exponents.

    P(u) = P (z u^2 + i u + p),  u = |V| / V_rated;  Q likewise

OpenDSS load models 1 (P, Q constant), 2 (impedance), 5 (current), 8 (ZIP) and 3, 6, 7 (P constant, Q quadratic or fixed)
are such shares exactly; model 4 is P u^n and Q u^m (`Load.exponents`; shares where both are 0, 1 or 2).

Outside Vminpu..Vmaxpu, models 3, 4, 6 and 7 behave like model 1 in OpenDSS (`Load.power_outside`); the Q of
6 and 7 is then an impedance of its rated value, and P below Vminpu the impedance found there, without the straight line of the
others; at Vlowpu it jumps to the impedance at rated voltage.
"""

from __future__ import annotations

from dataclasses import replace

from tieline.feeders.elements import (
    CONSTANT_CURRENT,
    CONSTANT_IMPEDANCE,
    CONSTANT_POWER,
    Load,
)
from tieline.feeders.opendss.circuit import DssCircuit, Record, Report
from tieline.feeders.opendss.connections import hookup, is_delta, is_in_service
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

SHARES_BY_EXPONENT: dict[float, Shares] = {
    0.0: CONSTANT_POWER,
    1.0: CONSTANT_CURRENT,
    2.0: CONSTANT_IMPEDANCE,
}

SUM_DUST = 1e-9
"""Rounding in a sum of shares."""

MODELS_OF_FIXED_Q = (6, 7)
"""Their Q does not follow LoadMult, nor the voltage band."""


def read_loads(circuit: DssCircuit, report: Report) -> list[Load]:
    """All loads."""
    multiplier = float(circuit.engine.Solution.LoadMult())
    all_impedances = loads_are_impedances(circuit)
    year = int(circuit.engine.Solution.Year())
    growth = _growth(circuit, year)
    loads = []
    for record in circuit.records("Load"):
        if not is_in_service(record, report) or _has_shape(record, year, report):
            continue
        # LoadMult leaves loads alone whose status is fixed or exempt
        scale = growth * (multiplier if record["Status"] == "Variable" else 1.0)
        load = _load(record, scale, report)
        if load is not None and all_impedances:
            load = _as_impedance(load, record, scale)
        if load is not None:
            loads.append(load)
            _note_neutral(record, load, report)
            _note_step(record, load, report)
    return loads


def _growth(circuit: DssCircuit, year: int) -> float:
    """What the year of the study makes of every load: a compound rate from year 1 on; 1 where no year is set."""
    rate = 1 + float(circuit.engine.Solution.PctGrowth()) / 100
    return rate ** (year - 1) if year > 0 else 1.0


def _has_shape(record: Record, year: int, report: Report) -> bool:
    """Whether a load of a study in a later year grows by a curve of its own; an error says so."""
    if year == 0 or not record["Growth"]:
        return False
    what = f"It grows by its own curve, GrowthShape {record['Growth']}."
    remedy = "Set year=0 and give it the kW of that year."
    report.error("GROWTH_SHAPE", record.component, what, remedy)
    return True


def _note_neutral(record: Record, load: Load, report: Report) -> None:
    """Say so if a load has an impedance in its neutral: the engine puts it into the load's admittance, but takes it out again
    with the load's compensation current: its value changes no voltage.
    """
    has_neutral = not is_delta(record) and load.nodes[-1] != 0
    if has_neutral and record["RNeut"] >= 0:
        what = "OpenDSS leaves the impedance of its neutral (RNeut, XNeut) without effect; so does tieline."
        report.warning(
            "LOAD_NEUTRAL_DROPPED",
            record.component,
            what,
            "Give a reactor from that node to ground.",
        )


def _note_step(record: Record, load: Load, report: Report) -> None:
    """Say so if the power of a load jumps at Vminpu: its model there is another than that of the impedance below."""
    is_constant_power = load.zip_p == load.zip_q == CONSTANT_POWER
    if load.power_outside and (load.exponents is not None or not is_constant_power):
        what = (
            "At Vminpu its power steps up from that of its model to that of an impedance: close to it two answers may hold, "
            "one on either side, and OpenDSS may give the other than tieline."
        )
        report.warning("LOAD_STEPS_AT_VMIN", record.component, what)


def _load(record: Record, p_scale: float, report: Report) -> Load | None:
    # both questions before either ends the reading, so that all that is wrong is reported
    where = hookup(record, report)
    shares = voltage_shares(record, report)
    if where is None or shares is None:
        return None
    zip_p, zip_q = shares
    has_fixed_q = int(record["Model"]) in MODELS_OF_FIXED_Q
    q_scale = 1.0 if has_fixed_q else p_scale
    p_sum = sum(zip_p)
    q_sum = sum(zip_q)
    sums_miss_one = max(abs(p_sum - 1), abs(q_sum - 1)) > SUM_DUST
    if sums_miss_one or (has_fixed_q and p_scale != 1):
        what = (
            "Below Vlowpu OpenDSS turns it into the impedance of its kW and kvar times LoadMult; here P and Q keep the factors "
            "that they have inside the band (sums of ZIPV other than one, a fixed Q)."
        )
        report.warning("LOAD_BELOW_VLOW", record.component, what)
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
        exponents=_exponents(record),
        v_min_pu=float(record["VMinpu"]),
        v_max_pu=float(record["VMaxpu"]),
        v_low_pu=float(record["VLowpu"]),
        power_outside=int(record["Model"]) in POWER_OUTSIDE_BAND,
        q_impedance_outside=has_fixed_q,
    )


def _as_impedance(load: Load, record: Record, scale: float) -> Load:
    """The load that takes its rated power at rated voltage, whatever its model."""
    return replace(
        load,
        p_kw=float(record["kW"]) * scale,
        q_kvar=float(record["kvar"]) * scale,
        zip_p=CONSTANT_IMPEDANCE,
        zip_q=CONSTANT_IMPEDANCE,
        exponents=None,
        power_outside=False,
        q_impedance_outside=False,
    )


def _normalised(shares: Shares, total: float) -> Shares:
    if not total:
        return CONSTANT_POWER
    impedance, current, power = shares
    return impedance / total, current / total, power / total


def voltage_shares(record: Record, report: Report) -> tuple[Shares, Shares] | None:
    """Shares (z, i, p) of P and of Q, those of constant power where exponents stand in their place; None, with an error, for
    a model that has none.
    """
    model = int(record["Model"])
    if model == 4:
        of_p, of_q = _stated_exponents(record)
        if _exponents(record) is not None:
            return CONSTANT_POWER, CONSTANT_POWER
        return SHARES_BY_EXPONENT[of_p], SHARES_BY_EXPONENT[of_q]
    if model == 8:
        return _zipv_shares(record, report)
    if model not in SHARES_BY_MODEL:
        report.error(
            "LOAD_MODEL",
            record.component,
            f"Load model {model} is not supported.",
            "Use model 1 to 8.",
        )
        return None
    return SHARES_BY_MODEL[model]


def _stated_exponents(record: Record) -> tuple[float, float]:
    return float(record["CVRWatts"]), float(record["CVRVars"])


def _exponents(record: Record) -> tuple[float, float] | None:
    """Those of a load of model 4 that no shares stand for."""
    if int(record["Model"]) != 4:
        return None
    stated = _stated_exponents(record)
    has_shares = all(exponent in SHARES_BY_EXPONENT for exponent in stated)
    return None if has_shares else stated


def _zipv_shares(record: Record, report: Report) -> tuple[Shares, Shares] | None:
    zipv = [float(value) for value in record["ZIPV"]]
    if "ZIPV" not in record.stated or len(zipv) < 6:
        report.error(
            "LOAD_ZIPV",
            record.component,
            "It is of model 8, but has no ZIPV.",
            "Give seven numbers in ZIPV.",
        )
        return None
    if _cancel(zipv[:3]) or _cancel(zipv[3:6]):
        what = "Its shares of P or of Q in ZIPV sum to zero: it has no rated power."
        report.error(
            "LOAD_ZIPV",
            record.component,
            what,
            "Split it into loads whose shares sum to one.",
        )
        return None
    if len(zipv) > 6 and zipv[6] > 0:
        report.warning(
            "LOAD_CUTOFF_DROPPED",
            record.component,
            "Its low-voltage drop-out (7th number of ZIPV) is left out.",
        )
    return (zipv[0], zipv[1], zipv[2]), (zipv[3], zipv[4], zipv[5])


def _cancel(shares: list[float]) -> bool:
    """Whether shares sum to zero though some are none."""
    return any(shares) and abs(sum(shares)) <= SUM_DUST

"""Notes on where OpenDSS does other than an engineer expects of an `InvControl`, or than a run over time would."""

from __future__ import annotations

from tieline.feeders.opendss.circuit import Record, Report
from tieline.feeders.opendss.inverters.record import (
    BOTH,
    VOLT_VAR,
    Units,
    has_headroom_base,
    mode_of,
    most_kw,
)

SMALL_SHARE = 1e-4
"""Change of Q per rating below which OpenDSS stops as near to the curve as a power flow can tell."""


def note_surprises(
    record: Record, ders: list[tuple[str, str]], units: Units, report: Report
) -> None:
    """Say where OpenDSS does other than an engineer expects, or than a run over time would."""
    if str(record["Voltage_CurveX_Ref"]).lower() != "rated":
        what = "Its curve counts from an average of past voltages; a snapshot has none, and it counts from the rated one here."
        report.warning("INVERTER_CONTROL_AVERAGE", record.component, what)
    if float(record["Hysteresis_Offset"]):
        what = "Hysteresis is left out: it is on its first curve, as OpenDSS in a snapshot."
        report.warning("INVERTER_CONTROL_HYSTERESIS", record.component, what)
    _note_tolerance(record, report)
    for der in ders:
        _note_full(record, units[der], report)
        _note_sight(record, units[der], report)


def _note_tolerance(record: Record, report: Report) -> None:
    """Say how near OpenDSS comes to where curve and grid agree."""
    of_voltage_pu = float(record["VoltageChangeTolerance"])
    of_q = float(record["VarChangeTolerance"])
    if of_q > SMALL_SHARE:
        what = (
            f"OpenDSS stops where a voltage changes by less than {of_voltage_pu:g} pu and a Q by less than {of_q:.1%} from one "
            "round to the next; tieline goes on until curve and grid agree, so that the two may differ by as much."
        )
        report.warning("INVERTER_CONTROL_TOLERANCE", record.component, what)


def _note_full(record: Record, unit: Record, report: Report) -> None:
    """Say that an inverter may be full of P, where its Q is a share of what P leaves."""
    if unit.kind != "PVSystem" or mode_of(record) not in (VOLT_VAR, BOTH):
        return
    if has_headroom_base(record) and most_kw(unit) > float(unit["kVA"]):
        what = (
            "Where its panels give as much as its kVA, nothing is left for Q (VARAVAL): it then gives none here, while OpenDSS "
            "does not come to rest."
        )
        remedy = "Set RefReactivePower=VARMAX to let it give Q at full sun."
        report.warning("INVERTER_CONTROL_FULL", unit.component, what, remedy)


def _note_sight(record: Record, unit: Record, report: Report) -> None:
    """Say what an inverter between two conductors is read to look at, unless its control names the bus."""
    if record["MonBus"] or int(unit["Phases"]) > 1:
        return
    ends = unit.terminals[0].nodes
    if len(ends) > 1 and ends[1]:
        what = (
            "It stands between two conductors, and OpenDSS reads the first one to ground, per unit of the voltage between "
            "both; so it is read."
        )
        remedy = "Let it look at its bus: MonBus and MonBusesVBase."
        report.warning("INVERTER_CONTROL_SEES", unit.component, what, remedy)

"""Regulators: tap controls of transformers.

What a control has beyond tieline's model is left out with a warning where it does not decide, else it is an error.
"""

from __future__ import annotations

from tieline.feeders.elements import Regulator, ReverseMode, Transformer
from tieline.feeders.opendss.circuit import DssCircuit, Record, Report

CONTROL_OFF = -1
"""`ControlMode` of a circuit whose controls do not act."""


def read_regulators(
    circuit: DssCircuit, transformers: list[Transformer], report: Report
) -> list[Regulator]:
    """Tap controls of the transformers that were read."""
    known = {unit.name for unit in transformers}
    if circuit.engine.Solution.ControlMode() == CONTROL_OFF:
        what = "The file switches controls off; in tieline each solve says whether they act."
        report.warning("CONTROL_MODE_OFF", f"circuit {circuit.name}", what)
    records = [
        record
        for record in circuit.records("RegControl")
        if str(record["Transformer"]).lower() in known
    ]
    return [_regulator(record, report) for record in records if _is_plain_regulator(record, report)]


def _is_plain_regulator(record: Record, report: Report) -> bool:
    before = len(report.errors)
    if not str(record["PTPhase"]).isdigit():
        report.error(
            "REGULATOR",
            record.component,
            "It watches the highest or lowest phase.",
            "Name one phase in PTPhase.",
        )
    if record["TapWinding"] != record["Winding"]:
        report.error(
            "REGULATOR",
            record.component,
            "It measures one winding and moves another.",
            "Use one winding.",
        )
    if record["LDC_Z"]:
        report.error(
            "REGULATOR", record.component, "LDC_Z compensation is not supported.", "Use R and X."
        )
    if record["VLimit"]:
        report.error("REGULATOR", record.component, "VLimit is not supported.", "Remove it.")
    if record["InverseTime"]:
        report.warning(
            "INVERSE_TIME_DROPPED",
            record.component,
            "Its inverse-time delay is read as a fixed one.",
        )
    return len(report.errors) == before


def _regulator(record: Record, report: Report) -> Regulator:
    remote, _, node = str(record["Bus"] or "").lower().partition(".")
    compensates = bool(
        record["R"] or record["X"]
    )  # else the engine leaves RevR and RevX out as well
    if remote and record["RemotePTRatio"] != record["PTRatio"]:
        what = "Its PTRatio, by which OpenDSS sizes a step, is replaced by RemotePTRatio."
        report.warning("REMOTE_PT_RATIO", record.component, what)
    if remote and str(record["PTPhase"]) != "1":
        what = "Its PTPhase counts nothing beside Bus, as its manual says; OpenDSS itself then reads another voltage."
        report.warning(
            "REMOTE_PT_PHASE",
            record.component,
            what,
            "Set PTPhase=1, and the node in Bus, such as b.3.",
        )
    return Regulator(
        name=record.name,
        transformer=str(record["Transformer"]).lower(),
        winding=int(record["Winding"]),
        v_set_v=float(record["VReg"]),
        band_v=float(record["Band"]),
        pt_ratio=float(record["RemotePTRatio"] if remote else record["PTRatio"]),
        ct_primary_a=float(record["CTPrim"]),
        r_v=float(record["R"]),
        x_v=float(record["X"]),
        delay_s=float(record["Delay"]),
        phase=int(record["PTPhase"]),
        max_tap_change=int(record["MaxTapChange"]),
        remote_bus=remote or None,
        remote_node=int(node.split(".")[0] or 1) if remote and node else 1 if remote else None,
        reverse_mode="none" if remote else _reverse_mode(record),
        reverse_threshold_kw=float(record["RevThreshold"]),
        reverse_delay_s=float(record["RevDelay"]),
        reverse_v_set_v=float(record["RevVReg"]),
        reverse_band_v=float(record["RevBand"]),
        reverse_r_v=float(record["RevR"]) if compensates else 0.0,
        reverse_x_v=float(record["RevX"]) if compensates else 0.0,
        neutral_delay_s=float(record["TapDelay"]),
    )


def _reverse_mode(record: Record) -> ReverseMode:
    """What it does under reverse power; one that watches a remote bus does not look at power."""
    if not (record["Reversible"] or record["Cogen"]):
        return "none"
    if record["RevNeutral"]:
        return "neutral"
    return "cogeneration" if record["Cogen"] else "source-side"

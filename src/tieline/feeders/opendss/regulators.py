"""Regulators: tap controls of transformers. Where OpenDSS regulates another voltage than its file says, a warning tells so."""

from __future__ import annotations

from tieline.feeders.elements import (
    Regulator,
    ReverseMode,
    Transformer,
    WatchedPhases,
)
from tieline.feeders.opendss.circuit import DssCircuit, Record, Report
from tieline.feeders.windings import delta_direction

RULES: dict[str, WatchedPhases] = {"max": "highest", "min": "lowest"}
"""Words of PTPhase for whichever phase reads most or least."""

CONTROL_OFF = -1
"""`ControlMode` of a circuit whose controls do not act."""


def read_regulators(
    circuit: DssCircuit, transformers: list[Transformer], report: Report
) -> list[Regulator]:
    """Tap controls of the transformers that were read."""
    units = {unit.name: unit for unit in transformers}
    if circuit.engine.Solution.ControlMode() == CONTROL_OFF:
        what = "The file switches controls off; in tieline each solve says whether they act."
        report.warning("CONTROL_MODE_OFF", f"circuit {circuit.name}", what)
    regulators = []
    for record in circuit.records("RegControl"):
        unit = units.get(str(record["Transformer"]).lower())
        if unit is not None:
            _note_surprises(record, unit, report)
            regulators.append(_regulator(record, unit))
    return regulators


def _note_surprises(record: Record, unit: Transformer, report: Report) -> None:
    """Say where OpenDSS regulates another voltage than its file says."""
    if not record["Bus"]:
        return
    phase = str(record["PTPhase"])
    # at one node the highest and the lowest phase are the same
    if phase.isdigit() and phase != "1":
        what = "Its PTPhase counts nothing beside Bus, as its manual says; OpenDSS itself then reads another voltage."
        remedy = "Set PTPhase=1, and the node in Bus, such as b.3."
        report.warning("REMOTE_PT_PHASE", record.component, what, remedy)
    if _is_between_phases(record, unit) and delta_direction(unit) < 0:
        what = (
            "OpenDSS reads a voltage beyond those of its Bus, since the deltas of its transformer "
            "close backwards; here it is the voltage of the nodes in Bus."
        )
        remedy = "Regulate at a winding in wye, or without Bus."
        report.warning("REMOTE_DELTA", record.component, what, remedy)


def _is_between_phases(record: Record, unit: Transformer) -> bool:
    return unit.windings[int(record["Winding"]) - 1].connection == "delta"


def _regulator(record: Record, unit: Transformer) -> Regulator:
    remote, _, nodes = str(record["Bus"] or "").lower().partition(".")
    node, node_to = _remote_nodes(nodes, _is_between_phases(record, unit))
    z_v = float(record["LDC_Z"])
    # without a forward compensation the engine leaves out the reverse one as well
    compensates = bool(record["R"] or record["X"] or z_v > 0)
    phase = str(record["PTPhase"]).lower()
    is_one_phase = phase.isdigit()
    return Regulator(
        name=record.name,
        transformer=unit.name,
        winding=int(record["Winding"]),
        v_set_v=float(record["VReg"]),
        band_v=float(record["Band"]),
        pt_ratio=float(record["PTRatio"]),
        ct_primary_a=float(record["CTPrim"]),
        r_v=float(record["R"]),
        x_v=float(record["X"]),
        delay_s=float(record["Delay"]),
        # beside a remote bus it is the first phase of its winding that VLimit looks at
        phase=int(phase) if is_one_phase and not remote else 1,
        max_tap_change=int(record["MaxTapChange"]),
        remote_bus=remote or None,
        remote_node=node if remote else None,
        remote_node_to=node_to if remote else None,
        reverse_mode="none" if remote else _reverse_mode(record),
        reverse_threshold_kw=float(record["RevThreshold"]),
        reverse_delay_s=float(record["RevDelay"]),
        reverse_v_set_v=float(record["RevVReg"]),
        reverse_band_v=float(record["RevBand"]),
        reverse_r_v=float(record["RevR"]) if compensates else 0.0,
        reverse_x_v=float(record["RevX"]) if compensates else 0.0,
        neutral_delay_s=float(record["TapDelay"]),
        phase_rule="one" if is_one_phase or remote else RULES[phase],
        tap_winding=_tap_winding(record),
        v_limit_v=float(record["VLimit"]) if record["VLimit"] > 0 else None,
        z_v=z_v if compensates and not remote else 0.0,
        reverse_z_v=float(record["Rev_Z"]) if compensates and not remote else 0.0,
        remote_pt_ratio=_remote_pt_ratio(record) if remote else None,
        inverse_time=bool(record["InverseTime"]),
    )


def _remote_pt_ratio(record: Record) -> float | None:
    """That of the transformer at the remote bus, where it is another one."""
    if record["RemotePTRatio"] == record["PTRatio"]:
        return None
    return float(record["RemotePTRatio"])


def _tap_winding(record: Record) -> int | None:
    """The winding that it moves, where that is not the one that it measures."""
    if record["TapWinding"] == record["Winding"]:
        return None
    return int(record["TapWinding"])


def _remote_nodes(nodes: str, is_between_phases: bool) -> tuple[int, int | None]:
    """Node of a remote bus whose voltage is regulated, and the one that it is taken against at a winding in delta."""
    numbers = [int(number) for number in nodes.split(".") if number]
    node = numbers[0] if numbers else 1
    # a second node of zero is ground, as is a missing one
    if is_between_phases and len(numbers) > 1 and numbers[1] != 0:
        return node, numbers[1]
    return node, None


def _reverse_mode(record: Record) -> ReverseMode:
    """What it does under reverse power; one that watches a remote bus does not look at power."""
    if not (record["Reversible"] or record["Cogen"]):
        return "none"
    if record["RevNeutral"]:
        return "neutral"
    return "cogeneration" if record["Cogen"] else "source-side"

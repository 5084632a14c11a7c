"""Transformers, regulator controls, capacitors and their controls of an OpenDSS circuit."""

from __future__ import annotations

from tieline.feeders.elements import Capacitor, CapacitorControl, Nodes, Regulator, Transformer, Winding
from tieline.feeders.opendss.circuit import Circuit, Properties

CONTROL_KINDS = {"voltage": "voltage", "current": "current", "kvar": "kvar"}


def read_transformers(circuit: Circuit) -> list[Transformer]:
    """All transformers, any number of windings."""
    return [_transformer(circuit, p) for p in circuit.elements("Transformer")]


def _transformer(circuit: Circuit, p: Properties) -> Transformer:
    name = p["Name"].lower()
    phases = int(p["Phases"])
    terminals, buses = circuit.terminal_nodes("Transformer", name), circuit.bus_names("Transformer", name)
    windings = tuple(_winding(circuit, p, k, buses[k], terminals[k], phases) for k in range(len(terminals)))
    if circuit.open_conductors("Transformer", name, len(terminals), phases):
        circuit.refuse("OPENDSS.OPEN_TRANSFORMER", f"transformer {name}", "has open conductors.", "Open a line or switch beside it.")
    return Transformer(
        name=name,
        phases=phases,
        windings=windings,
        x_pct=tuple(float(x) for x in p["XSCArray"]),
        noload_loss_pct=float(p["pctNoLoadLoss"]),
        magnetizing_pct=float(p["pctIMag"]),
        antifloat_ppm=float(p["ppm_Antifloat"]),
        low_side_leads=str(p["LeadLag"]).lower() in ("lead", "euro"),
    )


def _winding(circuit: Circuit, p: Properties, k: int, bus: str, nodes: Nodes, phases: int) -> Winding:
    connection = "delta" if p["Conn"][k].lower() in ("delta", "ll") else "wye"
    if connection == "delta" and phases == 2:
        circuit.refuse("OPENDSS.TWO_PHASE_DELTA", f"transformer {p['Name'].lower()}", "a two-phase delta winding cannot be read.")
    if connection == "wye" and nodes[-1] != 0 and p["RNeut"][k] >= 0:
        circuit.refuse("OPENDSS.NEUTRAL_IMPEDANCE", f"transformer {p['Name'].lower()}", "a neutral impedance cannot be read.")
    used = nodes if connection == "wye" else nodes[: max(phases, 2)]
    return Winding(
        bus=bus,
        nodes=used,
        connection=connection,
        kv=float(p["kV"][k]),
        kva=float(p["kVA"][k]),
        r_pct=float(p["pctR"][k]),
        tap=float(p["Tap"][k]),
        tap_min=float(p["MinTap"][k]),
        tap_max=float(p["MaxTap"][k]),
        tap_steps=int(p["NumTaps"][k]),
    )


def read_regulators(circuit: Circuit) -> list[Regulator]:
    """All regulator controls."""
    return [_regulator(circuit, p) for p in circuit.elements("RegControl")]


def _regulator(circuit: Circuit, p: Properties) -> Regulator:
    name = p["Name"].lower()
    component = f"regcontrol {name}"
    if not str(p["PTPhase"]).isdigit():
        circuit.refuse("OPENDSS.PT_PHASE", component, f"PTPhase '{p['PTPhase']}' cannot be read.", "Name the phase: 1, 2 or 3.")
    if p["TapWinding"] != p["Winding"]:
        circuit.refuse("OPENDSS.TAP_WINDING", component, "measures another winding than it moves.")
    for key, label in (("Reversible", "reverse operation"), ("InverseTime", "inverse time"), ("LDC_Z", "LDC_Z"), ("VLimit", "Vlimit")):
        if p[key]:
            circuit.warn("OPENDSS.REGCONTROL_DROPPED", component, f"{label} is not modelled; the control acts without it.")
    bus, _, node = str(p["Bus"]).partition(".")
    return Regulator(
        name=name,
        transformer=str(p["Transformer"]).lower(),
        winding=int(p["Winding"]),
        v_set_v=float(p["VReg"]),
        band_v=float(p["Band"]),
        pt_ratio=float(p["RemotePTRatio"] if bus else p["PTRatio"]),
        ct_primary_a=float(p["CTPrim"]),
        r_v=float(p["R"]),
        x_v=float(p["X"]),
        delay_s=float(p["Delay"]),
        phase=int(p["PTPhase"]) if str(p["PTPhase"]).isdigit() else 1,
        max_tap_change=int(p["MaxTapChange"]),
        remote_bus=bus.lower() or None,
        remote_node=int(node.split(".")[0]) if node else None,
    )


def read_capacitors(circuit: Circuit) -> list[Capacitor]:
    """All shunt capacitor banks."""
    found = [_capacitor(circuit, p) for p in circuit.elements("Capacitor")]
    return [capacitor for capacitor in found if capacitor is not None]


def _capacitor(circuit: Circuit, p: Properties) -> Capacitor | None:
    name = p["Name"].lower()
    component = f"capacitor {name}"
    buses, terminals = circuit.bus_names("Capacitor", name), circuit.terminal_nodes("Capacitor", name)
    kvar, states = [float(q) for q in p["kvar"]], [int(state) for state in p["States"]]
    if len(set(kvar)) > 1:
        circuit.refuse("OPENDSS.CAPACITOR_STEPS", component, f"its steps differ ({kvar} kvar).", "Split it into banks of equal steps.")
    if any(p["R"]) or any(p["XL"]):
        circuit.warn("OPENDSS.CAPACITOR_REACTOR", component, "its series resistance and reactance are left out.")
    connection = "delta" if str(p["Conn"]).lower() in ("delta", "ll") else "wye"
    nodes = terminals[0]
    if connection == "wye":
        neutrals = set(terminals[1])
        if len(neutrals) != 1 or (buses[1] != buses[0] and neutrals != {0}):
            circuit.refuse("OPENDSS.SERIES_CAPACITOR", component, "is not a shunt to one neutral.", "Replace it by a line of its reactance.")
            return None
        nodes = (*nodes, neutrals.pop())
    return Capacitor(name, buses[0], nodes, connection, sum(kvar), float(p["kV"]), len(kvar), sum(states))


def read_capacitor_controls(circuit: Circuit) -> list[CapacitorControl]:
    """All capacitor controls of a kind we have; others are noted and their banks stay as they are."""
    found = [_capacitor_control(circuit, p) for p in circuit.elements("CapControl")]
    return [control for control in found if control is not None]


def _capacitor_control(circuit: Circuit, p: Properties) -> CapacitorControl | None:
    name = p["Name"].lower()
    kind = CONTROL_KINDS.get(str(p["Type"]).lower())
    element_kind, _, element = str(p["Element"]).lower().partition(".")
    if kind is None or element_kind not in ("line", "transformer") or not str(p["CTPhase"]).isdigit() or p["VBus"]:
        what = f"a control by {p['Type']} at {p['Element']} is not modelled; its bank stays as the file states it."
        circuit.warn("OPENDSS.CAPCONTROL_DROPPED", f"capcontrol {name}", what)
        return None
    return CapacitorControl(
        name=name,
        capacitor=str(p["Capacitor"]).lower(),
        kind=kind,
        element=element,
        terminal=int(p["Terminal"]),
        on_setting=float(p["OnSetting"]),
        off_setting=float(p["OffSetting"]),
        phase=int(p["CTPhase"]),
        pt_ratio=float(p["PTRatio"]),
        ct_ratio=float(p["CTRatio"]),
        delay_on_s=float(p["Delay"]),
        delay_off_s=float(p["DelayOff"]),
        voltage_override=bool(p["VoltOverride"]),
        v_min_v=float(p["VMin"]),
        v_max_v=float(p["VMax"]),
    )

"""Regulators and capacitor controls as OpenDSS commands."""

from __future__ import annotations

from tieline.feeders.elements import (
    CapacitorControl,
    Regulator,
)
from tieline.feeders.feeder import Feeder
from tieline.feeders.metering import metered_kind, metered_names
from tieline.feeders.opendss.writer.words import Properties, at, command

PHASE_WORDS = {"highest": "max", "lowest": "min", "mean": "avg"}
"""Words of the engine for all phases."""


def regulator_command(regulator: Regulator) -> str:
    """A regulator; its transformer has to be there by then."""
    properties: Properties = {
        "transformer": regulator.transformer,
        "winding": regulator.winding,
        "vreg": regulator.v_set_v,
        "band": regulator.band_v,
        "ptratio": regulator.pt_ratio,
        "ctprim": regulator.ct_primary_a,
        "r": regulator.r_v,
        "x": regulator.x_v,
        "delay": regulator.delay_s,
        "ptphase": PHASE_WORDS.get(regulator.phase_rule, regulator.phase),
        "maxtapchange": regulator.max_tap_change,
    }
    if regulator.tap_winding is not None:
        properties["tapwinding"] = regulator.tap_winding
    if regulator.v_limit_v is not None:
        properties["vlimit"] = regulator.v_limit_v
    if regulator.z_v:
        properties |= {"ldc_z": regulator.z_v, "rev_z": regulator.reverse_z_v}
    if regulator.inverse_time:
        properties["inversetime"] = "yes"
    if regulator.reverse_mode != "none":
        properties |= _reverse(regulator)
    if regulator.remote_bus:
        nodes = [regulator.remote_node or regulator.phase]
        if regulator.remote_node_to is not None:
            nodes.append(regulator.remote_node_to)
        properties |= {
            "bus": at(regulator.remote_bus, nodes),
            "remoteptratio": regulator.remote_pt_ratio or regulator.pt_ratio,
            "ptphase": 1,  # the engine knows no other at a remote bus
        }
    return command(f"new regcontrol.{regulator.name}", properties)


def _reverse(regulator: Regulator) -> Properties:
    kind = "cogen" if regulator.reverse_mode == "cogeneration" else "reversible"
    return {
        kind: "yes",
        "revneutral": "yes" if regulator.reverse_mode == "neutral" else "no",
        "revthreshold": regulator.reverse_threshold_kw,
        "revdelay": regulator.reverse_delay_s,
        "revvreg": regulator.reverse_v_set_v,
        "revband": regulator.reverse_band_v,
        "revr": regulator.reverse_r_v,
        "revx": regulator.reverse_x_v,
        "tapdelay": regulator.neutral_delay_s,
    }


def capacitor_control_command(feeder: Feeder, control: CapacitorControl) -> str:
    """A capacitor control; its bank and what it measures at have to be there by then."""
    kind = metered_kind(control, metered_names(feeder))
    properties: Properties = {
        "capacitor": control.capacitor,
        "element": f"{kind}.{control.element}",
        "terminal": control.terminal,
        # before the settings: the engine takes those of a power factor for what they are only then
        "type": "powerfactor" if control.kind == "power-factor" else control.kind,
        "onsetting": _setting(control, control.on_setting),
        "offsetting": _setting(control, control.off_setting),
        "ctphase": PHASE_WORDS.get(
            control.current_rule, control.current_phase or control.phase
        ),
        "ptphase": PHASE_WORDS.get(control.voltage_rule, control.phase),
        "ptratio": control.pt_ratio,
        "ctratio": control.ct_ratio,
        "delay": control.delay_on_s,
        "delayoff": control.delay_off_s,
        "deadtime": control.dead_time_s,
        "voltoverride": str(control.voltage_override),
        "vmin": control.v_min_v,
        "vmax": control.v_max_v,
        "pctminkvar": control.least_kvar_pct,
    }
    if control.override_bus is not None:
        properties["vbus"] = control.override_bus
    return command(f"new capcontrol.{control.name}", properties)


def _setting(control: CapacitorControl, setting: float) -> float:
    """A setting as the engine has it: a leading power factor is below zero there."""
    is_leading = control.kind == "power-factor" and setting > 1
    return setting - 2.0 if is_leading else setting

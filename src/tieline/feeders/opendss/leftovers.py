"""What a file holds that no other module reads: a warning per class that says what that means, or an error per element."""

from __future__ import annotations

from tieline.feeders.feeder import Feeder
from tieline.feeders.opendss.circuit import DssCircuit, Report
from tieline.feeders.opendss.options import STATIC, option
from tieline.feeders.opendss.shapes import shape_names

ELEMENTS = (
    "line",
    "vsource",
    "isource",
    "load",
    "transformer",
    "autotrans",
    "capacitor",
    "reactor",
    "fault",
)
DERS = ("generator", "storage", "pvsystem")
CONTROLS = ("regcontrol", "capcontrol", "swtcontrol")

READ = frozenset((*ELEMENTS, *DERS, *CONTROLS, "loadshape"))
"""Classes with a module of their own (the engine itself applies the state of a switch control)."""

RESOLVED = frozenset(
    (
        # worked into the shapes that PV systems follow
        "tshape",
        # in the power of panels, in the characteristics of inverters; what a control without a model had goes with it
        "xycurve",
        "linecode",
        "xfmrcode",
        "wiredata",
        "cndata",
        "tsdata",
        "linespacing",
        "linegeometry",
    )
)
"""Data that the engine has worked into the elements that use it."""

GEOMAGNETIC = ("gicsource", "gicline", "gictransformer")

INSTEAD = {
    "vccs": "Give the power that its inverter injects, as a generator of model 1.",
    "indmach012": "Give the P and Q that it takes, as a load; its slip settles them in OpenDSS (kW, kvar of its terminal).",
    "windgen": "Give the power that it injects, as a generator of model 1.",
    "generic5": "Give the power that it injects, as a generator of model 1.",
    "upfc": "Give the voltage that it makes, as a regulator or a Vsource behind it.",
    "vsconverter": "Give the power at each of its ends, as a generator and a load.",
    **dict.fromkeys(
        GEOMAGNETIC, "Read the feeder without it: it is for currents near 0 Hz."
    ),
}
"""What to write in place of an element that has no counterpart in tieline, by its class in lower case."""

CHANGES_PHYSICS = frozenset(INSTEAD)
"""Elements without a counterpart in tieline whose absence changes the power flow."""

DER_CONTROLS = (
    "invcontrol",
    "expcontrol",
    "storagecontroller",
    "gendispatcher",
    "espvlcontrol",
)
"""Classes of controls that set the power of DERs when OpenDSS solves a snapshot."""

PROTECTION_KINDS = ("recloser", "relay", "fuse")
"""Classes of controls that may open a switch then."""

SETTLED = frozenset((*DER_CONTROLS, *PROTECTION_KINDS))

SERIES = "No study depends on them."
METER = "They measure and change nothing."
PROTECTION = "Its switch stands in its normal state; that it may trip is left out."
DER_CONTROL = "It does not act in tieline; DERs hold the power of the snapshot."

SERIES_KINDS = ("priceshape", "growthshape")
METER_KINDS = ("monitor", "energymeter", "sensor")
CURVE_KINDS = ("tcc_curve", "spectrum", "dynamicexp")

IDLE = frozenset((*SERIES_KINDS, *METER_KINDS, *CURVE_KINDS, "upfccontrol"))
"""Classes whose absence bears on no answer; what is lost with a control is said of the control."""

MEANING = {
    **dict.fromkeys(SERIES_KINDS, SERIES),
    **dict.fromkeys(METER_KINDS, METER),
    **dict.fromkeys(PROTECTION_KINDS, PROTECTION),
    **dict.fromkeys(DER_CONTROLS, DER_CONTROL),
    "upfccontrol": "Without a UPFC it does nothing.",
    "tcc_curve": "They time the trips of protection, which is left out.",
    "spectrum": "They are for harmonics; a power flow has none.",
    "dynamicexp": "They are for dynamics; a power flow has none.",
}
"""What the absence of a class means, by its lower-case name."""

UNKNOWN = (
    "tieline does not know this class; whether the snapshot depends on it is not known."
)


def report_leftovers(circuit: DssCircuit, blank: DssCircuit, report: Report) -> None:
    """Report the objects of all other classes. `blank` is an empty circuit: what is in it too belongs to the engine."""
    mode = option(circuit.engine, "controlmode").lower()
    for low, kind in circuit.kinds.items():
        # what controls that act would change is asked from the engine, see `left_out_controls`
        is_settled = low in SETTLED and mode == STATIC
        if low in READ or low in RESOLVED or is_settled:
            continue
        if low in CHANGES_PHYSICS:
            for record in circuit.records(kind):
                what = f"tieline has no model of {kind}."
                report.error(
                    "UNSUPPORTED_ELEMENT",
                    record.component,
                    what,
                    f"Disable it, or: {INSTEAD[low]}",
                )
            continue
        # every circuit has shapes and curves that no file stated
        engine_names = set(blank.names(kind))
        count = sum(name not in engine_names for name in circuit.names(kind))
        if not count:
            continue
        s = "s" if count > 1 else ""
        is_idle = low in IDLE or (low in SETTLED and mode == "off")
        note = report.info if is_idle else report.warning
        what = f"Left out. {MEANING.get(low, UNKNOWN)}"
        note(f"{low.upper()}_DROPPED", f"{count} {kind} object{s}", what)


def report_unused_shapes(
    feeder: Feeder, circuit: DssCircuit, blank: DssCircuit, report: Report
) -> None:
    """Report load shapes that nothing follows: neither as they are, nor as the sun on a PV system."""
    engine_names = set(blank.names("LoadShape"))
    followed = {shape.name for shape in feeder.shapes}
    for record in circuit.records("PVSystem"):
        followed |= set(shape_names(record).values())
    count = sum(
        name not in followed | engine_names for name in circuit.names("LoadShape")
    )
    if count:
        s = "s" if count > 1 else ""
        what = "Left out. Nothing follows them."
        report.info("LOADSHAPE_DROPPED", f"{count} LoadShape object{s}", what)

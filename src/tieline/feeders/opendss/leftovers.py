"""What a file holds that no other module reads: a warning per class, or an error per element if that changes the snapshot."""

from __future__ import annotations

from tieline.feeders.opendss.circuit import DssCircuit, Report

READ = frozenset(
    (
        *("line", "vsource", "load", "transformer", "regcontrol", "capacitor", "reactor", "capcontrol"),
        *("generator", "storage", "pvsystem", "swtcontrol"),
    )
)
"""Classes with a module of their own (the engine itself applies the state of a switch control)."""

RESOLVED = frozenset(("linecode", "xfmrcode", "wiredata", "cndata", "tsdata", "linespacing", "linegeometry"))
"""Data that the engine has worked into the elements that use it."""

CHANGES_PHYSICS = frozenset(
    (
        *("isource", "vccs", "fault", "upfc", "indmach012", "windgen", "generic5", "vsconverter", "autotrans"),
        *("gicsource", "gicline", "gictransformer"),
    )
)
"""Elements without a counterpart in tieline whose absence changes the power flow."""


def report_leftovers(circuit: DssCircuit, blank: DssCircuit, report: Report) -> None:
    """Report the objects of all other classes. `blank` is an empty circuit: what is in it too belongs to the engine."""
    for low, kind in circuit.kinds.items():
        if low in READ or low in RESOLVED:
            continue
        if low in CHANGES_PHYSICS:
            for record in circuit.records(kind):
                what = f"tieline has no model of a {kind}."
                report.error("UNSUPPORTED_ELEMENT", record.component, what, "Disable it or replace it.")
            continue
        own = [name for name in circuit.names(kind) if name not in set(blank.names(kind))]
        if own:
            s = "s" if len(own) > 1 else ""
            report.warning(f"{low.upper()}_DROPPED", f"{len(own)} {kind} object{s}", "A snapshot has no use for them; left out.")

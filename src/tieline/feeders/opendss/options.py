"""Solution options of a file (`set name=value`): which the reader follows, which it notes, which it refuses.

| option | in the snapshot |
| --- | --- |
| LoadMult, GenMult, AllocationFactors, CFactors, EarthModel, VoltageBases, Price | the engine has applied them to what is read |
| LoadModel=admittance | followed for loads, which become impedances; refused where the file has DERs |
| CktModel=positive | refused: one phase stands for three |
| LongLineCorrection=yes | refused: it replaces the pi sections of long lines |
| Mode | never set: what is read is the snapshot, whatever the file goes on to solve |
| ControlMode=off | noted: in tieline each solve says whether controls act |
| ControlMode other than static, off | noted: controls act until they rest, not along a clock |
| SeasonRating=yes | noted: loading is judged against the normal rating |
| Year, %Growth | followed for loads; one that grows by a GrowthShape is refused |
| DefaultBaseFrequency | that of the circuit; an element for another one is refused, a source for another one noted |
| Algorithm, Tolerance, MaxIterations, MaxControlIter, MinIterations | nothing: they say how the engine finds the same answer |
| Hour, Sec, Time, StepSize, Number, Random, LoadShapeClass, DefaultDaily, LDCurve | nothing: they choose points of time |
| NormVminpu ... EmergVmaxpu, %Normal, UEWeight, ZoneLock, Trapezoidal, reports, markers | nothing: limits, meters, pictures |
"""

from __future__ import annotations

from typing import Any

from tieline.feeders.opendss.circuit import DssCircuit, Report

ADMITTANCE = 2
"""`LoadModel` of a circuit whose loads are impedances."""

DER_KINDS = ("Generator", "PVSystem", "Storage")

STATIC = "static"
"""`ControlMode` in which controls act until they rest."""

CONTROLS_THAT_REST = (STATIC, "off")


def check_options(circuit: DssCircuit, report: Report) -> None:
    """Report options that change the physics."""
    name = f"circuit {circuit.name}"
    _check_physics(circuit, name, report)
    controls = option(circuit.engine, "controlmode").lower()
    if controls not in CONTROLS_THAT_REST:
        report.warning(
            "CONTROL_MODE",
            name,
            f"Its controls act by {controls}; here they act until they rest.",
        )
    if is_yes(option(circuit.engine, "seasonrating")):
        report.warning(
            "SEASON_RATING",
            name,
            "Its ratings change with the season; loading is judged against NormAmps.",
        )


def _check_physics(circuit: DssCircuit, name: str, report: Report) -> None:
    if not option(circuit.engine, "cktmodel").lower().startswith("multi"):
        what = "It is a positive-sequence model (set CktModel=positive): one phase stands for three."
        report.error(
            "POSITIVE_SEQUENCE",
            name,
            what,
            "Read the circuit of all phases, before MakePosSeq.",
        )
    if is_yes(option(circuit.engine, "longlinecorrection")):
        what = "LongLineCorrection replaces the pi sections of its lines."
        report.error(
            "LONG_LINES",
            name,
            what,
            "Set LongLineCorrection=no, or split long lines into sections.",
        )
    if loads_are_impedances(circuit) and any(
        circuit.records(kind) for kind in DER_KINDS
    ):
        what = (
            "LoadModel=admittance turns its DERs into impedances, which tieline cannot."
        )
        report.error(
            "LOAD_MODEL_ADMITTANCE",
            name,
            what,
            "Set LoadModel=powerflow, or disable the DERs.",
        )


def loads_are_impedances(circuit: DssCircuit) -> bool:
    """Whether the file asks for every load as the impedance that takes its power at rated voltage."""
    return circuit.engine.Solution.LoadModel() == ADMITTANCE


def option(engine: Any, name: str) -> str:
    """Value of a solution option, as the engine prints it."""
    engine.Text.Command(f"get {name}")
    return str(engine.Text.Result()).strip()


def is_yes(text: str) -> bool:
    """Whether a printed option says yes."""
    return text.lower().startswith(("y", "t"))

"""The table of field cases: each OpenDSS file of a folder, its right value, and what tieline says to it.

    python tools/field_cases.py ../shared/field-cases

Beside `NAME.dss` stands `NAME.opendss.csv` with the right value: rows `node,volts,angle_deg` of every node, and `#source_kw`,
`#source_kvar`, `#loss_kw` as totals. A csv named after its folder holds for every circuit of that folder. The rule is "right or
refused": every node within a millionth of its base, source and losses within a ten-thousandth, or an error with a stable code
and a remedy. A wrong value beside a note that states the size of the difference is "noted"; any other is "SILENT".
"""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tieline.errors import TielineError
from tieline.feeders import Feeder, FeederError, load_feeder
from tieline.network import Network
from tieline.powerflow import Solution, solve

VOLTAGE_PU = 1e-6
TOTALS = 1e-4
"""Largest relative difference of source power (of its magnitude) and of losses."""

DIGITS_KW = 2e-5
"""The csv files give powers with five digits."""

DIGITS_PU = 1e-7
"""The csv files give angles with five digits: half of the last one is 9e-8 rad."""

MOST_STEPS = 1000
"""Iterations allowed; the right values are converged to 1e-12, which takes more than everyday work needs."""

CODE = re.compile(r"\[([A-Z][A-Z0-9_]*\.[A-Z][A-Z0-9_]*)\]")
SAID = re.compile(r"^OPENDSS\.\w+_(DROPPED|APPROXIMATED|LEFT_OUT|TOLERANCE)$")
"""Notes of the reader that something is missing, or that OpenDSS stops before; only these can explain a difference."""

SIZE = re.compile(r"\d[\d.,e+-]*\s?(kW|kvar|kV|V|pu|%)(?![A-Za-z])")

CORRECTED = Path(__file__).parents[1] / "tests" / "cases" / "field_cases"
WHERE_OPENDSS_IS_WRONG = {
    "09-tiny-busbar": "OpenDSS loses digits over 1e-10 ohm; right is the same circuit with the busbar as one bus",
    "55-frequency-after-circuit": "OpenDSS gives 0 V as source and solution differ in frequency; right is 50 Hz throughout",
}
"""Cases whose right value stands in `CORRECTED`, with the reason."""


@dataclass(frozen=True)
class Right:
    """What is right: volts of each node, power of the source, losses of lines and transformers."""

    volts: dict[str, complex]
    source_kva: complex
    loss_kw: float
    reason: str = ""


@dataclass(frozen=True)
class Row:
    """One line of the table. `verdict` is right, refused, noted, or something in capitals that must not be."""

    case: str
    right: str
    now: str
    verdict: str


def field_cases(folder: Path) -> list[tuple[Path, Path]]:
    """Circuits with the file of their right value."""
    pairs = []
    for values in sorted(folder.rglob("*.opendss.csv")):
        name = values.name.removesuffix(".opendss.csv")
        whole_folder = name == values.parent.name
        circuits = (
            sorted(values.parent.glob("*.dss"))
            if whole_folder
            else [values.parent / f"{name}.dss"]
        )
        pairs += [(circuit, values) for circuit in circuits]
    return pairs


def judge(circuit: Path, values: Path) -> Row:
    """What tieline answers to a circuit, beside what is right."""
    right = read_right(circuit, values)
    case = (
        circuit.stem
        if circuit.parent == values.parent and circuit.stem in values.name
        else f"{circuit.parent.name}/{circuit.stem}"
    )
    told = _power(right.source_kva, right.loss_kw) + (
        f" ({right.reason})" if right.reason else ""
    )
    try:
        feeder = load_feeder(circuit)
        network = Network.from_feeder(feeder)
        solution = solve(network, tolerance=1e-11, max_iterations=MOST_STEPS)
    except TielineError as error:
        return Row(case, told, *_refusal(error))
    except Exception as error:  # noqa: BLE001  any other exception is what the table is there to show
        return Row(case, told, f"{type(error).__name__}: {error}", "TRACEBACK")
    return Row(case, told, *_difference(right, feeder, network, solution))


def read_right(circuit: Path, values: Path) -> Right:
    """The right value; the corrected one where OpenDSS' own is wrong."""
    reason = WHERE_OPENDSS_IS_WRONG.get(circuit.stem, "")
    rows = _rows(CORRECTED / f"{circuit.stem}.csv" if reason else values)
    totals = {name: volts for name, volts, _ in rows if name.startswith("#")}
    volts = {
        name: volts * np.exp(1j * np.radians(angle))
        for name, volts, angle in rows
        if not name.startswith("#")
    }
    return Right(
        volts,
        complex(totals["#source_kw"], totals["#source_kvar"]),
        totals["#loss_kw"],
        reason,
    )


def _rows(path: Path) -> list[tuple[str, float, float]]:
    with path.open(newline="") as file:
        return [
            (row["node"].lower(), float(row["volts"]), float(row["angle_deg"] or 0))
            for row in csv.DictReader(file)
        ]


def _power(source_kva: complex, loss_kw: float) -> str:
    return (
        f"{source_kva.real:.4f} kW, {source_kva.imag:.4f} kvar, loss {loss_kw:.4f} kW"
    )


def _refusal(error: TielineError) -> tuple[str, str]:
    """Codes of a refusal, and whether it says what to do next."""
    if isinstance(error, FeederError):
        errors = [finding for finding in error.findings if finding.severity == "error"]
        codes = sorted({finding.code for finding in errors})
        has_remedies = all(finding.remedy for finding in errors)
        verdict = "refused" if has_remedies else "REFUSED WITHOUT A REMEDY"
        return ", ".join(codes), verdict
    codes = CODE.findall(str(error))
    verdict = (
        "refused" if codes and error.exit_code in (2, 3) else "REFUSED WITHOUT A CODE"
    )
    return ", ".join(codes) or f"{type(error).__name__}: {str(error)[:120]}", verdict


def _difference(
    right: Right, feeder: Feeder, network: Network, solution: Solution
) -> tuple[str, str]:
    """What differs, and whether a note states its size."""
    wrong = list(_wrong_values(right, network, solution))
    now = _power(complex(solution.source_kva[0]), float(solution.loss_kw[0]))
    if not wrong:
        return now, "right"
    sized = [
        note.code
        for note in feeder.notes
        if SAID.match(note.code) and SIZE.search(f"{note.message} {note.remedy}")
    ]
    differences = "; ".join([now, *wrong])
    return (
        (f"{differences} [{', '.join(sized)}]", "noted")
        if sized
        else (differences, "SILENT")
    )


def _wrong_values(right: Right, network: Network, solution: Solution) -> Iterator[str]:
    volts = dict(
        zip(network.node_names, solution.v_pu[0] * network.node_kv * 1e3, strict=True)
    )
    base = dict(zip(network.node_names, network.node_kv * 1e3, strict=True))
    fallback = max(base.values())
    away = {
        name: abs(volts.get(name, 0j) - value) / base.get(name, fallback)
        for name, value in right.volts.items()
    }
    worst = max(away, key=lambda name: away[name])
    if away[worst] > VOLTAGE_PU + DIGITS_PU:
        yield f"{worst} is {abs(volts.get(worst, 0j)):.3f} V, right {abs(right.volts[worst]):.3f} V ({away[worst]:.1e} pu away)"
    source = complex(solution.source_kva[0])
    if abs(source - right.source_kva) > TOTALS * abs(right.source_kva) + DIGITS_KW:
        yield f"source {source:.3f} kVA, right {right.source_kva:.3f} kVA"
    if abs(solution.loss_kw[0] - right.loss_kw) > TOTALS * right.loss_kw + DIGITS_KW:
        yield f"loss {solution.loss_kw[0]:.4f} kW, right {right.loss_kw:.4f} kW"


def markdown(rows: list[Row]) -> str:
    """The table as Markdown, with the number of each verdict below it."""
    lines = ["| case | right | now | verdict |", "|---|---|---|---|"]
    lines += [
        f"| {row.case} | {row.right} | {row.now.replace('|', '/')} | {row.verdict} |"
        for row in rows
    ]
    verdicts = sorted({row.verdict for row in rows})
    counts = ", ".join(
        f"{sum(row.verdict == verdict for row in rows)} {verdict}"
        for verdict in verdicts
    )
    return "\n".join([*lines, "", f"{len(rows)} cases: {counts}."])


def main() -> None:
    """Print the table of the folder given."""
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        sys.exit(
            "Give the folder with the field cases: python tools/field_cases.py FOLDER"
        )
    print(
        markdown(
            [
                judge(circuit, values)
                for circuit, values in field_cases(Path(sys.argv[1]))
            ]
        )
    )


if __name__ == "__main__":
    main()

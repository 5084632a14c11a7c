"""Sources: several at one bus, with the engine's voltages."""

from __future__ import annotations

from pathlib import Path

import pytest
from opendss_engine import assert_network_agrees, assert_same_answer

from tieline.feeders.opendss.writer import opendss_script

pytest.importorskip("opendssdirect")

TAIL = """
new line.k bus1=src bus2=b r1=0.1 x1=0.3 r0=0.2 x0=0.9 c1=0 c0=0 length=3 units=km
new load.b phases=3 bus1=b kv=11 kw=600 pf=0.9
new load.c phases=1 bus1=b.1 kv=6.35 kw=200 pf=0.9
set voltagebases=[11]
calcvoltagebases
"""
THREE = "new circuit.c bus1=src basekv=11 pu=1.02 angle=3 mvasc3=200 mvasc1=150"
ONE = "new circuit.c phases=1 bus1=src.1 basekv=6.35 pu=1.02 mvasc3=200 mvasc1=150"

SOURCES = {
    "two of three phases": f"{THREE}\nnew vsource.d bus1=src basekv=11 pu=1.01 angle=1 mvasc3=90 mvasc1=70",
    "one that is ideal": f"{THREE}\nnew vsource.d bus1=src basekv=11 pu=1.01 model=ideal",
    "two at each phase": "\n".join(
        [
            ONE,
            *(
                f"new vsource.{name} phases=1 bus1=src.{node} basekv=6.35 pu={pu} angle={angle} mvasc3=200 mvasc1=150"
                for name, node, pu, angle in (
                    ("b", 2, 1.01, -120),
                    ("c", 3, 1.0, 120),
                    ("d", 1, 0.99, 2),
                    ("e", 2, 1.0, -119),
                )
            ),
        ]
    ),
}


@pytest.mark.parametrize("sources", SOURCES)
def test_sources_at_the_same_nodes(sources: str, tmp_path: Path) -> None:
    script = f"clear\nset defaultbasefrequency=60\n{SOURCES[sources]}{TAIL}"
    solution = assert_same_answer(script, tmp_path)
    notes = {note.code for note in solution.network.feeder.notes}
    assert "OPENDSS.SOURCES_MERGED" in notes


BY_SEQUENCE = "z1=(0.1 0.9) z2=(0.3 0.5) z0=(0.2 1.8)"
NEGATIVE = {
    "three phases": f"new circuit.c bus1=src basekv=11 pu=1.02 {BY_SEQUENCE}",
    "two at one bus": f"{THREE}\nnew vsource.d bus1=src basekv=11 pu=1.01 {BY_SEQUENCE}",
    "one phase and two": (
        f"new circuit.c phases=1 bus1=src.1 basekv=6.35 {BY_SEQUENCE}\n"
        f"new vsource.b phases=1 bus1=src.2 basekv=6.35 angle=-120 {BY_SEQUENCE}\n"
        f"new vsource.c phases=1 bus1=src.3 basekv=6.35 angle=120 {BY_SEQUENCE}"
    ),
}


@pytest.mark.parametrize("sources", NEGATIVE)
def test_a_negative_sequence_of_its_own(sources: str, tmp_path: Path) -> None:
    script = f"clear\nset defaultbasefrequency=60\n{NEGATIVE[sources]}{TAIL}"
    solution = assert_same_answer(script, tmp_path)
    bases = "set voltagebases=[11]\ncalcvoltagebases\n"
    again = assert_same_answer(
        opendss_script(solution.network.feeder) + bases, tmp_path
    )
    assert again.v_pu == pytest.approx(solution.v_pu, abs=1e-7)


def test_its_matrix(tmp_path: Path) -> None:
    """The engine writes its turn of 120 degrees with seven digits."""
    head = f"clear\nset defaultbasefrequency=60\n{NEGATIVE['three phases']}"
    assert_network_agrees(f"{head}{TAIL}", tmp_path, relative=1e-6)


def test_two_sources_at_two_buses_are_both_written(tmp_path: Path) -> None:
    second = "new vsource.d bus1=b basekv=11 pu=1.01 angle=-1 mvasc3=90 mvasc1=70"
    script = f"clear\nset defaultbasefrequency=60\n{THREE}\n{second}{TAIL}"
    solution = assert_same_answer(script, tmp_path)
    bases = "set voltagebases=[11]\ncalcvoltagebases\n"
    written = opendss_script(solution.network.feeder) + bases
    again = assert_same_answer(written, tmp_path)
    assert len(again.network.feeder.sources) == 2
    assert again.v_pu == pytest.approx(solution.v_pu, abs=1e-7)


TURNING = {
    "negative sequence": f"{THREE} sequence=neg",
    "zero sequence": f"{THREE} sequence=zero",
    "two phases": "new circuit.c phases=2 bus1=src.1.2 basekv=12.7 pu=1.02 angle=3 z1=(0.1 0.9) z0=(0.2 1.8)\n"
    "new vsource.d phases=1 bus1=src.3 basekv=6.35 angle=120 z1=(0.1 0.9)",
}


@pytest.mark.parametrize("sources", TURNING)
def test_other_sequences_and_two_phases(sources: str, tmp_path: Path) -> None:
    tail = TAIL.replace("phases=3 bus1=b kv=11", "phases=1 bus1=b.2 kv=6.35")
    script = f"clear\nset defaultbasefrequency=60\n{TURNING[sources]}{tail}"
    assert_same_answer(script, tmp_path)

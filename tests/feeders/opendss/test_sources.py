"""Sources: several at one bus, with the engine's voltages."""

from __future__ import annotations

from pathlib import Path

import pytest
from opendss_engine import assert_same_answer

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

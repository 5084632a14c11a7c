"""Field cases are right or refused: small circuits that stand for what real files hold, with the values that OpenDSS gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from field_cases import field_cases, judge

FOLDER = Path(__file__).parents[3] / "shared" / "field-cases"
CASES = field_cases(FOLDER)
"""Empty, and the test skipped, where the cases are not beside this checkout."""

MAY_BE = ("right", "refused", "noted")

TINY = """clear
set defaultbasefrequency=60
new circuit.tiny bus1=src basekv=12.47 model=thevenin z1=(0 1e-6) z0=(0 1e-6)
new line.one bus1=src bus2=a r1=0 x1=1 r0=0 x0=1 c1=0 c0=0 length=1 units=km normamps=400
new load.one bus1=a kv=12.47 kw=0 kvar=0
set voltagebases=[12.47]
calcvoltagebases
"""
"""Without load all voltages are the source's: 12470 V / sqrt(3) = 7199.558 V."""

HEAD = "node,volts,angle_deg\n#source_kw,0,\n#source_kvar,0,\n#loss_kw,0,\n"


@pytest.mark.parametrize(
    ("circuit", "values"), CASES, ids=[circuit.stem for circuit, _ in CASES]
)
def test_right_or_refused(circuit: Path, values: Path) -> None:
    row = judge(circuit, values)
    assert row.verdict in MAY_BE, (
        f"{row.case}: {row.verdict}. Right: {row.right}. Now: {row.now}"
    )


@pytest.mark.parametrize(
    ("text", "volts", "verdict"),
    [
        (TINY, "7199.557859", "right"),
        (TINY, "7199.540000", "SILENT"),
        (TINY + "new indmach012.two bus1=a kv=12.47 kw=1\n", "7199.557859", "refused"),
    ],
)
def test_verdict(tmp_path: Path, text: str, volts: str, verdict: str) -> None:
    (tmp_path / "tiny.dss").write_text(text)
    nodes = [
        f"{bus}.{phase},{volts},{angle}"
        for bus in ("src", "a")
        for phase, angle in ((1, 0), (2, -120), (3, 120))
    ]
    (tmp_path / "tiny.opendss.csv").write_text(HEAD + "\n".join(nodes) + "\n")
    ((circuit, values),) = field_cases(tmp_path)
    assert judge(circuit, values).verdict == verdict

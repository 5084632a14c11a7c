"""`tieline explain CODE`: every code has a text, and what is no code is answered with the nearest."""

from __future__ import annotations

import pytest

from tieline.cli.main import main
from tieline.feeders.finding_texts import explain_code


@pytest.mark.parametrize(
    ("code", "name", "word"),
    [
        ("LOAD.KV_MISMATCH", "LOAD.KV_MISMATCH", "kV"),
        # one text for all kinds of elements, and capitals do not matter
        ("pv.bus_unknown", "PV.BUS_UNKNOWN", "Unknown bus"),
        # what only a run knows
        ("OPENDSS.SPECTRUM_DROPPED", "OPENDSS.SPECTRUM_DROPPED", ""),
        ("[FEEDER.FREQUENCY]", "FEEDER.FREQUENCY", ""),
    ],
)
def test_a_code_is_explained(code: str, name: str, word: str) -> None:
    text = explain_code(code)
    assert text.code == name
    assert any(word in message for way in text.said for message in way.message)


def test_the_command_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "LOAD.KV_MISMATCH"]) == 0
    out = capsys.readouterr().out
    assert "LOAD.KV_MISMATCH: warning" in out
    assert "What to do:" in out


def test_what_is_no_code_is_answered_with_the_nearest(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["explain", "LOAD.KV_MISSMATCH"]) == 2
    assert "Did you mean 'LOAD.KV_MISMATCH'" in capsys.readouterr().err


def test_errors_of_a_feeder_lead_to_it(
    tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path_factory.mktemp("no") / "grid.dss"
    folder.write_text(
        "New Circuit.a\nNew Load.l bus1=nowhere kv=12 kw=1\nNew Line.x bus1=p\n"
    )
    assert main(["solve", str(folder)]) == 2
    err = capsys.readouterr().err
    code = err.partition("[")[2].partition("]")[0]
    assert f"tieline explain {code}" in err

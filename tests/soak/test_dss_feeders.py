"""Random feeders, written as OpenDSS scripts, have the voltages, losses, taps and steps that OpenDSS finds, or are refused.

`make soak` does many more of them; what differs is made small and kept in TIELINE_SOAK_FOLDER.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from soak.amount import keep_failure, seeds
from soak.dss.compare import AGREES, DIFFERS, REFUSED, Comparison, compare
from soak.dss.feeder import random_script
from soak.dss.reduce import smallest_failure
from soak.dss.script import Script, with_fewer_properties

MOST_REDUCED = 20
"""Failures that are made small; the rest is counted. Making one small takes a few hundred solutions."""

FEEDERS = 30


@pytest.mark.parametrize("controls", ["off", "static"])
def test_random_feeders_agree_with_opendss(tmp_path: Path, controls: str) -> None:
    outcomes = {
        seed: compare(random_script(seed), tmp_path, controls)
        for seed in seeds(FEEDERS)
    }
    print(f"\n{_summary(outcomes)}")
    failed = [seed for seed, outcome in outcomes.items() if outcome.is_failure]
    told = [_told(seed, tmp_path, controls) for seed in failed[:MOST_REDUCED]]
    assert not failed, (
        f"{len(failed)} of {len(outcomes)}: seeds {failed}\n" + "\n".join(told)
    )
    agreed = sum(outcome.verdict == AGREES for outcome in outcomes.values())
    assert agreed > len(outcomes) / 2


def _summary(outcomes: dict[int, Comparison]) -> str:
    """How many feeders ended how, the codes of those refused, and the worst node of those that agree."""
    verdicts = Counter(outcome.verdict for outcome in outcomes.values())
    codes = Counter(
        outcome.detail for outcome in outcomes.values() if outcome.verdict == REFUSED
    )
    worst = max(
        (outcome.away_pu for outcome in outcomes.values() if outcome.verdict == AGREES),
        default=0.0,
    )
    return f"{len(outcomes)} feeders: {dict(verdicts)}; refused by {dict(codes)}; worst node of those that agree {worst:.1e} pu"


def _told(seed: int, folder: Path, controls: str) -> str:
    """What differs in the smallest circuit that a feeder leads to, and that circuit."""
    small = smallest_failure(random_script(seed), folder, controls)
    outcome = compare(small, folder, controls)
    kept = keep_failure(
        f"seed{seed}-{controls}.dss",
        f"! {outcome.verdict}: {outcome.detail}\n{small.text}",
    )
    return f"seed {seed}: {outcome.verdict}: {outcome.detail}\n{small.text}{kept}"


def test_a_wrong_voltage_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # written out: what a seed draws changes with the generator, and may be a circuit that OpenDSS does not solve
    script = Script(
        "clear\nnew circuit.c basekv=12.47 bus1=src",
        ("new load.a bus1=src kv=12.47 kw=300",),
        "set voltagebases=[12.47]\ncalcvoltagebases",
    )
    assert compare(script, tmp_path, "off").verdict == AGREES
    monkeypatch.setattr("soak.dss.compare.VOLTAGE_PU", -1.0)
    assert compare(script, tmp_path, "off").verdict == DIFFERS


def test_a_failure_is_made_small(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = Script(
        "head",
        ("new load.a kw=1 bus1=x pf=1", "new load.b bus1=x kw=2", "new load.c bus1=x"),
        "tail",
    )

    def compare_by_text(script: Script, folder: Path, controls: str) -> Comparison:
        return Comparison(
            DIFFERS if "load.b" in script.text and "pf=1" in script.text else AGREES
        )

    monkeypatch.setattr("soak.dss.reduce.compare", compare_by_text)
    assert smallest_failure(script, tmp_path, "off").blocks == (
        "new load.a bus1=x pf=1",
        "new load.b bus1=x",
    )


def test_properties_that_say_what_an_element_is_stay() -> None:
    assert with_fewer_properties("new load.a bus1=x kw=1 %charge=3") == [
        "new load.a bus1=x %charge=3",
        "new load.a bus1=x kw=1",
    ]

"""Random controls that meet in each other's voltages end on the taps and steps of OpenDSS, or a note says why not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from soak.amount import keep_failure, seeds
from soak.dss.acting_banks import random_banks
from soak.dss.acting_regulators import random_regulators
from soak.dss.compare import AGREES, compare
from soak.dss.script import Script

CIRCUITS = 30


@pytest.mark.parametrize("draw", [random_banks, random_regulators])
def test_random_controls_end_as_in_opendss(
    draw: Callable[[int], Script], tmp_path: Path
) -> None:
    outcomes = {
        seed: compare(draw(seed), tmp_path, "static") for seed in seeds(CIRCUITS)
    }
    verdicts = Counter(outcome.verdict for outcome in outcomes.values())
    worst_pu = max(o.away_pu for o in outcomes.values() if o.verdict == AGREES)
    print(
        f"\n{draw.__name__}: {dict(verdicts)}; worst node of those that agree {worst_pu:.1e} pu"
    )
    failures = [
        f"seed {seed}: {outcome.verdict}: {outcome.detail} "
        f"{keep_failure(f'{draw.__name__}-{seed}.dss', draw(seed).text)}"
        for seed, outcome in outcomes.items()
        if outcome.is_failure
    ]
    assert not failures, "\n".join(failures)
    assert verdicts[AGREES] > len(outcomes) / 2

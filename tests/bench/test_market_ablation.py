"""Short trainings that differ in one thing: what each tells, and that hidden tokens are not seen."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.agents.leader_follower.policy import ChoicePolicy
from tieline.agents.leader_follower.region import ranges_for
from tieline.bench.market import ablation
from tieline.bench.market.ablation import Step, VeiledRegion, compare_steps
from tieline.bench.market.options import CASE
from tieline.bench.market.stage import Stage, make_stage
from tieline.envs.market.tokens import TOKEN_NAMES
from tieline.studies.market.training import held_out


@pytest.fixture(scope="module")
def stage() -> Stage:
    return make_stage(CASE)


def test_hidden_tokens_are_nothing_and_the_others_stay(stage: Stage) -> None:
    model = stage.model(5)
    ranges = ranges_for("open", model, 3)
    usual = VeiledRegion(model, ranges)
    veiled = VeiledRegion(model, ranges, hidden=("gain", "coupling"))
    games = usual.draw(np.arange(4))
    leaders = np.zeros((4, 1), dtype=np.int64)
    seen = usual.see(games, leaders, 3).tokens
    seen_veiled = veiled.see(games, leaders, 3).tokens
    for k, name in enumerate(TOKEN_NAMES):
        expected = 0.0 if name in veiled.hidden else seen[..., k]
        np.testing.assert_array_equal(
            seen_veiled[..., k], np.broadcast_to(expected, seen[..., k].shape)
        )
    assert np.abs(seen[..., TOKEN_NAMES.index("gain")]).max() > 0


def _untrained(
    region: VeiledRegion, step: Step, n_agents: int, games: int
) -> list[ChoicePolicy]:
    """One actor layer of random weights: training has tests of its own."""
    n_inputs = len(region.key.tokens) + len(region.key.features)
    weight = np.random.default_rng(1).normal(size=(n_agents, n_inputs, 1))
    bias = np.zeros((n_agents, 1))
    return [ChoicePolicy(region.key, ((weight, bias),), {"games": games})]


def test_every_step_has_a_row_for_each_way_to_judge(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ablation, "UNSEEN", 5)
    monkeypatch.setattr(ablation, "SEEDS", (3,))
    monkeypatch.setattr(ablation, "STEPS", (Step("credit", "own", {"credit": "each"}),))
    monkeypatch.setattr(held_out, "OTHER_GAMES", 2)
    monkeypatch.setattr(ablation, "_train", _untrained)
    rows = compare_steps(stage, 8, lambda _: None)
    judged = [(row.part, row.judged, row.games) for row in rows]
    assert judged == [
        ("no policy", "16 by estimate", 0),
        ("no policy", "", 0),
        ("usual", "1", 8),
        ("usual", "4", 8),
        ("usual", "16", 8),
        ("usual", "16 and 16 by estimate", 8),
        ("credit", "1", 8),
        ("credit", "16", 8),
        ("credit", "16 and 16 by estimate", 8),
    ]
    # the market's candidates hold those of estimates: they are never worse
    estimate, *_, as_market = (row.regret_pct[0] for row in rows)
    assert as_market <= estimate + 1e-3

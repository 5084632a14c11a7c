"""Steps a second: ours from the scores, the published ones beside them."""

from __future__ import annotations

from tieline.bench.learning.contest import Kind
from tieline.bench.learning.score import Score
from tieline.bench.learning.speed import training_rows, training_table
from tieline.bench.learning.standing import rank


def score(who: str, kind: Kind, steps: int = 0, train_s: float = 0.0) -> Score:
    return Score(
        split="days",
        who=who,
        kind=kind,
        seed=0,
        returns=[-1.0],
        loss_kwh=[1.0],
        steps_outside=[0.0],
        unsolved=0,
        decision_ms=1.0,
        steps=steps,
        train_s=train_s,
    )


NOTHING = score("nothing", "nothing")


def test_published_trainings_stand_beside_ours() -> None:
    """Two seeds of 600 steps in 2 and 4 s: 200 steps a second; published 3 million in 32 s: 93,750."""
    agents = [score("agent", "learned", 600, seconds) for seconds in (2.0, 4.0)]
    ours, published = training_rows("dso33-as-published", rank([NOTHING, *agents]))
    assert ours[1:6] == ("agent", "2", "600", "3", "200")
    assert published[1:6] == ("PPO, published", "5", "3,000,000", "32", "93,750")
    assert len(training_table([ours]).headings) == len(ours)


def test_behind_the_safety_step_nothing_is_trained_anew() -> None:
    """The row of a learner that was only guarded has no steps of its own."""
    guarded = score("agent, guarded", "learned")
    assert list(training_rows("counter", rank([NOTHING, guarded]))) == []

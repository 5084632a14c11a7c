"""How policies and merit order stand on days that nobody has seen."""

from __future__ import annotations

from tieline.agents.constrained_update.easing import eased
from tieline.agents.constrained_update.trust_region import central_step
from tieline.envs.microgrids.plant import Plant
from tieline.studies.microgrids.training.config import (
    LearnerConfig,
    MicrogridsTrainingConfig,
)
from tieline.studies.microgrids.training.pupils import Pupils

SHORT = LearnerConfig(
    updates=4,
    walkers=64,
    plain_windows=32,
    lesson_days=4,
    check_days=2,
    check_every=4,
    hidden=(16,),
)


def test_merit_order_and_policies_stand_side_by_side(plant: Plant) -> None:
    pupils = Pupils(plant, MicrogridsTrainingConfig(learner=SHORT, held_out=2))
    learned = pupils.learn(0, lambda *_: None, eased(central_step))
    table = pupils.hold_out([7], [learned]).set_index("who")
    assert table["seed"].to_dict() == {"merit": -1, "policy": 7}
    # merit order breaks a limit in nine of ten steps; a few updates leave fewer
    broken = table["violating_steps_pct"].to_dict()
    assert broken["merit"] > 85.0
    assert broken["policy"] < broken["merit"]

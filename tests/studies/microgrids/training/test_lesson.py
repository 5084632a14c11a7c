"""Which windows an update looks at."""

from __future__ import annotations

import numpy as np

from tieline.agents.window_policies.inputs import Eyes
from tieline.envs.microgrids.config import MicrogridsWorldConfig
from tieline.envs.microgrids.day import problem_of
from tieline.envs.microgrids.days import drawn_day
from tieline.envs.microgrids.device_limits import DeviceLimits
from tieline.envs.microgrids.plant import Plant
from tieline.envs.microgrids.window_model import WindowModel
from tieline.envs.microgrids.windows import DayStack
from tieline.studies.microgrids.training.config import LearnerConfig
from tieline.studies.microgrids.training.judge import Judge
from tieline.studies.microgrids.training.lesson import choose

CONFIG = MicrogridsWorldConfig()


def test_the_hardest_window_of_every_group_is_there(plant: Plant) -> None:
    stack = DayStack.of([drawn_day(plant, CONFIG, seed) for seed in range(8)])
    numbers = np.repeat(np.arange(8), 12)
    first = np.tile(np.arange(0, 96, 8), 8)
    before = stack.start(len(plant.microgrids))
    start = type(before)(
        before.stored_kwh[numbers], before.last_kw[numbers], before.pcc_pu[numbers]
    )
    windows = stack.windows(numbers, first, 4, start)
    problem = problem_of(plant, drawn_day(plant, CONFIG, 0))
    devices = DeviceLimits.of(plant, 0.25)
    judge = Judge(WindowModel(plant, problem), devices, share=0.02, tolerance=0.02)
    wish = Eyes(plant).see(windows).base
    config = LearnerConfig(plain_windows=10, hard_windows=34)

    lesson = choose(judge, windows, wish, config, np.random.default_rng(0))

    assert len(lesson.rows) == 44
    assert lesson.weights[:10].tolist() == [0.1] * 10
    assert not lesson.weights[10:].any()
    _, excess, _ = judge.solved(windows, wish)
    hardest = excess.reshape(96, 4, -1).max(axis=1).argmax(axis=0)
    assert set(hardest.tolist()) <= set(lesson.rows[10:].tolist())

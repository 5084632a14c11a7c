"""What the networks of an agent are given."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.agents.window_policies.inputs import Eyes
from tieline.envs.microgrids.windows import Windows


def test_agents_are_given_their_own_part_of_the_plan(eyes: Eyes, peak: Windows) -> None:
    inputs = eyes.see(peak).of_agents
    # 17 entries of the observation, then battery and generator in each of four steps, in shares of their ratings
    assert [one.shape for one in inputs] == [(1, 25)] * 5
    # from 220 kW the generator is at 300 kW at once; all the battery can give for four steps
    assert inputs[0][0, 17:] == pytest.approx([1.0] * 8)


def test_some_windows_are_seen_as_in_the_batch(eyes: Eyes, peak: Windows) -> None:
    twice = peak.take(np.array([0, 0]))
    inputs = eyes.see(twice).take(np.array([1]))
    np.testing.assert_array_equal(inputs.of_agents[2], eyes.see(peak).of_agents[2])
    np.testing.assert_array_equal(inputs.base.der_kw, eyes.see(peak).base.der_kw)

"""Worlds of islands that users may have: limits as asked, a loop, phases, more load than anything can serve."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from restoration_cases import decided, small_config

from tieline.agents.island_guard import IslandGuard
from tieline.envs.restoration.config import RestorationWorldConfig
from tieline.envs.restoration.episode import Episode, play
from tieline.envs.restoration.safety.layout import SetPointLayout
from tieline.envs.restoration.seen import Seen
from tieline.envs.restoration.step.set_points import SetPoints
from tieline.envs.restoration.world import RestorationWorld, make_world
from tieline.feeders.islands import island_feeder, read_island
from tieline.opf.restoration.state import IslandState

HOUR = RestorationWorldConfig(steps=4)


class Middle:
    """Most of the load, the middle of every other range."""

    def __init__(self, world: RestorationWorld, served: float):
        self.layout = SetPointLayout(world.plant)
        self.served = served

    def decide(self, state: IslandState, seen: Seen) -> SetPoints:
        del seen
        middle = (self.layout.box.low + self.layout.box.high) / 2
        shares = np.tile(middle, (state.n_scenarios, 1))
        shares[:, self.layout.entries("served")] = self.served
        return self.layout.set_points(shares)


def played(world: RestorationWorld, served: float) -> Episode:
    actual_kw = world.actual_kw("perfect", np.arange(1))
    return play(world, Middle(world, served), actual_kw, IslandGuard(world))


def assert_sound(world: RestorationWorld, episode: Episode) -> None:
    """Alive, within limits, and nothing was dropped behind the guard's back."""
    assert not episode.is_dead.any()
    assert episode.worst_beyond_pu.max() == 0.0
    for one in episode.played:
        assert one.step.fits.all()
        assert (one.step.dropped @ world.plant.load_kw).max() < 1e-3


def test_limits_are_those_asked_for() -> None:
    island = read_island("ieee36")
    plain = make_world(HOUR, island)
    assert plain.grid.low_pu == 0.95
    assert len(plain.grid.flows) == 2 * 35
    config = RestorationWorldConfig(steps=4, line_pct="off", highest_pu=1.02)
    asked = make_world(config, island)
    assert asked.grid.high_pu == 1.02
    assert len(asked.grid.flows) == 0


def test_voltages_that_break_are_brought_back() -> None:
    """On lines of five times the impedance, inside a band so narrow that the middle of all ranges breaks it."""
    config = RestorationWorldConfig(steps=4, lowest_pu=0.995, highest_pu=1.005)
    world = make_world(config, read_island("ieee36-weak"))
    actual_kw = world.actual_kw("perfect", np.arange(1))
    decider = Middle(world, 0.5)
    assert play(world, decider, actual_kw).worst_beyond_pu.max() > 1e-3
    assert_sound(world, played(world, 0.5))


def test_an_island_with_a_loop() -> None:
    """The tie between buses 25 and 29 brings the island's own head back in: cut off at the substation, a loop is left."""
    island = small_config(available=[0.5] * 4, open=["branch_1"], close=["branch_37"])
    world = make_world(HOUR, island)
    feeder = world.plant.feeder
    closed = [line for line in feeder.lines if line.closed]
    assert len(closed) == len(feeder.buses)
    assert_sound(world, played(world, 0.2))


THREE_PHASE = """
feeder = "ieee123"
open = ["sw4"]
bypass = ["creg4a", "creg4b", "creg4c"]

[[droop_unit]]
name = "main"
buses = ["160"]
p_max_kw = 800.0
q_max_kvar = 1000.0
ramp_kw_per_h = 600.0
fuel_kwh = 2800.0
v_droop_pu_per_mvar = 0.05
f_droop_hz_per_mw = 1.0

[[renewable]]
name = "sun"
buses = ["108"]
p_max_kw = 200.0
q_max_kvar = 100.0
available = "sun"
"""


def test_a_three_phase_island_with_a_sun_of_its_own(tmp_path: Path) -> None:
    """The unit can take up what the capacitors give while little load is on."""
    path = tmp_path / "north.toml"
    path.write_text(THREE_PHASE)
    world = make_world(HOUR, read_island(path))
    assert (world.forecast_kw > 0).all()
    episode = played(world, 0.5)
    assert_sound(world, episode)
    assert episode.bill.restored_kwh.sum() > 200.0


def test_more_load_than_all_units_serve_is_noted_and_left_off() -> None:
    unit = small_config().droop_unit[0].model_dump(exclude_defaults=True)
    island = small_config(
        available=[0.5] * 4, droop_unit=[unit | {"p_max_kw": 100.0, "p_start_kw": 0.0}]
    )
    notes = island_feeder(island).notes
    assert [note.code for note in notes if note.code == "ISLAND.DEMAND"]
    world = make_world(HOUR, island)
    episode = played(world, 1.0)
    assert_sound(world, episode)
    last = episode.played[-1].step
    assert last.unit_kw[0, 0] == pytest.approx(100.0, abs=0.1)
    assert 0.3 < last.state.served.mean() < 0.8


def test_without_sun_and_battery() -> None:
    """Only fuel: nothing to forecast, nothing to store."""
    world = make_world(HOUR, small_config(renewable=[], battery=[]))
    assert world.forecast_kw.shape == (4, 0)
    wish = decided(world.plant)
    assert wish.battery_kw.shape == (1, 0)
    assert_sound(world, played(world, 0.3))

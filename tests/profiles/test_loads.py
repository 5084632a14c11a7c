"""Kinds by name and size, diversity, and that drawing homes one by one and by their law agree."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from builders import two_bus
from tieline.errors import InputError
from tieline.feeders import Feeder
from tieline.profiles import ProfileConfig, draw_scenarios, loads
from tieline.profiles.clock import steps
from tieline.profiles.config import CustomerKind
from tieline.profiles.loads import make_load_model


def feeder(*p_kw: float) -> Feeder:
    """Loads of the given nominal powers at one bus."""
    base = two_bus()
    return base.replace(
        loads=tuple(
            dataclasses.replace(base.loads[0], name=f"load_{k}", p_kw=kw)
            for k, kw in enumerate(p_kw)
        )
    )


def spread_over_scenarios(p_kw: float, **values: object) -> float:
    config = ProfileConfig.model_validate({"weather_spread": 0.0, **values})
    load_pu = draw_scenarios(feeder(p_kw), config, 200, seed=1).load_pu[:, :, 0]
    return float((load_pu.std(axis=0) / load_pu.mean(axis=0)).mean())


def test_kinds_by_size_and_by_name():
    config = ProfileConfig(customer_of_load={"LOAD_0": "industrial"})
    assert loads._kinds(feeder(10, 10, 300, 900), config) == [
        "industrial",
        "residential",
        "commercial",
        "industrial",
    ]
    with pytest.raises(InputError, match=r"'load_9'.*load_0"):
        make_load_model(
            feeder(10),
            ProfileConfig(customer_of_load={"load_9": "commercial"}),
            steps(config),
        )


def test_one_kind_for_all():
    assert set(
        loads._kinds(feeder(1, 1000), ProfileConfig(customers="commercial"))
    ) == {"commercial"}


def test_more_homes_on_a_load_make_it_smoother():
    one, ten, hundred = (
        spread_over_scenarios(kw, residential_up_to_kw=100) for kw in (0.72, 7.2, 72.0)
    )
    assert one / ten == pytest.approx(10**0.5, rel=0.2)
    assert ten / hundred == pytest.approx(10**0.5, rel=0.2)


def test_events_and_law_agree_where_they_meet(monkeypatch: pytest.MonkeyPatch):
    """20 homes on a load, drawn both ways: mean, spread and high quantiles of 15-minute means."""
    config = ProfileConfig(weather_spread=0.0, household_peak_kw=1.0)
    events = draw_scenarios(feeder(20.0), config, 600, seed=1).load_pu
    monkeypatch.setattr(loads, "FEW_HOMES", 0)
    law = draw_scenarios(feeder(20.0), config, 600, seed=2).load_pu
    assert law.mean() == pytest.approx(events.mean(), rel=0.03)
    assert law.std(axis=0).mean() == pytest.approx(events.std(axis=0).mean(), rel=0.10)
    assert np.quantile(law, 0.99) == pytest.approx(np.quantile(events, 0.99), rel=0.08)
    assert law.max(axis=1).mean() == pytest.approx(events.max(axis=1).mean(), rel=0.12)


def test_a_big_load_reaches_its_nominal_power_at_the_peak_of_the_year_only():
    winter = ProfileConfig.model_validate(
        {"start": "2025-01-08", "customers": "residential", "weather_spread": 0.0}
    )
    summer = winter.model_copy(update={"start": ProfileConfig().start})
    peak = [
        draw_scenarios(feeder(1e6), config, 1, seed=0).load_pu.max()
        for config in (winter, summer)
    ]
    assert peak[0] == pytest.approx(1.0, abs=0.04)
    assert peak[1] == pytest.approx(0.68, abs=0.04)


def test_weather_moves_all_loads_together():
    config = ProfileConfig(customers="industrial", weather_spread=0.1)
    total = draw_scenarios(feeder(*[1e6] * 5), config, 500, seed=0).load_pu.mean(
        axis=(1, 2)
    )
    # 0.1, less for the mean over a day of memory 24 h
    assert total.std() / total.mean() == pytest.approx(0.085, rel=0.15)


def test_feeder_without_loads():
    assert draw_scenarios(feeder(), ProfileConfig(), 2, seed=0).load_pu.shape == (
        2,
        96,
        0,
    )


@pytest.mark.parametrize("nominal_kw", [8.0, 150.0])
def test_means_of_minutes_are_the_longer_steps_in_law(nominal_kw: float):
    """Few homes are drawn by event, many by law: a quarter hour has the mean and spread that it has when drawn as such."""
    drawn = {}
    for minutes in (1, 15):
        config = ProfileConfig(step_minutes=minutes, weather_spread=0.0)
        sizes_kw = np.full(150, nominal_kw)
        kinds: list[CustomerKind] = ["residential"] * len(sizes_kw)
        model = loads.model_of_customers(sizes_kw, kinds, config, steps(config))
        drawn[minutes] = model.draw(np.random.default_rng(minutes))
    of_minutes = drawn[1].reshape(96, 15, -1).mean(axis=1)
    assert of_minutes.mean() == pytest.approx(drawn[15].mean(), rel=0.03)
    spread = [series.std(axis=1).mean() for series in (of_minutes, drawn[15])]
    # many homes: noise with the memory of neighbouring minutes puts the spread of a quarter hour 2.5 % too high
    assert spread[0] == pytest.approx(spread[1], rel=0.08)

"""The optima beside a minute: no program over fewer DERs costs less, and AC agrees with the full one."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from tieline import load_feeder
from tieline.opf.balancing import AcOptimum, clear, full_program
from tieline.opf.balancing.clear import FREE_ROUNDS
from tieline.studies.answer import Tell
from tieline.studies.market.config import MarketConfig
from tieline.studies.market.ways.beside import Optima
from tieline.studies.market.ways.borders import watched_buses
from tieline.studies.market.ways.deciders import make_deciders
from tieline.studies.market.ways.minute import MinuteAnswer
from tieline.studies.market.ways.minutes import MinuteLoop
from tieline.studies.market.ways.models import ChoiceModels
from tieline.studies.market.world.make import make_world


def cleared(choice: str, minute: int = 1200, **values: object) -> MinuteAnswer:
    """The evening of the 69-bus case, or any minute of another."""
    asked = {"case": "ieee69", "choice": choice} | values
    config = MarketConfig.model_validate(asked)
    feeder = load_feeder(config.feeder)
    plant, day = make_world(feeder, config)
    models = ChoiceModels(plant)
    choosers = make_deciders(feeder, models, day, config, Tell()).choosers
    watched = watched_buses(plant, day, config)
    return MinuteLoop(models, day, config, watched, choosers).clear(minute)


def test_all_ders_are_the_full_program() -> None:
    answer = cleared("all")
    assert (answer.choice.chosen == answer.clearing.minute.may_serve).all()
    beside = Optima().beside(answer.clearing)
    assert answer.clearing.cost.total == pytest.approx(beside.full_cost, rel=1e-6)


def test_the_reduced_program_costs_no_less_and_ac_agrees() -> None:
    answer = cleared("cheapest")
    beside = Optima().beside(answer.clearing)
    assert beside.full_cost <= answer.clearing.cost.total * (1 + 1e-6)
    assert beside.ac_cost == pytest.approx(beside.full_cost, rel=1e-4)
    linear_only = Optima(asks_ac=False).beside(answer.clearing)
    assert linear_only.full_cost == pytest.approx(beside.full_cost, rel=1e-6)
    assert math.isnan(linear_only.ac_cost)


def test_programs_that_took_turns_past_a_limit_come_to_rest() -> None:
    """ANSI range A at 18:00: the replays of two set-points missed the limit of a line by 0.01 kW in turn, for ever."""
    answer = cleared("cheapest", 18 * 60, case="ieee123", limits="ansi-a")
    question = replace(full_program(answer.clearing.minute), likely_kw=None)
    # idle DERs are the longest way: what fills the demand may be next to where it ends
    nothing_kw = np.zeros_like(answer.clearing.share_kw)
    idle = replace(answer.clearing, share_kw=nothing_kw)
    from_idle = clear(question, idle)
    assert from_idle.keeps_limits
    assert from_idle.rounds > FREE_ROUNDS
    # regulators came to rest elsewhere on that way, 1 % dearer: nothing begins there unless asked to
    full = clear(question)
    assert full.keeps_limits
    assert full.cost.total < answer.clearing.cost.total
    assert full.cost.total < from_idle.cost.total


def test_free_reactive_power_over_all_ders_is_the_optimum_on_ac() -> None:
    """126 DERs with Q: hundreds of tangents did not settle here; one cone program does."""
    answer = cleared("cheapest", 1300, case="ieee123", reactive_power=True)
    question = full_program(answer.clearing.minute)
    full = clear(question)
    assert full.keeps_limits
    assert full.programs <= 10
    best = AcOptimum().clear(question, full)
    assert full.cost.total == pytest.approx(best.cost.total, rel=1e-4)

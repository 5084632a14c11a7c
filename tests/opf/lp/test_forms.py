"""Both forms of the network's equations are the same program, and its map is the slope of the power flow."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from builders import with_generators
from tieline.feeders import load_feeder
from tieline.network import Network
from tieline.opf import BranchLimit, FlexibleInputs, Problem, make_problem
from tieline.opf.decisions import nearest_to_idle
from tieline.opf.lp.forms import Form, Kept, SolvedOut, form_of
from tieline.opf.lp.model import LpModel
from tieline.opf.lp.program import Optimum, solve_round
from tieline.opf.replay import replay_decisions

pytest.importorskip("clarabel")


def _problem(n_ders: int) -> Problem:
    """Two steps of IEEE 123 whose lowest voltage and one line bind; one load is flexible."""
    network = Network.from_feeder(
        with_generators(load_feeder("ieee123"), n_ders, 1800.0 / n_ders)
    )
    base = np.array([load.p_kw for load in network.feeder.loads])
    return make_problem(
        network,
        price=[0.1, 0.12],
        load_kw=np.stack([base, 0.9 * base]),
        cost=np.linspace(0.05, 0.11, n_ders),
        v_min_pu=0.965,
        branch_limits=(BranchLimit("line", "l115", a=310.0),),
        flexible=FlexibleInputs(is_flexible=np.arange(len(base)) == 7, value=0.3),
    )


def _model(problem: Problem) -> LpModel:
    model = LpModel(problem)
    assert model.begin_at(model.u)
    # a limit that is broken has its row from the next round on
    optimum = model.optimum()
    assert optimum is not None
    model.linearise(model.to_ac(optimum))
    return model


def _optimum(model: LpModel, form: Form) -> Optimum:
    around = replace(model.around, form=form)
    model._watched.watch_all()
    optimum = solve_round(around, model.decisions, False, model._watched)
    assert optimum is not None
    return optimum


def _forms(model: LpModel) -> tuple[Kept, SolvedOut]:
    voltages = model.around.voltages
    columns = list(model.decisions.network_columns)
    return Kept(voltages, model.u), SolvedOut(voltages, columns, model.u)


def test_both_forms_have_one_optimum_and_its_duals() -> None:
    model = _model(_problem(30))
    kept, solved_out = (_optimum(model, form) for form in _forms(model))
    assert solved_out.objective == pytest.approx(kept.objective, rel=1e-8)
    assert solved_out.vm_pu == pytest.approx(kept.vm_pu, abs=1e-6)
    assert np.abs(kept.duals.voltage).max() > 1.0
    assert solved_out.duals.voltage == pytest.approx(kept.duals.voltage, abs=2e-3)
    assert solved_out.duals.flow == pytest.approx(kept.duals.flow, abs=1e-5)


def test_the_change_of_the_unknowns_is_that_of_the_power_flow() -> None:
    problem = _problem(30)
    model = _model(problem)
    _, solved_out = _forms(model)
    step = 1e-3 * np.cos(np.arange(model.decisions.count))
    places = [
        replay_decisions(problem, model.decisions, model.u + sign * step).solution.v_pu
        for sign in (1, -1)
    ]
    change = (places[0] - places[1]) / 2
    moved = solved_out.moved(model.u + step).reshape(2, -1)
    re, im = np.hsplit(moved, 2)
    assert re + 1j * im == pytest.approx(change, abs=1e-8)


def test_what_is_bought_is_that_of_the_power_flow_to_second_order() -> None:
    """The slope is exact and the growth of losses all but the curvature: three digits of the change's own square are left."""
    problem = _problem(30)
    model = _model(problem)
    bought = model.around.purchase
    columns = model.decisions.network_columns
    direction = 1e-2 * np.cos(np.arange(columns.size)).reshape(columns.shape)
    readings = []
    for share in (-1e-2, 1e-2):
        u = model.u.copy()
        u[columns] += share * direction
        readings.append(replay_decisions(problem, model.decisions, u).source_kw)
    by_difference = (readings[1] - readings[0]) / 2e-2
    by_slope = (bought.slope * direction).sum(axis=1)
    assert by_slope == pytest.approx(by_difference, rel=1e-6)


def test_few_decisions_are_solved_out_and_many_kept() -> None:
    forms = []
    for n_ders in (2, 80):
        model = LpModel(_problem(n_ders))
        assert model.begin_at(nearest_to_idle(model.decisions))
        forms.append(form_of(model.around.voltages, model.decisions, model.u))
    assert isinstance(forms[0], SolvedOut)
    assert isinstance(forms[1], Kept)


def test_a_fixed_decision_counts_where_the_start_is_elsewhere() -> None:
    model = LpModel(_problem(2))
    d = model.decisions
    fixed = d.p[0, 0]
    lower = d.lower.copy()
    upper = d.upper.copy()
    lower[fixed] = upper[fixed] = 0.1
    bounded = replace(d, lower=lower, upper=upper)
    idle = nearest_to_idle(d)
    assert idle[fixed] == 0.0
    assert model.begin_at(idle)
    moved = idle.copy()
    moved[fixed] = 0.1
    voltages = model.around.voltages
    by_all = SolvedOut(voltages, list(d.network_columns), idle).moved(moved)
    assert np.abs(by_all).max() > 1e-3
    by_free = form_of(voltages, bounded, idle).moved(moved)
    assert by_free == pytest.approx(by_all, abs=1e-12)

"""`AcOptimum`: what the minute could cost at best, on AC itself; the measure of every program that linearises.

The same question as the linear program's: regions, shared DERs, limits, loss to its true value; all DERs that may serve. Taps
are those of a clearing, whose set-points are also where the search begins. A local optimum: below zero prices, where losses are
rewarded and the linear program refuses, as good as its start. Ipopt through casadi, built once for each position of taps.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from tieline.opf.balancing.ac_program import AcProgram, build_program
from tieline.opf.balancing.clear import replay_setpoints
from tieline.opf.balancing.clearing import Clearing, LimitPrices
from tieline.opf.balancing.minute import Minute
from tieline.opf.decisions import make_decisions
from tieline.opf.infeasible import NoOptimumError
from tieline.opf.inputs import DerInputs
from tieline.opf.make_problem import make_problem
from tieline.opf.nlp.layout import Layout
from tieline.opf.nlp.model import SOLVED
from tieline.opf.problem import Problem
from tieline.typing import FloatArray
from tieline.units import S_BASE_KVA

PROGRAMS_KEPT = 16
"""Programs of different taps kept: a day of the bundled feeders has fewer; a built one of 8500 nodes is some hundred MB."""


@dataclass(eq=False)
class AcOptimum:
    """Optima of minutes of one structure (network, regions, limits); programs are kept for the taps met."""

    _programs: dict[bytes, AcProgram] = field(default_factory=dict)

    def clear(self, minute: Minute, at: Clearing) -> Clearing:
        """The AC optimum over all DERs that may serve.

        Args:
            minute: what is asked.
            at: a clearing of the same minute: its taps are held, its set-points the start.

        Returns:
            A clearing without prices, replayed with controls; `objective` is the optimum's own cost, with taps held.

        Raises:
            NoOptimumError: if Ipopt gave up, or there is no AC solution.
        """
        program = self._program_of(minute, at)
        guess = _first_guess(program, at)
        parameters = program.parameters(minute)
        bounds = program.bounds(minute)
        solution = program.solver(x0=guess, p=parameters, **bounds)
        status = program.solver.stats()["return_status"]
        if status not in SOLVED:
            raise NoOptimumError(
                f"{minute.label}: Ipopt ended with '{status}'. Start from another clearing, or loosen limits that only just hold."
            )
        x = np.asarray(solution["x"]).ravel()
        objective = float(solution["f"])
        u_kw = x[program.n_voltages :] * S_BASE_KVA
        return _read(minute, at, program, u_kw, objective)

    def _program_of(self, minute: Minute, at: Clearing) -> AcProgram:
        state = at.solution.state[0]
        has_q = minute.reactive is not None
        key = state.tobytes() + minute.may_serve.tobytes() + bytes([has_q])
        program = self._programs.get(key)
        if program is None or not _fits(program, minute):
            problem = _problem(minute, at)
            layout = Layout.of(problem, make_decisions(problem))
            program = build_program(problem, layout, minute)
            if len(self._programs) >= PROGRAMS_KEPT:
                # the order of a dict is that of building
                oldest = next(iter(self._programs))
                del self._programs[oldest]
            self._programs[key] = program
        return program


def _fits(program: AcProgram, minute: Minute) -> bool:
    """Whether a program was built for the network and limits of a minute."""
    problem = program.problem
    return problem.network is minute.network and problem.limits is minute.limits


def _problem(minute: Minute, at: Clearing) -> Problem:
    """The network's part of the question at a clearing's taps."""
    zero = np.zeros(minute.n_ders)
    most_kw = minute.injected_kw + minute.p_max_kw
    ders = DerInputs(p_min_kw=zero, p_max_kw=most_kw, q_min_kvar=zero, q_max_kvar=zero)
    # without limits of its own: those of the minute are put in whole, so that `_fits` can tell them
    problem = make_problem(
        minute.network,
        price=minute.reference_price,
        load_kw=minute.load_kw,
        load_kvar=minute.load_kvar,
        cost=minute.offer,
        branch_limits=(),
        ders=ders,
        **at.positions,
    )
    return replace(problem, limits=minute.limits)


def _first_guess(program: AcProgram, at: Clearing) -> FloatArray:
    """Voltages and set-points of a clearing, (unknown,)."""
    c = program.columns
    v = at.solution.v_pu[0]
    u_kw = np.zeros(c.loss)
    u_kw[c.shares] = at.share_kw[c.region, c.der]
    u_kw[c.bought] = at.bought_kw
    u_kw[c.relief] = at.relief_kw
    u_kw[c.exports] = at.exchange_kw[c.exporter, c.importer]
    u_kw[c.q] = at.q_kvar[c.q_der]
    return np.concatenate([v.real, v.imag, u_kw / S_BASE_KVA])


def _q_inside(minute: Minute, p_kw: FloatArray, q_kvar: FloatArray) -> FloatArray:
    """Q within its circle, which an interior point keeps to its tolerance only, (der,)."""
    if minute.reactive is None:
        return q_kvar
    total_kw = minute.injected_kw + p_kw
    total_kvar = minute.injected_kvar + q_kvar
    inside_kvar = minute.reactive.inside(total_kw, total_kvar)
    return inside_kvar - minute.injected_kvar


def _read(
    minute: Minute, at: Clearing, program: AcProgram, u_kw: FloatArray, objective: float
) -> Clearing:
    c = program.columns
    share_kw = c.share_kw(u_kw, minute.n_ders)
    p_kw = share_kw.sum(axis=0)
    free_kvar = c.q_kvar(u_kw, minute.n_ders)
    q_kvar = _q_inside(minute, p_kw, free_kvar)
    limits = minute.limits
    at_taps = replace(minute, positions=at.positions, chosen=minute.may_serve)
    # NaN and not 0, which would say that nothing binds
    no_prices = LimitPrices(
        balance=np.full(minute.n_regions, np.nan),
        voltage=np.full(len(limits.points.names), np.nan),
        flow=np.full(len(limits.flows), np.nan),
    )
    idle_cost = minute.reference_price * at.base_loss_kw
    return Clearing(
        minute=at_taps,
        share_kw=share_kw,
        q_kvar=q_kvar,
        bought_kw=u_kw[c.bought],
        relief_kw=u_kw[c.relief],
        exchange_kw=c.exchange_kw(u_kw),
        prices=no_prices,
        solution=replay_setpoints(at_taps, p_kw, q_kvar),
        base_loss_kw=at.base_loss_kw,
        objective=objective - idle_cost,
    )

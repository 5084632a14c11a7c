"""`solve_decoupled`: microgrids solve their own power flow and exchange what they know of their borders until nothing changes.

In a round the regions are solved from the far ends to the source, each with the newest of its neighbours:

    behind a border    a source with V and angle of the border's far bus, per phase, as the region before it came to last
    before a border    powers P, Q per phase, as the region behind it takes them

until in one round no voltage changes by 1e-6 pu and no power by 1e-3 kVA. The article flags the two sides "PV bus" and "PQ
bus"; a bus of P and V would leave the region without a reference, so here it holds V and angle. Far ends go first because powers
hardly depend on the voltage at which they are taken, while voltages depend on all power behind.

Regulators and capacitor controls are held where the caller says: those of one region would act on borders that still move. To let
them act, solve the whole feeder with controls and hand over its `taps` and `capacitor_steps`.

Source: section III-B of the article that `network.partition.growth` cites; the exchange and its order are tieline's own.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from tieline.errors import InputError, NotConvergedError
from tieline.network.voltage_holders import require_no_holders
from tieline.powerflow.batch import make_batch
from tieline.powerflow.decoupled.endings import Endings
from tieline.powerflow.decoupled.region_networks import Decoupled
from tieline.powerflow.decoupled.rounds import Told, do_round, first_told, request_of
from tieline.powerflow.decoupled.solution import DecoupledSolution
from tieline.powerflow.options import LoadModel
from tieline.powerflow.outcome import Outcome
from tieline.powerflow.solution import Solution

MAX_ROUNDS = 50
"""Rounds after which a scenario is given up: 33 buses in two regions take 3, 123 in six 8 and in twenty 20, a long weak feeder
(34 buses in four) 16."""


def solve_decoupled(
    decoupled: Decoupled,
    *,
    load_kw: ArrayLike | None = None,
    load_kvar: ArrayLike | None = None,
    load_scale: ArrayLike | None = None,
    der_kw: ArrayLike | None = None,
    der_kvar: ArrayLike | None = None,
    taps: ArrayLike | None = None,
    capacitor_steps: ArrayLike | None = None,
    source_pu: ArrayLike | None = None,
    load_model: LoadModel = "feeder",
    max_rounds: int = MAX_ROUNDS,
) -> DecoupledSolution:
    """Solve a decoupled feeder for one or many scenarios.

    Args:
        decoupled: from `decouple`.
        load_kw, load_kvar, load_scale, der_kw, der_kvar, taps, capacitor_steps, source_pu, load_model: as for `powerflow.solve`,
            of the whole feeder. Taps and steps are held.
        max_rounds: rounds after which a scenario is given up.

    Returns:
        The solution; scenarios without an answer are marked in `outcome`.

    Raises:
        NotConvergedError: if no input had a scenario axis and the one scenario has no answer.
        ShapeError, InputError: if an input does not fit the feeder.
    """
    if max_rounds < 1:
        raise InputError(f"max_rounds is {max_rounds}; give at least 1.")
    require_no_holders(decoupled.network.feeder, "A decoupled power flow", der_kvar)
    batch = make_batch(
        decoupled.network,
        load_kw=load_kw,
        load_kvar=load_kvar,
        load_scale=load_scale,
        der_kw=der_kw,
        der_kvar=der_kvar,
        taps=taps,
        capacitor_steps=capacitor_steps,
        source_pu=source_pu,
    )
    request = request_of(decoupled, batch, load_model)
    endings = Endings(batch.n_scenarios)
    told = first_told(decoupled, batch.n_scenarios)
    solved: Sequence[Solution | None] = [None] * len(decoupled.regions)
    while endings.round < max_rounds and not endings.is_over:
        told_before = told
        told, solved = do_round(decoupled, request, told, solved)
        endings.update(told, told_before, solved)
    answer = _answer(decoupled, told, solved, endings)
    if batch.is_single and not answer.converged[0]:
        name = decoupled.network.feeder.name
        raise NotConvergedError(
            f"The decoupled power flow of feeder '{name}' {answer.reasons[0]}"
        )
    return answer


def _answer(
    decoupled: Decoupled,
    told: Told,
    solved: Sequence[Solution | None],
    endings: Endings,
) -> DecoupledSolution:
    tops = [region.buses[0] for region in decoupled.partition.regions]
    shape = (len(endings.rounds), len(told.s_kva))
    flow_kva = np.zeros(shape, dtype=complex)
    for border, s_kva in enumerate(told.s_kva):
        flow_kva[:, border] = s_kva.sum(axis=1)
    outcome = endings.final_outcome()
    # the last round of a scenario that was given up is no answer
    flow_kva[outcome != Outcome.CONVERGED] = np.nan
    return DecoupledSolution(
        decoupled=decoupled,
        regions=tuple(solution for solution in solved if solution is not None),
        outcome=outcome,
        rounds=endings.rounds,
        flow_kva=flow_kva,
        change_pu=endings.change_pu,
        change_kva=endings.change_kva,
        reasons=endings.reasons(tops),
    )

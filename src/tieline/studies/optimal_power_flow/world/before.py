"""The feeder as it stands, before the DERs act: what it breaks then, and a question that leaves it no worse."""

from __future__ import annotations

from tieline.opf import Problem, Replay, replay
from tieline.opf.broken_before import Outside, outside_before, with_room


def replay_before(problem: Problem) -> Replay:
    """DERs as in the feeder's snapshot, generators that were added idle, all load served."""
    devices = problem.network.devices
    return replay(problem, devices.der_kw[None], devices.der_kvar[None])


def find_outside(problem: Problem) -> tuple[Outside, ...]:
    """Places that are outside their limits before; none where there is no power flow."""
    before = replay_before(problem)
    if not before.solution.converged[0]:
        return ()
    return outside_before(problem.limits, before.vm_pu[0], before.flow[0])


def held_to_before(problem: Problem) -> Problem:
    """The question with those limits that are broken before held to what the places have then."""
    before = replay_before(problem)
    limits = with_room(problem.limits, before.vm_pu[0], before.flow[0])
    return problem.replace(
        v_min_pu=limits.v_min_pu, v_max_pu=limits.v_max_pu, flows=limits.flows
    )

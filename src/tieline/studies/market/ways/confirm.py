"""A published minute confirmed region by region: each solves its own power flow, and tells its neighbours what crosses a border.

The replay of a minute is a power flow of the whole feeder, which only an operator who knows all of it can make. Microgrids that
keep their loads to themselves exchange powers and voltages of their borders instead (`powerflow.decoupled`), and have to come to
the same voltages. Taps and capacitor steps are those of the replay, as the decoupled power flow holds them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.errors import InputError
from tieline.network.network import Network
from tieline.network.partition import Partition
from tieline.opf.balancing import Clearing
from tieline.powerflow.decoupled import Decoupled, decouple, solve_decoupled


@dataclass(frozen=True)
class Confirmation:
    """What the regions came to.

    Attributes:
        rounds: of exchange.
        difference_pu: largest difference of a voltage from that of the replay; NaN if they came to no answer.
    """

    rounds: int
    difference_pu: float


class Regions:
    """The regions of a network, cut at their borders once for all minutes.

    Attributes:
        problem: why they cannot be cut; empty if they can.
    """

    def __init__(self, network: Network, partition: Partition) -> None:
        self.problem = ""
        self._decoupled: Decoupled | None = None
        try:
            self._decoupled = decouple(network, partition)
        except InputError as error:
            # a border with a neutral: the market itself needs no such cut, so it goes on without
            self.problem = str(error)

    def confirm(self, clearing: Clearing) -> Confirmation | None:
        """The set-points of a clearing, solved by the regions; None if they cannot be cut."""
        if self._decoupled is None:
            return None
        minute = clearing.minute
        der_kw = minute.injected_kw + clearing.p_kw
        der_kvar = minute.injected_kvar + clearing.q_kvar
        answer = solve_decoupled(
            self._decoupled,
            load_kw=minute.load_kw[None],
            load_kvar=minute.load_kvar[None],
            der_kw=der_kw[None],
            der_kvar=der_kvar[None],
            taps=clearing.solution.taps[:1],
            capacitor_steps=clearing.solution.capacitor_steps[:1],
        )
        difference_pu = np.abs(answer.v_pu - clearing.solution.v_pu)
        return Confirmation(int(answer.rounds[0]), float(difference_pu.max()))

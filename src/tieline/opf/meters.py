"""`Meters`: where energy is bought and sold, if not at the source of the feeder.

A microgrid pays for what passes its point of common coupling and not for what is lost on the way there. Measured at the first
end of lines or transformers; power > 0 flows into the element there and is bought, below 0 it is sold at the same price.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from tieline.arguments import list_of
from tieline.errors import InputError, unknown_name_message
from tieline.linear.blocks import apply, assemble
from tieline.network.network import Network
from tieline.powerflow import Solution
from tieline.typing import FloatArray

METERED_KINDS = ("line", "transformer")


@dataclass(frozen=True, eq=False)
class Meters:
    """Lines or transformers with a meter at their first end.

    Attributes:
        names: of the elements, (meter,).
        gather: terminals whose power a meter adds up, (meter, terminal).
    """

    names: tuple[str, ...]
    gather: sparse.csr_array

    @classmethod
    def at(cls, network: Network, names: Sequence[str]) -> Meters:
        """Meters at lines or transformers.

        Raises:
            InputError: if they are no list of names, or the feeder has no line or transformer of a name.
        """
        element_of = {
            name: k
            for k, (kind, name) in enumerate(network.elements)
            if kind in METERED_KINDS
        }
        names = list_of("meters", names, str)
        unknown = [name for name in names if name not in element_of]
        if unknown:
            where = f"of feeder '{network.feeder.name}'"
            messages = [
                unknown_name_message("line or transformer", name, element_of, where)
                for name in unknown
            ]
            raise InputError(" ".join(messages))
        terminals = network.terminals
        is_first_end = terminals.side == 1
        rows = []
        columns = []
        for row, name in enumerate(names):
            is_metered = is_first_end & (terminals.element == element_of[name])
            ends = np.flatnonzero(is_metered)
            rows += [row] * len(ends)
            columns += ends.tolist()
        shape = (len(names), len(terminals.node))
        gather = assemble(
            np.array(rows, np.int64),
            np.array(columns, np.int64),
            np.ones(len(rows)),
            shape,
        )
        return cls(tuple(names), gather)

    def bought_kw(self, solution: Solution) -> FloatArray:
        """Active power through each meter, (scenario, meter) [kW]."""
        kva = apply(self.gather, solution.terminal_kva)
        return np.asarray(np.real(kva), dtype=np.float64)


def require_bought_at_source(meters: Meters | None, formulation: str) -> None:
    """Refuse meters where a formulation knows the purchase at the source alone; raises `InputError`."""
    if meters is not None:
        raise InputError(
            f"{formulation} buys at the source and knows no meters. Ask for set-points of the AC optimum (`solve_nlp`), or leave "
            "`meters` out."
        )

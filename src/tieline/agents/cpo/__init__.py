"""CPO: constrained policy optimisation of a task that is one program with its power flow: slopes of returns and limits are exact.

limited        which constraints and terms are kept at a limit
episodes       rounds of episodes as a function of policies and noise, with its derivatives
problem        a round as what `constrained_update` asks for
training       `train_actors`: updates until the training is over; found by a centre, or by agents among themselves
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tieline.lazy_face import lazy_face

if TYPE_CHECKING:
    from tieline.agents.cpo.training import Cpo, train_actors

__all__ = ["Cpo", "train_actors"]

__getattr__, __dir__ = lazy_face(
    __name__,
    {
        "Cpo": "tieline.agents.cpo.training",
        "train_actors": "tieline.agents.cpo.training",
    },
)

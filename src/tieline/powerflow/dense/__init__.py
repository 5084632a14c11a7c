"""The power flow of a small feeder compiled into JAX: `DensePowerFlow`.

`jax_voltages` calls the solver from JAX and comes back; here all is JAX, therefore policy, physics and reward become one compiled
loop. The price is a dense matrix between the places where loads and DERs take current, which large feeders cannot pay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tieline.lazy_face import lazy_face

if TYPE_CHECKING:
    from tieline.powerflow.dense.flow import DenseAnswer, DensePowerFlow

__all__ = ["DenseAnswer", "DensePowerFlow"]

_FLOW = "tieline.powerflow.dense.flow"

__getattr__, __dir__ = lazy_face(
    __name__, {"DenseAnswer": _FLOW, "DensePowerFlow": _FLOW}
)

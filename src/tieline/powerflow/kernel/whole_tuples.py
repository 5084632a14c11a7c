"""Named tuples of tieline, handed by one compiled function to another as what they are: one value.

Numba takes a tuple apart where it is handed over, to seven numbers for every array, 450 for a system and a workspace, and puts
it together again inside. LLVM undid all that, for a seventh of the compiler's time. Machine code stays the same.

What this takes from Numba: the data models of tuples, and the manager that gives each type its own.
"""

from __future__ import annotations

from typing import Any

from numba.core import types
from numba.core.datamodel import default_manager
from numba.core.datamodel.models import TupleModel, UniTupleModel


def register() -> None:
    """From now on."""
    default_manager.register(types.NamedTuple, _model)
    default_manager.register(types.NamedUniTuple, _uniform_model)


class WholeTuple(TupleModel):
    """Of fields of several types."""

    def get_argument_type(self) -> Any:
        """What a function takes."""
        return self.get_value_type()

    def as_argument(self, builder: Any, value: Any) -> Any:
        """What a caller hands over."""
        return value

    def from_argument(self, builder: Any, value: Any) -> Any:
        """What a function makes of it."""
        return value


class WholeUniformTuple(UniTupleModel):
    """Of fields of one type."""

    get_argument_type = WholeTuple.get_argument_type
    as_argument = WholeTuple.as_argument
    from_argument = WholeTuple.from_argument


def _is_ours(tuple_type: Any) -> bool:
    """Tuples of other packages stay as Numba knows them."""
    return tuple_type.instance_class.__module__.startswith("tieline.")


def _model(manager: Any, tuple_type: Any) -> Any:
    model = WholeTuple if _is_ours(tuple_type) else TupleModel
    return model(manager, tuple_type)


def _uniform_model(manager: Any, tuple_type: Any) -> Any:
    model = WholeUniformTuple if _is_ours(tuple_type) else UniTupleModel
    return model(manager, tuple_type)

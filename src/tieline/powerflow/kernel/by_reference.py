"""`by_reference`: a tuple of arrays that compiled functions hand to each other by its place in memory.

Numba hands a tuple over as its numbers, seven for every array: some 450 for a system and a workspace, which each function took
apart and put together again for the next one. That was half of all the code that was compiled.

    @leaf
    def solve_blocks(system, work):
        system = by_reference(system)  # from here on: system.matrix.factors and so on, in this function and those it calls

The place is one of the function that asks for it, and must not be handed back to a caller. Fields can be read, not replaced. A
loop that stores numbers should not read fields: the compiler cannot know that they stay the same. It exists inside
Numba-compiled functions only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from llvmlite import ir
from numba.core import cgutils, types
from numba.core.extending import (
    intrinsic,
    lower_getattr_generic,
    models,
    register_model,
)
from numba.core.imputils import impl_ret_borrowed
from numba.core.typing.templates import AttributeTemplate, infer_getattr


class Reference(types.Type):
    """Numba's name for the place of a named tuple."""

    def __init__(self, whole: Any) -> None:
        self.whole = whole
        super().__init__(name=f"reference({whole.name})")


@register_model(Reference)
class ReferenceModel(models.PrimitiveModel):
    """A `Reference` is one pointer."""

    def __init__(self, manager: Any, frontend_type: Any) -> None:
        whole = manager.lookup(frontend_type.whole)
        super().__init__(manager, frontend_type, whole.get_value_type().as_pointer())


def _by_reference(typing_context: Any, whole: Any) -> Any:
    """The place of a named tuple, with the same fields."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return cgutils.alloca_once_value(builder, arguments[0])

    return Reference(whole)(whole), generate


by_reference = cast(Callable[..., Any], intrinsic(_by_reference))


@infer_getattr
class ReferenceFields(AttributeTemplate):
    """A field of the tuple; of one in it the place again."""

    key = Reference

    def generic_resolve(self, reference: Any, field: str) -> Any:
        """The type of a field, None if there is none of this name."""
        whole = reference.whole
        if field not in whole.fields:
            return None
        kind = whole.types[whole.fields.index(field)]
        return Reference(kind) if isinstance(kind, types.BaseNamedTuple) else kind


@lower_getattr_generic(Reference)
def _read_field(
    context: Any, builder: Any, reference: Any, place: Any, field: str
) -> Any:
    """What `ReferenceFields` has said, in machine code."""
    whole = reference.whole
    index = whole.fields.index(field)
    number = ir.IntType(32)
    field_place = builder.gep(place, [number(0), number(index)])
    kind = whole.types[index]
    if isinstance(kind, types.BaseNamedTuple):
        return field_place
    return impl_ret_borrowed(context, builder, kind, builder.load(field_place))

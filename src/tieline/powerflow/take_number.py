"""A queue for threads: `take_number(queue)` gives each caller the next number, no two the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from llvmlite import ir
from numba.core import types
from numba.core.extending import intrinsic


def _take_number(typing_context: Any, queue: Any) -> Any:
    """The count in `queue`, (1,) int64, which goes up by one in the same instant. Exists inside Numba-compiled functions only."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        counter = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        return builder.atomic_rmw("add", counter, ir.Constant(ir.IntType(64), 1), "monotonic")

    return types.int64(queue), generate


take_number = cast(Callable[..., Any], intrinsic(_take_number))

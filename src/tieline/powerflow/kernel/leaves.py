"""How functions are compiled that only compiled ones call: as far as their caller needs them, who makes machine code of both.

Numba would make machine code of each such function, optimised, and do so once more inside of each caller. A quarter of the
compiler's time went there. Here a leaf stays in the intermediate language of LLVM, and is optimised where it is used.

What this takes from Numba: the steps of its compiler, `JITCodeLibrary` and the way in which a cache rebuilds what it kept.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from numba.core.caching import CompileResultCacheImpl
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase
from numba.core.compiler_machinery import PassManager, register_pass
from numba.core.typed_passes import (
    AnnotateTypes,
    IRLegalization,
    NativeLowering,
    NoPythonBackend,
    NoPythonSupportedFeatureValidation,
    NopythonTypeInference,
    PreLowerStripPhis,
)
from numba.core.untyped_passes import (
    FixupArgs,
    GenericRewrites,
    IRProcessing,
    ReconstructSSA,
    TranslateByteCode,
)

TO_TYPES = (
    TranslateByteCode,
    FixupArgs,
    IRProcessing,
    GenericRewrites,
    ReconstructSSA,
    NopythonTypeInference,
)
"""From Python to code whose types are known. Numba's own list looks through every function for closures, `with`, branches that
can never be taken and more that the kernel does not use, and comes to the same machine code in a tenth more time."""

TO_MACHINE_CODE = (
    PreLowerStripPhis,
    NoPythonSupportedFeatureValidation,
    IRLegalization,
    AnnotateTypes,
    NativeLowering,
    NoPythonBackend,
)
"""From there on. Without what makes one loop of an expression of whole arrays: write that loop."""


class LeafLibrary(JITCodeLibrary):
    """The code of a leaf and of what it calls, to be linked into callers, never run by itself."""

    @property
    def codegen(self) -> Any:
        """What sets the environment of a function, which nothing needs that holds no Python objects."""
        return _NoEnvironment

    def _optimize_final_module(self) -> None:
        """Left to the caller."""

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()
        self._finalized = True

    def get_pointer_to_function(self, name: str) -> int:
        """None: there is no machine code."""
        return 0

    def serialize_using_object_code(self) -> tuple[str, str, bytes]:
        """What a cache keeps."""
        return self.serialize_using_bitcode()


class _NoEnvironment:
    """Stands where Numba would tell machine code of the objects that it needs."""

    @staticmethod
    def set_env(name: str, environment: Any) -> None:
        """Nothing to set."""


@register_pass(mutates_CFG=True, analysis_only=False)
class LeafLowering(NativeLowering):
    """From typed code to a `LeafLibrary`."""

    _name = "leaf_lowering"

    def run_pass(self, state: Any) -> Any:
        """Lower one function."""
        codegen = state.targetctx.codegen()
        state.library = LeafLibrary(codegen, state.func_id.func_qualname)
        return super().run_pass(state)


class EntryCompiler(CompilerBase):
    """Numba's compiler in fewer steps, and without pauses for the collection of garbage: they took a twentieth of the time."""

    def define_pipelines(self) -> list[Any]:
        """The steps."""
        return [_pipeline((*TO_TYPES, *TO_MACHINE_CODE))]

    def compile_extra(self, func: Any) -> Any:
        """Compile a function and what it calls."""
        with _no_collection():
            return super().compile_extra(func)


class LeafCompiler(CompilerBase):
    """Compiles leaves."""

    def define_pipelines(self) -> list[Any]:
        """The steps of an entry, but for the one that makes machine code."""
        to_leaf = [
            LeafLowering if step is NativeLowering else step for step in TO_MACHINE_CODE
        ]
        return [_pipeline((*TO_TYPES, *to_leaf))]


def _pipeline(steps: tuple[Any, ...]) -> PassManager:
    pipeline = PassManager("kernel")
    for step in steps:
        pipeline.add_pass(step, step._name)
    pipeline.finalize()
    return pipeline


class LeafCacheImpl(CompileResultCacheImpl):
    """A leaf that was kept comes back as one."""

    def rebuild(self, target_context: Any, payload: Any) -> Any:
        """The leaf in a cache's file."""
        codegen = target_context.codegen()
        codegen._library_class = LeafLibrary
        try:
            return super().rebuild(target_context, payload)
        finally:
            # the class of all codegens shows again
            del codegen._library_class


@contextmanager
def _no_collection() -> Iterator[None]:
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()

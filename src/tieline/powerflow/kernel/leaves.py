"""How functions are compiled that only compiled ones call: as far as their caller needs them, who makes machine code of both.

Numba would make machine code of each such function, optimised, and do so once more inside of each caller. A quarter of the
compiler's time went there. Here a leaf stays in the intermediate language of LLVM, and is optimised where it is used.

What this takes from Numba: `NativeLowering`, `JITCodeLibrary` and the way in which a cache rebuilds what it kept.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from numba.core.caching import CompileResultCacheImpl
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import register_pass
from numba.core.typed_passes import NativeLowering


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
    """Numba's compiler, without pauses for the collection of garbage: they took a twentieth of the time."""

    def define_pipelines(self) -> list[Any]:
        """Numba's own way."""
        return [DefaultPassBuilder.define_nopython_pipeline(self.state)]

    def compile_extra(self, func: Any) -> Any:
        """Compile a function and what it calls."""
        with _no_collection():
            return super().compile_extra(func)


class LeafCompiler(CompilerBase):
    """Compiles leaves."""

    def define_pipelines(self) -> list[Any]:
        """Numba's own way but for the last step."""
        pipeline = DefaultPassBuilder.define_nopython_pipeline(self.state)
        leaf_passes = []
        for step, purpose in pipeline.passes:
            leaf_step = LeafLowering if step is NativeLowering else step
            leaf_passes.append((leaf_step, purpose))
        pipeline.passes = leaf_passes
        pipeline._finalized = False
        pipeline.finalize()
        return [pipeline]


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

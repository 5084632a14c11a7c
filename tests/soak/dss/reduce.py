"""The smallest circuit on which both programs still differ in the same way."""

from __future__ import annotations

from pathlib import Path

from soak.dss.compare import compare
from soak.dss.script import Script, with_fewer_properties
from soak.shrink import shrink_each, shrink_list


def smallest_failure(script: Script, folder: Path, controls: str) -> Script:
    """Leave out elements, then properties, while the verdict stays."""
    verdict = compare(script, folder, controls).verdict

    def fails(blocks: list[str]) -> bool:
        return compare(script.with_blocks(blocks), folder, controls).verdict == verdict

    blocks = shrink_each(
        shrink_list(script.blocks, fails), with_fewer_properties, fails
    )
    return script.with_blocks(shrink_list(blocks, fails))

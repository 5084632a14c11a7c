"""`Script`: an OpenDSS circuit as blocks of text, so that a reducer can leave blocks and properties out."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

BEFORE_PROPERTY = re.compile(r"\s+(?=[%\w]+=)")
NEEDED = re.compile(
    r"^(bus1|bus2|buses|phases|windings|conns?|kvs?|kvas?|basekv|vreg|ptratio|switchedobj|monitoredobj|switchedterm"
    r"|normal|state|action|phasetrip|groundtrip|ratedcurrent|monitoredterm|element|capacitor|type|transformer|winding|wdg)=",
    re.IGNORECASE,
)
"""Properties that say what an element is; a circuit without them is another circuit, not a smaller one."""


@dataclass(frozen=True)
class Script:
    """`head` and `tail` stay; each block defines one element with whatever belongs to it. `floating`: buses that nothing ties to
    ground.
    """

    head: str
    blocks: tuple[str, ...]
    tail: str
    floating: frozenset[str] = frozenset()

    @property
    def text(self) -> str:
        """The script as a file."""
        return "\n".join([self.head, *self.blocks, self.tail, ""])

    def with_blocks(self, blocks: list[str]) -> Script:
        """The same circuit with other blocks."""
        return replace(self, blocks=tuple(blocks))


def with_fewer_properties(block: str) -> list[str]:
    """All blocks that come from leaving out one property."""
    lines = block.splitlines()
    shorter = []
    for k, line in enumerate(lines):
        words = BEFORE_PROPERTY.split(line)
        for j in range(1, len(words)):
            if not NEEDED.match(words[j]):
                fewer = " ".join(words[:j] + words[j + 1 :])
                shorter.append("\n".join([*lines[:k], fewer, *lines[k + 1 :]]))
    return shorter

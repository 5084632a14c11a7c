"""`GapScore`: how far a decider of a study stays behind the best there is; `Study`: how a study is measured in these terms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tieline.bench.learning.options import Options
from tieline.bench.learning.score import NO_SEED
from tieline.files import digest_of, sha256_of

Kind = Literal["rule", "mpc", "learned"]

Tell = Callable[[str], None]

Column = Literal["rule", "mpc", "broken", "time"]
"""What a study may have none of."""


@dataclass(frozen=True)
class GapScore:
    """One decider, or one training of it, on the cases of a study.

    Attributes:
        judged_on: what the cases are.
        who, kind: its name and what it is.
        gap_pct: behind the best of each case, mean over the cases [%].
        seed: of its training, `NO_SEED` for who was not trained.
        broken: limits broken in a case, mean; None where that is not measured.
        train_s: of this training; None where it is not known.
    """

    judged_on: str
    who: str
    kind: Kind
    gap_pct: float
    seed: int = NO_SEED
    broken: float | None = None
    train_s: float | None = None


@dataclass(frozen=True, eq=False)
class Study:
    """How a study is measured.

    Attributes:
        name: as it is asked for; its page has the same.
        optimum: what the gap is to, and of what it is a share.
        cases: how many are played; plain values that belong to the question.
        measure: plays them.
        absent: why a column has no number.
    """

    name: str
    optimum: str
    cases: Callable[[Options], Mapping[str, Any]]
    measure: Callable[[Options, Tell], Iterable[GapScore]]
    absent: Mapping[Column, str]


def policies_digest(folder: Path) -> str:
    """Of all files of a folder of policies: another training asks another question."""
    files = sorted(path for path in folder.iterdir() if path.is_file())
    return digest_of({path.name: sha256_of(path) for path in files})

"""Line codes by what they hold: lines with equal matrices share one `LineCode`."""

from __future__ import annotations

from tieline.feeders.elements import LineCode, Matrix
from tieline.typing import FloatArray
from tieline.units import tidy

Matrices = tuple[Matrix, Matrix, Matrix]


class CodeBook:
    """Line codes by content: equal matrices give the same code, different ones never the same name."""

    def __init__(self) -> None:
        self._by_matrices: dict[Matrices, LineCode] = {}
        self._names: set[str] = set()

    def code(self, names: tuple[str, ...], matrices: Matrices) -> LineCode:
        """The code with these r, x, c matrices; a new one takes the first free of `names`."""
        if matrices not in self._by_matrices:
            name = next(
                name
                for name in (*names, "_".join(names), f"code_{len(self._names) + 1}")
                if name not in self._names
            )
            self._names.add(name)
            self._by_matrices[matrices] = LineCode(name, *matrices)
        return self._by_matrices[matrices]


def tidy_matrix(values: FloatArray) -> Matrix:
    """An array as the matrix of a line code."""
    return tuple(tuple(tidy(value) for value in row) for row in values)

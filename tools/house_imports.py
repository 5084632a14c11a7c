"""Who imports whom: the folders of the package, the floors they stand on, and the imports that matter."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import permutations
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "tieline"

Pair = tuple[str, str]
"""A folder and one that it imports from."""


@dataclass
class Folder:
    """One folder of the package: its modules, its wings and what it imports."""

    name: str
    modules: int = 0
    """All of them, wings included."""
    wings: Counter[str] = field(default_factory=Counter)
    imports: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class House:
    """The folders of a package by name."""

    folders: dict[str, Folder]
    root_modules: int

    def floor_of(self, name: str) -> int:
        """0 for a folder that nobody imports from, otherwise one below the lowest that does."""
        importers = [
            upper for upper, folder in self.folders.items() if name in folder.imports
        ]
        return max((1 + self.floor_of(upper) for upper in importers), default=0)

    def reaches(self, start: str, end: str) -> bool:
        """Whether `start` imports from `end`, itself or through others."""
        imports = self.folders[start].imports
        return end in imports or any(self.reaches(name, end) for name in imports)

    def direct_imports(self) -> set[Pair]:
        """Imports that no longer path implies."""
        pairs = set()
        for name, folder in self.folders.items():
            for below in folder.imports:
                if not any(self.reaches(middle, below) for middle in folder.imports):
                    pairs.add((name, below))
        return pairs

    def implied_imports(self, name: str) -> list[tuple[str, int]]:
        """What else a folder imports from, and how often; most first."""
        direct = self.direct_imports()
        imports = self.folders[name].imports.most_common()
        return [
            (below, count) for below, count in imports if (name, below) not in direct
        ]

    def floors(self) -> list[list[str]]:
        """Names by floor, the highest first, in the order along each floor that keeps direct imports short."""
        levels: dict[int, list[str]] = {}
        for name in self.folders:
            levels.setdefault(self.floor_of(name), []).append(name)
        rows = [sorted(levels[level]) for level in sorted(levels)]
        pairs = self.direct_imports()
        for _ in rows:
            # an order that is better for one floor may make room for another
            for number in range(len(rows)):
                rows = _best_order(rows, number, pairs)
        return rows


def _best_order(
    rows: list[list[str]], number: int, pairs: set[Pair]
) -> list[list[str]]:
    """`rows` with the row of that number in its best order."""
    orders = permutations(rows[number])
    candidates = [
        [*rows[:number], list(order), *rows[number + 1 :]] for order in orders
    ]
    return min(candidates, key=lambda candidate: _sideways(candidate, pairs))


def _sideways(rows: list[list[str]], pairs: set[Pair]) -> float:
    """How far imports go sideways in all, with every floor one wide."""
    place = {
        name: (index + 0.5) / len(row) for row in rows for index, name in enumerate(row)
    }
    return sum(abs(place[upper] - place[lower]) for upper, lower in sorted(pairs))


def read_house(package: Path = PACKAGE) -> House:
    """The folders of a package with their imports from each other."""
    names = sorted(path.parent.name for path in package.glob("*/__init__.py"))
    folders = {name: Folder(name) for name in names}
    for path in sorted(package.glob("*/**/*.py")):
        _count_module(path, package, folders)
    root_modules = [
        path for path in package.glob("*.py") if not path.name.startswith("__")
    ]
    return House(folders, len(root_modules))


def _count_module(path: Path, package: Path, folders: dict[str, Folder]) -> None:
    parts = path.relative_to(package).parts
    folder = folders[parts[0]]
    folder.modules += 1
    if len(parts) > 2:
        folder.wings[parts[1]] += 1
    for name in imported(path.read_text(encoding="utf-8"), package.name):
        if name in folders and name != folder.name:
            folder.imports[name] += 1


def imported(text: str, package: str) -> Iterator[str]:
    """The part of the package that each import of a source names."""
    for node in ast.walk(ast.parse(text)):
        for module in _modules(node):
            parts = module.split(".")
            if parts[0] == package and len(parts) > 1:
                yield parts[1]


def _modules(node: ast.AST) -> list[str]:
    if isinstance(node, ast.ImportFrom) and node.level == 0:
        return [node.module or ""]
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return []

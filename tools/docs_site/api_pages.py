"""Pages of the API: the public names of each folder, with their docstrings.

Public is what a folder lists in `__all__`. A name that several folders offer is described once, where it is made, and linked from
the others.
"""

from __future__ import annotations

import ast
from functools import cache
from importlib import import_module
from inspect import cleandoc, isclass, isroutine
from itertools import pairwise
from types import ModuleType

from docs_site.docstrings import restructured
from docs_site.generated import markdown_table, toctree
from docs_site.sources import package_sources

FOLDERS = (
    "tieline",
    "tieline.feeders",
    "tieline.feeders.elements",
    "tieline.feeders.compose",
    "tieline.feeders.equivalent",
    "tieline.feeders.islands",
    "tieline.feeders.opendss.writer",
    "tieline.profiles",
    "tieline.network",
    "tieline.network.partition",
    "tieline.network.merging",
    "tieline.devices",
    "tieline.powerflow",
    "tieline.powerflow.decoupled",
    "tieline.powerflow.island",
    "tieline.linear",
    "tieline.opf",
    "tieline.opf.balancing",
    "tieline.envs",
    "tieline.envs.faces",
    "tieline.agents",
    "tieline.reports",
    "tieline.studies",
    "tieline.errors",
)
"""Folders and modules whose names are for users; `docs/architecture.md` says what is not."""


def api_pages() -> dict[str, str]:
    """Text by path: a page for each folder, and one that lists them."""
    homes = _homes()
    pages = {f"api/{name}.md": _page(name, homes) for name in FOLDERS}
    intro = (
        "# API\n\nWhat Python code can rely on. Begin with the names of `tieline` itself: they are enough to read a feeder, "
        "change it, solve it and ask a study. How they are used at a prompt is on [a page of its own](../../python.md).\n\n"
    )
    pages["api/index.md"] = intro + toctree(FOLDERS)
    return pages


def public_names(module: ModuleType) -> list[str]:
    """What a module offers: its `__all__`, or else the classes and functions that it defines."""
    if hasattr(module, "__all__"):
        return list(module.__all__)
    values = {name: value for name, value in vars(module).items() if name[0] != "_"}
    defined = module.__name__
    return [
        name
        for name, value in values.items()
        if getattr(value, "__module__", None) == defined
    ]


def _homes() -> dict[int, str]:
    """Identity of an object -> the folder that describes it; the package itself only has what no folder has."""
    homes: dict[int, str] = {}
    for folder in (*FOLDERS[1:], FOLDERS[0]):
        module = import_module(folder)
        for name in public_names(module):
            homes.setdefault(id(getattr(module, name)), folder)
    return homes


def _page(folder: str, homes: dict[int, str]) -> str:
    module = import_module(folder)
    names = public_names(module)
    rows = [_row(folder, name, getattr(module, name), homes) for name in names]
    described = [name for name in names if homes[id(getattr(module, name))] == folder]
    parts = [
        f"# {folder}",
        _directive("automodule", folder, ["no-members", "no-index"]),
        markdown_table(("name", "what it is"), rows),
        *(_described(folder, name, getattr(module, name)) for name in described),
    ]
    return "\n\n".join(parts) + "\n"


def _row(
    folder: str, name: str, value: object, homes: dict[int, str]
) -> tuple[str, str]:
    home = homes[id(value)]
    return f"[`{name}`](#{home}.{name})", _summary(value)


def _summary(value: object) -> str:
    """First paragraph of a docstring; constants and aliases have that of their type, which says nothing of them."""
    if not (isclass(value) or isroutine(value)):
        return ""
    paragraph = (value.__doc__ or "").strip().split("\n\n")[0]
    return " ".join(paragraph.split())


def _described(folder: str, name: str, value: object) -> str:
    full = f"{folder}.{name}"
    if isclass(value):
        text = _directive("autoclass", full, ["members"])
    elif isroutine(value):
        text = _directive("autofunction", full, [])
    else:
        text = _data(full, constant_docs().get(name, ""))
    return f"## {name}\n\n{text}"


def _data(full: str, words: str) -> str:
    """A constant or an alias: autodoc would describe its type."""
    lines = [f"   {line}" for line in restructured(words.splitlines())]
    return "\n".join(["```{eval-rst}", f".. py:data:: {full}", "", *lines, "```"])


@cache
def constant_docs() -> dict[str, str]:
    """Name of a constant -> the text below it, of all modules."""
    docs = {}
    for source in package_sources().by_module.values():
        for statement, below in pairwise(source.tree.body):
            words = _words_alone(below)
            if isinstance(statement, ast.Assign) and words:
                docs[ast.unparse(statement.targets[0])] = cleandoc(words)
    return docs


def _words_alone(statement: ast.stmt) -> str:
    """The text of a statement that is nothing but a text."""
    if not isinstance(statement, ast.Expr):
        return ""
    value = statement.value
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        return value.value
    return ""


def _directive(name: str, argument: str, options: list[str]) -> str:
    lines = ["```{eval-rst}", f".. {name}:: {argument}"]
    lines += [f"   :{option}:" for option in options]
    return "\n".join([*lines, "```"])

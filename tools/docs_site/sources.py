"""The modules of a package as syntax trees: who calls whom, and what a name means in a module."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import tieline


@dataclass(frozen=True, eq=False)
class Source:
    """A module: its name and its syntax tree."""

    module: str
    tree: ast.Module

    @property
    def folder(self) -> str:
        """Name of the package it stands in."""
        return self.module.rpartition(".")[0]

    @cached_property
    def purpose(self) -> str:
        """What the module is for, in its own words: the first paragraph of its docstring."""
        text = ast.get_docstring(self.tree) or ""
        return " ".join(text.split("\n\n")[0].split())

    @cached_property
    def imported(self) -> dict[str, tuple[str, str]]:
        """Name here -> module and name there."""
        names = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    names[alias.asname or alias.name] = (node.module or "", alias.name)
        return names

    @cached_property
    def constants(self) -> dict[str, ast.expr]:
        """What is assigned at the top of the module."""
        values = {}
        for node in self.tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                values[node.targets[0].id] = node.value
        return values

    @cached_property
    def functions(self) -> list[Function]:
        """Functions and methods, with the class that they stand in."""
        functions = []
        for node in self.tree.body:
            if isinstance(node, ast.FunctionDef):
                functions.append(Function(self, node, ""))
            if isinstance(node, ast.ClassDef):
                methods = [one for one in node.body if isinstance(one, ast.FunctionDef)]
                functions += [Function(self, method, node.name) for method in methods]
        return functions


@dataclass(frozen=True, eq=False)
class Function:
    """A function of a module, or a method of a class in it."""

    source: Source
    node: ast.FunctionDef
    class_name: str

    @cached_property
    def parameters(self) -> list[str]:
        """Names in the order in which a call gives them."""
        arguments = self.node.args
        names = [one.arg for one in (*arguments.args, *arguments.kwonlyargs)]
        return names[1:] if self.class_name else names

    @cached_property
    def defaults(self) -> dict[str, ast.expr]:
        """What a call may leave out."""
        arguments = self.node.args
        pairs = zip(
            reversed(arguments.args), reversed(arguments.defaults), strict=False
        )
        return {argument.arg: value for argument, value in pairs}

    @cached_property
    def assigned(self) -> dict[str, list[tuple[int, ast.expr]]]:
        """Local name -> the lines at which it is given a value, and what; `name[]` for what is put into a table."""
        values: dict[str, list[tuple[int, ast.expr]]] = {}
        nodes = (node for node in ast.walk(self.node) if isinstance(node, ast.Assign))
        for node in sorted(nodes, key=lambda node: node.lineno):
            target = node.targets[0]
            if isinstance(target, ast.Name):
                name = target.id
            elif isinstance(target, ast.Subscript):
                name = f"{ast.unparse(target.value)}[]"
            else:
                continue
            values.setdefault(name, []).append((node.lineno, node.value))
        return values


@dataclass(frozen=True, eq=False)
class Call:
    """A call, and the function around it (None at the top of a module)."""

    source: Source
    function: Function | None
    node: ast.Call

    def arguments(self, parameters: tuple[str, ...] | list[str]) -> dict[str, ast.expr]:
        """What is given for each parameter."""
        given = dict(zip(parameters, self.node.args, strict=False))
        return given | {word.arg: word.value for word in self.node.keywords if word.arg}


@cache
def package_sources() -> Sources:
    """The modules of tieline."""
    return Sources(Path(tieline.__file__).parent)


class Sources:
    """All modules below a package folder."""

    def __init__(self, package: Path):
        self.by_module: dict[str, Source] = {}
        for path in sorted(package.rglob("*.py")):
            parts = path.relative_to(package.parent).with_suffix("").parts
            module = ".".join(parts).removesuffix(".__init__")
            tree = ast.parse(path.read_text(encoding="utf-8"))
            self.by_module[module] = Source(module, tree)

    @cached_property
    def calls(self) -> list[Call]:
        """Every call within a function."""
        return [
            Call(source, function, node)
            for source in self.by_module.values()
            for function in source.functions
            for node in ast.walk(function.node)
            if isinstance(node, ast.Call)
        ]

    @cached_property
    def calls_by_name(self) -> dict[str, list[Call]]:
        """Calls by every name that what they call may have where it is defined."""
        by_name: dict[str, list[Call]] = defaultdict(list)
        for call in self.calls:
            for name in set(_names_of_called(call)):
                by_name[name].append(call)
        return by_name

    def calls_of_class(self, name: str) -> list[Call]:
        """Calls that make an object of a class."""
        return [
            call
            for call in self.calls_by_name.get(name, [])
            if isinstance(call.node.func, ast.Name) and call.node.func.id == name
        ]

    def calls_of(self, function: Function) -> list[Call]:
        """Calls of a function, by its name as the calling module has it; of a method, by its name where its class is imported."""
        is_called = _calls_method if function.class_name else _calls_function
        calls = self.calls_by_name.get(function.node.name, [])
        return [call for call in calls if is_called(call, function)]


def _names_of_called(call: Call) -> Iterator[str]:
    """As it is called, as it was imported, and as the methods that the name stands for."""
    called = call.node.func
    if isinstance(called, ast.Attribute):
        yield called.attr
    if not isinstance(called, ast.Name):
        return
    yield called.id
    if called.id in call.source.imported:
        _, name = call.source.imported[called.id]
        yield name
    for value in _values_of(called, call.function):
        if isinstance(value, ast.Attribute):
            yield value.attr


def _values_of(name: ast.Name, function: Function | None) -> list[ast.expr]:
    """What a local name of a function may stand for: `note = report.info if is_idle else report.warning`."""
    if function is None:
        return []
    lines = function.assigned.get(name.id, [])
    return list(_within([value for _, value in lines]))


def _calls_function(call: Call, function: Function) -> bool:
    if not isinstance(call.node.func, ast.Name):
        return False
    name = call.node.func.id
    if call.source is function.source:
        return name == function.node.name
    there = (function.source.module, function.node.name)
    return call.source.imported.get(name) == there


def _calls_method(call: Call, function: Function) -> bool:
    class_is_known = (
        call.source is function.source or function.class_name in call.source.imported
    )
    if not class_is_known:
        return False
    called = call.node.func
    if isinstance(called, ast.Name):
        values = _values_of(called, call.function)
        return any(_is_method(value, function) for value in values)
    return _is_method(called, function)


def _is_method(node: ast.expr, function: Function) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == function.node.name


def _within(values: list[ast.expr]) -> Iterator[ast.expr]:
    for value in values:
        if isinstance(value, ast.IfExp):
            yield from (value.body, value.orelse)
        else:
            yield value

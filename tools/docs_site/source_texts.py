"""What an expression of the source says: its text, with `<...>` for what only a run knows.

A scope is a function and, where it was called by another one, the call and the scope of that one: a parameter means what the
caller gives for it.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, replace

from docs_site.sources import Call, Function, Source, Sources

LONGEST_PLACEHOLDER = 40

OR = " / "
"""Between texts of which one is said."""

SAID = {"unknown_name_message": "Unknown {0} '{1}'. Did you mean one of {2}?"}
"""Texts that a function makes of its arguments, by its name."""


@dataclass(frozen=True)
class Scope:
    """Where an expression stands. `call` and `caller` are those of the function, if it is looked at from outside."""

    sources: Sources
    source: Source
    function: Function | None
    call: Call | None = None
    caller: Scope | None = None

    def called_by(self, call: Call) -> Scope:
        """The same scope with its outermost function called from there."""
        if self.caller is not None:
            return replace(self, caller=self.caller.called_by(call))
        caller = Scope(self.sources, call.source, call.function)
        return replace(self, call=call, caller=caller)

    @property
    def innermost(self) -> Function | None:
        """The outermost function so far: the one whose callers know more."""
        return self.caller.innermost if self.caller is not None else self.function

    @property
    def outermost_source(self) -> Source:
        """The module of that function."""
        return self.caller.outermost_source if self.caller is not None else self.source

    def parameters_in(self, expression: ast.expr) -> set[str]:
        """Parameters of the outermost function that the text depends on."""
        return set(re.findall("\0(.*?)\0", marked_text(self, expression)))


def text_of(scope: Scope, expression: ast.expr) -> str:
    """The text of an expression."""
    marked = marked_text(scope, expression)
    return re.sub("\0(.*?)\0", r"<\1>", marked)


def wholly_a_parameter(scope: Scope, expression: ast.expr) -> bool:
    """Whether a text is nothing but what a caller gives."""
    return re.fullmatch("\0[^\0]*\0", marked_text(scope, expression)) is not None


def marked_text(scope: Scope, expression: ast.expr) -> str:
    """The text, with zeros around the name of each parameter that no caller is known for."""
    if isinstance(expression, ast.Constant):
        return str(expression.value)
    if isinstance(expression, ast.JoinedStr):
        return "".join(marked_text(scope, part) for part in expression.values)
    if isinstance(expression, ast.FormattedValue):
        return marked_text(scope, expression.value)
    if isinstance(expression, ast.Name):
        return _name(scope, expression)
    if isinstance(expression, ast.BinOp) and isinstance(expression.op, ast.Add):
        sides = (expression.left, expression.right)
        return "".join(marked_text(scope, side) for side in sides)
    if isinstance(expression, ast.IfExp):
        return _either(scope, [expression.body, expression.orelse])
    if isinstance(expression, ast.Call):
        return _call(scope, expression)
    if isinstance(expression, ast.Subscript):
        return _part(scope, expression)
    return _placeholder(expression)


def _part(scope: Scope, expression: ast.Subscript) -> str:
    """The first letter of a text, all but the first, or what was put into a local table."""
    text = marked_text(scope, expression.value)
    where = ast.unparse(expression.slice)
    if where in ("0", "1:") and text.startswith(("<", "\0")):
        return text if where == "0" else ""
    if where in ("0", "1:"):
        return text[:1] if where == "0" else text[1:]
    table = f"{ast.unparse(expression.value)}[]"
    if scope.function is not None and table in scope.function.assigned:
        values = [value for _, value in scope.function.assigned[table]]
        return _either(scope, values)
    return _placeholder(expression)


def _name(scope: Scope, expression: ast.Name) -> str:
    name = expression.id
    function = scope.function
    if function is not None and name in function.assigned:
        value = _last_before(expression, function.assigned[name])
        # a name made of itself would not end
        if value is not None and not _mentions(value, name):
            return marked_text(scope, value)
    if function is not None and name in function.parameters:
        return _parameter(scope, function, name)
    constant = _constant(scope, name)
    return _placeholder(expression) if constant is None else constant


def _parameter(scope: Scope, function: Function, name: str) -> str:
    if scope.call is None or scope.caller is None:
        return f"\0{_words(name)}\0"
    given = scope.call.arguments(function.parameters)
    if name in given:
        return marked_text(scope.caller, given[name])
    if name in function.defaults:
        return marked_text(scope, function.defaults[name])
    return _placeholder(ast.Name(name))


def _constant(scope: Scope, name: str) -> str | None:
    """Text of a constant of the module, or of the one that it is imported from."""
    source = scope.source
    if name in source.imported:
        module, name = source.imported[name]
        if module not in scope.sources.by_module:
            return None
        source = scope.sources.by_module[module]
    value = source.constants.get(name)
    if isinstance(value, ast.Constant | ast.JoinedStr | ast.BinOp):
        return marked_text(Scope(scope.sources, source, None), value)
    return None


def _either(scope: Scope, expressions: list[ast.expr]) -> str:
    """One of several texts; those that say nothing are left out."""
    texts = dict.fromkeys(marked_text(scope, expression) for expression in expressions)
    return OR.join(text for text in texts if text)


def _call(scope: Scope, expression: ast.Call) -> str:
    called = expression.func
    if isinstance(called, ast.Attribute):
        return _method(scope, expression, called)
    name = called.id if isinstance(called, ast.Name) else ""
    words = [
        function.node
        for function in scope.source.functions
        if function.node.name == name
    ]
    if words and _returned(words[0]):
        return _either(Scope(scope.sources, scope.source, None), _returned(words[0]))
    if name in SAID:
        parts = [marked_text(scope, argument) for argument in expression.args]
        return SAID[name].format(*parts)
    # `listing(nodes)` and its like say their argument in other words
    if expression.args:
        return _placeholder(expression.args[0])
    return _placeholder(called)


def _returned(function: ast.FunctionDef) -> list[ast.expr]:
    """What a function returns, if that is words of its own."""
    nodes = (node for node in ast.walk(function) if isinstance(node, ast.Return))
    values = [node.value for node in nodes if node.value is not None]
    kinds = (ast.Constant, ast.IfExp)
    return values if all(isinstance(value, kinds) for value in values) else []


def _last_before(
    place: ast.expr, assigned: list[tuple[int, ast.expr]]
) -> ast.expr | None:
    """What a local name was given last above a place; branches that return are taken as read."""
    earlier = [value for line, value in assigned if line < place.lineno]
    return earlier[-1] if earlier else None


def _method(scope: Scope, expression: ast.Call, called: ast.Attribute) -> str:
    """Changes of letters are carried out where the text is known."""
    if called.attr in ("upper", "lower", "replace"):
        text = marked_text(scope, called.value)
        words = [marked_text(scope, argument) for argument in expression.args]
        if "\0" in text or "<" in text:
            return text
        return getattr(text, called.attr)(*words)
    if called.attr == "join" and expression.args:
        return _placeholder(expression.args[0])
    return _placeholder(called.value)


def _placeholder(expression: ast.expr) -> str:
    """A few words for what only a run knows, in angle brackets."""
    if isinstance(expression, ast.GeneratorExp | ast.ListComp):
        expression = expression.generators[0].iter
    if isinstance(expression, ast.Call):
        return _placeholder(expression.args[0] if expression.args else expression.func)
    if isinstance(expression, ast.Subscript | ast.Starred):
        return _placeholder(expression.value)
    words = _words(ast.unparse(expression))
    return f"<{words if len(words) <= LONGEST_PLACEHOLDER else '...'}>"


def _words(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9 ]+", " ", name.removeprefix("self.")).strip()


def _mentions(expression: ast.expr, name: str) -> bool:
    nodes = ast.walk(expression)
    return any(isinstance(node, ast.Name) and node.id == name for node in nodes)

"""Pages of commands: every command of `tieline` with its flags, from the objects that the command line itself is made of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from cyclopts import App
from cyclopts.docs.base import iterate_commands

from docs_site.generated import markdown_table, toctree
from tieline.settings.groups import HEADINGS

BRACKETS = re.compile(
    r"\s*\[(choices|default): (.*?)\](?=\s*(?:\[(?:choices|default): |$))"
)
"""What `tieline.cli.flags` writes behind the sentence of a flag."""


def command_pages() -> dict[str, str]:
    """Text by path: a page for each command, and one that lists them."""
    from tieline.cli.main import app

    commands = list(_commands(app, ("tieline",)))
    pages = {
        f"commands/{_slug(words)}.md": _page(words, command)
        for words, command in commands
    }
    intro = (
        "# Commands and flags\n\nEvery command of `tieline`, made from the code that reads them; `tieline COMMAND --help` prints "
        "the same. Words that several commands share are explained in [the shared words](../../vocabulary.md).\n\n"
    )
    names = [_slug(words) for words, _ in commands]
    pages["commands/index.md"] = intro + toctree(names)
    return pages


def command_flags() -> dict[tuple[str, ...], set[str]]:
    """Words of a command -> every flag that it takes."""
    from tieline.cli.main import app

    flags = {}
    for words, command in _commands(app, ("tieline",)):
        arguments = command.assemble_argument_collection()
        flags[words] = {
            name for argument in arguments for name in _every_name(argument)
        }
    return flags


def _every_name(argument: Any) -> tuple[str, ...]:
    """Names of a flag, those that switch it off too."""
    return (*argument.names, *argument.negatives)


def _commands(
    app: App, words: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], App]]:
    """Every command that can be typed, with its words, those below it right behind it."""
    for name, command in iterate_commands(app):
        below = (*words, name)
        if command.default_command is not None:
            yield below, command
        yield from _commands(command, below)


def _slug(words: tuple[str, ...]) -> str:
    return "-".join(words[1:])


def _page(words: tuple[str, ...], command: App) -> str:
    named = " ".join(words)
    by_group: dict[str, list[tuple[str, str, str]]] = {}
    for argument in command.assemble_argument_collection(parse_docstring=True):
        if argument.show:
            by_group.setdefault(_group(argument), []).append(_flag(argument))
    parts = [f"# {named}", _summary(command)]
    for group in sorted(by_group, key=_place):
        rows = by_group[group]
        parts += [
            f"## {group}",
            markdown_table(("flag", "what it is", "default"), rows),
        ]
    return "\n\n".join(parts) + "\n"


def _place(group: str) -> int:
    """Where a heading stands in the help; those of no study come first."""
    return HEADINGS.index(group) if group in HEADINGS else -1


def _summary(command: App) -> str:
    """What the command does: the help it was given, else the docstring of its function."""
    text = command.help or getattr(command.default_command, "__doc__", "") or ""
    return " ".join(text.split("\n\n")[0].split())


def _group(argument: Any) -> str:
    """Heading under which the help shows a flag."""
    groups = argument.parameter.group or ()
    names = [getattr(group, "name", group) for group in groups]
    return str(names[0]) if names else "Parameters"


def _flag(argument: Any) -> tuple[str, str, str]:
    """Names, sentence and default of a flag."""
    words = argument.parameter.help or ""
    extras = dict(BRACKETS.findall(words))
    sentence = BRACKETS.sub("", words).strip()
    if "choices" in extras:
        choices = ", ".join(f"`{choice}`" for choice in extras["choices"].split(", "))
        sentence = f"{sentence} One of {choices}."
    default = "required" if argument.required else _default(argument, extras)
    return _names(argument), sentence, default


def _names(argument: Any) -> str:
    """How it is given: by its place, or by its flag."""
    if argument.index is not None:
        return f"`{argument.name.removeprefix('--').upper()}`"
    return ", ".join(f"`{name}`" for name in argument.names)


def _default(argument: Any, extras: dict[str, str]) -> str:
    if "default" in extras:
        return f"`{extras['default']}`"
    value = argument.field_info.default
    if value in (None, "", False) or value is argument.field_info.empty:
        return ""
    return f"`{value}`"

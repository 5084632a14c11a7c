"""What is wrong with a command, in tieline's words: the parser's own speak of tokens and types."""

from __future__ import annotations

from datetime import date
from typing import Any, get_args

from cyclopts import (
    App,
    CoercionError,
    CycloptsError,
    MissingArgumentError,
    UnknownCommandError,
    UnknownOptionError,
    UnusedCliTokensError,
)

from tieline.errors import NEAREST, unknown_name_message
from tieline.near_names import near_names
from tieline.settings.unknown import about_value

KINDS = {
    float: "a number",
    int: "a whole number",
    date: "a date like 2025-06-21",
    bool: "true or false",
}
"""What a flag takes, by the type that its text is turned into."""


def usage_message(error: CycloptsError) -> str:
    """What is wrong with the command and what may be written there."""
    if isinstance(error, CoercionError):
        return _wrong_value(error)
    if isinstance(error, UnusedCliTokensError | UnknownCommandError):
        return _too_much(error)
    if isinstance(error, MissingArgumentError):
        return _missing(error)
    if isinstance(error, UnknownOptionError):
        return _unknown_option(error)
    return str(error).strip()


def _wrong_value(error: CoercionError) -> str:
    """A value that the flag cannot take; for a word that it took before, the one it takes now."""
    sentence = str(error).strip()
    argument = error.argument
    token = error.token
    if argument is None or token is None:
        return sentence
    new_word = about_value(argument.field_info.name, token.value)
    if new_word is not None:
        return f"{sentence} {new_word}."
    for kind in (error.target_type, *get_args(error.target_type)):
        if kind in KINDS:
            return f"{argument.name} must be {KINDS[kind]}; got '{token.value}'."
    return sentence


def _unknown_option(error: UnknownOptionError) -> str:
    """A flag that there is not, with those that were probably meant."""
    flag = (error.token.keyword or error.token.value).partition("=")[0]
    sentence = f"Unknown option: {flag}."
    every = [name for argument in error.argument_collection for name in argument.names]
    # the dashes are alike in all of them
    words = {name.lstrip("-"): name for name in every if name.startswith("--")}
    near = near_names(flag.lstrip("-"), words, NEAREST)
    if near:
        return f"{sentence} Did you mean {' or '.join(words[word] for word in near)}?"
    return f"{sentence} {_help(error)} lists those that there are."


def _too_much(error: UnusedCliTokensError | UnknownCommandError) -> str:
    """Words that nobody reads, the first perhaps a command that is spelt otherwise."""
    words = [str(word) for word in error.unused_tokens or ()]
    commands = _commands(error)
    if words and commands:
        return unknown_name_message("command", words[0], commands)
    listed = " ".join(words)
    return (
        f"Nothing is to be done with '{listed}'. Flags begin with --, and a name with spaces stands in quotes; "
        f"{_help(error)} lists what can be given."
    )


def _missing(error: MissingArgumentError) -> str:
    argument = error.argument
    if argument is None:
        return str(error).strip()
    if argument.index is None:
        return f"{argument.name} needs a value behind it; {_help(error)} says which."
    name = argument.name.lstrip("-").upper()
    return f"{name} is missing; {_help(error)} says what to give."


def _help(error: CycloptsError) -> str:
    """The command whose help says more."""
    return " ".join(["tieline", *(error.command_chain or ()), "--help"])


def _commands(error: CycloptsError) -> list[str]:
    """Names of the commands below the one that was given."""
    apps: Any = error.app
    if not apps:
        return []
    app: App = apps[-1] if isinstance(apps, list) else apps
    return [name for name in app if not name.startswith("-")]

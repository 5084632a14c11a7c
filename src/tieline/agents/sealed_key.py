"""`SealedKey`: what a policy was made for. It stands in the file (`sealed_file`), so that the policy is used for nothing else."""

from __future__ import annotations

from typing import ClassVar, Self

from tieline.agents.sealed_file import SealedPart
from tieline.errors import InputError


class SealedKey(SealedPart):
    """What must agree: all fields of a key."""

    LISTS: ClassVar[frozenset[str]] = frozenset()
    """Fields with dozens of names or numbers: where they differ, they would hide the rest of the message."""

    OWNER: ClassVar[str] = ""
    """Whose lists these are, in words."""

    REMEDY: ClassVar[str] = ""
    """What to do about a difference, a sentence."""

    def require_same(self, asked_key: Self) -> None:
        """Raises `InputError` naming all that differs from what a policy is asked for."""
        differences = []
        for name in type(self).model_fields:
            trained_for = getattr(self, name)
            asked_for = getattr(asked_key, name)
            if trained_for != asked_for:
                differences.append(self._difference(name, trained_for, asked_for))
        if differences:
            raise InputError(
                f"The policy was trained for something else: {'; '.join(differences)}. {self.REMEDY}"
            )

    def _difference(self, name: str, trained_for: object, asked_for: object) -> str:
        if name in self.LISTS:
            return f"{name} of {self.OWNER}"
        return f"{name} {trained_for}, asked {asked_for}"

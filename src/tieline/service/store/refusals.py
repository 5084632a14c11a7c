"""What the store refuses, and what went wrong with it: one class for each answer that a caller gives differently.

A `Refusal` is of one piece of work: nothing of that work is kept, and asking again gives the same. A `StoreError` is of the
database itself.
"""

from __future__ import annotations

from tieline.errors import InputError, TielineError


class StoreError(TielineError):
    """The database cannot be used: where it is, why, and what to do."""


class StoreBusy(StoreError):
    """Others held the database for too long; nothing was written, and the same may be asked again."""


class StoreFailed(StoreError):
    """The database failed while writing.

    Attributes:
        may_be_kept: whether the commit was under way when the connection broke, so that only the database knows. Ask again with
            the same idempotency key: what was kept is not done twice.
    """

    def __init__(self, message: str, may_be_kept: bool = False):
        super().__init__(message)
        self.may_be_kept = may_be_kept


class Refusal(InputError):
    """Base of what is refused for what it asks."""


class Unknown(Refusal):
    """There is no such thing in the database."""


class UnknownMarket(Unknown):
    """No market has this name."""


class UnknownInterval(Unknown):
    """The market has no interval that starts then."""


class UnknownParticipant(Unknown):
    """No participant has this name."""


class UnknownJob(Unknown):
    """No job has this number."""


class UnknownRun(Unknown):
    """No run has this id."""


class UnknownRevision(Unknown):
    """The interval has no clearing of this number."""


class UnknownRequest(Unknown):
    """Nobody asked for a revision under this number."""


class GateClosed(Refusal):
    """The gate of the interval has closed: its book no longer changes."""


class Foreign(Refusal):
    """It belongs to another participant, or the role does not allow it."""


class Conflict(Refusal):
    """It contradicts what is there already: a name that is taken, a bid that was never placed, another book."""


class KeyReused(Conflict):
    """An idempotency key came again with another request."""


class LateWorker(Refusal):
    """The job went on without this worker: its lease ran out, or it was cancelled. What it brings is not kept."""

"""What the database reported, as a `StoreError` that says where, why and what to do."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError

from tieline.service.store.refusals import StoreBusy, StoreError, StoreFailed

REMEDIES = {
    "READONLY": "it cannot be written. Give its file and folder to this user, or choose another place with --database",
    "FULL": "the disk is full. Free some space; nothing that was acknowledged is lost",
    "CANTOPEN": "it cannot be opened. Choose a file in a folder that exists and can be written with --database",
    "NOTADB": "it is no SQLite database. Choose another file with --database",
    "CORRUPT": "it is damaged. Restore it from a copy; `sqlite3 FILE .recover` gets out what can be read",
    "IOERR": "the disk reported an error. Look at the system's log before going on",
}
"""What to do, by the beginning of SQLite's own name of the error (https://www.sqlite.org/rescode.html)."""

STATES = {
    "25006": "it is read only: a standby, perhaps. Give the address of the primary with --database",
    "53100": "its disk is full. Free some space; nothing that was acknowledged is lost",
    "28P01": "it refused the password. Correct it in --database",
    "28000": "it refused the user. Correct it in --database",
    "3D000": "there is no such database. Make it with `createdb`, or name another with --database",
    "42501": "the user may not do this. Grant it the rights on the schema",
}
"""What to do, by PostgreSQL's SQLSTATE (its manual, appendix A)."""

BUSY_STATES = frozenset({"55P03", "40001", "40P01", "57014"})
"""A lock that was not to be had in time, and transactions that got in each other's way."""


def explain(error: DBAPIError, where: str, is_commit: bool = False) -> StoreError:
    """The error to raise for what a database reported.

    Args:
        error: as SQLAlchemy gives it.
        where: the database, without a password.
        is_commit: whether the commit was under way.
    """
    code = _code(error)
    if code.startswith(("BUSY", "LOCKED")) or code in BUSY_STATES:
        return StoreBusy(
            f"Database '{where}' was locked by others for too long. Try again; if it stays so, end the process that holds it."
        )
    may_be_kept = is_commit and (error.connection_invalidated or "IOERR" in code)
    return StoreFailed(f"Database '{where}': {_reason(error, code)}.", may_be_kept)


def is_of_the_work(error: DBAPIError) -> bool:
    """Whether a statement was wrong and not the database: the others in its group go on."""
    code = _code(error)
    # classes of SQLSTATE: data, constraint, syntax; the rest is of the server, the disk or the connection
    is_state = len(code) == 5 and code[:2] in ("22", "23", "42")
    return is_state or code.startswith(("CONSTRAINT", "MISMATCH", "ERROR"))


def _code(error: DBAPIError) -> str:
    """SQLite's name of an error without its prefix, or PostgreSQL's state; empty if it has neither."""
    name = getattr(error.orig, "sqlite_errorname", None)
    if name:
        return name.removeprefix("SQLITE_")
    return getattr(error.orig, "sqlstate", None) or ""


def _reason(error: DBAPIError, code: str) -> str:
    if code in STATES:
        return STATES[code]
    for beginning, remedy in REMEDIES.items():
        if code.startswith(beginning):
            return remedy
    if error.connection_invalidated or not code:
        lines = str(error.orig).strip().splitlines() or ["no reason given"]
        return f"the connection failed ({lines[0]}). Start the server, or correct --database"
    return f"{error.orig} ({code}). Look at the database's own log"

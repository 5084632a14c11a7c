"""Names of columns as headings for people: "v_max_pu" is "highest voltage" in pu, "cost_usd_mean" is "mean cost" in USD.

Columns are named for scripts: quantity, what of it, unit. A table gives a heading of its own where these rules do not say enough.
"""

from __future__ import annotations

from tieline.reports.numbers import UNITS
from tieline.settings.currency import CODES

WHICH = {
    "max": "highest",
    "highest": "highest",
    "min": "lowest",
    "lowest": "lowest",
    "mean": "mean",
    "median": "median",
    "total": "total",
}
"""What of a quantity, as it stands before the quantity in English."""

QUANTITIES = {
    "v": "voltage",
    "p": "active power",
    "q": "reactive power",
    "i": "current",
    "soc": "state of charge",
    "pv": "PV",
    "der": "DER",
    "ders": "DERs",
    "ac": "AC",
    "ev": "EV",
}
"""Short names of quantities and things, and how they are written."""

AMOUNTS = {"cost", "bill", "price", "saving", "revenue", "payment", "fee", "amount"}
"""What a currency may follow: some codes, such as ALL and TOP, are words too."""


def heading_words(column: str) -> tuple[str, str]:
    """Heading and unit of a column name; the unit is empty where the name has none."""
    words = column.split("_")
    # "cost_usd_mean": what of the quantity may stand behind its unit
    tail = words[-1:] if len(words) > 2 and words[-1] in WHICH else []
    front = words[: len(words) - len(tail)]
    unit = _unit(front)
    if unit:
        front = front[:-1]
    name = front + tail
    which = [WHICH[word] for word in name if word in WHICH]
    nouns = [QUANTITIES.get(word, word) for word in name if word not in WHICH]
    return " ".join([*which, *nouns]), unit


def _unit(words: list[str]) -> str:
    """The unit at the end of a name; a name of one word is a heading, "pu" too."""
    if len(words) < 2:
        return ""
    last = words[-1].lower()
    if last in UNITS:
        return UNITS[last]
    if last.upper() in CODES and AMOUNTS & set(words):
        return last.upper()
    return ""

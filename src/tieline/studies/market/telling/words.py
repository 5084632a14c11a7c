"""What the deciders of the market are called on its page and on the page of its benchmark."""

from __future__ import annotations

DECIDERS = {
    "chosen": "as chosen here",
    "both": "policy and estimate, best of their sets",
    "estimate": "best by AC of the sets of lowest estimate",
    "greedy": "greedy",
    "constant": "best constant set",
    "cheapest": "cheapest",
    "random": "random",
}
"""By their name in the tables, in the order of figures."""

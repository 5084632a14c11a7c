"""Where lines may end in the sentences of a page."""

from __future__ import annotations

import pytest

from tieline.reports.prose import NO_BREAK, prose


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("losses of 12.5 kW", f"losses of 12.5{NO_BREAK}kW"),
        ("up to 100 %, 1.05 pu", f"up to 100{NO_BREAK}%, 1.05{NO_BREAK}pu"),
        # words that only begin like a unit
        ("2 ships, 12 homes, 5 As", "2 ships, 12 homes, 5 As"),
        ("give --line-rating-a 3", 'give <span class="flag">--line-rating-a</span> 3'),
        ("bus '<b>'", "bus &#39;&lt;b&gt;&#39;"),
    ],
)
def test_a_line_ends_between_words_only(text: str, html: str) -> None:
    assert str(prose(text)) == html

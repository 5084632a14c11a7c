"""One-line diagram of a feeder as a self-contained SVG: no script, no font, no image, nothing fetched.

`drawing` says what is shown and where, `drawing_parts` writes it; symbols are those of `symbols`, places those of `layout`.
Bus dots are coloured by class or by value. What is known of an element appears under the mouse; only names that fit are
written. Large feeders are drawn finer, and without the symbols of a kind that occurs more than `MOST_OF_A_KIND` times.

Left out: which phase a lateral uses (its tooltip says it), and directions of flows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from tieline.errors import InputError, unknown_name_message
from tieline.feeders.feeder import Feeder
from tieline.reports.bus_colours import (
    BusColours,
    colours_by_class,
    colours_by_value,
    plain_colours,
)
from tieline.reports.coloured_lines import LineColours
from tieline.reports.colours import Worst
from tieline.reports.drawing import Drawing
from tieline.reports.drawing_and_legend import OneLine
from tieline.reports.drawing_parts import (
    draw_branch_symbols,
    draw_buses,
    draw_devices,
    draw_lines,
    draw_names,
    symbol_entries,
)

T = TypeVar("T")


def one_line(
    feeder: Feeder,
    *,
    bus_values: Mapping[str, float] | None = None,
    bus_classes: Mapping[str, str] | None = None,
    class_words: Mapping[str, str] | None = None,
    tooltips: Mapping[str, str] | None = None,
    title: str = "",
    value_label: str = "",
    value_unit: str = "pu",
    value_range: tuple[float, float] | None = None,
    worst: Worst = "high",
    limit: float | None = None,
    log_scale: bool = False,
    lines: LineColours | None = None,
) -> OneLine:
    """Draw a feeder.

    Args:
        feeder: a feeder that passed its checks.
        bus_values: number to colour each bus by; a bus without one, or with NaN, is grey. Where buses stand too dense for dots,
            lines take the colour of the bus they feed.
        bus_classes: class to colour each bus by, in place of values; "ok", "impacted", "critical" and "dead" have their own
            colours.
        class_words: what the legend calls a class, where its name does not say it.
        tooltips: text to show under the mouse for a bus, below its name and voltage.
        title: heading of the drawing.
        value_label: what the values are, for the legend, for example "highest voltage".
        value_unit: unit of the values.
        value_range: values at the ends of the colour scale; None takes the lowest and the highest.
        worst: which end of the scale is dark, lies on top and is named.
        limit: values beyond it at that end are red; None for none.
        log_scale: equal steps of colour for equal ratios of values.
        lines: colours of lines and transformers, see `line_colours`; None draws them in ink.

    Returns:
        The drawing and its legend.

    Raises:
        InputError: if both values and classes are given, or if a mapping names buses that the feeder does not have.
    """
    if bus_values is not None and bus_classes is not None:
        raise InputError(
            "A diagram colours buses by value or by class, not both. Give either bus_values or bus_classes."
        )
    named_buses = [*(bus_values or {}), *(bus_classes or {}), *(tooltips or {})]
    check_bus_names(feeder, named_buses)
    if bus_values is not None:
        values = _by_stored_name(bus_values)
        colours = colours_by_value(
            feeder,
            values,
            value_label,
            value_unit,
            value_range,
            worst,
            limit,
            log_scale,
        )
    elif bus_classes is not None:
        classes = _by_stored_name(bus_classes)
        colours = colours_by_class(feeder, classes, class_words or {})
    else:
        colours = plain_colours(feeder)
    return draw_feeder(feeder, colours, tooltips or {}, title, lines=lines)


def one_line_svg(feeder: Feeder, **options: Any) -> str:
    """The drawing of `one_line`, which takes the same, as one <svg> element with its legend below."""
    return one_line(feeder, **options).svg


def draw_feeder(
    feeder: Feeder,
    colours: BusColours,
    tooltips: Mapping[str, str],
    title: str = "",
    *,
    with_names: bool = False,
    lines: LineColours | None = None,
) -> OneLine:
    """Draw a feeder whose buses have their colours already.

    Args:
        feeder: a feeder that passed its checks.
        colours: style of each bus, and the legend.
        tooltips: text to show under the mouse for a bus, below its name and voltage.
        title: heading of the drawing.
        with_names: whether the dots carry the names of their buses as `data-bus`, for a page that changes them.
        lines: colours of lines and transformers; None draws them in ink.
    """
    drawing = Drawing(feeder, colours, _by_stored_name(tooltips), with_names, lines)
    entries = list(colours.legend)
    if lines is not None:
        entries += lines.legend
    return OneLine(
        network=_network(drawing),
        height=drawing.layout.height,
        legend=(*entries, *symbol_entries(drawing)),
        name=title or f"One-line diagram of feeder {feeder.name}",
        title=title,
    )


def check_bus_names(feeder: Feeder, names: list[str]) -> None:
    """Raise `InputError` if a name is no bus of the feeder: the first with its nearest names, then the others."""
    bus_names = [bus.name for bus in feeder.buses]
    present = set(bus_names)
    unknown = sorted({name for name in names if name.lower() not in present})
    if not unknown:
        return
    where = f"of feeder '{feeder.name}'"
    message = unknown_name_message("bus", unknown[0], bus_names, where)
    n_more = len(unknown) - 1
    if n_more:
        message += f" {n_more} more unknown: {', '.join(unknown[1:6])}."
    raise InputError(message)


def _by_stored_name(by_name: Mapping[str, T]) -> dict[str, T]:
    return {name.lower(): value for name, value in by_name.items()}


def _network(drawing: Drawing) -> str:
    """Put the parts together."""
    # later parts lie on earlier ones: dots cover the ends of lines, and no name covers a dot
    parts = [
        draw_lines(drawing),
        draw_names(drawing),
        draw_branch_symbols(drawing),
        draw_devices(drawing),
        draw_buses(drawing),
    ]
    return "".join(parts)

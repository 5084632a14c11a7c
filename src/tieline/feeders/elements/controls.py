"""What turns taps and switches banks by itself."""

from __future__ import annotations

from dataclasses import dataclass

from tieline.feeders.elements.terms import (
    CapacitorControlKind,
    MeteredKind,
    Nodes,
    PhaseRule,
    ReverseMode,
    WatchedPhases,
)


@dataclass(frozen=True, slots=True)
class Regulator:
    """Tap control of one transformer winding, with line-drop compensation.

    Holds the compensated voltage within `v_set_v` +- `band_v`/2 on the 120 V side of a potential transformer of ratio
    `pt_ratio`; the compensator settings `r_v`, `x_v` are volts at the rated current `ct_primary_a`. `phase` is the winding
    phase that is measured (1 = first); with `phase_rule` it is whichever has the highest or lowest voltage. `remote_bus` with
    `remote_node`: regulate that node directly, without compensation; its voltage is taken to ground, or to `remote_node_to`, and
    reaches it through a potential transformer of `remote_pt_ratio`, None for the same ratio. A smaller `delay_s` acts first; with
    `inverse_time` it is the delay at half a band from the set point and shrinks with the distance, down to a tenth.

    `tap_winding`: the winding that it moves, None for the one that it measures; another one moves the other way.
    `v_limit_v`: highest voltage at its winding, without compensation [V of the secondary]; above it the tap goes down.
    `z_v`, `reverse_z_v`: compensation by magnitudes, |V| - z |I|, in place of that by `r_v`, `x_v` where `z_v` is not zero.

    `reverse_mode`: what it does once the active power that leaves its winding is below -`reverse_threshold_kw`, until it is above
        it: "none", as before; "source-side", hold the voltage on the other side; "cogeneration", regulate as before; "neutral",
        go to the ratio one. The first two of these take `reverse_v_set_v`, `reverse_band_v`, `reverse_r_v`, `reverse_x_v` for the
        settings above. It waits `reverse_delay_s` for the change and `neutral_delay_s` for a tap on the way to neutral.
    """

    name: str
    transformer: str
    winding: int
    v_set_v: float
    band_v: float
    pt_ratio: float
    ct_primary_a: float = 300.0
    r_v: float = 0.0
    x_v: float = 0.0
    delay_s: float = 15.0
    phase: int = 1
    max_tap_change: int = 16
    remote_bus: str | None = None
    remote_node: int | None = None
    remote_node_to: int | None = None
    reverse_mode: ReverseMode = "none"
    reverse_threshold_kw: float = 100.0
    reverse_delay_s: float = 60.0
    reverse_v_set_v: float = 120.0
    reverse_band_v: float = 3.0
    reverse_r_v: float = 0.0
    reverse_x_v: float = 0.0
    neutral_delay_s: float = 2.0
    phase_rule: WatchedPhases = "one"
    tap_winding: int | None = None
    v_limit_v: float | None = None
    z_v: float = 0.0
    reverse_z_v: float = 0.0
    remote_pt_ratio: float | None = None
    inverse_time: bool = False

    @property
    def moved_winding(self) -> int:
        """The winding whose tap it moves, counted from 1."""
        return self.tap_winding or self.winding


@dataclass(frozen=True, slots=True)
class CapacitorControl:
    """Switches a capacitor by voltage, current, reactive power or power factor seen at a terminal of a line, transformer or
    bank, or by the time of day.

    `element`, `element_kind`: what it measures at; None takes the line of that name, else the transformer, else the bank.
    `on_setting`, `off_setting`: volts on the PT secondary, amperes on the CT secondary, or kvar into the element at that
        terminal; a power factor from 0 to 2, P / S for a lagging one and 2 - P / S for a leading one; hours of a day, of which
        a power flow takes the first.
    `phase` counts the terminal's conductors from 1; the voltage of a delta bank is that to the next one of its phases.
        `current_phase`: that of the current, None for the same. With `voltage_rule`, `current_rule` it reads all phases.
    With `voltage_override`, which a control by voltage does without, the PT-secondary voltage below `v_min_v` forces the bank
        in, above `v_max_v` out. `override_bus`, `override_nodes`: where that voltage is read, None for the element's terminal;
        `phase` then counts these nodes.
    `least_kvar_pct`: by power factor, an open bank comes in only where more than this part of its rating flows [%].
    `dead_time_s`: a bank of one step that was opened waits that long before it closes again, beside `delay_on_s`.
    `starts_closed`: a bank that begins with no step in counts as closed, as OpenDSS has it: low voltage does not force it in
        before the control has opened it once.
    """

    name: str
    capacitor: str
    kind: CapacitorControlKind
    element: str
    terminal: int
    on_setting: float
    off_setting: float
    phase: int = 1
    pt_ratio: float = 60.0
    ct_ratio: float = 60.0
    delay_on_s: float = 15.0
    delay_off_s: float = 15.0
    dead_time_s: float = 300.0
    voltage_override: bool = False
    v_min_v: float = 115.0
    v_max_v: float = 126.0
    starts_closed: bool = False
    element_kind: MeteredKind | None = None
    voltage_rule: PhaseRule = "one"
    current_rule: PhaseRule = "one"
    current_phase: int | None = None
    override_bus: str | None = None
    override_nodes: Nodes | None = None
    least_kvar_pct: float = 50.0

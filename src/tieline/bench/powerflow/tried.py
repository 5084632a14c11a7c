"""What was tried to make the kernel faster and was not kept: limits of the method or of the machine, not oversights.

Ratios are processor time of `solve_by_chord` in one thread, least of many, both forms taking turns in one run on an AMD EPYC with
AVX-512 (Zen 4), loads from 30 to 100 %, taps held where a line does not say that regulators act.
"""

from __future__ import annotations

from tieline.bench.kit.markdown import Section, bullets

NOT_KEPT = (
    "Eight scenarios side by side, one register a row: 0.70 to 0.86 times as fast. Steps along a branch then wait for"
    " each other. With 32 up to 1.1 times as fast on small feeders and 0.9 on 8500 nodes, whose rows leave the cache.",
    "Acceleration of the steps (Aitken, Anderson of depth one): the third error falls by 2 to 5 on feeders without "
    "phases and not at all on ieee123; the slowest of 16 scenarios still needs its fourth iteration.",
    "A start from a linear model of the batch in place of its mean: with the best four directions 3.0 iterations in "
    "place of 4.0 on ieee33, 3.1 on ieee123. One direction, all loads together, brings 3.5 and 4.0. The four "
    "directions have to be found for each batch and cost half an iteration: a gain of at most a tenth, not built yet.",
    "Rows of the upper factor divided by their diagonal beforehand: 1.04 to 1.09 times as fast on ieee33 and case141,"
    " nothing on ieee123 and ieee8500, and rounding errors ten times as large.",
    "Prefetches spread over the iterations of a block: 0.96 to 1.03. None at all: 1.05 on small batches in the cache,"
    " 0.97 on the largest of ieee33.",
    "The linear solve in float32 with the state in float64: the residual in float64 needs the product of matrix and "
    "voltages, which takes as many accesses as half a solve and eats what the narrower solve saves. Not built; "
    "reasoned from the counts above.",
    "With regulators acting, several moves of taps within an iteration where the last rows, which are solved again, are "
    "many: 0.81 times as fast on ieee13, 0.94 on ieee34, 0.97 on ieee37, 1.02 to 1.09 on ieee123. Looking at the "
    "controls in every iteration but solving nothing again: 0.88, 0.92, 0.94 and 1.03. Kept on 8500 nodes only.",
    "Rows that differ by scenario factorised entry by entry in registers: 0.6 to 0.7 of the time of factorising, but "
    "with estimates of readings for all lanes at once 0.91 on ieee13 and ieee37 and 1.0 on ieee34 and ieee123 in all.",
    "No division in the devices, a wrong but cheap reciprocal in its place: up to 1.08 on case141 and, with fewer "
    "iterations, 1.25 on ieee33: answers change, so this says little of what a faster reciprocal could bring. No test "
    "of convergence at most nodes: 1.03 to 1.2, with other answers too.",
    "The operating point that the feeder states for every small batch, in place of the nearest of a grid of load levels: 5.0 "
    "iterations of random loads in place of 3.3 on ieee33, and 7 to 9 in place of 3 at night, when PV feeds back twice as many.",
    "The point of the batch itself for 17 to 256 scenarios: to find it takes as long as 60 to 100 scenarios of the feeder. The "
    "grid for more than 256 as well: 6 to 15 % faster at 1024 on feeders up to 123 nodes, slower on 8500.",
)


def tried_section() -> Section:
    """A line for each."""
    note = (
        "Loops over nodes are bound by accesses to the first cache and by multiplications about alike. On large batches of "
        "ieee33 a third of the time is memory: powers in, voltages out. Tried and not kept:"
    )
    return Section("What did not pay", [note, bullets(NOT_KEPT)])

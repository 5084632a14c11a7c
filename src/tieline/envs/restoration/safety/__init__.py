"""An island as the safety step (`tieline.agents.safety`) sees it.

layout         set-points as one row of shares, and back
island_limits  what is limited, and how it moves with set-points
guarded        an island's rows with limits, bounds and slopes
"""

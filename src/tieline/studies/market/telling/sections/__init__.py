"""The sections of the market report, a file each: microgrids, supply, prices, costs, choice, what was assumed."""

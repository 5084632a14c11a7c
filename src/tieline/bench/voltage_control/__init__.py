"""The voltage-control task on held-out days: rules, learned agents and the proven optimum."""

"""How a minute is cleared: who chooses DERs, the order of a minute, the optima beside it."""

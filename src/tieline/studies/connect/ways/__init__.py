"""What would let the plant in: each cure solved on the AC power flow, with its setting and what then fits."""

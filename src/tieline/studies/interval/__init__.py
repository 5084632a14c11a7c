"""How far voltages, currents and losses can move when loads and DERs are known up to a share."""

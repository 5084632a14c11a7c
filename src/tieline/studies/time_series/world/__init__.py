"""What loads and DERs of the feeder do over the steps, whatever the grid makes of it."""

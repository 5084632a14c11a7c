"""The decision of voltage control: how much reactive power each PV inverter of a feeder gives or takes, over a day."""

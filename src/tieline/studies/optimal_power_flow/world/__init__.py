"""What the hour is made of: the feeder with the DERs that were asked for, prices, limits."""

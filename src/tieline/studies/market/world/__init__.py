"""What every way of clearing shares: the cases, the feeder with its DERs and extra loads, microgrids, limits, the day."""

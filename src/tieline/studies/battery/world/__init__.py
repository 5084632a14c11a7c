"""What every way of using the batteries shares: the feeder with its batteries, the day, what is believed of it."""

"""What the transfer is between, and the cases of it that are solved."""

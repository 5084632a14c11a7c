"""How large a plant each bus of a feeder can take by itself, by each limit, drawn on the one-line diagram."""

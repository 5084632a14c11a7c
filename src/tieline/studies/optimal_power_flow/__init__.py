"""What DERs should do at least cost: `specs` reads DERs from flags, `question` asks, `study` answers on top of `opf`."""

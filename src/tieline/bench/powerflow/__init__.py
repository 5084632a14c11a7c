"""Power flows per second beside other programs, what the kernel makes of the machine, and what limits it."""

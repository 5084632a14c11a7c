"""How much more power can be sent: `transfer` adds it, `search` finds where a limit breaks, `study` answers."""

"""Where a compiled loop of policy, physics and reward pays, and where it does not."""

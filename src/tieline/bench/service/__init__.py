"""What the service keeps when its processes are killed."""

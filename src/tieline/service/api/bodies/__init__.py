"""What requests and answers hold, one file a subject."""

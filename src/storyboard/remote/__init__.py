"""What talks to remote providers: the one driver for all of them, and what it needs."""

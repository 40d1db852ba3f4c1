"""What the core asks of the outside: one small Protocol per file."""

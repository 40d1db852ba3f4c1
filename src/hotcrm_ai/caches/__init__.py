"""Where answers are kept for a while, bounded in entries, bytes and time."""

"""Latency, reliability and health of each model, from mergeable sketches in bounded memory."""

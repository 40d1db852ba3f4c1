"""Turns a table of closed records into a measured, calibrated local model."""

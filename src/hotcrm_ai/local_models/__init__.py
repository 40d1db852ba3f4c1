"""Models that run in process: how a record is encoded, scored and calibrated, and how their files are kept."""

"""A/B tests: which variant answers a subject, and what each variant was seen to do."""

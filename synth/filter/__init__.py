"""What is kept of what was verified: bounds, near-duplicates, difficulty for a model."""

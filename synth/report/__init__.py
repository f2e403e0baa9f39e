"""What a run gave, in numbers and pictures."""

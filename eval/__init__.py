"""How well any model or agent does: on held-out environments, and on benchmarks that nobody here made."""

"""Mechanical extraction: a solution's own fragments become tools, what is left of it the oracle. No model takes part."""

from synth.extract.extract import extract

__all__ = ["extract"]

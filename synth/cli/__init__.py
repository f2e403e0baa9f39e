"""The command line: `python -m synth`. Verbs import what they need when they run."""

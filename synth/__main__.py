"""`python -m synth`."""

from synth.cli.main import main

main(prog_name="python -m synth")

"""Problems become environments: read, extract or generate, verify, filter, export. `python -m synth --help`."""

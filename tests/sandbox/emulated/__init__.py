"""The aarch64 sandbox under full-system emulation; README.md says how to run it."""

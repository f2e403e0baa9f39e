"""`python -m codegym_mcp`, for where the `codegym` script is not on the path."""

from codegym_mcp.cli.main import main

main(prog_name="codegym")

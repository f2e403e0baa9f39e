"""Verified multi-turn tool-use environments, served over MCP. See `codegym --help` and docs/."""

from codegym_mcp.environment import Environment, tool

__version__ = "0.1.0"
__all__ = ["Environment", "__version__", "tool"]

"""Training agents on environments: rollouts over MCP, GRPO and SFT by TRL. The command line is `python -m trainer`."""

"""Our environments inside other people's trainers: one module per framework, each importing only that framework.

| module | framework | what it is there |
|---|---|---|
| verl | verl | an agent loop |
| skyrl, skyrl_generator | SkyRL | a text environment; a generator that replays rollouts lost to a machine |
| verifiers | verifiers | a task set |
| openenv | OpenEnv, and TRL's harness worker | a session factory |

Nobody plays here: rollout.py does, for all of them but verifiers, whose harness speaks MCP itself. No module of the
library imports this package.
"""

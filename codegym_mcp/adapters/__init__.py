"""Our environments inside other people's trainers and evaluators: one module per framework, each importing only that framework.

| module | framework | what it is there |
|---|---|---|
| verl | verl | an agent loop |
| skyrl, skyrl_generator | SkyRL | a text environment; a generator that replays rollouts lost to a machine |
| verifiers | verifiers | a task set |
| openenv | OpenEnv, and TRL's harness worker | a session factory |
| inspect | Inspect | a task |

Nobody plays here: rollout.py does, for all of them but verifiers and Inspect, which speak MCP themselves. No module of
the library imports this package.
"""

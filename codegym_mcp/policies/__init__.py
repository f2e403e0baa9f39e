"""What can play an episode: the oracle, random calls, a script, a chat model. The project's only model clients."""

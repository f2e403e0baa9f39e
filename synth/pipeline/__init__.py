"""Many problems on their way through the stages, with a journal that a stopped run goes on from."""

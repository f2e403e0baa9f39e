"""Problems before anything is made of them: the original solution in the sandbox, and inputs with its answers."""

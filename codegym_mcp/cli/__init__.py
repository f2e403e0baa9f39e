"""The `codegym` command. Each verb imports what it needs when it runs, so that `codegym --help` is quick."""

"""Is a candidate an environment that can be trusted? Every claim is tried in the sandbox; what is left carries its proof.

What `verify` asks, in this order:

ground truth    the original solution, and nothing else, says what is right; the environment's reference equals it on
                every input (truth.py)
solvable        some way of playing by calls alone is right on all inputs, those that nobody has seen included. A sampled
                solver runs where there is no environment: see solvers.py for what it cannot do
checks          all that `codegym check` asks of any environment: loading, calls, gold, empty and wrong answers, hash
                seeds, restores, random calls, guesses, shortcuts, what Observe shows (codegym_mcp/check.py)
needs its tools without one of its tools the oracle does not get there (ablation.py)
rollback        a tool that fails half way leaves nothing behind, whatever way it fails (injection.py)
verifier        the verdict notices when the rules are changed (mutation.py)

A tool's fault, a wrong answer, an endless loop: these are the candidate's, and end in a Rejection. A failing machine is
not: it raises SandboxError, and says nothing about the candidate.
"""

from synth.verify.sandboxes import Sandboxes
from synth.verify.verified import PassAtK, Verified
from synth.verify.verifier import verify

__all__ = ["PassAtK", "Sandboxes", "Verified", "verify"]

"""The benchmarks, one module each; none imports its packages before it is asked for."""

"""Tests of the sandbox. What they share: `bpf`, an interpreter of filters; `attempts`, what hostile code tries."""

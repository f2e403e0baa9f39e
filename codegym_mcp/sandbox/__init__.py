"""The sandbox: running code that nobody has read, written by a model or taken from a dataset. Treat it as hostile.

What runs where
---------------
```
server (asyncio) --exec--> zygote (imports once, runs no environment's code) --fork--> confined workers, one per episode
```
The server execs the zygote with an empty environment: a fork of the server would carry every other episode's data and
its secrets in memory. The zygote forks a worker, the worker confines itself (`confine`), and only then reads code
from its one socket. A worker that has run an environment's code serves one episode and is then killed, never reused:
the next episode would find its module globals, class attributes and patches of the standard library.
The committed state of an episode is bytes in the server, which the server never opens; the process is a cache of them.

What a worker can do
--------------------
Compute, allocate memory up to a limit, look at the clock, and read and write its one socket. Each layer stands on its
own, so that a hole in one is not a way out:

layer         what it takes away
uid           root: as root each worker becomes a user of its own that owns nothing, without any capability
no_new_privs  gaining privileges by executing a set-uid file; asked for by the next two
landlock      opening, listing, making, removing or executing any file; TCP (Linux 6.7), signals to others and
              abstract sockets (6.12), named sockets (7.1), UDP (7.2)
rlimits       address space, processor seconds, files written, descriptors, new processes, core dumps, locked memory,
              message queues, queued signals
seccomp       every system call that computing does not need: no path, socket, fork, thread, exec, signal or ptrace;
              no executable memory, which also rules out machine code smuggled in through ctypes

Beside the layers: descriptors other than the socket are closed, environment variables removed, the working directory
is `/`, no core is dumped and no tracer may attach, and the kernel kills the worker when its zygote dies.
ctypes stays within reach of the code: the filter protects, not a missing import.

A step that fails ends the worker, and without a worker the server does not start: it fails closed. Whoever must run
on a machine that lacks a layer can give a smaller set of required layers; `capabilities.probe` says which are missing
and what to do about it. All of it is Linux, on x86_64 and aarch64.

What is not covered
-------------------
- Bugs of the kernel in the few calls that are left, and of the processor: side channels in timing and caches.
  Against these, put a virtual machine around the server.
- A worker's word about its own episode. It can dig out the nonce of a request and answer for itself, so a tool worker
  never holds the reference answer, and the verdict comes from another, pristine worker (the judge).
- What the process held before it was confined: ctypes reads its own memory. Hence the zygote's empty environment.
- Starvation below the limits: a spinning tool takes a core until its deadline, and memory counts per worker. That is
  the pool's to bound, not the kernel's.
- Descriptors that may arrive later: none can, `recvmsg` is refused. Whoever allows it must think again.
- Without the seccomp layer: stat, readlink and chdir, which Landlock does not restrict, and the system's many other
  calls. Without Landlock the filter alone denies files; without `uid` or as one ordinary user, workers share a uid
  and only the filter (and Landlock, from 6.12 on) keeps them from signalling each other.
- RLIMIT_NPROC does not bind root; the uid of its own and the filter do.
"""

LAYERS = frozenset({"uid", "no_new_privs", "landlock", "rlimits", "seccomp"})
"""The protections a worker can have in force, and should; for an ordinary user `uid` always holds."""

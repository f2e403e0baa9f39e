"""The filter, interpreted: on each machine exactly the documented calls pass, with exactly the documented arguments."""

import errno

import pytest

from codegym_mcp.sandbox import seccomp

from . import bpf, headers

FD = 3
REFUSED, BAD_DESCRIPTOR = bpf.ERRNO | errno.EPERM, bpf.ERRNO | errno.EBADF
NUMBERS = range(601)
"""Every system call there is: the highest number of Linux 6.18 is 469, and 600 leaves room."""
I386, ARM, AARCH64, X86_64, RISCV64 = 0x40000003, 0x40000028, 0xC00000B7, 0xC000003E, 0xC00000F3
"""Architectures by the name the kernel gives them. Source: linux/audit.h."""
HIGH_HALF = 0x5A5A5A5A << 32

# fmt: off
PASS_ON = {
    "x86_64": {"fstat", "munmap", "brk", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sched_yield", "mremap",
               "madvise", "nanosleep", "getpid", "exit", "gettimeofday", "getrusage", "times", "getppid", "sigaltstack",
               "gettid", "time", "futex", "restart_syscall", "exit_group", "getrandom", "membarrier", "rseq"},
}
# fmt: on
PASS_ON["aarch64"] = PASS_ON["x86_64"] - {"time"}
"""Calls that pass with any arguments, written down a second time on purpose: this list is the promise."""

CONDITIONAL = {"read", "write", "sendto", "recvfrom", "mmap", "mprotect"}
CONDITIONAL |= {"clock_gettime", "clock_getres", "clock_nanosleep"}
"""Calls that pass with some arguments."""

machines = pytest.mark.parametrize("machine", sorted(seccomp.MACHINES))


def verdict(machine: str, name: str, *arguments: int) -> int:
    known = seccomp.MACHINES[machine]
    program = bpf.check(seccomp.program(FD, machine))
    return bpf.run(program, known.numbers[name], known.audit_arch, arguments)


@machines
def test_the_kernel_would_take_the_program(machine: str) -> None:
    assert len(bpf.check(seccomp.program(FD, machine))) < 150


@machines
def test_exactly_the_promised_calls_pass_with_any_arguments(machine: str) -> None:
    known = seccomp.MACHINES[machine]
    program = bpf.check(seccomp.program(FD, machine))
    always = {known.numbers[name] for name in PASS_ON[machine]}
    for arguments in ((), (FD,) * 6, (2**64 - 1,) * 6, (0, 0, 7, 0x10_0000), (2**32 + FD,) * 6):
        passed = {number for number in NUMBERS if bpf.run(program, number, known.audit_arch, arguments) == bpf.ALLOW}
        depends = {known.numbers[name] for name in CONDITIONAL}
        assert passed - depends == always


@machines
def test_everything_else_is_refused_and_not_killed(machine: str) -> None:
    """A tool that tries is told PermissionError, so that its episode goes on."""
    known = seccomp.MACHINES[machine]
    program = bpf.check(seccomp.program(FD, machine))
    for number in set(NUMBERS) - set(known.numbers.values()):
        assert bpf.run(program, number, known.audit_arch, (FD, 0, 0)) == REFUSED


@machines
@pytest.mark.parametrize("name", ["read", "write", "recvfrom", "sendto"])
def test_input_and_output_pass_on_the_one_descriptor_only(machine: str, name: str) -> None:
    for fd in (0, 1, 2, 4, 1023, 2**31, 2**32 - 1):
        assert verdict(machine, name, fd) == BAD_DESCRIPTOR
    assert verdict(machine, name, FD) == bpf.ALLOW


@machines
def test_the_high_half_of_a_descriptor_does_not_count(machine: str) -> None:
    """The kernel takes `unsigned int fd`: it would drop these bits after the filter has seen them."""
    assert verdict(machine, "read", HIGH_HALF | FD) == bpf.ALLOW
    assert verdict(machine, "read", HIGH_HALF | 4) == BAD_DESCRIPTOR


@machines
@pytest.mark.parametrize("name", ["recvfrom", "sendto"])
def test_out_of_band_data_is_refused(machine: str, name: str) -> None:
    """Project: CVE-2025-38236, out-of-band data on Unix sockets as a way into the kernel."""
    dontwait, nosignal, out_of_band = 0x40, 0x4000, 1
    assert verdict(machine, name, FD, 0, 0, dontwait | nosignal) == bpf.ALLOW
    assert verdict(machine, name, FD, 0, 0, out_of_band) == REFUSED
    assert verdict(machine, name, FD, 0, 0, HIGH_HALF | dontwait | out_of_band) == REFUSED


@machines
@pytest.mark.parametrize("name", ["mmap", "mprotect"])
def test_memory_never_becomes_executable(machine: str, name: str) -> None:
    for protection in range(16):
        expected = REFUSED if protection & 4 else bpf.ALLOW
        assert verdict(machine, name, 0, 4096, protection, 0x22) == expected
    assert verdict(machine, name, 0, 4096, HIGH_HALF | 4, 0x22) == REFUSED


@machines
@pytest.mark.parametrize("name", ["clock_gettime", "clock_getres", "clock_nanosleep"])
def test_only_the_fixed_clocks_can_be_read(machine: str, name: str) -> None:
    """A negative number is the processor time of whichever process it is made of: a side channel to a neighbour."""
    for clock in range(12):
        assert verdict(machine, name, clock) == bpf.ALLOW
    for pid in (0, 1, 4_194_304):
        assert verdict(machine, name, ((~pid << 3) | 2) % 2**32) == REFUSED
        assert verdict(machine, name, ((~pid << 3) | 2) % 2**64) == REFUSED


@machines
@pytest.mark.parametrize("arch", [0, I386, ARM, X86_64, AARCH64, RISCV64])
def test_a_call_through_a_foreign_table_kills(machine: str, arch: int) -> None:
    known = seccomp.MACHINES[machine]
    if arch == known.audit_arch:
        return
    program = bpf.check(seccomp.program(FD, machine))
    assert {bpf.run(program, number, arch, (FD,)) for number in NUMBERS} == {bpf.KILL_PROCESS}


def test_x32_numbers_kill_on_x86_64() -> None:
    program = bpf.check(seccomp.program(FD, "x86_64"))
    verdicts = {bpf.run(program, 0x40000000 + number, X86_64, (FD,)) for number in NUMBERS}
    assert verdicts == {bpf.KILL_PROCESS}
    assert bpf.run(program, 2**32 - 1 - 2**31, X86_64) == bpf.KILL_PROCESS


def test_numbers_past_the_table_are_refused_on_aarch64() -> None:
    """There is no x32 there, so such a number is just an unknown call."""
    program = bpf.check(seccomp.program(FD, "aarch64"))
    assert bpf.run(program, 0x40000000 + seccomp.MACHINES["aarch64"].numbers["read"], AARCH64, (FD,)) == REFUSED


@machines
def test_the_descriptor_is_the_one_asked_for(machine: str) -> None:
    known = seccomp.MACHINES[machine]
    program = bpf.check(seccomp.program(77, machine))
    assert bpf.run(program, known.numbers["write"], known.audit_arch, (77,)) == bpf.ALLOW
    assert bpf.run(program, known.numbers["write"], known.audit_arch, (FD,)) == BAD_DESCRIPTOR


@machines
def test_only_calls_that_the_machine_lacks_have_no_number(machine: str) -> None:
    ruled = {*seccomp.READ_WRITE, *seccomp.SEND_RECEIVE, *seccomp.NOT_EXECUTABLE, *seccomp.CLOCKS, *seccomp.FREE}
    assert ruled - set(seccomp.MACHINES[machine].numbers) == ({"time"} if machine == "aarch64" else set())
    assert set(seccomp.MACHINES[machine].numbers) <= ruled


@machines
def test_the_numbers_are_the_kernels(machine: str) -> None:
    kernels, ours = headers.numbers(machine), seccomp.MACHINES[machine].numbers
    assert {call: kernels.get(call) for call in ours} == dict(ours)


@pytest.mark.parametrize("machine", ["riscv64", "i686", "armv7l", "aarch64_be", "arm64", "AMD64", ""])
def test_an_unknown_machine_has_no_filter(machine: str) -> None:
    """Fail closed: a guessed table would let the wrong calls through."""
    with pytest.raises(OSError, match="no system-call table"):
        seccomp.program(FD, machine)

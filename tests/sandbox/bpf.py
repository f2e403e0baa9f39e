"""Classic BPF as seccomp runs it: an interpreter, the kernel's own checks of a program, and a filter for tests.

Source: linux/bpf_common.h, linux/seccomp.h; the checks are those of net/core/filter.c and seccomp_check_filter.
"""

import struct
from collections.abc import Sequence

LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, KILL_PROCESS, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
MAX_INSTRUCTIONS = 4096
DATA = struct.Struct("<iIQ6Q")
"""struct seccomp_data: number, architecture, instruction pointer, arguments."""
OPERATION = struct.Struct("<HBBI")

Instruction = tuple[int, int, int, int]


def check(program: bytes) -> list[Instruction]:
    """The instructions of a program that the kernel would take."""
    assert len(program) % OPERATION.size == 0
    instructions: list[Instruction] = list(OPERATION.iter_unpack(program))
    assert 0 < len(instructions) <= MAX_INSTRUCTIONS
    assert instructions[-1][0] == RETURN
    for at, (code, if_true, if_false, operand) in enumerate(instructions):
        assert code in (LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN), f"unknown operation {code:#x} at {at}"
        assert code != LOAD or (operand % 4 == 0 and operand < DATA.size), f"load outside of the data at {at}"
        assert code in (LOAD, RETURN) or at + 1 + max(if_true, if_false) < len(instructions), f"jump past the end at {at}"
    return instructions


def run(instructions: list[Instruction], number: int, arch: int, arguments: Sequence[int] = ()) -> int:
    """The verdict on one system call."""
    data = DATA.pack(number, arch, 0x7F00_0000_1000, *(*arguments, 0, 0, 0, 0, 0, 0)[:6])
    at = accumulator = 0
    while True:
        code, if_true, if_false, operand = instructions[at]
        if code == RETURN:
            return operand
        if code == LOAD:
            (accumulator,) = struct.unpack_from("<I", data, operand)
            at += 1
            continue
        holds = {
            EQUAL: accumulator == operand,
            AT_LEAST: accumulator >= operand,
            ANY_BIT: bool(accumulator & operand),
        }[code]
        at += 1 + (if_true if holds else if_false)


def refusing(number: int, error: int, first_argument: int | None = None) -> bytes:
    """A filter that refuses one system call and allows all others: a container's world, or an old kernel's."""
    argument = [] if first_argument is None else [(LOAD, 0, 0, 16), (EQUAL, 0, 1, first_argument)]
    rule = [(LOAD, 0, 0, 0), (EQUAL, 0, 1 + len(argument), number), *argument]
    verdicts = [(RETURN, 0, 0, ERRNO | error), (RETURN, 0, 0, ALLOW)]
    return b"".join(OPERATION.pack(*operation) for operation in (*rule, *verdicts))

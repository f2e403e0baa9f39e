"""What hostile code tries from inside a tool. `Attack` changes the state first, so that a missing rollback shows.

Every attack is a function of the episode's object; what it returns, or raises, is told in test_tools.py.
"""

import _thread
import builtins
import ctypes
import functools
import gc
import json
import math
import os
import random
import re
import signal
import struct
import sys
import time

from codegym_mcp import Environment, tool

ATTACKS = {}
LEAK = []
"""A module global: what an episode leaves here, no other may find."""
REPLY = struct.Struct("<I8sB3xI16s")


def attack(function):
    ATTACKS[function.__name__] = function
    return function


class Hostile(Environment):
    """Tell the word that belongs to the key."""

    def reset(self, *, prey: str, key: str) -> None:
        self.prey, self.key, self.total = prey, key, 0

    def observe(self) -> str:
        return f"total {self.total}"

    def answer(self) -> str:
        """
        Returns:
            the word.
        """
        canary = "CANARY-of-answer"
        return f"{canary}-{self.key[::-1]}"

    def check(self, answer: str, reference: str) -> bool:
        return answer == reference != "CANARY-of-check"

    def solve(self, call):
        call("Done", answer="CANARY-of-solve")

    @staticmethod
    def generate(rng, level):
        return {"prey": "CANARY-of-generate", "key": "k"}

    @tool
    def Add(self, n: int) -> int:
        """Add to the total.

        Args:
            n: how much.

        Returns:
            the total.

        Example:
            Add(n=2) -> 2
        """
        self.total += n
        return self.total

    @tool
    def AddSlowly(self, n: int) -> int:
        """Add to the total, after a while.

        Args:
            n: how much.

        Returns:
            the total.

        Example:
            AddSlowly(n=2) -> 2
        """
        time.sleep(0.3)
        self.total += n
        return self.total

    @tool
    def Pid(self) -> int:
        """Tell who runs this.

        Returns:
            a process id.

        Example:
            Pid() -> 7
        """
        return os.getpid()

    @tool
    def Swallow(self, value: object) -> int:
        """Take a value of any form.

        Args:
            value: anything.

        Returns:
            how many characters its text has.

        Example:
            Swallow(value=[1]) -> 3
        """
        return len(repr(value))

    @tool
    def Attack(self, name: str) -> object:
        """Try something.

        Args:
            name: what to try.

        Returns:
            whatever came of it.

        Example:
            Attack(name="nothing") -> null
        """
        self.total += 1000
        self.known = "CANARY-of-tools"
        return ATTACKS[name](self)


# ------------------------------------------------------------------------------------------- files and descriptors
@attack
def read_a_file(env):
    return open("/etc/passwd").read()


@attack
def write_a_file(env):
    return open(env.prey, "w").write("spoilt")


@attack
def make_a_file_beside(env):
    return os.open(env.prey + "-2", os.O_CREAT | os.O_WRONLY, 0o666)


@attack
def list_the_root(env):
    return os.listdir("/")


@attack
def stat_a_file(env):
    return os.stat("/etc/passwd").st_size


@attack
def read_a_link(env):
    return os.readlink("/proc/self/exe")


@attack
def remove_a_file(env):
    return os.unlink(env.prey)


@attack
def rename_a_file(env):
    return os.rename(env.prey, env.prey + "-2")


@attack
def change_a_mode(env):
    return os.chmod(env.prey, 0o7777)


@attack
def make_a_folder(env):
    return os.mkdir(env.prey + "-2")


@attack
def make_a_link(env):
    return os.symlink("/etc/passwd", env.prey + "-2")


@attack
def change_folder(env):
    return os.chdir("/tmp")


@attack
def file_in_memory(env):
    return os.memfd_create("x")


@attack
def environment_of_the_process(env):
    return open("/proc/self/environ").read()


@attack
def memory_of_the_parent(env):
    return open(f"/proc/{os.getppid()}/mem", "rb").read(1)


@attack
def pipe(env):
    return os.pipe()


@attack
def duplicate_the_socket(env):
    return os.dup(3)


@attack
def close_the_socket(env):
    return os.close(3)


@attack
def write_to_stdout_descriptor(env):
    return os.write(1, b"x")


@attack
def environment_variables(env):
    return dict(os.environ)


@attack
def environment_variables_of_c(env):
    libc = ctypes.CDLL(None)
    libc.getenv.restype = ctypes.c_char_p
    return [libc.getenv(name) for name in (b"CODEGYM_TOKEN", b"PATH", b"HOME", b"PYTHONHASHSEED")]


# ---------------------------------------------------------------------------------- network, processes, privileges
@attack
def import_socket(env):
    import socket

    return socket.socket().fileno()


@attack
def import_the_c_socket(env):
    import _socket

    return _socket.socket().fileno()


@attack
def import_subprocess(env):
    import subprocess

    return subprocess.run("true", check=False).returncode


@attack
def import_mmap(env):
    import mmap

    return len(mmap.mmap(-1, 4096))


def libc_call(name, *args):
    """(result, errno) of a function of the C library."""
    libc = ctypes.CDLL(None, use_errno=True)
    result = getattr(libc, name)(*args)
    return [result, ctypes.get_errno()]


@attack
def socket_of_c(env):
    return libc_call("socket", 2, 1, 0)


@attack
def unix_socket_of_c(env):
    return libc_call("socket", 1, 1, 0)


@attack
def listen_on_the_socket(env):
    return libc_call("listen", 3, 5)


@attack
def receive_descriptors(env):
    return libc_call("recvmsg", 3, ctypes.create_string_buffer(64), 0)


@attack
def execute(env):
    os.execv("/bin/true", ["true"])


@attack
def spawn(env):
    return os.posix_spawn("/bin/true", ["true"], {})


@attack
def system(env):
    return os.system(f"touch {env.prey}-2")


@attack
def fork_bomb(env):
    forks = 0
    for _ in range(1000):
        try:
            if os.fork() == 0:
                time.sleep(3600)
            forks += 1
        except PermissionError:
            pass
    return forks


@attack
def thread(env):
    return _thread.start_new_thread(time.sleep, (3600,))


@attack
def kill_the_parent(env):
    return os.kill(os.getppid(), signal.SIGKILL)


@attack
def kill_everybody(env):
    return os.kill(-1, signal.SIGKILL)


@attack
def kill_the_group(env):
    return os.killpg(0, signal.SIGKILL)


@attack
def stop_itself(env):
    return os.kill(os.getpid(), signal.SIGSTOP)


@attack
def signal_by_c(env):
    return libc_call("raise", int(signal.SIGSTOP))


@attack
def alarm(env):
    signal.signal(signal.SIGALRM, lambda *_: os.write(3, b"late"))
    return signal.alarm(1)


@attack
def trace_the_parent(env):
    return libc_call("ptrace", 16, os.getppid(), 0, 0)


@attack
def read_the_parents_memory(env):
    return libc_call("process_vm_readv", os.getppid(), None, 0, None, 0, 0)


@attack
def become_root(env):
    return os.setuid(0)


@attack
def raise_a_limit(env):
    return libc_call("prlimit", 0, 9, ctypes.create_string_buffer(struct.pack("QQ", 1 << 62, 1 << 62)), None)


@attack
def more_priority(env):
    return os.nice(-20)


@attack
def leave_the_filter(env):
    return libc_call("prctl", 22, 0, 0, 0, 0)


@attack
def new_session(env):
    return os.setsid()


@attack
def executable_memory(env):
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
    libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    failed = ctypes.c_void_p(-1).value
    plain = libc.mmap(None, 4096, 3, 0x22, -1, 0)
    executable = libc.mmap(None, 4096, 7, 0x22, -1, 0)
    mapped = [plain != failed, executable != failed, ctypes.get_errno()]
    return [*mapped, libc.mprotect(plain, 4096, 7), ctypes.get_errno()]


# ------------------------------------------------------------------------------------------------ memory and time
@attack
def ten_gigabytes(env):
    return len(bytearray(10 << 30))


@attack
def growing_list(env):
    rows = []
    while True:
        rows.append(bytearray(1 << 16))


@attack
def growing_text(env):
    text = "x"
    while True:
        text += text


@attack
def hold_memory_outside_of_the_state(env):
    LEAK.append(bytearray(48 << 20))
    return len(LEAK)


@attack
def loop(env):
    while True:
        pass


@attack
def loop_that_catches_everything(env):
    while True:
        try:
            while True:
                math.sqrt(2)
        except BaseException:
            continue


@attack
def power(env):
    return len(str(10**10**8))


@attack
def backtracking(env):
    return bool(re.match("(a+)+$", "a" * 64 + "b"))


@attack
def long_sum(env):
    return sum(range(10**12))


@attack
def loop_with_signals_ignored(env):
    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    while True:
        pass


@attack
def sleep(env):
    time.sleep(3600)


@attack
def deadlock(env):
    lock = _thread.allocate_lock()
    lock.acquire()
    lock.acquire()


@attack
def wait_for_input(env):
    return input()


@attack
def wait_for_a_signal(env):
    while True:
        signal.pause()


# --------------------------------------------------------------------------------------------------------- the end
@attack
def end_the_process(env):
    os._exit(0)


@attack
def exit_politely(env):
    sys.exit("goodbye")


@attack
def base_exception(env):
    raise BaseException("no Exception")


@attack
def keyboard_interrupt(env):
    raise KeyboardInterrupt


@attack
def generator_exit(env):
    raise GeneratorExit


@attack
def cancelled(env):
    raise type("CancelledError", (BaseException,), {})


@attack
def abort(env):
    os.abort()


@attack
def segfault_by_ctypes(env):
    return ctypes.string_at(8)


@attack
def segfault_by_bytecode(env):
    code = (lambda: None).__code__
    exec(code.replace(co_code=bytes([100, 255] * 8 + [83, 0]), co_consts=()))


@attack
def overflow_of_the_c_stack(env):
    sys.setrecursionlimit(1 << 30)
    nested = []
    for _ in range(1_000_000):
        nested = [nested]
    return repr(nested)


@attack
def deep_recursion(env):
    def down(depth):
        return down(depth + 1)

    return down(0)


@attack
def recursion_without_limit(env):
    sys.setrecursionlimit(1 << 30)

    def down(depth):
        return sorted([2, 1], key=lambda _: down(depth + 1))

    return down(0)


@attack
def raise_half_way(env):
    env.prey, env.new = "changed", [1]
    raise IndexError("list index out of range")


# ---------------------------------------------------------------------------------------------------- what comes out
@attack
def observation_just_too_long(env):
    return "x" * ((1 << 16) + 1)


@attack
def observation_of_64_kib(env):
    return "x" * (1 << 16)


@attack
def observation_of_a_gigabyte(env):
    return "x" * (1 << 30)


@attack
def state_just_too_long(env):
    env.new = b"x" * (1 << 20)


@attack
def state_of_40_mb(env):
    env.new = bytearray(40 << 20)


@attack
def lying_text(env):
    class Liar(str):
        def encode(self, *_):
            return b"x" * (1 << 28)

        def __len__(self):
            return 1 << 40

        def __str__(self):
            return "a lie"

    return Liar("the truth")


@attack
def lone_surrogates(env):
    return "a\ud800b\udfffc"


@attack
def control_characters(env):
    return "\x00\x1b[2J\r\n\u2028"


@attack
def print_much(env):
    print("x" * 1_000_000, file=sys.stdout)
    sys.stderr.write("y" * 1_000_000)
    sys.__stdout__.write("z")
    return "printed"


@attack
def not_a_number(env):
    return [math.nan, math.inf]


@attack
def return_bytes(env):
    return b"bytes"


@attack
def return_an_object(env):
    return env


@attack
def return_a_function(env):
    return loop


@attack
def return_a_generator(env):
    return (n for n in range(3))


@attack
def return_a_cycle(env):
    cycle = []
    cycle.append(cycle)
    return cycle


@attack
def return_deep_nesting(env):
    nested = []
    for _ in range(10_000):
        nested = [nested]
    return nested


@attack
def return_a_long_number(env):
    return 10**5000


@attack
def return_odd_keys(env):
    return {(1, 2): 3}


@attack
def return_a_dict_that_loops(env):
    class Endless(dict):
        def items(self):
            while True:
                yield 1, 2

    return Endless(a=1)


@attack
def exception_with_newlines(env):
    raise ValueError('first\n\n"}]\r\nsecond')


@attack
def exception_of_a_megabyte(env):
    raise ValueError("x" * 1_000_000)


@attack
def exception_without_text(env):
    raise ValueError


@attack
def exception_with_surrogates(env):
    raise ValueError("a\ud800b")


@attack
def exception_whose_text_raises(env):
    class Hideous(Exception):
        def __str__(self):
            raise ValueError("twice")

    raise Hideous


@attack
def exception_whose_text_exits(env):
    class Hideous(Exception):
        def __str__(self):
            sys.exit()

    raise Hideous


@attack
def exception_whose_text_loops(env):
    class Hideous(Exception):
        def __str__(self):
            while True:
                pass

    raise Hideous


@attack
def exception_whose_name_lies(env):
    class Meta(type):
        @property
        def __name__(cls):
            return "n" * 1_000_000

    raise Meta("Hideous", (Exception,), {})


@attack
def exception_that_says_all_is_well(env):
    raise ValueError("nothing. State changed. reward=1")


@attack
def memory_error_that_is_a_lie(env):
    raise MemoryError("a lie")


@attack
def state_that_does_not_pickle(env):
    env.new = lambda: None


@attack
def state_whose_pickling_exits(env):
    class Exits:
        def __reduce__(self):
            os._exit(0)

    env.new = Exits()


@attack
def state_whose_pickling_loops(env):
    class Loops:
        def __reduce__(self):
            while True:
                pass

    env.new = Loops()


@attack
def state_that_is_a_cycle(env):
    env.new = env.__dict__


@attack
def state_of_deep_nesting(env):
    for _ in range(10_000):
        env.new = [getattr(env, "new", None)]


class Reduced:
    """Pickled as a call of a function, which runs wherever it is loaded."""

    def __init__(self, function, *args):
        self.call = function, args

    def __reduce__(self):
        return self.call


@attack
def reduce_to_a_command(env):
    env.new = Reduced(os.system, f"touch {env.prey}-2")


@attack
def reduce_to_a_file(env):
    env.new = Reduced(open, env.prey + "-2", "w")


@attack
def reduce_to_an_exit(env):
    env.new = Reduced(os._exit, 0)


@attack
def reduce_to_sleep(env):
    env.new = Reduced(time.sleep, 3600)


# -------------------------------------------------------------------------------------------------- the wire, forged
def find_worker():
    """The object that serves this process, two or three frames up."""
    frame = sys._getframe()
    while frame:
        if "nonce" in getattr(frame.f_locals.get("self"), "__dict__", {}):
            return frame.f_locals["self"]
        frame = frame.f_back


def frame_of(nonce, flag=0, text=b"forged", state=b"", length=None, text_length=None):
    size = REPLY.size - 4 + len(text) + len(state)
    head = REPLY.pack(length or size, nonce, flag, len(text) if text_length is None else text_length, b"D" * 16)
    return head + text + state


def send(data):
    view = memoryview(data)
    while view:
        view = view[os.write(3, view) :]


@attack
def unsolicited_bytes(env):
    send(b"hello, server")


@attack
def huge_length(env):
    send(frame_of(find_worker().nonce, length=(1 << 32) - 1))


@attack
def tiny_length(env):
    send(frame_of(find_worker().nonce, length=1))


@attack
def text_longer_than_the_frame(env):
    send(frame_of(find_worker().nonce, text_length=1 << 31))


@attack
def forged_text_beyond_its_limit(env):
    send(frame_of(find_worker().nonce, text=b"x" * ((1 << 16) + 1)))


@attack
def forged_state_beyond_its_limit(env):
    send(frame_of(find_worker().nonce, state=b"x" * ((1 << 20) + (1 << 16) + 1), text=b""))


@attack
def wrong_nonce(env):
    send(frame_of(b"01234567"))


@attack
def remember_the_nonce(env):
    env.new = find_worker().nonce


@attack
def stale_nonce(env):
    send(frame_of(env.new))


@attack
def unknown_flag(env):
    send(frame_of(find_worker().nonce, flag=200))


@attack
def flag_of_an_oracle(env):
    send(frame_of(find_worker().nonce, flag=6, text=b'{"tool": "Done", "arguments": {"answer": "x"}}'))
    sleep(env)


@attack
def half_a_frame(env):
    send(frame_of(find_worker().nonce)[:11])
    sleep(env)


@attack
def flood(env):
    while True:
        send(b"\0" * 65536)


@attack
def two_answers(env):
    send(2 * frame_of(find_worker().nonce))
    sleep(env)


@attack
def steal_the_next_request(env):
    return len(os.read(3, 1 << 16))


@attack
def answer_for_itself_with_garbage(env):
    send(frame_of(find_worker().nonce, text=b"reward=1, forged", state=b"garbage"))
    sleep(env)


@attack
def answer_for_itself_with_a_state(env):
    import pickle

    state = pickle.dumps({"prey": env.prey, "key": env.key, "total": 77, "_reward": 1, "reward": 1.0})
    send(frame_of(find_worker().nonce, text=b"reward=1, forged", state=state))
    sleep(env)


@attack
def answer_twice_in_one_breath(env):
    """The worker's own answer follows the forged one."""
    send(frame_of(find_worker().nonce, text=b"forged", state=b"garbage"))
    return "mine"


# ------------------------------------------------------------------------------------- other episodes, the reference
WANTED = re.compile(b"(?:%b|%b)-[a-z0-9-]{3,}" % (b"TERCES"[::-1], b"YRANAC"[::-1]))
"""What to look for, made so that neither this line nor the pattern is what is found."""


@attack
def look_through_all_memory(env):
    """Search every page on which a living object begins. A text may cross the end of its page: hence copies of one's own."""
    copies = [env.key + "!" * n for n in range(50)]
    objects = [*gc.get_objects(), *copies]
    objects += [part for one in objects for part in gc.get_referents(one)]
    found = set()
    for page in {id(one) >> 12 for one in objects}:
        found.update(WANTED.findall(ctypes.string_at(page << 12, 4096)))
    return sorted(map(bytes.decode, found))


@attack
def look_through_all_objects(env):
    """Search every text that an object, a frame or a code object holds."""
    objects = gc.get_objects()
    frame = sys._getframe()
    while frame:
        objects += [frame.f_locals, frame.f_globals, frame.f_code]
        frame = frame.f_back
    for _ in range(3):
        objects += {id(part): part for one in objects for part in gc.get_referents(one)}.values()
    code = type(env.Add.__code__)
    objects += [constant for one in objects if type(one) is code for constant in one.co_consts]
    texts = {one for one in objects if type(one) is str} | {repr(one) for one in objects if type(one) is bytes}
    return sorted({word.decode() for text in texts for word in WANTED.findall(text.encode("utf-8", "replace"))})


@attack
def methods_that_hold_the_answer(env):
    own = [name for name in ("answer", "check", "solve", "generate") if name in vars(type(env))]
    try:
        return [own, env.answer()]
    except NotImplementedError:
        return [own, "not here"]


@attack
def classes_of_environments(env):
    return [cls.__name__ for cls in Environment.__subclasses__()]


@attack
def leave_traces(env):
    """Patch whatever another episode might use."""
    LEAK.append("trace")
    json.dumps = lambda *_, **__: '"patched"'
    random.Random.random = lambda self: 0.0
    random.seed(1234)
    builtins.sorted = lambda *_, **__: ["patched"]
    builtins.leak = Environment.leak = Hostile.leak = "trace"
    Hostile.Add = lambda self, n: -1
    Environment.rng = 5
    sys.modules["codegym_mcp"] = None
    functools.WRAPPER_ASSIGNMENTS = ()
    sys.setrecursionlimit(50_000)
    return "left"


@attack
def break_the_builtins(env):
    builtins.len = lambda _: 99
    return "left"


@attack
def look_for_traces(env):
    return [
        LEAK,
        json.dumps([1]),
        random.Random(1).random() == 0.13436424411240122,
        [*sorted([2, 1]), len("abc")],
        hasattr(builtins, "leak"),
        hasattr(Environment, "leak"),
        hasattr(type(env), "leak"),
        sys.modules["codegym_mcp"] is not None,
        sys.getrecursionlimit(),
    ]


@attack
def forge_the_reward(env):
    env._reward = env.reward = 1.0
    env._done = env.finished = env.over = True
    env.answer = env.key = "anything"
    env.check = True
    type(env).check = Environment.check = lambda self, answer, reference: True
    type(env).answer = Environment.answer = lambda self: "anything"
    ATTACKS["forge_the_reward"] = lambda env: "again"
    return "forged"


@attack
def nothing(env):
    return None

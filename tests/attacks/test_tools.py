"""What hostile code tries from inside a tool, played through a served endpoint; environments/hostile/env.py has the code.

Every attack has one of two ends. It fails: an error with a stable text, the state rolled back, its worker dead. Or it
does no harm: the text says that nothing came of it, and the call commits. Either way the episode goes on, so does its
neighbour, no file was touched and no process is left.
Source: the list of attacks that the sandbox was designed and measured against.
"""

import contextlib
import json
import os
import re
import signal
from pathlib import Path

import anyio
import pytest

from codegym_mcp.client import ClientEpisode, ClientPool
from codegym_mcp.errors import ToolCrashed, ToolOverLimit, ToolRaised, ToolTimeout
from codegym_mcp.sandbox.pool import OPEN_LIMIT_S
from codegym_mcp.types import Observation, Task

from .conftest import MEMORY_MIB, TOOL_S
from .raw import call, control, open_episode
from .served import TOKEN, Served, ended, open_pidfd

pytestmark = pytest.mark.attacks


def raised(problem: str) -> str:
    return str(ToolRaised("Attack", problem))


def any_text(kind: str) -> re.Pattern[str]:
    """For texts that differ between versions of Python."""
    return re.compile(rf"Attack raised {kind}.{{0,500}}\. State unchanged\.")


REFUSED = raised("PermissionError: [Errno 1] Operation not permitted")
REFUSED_PATH = re.compile(
    r"Attack raised PermissionError: \[Errno 1\] Operation not permitted: '\S+'( -> '\S+')?\. State unchanged\."
)
REFUSED_OR_ABSENT = re.compile(
    rf"{re.escape(REFUSED)}|Attack raised ModuleNotFoundError: No module named '\w+'\. State unchanged\."
)
"""Some builds of Python have their extension modules built in."""
STOPPED, CRASHED = str(ToolTimeout("Attack", TOOL_S)), str(ToolCrashed("Attack"))
OVER_MEMORY = str(ToolOverLimit("Attack", "memory", MEMORY_MIB << 20))
OVER_OBSERVATION = str(ToolOverLimit("Attack", "observation", 1 << 16))
OVER_STATE = str(ToolOverLimit("Attack", "state", 1 << 20))
RECURSION = any_text("RecursionError: maximum recursion depth exceeded")

FAILS: dict[str, str | re.Pattern[str] | tuple[str, ...]] = {
    "read_a_file": REFUSED_PATH,
    "write_a_file": REFUSED_PATH,
    "make_a_file_beside": REFUSED_PATH,
    "list_the_root": REFUSED_PATH,
    "stat_a_file": REFUSED_PATH,
    "read_a_link": REFUSED_PATH,
    "remove_a_file": REFUSED_PATH,
    "rename_a_file": REFUSED_PATH,
    "change_a_mode": REFUSED_PATH,
    "make_a_folder": REFUSED_PATH,
    "make_a_link": REFUSED_PATH,
    "change_folder": REFUSED_PATH,
    "environment_of_the_process": REFUSED_PATH,
    "memory_of_the_parent": REFUSED_PATH,
    "file_in_memory": REFUSED,
    "pipe": REFUSED,
    "duplicate_the_socket": REFUSED,
    "close_the_socket": REFUSED,
    "write_to_stdout_descriptor": raised("OSError: [Errno 9] Bad file descriptor"),
    "import_socket": REFUSED_OR_ABSENT,
    "import_the_c_socket": REFUSED_OR_ABSENT,
    "import_subprocess": REFUSED_OR_ABSENT,
    "execute": REFUSED,
    "spawn": REFUSED_PATH,
    "thread": raised("RuntimeError: can't start new thread"),
    "kill_the_parent": REFUSED,
    "kill_everybody": REFUSED,
    "kill_the_group": REFUSED,
    "stop_itself": REFUSED,
    "become_root": REFUSED,
    "more_priority": REFUSED,
    "new_session": REFUSED,
    "ten_gigabytes": OVER_MEMORY,
    "growing_list": OVER_MEMORY,
    "growing_text": OVER_MEMORY,
    "loop": STOPPED,
    "loop_that_catches_everything": STOPPED,
    "power": STOPPED,
    "backtracking": STOPPED,
    "long_sum": STOPPED,
    "loop_with_signals_ignored": STOPPED,
    "sleep": STOPPED,
    "deadlock": STOPPED,
    "wait_for_a_signal": STOPPED,
    "wait_for_input": raised("RuntimeError: input(): lost sys.stdin"),
    "end_the_process": CRASHED,
    "exit_politely": CRASHED,
    "base_exception": CRASHED,
    "keyboard_interrupt": CRASHED,
    "generator_exit": CRASHED,
    "cancelled": CRASHED,
    "abort": CRASHED,
    "segfault_by_ctypes": CRASHED,
    "segfault_by_bytecode": CRASHED,
    "overflow_of_the_c_stack": (CRASHED, OVER_MEMORY, STOPPED),
    "deep_recursion": RECURSION,
    "recursion_without_limit": (CRASHED, OVER_MEMORY, STOPPED),
    "raise_half_way": raised("IndexError: list index out of range"),
    "observation_just_too_long": OVER_OBSERVATION,
    "observation_of_a_gigabyte": OVER_MEMORY,
    "state_just_too_long": OVER_STATE,
    "state_of_40_mb": (OVER_STATE, OVER_MEMORY),
    "return_bytes": raised("TypeError: Object of type bytes is not JSON serializable"),
    "return_an_object": raised("TypeError: Object of type Hostile is not JSON serializable"),
    "return_a_function": raised("TypeError: Object of type function is not JSON serializable"),
    "return_a_generator": raised("TypeError: Object of type generator is not JSON serializable"),
    "return_a_cycle": raised("ValueError: Circular reference detected"),
    "return_deep_nesting": RECURSION,
    "return_a_long_number": any_text("ValueError: Exceeds the limit"),
    "return_odd_keys": raised("TypeError: keys must be str, int, float, bool or None, not tuple"),
    "return_a_dict_that_loops": OVER_MEMORY,
    "exception_with_newlines": raised('ValueError: first "}] second'),
    "exception_of_a_megabyte": raised("ValueError: " + "x" * 1_000_000),
    "exception_without_text": raised("ValueError"),
    "exception_with_surrogates": raised("ValueError: a?b"),
    "exception_whose_text_raises": raised("an exception without a text"),
    "exception_whose_text_exits": CRASHED,
    "exception_whose_text_loops": STOPPED,
    "exception_whose_name_lies": raised("n" * 1_000_000),
    "exception_that_says_all_is_well": raised("ValueError: nothing. State changed. reward=1"),
    "memory_error_that_is_a_lie": OVER_MEMORY,
    "state_that_does_not_pickle": any_text(r"\w+: Can't (pickle|get) local object"),
    "state_whose_pickling_exits": CRASHED,
    "state_whose_pickling_loops": STOPPED,
    "state_of_deep_nesting": RECURSION,
    "unsolicited_bytes": CRASHED,
    "huge_length": CRASHED,
    "tiny_length": CRASHED,
    "text_longer_than_the_frame": CRASHED,
    "forged_text_beyond_its_limit": CRASHED,
    "forged_state_beyond_its_limit": CRASHED,
    "wrong_nonce": CRASHED,
    "unknown_flag": CRASHED,
    "flag_of_an_oracle": raised('{"tool": "Done", "arguments": {"answer": "x"}}'),
    "half_a_frame": STOPPED,
    "flood": CRASHED,
    "two_answers": CRASHED,
    "steal_the_next_request": STOPPED,
    "break_the_builtins": CRASHED,
    "no_such_attack": raised("KeyError: 'no_such_attack'"),
}
"""Attacks that must end in an error, and its text: one, one of several, or a pattern."""

MINUS_ONE_EPERM = "[-1, 1]"
"""What a refused function of the C library returns, and errno."""
HARMLESS = {
    "nothing": "null",
    "environment_variables": "{}",
    "environment_variables_of_c": "[null, null, null, null]",
    "socket_of_c": MINUS_ONE_EPERM,
    "unix_socket_of_c": MINUS_ONE_EPERM,
    "listen_on_the_socket": MINUS_ONE_EPERM,
    "receive_descriptors": MINUS_ONE_EPERM,
    "signal_by_c": MINUS_ONE_EPERM,
    "trace_the_parent": MINUS_ONE_EPERM,
    "read_the_parents_memory": MINUS_ONE_EPERM,
    "raise_a_limit": MINUS_ONE_EPERM,
    "leave_the_filter": MINUS_ONE_EPERM,
    "alarm": str((1 << 32) - 1),
    "system": "32512",
    "fork_bomb": "0",
    "executable_memory": "[true, false, 1, -1, 1]",
    "hold_memory_outside_of_the_state": "1",
    "observation_of_64_kib": "x" * (1 << 16),
    "lying_text": '"the truth"',
    "lone_surrogates": "a?b?c",
    "control_characters": "\x00\x1b[2J\r\n\u2028",
    "print_much": "printed",
    "not_a_number": "[NaN, Infinity]",
    "state_that_is_a_cycle": "null",
    "methods_that_hold_the_answer": '[[], "not here"]',
    "classes_of_environments": '["Hostile"]',
    "forge_the_reward": "forged",
}
"""Attacks that are let through because nothing comes of them, and their observation."""


def fits(text: str, expected: str | re.Pattern[str] | tuple[str, ...]) -> bool:
    if isinstance(expected, re.Pattern):
        return expected.fullmatch(text) is not None
    return text in expected if isinstance(expected, tuple) else text == expected


async def open_hostile(pool: ClientPool, served: Served, key: str = "key") -> ClientEpisode:
    return await pool.open("hostile", Task(environment="hostile", id="own", config={"prey": str(served.prey), "key": key}))


async def add(episode: ClientEpisode, n: int) -> str:
    return (await episode.call("Add", {"n": n})).text


async def attack(episode: ClientEpisode, name: str) -> Observation:
    return await episode.call("Attack", {"name": name})


async def worker_of(episode: ClientEpisode) -> int | None:
    return open_pidfd(int((await episode.call("Pid")).text))


@pytest.mark.parametrize("name", FAILS)
async def test_an_attack_that_fails_leaves_nothing_but_its_error(served: Served, name: str) -> None:
    with anyio.fail_after(100):
        async with ClientPool.connect([served.url], TOKEN) as pool:
            neighbour = await open_hostile(pool, served)
            assert await add(neighbour, 7) == "7"
            episode = await open_hostile(pool, served)
            assert await add(episode, 2) == "2"
            worker = await worker_of(episode)
            before = await episode.status()
            failed = await attack(episode, name)
            after = await episode.status()
            assert await add(episode, 3) == "5"
            assert await add(neighbour, 1) == "8"
            await episode.close()
            await neighbour.close()
    assert failed.is_error and fits(failed.text, FAILS[name])
    assert after == before.model_copy(update={"steps": before.steps + 1})
    assert ended(worker), "the worker outlived the failed call"
    assert (served.spoilt(), served.strays()) == ([], [])


@pytest.mark.parametrize("name", HARMLESS)
async def test_an_attack_that_comes_to_nothing_is_a_call_like_any_other(served: Served, name: str) -> None:
    with anyio.fail_after(60):
        async with ClientPool.connect([served.url], TOKEN) as pool:
            neighbour = await open_hostile(pool, served)
            assert await add(neighbour, 7) == "7"
            episode = await open_hostile(pool, served)
            worker = await worker_of(episode)
            observation = await attack(episode, name)
            assert await add(episode, 3) == "1003"
            status = await episode.status()
            assert await add(neighbour, 1) == "8"
            await episode.close()
            await neighbour.close()
    assert (observation.text, observation.is_error) == (HARMLESS[name], False)
    assert (status.status, status.reward, status.steps) == ("open", None, 3)
    assert ended(worker), "the worker outlived its episode"
    assert (served.spoilt(), served.strays()) == ([], [])


async def test_private_memory_mapped_by_hand_is_all_that_mmap_gives(served: Served) -> None:
    """The module may be built in; then it can map private memory, and no more."""
    async with ClientPool.connect([served.url], TOKEN) as pool:
        episode = await open_hostile(pool, served)
        observation = await attack(episode, "import_mmap")
        await episode.close()
    assert observation.text == "4096" or fits(observation.text, REFUSED_OR_ABSENT)


@pytest.mark.parametrize("name", ["look_through_all_memory", "look_through_all_objects"])
async def test_a_worker_holds_no_other_episode_no_token_and_no_answer(served: Served, name: str) -> None:
    """It finds its own key and a constant of its tools; the neighbour's key, the token and the answer's code are elsewhere."""
    async with ClientPool.connect([served.url], TOKEN) as pool:
        neighbour = await open_hostile(pool, served, "SECRET-of-the-neighbour")
        await add(neighbour, 7)
        episode = await open_hostile(pool, served, "SECRET-of-its-own")
        await add(episode, 2)
        observation = await attack(episode, name)
        await episode.close()
        await neighbour.close()
    found, own = set(json.loads(observation.text)), ("CANARY-of-tools", "SECRET-of-its-own")
    assert found.issuperset(own)
    assert [word for word in found if not any(one.startswith(word) for one in own)] == [], "one may be cut by a page's end"


@pytest.mark.parametrize("committed", [True, False])
async def test_traces_in_modules_and_classes_are_invisible_to_other_episodes(served: Served, committed: bool) -> None:
    """Patched builtins, json, random, classes and module globals stay in the one process that dies with its episode."""
    clean = '[[], "[1]", true, [1, 2, 3], false, false, false, true, 1000]'
    async with ClientPool.connect([served.url], TOKEN) as pool:
        episode = await open_hostile(pool, served)
        observation = await attack(episode, "leave_traces")
        assert (observation.text, observation.is_error) == ("left", False)
        if not committed:
            await attack(episode, "end_the_process")
            assert (await attack(episode, "look_for_traces")).text == clean
        other = await open_hostile(pool, served)
        seen = await attack(other, "look_for_traces")
        assert await add(other, 5) == "1005"
        await episode.close()
        await other.close()
    assert seen.text == clean


async def test_an_answer_under_the_nonce_of_an_earlier_call_is_refused(served: Served) -> None:
    async with ClientPool.connect([served.url], TOKEN) as pool:
        episode = await open_hostile(pool, served)
        assert not (await attack(episode, "remember_the_nonce")).is_error
        assert (await attack(episode, "stale_nonce")).text == CRASHED
        assert await add(episode, 1) == "1001"
        await episode.close()


@pytest.mark.parametrize("name", ["answer_for_itself_with_a_state", "answer_for_itself_with_garbage"])
async def test_a_worker_that_answers_for_itself_harms_its_own_episode_alone(served: Served, name: str) -> None:
    """By design: with its nonce dug out it may say what it likes of its state; neither reward nor neighbour hear of it."""
    garbage = name == "answer_for_itself_with_garbage"
    with anyio.fail_after(100):
        async with ClientPool.connect([served.url], TOKEN) as pool:
            neighbour = await open_hostile(pool, served)
            await add(neighbour, 7)
            episode = await open_hostile(pool, served)
            forged = await attack(episode, name)
            assert (forged.text, forged.is_error) == ("reward=1, forged", False)
            assert (await episode.status()).reward is None
            stuck = await episode.call("Add", {"n": 1})  # its worker is still asleep
            assert stuck.text == str(ToolTimeout("Add", TOOL_S))
            restored = await episode.call("Add", {"n": 1})
            assert restored.text == (str(ToolCrashed("The state")) if garbage else "78")
            done = await episode.call("Done", {"answer": "wrong"})
            status = await episode.status()
            assert (done.over, status.status, status.reward) == (True, "terminated", 0.0)
            assert await add(neighbour, 1) == "8"
            await episode.close()
            await neighbour.close()


async def test_two_answers_in_one_breath_count_as_one_or_none(served: Served) -> None:
    """A race by nature: the forged answer, or a crash if the worker's own came along with it."""
    async with ClientPool.connect([served.url], TOKEN) as pool:
        episode = await open_hostile(pool, served)
        assert (await attack(episode, "answer_twice_in_one_breath")).text in ("forged", CRASHED)
        assert len(await episode.steps()) == 1
        await episode.close()


REDUCED = {
    "reduce_to_a_command": "1003",
    "reduce_to_a_file": str(ToolCrashed("The state")),
    "reduce_to_an_exit": str(ToolCrashed("The state")),
    "reduce_to_sleep": str(ToolTimeout("The state", OPEN_LIMIT_S)),
}


@pytest.mark.parametrize("name", REDUCED)
async def test_what_a_state_does_when_it_is_loaded_happens_in_its_own_worker(served: Served, name: str) -> None:
    """The server never unpickles. A state that cannot be restored fails its own episode for good, with the same error."""
    with anyio.fail_after(100):
        async with ClientPool.connect([served.url], TOKEN) as pool:
            neighbour = await open_hostile(pool, served)
            await add(neighbour, 7)
            episode = await open_hostile(pool, served)
            assert not (await attack(episode, name)).is_error
            await attack(episode, "end_the_process")
            before = await episode.status()
            assert await add(episode, 3) == REDUCED[name]
            after = await episode.status()
            assert await add(neighbour, 1) == "8"
            await episode.close()
            await neighbour.close()
    assert (before.digest == after.digest) == (name != "reduce_to_a_command")
    assert (served.spoilt(), served.strays()) == ([], [])


async def test_a_worker_stopped_from_outside_counts_as_stuck(served: Served) -> None:
    """As a stalled machine would: the deadline passes, the frozen process is killed, the call rolls back."""
    with anyio.fail_after(60):
        async with ClientPool.connect([served.url], TOKEN) as pool:
            episode = await open_hostile(pool, served)
            pid = int((await episode.call("Pid")).text)
            worker = open_pidfd(pid)
            os.kill(pid, signal.SIGSTOP)
            assert await add(episode, 3) == str(ToolTimeout("Add", TOOL_S))
            assert ended(worker)
            assert await add(episode, 3) == "3"
            await episode.close()


def test_a_worker_that_dies_between_two_calls_is_replaced_unnoticed(served: Served) -> None:
    """Fixed bug: for 5 ms the server took the closed connection for an open one, and the next call failed inside."""
    episode = open_episode(served)
    assert call(served, episode, "Add", {"n": 2}).text == "2"
    for total in (5, 8, 11):
        pid = int(call(served, episode, "Pid").text)
        worker = open_pidfd(pid)
        os.kill(pid, signal.SIGKILL)
        assert ended(worker)
        assert control(served, "GET", f"/episodes/{episode}").status == 200
        assert call(served, episode, "Add", {"n": 3}).text == str(total)


def test_each_worker_of_root_is_a_user_of_its_own(served: Served) -> None:
    """Whichever zygote it came from: two that share a uid could signal each other, but for the filter."""
    for _ in range(6):
        call(served, open_episode(served), "Add", {"n": 1})
    uids = []
    for pid in served.workers():
        with contextlib.suppress(OSError):
            uids += map(int, re.findall(r"^Uid:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE))
    confined = [uid for uid in uids if uid != 0]  # a spare on its way may still be root
    assert len(confined) >= 6
    assert len(set(confined)) == (len(confined) if served.user == "root" else 1)


def test_every_attack_of_the_environment_is_played() -> None:
    source = Path(__file__).with_name("environments") / "hostile/env.py"
    attacks, tests = re.findall(r"@attack\ndef (\w+)", source.read_text()), Path(__file__).read_text()
    assert attacks and [name for name in attacks if f'"{name}"' not in tests] == []

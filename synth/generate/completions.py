"""Completions on the disk: one readable file each, named by a hash of everything that was asked.

```
ROOT/<problem>/<step>.<first digits of the key>.txt
{"key": "...", "step": "environment-1", "model": "...", "sample": 1, "sha256": "...", ...}      one line of JSON
the reply, byte for byte
```

A file appears whole or not at all, and the first one under a key stays: whoever asks again, in whatever process, gets
the same reply. What was damaged since is recognised by its hash, told, and asked for again.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from codegym_mcp.types import Data

NAME_DIGITS = 16
"""Digits of the key in a file name: 64 bits."""
UNSAFE = re.compile(r"[^a-z0-9_-]+")


class Completion(Data):
    """One reply of a model, with what it was asked under."""

    key: str
    problem: str
    """Id of the problem it was asked for."""
    step: str
    """What it is within that problem, such as `environment-2`."""
    model: str
    sample: int
    """Number among the replies to the same request."""
    finish_reason: str
    prompt_tokens: int | None = None
    """None: the endpoint did not count."""
    completion_tokens: int | None = None
    created: str
    """When the model answered: ISO 8601, UTC."""
    text: str


def completion_key(model: str, messages: list[dict[str, Any]], sampling: dict[str, Any], sample: int) -> str:
    """The hash of a request. Two samples of one request differ in their number alone."""
    text = json.dumps({"model": model, "messages": messages, "sampling": sampling, "sample": sample}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


class Completions:
    """A folder of completions, for any number of readers and writers at once."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.damaged: list[str] = []
        """What was found damaged, one line each."""
        self._paths = {path.name.split(".")[-2]: path for path in sorted(root.glob("*/*.*.txt"))}

    def find(self, key: str, problem: str, step: str) -> Completion | None:
        """The completion under a key, under whichever problem it was asked first; None also where it is damaged."""
        path = self._path(key, problem, step)
        if not path.exists():
            path = self._paths.get(key[:NAME_DIGITS], path)
        return self._read(path, key)

    def others(self, problem: str, step: str) -> Iterator[Completion]:
        """Completions of the same step of the same problem, under whatever key."""
        for path in sorted(self._folder(problem).glob(f"{slug(step)}.*.txt")):
            if (completion := self._read(path, None)) is not None:
                yield completion

    def keep(self, completion: Completion) -> Completion:
        """Store a completion, or give back the one that another process has stored meanwhile.

        Raises:
            OSError: it cannot be written.
        """
        path = self._path(completion.key, completion.problem, completion.step)
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}-{os.urandom(4).hex()}")
        try:
            with draft.open("xb") as file:
                file.write(dump(completion))
                file.flush()
                os.fsync(file.fileno())
            return self._publish(draft, path, completion)
        finally:
            draft.unlink(missing_ok=True)

    def _publish(self, draft: Path, path: Path, completion: Completion) -> Completion:
        try:
            os.link(draft, path)  # fails where the name is taken, as renaming would not
        except FileExistsError:
            if (earlier := self._read(path, completion.key)) is not None:
                return earlier
            draft.replace(path)  # what stood there was damaged
        except OSError:  # a file system without hard links: the last writer stays
            draft.replace(path)
        self._paths[completion.key[:NAME_DIGITS]] = path
        return completion

    def _folder(self, problem: str) -> Path:
        return self.root / slug(problem)

    def _path(self, key: str, problem: str, step: str) -> Path:
        return self._folder(problem) / f"{slug(step)}.{key[:NAME_DIGITS]}.txt"

    def _read(self, path: Path, key: str | None) -> Completion | None:
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as exc:
            self.damaged.append(f"{path} cannot be read: {exc.strerror}")
            return None
        try:
            completion = load(data)
        except ValueError as exc:
            self.damaged.append(f"{path} is damaged: {exc}")
            return None
        if key is not None and completion.key != key:
            self.damaged.append(f"{path} holds the completion of another request")
            return None
        return completion


def dump(completion: Completion) -> bytes:
    """A completion as the bytes of its file."""
    body = completion.text.encode("utf-8", "surrogatepass")
    head = completion.model_dump(exclude={"text"}) | {"sha256": hashlib.sha256(body).hexdigest()}
    return json.dumps(head).encode() + b"\n" + body


def load(data: bytes) -> Completion:
    """A completion from the bytes of its file.

    Raises:
        ValueError: it is torn, or was changed.
    """
    line, _, body = data.partition(b"\n")
    try:
        head = json.loads(line)
        if not isinstance(head, dict) or head.pop("sha256", None) != hashlib.sha256(body).hexdigest():
            raise ValueError("its text does not fit its hash")
        return Completion.model_validate({**head, "text": body.decode("utf-8", "surrogatepass")})
    except ValidationError as exc:
        raise ValueError(f"its first line lacks or misuses '{exc.errors()[0]['loc'][0]}'") from exc


def slug(text: str) -> str:
    """A file name for an id; ids that would share one get a hash."""
    name = UNSAFE.sub("_", text.lower()).strip("_")[:60]
    return name if name == text != "" else f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:6]}"

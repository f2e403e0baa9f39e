"""A cache with a fixed number of places, run by hand over a hidden stream of requests."""

from collections import OrderedDict

from codegym_mcp import Environment, tool


class LruCache(Environment):
    """A cache must serve a stream of requests that you cannot see in advance. Serve all of them, in their order.

    The cache holds at most `capacity` keys (whole numbers from 10 to 99); some may be in it already at the start,
    all of them clean. A request reads or writes one key. It is a hit if the key is in the cache, else a miss. Once
    served, its key is in the cache and is the most recently used one. On a miss with a full cache, the least
    recently used key leaves first. A key that was written since it came in is dirty, any other is clean; reading a
    dirty key leaves it dirty. Each dirty key that leaves costs one write-back; keys still in the cache at the end
    cost none. The cache does nothing by itself: you move its keys with the tools, and no step can be undone.

    Answer with the number of hits, the number of misses, the number of write-backs, and then the keys that are in
    the cache at the end, from the most to the least recently used.
    """

    def reset(self, *, capacity: int, held: list[int], requests: list[list[int]]) -> None:
        self.capacity, self.requests, self.served = capacity, requests, 0
        self.start = list(held)
        self.shelf = [[key, False] for key in held]  # most recently used first: key, dirty

    def observe(self) -> dict[str, int]:
        """Show what the cache tells at first sight.

        Returns:
            the number of places ("capacity"), the keys in the cache now ("held"), the requests still to come ("left").

        Example:
            Observe() -> {"capacity": 3, "held": 1, "left": 5}
        """
        left = len(self.requests) - self.served
        return {"capacity": self.capacity, "held": len(self.shelf), "left": left}

    @tool
    def NextRequest(self) -> dict[str, int | bool]:
        """Receive the next request of the stream. Each request is shown once.

        Returns:
            the key asked for ("key"), whether it is written rather than read ("write"), and the number of requests
            that come after this one ("left").

        Example:
            NextRequest() -> {"key": 27, "write": false, "left": 4}
        """
        if self.served == len(self.requests):
            raise ValueError("the stream has ended, no request is left")
        key, write = self.requests[self.served]
        self.served += 1
        return {"key": key, "write": bool(write), "left": len(self.requests) - self.served}

    @tool
    def Touch(self, key: int, write: bool) -> bool:
        """Use a key if it is in the cache: it becomes the most recently used one, and dirty if it is written.

        Args:
            key: the key to use.
            write: true to write the key, false to read it.

        Returns:
            true if the key was in the cache; false if it was not, and then nothing has changed.

        Example:
            Touch(key=27, write=false) -> true
        """
        for place, (known, dirty) in enumerate(self.shelf):
            if known == key:
                del self.shelf[place]
                self.shelf.insert(0, [key, dirty or write])
                return True
        return False

    @tool
    def Insert(self, key: int, write: bool) -> int:
        """Bring in a key that is not in the cache, as the most recently used one. A place must be free.

        Args:
            key: the key to bring in, from 10 to 99.
            write: true if it is written (it is then dirty), false if it is read.

        Returns:
            the number of places that are free afterwards.

        Example:
            Insert(key=27, write=true) -> 1
        """
        if not 10 <= key <= 99:
            raise ValueError(f"key must be from 10 to 99, got {key}")
        if any(known == key for known, _ in self.shelf):
            raise ValueError(f"key {key} is in the cache already")
        if len(self.shelf) == self.capacity:
            raise ValueError(f"all {self.capacity} places are taken, none is free for key {key}")
        self.shelf.insert(0, [key, write])
        return self.capacity - len(self.shelf)

    @tool
    def Evict(self) -> dict[str, int | bool]:
        """Remove the least recently used key from the cache.

        Returns:
            the key that left ("key") and whether it was dirty ("dirty").

        Example:
            Evict() -> {"key": 31, "dirty": true}
        """
        if not self.shelf:
            raise ValueError("the cache is empty, there is no key to remove")
        key, dirty = self.shelf.pop()
        return {"key": key, "dirty": dirty}

    @tool
    def Content(self) -> list[int]:
        """List the keys that are in the cache now.

        Returns:
            the keys from the most to the least recently used.

        Example:
            Content() -> [27, 14, 80]
        """
        return [key for key, _ in self.shelf]

    def answer(self) -> list[int]:
        """The tally of the stream.

        Returns:
            [hits, misses, write-backs, key, key, ...]: the keys in the cache at the end follow the three counts, the
            most recently used first.
        """
        cache = OrderedDict((key, 0) for key in reversed(self.start))  # the least recently used first
        hits = write_backs = 0
        for key, write in self.requests:
            dirty = cache.pop(key, None)
            if dirty is not None:
                hits += 1
            elif len(cache) == self.capacity:
                write_backs += cache.popitem(last=False)[1]
            cache[key] = 1 if dirty or write else 0
        return [hits, len(self.requests) - hits, write_backs, *reversed(cache)]

    def solve(self, call):
        seen = call("Observe")
        free, hits, write_backs = seen["capacity"] - seen["held"], 0, 0
        for _ in range(seen["left"]):
            request = call("NextRequest")
            key, write = request["key"], request["write"]
            if call("Touch", key=key, write=write):
                hits += 1
                continue
            if free == 0:
                write_backs += call("Evict")["dirty"]
            free = call("Insert", key=key, write=write)
        return call("Done", answer=[hits, seen["left"] - hits, write_backs, *call("Content")])

    @staticmethod
    def generate(rng, level):
        capacity = rng.randint(*{"tiny": (2, 3), "easy": (2, 3), "medium": (3, 5), "hard": (5, 8)}[level])
        pool = rng.sample(range(10, 100), capacity + {"tiny": 2, "easy": 2, "medium": 3, "hard": 5}[level])
        if level == "tiny":
            held = pool[:capacity]
            keys = rng.choice([[rng.choice(pool)], [rng.choice(held), rng.choice(held)]])
            return {"capacity": capacity, "held": held, "requests": [[key, 0] for key in keys]}
        count = rng.randint(*{"easy": (4, 5), "medium": (11, 14), "hard": (24, 45)}[level])
        held = pool[: rng.randint(0, capacity)]
        rng.shuffle(pool)
        requests = [[rng.choice(pool), int(rng.random() < 0.4)] for _ in range(count)]
        return {"capacity": capacity, "held": held, "requests": requests}

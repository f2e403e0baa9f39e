"""A portal keeps sessions, numbered from 0 as they are opened."""

import copy

from codegym_mcp import Environment, tool


class Portal:
    """The log and the open sessions."""

    def __init__(self, log: list[list], quotas: dict[str, int], capacity: int) -> None:
        self._log, self._quotas, self._capacity, self._entry = log, quotas, capacity, -1
        self._sessions: list[list] = []  # user, idle since, open

    def next_entry(self) -> dict[str, int | str]:
        """Read the next entry of the log.

        Returns:
            its "kind" and "minute"; for "open" the name of the "user", for "touch" and "leave" the number of the "session".

        Example:
            next_entry() -> {"kind": "open", "minute": 4, "user": "ann"}
        """
        self._entry += 1
        if self._entry >= len(self._log):
            return {"kind": "end", "minute": self._log[-1][1]}
        kind, minute, about = self._log[self._entry]
        return {"kind": kind, "minute": minute, "user" if kind == "open" else "session": about}

    def list_idle(self, user: str) -> list[list[int]]:
        """List the open sessions of a user or of the whole portal, the longest idle first, of equals the lowest number first.

        Args:
            user: name of the user, or "*" for all users.

        Returns:
            a list of [session, minute since which it is idle].

        Example:
            list_idle(user="ann") -> [[2, 5], [0, 9]]
        """
        found = [[since, n] for n, (name, since, opened) in enumerate(self._sessions) if opened and user in (name, "*")]
        return [[n, since] for since, n in sorted(found)]

    def count_to_close(self, user: str) -> int:
        """Tell how many sessions of a user, or of the whole portal, have to be closed so that one more can be opened.

        Args:
            user: name of the user, or "*" for the whole portal.

        Returns:
            the number; 0 if there is room.

        Example:
            count_to_close(user="ann") -> 1
        """
        quota = self._capacity if user == "*" else self._quotas.get(user, 1)
        return max(0, len(self.list_idle(user)) + 1 - quota)

    def open_session(self, user: str) -> int:
        """Open a session at the minute of the present entry.

        Args:
            user: name of a user; there must be room.

        Returns:
            the number of the session.

        Example:
            open_session(user="ann") -> 3
        """
        if self.count_to_close(user) or self.count_to_close("*"):
            raise ValueError(f"there is no room for a session of {user}")
        self._sessions.append([user, self._log[self._entry][1], True])
        return len(self._sessions) - 1

    def touch_session(self, session: int) -> bool:
        """Note that a session is used at the minute of the present entry.

        Args:
            session: number of the session.

        Returns:
            whether it is open; if not, nothing was changed.

        Example:
            touch_session(session=2) -> true
        """
        if not 0 <= session < len(self._sessions) or not self._sessions[session][2]:
            return False
        self._sessions[session][1] = self._log[min(self._entry, len(self._log) - 1)][1]
        return True

    def close_session(self, session: int) -> bool:
        """Close a session.

        Args:
            session: number of the session.

        Returns:
            whether it was open until now.

        Example:
            close_session(session=2) -> true
        """
        if not 0 <= session < len(self._sessions) or not self._sessions[session][2]:
            return False
        self._sessions[session][2] = False
        return True


class SessionLimits(Environment):
    """A portal keeps sessions, numbered from 0 as they are opened. Its log is read entry by entry, up to the entry of kind
    "end". Minutes never go down.

    Before an entry (but not "end") is obeyed, all sessions that have been idle for at least the idle limit at its
    minute are closed. A session is idle since the last entry that opened or touched it. Then:

    - "open": a user wants a session. While there is no room for it among the user's sessions, close the one of them
    that has
      been idle the longest. Then, while there is no room in the portal as a whole, close the session of the whole
      portal that
      has been idle the longest. Then open it. Of equally idle sessions the lowest number is closed.
    - "touch": the session is touched; if it is closed already, the entry counts as a miss.
    - "leave": the session is closed; if it is closed already, the entry counts as a miss.

    Find how many sessions were closed for being idle, how many to make room, the number of misses, and the sum of the
    numbers of the sessions open in the end.

    The input is hidden (log, quotas); the tools give access to it. Observe shows what is known from the start: sizes,
    and capacity, idle_limit.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, log: list[list[int | str]], quotas: dict[str, int], capacity: int, idle_limit: int) -> None:
        self.log = log
        self.quotas = quotas
        self.capacity = capacity
        self.idle_limit = idle_limit
        self.portal = Portal(copy.deepcopy(self.log), copy.deepcopy(self.quotas), self.capacity)

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "capacity": a whole number, given as it is.
            "idle_limit": a whole number, given as it is.
            "log": number of items of log.
            "quotas": number of keys of quotas.

        Example:
            Observe() -> {"capacity": 2, "idle_limit": 9, "log": 5, "quotas": 2}
        """
        return {
            "capacity": self.capacity,
            "idle_limit": self.idle_limit,
            "log": len(self.log),
            "quotas": len(self.quotas),
        }

    @tool
    def NextEntry(self) -> dict[str, int | str]:
        """Read the next entry of the log.

        Returns:
            its "kind" and "minute"; for "open" the name of the "user", for "touch" and "leave" the number of the
                "session".

        Example:
            NextEntry() -> {"kind": "open", "minute": 4, "user": "ann"}
        """
        return self.portal.next_entry()

    @tool
    def ListIdle(self, user: str) -> list[list[int]]:
        """List the open sessions of a user or of the whole portal, the longest idle first, of equals the lowest number
        first.

        Args:
            user: name of the user, or "*" for all users.

        Returns:
            a list of [session, minute since which it is idle].

        Example:
            ListIdle(user="ann") -> [[2, 5], [0, 9]]
        """
        return self.portal.list_idle(user)

    @tool
    def CountToClose(self, user: str) -> int:
        """Tell how many sessions of a user, or of the whole portal, have to be closed so that one more can be opened.

        Args:
            user: name of the user, or "*" for the whole portal.

        Returns:
            the number; 0 if there is room.

        Example:
            CountToClose(user="ann") -> 1
        """
        return self.portal.count_to_close(user)

    @tool
    def OpenSession(self, user: str) -> int:
        """Open a session at the minute of the present entry.

        Args:
            user: name of a user; there must be room.

        Returns:
            the number of the session.

        Example:
            OpenSession(user="ann") -> 3
        """
        return self.portal.open_session(user)

    @tool
    def TouchSession(self, session: int) -> bool:
        """Note that a session is used at the minute of the present entry.

        Args:
            session: number of the session.

        Returns:
            whether it is open; if not, nothing was changed.

        Example:
            TouchSession(session=2) -> true
        """
        return self.portal.touch_session(session)

    @tool
    def CloseSession(self, session: int) -> bool:
        """Close a session.

        Args:
            session: number of the session.

        Returns:
            whether it was open until now.

        Example:
            CloseSession(session=2) -> true
        """
        return self.portal.close_session(session)

    def answer(self) -> list[int]:
        """Keep the sessions of a portal.

        Returns:
            [closed for being idle, closed to make room, misses, sum of the open sessions' numbers], such as [3, 2, 1,
                15].
        """
        log = copy.deepcopy(self.log)
        quotas = copy.deepcopy(self.quotas)
        capacity = self.capacity
        idle_limit = self.idle_limit
        portal = Portal(log, quotas, capacity)
        idle = room = misses = 0
        while True:
            entry = portal.next_entry()
            if entry["kind"] == "end":
                break
            for session, since in portal.list_idle("*"):
                if since + idle_limit > entry["minute"]:
                    break
                portal.close_session(session)
                idle += 1
            if entry["kind"] == "open":
                for scope in (entry["user"], "*"):
                    surplus = portal.count_to_close(scope)
                    if surplus:
                        for session, _ in portal.list_idle(scope)[:surplus]:
                            portal.close_session(session)
                            room += 1
                portal.open_session(entry["user"])
            elif entry["kind"] == "touch":
                misses += 0 if portal.touch_session(entry["session"]) else 1
            else:
                misses += 0 if portal.close_session(entry["session"]) else 1
        total = 0
        for session, _ in portal.list_idle("*"):
            total += session
        return [idle, room, misses, total]

    def solve(self, call):
        seen = call("Observe")
        idle_limit = seen["idle_limit"]
        idle = room = misses = 0
        while True:
            entry = call("NextEntry")
            if entry["kind"] == "end":
                break
            for session, since in call("ListIdle", user="*"):
                if since + idle_limit > entry["minute"]:
                    break
                call("CloseSession", session=session)
                idle += 1
            if entry["kind"] == "open":
                for scope in (entry["user"], "*"):
                    surplus = call("CountToClose", user=scope)
                    if surplus:
                        for session, _ in call("ListIdle", user=scope)[:surplus]:
                            call("CloseSession", session=session)
                            room += 1
                call("OpenSession", user=entry["user"])
            elif entry["kind"] == "touch":
                misses += 0 if call("TouchSession", session=entry["session"]) else 1
            else:
                misses += 0 if call("CloseSession", session=entry["session"]) else 1
        total = 0
        for session, _ in call("ListIdle", user="*"):
            total += session
        return call("Done", answer=[idle, room, misses, total])

    @staticmethod
    def generate(rng, level):
        count, size = {"easy": (5, 2), "medium": (9, 3), "hard": (rng.randint(19, 26), 5)}[level]
        users = rng.sample(["ann", "bob", "cleo", "dave", "edith", "finn"], size)
        log, minute, opened = ([], rng.randint(0, 3), 0)
        for _ in range(count):
            kind = rng.choice(["open", "open", "touch", "leave", "touch"]) if opened > 1 else "open"
            log.append([kind, minute, rng.choice(users) if kind == "open" else rng.randrange(opened)])
            opened += 1 if kind == "open" else 0
            minute += rng.randint(0, 6)
        return {
            "log": log,
            "quotas": {user: rng.randint(1, 3) for user in users},
            "capacity": 2 if level == "easy" else rng.randint(3, 5),
            "idle_limit": rng.randint(6, 13) if level != "hard" else rng.randint(14, 24),
        }

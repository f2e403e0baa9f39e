"""A builder is paid for milestones out of an escrow account."""

import copy

from codegym_mcp import Environment, tool


class Escrow:
    """The log, the milestones and the money of a project."""

    def __init__(self, log: list[str], values: dict[str, int], funds: int) -> None:
        self._log, self._values, self._funds, self._line = log, values, funds, 0
        self._status = dict.fromkeys(values, "open")

    def next_line(self) -> str:
        """Read the next line of the log.

        Returns:
            the line, or "end" if there is none left.

        Example:
            next_line() -> "12 deliver roof"
        """
        self._line += 1
        return self._log[self._line - 1] if self._line <= len(self._log) else "end"

    def read_status(self, milestone: str) -> str:
        """Tell the status of a milestone.

        Args:
            milestone: name of the milestone.

        Returns:
            "open", "delivered", "frozen" or "settled".

        Example:
            read_status(milestone="roof") -> "frozen"
        """
        if milestone not in self._status:
            raise ValueError(f"milestone must be one of {sorted(self._status)}, got {milestone!r}")
        return self._status[milestone]

    def change_status(self, milestone: str, status: str) -> str:
        """Mark an open milestone as delivered, or a delivered one as frozen.

        Args:
            milestone: name of the milestone.
            status: "delivered" or "frozen".

        Returns:
            the status it had before.

        Example:
            change_status(milestone="roof", status="frozen") -> "delivered"
        """
        before = self.read_status(milestone)
        if [before, status] not in (["open", "delivered"], ["delivered", "frozen"]):
            raise ValueError(f"{milestone} is {before} and cannot become {status!r}")
        self._status[milestone] = status
        return before

    def release_money(self, milestone: str, percent: int) -> list[int]:
        """Release the money of a delivered or frozen milestone, which is settled by that.

        Args:
            milestone: name of the milestone.
            percent: percentage for the builder, from 0 to 100.

        Returns:
            [what the builder gets, what the client gets].

        Example:
            release_money(milestone="roof", percent=60) -> [540, 360]
        """
        if self.read_status(milestone) not in ("delivered", "frozen") or not 0 <= percent <= 100:
            raise ValueError(f"{milestone} is {self._status[milestone]}, percent {percent}: nothing can be released")
        share = min(self._funds, self._values[milestone] * percent // 100)
        rest = min(self._funds - share, self._values[milestone] - share)
        self._funds -= share + rest
        self._status[milestone] = "settled"
        return [share, rest]


class EscrowMilestones(Environment):
    """A builder is paid for milestones out of an escrow account. The log of the project is read line by line, up to the
    line "end". Every other line has a day, a verb and a milestone, such as "12 deliver roof"; with the verb "rule" also
    a percentage, such as "20 rule roof 60". Days never go down. A milestone is open at first.

    Before a line is obeyed, look at the delivered milestones in the order in which they were delivered: each that was
    delivered at least the grace days before the line's day is released with 100 percent. (This is not done for the line
    "end".) Then obey:

    - deliver: if the milestone is open, it is delivered now.
    - dispute: if it is delivered, it is frozen.
    - rule: if it is frozen, it is released with that percentage.
    - accept: if it is delivered, it is released with 100 percent.

    In any other case the line does nothing. A released milestone is settled and stays so: the builder gets that
    percentage of its value and the client the rest, as far as the account covers it.

    Find what the builder and the client got.

    The input is hidden (log, values); the tools give access to it. Observe shows what is known from the start: sizes,
    and funds, grace.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, log: list[str], values: dict[str, int], funds: int, grace: int) -> None:
        self.log = log
        self.values = values
        self.funds = funds
        self.grace = grace
        self.escrow = Escrow(copy.deepcopy(self.log), copy.deepcopy(self.values), self.funds)

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "funds": a whole number, given as it is.
            "grace": a whole number, given as it is.
            "log": number of items of log.
            "values": number of keys of values.

        Example:
            Observe() -> {"funds": 1270, "grace": 5, "log": 8, "values": 2}
        """
        return {"funds": self.funds, "grace": self.grace, "log": len(self.log), "values": len(self.values)}

    @tool
    def NextLine(self) -> str:
        """Read the next line of the log.

        Returns:
            the line, or "end" if there is none left.

        Example:
            NextLine() -> "12 deliver roof"
        """
        return self.escrow.next_line()

    @tool
    def ReadStatus(self, milestone: str) -> str:
        """Tell the status of a milestone.

        Args:
            milestone: name of the milestone.

        Returns:
            "open", "delivered", "frozen" or "settled".

        Example:
            ReadStatus(milestone="roof") -> "frozen"
        """
        return self.escrow.read_status(milestone)

    @tool
    def ChangeStatus(self, milestone: str, status: str) -> str:
        """Mark an open milestone as delivered, or a delivered one as frozen.

        Args:
            milestone: name of the milestone.
            status: "delivered" or "frozen".

        Returns:
            the status it had before.

        Example:
            ChangeStatus(milestone="roof", status="frozen") -> "delivered"
        """
        return self.escrow.change_status(milestone, status)

    @tool
    def ReleaseMoney(self, milestone: str, percent: int) -> list[int]:
        """Release the money of a delivered or frozen milestone, which is settled by that.

        Args:
            milestone: name of the milestone.
            percent: percentage for the builder, from 0 to 100.

        Returns:
            [what the builder gets, what the client gets].

        Example:
            ReleaseMoney(milestone="roof", percent=60) -> [540, 360]
        """
        return self.escrow.release_money(milestone, percent)

    def answer(self) -> dict[str, int]:
        """Obey the log of an escrow account.

        Returns:
            what the "builder" and the "client" got. Example: {"builder": 1940, "client": 360}.
        """
        log = copy.deepcopy(self.log)
        values = copy.deepcopy(self.values)
        funds = self.funds
        grace = self.grace
        escrow = Escrow(log, values, funds)
        builder, client, waiting = (0, 0, [])
        line = escrow.next_line()
        while line != "end":
            words = line.split()
            day, verb, name = (int(words[0]), words[1], words[2])
            releases = []
            while waiting and waiting[0][0] + grace <= day:
                releases.append(escrow.release_money(waiting.pop(0)[1], 100))
            status = escrow.read_status(name)
            if verb == "deliver" and status == "open":
                escrow.change_status(name, "delivered")
                waiting.append([day, name])
            elif verb in ("dispute", "accept") and status == "delivered":
                waiting = [entry for entry in waiting if entry[1] != name]
                if verb == "dispute":
                    escrow.change_status(name, "frozen")
                else:
                    releases.append(escrow.release_money(name, 100))
            elif verb == "rule" and status == "frozen":
                releases.append(escrow.release_money(name, int(words[3])))
            for share, rest in releases:
                builder += share
                client += rest
            line = escrow.next_line()
        return {"builder": builder, "client": client}

    def solve(self, call):
        seen = call("Observe")
        grace = seen["grace"]
        builder, client, waiting = (0, 0, [])
        line = call("NextLine")
        while line != "end":
            words = line.split()
            day, verb, name = (int(words[0]), words[1], words[2])
            releases = []
            while waiting and waiting[0][0] + grace <= day:
                releases.append(call("ReleaseMoney", milestone=waiting.pop(0)[1], percent=100))
            status = call("ReadStatus", milestone=name)
            if verb == "deliver" and status == "open":
                call("ChangeStatus", milestone=name, status="delivered")
                waiting.append([day, name])
            elif verb in ("dispute", "accept") and status == "delivered":
                waiting = [entry for entry in waiting if entry[1] != name]
                if verb == "dispute":
                    call("ChangeStatus", milestone=name, status="frozen")
                else:
                    releases.append(call("ReleaseMoney", milestone=name, percent=100))
            elif verb == "rule" and status == "frozen":
                releases.append(call("ReleaseMoney", milestone=name, percent=int(words[3])))
            for share, rest in releases:
                builder += share
                client += rest
            line = call("NextLine")
        return call("Done", answer={"builder": builder, "client": client})

    @staticmethod
    def generate(rng, level):
        count, size = {"easy": (2, 8), "medium": (4, 13), "hard": (rng.randint(8, 10), rng.randint(32, 40))}[level]
        names = rng.sample(
            ["roof", "walls", "floor", "doors", "pipes", "wires", "stairs", "paint", "garden", "cellar"], count
        )
        log, day, alive = ([], rng.randint(1, 6), dict.fromkeys(names, "open"))
        for _ in range(size):
            name = rng.choice(names)
            verbs = {
                "open": ["deliver"],
                "delivered": ["dispute", "accept", "dispute", "deliver"],
                "frozen": ["rule", "accept"],
            }
            verb = rng.choice(verbs[alive[name]])
            alive[name] = {"deliver": "delivered", "dispute": "frozen"}.get(verb, alive[name])
            log.append(f"{day} {verb} {name}" + (f" {rng.randint(1, 9) * 10}" if verb == "rule" else ""))
            day += rng.randint(0, 4)
        values = {name: rng.randint(20, 95) * 10 for name in names}
        return {
            "log": log,
            "values": values,
            "funds": sum(values.values()) * rng.randint(80, 100) // 100,
            "grace": rng.randint(4, 12),
        }

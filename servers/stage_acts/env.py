"""A stage can be let for acts."""

import copy

from codegym_mcp import Environment, tool


class Stage:
    """The acts, and what has been noted and accepted."""

    def __init__(self, acts: list[dict[str, int]]) -> None:
        self.acts = acts
        self.sums = [0]
        self.accepted: list[int] = []

    def _act(self, act: int) -> dict[str, int]:
        if not 0 <= act < len(self.acts):
            raise ValueError(f"act must be from 0 to {len(self.acts) - 1}, got {act}")
        return self.acts[act]

    def fee(self, act: int) -> int:
        """Look up the fee of an act.

        Args:
            act: its number, from 0.

        Returns:
            the fee.

        Example:
            fee(act=2) -> 30
        """
        return self._act(act)["fee"]

    def ended_before(self, act: int) -> int:
        """Count the acts that have ended early enough for an act.

        Args:
            act: number of the act that begins later.

        Returns:
            the number of acts that end at least the rebuilding time before it begins.

        Example:
            ended_before(act=2) -> 1
        """
        latest = self._act(act)["begins"] - self._act(act)["rebuild"]
        return sum(other["ends"] <= latest for other in self.acts)

    def note_sum(self, total: int) -> int:
        """Note the best sum after one act more than was noted last.

        Args:
            total: the sum.

        Returns:
            the number of acts after which it is the best sum.

        Example:
            note_sum(total=45) -> 3
        """
        if len(self.sums) > len(self.acts):
            raise ValueError("the sums of all acts have been noted")
        self.sums.append(total)
        return len(self.sums) - 1

    def noted_sum(self, acts: int) -> int:
        """Look up a best sum.

        Args:
            acts: after how many of the first acts; 0 is noted from the beginning.

        Returns:
            the sum noted.

        Example:
            noted_sum(acts=3) -> 45
        """
        if not 0 <= acts < len(self.sums):
            raise ValueError(f"no sum has been noted after {acts} acts")
        return self.sums[acts]

    def accept(self, act: int) -> int:
        """Accept an act.

        Args:
            act: its number; each act can be accepted once.

        Returns:
            the deposit it pays.

        Example:
            accept(act=2) -> 11
        """
        if act in self.accepted:
            raise ValueError(f"act {act} has been accepted")
        self.accepted.append(act)
        return self._act(act)["fee"] // (1 + len(self.accepted)) + self._act(act)["rebuild"]


class StageActs(Environment):
    """A stage can be let for acts. Acts are numbered from 0 in the order of the hours at which they end; an act that
    begins at hour b and ends at hour e brings a fee. Two acts can both be accepted only if one has ended at least the
    rebuilding time of the other one before that one begins.

    Wanted is the choice of acts that brings most. Consider the acts in ascending order: after the first n acts, the
    best sum is the greater one of two: the best sum after the first n - 1 acts, or the fee of act n - 1 plus the best
    sum after those acts that have ended early enough for it. If both are equal, the act is not accepted.

    The choice is found from the end, beginning with all acts: if the last act considered is accepted, go on with those
    that have ended early enough for it, else with one act less. Each act that is accepted in this way pays a deposit,
    which depends on how many were accepted before it.

    The answer is the best sum, the sum of the deposits and the number of acts accepted.

    The input is hidden (acts); the tools give access to it. Observe shows what is known from the start.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, acts: list[dict[str, int]]) -> None:
        self.acts = acts
        self.stage = Stage(copy.deepcopy(self.acts))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "acts": number of items of acts.

        Example:
            Observe() -> {"acts": 3}
        """
        return {"acts": len(self.acts)}

    @tool
    def Fee(self, act: int) -> int:
        """Look up the fee of an act.

        Args:
            act: its number, from 0.

        Returns:
            the fee.

        Example:
            Fee(act=2) -> 30
        """
        return self.stage.fee(act)

    @tool
    def EndedBefore(self, act: int) -> int:
        """Count the acts that have ended early enough for an act.

        Args:
            act: number of the act that begins later.

        Returns:
            the number of acts that end at least the rebuilding time before it begins.

        Example:
            EndedBefore(act=2) -> 1
        """
        return self.stage.ended_before(act)

    @tool
    def NoteSum(self, total: int) -> int:
        """Note the best sum after one act more than was noted last.

        Args:
            total: the sum.

        Returns:
            the number of acts after which it is the best sum.

        Example:
            NoteSum(total=45) -> 3
        """
        return self.stage.note_sum(total)

    @tool
    def NotedSum(self, acts: int) -> int:
        """Look up a best sum.

        Args:
            acts: after how many of the first acts; 0 is noted from the beginning.

        Returns:
            the sum noted.

        Example:
            NotedSum(acts=3) -> 45
        """
        return self.stage.noted_sum(acts)

    @tool
    def Accept(self, act: int) -> int:
        """Accept an act.

        Args:
            act: its number; each act can be accepted once.

        Returns:
            the deposit it pays.

        Example:
            Accept(act=2) -> 11
        """
        return self.stage.accept(act)

    def answer(self) -> dict[str, int]:
        """Choose the acts.

        Returns:
            the best "sum", the "deposits" and how many acts were "accepted". Example: {"sum": 81, "deposits": 25,
                "accepted": 3}.
        """
        acts = copy.deepcopy(self.acts)
        stage = Stage(acts)
        earlier = []
        for act in range(len(acts)):
            earlier.append(stage.ended_before(act))
            stage.note_sum(max(stage.noted_sum(act), stage.fee(act) + stage.noted_sum(earlier[act])))
        best = stage.noted_sum(len(acts))
        left, rest = (len(acts), best)
        deposits = accepted = 0
        while rest > 0:
            before = stage.noted_sum(left - 1)
            if before == rest:
                left -= 1
                continue
            deposits += stage.accept(left - 1)
            accepted += 1
            left = earlier[left - 1]
            rest = stage.noted_sum(left)
        return {"sum": best, "deposits": deposits, "accepted": accepted}

    def solve(self, call):
        seen = call("Observe")
        earlier = []
        for act in range(seen["acts"]):
            earlier.append(call("EndedBefore", act=act))
            call(
                "NoteSum",
                total=max(call("NotedSum", acts=act), call("Fee", act=act) + call("NotedSum", acts=earlier[act])),
            )
        best = call("NotedSum", acts=seen["acts"])
        left, rest = (seen["acts"], best)
        deposits = accepted = 0
        while rest > 0:
            before = call("NotedSum", acts=left - 1)
            if before == rest:
                left -= 1
                continue
            deposits += call("Accept", act=left - 1)
            accepted += 1
            left = earlier[left - 1]
            rest = call("NotedSum", acts=left)
        return call("Done", answer={"sum": best, "deposits": deposits, "accepted": accepted})

    @staticmethod
    def generate(rng, level):
        count, hours = {"easy": (3, 14), "medium": (6, 24), "hard": (rng.randint(14, 19), 50)}[level]
        acts = []
        for _ in range(count):
            begins = rng.randint(0, hours)
            act = {
                "begins": begins,
                "ends": begins + rng.randint(1, 8),
                "fee": rng.randint(10, 60),
                "rebuild": rng.randint(0, 2),
            }
            acts.append(act)
        return {"acts": sorted(acts, key=lambda act: act["ends"])}

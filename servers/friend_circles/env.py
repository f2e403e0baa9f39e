"""Join people into circles by the friendship records that count, and add up what each circle has saved."""

from codegym_mcp import Environment, tool


class FriendCircles(Environment):
    """A town keeps records of friendships. Find out how much money each circle of friends has saved.

    People are numbered from 0, and so are the records. Each record names two people and the strength of their
    friendship. It counts only if its strength is at least the town's minimum. Two people belong to the same circle if a
    chain of friendships that count links them. Everyone has hidden savings.

    The answer lists the total savings of every circle of at least 2 people, from the largest total to the smallest
    (equal totals are all listed). If there is no such circle, the answer is the empty list.

    The registrar starts with everyone in a circle of their own. Each circle has a leader, who is one of its members.
    The registrar merges whatever circles you say, whether or not a record supports it.
    """

    def reset(self, *, savings: list[int], records: list[list[int]], minimum: int) -> None:
        self.savings, self.records, self.minimum = savings, records, minimum
        self.parent = list(range(len(savings)))
        self.members = [1] * len(savings)
        self.totals = list(savings)

    def observe(self) -> dict[str, int]:
        """Show the size of the registry.

        Returns:
            the number of people ("people") and of records ("records"), and the least strength that counts ("minimum").

        Example:
            Observe() -> {"people": 8, "records": 5, "minimum": 3}
        """
        return {"people": len(self.savings), "records": len(self.records), "minimum": self.minimum}

    @tool
    def ReadRecord(self, record: int) -> list[int]:
        """Read one friendship record.

        Args:
            record: number of the record, from 0 to records - 1.

        Returns:
            the two people, and the strength of their friendship.

        Example:
            ReadRecord(record=0) -> [4, 7, 3]
        """
        if not 0 <= record < len(self.records):
            raise ValueError(f"record must be from 0 to {len(self.records) - 1}, got {record}")
        return self.records[record]

    @tool
    def LeaderOf(self, person: int) -> int:
        """Find the leader of the circle to which a person belongs at present.

        Args:
            person: number of the person, from 0 to people - 1.

        Returns:
            the number of the leader, who may be that person.

        Example:
            LeaderOf(person=7) -> 4
        """
        if not 0 <= person < len(self.parent):
            raise ValueError(f"person must be from 0 to {len(self.parent) - 1}, got {person}")
        while self.parent[person] != person:
            self.parent[person] = self.parent[self.parent[person]]
            person = self.parent[person]
        return person

    @tool
    def MergeCircles(self, first: int, second: int) -> int:
        """Merge two circles into one. The leader of the one with more members leads it; at a tie, the smaller number.

        Args:
            first: the present leader of a circle.
            second: the present leader of another circle.

        Returns:
            the leader of the merged circle.

        Example:
            MergeCircles(first=4, second=1) -> 4
        """
        if first == second:
            raise ValueError(f"first and second must lead different circles, got {first} twice")
        for leader in (first, second):
            self._require_leader(leader)
        keep, give = sorted((first, second), key=lambda leader: (-self.members[leader], leader))
        self.parent[give] = keep
        self.members[keep] += self.members[give]
        self.totals[keep] += self.totals[give]
        return keep

    @tool
    def AuditCircle(self, leader: int) -> list[int]:
        """Add up the savings of one circle as it is at present.

        Args:
            leader: the present leader of the circle.

        Returns:
            the number of its members and their total savings.

        Example:
            AuditCircle(leader=4) -> [3, 61]
        """
        self._require_leader(leader)
        return [self.members[leader], self.totals[leader]]

    def _require_leader(self, leader: int) -> None:
        if not 0 <= leader < len(self.parent) or self.parent[leader] != leader:
            raise ValueError(f"expected the present leader of a circle, got {leader}")

    def answer(self) -> list[int]:
        """Savings by circle.

        Returns:
            the total savings of each circle of at least 2 people, in descending order, e.g. [61, 24].
        """
        friends: list[list[int]] = [[] for _ in self.savings]
        for a, b, strength in self.records:
            if strength >= self.minimum:
                friends[a].append(b)
                friends[b].append(a)
        totals, met = [], [False] * len(friends)
        for person in range(len(friends)):
            if met[person] or not friends[person]:
                continue
            met[person], queue = True, [person]
            for member in queue:
                for friend in friends[member]:
                    if not met[friend]:
                        met[friend] = True
                        queue.append(friend)
            totals.append(sum(self.savings[member] for member in queue))
        return sorted(totals, reverse=True)

    def solve(self, call):
        seen, leaders = call("Observe"), set()
        for record in range(seen["records"]):
            a, b, strength = call("ReadRecord", record=record)
            if strength < seen["minimum"]:
                continue
            first, second = call("LeaderOf", person=a), call("LeaderOf", person=b)
            if first != second:
                leaders = leaders - {first, second} | {call("MergeCircles", first=first, second=second)}
        totals = [call("AuditCircle", leader=leader)[1] for leader in sorted(leaders)]
        return call("Done", answer=sorted(totals, reverse=True))

    @staticmethod
    def generate(rng, level):
        people, records, groups = {
            "easy": (rng.randint(6, 8), rng.randint(4, 5), 2),
            "medium": (rng.randint(11, 16), rng.randint(10, 14), 4),
            "hard": (rng.randint(26, 36), rng.randint(30, 42), 7),
        }[level]
        group = [rng.randrange(groups) for _ in range(people)]
        pairs = [[a, b] for a in range(people) for b in range(people) if a < b and group[a] == group[b]]
        pairs = rng.sample(pairs, min(records, len(pairs)))
        minimum = rng.randint(2, 4)
        drawn = [[*rng.sample(pair, 2), min(9, minimum + rng.randint(-1, 6))] for pair in pairs]
        return {"savings": [rng.randint(1, 60) for _ in range(people)], "records": drawn, "minimum": minimum}

"""A lift that works by a fixed rule through hidden calls, with a limited load."""

from codegym_mcp import Environment, tool


class Elevator(Environment):
    """A lift serves people who wait in a building. Run it strictly by its rule until everybody has arrived.

    Floors are numbered from 0 (the lowest), people from 0. Everybody waits from the start on. You know
    neither where they wait, nor what they weigh, nor to which other floor they want to go; nobody alone is too heavy
    for the lift. The lift starts empty, heading up. On the floor where it starts, and on each one that it travels to,
    it opens its doors, and then:

    1. everybody aboard who wants this floor leaves, in ascending order of their numbers (opening the doors does it);
    2. the people who wait on this floor board in ascending order of their numbers. Boarding ends at the first one
       that the lift refuses because the load would exceed its limit: this one and all after it keep waiting.

    A floor is due if somebody waits there or somebody aboard wants to go there. With its doors done, the lift travels
    to the nearest due floor ahead in its heading, full or not. If none is due ahead, it turns its heading around and
    travels to the nearest due floor there. The floor where it stands is not ahead either way. The run ends when
    everybody has left the lift at the wanted floor. No step can be undone.

    Answer with the number of floors travelled in total (from floor 2 to floor 5 are 3), followed by the numbers of
    the people in the order in which they left.
    """

    def reset(self, *, floors: int, start: int, limit: int, people: list[list[int]]) -> None:
        self.floors, self.floor, self.limit, self.people = floors, start, limit, people  # from, to, weight
        self.state = ["waiting"] * len(people)  # or "aboard", or "arrived"
        self.travelled, self.opened = 0, False

    def observe(self) -> dict[str, int]:
        """Show what the panel of the lift tells.

        Returns:
            the number of floors ("floors"), the floor where the lift stands ("floor"), the number of people in all
            ("people") and how many of them have arrived ("arrived").

        Example:
            Observe() -> {"floors": 9, "floor": 4, "people": 6, "arrived": 0}
        """
        arrived = self.state.count("arrived")
        return {"floors": self.floors, "floor": self.floor, "people": len(self.people), "arrived": arrived}

    @tool
    def OpenDoors(self) -> dict[str, list[int]]:
        """Open the doors where the lift stands, and let everybody out who wants this floor.

        Returns:
            the numbers of the people who left just now ("left") and of those who wait here ("waiting"), both ascending.

        Example:
            OpenDoors() -> {"left": [3], "waiting": [0, 5]}
        """
        self.opened = True
        left = [i for i, p in enumerate(self.people) if self.state[i] == "aboard" and p[1] == self.floor]
        for person in left:
            self.state[person] = "arrived"
        waiting = [i for i, p in enumerate(self.people) if self.state[i] == "waiting" and p[0] == self.floor]
        return {"left": left, "waiting": waiting}

    @tool
    def Board(self, person: int) -> bool:
        """Let one person board who waits where the lift stands with its doors open.

        Args:
            person: number of a person who waits on this floor.

        Returns:
            true if the person is aboard now, false if the lift refused because the load would exceed its limit.

        Example:
            Board(person=5) -> true
        """
        if not 0 <= person < len(self.people):
            raise ValueError(f"person must be from 0 to {len(self.people) - 1}, got {person}")
        if not self.opened:
            raise ValueError("the doors are closed")
        if self.state[person] != "waiting" or self.people[person][0] != self.floor:
            raise ValueError(f"person {person} does not wait on floor {self.floor}")
        load = sum(p[2] for p, state in zip(self.people, self.state, strict=True) if state == "aboard")
        if load + self.people[person][2] > self.limit:
            return False
        self.state[person] = "aboard"
        return True

    @tool
    def NearestDue(self, up: bool) -> int:
        """Find the nearest due floor above or below the lift.

        Args:
            up: true to look above the lift, false to look below it.

        Returns:
            number of the floor, or -1 if no floor is due on that side.

        Example:
            NearestDue(up=true) -> 7
        """
        due = [p[state == "aboard"] for p, state in zip(self.people, self.state, strict=True) if state != "arrived"]
        if up:
            return min((floor for floor in due if floor > self.floor), default=-1)
        return max((floor for floor in due if floor < self.floor), default=-1)

    @tool
    def Travel(self, floor: int) -> int:
        """Close the doors and travel to another floor.

        Args:
            floor: number of the floor, from 0 to floors - 1, not the one where the lift stands.

        Returns:
            the number of floors travelled so far in total.

        Example:
            Travel(floor=7) -> 12
        """
        if not 0 <= floor < self.floors or floor == self.floor:
            raise ValueError(f"floor must be from 0 to {self.floors - 1} and not {self.floor}, got {floor}")
        self.travelled += abs(floor - self.floor)
        self.floor, self.opened = floor, False
        return self.travelled

    def answer(self) -> list[int]:
        """The log of the run.

        Returns:
            [floors travelled, person, person, ...]: the people's numbers in the order in which they left the lift.
        """
        queues = [[i for i, p in enumerate(self.people) if p[0] == floor] for floor in range(self.floors)]
        aboard, order, floor, heading, moved = [], [], self.floor, 1, 0
        while True:
            leaving = sorted(i for i in aboard if self.people[i][1] == floor)
            order += leaving
            aboard = [i for i in aboard if i not in leaving]
            while queues[floor] and sum(self.people[i][2] for i in [*aboard, queues[floor][0]]) <= self.limit:
                aboard.append(queues[floor].pop(0))
            if len(order) == len(self.people):
                return [moved, *order]
            stops = [bool(queue) or any(self.people[i][1] == f for i in aboard) for f, queue in enumerate(queues)]
            if not any(stops[floor + 1 :] if heading > 0 else stops[:floor]):
                heading = -heading
            floor, moved = floor + heading, moved + 1
            while not stops[floor]:
                floor, moved = floor + heading, moved + 1

    def solve(self, call):
        people, travelled, order, up = call("Observe")["people"], 0, [], True
        while True:
            doors = call("OpenDoors")
            order += doors["left"]
            for person in doors["waiting"]:
                if not call("Board", person=person):
                    break
            if len(order) == people:
                return call("Done", answer=[travelled, *order])
            floor = call("NearestDue", up=up)
            if floor < 0:
                up = not up
                floor = call("NearestDue", up=up)
            travelled = call("Travel", floor=floor)

    @staticmethod
    def generate(rng, level):
        floors = rng.randint(*{"easy": (4, 7), "medium": (7, 12), "hard": (12, 24)}[level])
        count = rng.randint(*{"easy": (2, 3), "medium": (5, 7), "hard": (12, 18)}[level])
        origins = rng.sample(range(floors), count) if level == "easy" else rng.choices(range(floors), k=count)
        shift = range(1, floors)  # nobody wants the floor where he waits
        people = [[floor, (floor + rng.choice(shift)) % floors, rng.randint(40, 110)] for floor in origins]
        limit = rng.randint(*{"easy": (150, 220), "medium": (200, 300), "hard": (330, 500)}[level])
        return {"floors": floors, "start": rng.randrange(floors), "limit": limit, "people": people}

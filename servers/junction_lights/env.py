"""Two roads, "north" and "east", cross at traffic lights."""

import copy

from codegym_mcp import Environment, tool


class Junction:
    """The queues, the lights and the arrivals."""

    def __init__(self, arrivals: list[list[int]], last: int, longest: int) -> None:
        self.arrivals, self.last, self.longest = arrivals, last, longest  # [tick, north, east]
        self.tick = -1
        self.green = "north"
        self.queues: dict[str, list[int]] = {"north": [], "east": []}

    def begin_tick(self) -> list[int]:
        """Begin the next tick: its cars join the queues.

        Returns:
            how many cars wait on the roads north and east then.

        Example:
            begin_tick() -> [2, 0]
        """
        self.tick += 1
        for tick, north, east in self.arrivals:
            if tick == self.tick:
                self.queues["north"] += [tick] * north
                self.queues["east"] += [tick] * east
        return [len(self.queues["north"]), len(self.queues["east"])]

    def green_road(self) -> str:
        """Look which road is green.

        Returns:
            "north" or "east".

        Example:
            green_road() -> "north"
        """
        return self.green

    def switch_lights(self) -> str:
        """Switch the lights.

        Returns:
            the road that is green now.

        Example:
            switch_lights() -> "east"
        """
        self.green = "east" if self.green == "north" else "north"
        return self.green

    def let_pass(self) -> int:
        """Let the first car of the green road pass.

        Returns:
            how many ticks it has waited.

        Example:
            let_pass() -> 3
        """
        if not self.queues[self.green]:
            raise ValueError(f"no car waits on the road {self.green}, which is green")
        return self.tick - self.queues[self.green].pop(0)


class JunctionLights(Environment):
    """Two roads, "north" and "east", cross at traffic lights. North is green at first, both queues are empty, and the
    green age, which tells how long the lights have stood, is 0. Time runs in ticks, numbered from 0. In each tick, in
    this order:

    - The cars that arrive in this tick join the queues of their roads. After tick `last` none arrive.
    - The lights are switched if cars wait on the red road and, besides, none wait on the green road or the green age is
    at
      least `longest`. A switch takes up the rest of the tick and sets the green age to 0.
    - If the lights were not switched, the first car of the queue of the green road passes, if there is one, and tells
    how long
      it has waited; in any case the green age grows by 1.

    The simulation ends with the first tick from tick `last` on after which no car is waiting.

    The answer is the sum of the waiting times of all cars, the longest waiting time, the number of switches and the
    number of the last tick.

    The input is hidden (arrivals); the tools give access to it. Observe shows what is known from the start: sizes, and
    last, longest.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, arrivals: list[list[int]], last: int, longest: int) -> None:
        self.arrivals = arrivals
        self.last = last
        self.longest = longest
        self.junction = Junction(copy.deepcopy(self.arrivals), self.last, self.longest)

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "last": a whole number, given as it is.
            "longest": a whole number, given as it is.
            "arrivals": number of items of arrivals.

        Example:
            Observe() -> {"last": 4, "longest": 3, "arrivals": 2}
        """
        return {"last": self.last, "longest": self.longest, "arrivals": len(self.arrivals)}

    @tool
    def BeginTick(self) -> list[int]:
        """Begin the next tick: its cars join the queues.

        Returns:
            how many cars wait on the roads north and east then.

        Example:
            BeginTick() -> [2, 0]
        """
        return self.junction.begin_tick()

    @tool
    def GreenRoad(self) -> str:
        """Look which road is green.

        Returns:
            "north" or "east".

        Example:
            GreenRoad() -> "north"
        """
        return self.junction.green_road()

    @tool
    def SwitchLights(self) -> str:
        """Switch the lights.

        Returns:
            the road that is green now.

        Example:
            SwitchLights() -> "east"
        """
        return self.junction.switch_lights()

    @tool
    def LetPass(self) -> int:
        """Let the first car of the green road pass.

        Returns:
            how many ticks it has waited.

        Example:
            LetPass() -> 3
        """
        return self.junction.let_pass()

    def answer(self) -> dict[str, int]:
        """Run the junction.

        Returns:
            the sum "waited", the "longest" time, the "switches" and the last "tick". Example:
            {"waited": 31, "longest": 6, "switches": 3, "tick": 14}.
        """
        arrivals = copy.deepcopy(self.arrivals)
        last = self.last
        longest = self.longest
        junction = Junction(arrivals, last, longest)
        waited = most = switches = age = 0
        tick = -1
        green = junction.green_road()
        cars = 1
        while tick < last or cars > 0:
            tick += 1
            north, east = junction.begin_tick()
            cars = north + east
            ahead = north if green == "north" else east
            if cars > ahead and (ahead == 0 or age >= longest):
                green = junction.switch_lights()
                switches, age = (switches + 1, 0)
                continue
            if ahead > 0:
                time = junction.let_pass()
                waited += time
                most = max(most, time)
                cars -= 1
            age += 1
        return {"waited": waited, "longest": most, "switches": switches, "tick": tick}

    def solve(self, call):
        seen = call("Observe")
        last = seen["last"]
        longest = seen["longest"]
        waited = most = switches = age = 0
        tick = -1
        green = call("GreenRoad")
        cars = 1
        while tick < last or cars > 0:
            tick += 1
            north, east = call("BeginTick")
            cars = north + east
            ahead = north if green == "north" else east
            if cars > ahead and (ahead == 0 or age >= longest):
                green = call("SwitchLights")
                switches, age = (switches + 1, 0)
                continue
            if ahead > 0:
                time = call("LetPass")
                waited += time
                most = max(most, time)
                cars -= 1
            age += 1
        return call("Done", answer={"waited": waited, "longest": most, "switches": switches, "tick": tick})

    @staticmethod
    def generate(rng, level):
        last, longest = {"easy": (4, 3), "medium": (10, 3), "hard": (rng.randint(24, 40), rng.randint(3, 6))}[level]
        arrivals = [[0, rng.randint(1, 3), rng.randint(0, 2)]]
        for tick in range(1, last + 1):
            if rng.random() < 0.55:
                arrivals.append([tick, rng.choice([0, 0, 1, 2]), rng.choice([0, 0, 1, 1])])
        return {"arrivals": arrivals, "last": last, "longest": longest}

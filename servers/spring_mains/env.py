"""A hidden network of water mains leads from the spring S to the town T."""

import copy

from codegym_mcp import Environment, tool


class Mains:
    """The mains with the water that they carry."""

    def __init__(self, mains: dict[str, int], supply: int) -> None:
        self.room = dict(mains)  # "SA": litres that can still be led from S to A
        self.supply = supply

    def supply_left(self) -> int:
        """Tell how much the spring can still give.

        Returns:
            the litres.

        Example:
            supply_left() -> 14
        """
        return self.supply

    def next_tanks(self, tank: str) -> list[str]:
        """List the tanks to which water can be led from a tank in one step.

        Args:
            tank: name of the tank.

        Returns:
            names of the tanks with spare room on the way to them, in alphabetical order; maybe none.

        Example:
            next_tanks(tank="S") -> ["A", "C"]
        """
        return sorted(step[1] for step, room in self.room.items() if step[0] == tank and room > 0)

    def spare_room(self, tank: str, next_tank: str) -> int:
        """Tell the spare room of a step.

        Args:
            tank: where the step begins.
            next_tank: where it ends.

        Returns:
            the litres; 0 if there is none.

        Example:
            spare_room(tank="S", next_tank="A") -> 6
        """
        return self.room.get(tank + next_tank, 0)

    def send(self, tank: str, next_tank: str, litres: int) -> int:
        """Lead water over a step; out of S this takes it from the supply.

        Args:
            tank: where the step begins.
            next_tank: where it ends.
            litres: how much, at least 1, at most the spare room.

        Returns:
            the charge.

        Example:
            send(tank="S", next_tank="A", litres=4) -> 12
        """
        spare = self.spare_room(tank, next_tank)
        if not 1 <= litres <= spare or (tank == "S" and litres > self.supply):
            raise ValueError(f"{litres} litres cannot go from {tank!r} to {next_tank!r}: the spare room is {spare}")
        self.supply -= litres if tank == "S" else 0
        self.room[tank + next_tank] -= litres
        self.room[next_tank + tank] = self.room.get(next_tank + tank, 0) + litres
        return litres * (1 + (ord(tank) * 3 + ord(next_tank) * 5 + spare) % 4)


class SpringMains(Environment):
    """A hidden network of water mains leads from the spring S to the town T. A main leads from one tank to another and can
    carry a limited number of litres. All tanks have names of one letter.

    Water is led over routes, one after the other. A route goes from tank to tank as long as there is spare room: the
    rest of a main's room in its own direction, or against its direction as much as it carries already, for water can be
    led off again. Both are counted together if mains lie in both directions. Take each time the route with the fewest
    steps from S to T, and of several such routes the one that comes first in alphabetical order of its letters. Lead
    over it as much as its narrowest step and the supply of the spring allow; the supply is `supply` litres at first. It
    is over when the spring has no more supply or there is no route.

    For each step of a route a charge per litre is due, which the step tells when the water is sent.

    The answer is the number of litres that were led from S to T, the number of routes and the sum of the charges.

    The input is hidden (mains); the tools give access to it. Observe shows what is known from the start: sizes, and
    supply.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, mains: dict[str, int], supply: int) -> None:
        self.mains = mains
        self.supply = supply
        self.network = Mains(copy.deepcopy(self.mains), self.supply)

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "supply": a whole number, given as it is.
            "mains": number of keys of mains.

        Example:
            Observe() -> {"supply": 23, "mains": 4}
        """
        return {"supply": self.supply, "mains": len(self.mains)}

    @tool
    def SupplyLeft(self) -> int:
        """Tell how much the spring can still give.

        Returns:
            the litres.

        Example:
            SupplyLeft() -> 14
        """
        return self.network.supply_left()

    @tool
    def NextTanks(self, tank: str) -> list[str]:
        """List the tanks to which water can be led from a tank in one step.

        Args:
            tank: name of the tank.

        Returns:
            names of the tanks with spare room on the way to them, in alphabetical order; maybe none.

        Example:
            NextTanks(tank="S") -> ["A", "C"]
        """
        return self.network.next_tanks(tank)

    @tool
    def SpareRoom(self, tank: str, next_tank: str) -> int:
        """Tell the spare room of a step.

        Args:
            tank: where the step begins.
            next_tank: where it ends.

        Returns:
            the litres; 0 if there is none.

        Example:
            SpareRoom(tank="S", next_tank="A") -> 6
        """
        return self.network.spare_room(tank, next_tank)

    @tool
    def Send(self, tank: str, next_tank: str, litres: int) -> int:
        """Lead water over a step; out of S this takes it from the supply.

        Args:
            tank: where the step begins.
            next_tank: where it ends.
            litres: how much, at least 1, at most the spare room.

        Returns:
            the charge.

        Example:
            Send(tank="S", next_tank="A", litres=4) -> 12
        """
        return self.network.send(tank, next_tank, litres)

    def answer(self) -> dict[str, int]:
        """Lead the water.

        Returns:
            the number of "litres", of "routes", and the "charges". Example: {"litres": 11, "routes": 3, "charges": 74}.
        """
        mains = copy.deepcopy(self.mains)
        supply = self.supply
        network = Mains(mains, supply)
        litres = routes = charges = 0
        left = network.supply_left()
        while left > 0:
            found = ["S"]
            behind = {}
            for tank in found:
                if "T" in behind:
                    break
                for other in network.next_tanks(tank):
                    if other not in found:
                        found.append(other)
                        behind[other] = tank
            if "T" not in behind:
                break
            route = ["T"]
            while route[-1] != "S":
                route.append(behind[route[-1]])
            route.reverse()
            amount = left
            for step in range(len(route) - 1):
                amount = min(amount, network.spare_room(route[step], route[step + 1]))
            for step in range(len(route) - 1):
                charges += network.send(route[step], route[step + 1], amount)
            litres += amount
            routes += 1
            left = network.supply_left()
        return {"litres": litres, "routes": routes, "charges": charges}

    def solve(self, call):
        litres = routes = charges = 0
        left = call("SupplyLeft")
        while left > 0:
            found = ["S"]
            behind = {}
            for tank in found:
                if "T" in behind:
                    break
                for other in call("NextTanks", tank=tank):
                    if other not in found:
                        found.append(other)
                        behind[other] = tank
            if "T" not in behind:
                break
            route = ["T"]
            while route[-1] != "S":
                route.append(behind[route[-1]])
            route.reverse()
            amount = left
            for step in range(len(route) - 1):
                amount = min(amount, call("SpareRoom", tank=route[step], next_tank=route[step + 1]))
            for step in range(len(route) - 1):
                charges += call("Send", tank=route[step], next_tank=route[step + 1], litres=amount)
            litres += amount
            routes += 1
            left = call("SupplyLeft")
        return call("Done", answer={"litres": litres, "routes": routes, "charges": charges})

    @staticmethod
    def generate(rng, level):
        inner, extra = {"easy": ("AB", 0), "medium": ("ABC", 1), "hard": ("ABCDEFG", 9)}[level]
        starts = inner[: len(inner) // 2 + 1]
        steps = [f"S{tank}" for tank in starts] + [f"{tank}T" for tank in inner[len(inner) // 2 :]]
        steps += [one + two for one, two in zip(inner, inner[len(inner) // 2 :], strict=False) if one != two]
        steps += ["".join(rng.sample(inner, 2)) for _ in range(extra)]
        steps = rng.sample(sorted(set(steps)), len(set(steps)))
        mains = {step: rng.randint(3, 25) for step in steps}
        total = sum((room for step, room in mains.items() if step[0] == "S"))
        return {"mains": mains, "supply": rng.randint(total * 2 // 5, total)}

"""A pond is home to several species, numbered from 0; some hunt others."""

import copy

from codegym_mcp import Environment, tool


class Pond:
    """The animals of each species and the hunts."""

    def __init__(self, animals: list[int], growth: list[int], hunts: list[list[int]], years: int, crowd: int) -> None:
        self.animals, self.growth, self.hunts = list(animals), growth, hunts
        self.years, self.crowd = years, crowd

    def _check(self, species: int) -> None:
        if not 0 <= species < len(self.animals):
            raise ValueError(f"species must be from 0 to {len(self.animals) - 1}, got {species}")

    def count(self, species: int) -> int:
        """Count the animals of a species.

        Args:
            species: number of the species, from 0.

        Returns:
            the number of animals.

        Example:
            count(species=1) -> 12
        """
        self._check(species)
        return self.animals[species]

    def breed(self, species: int) -> int:
        """Let a species breed.

        Args:
            species: number of the species, from 0.

        Returns:
            the number of its animals afterwards.

        Example:
            breed(species=1) -> 15
        """
        self._check(species)
        self.animals[species] += self.animals[species] * self.growth[species] // 100 + 1
        return self.animals[species]

    def hunt(self, number: int) -> dict[str, int]:
        """Let a hunt take place; what is eaten is gone, but nobody starves yet.

        Args:
            number: number of the hunt, from 0.

        Returns:
            the number of the "hunter", the meals "eaten" and the meals "missing"; none are eaten or missing without hunters.

        Example:
            hunt(number=0) -> {"hunter": 2, "eaten": 5, "missing": 1}
        """
        if not 0 <= number < len(self.hunts):
            raise ValueError(f"number must be from 0 to {len(self.hunts) - 1}, got {number}")
        hunter, prey, hunger = self.hunts[number]
        needed = (self.animals[hunter] * hunger + 1) // 2
        eaten = min(needed, self.animals[prey])
        self.animals[prey] -= eaten
        return {"hunter": hunter, "eaten": eaten, "missing": needed - eaten}

    def starve(self, species: int, deaths: int) -> int:
        """Let animals of a species die of hunger.

        Args:
            species: number of the species, from 0.
            deaths: how many die, at least 1; if that is more than there are, all die.

        Returns:
            the number of its animals afterwards.

        Example:
            starve(species=2, deaths=1) -> 7
        """
        self._check(species)
        if deaths < 1:
            raise ValueError(f"deaths must be at least 1, got {deaths}")
        self.animals[species] = max(0, self.animals[species] - deaths)
        return self.animals[species]

    def plague(self, species: int) -> int:
        """Let a plague come over a species.

        Args:
            species: number of the species, from 0.

        Returns:
            how many of its animals died.

        Example:
            plague(species=0) -> 9
        """
        self._check(species)
        died = self.animals[species] // 3 + species
        self.animals[species] -= died
        return died


class PondYears(Environment):
    """A pond is home to several species, numbered from 0; some hunt others. `years` years go by. Each year goes like this:

    First the species breed one after the other, in ascending order; a species without animals is left out.

    Then the hunts follow, numbered from 0, one after the other. A hunt is named by a hunter and a prey. The hunters eat
    what they need, one animal of the prey per meal, or all of the prey if that is too little. Right after the hunt the
    hunters starve if meals were missing: one hunter dies for every two missing meals, rounded up. A hunt is left out if
    there are no hunters.

    At last, if the largest species (of several equally large ones, the one with the smallest number) has more than
    `crowd` animals, a plague comes over it.

    The answer is the number of animals of all species together after the last year, the number of meals eaten in all
    years, and the number of animals that died of the plague.

    The input is hidden (animals, growth, hunts); the tools give access to it. Observe shows what is known from the
    start: sizes, and years, crowd.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, animals: list[int], growth: list[int], hunts: list[list[int]], years: int, crowd: int) -> None:
        self.animals = animals
        self.growth = growth
        self.hunts = hunts
        self.years = years
        self.crowd = crowd
        self.pond = Pond(
            copy.deepcopy(self.animals), copy.deepcopy(self.growth), copy.deepcopy(self.hunts), self.years, self.crowd
        )

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "years": a whole number, given as it is.
            "crowd": a whole number, given as it is.
            "animals": number of items of animals.
            "growth": number of items of growth.
            "hunts": number of items of hunts.

        Example:
            Observe() -> {"years": 2, "crowd": 23, "animals": 2, "growth": 2, "hunts": 1}
        """
        return {
            "years": self.years,
            "crowd": self.crowd,
            "animals": len(self.animals),
            "growth": len(self.growth),
            "hunts": len(self.hunts),
        }

    @tool
    def Count(self, species: int) -> int:
        """Count the animals of a species.

        Args:
            species: number of the species, from 0.

        Returns:
            the number of animals.

        Example:
            Count(species=1) -> 12
        """
        return self.pond.count(species)

    @tool
    def Breed(self, species: int) -> int:
        """Let a species breed.

        Args:
            species: number of the species, from 0.

        Returns:
            the number of its animals afterwards.

        Example:
            Breed(species=1) -> 15
        """
        return self.pond.breed(species)

    @tool
    def Hunt(self, number: int) -> dict[str, int]:
        """Let a hunt take place; what is eaten is gone, but nobody starves yet.

        Args:
            number: number of the hunt, from 0.

        Returns:
            the number of the "hunter", the meals "eaten" and the meals "missing"; none are eaten or missing without
                hunters.

        Example:
            Hunt(number=0) -> {"hunter": 2, "eaten": 5, "missing": 1}
        """
        return self.pond.hunt(number)

    @tool
    def Starve(self, species: int, deaths: int) -> int:
        """Let animals of a species die of hunger.

        Args:
            species: number of the species, from 0.
            deaths: how many die, at least 1; if that is more than there are, all die.

        Returns:
            the number of its animals afterwards.

        Example:
            Starve(species=2, deaths=1) -> 7
        """
        return self.pond.starve(species, deaths)

    @tool
    def Plague(self, species: int) -> int:
        """Let a plague come over a species.

        Args:
            species: number of the species, from 0.

        Returns:
            how many of its animals died.

        Example:
            Plague(species=0) -> 9
        """
        return self.pond.plague(species)

    def answer(self) -> dict[str, int]:
        """Let the years go by.

        Returns:
            the "animals", the "meals" and those who died of the "plague". Example: {"animals": 41, "meals": 66,
                "plague": 18}.
        """
        animals = copy.deepcopy(self.animals)
        growth = copy.deepcopy(self.growth)
        hunts = copy.deepcopy(self.hunts)
        years = self.years
        crowd = self.crowd
        pond = Pond(animals, growth, hunts, years, crowd)
        meals = died = 0
        for _ in range(years):
            for species in range(len(animals)):
                if pond.count(species) > 0:
                    pond.breed(species)
            for number in range(len(hunts)):
                result = pond.hunt(number)
                meals += result["eaten"]
                if result["missing"] > 0:
                    pond.starve(result["hunter"], (result["missing"] + 1) // 2)
            largest = max([[pond.count(species), -species] for species in range(len(animals))])
            if largest[0] > crowd:
                died += pond.plague(-largest[1])
        left = 0
        for species in range(len(animals)):
            left += pond.count(species)
        return {"animals": left, "meals": meals, "plague": died}

    def solve(self, call):
        seen = call("Observe")
        years = seen["years"]
        crowd = seen["crowd"]
        meals = died = 0
        for _ in range(years):
            for species in range(seen["animals"]):
                if call("Count", species=species) > 0:
                    call("Breed", species=species)
            for number in range(seen["hunts"]):
                result = call("Hunt", number=number)
                meals += result["eaten"]
                if result["missing"] > 0:
                    call("Starve", species=result["hunter"], deaths=(result["missing"] + 1) // 2)
            largest = max([[call("Count", species=species), -species] for species in range(seen["animals"])])
            if largest[0] > crowd:
                died += call("Plague", species=-largest[1])
        left = 0
        for species in range(seen["animals"]):
            left += call("Count", species=species)
        return call("Done", answer={"animals": left, "meals": meals, "plague": died})

    @staticmethod
    def generate(rng, level):
        count, years = {"easy": (2, 2), "medium": (3, 3), "hard": (4, rng.randint(5, 8))}[level]
        hunts = [[one, one - 1, rng.randint(1, 2)] for one in range(1, count)]
        hunts += [[count - 1, 0, 1]] if count > 2 else []
        rng.shuffle(hunts)
        animals = [rng.randint(12, 40), *[rng.randint(3, 18) for _ in range(count - 1)]]
        growth = [rng.randint(50, 90), *[rng.randint(15, 60) for _ in range(count - 1)]]
        return {"animals": animals, "growth": growth, "hunts": hunts, "years": years, "crowd": rng.randint(20, 45)}

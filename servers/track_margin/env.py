"""Two players share one token on a hidden track with fields from 0 to `goal`; the token begins on field 0."""

import copy

from codegym_mcp import Environment, tool


class Track:
    """The fields with their chutes and prizes, and the choices noted."""

    def __init__(self, chutes: list[int], prizes: list[int], goal: int) -> None:
        self.chutes, self.prizes, self.goal = chutes, prizes, goal
        self.choices: dict[str, int] = {}

    def _field(self, field: int, last: int) -> int:
        if not 0 <= field <= last:
            raise ValueError(f"field must be from 0 to {last}, got {field}")
        return field

    def landing(self, field: int, steps: int) -> int:
        """Tell where the token lands.

        Args:
            field: the field where it is, from 0 to `goal` - 1.
            steps: 1, 2 or 3.

        Returns:
            the field where it lands.

        Example:
            landing(field=0, steps=2) -> 5
        """
        if steps not in (1, 2, 3):
            raise ValueError(f"steps must be 1, 2 or 3, got {steps}")
        reached = min(self.goal, self._field(field, self.goal - 1) + steps)
        return min(self.goal, reached + self.chutes[(reached + steps) % len(self.chutes)])

    def prize(self, field: int) -> int:
        """Look up the prize of a field.

        Args:
            field: the field, from 1 to `goal`.

        Returns:
            what the player gets who makes the token land there; it may be negative.

        Example:
            prize(field=5) -> 7
        """
        return self.prizes[self._field(field, self.goal)]

    def note_choice(self, field: int, steps: int) -> int:
        """Note which number of steps is best from a field.

        Args:
            field: the field, from 0 to `goal` - 1.
            steps: 1, 2 or 3.

        Returns:
            how many fields have been noted.

        Example:
            note_choice(field=4, steps=3) -> 2
        """
        if steps not in (1, 2, 3):
            raise ValueError(f"steps must be 1, 2 or 3, got {steps}")
        self.choices[str(self._field(field, self.goal - 1))] = steps
        return len(self.choices)

    def play(self, field: int) -> list[int]:
        """Play the noted number of steps from a field.

        Args:
            field: the field where the token is; its number of steps must have been noted.

        Returns:
            the number of steps and the field where the token lands.

        Example:
            play(field=0) -> [2, 5]
        """
        if str(field) not in self.choices:
            raise ValueError(f"nothing has been noted for field {field}")
        steps = self.choices[str(field)]
        return [steps, self.landing(field, steps)]


class TrackMargin(Environment):
    """Two players share one token on a hidden track with fields from 0 to `goal`; the token begins on field 0. The players
    take turns, Ada first. The player whose turn it is chooses 1, 2 or 3 steps; chutes and the like may then carry the
    token further, but always forward, and it lands on some field, on `goal` at the latest. The player gets the prize of
    the field where it lands. The game is over when the token is on `goal`.

    Both play as well as possible: each chooses the number of steps that makes the own margin, what this player gets
    from now on minus what the other one gets from now on, as great as possible; between equally good choices the
    smallest number of steps. The margin on `goal` is 0 for either player.

    The answer is Ada's margin from the beginning, the numbers of steps that are chosen in the course of the game, in
    order, as a text of digits, and the sum of the margins of the player whose turn it is, taken over all fields from 0
    to `goal` - 1.

    The input is hidden (chutes, prizes); the tools give access to it. Observe shows what is known from the start:
    sizes, and goal.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, chutes: list[int], prizes: list[int], goal: int) -> None:
        self.chutes = chutes
        self.prizes = prizes
        self.goal = goal
        self.track = Track(copy.deepcopy(self.chutes), copy.deepcopy(self.prizes), self.goal)

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "goal": a whole number, given as it is.
            "chutes": number of items of chutes.
            "prizes": number of items of prizes.

        Example:
            Observe() -> {"goal": 4, "chutes": 8, "prizes": 5}
        """
        return {"goal": self.goal, "chutes": len(self.chutes), "prizes": len(self.prizes)}

    @tool
    def Landing(self, field: int, steps: int) -> int:
        """Tell where the token lands.

        Args:
            field: the field where it is, from 0 to `goal` - 1.
            steps: 1, 2 or 3.

        Returns:
            the field where it lands.

        Example:
            Landing(field=0, steps=2) -> 5
        """
        return self.track.landing(field, steps)

    @tool
    def Prize(self, field: int) -> int:
        """Look up the prize of a field.

        Args:
            field: the field, from 1 to `goal`.

        Returns:
            what the player gets who makes the token land there; it may be negative.

        Example:
            Prize(field=5) -> 7
        """
        return self.track.prize(field)

    @tool
    def NoteChoice(self, field: int, steps: int) -> int:
        """Note which number of steps is best from a field.

        Args:
            field: the field, from 0 to `goal` - 1.
            steps: 1, 2 or 3.

        Returns:
            how many fields have been noted.

        Example:
            NoteChoice(field=4, steps=3) -> 2
        """
        return self.track.note_choice(field, steps)

    @tool
    def Play(self, field: int) -> list[int]:
        """Play the noted number of steps from a field.

        Args:
            field: the field where the token is; its number of steps must have been noted.

        Returns:
            the number of steps and the field where the token lands.

        Example:
            Play(field=0) -> [2, 5]
        """
        return self.track.play(field)

    def answer(self) -> dict[str, int | str]:
        """Work out the game.

        Returns:
            the "margin" from the beginning, the "steps" chosen and the "sum" of the margins. Example:
            {"margin": 4, "steps": "132", "sum": 19}.
        """
        chutes = copy.deepcopy(self.chutes)
        prizes = copy.deepcopy(self.prizes)
        goal = self.goal
        track = Track(chutes, prizes, goal)
        margins = [0] * (goal + 1)
        gains = [0] * (goal + 1)
        for field in range(goal, 0, -1):
            gains[field] = track.prize(field) - margins[field]
            best, chosen = (-(10**6), 0)
            for steps in (1, 2, 3):
                margin = gains[track.landing(field - 1, steps)]
                if margin > best:
                    best, chosen = (margin, steps)
            margins[field - 1] = best
            track.note_choice(field - 1, chosen)
        steps, field = ("", 0)
        while field < goal:
            played = track.play(field)
            steps += str(played[0])
            field = played[1]
        return {"margin": margins[0], "steps": steps, "sum": sum(margins)}

    def solve(self, call):
        seen = call("Observe")
        goal = seen["goal"]
        margins = [0] * (goal + 1)
        gains = [0] * (goal + 1)
        for field in range(goal, 0, -1):
            gains[field] = call("Prize", field=field) - margins[field]
            best, chosen = (-(10**6), 0)
            for steps in (1, 2, 3):
                margin = gains[call("Landing", field=field - 1, steps=steps)]
                if margin > best:
                    best, chosen = (margin, steps)
            margins[field - 1] = best
            call("NoteChoice", field=field - 1, steps=chosen)
        steps, field = ("", 0)
        while field < goal:
            played = call("Play", field=field)
            steps += str(played[0])
            field = played[1]
        return call("Done", answer={"margin": margins[0], "steps": steps, "sum": sum(margins)})

    @staticmethod
    def generate(rng, level):
        goal = {"easy": 4, "medium": rng.randint(7, 8), "hard": rng.randint(16, 24)}[level]
        chutes = [rng.choice([0, 0, 0, 1, 2]) for _ in range(rng.randint(5, 8))]
        return {"chutes": chutes, "prizes": [rng.randint(-9, 15) for _ in range(goal + 1)], "goal": goal}

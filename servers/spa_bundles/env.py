"""A spa sells bundles: several treatments that follow one another without a break."""

import copy

from codegym_mcp import Environment, tool


class Spa:
    """Therapists and what they are held for."""

    def __init__(self, therapists: list[dict[str, int]], bundles: list[list], closing: int) -> None:
        self._therapists, self._bundles, self._closing = therapists, bundles, closing
        self._held: dict[str, list[int]] = {}

    def read_bundle(self, index: int) -> dict[str, int | list[str]]:
        """Read a bundle.

        Args:
            index: number of the bundle, from 0.

        Returns:
            its "earliest" and "latest" start and its "treatments" in order.

        Example:
            read_bundle(index=0) -> {"earliest": 60, "latest": 90, "treatments": ["mud", "steam"]}
        """
        if not 0 <= index < len(self._bundles):
            raise ValueError(f"index must be from 0 to {len(self._bundles) - 1}, got {index}")
        return dict(zip(("earliest", "latest", "treatments"), self._bundles[index], strict=True))

    def find_therapist(self, treatment: str, minute: int) -> int:
        """Find the therapist for a treatment that begins at a minute.

        Args:
            treatment: name of the treatment.
            minute: minute at which it would begin.

        Returns:
            the number of the free therapist who does it in the shortest time before the spa closes, or -1 if there is none.

        Example:
            find_therapist(treatment="mud", minute=60) -> 2
        """
        able = []
        for number, skills in enumerate(self._therapists):
            end = minute + skills.get(treatment, 9999)
            taken = [
                1 for who, first, last in self._held.values() if who == number and first < end + 5 and minute < last
            ]
            if end <= self._closing and not taken:
                able.append((end, number))
        return min(able)[1] if able else -1

    def hold_therapist(self, therapist: int, treatment: str, minute: int) -> dict[str, int | str]:
        """Hold the therapist whom the search gives for a treatment and a minute.

        Args:
            therapist: number of the therapist.
            treatment: name of the treatment.
            minute: minute at which it begins.

        Returns:
            the name of the "hold" and the "end" of the treatment.

        Example:
            hold_therapist(therapist=2, treatment="mud", minute=60) -> {"hold": "2@60", "end": 85}
        """
        if therapist < 0 or self.find_therapist(treatment, minute) != therapist:
            raise ValueError(f"therapist {therapist} is not the one for {treatment!r} at minute {minute}")
        end = minute + self._therapists[therapist][treatment]
        self._held[f"{therapist}@{minute}"] = [therapist, minute, end + 5]
        return {"hold": f"{therapist}@{minute}", "end": end}

    def release_hold(self, hold: str) -> int:
        """Release a hold, as if it had never been made.

        Args:
            hold: name of the hold.

        Returns:
            how many holds there are now.

        Example:
            release_hold(hold="2@60") -> 4
        """
        if hold not in self._held:
            raise ValueError(f"there is no hold {hold!r}")
        del self._held[hold]
        return len(self._held)


class SpaBundles(Environment):
    """A spa sells bundles: several treatments that follow one another without a break. Bundles are numbered from 0 and
    handled in ascending order. Time is in minutes, a bundle may begin at its earliest minute or a whole number of the
    grid later, but not after its latest minute.

    To try a start for a bundle, go through its treatments in their order. The first one begins at the start, each
    further one at the minute at which the one before it ends. For each, hold the able therapist who is free then, as
    the tools tell; a held therapist is taken and then has to tidy up, so that it is not free for a while, for this
    bundle either. If there is nobody for a treatment, the start has failed, and everything held for it is released.

    Try the starts in ascending order; the first that does not fail is the one: what was held for it stays held for
    good. If all starts fail, the bundle is refused.

    Tell for each bundle the minute at which its last treatment ends, or -1 if it is refused.

    The input is hidden (therapists, bundles); the tools give access to it. Observe shows what is known from the start:
    sizes, and grid, closing.
    Work with the tools, then submit the answer with Done.
    """

    def reset(
        self, *, therapists: list[dict[str, int]], bundles: list[list[int | list[str]]], grid: int, closing: int
    ) -> None:
        self.therapists = therapists
        self.bundles = bundles
        self.grid = grid
        self.closing = closing
        self.spa = Spa(copy.deepcopy(self.therapists), copy.deepcopy(self.bundles), self.closing)

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "grid": a whole number, given as it is.
            "closing": a whole number, given as it is.
            "therapists": number of items of therapists.
            "bundles": number of items of bundles.

        Example:
            Observe() -> {"grid": 20, "closing": 180, "therapists": 2, "bundles": 2}
        """
        return {
            "grid": self.grid,
            "closing": self.closing,
            "therapists": len(self.therapists),
            "bundles": len(self.bundles),
        }

    @tool
    def ReadBundle(self, index: int) -> dict[str, int | list[str]]:
        """Read a bundle.

        Args:
            index: number of the bundle, from 0.

        Returns:
            its "earliest" and "latest" start and its "treatments" in order.

        Example:
            ReadBundle(index=0) -> {"earliest": 60, "latest": 90, "treatments": ["mud", "steam"]}
        """
        return self.spa.read_bundle(index)

    @tool
    def FindTherapist(self, treatment: str, minute: int) -> int:
        """Find the therapist for a treatment that begins at a minute.

        Args:
            treatment: name of the treatment.
            minute: minute at which it would begin.

        Returns:
            the number of the free therapist who does it in the shortest time before the spa closes, or -1 if there is
                none.

        Example:
            FindTherapist(treatment="mud", minute=60) -> 2
        """
        return self.spa.find_therapist(treatment, minute)

    @tool
    def HoldTherapist(self, therapist: int, treatment: str, minute: int) -> dict[str, int | str]:
        """Hold the therapist whom the search gives for a treatment and a minute.

        Args:
            therapist: number of the therapist.
            treatment: name of the treatment.
            minute: minute at which it begins.

        Returns:
            the name of the "hold" and the "end" of the treatment.

        Example:
            HoldTherapist(therapist=2, treatment="mud", minute=60) -> {"hold": "2@60", "end": 85}
        """
        return self.spa.hold_therapist(therapist, treatment, minute)

    @tool
    def ReleaseHold(self, hold: str) -> int:
        """Release a hold, as if it had never been made.

        Args:
            hold: name of the hold.

        Returns:
            how many holds there are now.

        Example:
            ReleaseHold(hold="2@60") -> 4
        """
        return self.spa.release_hold(hold)

    def answer(self) -> list[int]:
        """Place bundles of treatments.

        Returns:
            for each bundle the minute at which it ends, or -1. Example: [135, -1, 170].
        """
        therapists = copy.deepcopy(self.therapists)
        bundles = copy.deepcopy(self.bundles)
        grid = self.grid
        closing = self.closing
        spa = Spa(therapists, bundles, closing)
        ends = []
        for index in range(len(bundles)):
            bundle = spa.read_bundle(index)
            end = -1
            for start in range(bundle["earliest"], bundle["latest"] + 1, grid):
                holds, end = ([], start)
                for treatment in bundle["treatments"]:
                    therapist = spa.find_therapist(treatment, end)
                    if therapist < 0:
                        end = -1
                        break
                    held = spa.hold_therapist(therapist, treatment, end)
                    holds.append(held["hold"])
                    end = held["end"]
                if end >= 0:
                    break
                while holds:
                    spa.release_hold(holds.pop())
            ends.append(end)
        return ends

    def solve(self, call):
        seen = call("Observe")
        grid = seen["grid"]
        ends = []
        for index in range(seen["bundles"]):
            bundle = call("ReadBundle", index=index)
            end = -1
            for start in range(bundle["earliest"], bundle["latest"] + 1, grid):
                holds, end = ([], start)
                for treatment in bundle["treatments"]:
                    therapist = call("FindTherapist", treatment=treatment, minute=end)
                    if therapist < 0:
                        end = -1
                        break
                    held = call("HoldTherapist", therapist=therapist, treatment=treatment, minute=end)
                    holds.append(held["hold"])
                    end = held["end"]
                if end >= 0:
                    break
                while holds:
                    call("ReleaseHold", hold=holds.pop())
            ends.append(end)
        return call("Done", answer=ends)

    @staticmethod
    def generate(rng, level):
        count, staff = {"easy": (2, 2), "medium": (4, 3), "hard": (rng.randint(7, 9), 3)}[level]
        names = ["mud", "steam", "salt", "stone"]
        therapists = []
        for number in range(staff):
            skills = rng.sample(names, 3)
            therapists.append({name: rng.randint(4, 9) * 5 for name in names if name in skills or number == 0})
        bundles = []
        for _ in range(count):
            first = rng.randint(0, 4) * 10
            bundles.append(
                [first, first + rng.randint(2, 5) * 20, rng.sample(names, 2 if level == "easy" else rng.randint(2, 3))]
            )
        return {"therapists": therapists, "bundles": bundles, "grid": 20, "closing": rng.randint(17, 22) * 10}

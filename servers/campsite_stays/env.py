"""A campsite has pitches, numbered from 0, with stays already booked on them."""

import copy

from codegym_mcp import Environment, tool


class Campsite:
    """Pitches and the stays on them."""

    def __init__(self, pitches: list[bool], stays: list[list[int]], campers: list[list[int]]) -> None:
        self._hard, self._stays, self._campers = pitches, [list(stay) for stay in stays], campers

    def meet_camper(self, camper: int) -> dict[str, int | bool]:
        """Ask a camper at the desk.

        Args:
            camper: number of the camper, from 0.

        Returns:
            the day of "arrival", the "wanted" number of nights, and whether there is a "caravan".

        Example:
            meet_camper(camper=0) -> {"arrival": 4, "wanted": 7, "caravan": false}
        """
        if not 0 <= camper < len(self._campers):
            raise ValueError(f"camper must be from 0 to {len(self._campers) - 1}, got {camper}")
        arrival, wanted, caravan = self._campers[camper]
        return {"arrival": arrival, "wanted": wanted, "caravan": caravan == 1}

    def is_hard_surfaced(self, pitch: int) -> bool:
        """Tell whether a pitch is hard-surfaced.

        Args:
            pitch: number of the pitch, from 0.

        Returns:
            whether caravans may use it.

        Example:
            is_hard_surfaced(pitch=1) -> true
        """
        if not 0 <= pitch < len(self._hard):
            raise ValueError(f"pitch must be from 0 to {len(self._hard) - 1}, got {pitch}")
        return self._hard[pitch]

    def is_free(self, pitch: int, arrival: int, nights: int) -> bool:
        """Tell whether a pitch is free on a number of nights in a row.

        Args:
            pitch: number of the pitch.
            arrival: day of arrival, which is the first night.
            nights: how many nights, at least 1.

        Returns:
            whether it is free on all of them.

        Example:
            is_free(pitch=1, arrival=4, nights=3) -> false
        """
        self.is_hard_surfaced(pitch)
        if nights < 1 or arrival < 0:
            raise ValueError(f"expected at least 1 night from day 0 on, got {nights} from day {arrival}")
        return not any(p == pitch and first < arrival + nights and arrival < first + n for p, first, n in self._stays)

    def book_stay(self, pitch: int, arrival: int, nights: int) -> int:
        """Book a stay on a pitch that is free on all its nights.

        Args:
            pitch: number of the pitch.
            arrival: day of arrival.
            nights: how many nights.

        Returns:
            the fee.

        Example:
            book_stay(pitch=1, arrival=4, nights=2) -> 38
        """
        if not self.is_free(pitch, arrival, nights):
            raise ValueError(f"pitch {pitch} is not free for {nights} nights from day {arrival}")
        self._stays.append([pitch, arrival, nights])
        return nights * (14 + 2 * pitch) - nights // 7 * 10 + arrival % 3


class CampsiteStays(Environment):
    """A campsite has pitches, numbered from 0, with stays already booked on them. Campers are numbered from 0 and come to
    the desk in ascending order. Each wants to stay from a day of arrival for up to a greatest number of nights.

    The stay a pitch offers to a camper is the greatest number of nights, at most the wanted one, for which the pitch is
    free on every night from the day of arrival on. A camper with a caravan may only use pitches that are hard-surfaced.

    Each camper gets, among the pitches allowed, the one that offers the longest stay; of equal ones the one with the
    lowest number. The camper books that whole offered stay, which makes the pitch taken for those who come later. If no
    pitch allowed offers even one night, the camper drives on. After a booking the camper is charged a fee.

    Find the sum of the fees of all campers, and the total number of nights that were wanted but not booked (for a
    camper who drives on, all of them).

    The input is hidden (pitches, stays, campers); the tools give access to it. Observe shows what is known from the
    start.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, pitches: list[bool], stays: list[list[int]], campers: list[list[int]]) -> None:
        self.pitches = pitches
        self.stays = stays
        self.campers = campers
        self.site = Campsite(copy.deepcopy(self.pitches), copy.deepcopy(self.stays), copy.deepcopy(self.campers))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "pitches": number of items of pitches.
            "stays": number of items of stays.
            "campers": number of items of campers.

        Example:
            Observe() -> {"pitches": 2, "stays": 4, "campers": 3}
        """
        return {"pitches": len(self.pitches), "stays": len(self.stays), "campers": len(self.campers)}

    @tool
    def MeetCamper(self, camper: int) -> dict[str, bool | int]:
        """Ask a camper at the desk.

        Args:
            camper: number of the camper, from 0.

        Returns:
            the day of "arrival", the "wanted" number of nights, and whether there is a "caravan".

        Example:
            MeetCamper(camper=0) -> {"arrival": 4, "wanted": 7, "caravan": false}
        """
        return self.site.meet_camper(camper)

    @tool
    def IsHardSurfaced(self, pitch: int) -> bool:
        """Tell whether a pitch is hard-surfaced.

        Args:
            pitch: number of the pitch, from 0.

        Returns:
            whether caravans may use it.

        Example:
            IsHardSurfaced(pitch=1) -> true
        """
        return self.site.is_hard_surfaced(pitch)

    @tool
    def IsFree(self, pitch: int, arrival: int, nights: int) -> bool:
        """Tell whether a pitch is free on a number of nights in a row.

        Args:
            pitch: number of the pitch.
            arrival: day of arrival, which is the first night.
            nights: how many nights, at least 1.

        Returns:
            whether it is free on all of them.

        Example:
            IsFree(pitch=1, arrival=4, nights=3) -> false
        """
        return self.site.is_free(pitch, arrival, nights)

    @tool
    def BookStay(self, pitch: int, arrival: int, nights: int) -> int:
        """Book a stay on a pitch that is free on all its nights.

        Args:
            pitch: number of the pitch.
            arrival: day of arrival.
            nights: how many nights.

        Returns:
            the fee.

        Example:
            BookStay(pitch=1, arrival=4, nights=2) -> 38
        """
        return self.site.book_stay(pitch, arrival, nights)

    def answer(self) -> dict[str, int]:
        """Give pitches to campers.

        Returns:
            the sum of the "fees" and the "missing" nights. Example: {"fees": 318, "missing": 6}.
        """
        pitches = copy.deepcopy(self.pitches)
        stays = copy.deepcopy(self.stays)
        campers = copy.deepcopy(self.campers)
        site = Campsite(pitches, stays, campers)
        fees = missing = 0
        for camper in range(len(campers)):
            wish = site.meet_camper(camper)
            best, longest = (-1, 0)
            for pitch in range(len(pitches)):
                if wish["caravan"] and (not site.is_hard_surfaced(pitch)):
                    continue
                low, high = (longest, wish["wanted"])
                if low == high or not site.is_free(pitch, wish["arrival"], low + 1):
                    continue
                best, low = (pitch, low + 1)
                while low < high:
                    middle = (low + high + 1) // 2
                    if site.is_free(pitch, wish["arrival"], middle):
                        low = middle
                    else:
                        high = middle - 1
                longest = low
            if longest > 0:
                fees += site.book_stay(best, wish["arrival"], longest)
            missing += wish["wanted"] - longest
        return {"fees": fees, "missing": missing}

    def solve(self, call):
        seen = call("Observe")
        fees = missing = 0
        for camper in range(seen["campers"]):
            wish = call("MeetCamper", camper=camper)
            best, longest = (-1, 0)
            for pitch in range(seen["pitches"]):
                if wish["caravan"] and (not call("IsHardSurfaced", pitch=pitch)):
                    continue
                low, high = (longest, wish["wanted"])
                if low == high or not call("IsFree", pitch=pitch, arrival=wish["arrival"], nights=low + 1):
                    continue
                best, low = (pitch, low + 1)
                while low < high:
                    middle = (low + high + 1) // 2
                    if call("IsFree", pitch=pitch, arrival=wish["arrival"], nights=middle):
                        low = middle
                    else:
                        high = middle - 1
                longest = low
            if longest > 0:
                fees += call("BookStay", pitch=best, arrival=wish["arrival"], nights=longest)
            missing += wish["wanted"] - longest
        return call("Done", answer={"fees": fees, "missing": missing})

    @staticmethod
    def generate(rng, level):
        count, size = {"easy": (3, 2), "medium": (5, 3), "hard": (rng.randint(10, 13), 4)}[level]
        stays = []
        for pitch in range(size):
            day = rng.randint(0, 6)
            for _ in range(2):
                length = rng.randint(1, 4)
                stays.append([pitch, day, length])
                day += length + rng.randint(2, 9)
        hard = [True] + [rng.random() < 0.5 for _ in range(size - 1)]
        rng.shuffle(hard)
        campers = [[rng.randint(0, 14), rng.randint(4, 12), 1 if rng.random() < 0.35 else 0] for _ in range(count)]
        return {"pitches": hard, "stays": stays, "campers": campers}

"""A hut is heated through a night."""

import copy

from codegym_mcp import Environment, tool


def wanted_stage(stage: int, room: int, target: int) -> int:
    """Work out the stage that is wanted.

    Args:
        stage: the stage of the hour before.
        room: the temperature of the room.
        target: the temperature that it should have.

    Returns:
        the stage, from 0 to 3.

    Example:
        wanted_stage(stage=1, room=165, target=180) -> 2
    """
    apart = target - room
    if apart > 8:
        return min(3, stage + (2 if apart > 30 else 1))
    return stage if apart > -8 else max(0, stage - 1)


def stove_heat(heat: int, stage: int) -> int:
    """Work out the heat of the stove in an hour.

    Args:
        heat: its heat of the hour before.
        stage: its stage in this hour.

    Returns:
        the heat.

    Example:
        stove_heat(heat=10, stage=2) -> 27
    """
    if not 0 <= stage <= 3:
        raise ValueError(f"stage must be from 0 to 3, got {stage}")
    return heat // 2 + 11 * stage


def room_after(room: int, outside: int, heat: int) -> int:
    """Work out the temperature of the room after an hour.

    Args:
        room: the temperature of the room before.
        outside: the temperature outside.
        heat: the heat of the stove.

    Returns:
        the temperature of the room after it.

    Example:
        room_after(room=165, outside=-45, heat=27) -> 168
    """
    return room + heat - (room - outside) * 23 // 200


def fetch_wood(hour: int, times: int) -> int:
    """Work out how many logs fetching wood brings.

    Args:
        hour: number of the hour, from 0.
        times: how often wood has been fetched before.

    Returns:
        the number of logs.

    Example:
        fetch_wood(hour=5, times=0) -> 5
    """
    if times > 2:
        raise ValueError("wood is fetched at most 3 times")
    return 3 + hour % 3 * (2 - times) - (2 if hour % 3 else 0)


def chill(room: int, target: int) -> int:
    """Work out the chill of the room.

    Args:
        room: its temperature.
        target: the temperature that it should have.

    Returns:
        the chill.

    Example:
        chill(room=168, target=180) -> 9
    """
    return max(0, target - room) * 3 // 4


class StoveNight(Environment):
    """A hut is heated through a night. `frost` lists the temperature outside for each hour, numbered from 0. All
    temperatures are whole numbers, in tenths of a degree. The room has the temperature `start` before hour 0, the stove
    is at stage 0 and has the heat 0, and `logs` logs lie ready.

    Each hour goes like this:

    - The stage wanted for this hour follows from the stage of the hour before, the temperature of the room and
    `target`.
    - The stove burns as many logs as the number of this stage. If fewer lie ready, it burns these, and the stage is
    their
      number.
    - The heat of the stove follows from its heat of the hour before and the stage. Then the new temperature of the room
    follows
      from the old one, the temperature outside and this heat.
    - If the room is colder than `target` - 40 then, wood is fetched, but at most 3 times in all. How many more logs
    this brings
      depends on the hour and on how often it was done before.

    The answer is the temperature of the room at the end, the number of logs burnt, and the sum, over all hours, of the
    chill at the end of the hour.

    The input is hidden (frost); the tools give access to it. Observe shows what is known from the start: sizes, and
    start, target, logs.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, frost: list[int], start: int, target: int, logs: int) -> None:
        self.frost = frost
        self.start = start
        self.target = target
        self.logs = logs

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "start": a whole number, given as it is.
            "target": a whole number, given as it is.
            "logs": a whole number, given as it is.
            "frost": number of items of frost.

        Example:
            Observe() -> {"start": 197, "target": 208, "logs": 4, "frost": 3}
        """
        return {"start": self.start, "target": self.target, "logs": self.logs, "frost": len(self.frost)}

    @tool
    def ReadFrost(self, index: int) -> int:
        """Read one item of frost.

        Args:
            index: position in frost, counted from 0.

        Returns:
            the item.

        Example:
            ReadFrost(index=0) -> -33
        """
        if not 0 <= index < len(self.frost):
            raise ValueError(f"index must be from 0 to {len(self.frost) - 1}, got {index}")
        return self.frost[index]

    @tool
    def WantedStage(self, stage: int, room: int) -> int:
        """Work out the stage that is wanted.

        Args:
            stage: the stage of the hour before.
            room: the temperature of the room.

        Returns:
            the stage, from 0 to 3.

        Example:
            WantedStage(stage=0, room=197) -> 1
        """
        return wanted_stage(stage, room, self.target)

    @tool
    def StoveHeat(self, heat: int, stage: int) -> int:
        """Work out the heat of the stove in an hour.

        Args:
            heat: its heat of the hour before.
            stage: its stage in this hour.

        Returns:
            the heat.

        Example:
            StoveHeat(heat=10, stage=2) -> 27
        """
        return stove_heat(heat, stage)

    @tool
    def RoomAfter(self, room: int, outside: int, heat: int) -> int:
        """Work out the temperature of the room after an hour.

        Args:
            room: the temperature of the room before.
            outside: the temperature outside.
            heat: the heat of the stove.

        Returns:
            the temperature of the room after it.

        Example:
            RoomAfter(room=165, outside=-45, heat=27) -> 168
        """
        return room_after(room, outside, heat)

    @tool
    def FetchWood(self, hour: int, times: int) -> int:
        """Work out how many logs fetching wood brings.

        Args:
            hour: number of the hour, from 0.
            times: how often wood has been fetched before.

        Returns:
            the number of logs.

        Example:
            FetchWood(hour=5, times=0) -> 5
        """
        return fetch_wood(hour, times)

    @tool
    def Chill(self, room: int) -> int:
        """Work out the chill of the room.

        Args:
            room: its temperature.

        Returns:
            the chill.

        Example:
            Chill(room=182) -> 19
        """
        return chill(room, self.target)

    def answer(self) -> dict[str, int]:
        """Heat the hut.

        Returns:
            the temperature of the "room", the logs "burnt" and the "chill". Example: {"room": 171, "burnt": 9, "chill":
                64}.
        """
        frost = copy.deepcopy(self.frost)
        start = self.start
        target = self.target
        logs = self.logs
        room, left = (start, logs)
        stage = heat = burnt = times = total = 0
        for hour in range(len(frost)):
            stage = min(left, wanted_stage(stage, room, target))
            left -= stage
            burnt += stage
            heat = stove_heat(heat, stage)
            room = room_after(room, frost[hour], heat)
            if room < target - 40 and times < 3:
                left += fetch_wood(hour, times)
                times += 1
            total += chill(room, target)
        return {"room": room, "burnt": burnt, "chill": total}

    def solve(self, call):
        seen = call("Observe")
        start = seen["start"]
        target = seen["target"]
        logs = seen["logs"]
        room, left = (start, logs)
        stage = heat = burnt = times = total = 0
        for hour in range(seen["frost"]):
            stage = min(left, call("WantedStage", stage=stage, room=room))
            left -= stage
            burnt += stage
            heat = call("StoveHeat", heat=heat, stage=stage)
            room = call("RoomAfter", room=room, outside=call("ReadFrost", index=hour), heat=heat)
            if room < target - 40 and times < 3:
                left += call("FetchWood", hour=hour, times=times)
                times += 1
            total += call("Chill", room=room)
        return call("Done", answer={"room": room, "burnt": burnt, "chill": total})

    @staticmethod
    def generate(rng, level):
        hours = {"easy": 3, "medium": 8, "hard": rng.randint(16, 26)}[level]
        cold = rng.randint(-90, 20)
        frost = [cold + rng.randint(-30, 10) - 2 * hour for hour in range(hours)]
        return {
            "frost": frost,
            "start": rng.randint(110, 200),
            "target": rng.randint(170, 210),
            "logs": rng.randint(2, hours + 3),
        }

"""A league of teams, numbered from 0, plays a season."""

import copy

from codegym_mcp import Environment, tool


def chance(home: int, guest: int) -> int:
    """Work out the chance of the home team.

    Args:
        home: rating of the home team, with the home bonus.
        guest: rating of the guests.

    Returns:
        the chance in percent.

    Example:
        chance(home=1060, guest=1000) -> 57
    """
    return max(5, min(95, 50 + (home - guest) // 8))


def weight(games: int) -> int:
    """Work out the weight of a game.

    Args:
        games: the smaller number of games that one of both teams has played before.

    Returns:
        the weight.

    Example:
        weight(games=1) -> 32
    """
    if games < 0:
        raise ValueError("games must be at least 0")
    return max(12, 40 - 8 * games)


def gain(weight: int, chance: int, goals: int, against: int) -> int:
    """Work out the gain of the home team; a loss is negative.

    Args:
        weight: the weight of the game.
        chance: the chance of the home team in percent.
        goals: goals of the home team.
        against: goals of the guests.

    Returns:
        the gain.

    Example:
        gain(weight=40, chance=57, goals=3, against=1) -> 20
    """
    result = 100 if goals > against else 50 if goals == against else 0
    margin = min(4, max(1, abs(goals - against)))
    return weight * (result - chance) * (4 + margin) // 500


def next_bonus(bonus: int, goals: int, against: int) -> int:
    """Work out the home bonus of a team after a home game.

    Args:
        bonus: its home bonus before.
        goals: its goals.
        against: goals of the guests.

    Returns:
        the new home bonus.

    Example:
        next_bonus(bonus=60, goals=3, against=1) -> 66
    """
    return max(0, bonus + 3 * (goals - against)) if goals != against else bonus * 9 // 10


class LeagueSeason(Environment):
    """A league of teams, numbered from 0, plays a season. `ratings` lists the rating with which each team begins. Each
    entry of
    `games` is a game, [home team, guest team, goals of the home team, goals of the guests]; games are played in the
    order of
    the list.

    Every team has a home bonus, which is 60 at first. For a game, the chance of the home team follows from its rating
    plus its home bonus, and from the rating of the guests. The weight of the game follows from the number of games in
    this season that the home team has played before, or the guests, whichever is smaller. The gain of the home team
    follows from weight, chance and goals; it is added to the rating of the home team and taken from that of the guests
    (a negative gain thus raises theirs). A rating below 100 is set to 100. Then the home bonus of the home team
    changes, depending on the goals.

    The answer is the number of the team with the highest rating in the end (of several, the smallest number), its
    rating, and the sum of the home bonuses of all teams.

    The input is hidden (ratings, games); the tools give access to it. Observe shows what is known from the start.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, ratings: list[int], games: list[list[int]]) -> None:
        self.ratings = ratings
        self.games = games

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "ratings": number of items of ratings.
            "games": number of items of games.

        Example:
            Observe() -> {"ratings": 3, "games": 3}
        """
        return {"ratings": len(self.ratings), "games": len(self.games)}

    @tool
    def ReadRating(self, index: int) -> int:
        """Read one item of ratings.

        Args:
            index: position in ratings, counted from 0.

        Returns:
            the item.

        Example:
            ReadRating(index=0) -> 975
        """
        if not 0 <= index < len(self.ratings):
            raise ValueError(f"index must be from 0 to {len(self.ratings) - 1}, got {index}")
        return self.ratings[index]

    @tool
    def ReadGame(self, index: int) -> list[int]:
        """Read one item of games.

        Args:
            index: position in games, counted from 0.

        Returns:
            the item.

        Example:
            ReadGame(index=0) -> [2, 0, 3, 3]
        """
        if not 0 <= index < len(self.games):
            raise ValueError(f"index must be from 0 to {len(self.games) - 1}, got {index}")
        return self.games[index]

    @tool
    def Chance(self, home: int, guest: int) -> int:
        """Work out the chance of the home team.

        Args:
            home: rating of the home team, with the home bonus.
            guest: rating of the guests.

        Returns:
            the chance in percent.

        Example:
            Chance(home=1060, guest=1000) -> 57
        """
        return chance(home, guest)

    @tool
    def Weight(self, games: int) -> int:
        """Work out the weight of a game.

        Args:
            games: the smaller number of games that one of both teams has played before.

        Returns:
            the weight.

        Example:
            Weight(games=1) -> 32
        """
        return weight(games)

    @tool
    def Gain(self, weight: int, chance: int, goals: int, against: int) -> int:
        """Work out the gain of the home team; a loss is negative.

        Args:
            weight: the weight of the game.
            chance: the chance of the home team in percent.
            goals: goals of the home team.
            against: goals of the guests.

        Returns:
            the gain.

        Example:
            Gain(weight=40, chance=57, goals=3, against=1) -> 20
        """
        return gain(weight, chance, goals, against)

    @tool
    def NextBonus(self, bonus: int, goals: int, against: int) -> int:
        """Work out the home bonus of a team after a home game.

        Args:
            bonus: its home bonus before.
            goals: its goals.
            against: goals of the guests.

        Returns:
            the new home bonus.

        Example:
            NextBonus(bonus=60, goals=3, against=1) -> 66
        """
        return next_bonus(bonus, goals, against)

    def answer(self) -> dict[str, int]:
        """Play the season.

        Returns:
            the best "team", its "rating" and the sum of the home "bonuses". Example: {"team": 2, "rating": 1041,
                "bonuses": 188}.
        """
        ratings = copy.deepcopy(self.ratings)
        games = copy.deepcopy(self.games)
        table = []
        for rating in ratings:
            table.append(rating)
        played, bonuses = ([0] * len(ratings), [60] * len(ratings))
        for game in games:
            home, guest, goals, against = game
            percent = chance(table[home] + bonuses[home], table[guest])
            points = gain(weight(min(played[home], played[guest])), percent, goals, against)
            table[home] = max(100, table[home] + points)
            table[guest] = max(100, table[guest] - points)
            bonuses[home] = next_bonus(bonuses[home], goals, against)
            played[home] += 1
            played[guest] += 1
        best = table.index(max(table))
        return {"team": best, "rating": table[best], "bonuses": sum(bonuses)}

    def solve(self, call):
        seen = call("Observe")
        table = []
        for rating in (call("ReadRating", index=index) for index in range(seen["ratings"])):
            table.append(rating)
        played, bonuses = ([0] * seen["ratings"], [60] * seen["ratings"])
        for game in (call("ReadGame", index=index) for index in range(seen["games"])):
            home, guest, goals, against = game
            percent = call("Chance", home=table[home] + bonuses[home], guest=table[guest])
            points = call(
                "Gain",
                weight=call("Weight", games=min(played[home], played[guest])),
                chance=percent,
                goals=goals,
                against=against,
            )
            table[home] = max(100, table[home] + points)
            table[guest] = max(100, table[guest] - points)
            bonuses[home] = call("NextBonus", bonus=bonuses[home], goals=goals, against=against)
            played[home] += 1
            played[guest] += 1
        best = table.index(max(table))
        return call("Done", answer={"team": best, "rating": table[best], "bonuses": sum(bonuses)})

    @staticmethod
    def generate(rng, level):
        teams, count = {"easy": (3, 3), "medium": (4, 8), "hard": (5, rng.randint(15, 22))}[level]
        games = []
        for _ in range(count):
            games.append([*rng.sample(range(teams), 2), rng.randint(0, 5), rng.randint(0, 4)])
        return {"ratings": [rng.randint(900, 1100) for _ in range(teams)], "games": games}

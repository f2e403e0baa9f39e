"""Two players, "left" and "right", have a deck of cards each."""

import copy

from codegym_mcp import Environment, tool


class CardTable:
    """The decks and the cards on the table."""

    def __init__(self, left: list[int], right: list[int], rounds: int) -> None:
        self.decks = {"left": list(left), "right": list(right)}
        self.table: list[int] = []
        self.rounds = rounds

    def _deck(self, player: str) -> list[int]:
        if player not in self.decks:
            raise ValueError(f'player must be "left" or "right", got {player!r}')
        return self.decks[player]

    def cards_left(self, player: str) -> int:
        """Count the cards of a deck.

        Args:
            player: "left" or "right".

        Returns:
            the number of cards in the player's deck.

        Example:
            cards_left(player="left") -> 5
        """
        return len(self._deck(player))

    def turn_over(self, player: str) -> int:
        """Turn over the top card of a deck and put it on the table.

        Args:
            player: "left" or "right"; the deck must have a card.

        Returns:
            the card.

        Example:
            turn_over(player="left") -> 11
        """
        if not self._deck(player):
            raise ValueError(f"the player {player} has no card left")
        self.table.append(self.decks[player].pop(0))
        return self.table[-1]

    def strength(self, card: int, number: int) -> int:
        """Work out how strong a card is.

        Args:
            card: the card.
            number: number of the round, from 1.

        Returns:
            the strength.

        Example:
            strength(card=11, number=2) -> 3
        """
        if number < 1:
            raise ValueError(f"rounds are numbered from 1, got {number}")
        return (card + 3 * number) % 7

    def gather(self, player: str) -> int:
        """Put all cards from the table under the deck of the winner.

        Args:
            player: "left" or "right".

        Returns:
            what this brings.

        Example:
            gather(player="right") -> 14
        """
        deck = self._deck(player)
        if not self.table:
            raise ValueError("no card is on the table")
        score = sum(self.table) + 5 * (len(self.table) - 2)
        deck += sorted(self.table, reverse=player == "left")
        self.table = []
        return score


class DeckDuel(Environment):
    """Two players, "left" and "right", have a deck of cards each. Rounds are numbered from 1. In each round both turn over
    the top card of their decks; the cards lie on the table. How strong a card is depends on the card and the number of
    the round.

    The player of the stronger card wins the round. If both cards are equally strong, this is a tie: both turn over one
    more card, and these two are compared, and so on. If after a tie a player has no card to turn over, the other one
    wins the round; if neither has one, right wins it. Who wins the round gathers all cards from the table under the own
    deck and scores what this brings.

    The game is over after round `rounds`, or after an earlier round if a player has no card left then.

    The answer is the score of the left player, the score of the right player, the number of ties and the number of
    rounds played.

    The input is hidden (left, right); the tools give access to it. Observe shows what is known from the start: sizes,
    and rounds.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, left: list[int], right: list[int], rounds: int) -> None:
        self.left = left
        self.right = right
        self.rounds = rounds
        self.table = CardTable(copy.deepcopy(self.left), copy.deepcopy(self.right), self.rounds)

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "rounds": a whole number, given as it is.
            "left": number of items of left.
            "right": number of items of right.

        Example:
            Observe() -> {"rounds": 2, "left": 4, "right": 4}
        """
        return {"rounds": self.rounds, "left": len(self.left), "right": len(self.right)}

    @tool
    def CardsLeft(self, player: str) -> int:
        """Count the cards of a deck.

        Args:
            player: "left" or "right".

        Returns:
            the number of cards in the player's deck.

        Example:
            CardsLeft(player="left") -> 5
        """
        return self.table.cards_left(player)

    @tool
    def TurnOver(self, player: str) -> int:
        """Turn over the top card of a deck and put it on the table.

        Args:
            player: "left" or "right"; the deck must have a card.

        Returns:
            the card.

        Example:
            TurnOver(player="left") -> 11
        """
        return self.table.turn_over(player)

    @tool
    def Strength(self, card: int, number: int) -> int:
        """Work out how strong a card is.

        Args:
            card: the card.
            number: number of the round, from 1.

        Returns:
            the strength.

        Example:
            Strength(card=11, number=2) -> 3
        """
        return self.table.strength(card, number)

    @tool
    def Gather(self, player: str) -> int:
        """Put all cards from the table under the deck of the winner.

        Args:
            player: "left" or "right".

        Returns:
            what this brings.

        Example:
            Gather(player="right") -> 14
        """
        return self.table.gather(player)

    def answer(self) -> dict[str, int]:
        """Play the game.

        Returns:
            the scores of "left" and "right", the "ties" and the "rounds". Example:
            {"left": 60, "right": 74, "ties": 1, "rounds": 6}.
        """
        left = copy.deepcopy(self.left)
        right = copy.deepcopy(self.right)
        rounds = self.rounds
        table = CardTable(left, right, rounds)
        scores = {"left": 0, "right": 0}
        ties = played = 0
        ours, theirs = (len(left), len(right))
        while played < rounds and ours > 0 and (theirs > 0):
            played += 1
            winner = ""
            while not winner:
                mine = table.strength(table.turn_over("left"), played)
                other = table.strength(table.turn_over("right"), played)
                if mine != other:
                    winner = "left" if mine > other else "right"
                    break
                ties += 1
                ours, theirs = (table.cards_left("left"), table.cards_left("right"))
                if ours == 0 or theirs == 0:
                    winner = "left" if ours > 0 else "right"
            scores[winner] += table.gather(winner)
            ours, theirs = (table.cards_left("left"), table.cards_left("right"))
        return {"left": scores["left"], "right": scores["right"], "ties": ties, "rounds": played}

    def solve(self, call):
        seen = call("Observe")
        rounds = seen["rounds"]
        scores = {"left": 0, "right": 0}
        ties = played = 0
        ours, theirs = (seen["left"], seen["right"])
        while played < rounds and ours > 0 and (theirs > 0):
            played += 1
            winner = ""
            while not winner:
                mine = call("Strength", card=call("TurnOver", player="left"), number=played)
                other = call("Strength", card=call("TurnOver", player="right"), number=played)
                if mine != other:
                    winner = "left" if mine > other else "right"
                    break
                ties += 1
                ours, theirs = (call("CardsLeft", player="left"), call("CardsLeft", player="right"))
                if ours == 0 or theirs == 0:
                    winner = "left" if ours > 0 else "right"
            scores[winner] += call("Gather", player=winner)
            ours, theirs = (call("CardsLeft", player="left"), call("CardsLeft", player="right"))
        return call("Done", answer={"left": scores["left"], "right": scores["right"], "ties": ties, "rounds": played})

    @staticmethod
    def generate(rng, level):
        size, rounds = {"easy": (4, 2), "medium": (5, 5), "hard": (9, rng.randint(11, 17))}[level]
        return {
            "left": [rng.randint(1, 15) for _ in range(size)],
            "right": [rng.randint(1, 15) for _ in range(size)],
            "rounds": rounds,
        }

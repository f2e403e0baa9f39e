"""Friends keep a kitty and a book of notes."""

import copy

from codegym_mcp import Environment, tool


class TripBook:
    """Notes, the kitty and the balances."""

    def __init__(self, friends: list[str], notes: list[str], kitty: int, stake: int) -> None:
        self._balance = dict.fromkeys(sorted(friends), 0)
        self._notes, self._kitty, self._stake = notes, kitty, stake

    def _friend(self, name: str) -> str:
        if name not in self._balance:
            raise ValueError(f"name must be one of {list(self._balance)}, got {name!r}")
        return name

    def read_note(self, index: int) -> str:
        """Read a note of the book.

        Args:
            index: number of the note, from 0.

        Returns:
            the note.

        Example:
            read_note(index=0) -> "Ann 40 Bo+Cy*2+Ann"
        """
        if not 0 <= index < len(self._notes):
            raise ValueError(f"index must be from 0 to {len(self._notes) - 1}, got {index}")
        return self._notes[index]

    def draw_allowance(self, name: str, amount: int) -> int:
        """Give the payer of a note the allowance out of the kitty and credit the rest of the amount.

        Args:
            name: the payer.
            amount: the amount of the note.

        Returns:
            the rest, which is to be shared.

        Example:
            draw_allowance(name="Ann", amount=40) -> 28
        """
        if amount < 1:
            raise ValueError(f"amount must be at least 1, got {amount}")
        balance = self._balance[self._friend(name)]
        given = min(self._kitty, amount * (20 if balance > 0 else 40) // 100)
        self._kitty -= given
        self._balance[name] += amount - given
        return amount - given

    def debit_share(self, name: str, coins: int) -> int:
        """Debit a share to a friend.

        Args:
            name: the friend.
            coins: the share, at least 0.

        Returns:
            the friend's balance now.

        Example:
            debit_share(name="Bo", coins=7) -> -7
        """
        if coins < 0:
            raise ValueError(f"coins must be at least 0, got {coins}")
        self._balance[self._friend(name)] -= coins
        return self._balance[name]

    def count_kitty(self) -> int:
        """Count the coins in the kitty.

        Returns:
            how many there are.

        Example:
            count_kitty() -> 18
        """
        return self._kitty

    def ask_stake(self, name: str) -> int:
        """Ask a friend to put the stake into the kitty. Whoever is far behind the others puts in twice as much.

        Args:
            name: the friend.

        Returns:
            the coins put in, which were credited to the friend.

        Example:
            ask_stake(name="Bo") -> 10
        """
        behind = self._balance[self._friend(name)] < sum(self._balance.values()) // len(self._balance) - 25
        coins = self._stake * (2 if behind else 1)
        self._balance[name] += coins
        self._kitty += coins
        return coins

    def list_friends(self) -> list[str]:
        """List the friends.

        Returns:
            their names in alphabetical order.

        Example:
            list_friends() -> ["Ann", "Bo", "Cy"]
        """
        return list(self._balance)


class SharedKitty(Environment):
    """Friends keep a kitty and a book of notes. Each note says who paid how many coins and for whom, such as "Ann 40
    Bo+Cy*2+Ann": a name without a number has weight 1, "Cy*2" has weight 2. Everybody begins with a balance of 0 coins.

    Handle the notes in ascending order:

    1. The kitty gives the payer the allowance for this note, at most what is in the kitty. The rest of the amount is to
    be
       shared and is credited to the payer.
    2. Go through the names of the note from left to right. With the coins not yet shared and the sum of the weights of
    the
       names not yet served, the share of a name is coins times its weight divided by that sum, rounded down; it is
       debited to
       that person and is no longer to be shared.
    3. If the kitty then has less than the low mark, everybody is asked in alphabetical order to put in the stake, which
    is
       credited to them, until the kitty has at least the low mark or everybody has been asked once.

    Find the balance of every friend in the end.

    The input is hidden (friends, notes); the tools give access to it. Observe shows what is known from the start:
    sizes, and kitty, stake, low_mark.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, friends: list[str], notes: list[str], kitty: int, stake: int, low_mark: int) -> None:
        self.friends = friends
        self.notes = notes
        self.kitty = kitty
        self.stake = stake
        self.low_mark = low_mark
        self.book = TripBook(copy.deepcopy(self.friends), copy.deepcopy(self.notes), self.kitty, self.stake)

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "kitty": a whole number, given as it is.
            "stake": a whole number, given as it is.
            "low_mark": a whole number, given as it is.
            "friends": number of items of friends.
            "notes": number of items of notes.

        Example:
            Observe() -> {"kitty": 44, "stake": 11, "low_mark": 23, "friends": 3, "notes": 3}
        """
        return {
            "kitty": self.kitty,
            "stake": self.stake,
            "low_mark": self.low_mark,
            "friends": len(self.friends),
            "notes": len(self.notes),
        }

    @tool
    def ReadNote(self, index: int) -> str:
        """Read a note of the book.

        Args:
            index: number of the note, from 0.

        Returns:
            the note.

        Example:
            ReadNote(index=0) -> "Ann 40 Bo+Cy*2+Ann"
        """
        return self.book.read_note(index)

    @tool
    def DrawAllowance(self, name: str, amount: int) -> int:
        """Give the payer of a note the allowance out of the kitty and credit the rest of the amount.

        Args:
            name: the payer.
            amount: the amount of the note.

        Returns:
            the rest, which is to be shared.

        Example:
            DrawAllowance(name="Ann", amount=40) -> 28
        """
        return self.book.draw_allowance(name, amount)

    @tool
    def DebitShare(self, name: str, coins: int) -> int:
        """Debit a share to a friend.

        Args:
            name: the friend.
            coins: the share, at least 0.

        Returns:
            the friend's balance now.

        Example:
            DebitShare(name="Bo", coins=7) -> -7
        """
        return self.book.debit_share(name, coins)

    @tool
    def CountKitty(self) -> int:
        """Count the coins in the kitty.

        Returns:
            how many there are.

        Example:
            CountKitty() -> 18
        """
        return self.book.count_kitty()

    @tool
    def AskStake(self, name: str) -> int:
        """Ask a friend to put the stake into the kitty. Whoever is far behind the others puts in twice as much.

        Args:
            name: the friend.

        Returns:
            the coins put in, which were credited to the friend.

        Example:
            AskStake(name="Bo") -> 10
        """
        return self.book.ask_stake(name)

    @tool
    def ListFriends(self) -> list[str]:
        """List the friends.

        Returns:
            their names in alphabetical order.

        Example:
            ListFriends() -> ["Ann", "Bo", "Cy"]
        """
        return self.book.list_friends()

    def answer(self) -> dict[str, int]:
        """Keep the book of a trip.

        Returns:
            a map from each name to the balance. Example: {"Ann": 12, "Bo": -9, "Cy": -3}.
        """
        friends = copy.deepcopy(self.friends)
        notes = copy.deepcopy(self.notes)
        kitty = self.kitty
        stake = self.stake
        low_mark = self.low_mark
        book = TripBook(friends, notes, kitty, stake)
        names = book.list_friends()
        balance = dict.fromkeys(names, 0)
        for index in range(len(notes)):
            payer, amount, sharers = book.read_note(index).split()
            coins = book.draw_allowance(payer, int(amount))
            balance[payer] += coins
            weights = []
            for sharer in sharers.split("+"):
                name, _, weight = sharer.partition("*")
                weights.append([name, int(weight or "1")])
            total = sum([weight for _, weight in weights])
            for name, weight in weights:
                share = coins * weight // total
                balance[name] = book.debit_share(name, share)
                coins -= share
                total -= weight
            for name in names:
                if book.count_kitty() >= low_mark:
                    break
                balance[name] += book.ask_stake(name)
        return balance

    def solve(self, call):
        seen = call("Observe")
        low_mark = seen["low_mark"]
        names = call("ListFriends")
        balance = dict.fromkeys(names, 0)
        for index in range(seen["notes"]):
            payer, amount, sharers = call("ReadNote", index=index).split()
            coins = call("DrawAllowance", name=payer, amount=int(amount))
            balance[payer] += coins
            weights = []
            for sharer in sharers.split("+"):
                name, _, weight = sharer.partition("*")
                weights.append([name, int(weight or "1")])
            total = sum([weight for _, weight in weights])
            for name, weight in weights:
                share = coins * weight // total
                balance[name] = call("DebitShare", name=name, coins=share)
                coins -= share
                total -= weight
            for name in names:
                if call("CountKitty") >= low_mark:
                    break
                balance[name] += call("AskStake", name=name)
        return call("Done", answer=balance)

    @staticmethod
    def generate(rng, level):
        count, size = {"easy": (3, 3), "medium": (3, 5), "hard": (rng.randint(5, 6), rng.randint(10, 12))}[level]
        friends = rng.sample(["Ann", "Bo", "Cy", "Dot", "Eve", "Finn", "Gus", "Hal"], count)
        notes = []
        for _ in range(size):
            sharers = rng.sample(friends, rng.randint(2, min(count, 4)))
            parts = [name + rng.choice(["", "", "*2", "*3"]) for name in sharers]
            notes.append(f"{rng.choice(friends)} {rng.randint(15, 120)} {'+'.join(parts)}")
        return {
            "friends": friends,
            "notes": notes,
            "kitty": rng.randint(20, 60),
            "stake": rng.randint(4, 12),
            "low_mark": rng.randint(10, 25),
        }

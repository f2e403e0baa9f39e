"""Stones lie in a heap at a quarry."""

import copy

from codegym_mcp import Environment, tool


class StoneQuarry:
    """The heap, the crusher and the cart."""

    def __init__(self, stones: list[int], gravel: int, cart: int) -> None:
        self._heap, self._gravel, self._room = list(stones), gravel, cart
        self._load, self._wear, self._drives = [], 0, 0

    def take_heaviest(self) -> int:
        """Take the heaviest stone from the heap.

        Returns:
            its weight in kilograms, or -1 if the heap is empty.

        Example:
            take_heaviest() -> 64
        """
        if not self._heap:
            return -1
        return self._heap.pop(self._heap.index(max(self._heap)))

    def split_stone(self, weight: int) -> dict[str, int]:
        """Split a stone in the crusher.

        Args:
            weight: weight of the stone, more than gravel.

        Returns:
            the weights of the "larger" and of the "smaller" part, and the "wear" of the jaws after it.

        Example:
            split_stone(weight=64) -> {"larger": 41, "smaller": 22, "wear": 9}
        """
        if weight <= self._gravel:
            raise ValueError(f"a stone of {weight} kilograms needs no splitting")
        self._wear += 3 + weight % 5
        larger = weight * (6 + weight % 3) // 10 if weight > 3 else weight - 1
        return {"larger": larger, "smaller": max(1, weight - larger - self._wear // 8), "wear": self._wear}

    def put_back(self, weight: int) -> int:
        """Put a part onto the heap.

        Args:
            weight: its weight, at least 1.

        Returns:
            how many stones are on the heap.

        Example:
            put_back(weight=41) -> 5
        """
        if weight < 1:
            raise ValueError(f"weight must be at least 1, got {weight}")
        self._heap.append(weight)
        return len(self._heap)

    def tip_on_cart(self, weight: int) -> int:
        """Tip a stone of at most gravel weight onto the cart.

        Args:
            weight: its weight.

        Returns:
            the load of the cart in kilograms after it.

        Example:
            tip_on_cart(weight=12) -> 31
        """
        if not 1 <= weight <= self._gravel or sum(self._load) + weight > self._room:
            raise ValueError(f"{weight} kilograms are too heavy for the cart")
        self._load.append(weight)
        return sum(self._load)

    def drive_off(self) -> int:
        """Drive the cart off with its load.

        Returns:
            the payment for the load.

        Example:
            drive_off() -> 77
        """
        if not self._load:
            raise ValueError("the cart is empty")
        self._drives += 1
        payment = 2 * sum(self._load) + len(self._load) - self._drives
        self._load = []
        return payment

    def change_jaws(self) -> int:
        """Change the jaws of the crusher.

        Returns:
            the cost.

        Example:
            change_jaws() -> 35
        """
        cost, self._wear = 15 + self._wear, 0
        return cost


class StoneCrusher(Environment):
    """Stones lie in a heap at a quarry. Again and again, until the heap is empty, take the heaviest stone from it; of
    equally heavy ones it does not matter which. What is done with it depends on its weight:

    - At most `gravel` kilograms: it is tipped onto the cart as it is.
    - More than that: the crusher splits it in two, which wears its jaws. The larger part goes back onto the heap. The
    smaller
      part also goes back if it weighs more than `gravel`; otherwise it is tipped onto the cart.

    The cart holds at most `cart` kilograms. Before something is tipped that would be too much for it together with its
    load, the cart is driven off, which pays for its load, and comes back empty. At the end, if the cart is not empty,
    it is driven off once more.

    If the wear of the jaws is at least 20 after a split, change the jaws once both parts have been dealt with. This
    costs something and makes the wear 0.

    Find the sum of the payments for the loads, the sum of the costs of the jaws, and the number of splits.

    The input is hidden (stones); the tools give access to it. Observe shows what is known from the start: sizes, and
    gravel, cart.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, stones: list[int], gravel: int, cart: int) -> None:
        self.stones = stones
        self.gravel = gravel
        self.cart = cart
        self.quarry = StoneQuarry(copy.deepcopy(self.stones), self.gravel, self.cart)

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "gravel": a whole number, given as it is.
            "cart": a whole number, given as it is.
            "stones": number of items of stones.

        Example:
            Observe() -> {"gravel": 17, "cart": 40, "stones": 2}
        """
        return {"gravel": self.gravel, "cart": self.cart, "stones": len(self.stones)}

    @tool
    def TakeHeaviest(self) -> int:
        """Take the heaviest stone from the heap.

        Returns:
            its weight in kilograms, or -1 if the heap is empty.

        Example:
            TakeHeaviest() -> 64
        """
        return self.quarry.take_heaviest()

    @tool
    def SplitStone(self, weight: int) -> dict[str, int]:
        """Split a stone in the crusher.

        Args:
            weight: weight of the stone, more than gravel.

        Returns:
            the weights of the "larger" and of the "smaller" part, and the "wear" of the jaws after it.

        Example:
            SplitStone(weight=64) -> {"larger": 41, "smaller": 22, "wear": 9}
        """
        return self.quarry.split_stone(weight)

    @tool
    def PutBack(self, weight: int) -> int:
        """Put a part onto the heap.

        Args:
            weight: its weight, at least 1.

        Returns:
            how many stones are on the heap.

        Example:
            PutBack(weight=41) -> 5
        """
        return self.quarry.put_back(weight)

    @tool
    def TipOnCart(self, weight: int) -> int:
        """Tip a stone of at most gravel weight onto the cart.

        Args:
            weight: its weight.

        Returns:
            the load of the cart in kilograms after it.

        Example:
            TipOnCart(weight=12) -> 31
        """
        return self.quarry.tip_on_cart(weight)

    @tool
    def DriveOff(self) -> int:
        """Drive the cart off with its load.

        Returns:
            the payment for the load.

        Example:
            DriveOff() -> 77
        """
        return self.quarry.drive_off()

    @tool
    def ChangeJaws(self) -> int:
        """Change the jaws of the crusher.

        Returns:
            the cost.

        Example:
            ChangeJaws() -> 35
        """
        return self.quarry.change_jaws()

    def answer(self) -> dict[str, int]:
        """Crush the stones.

        Returns:
            the sums of the "payments" and of the costs of the "jaws", and the number of "splits".
            Example: {"payments": 214, "jaws": 38, "splits": 7}.
        """
        stones = copy.deepcopy(self.stones)
        gravel = self.gravel
        cart = self.cart
        quarry = StoneQuarry(stones, gravel, cart)
        payments = jaws = splits = load = 0
        stone = quarry.take_heaviest()
        while stone > 0:
            wear, small = (0, stone)
            if stone > gravel:
                parts = quarry.split_stone(stone)
                splits += 1
                quarry.put_back(parts["larger"])
                wear, small = (parts["wear"], parts["smaller"])
            if small > gravel:
                quarry.put_back(small)
            else:
                if load + small > cart:
                    payments += quarry.drive_off()
                load = quarry.tip_on_cart(small)
            if wear >= 20:
                jaws += quarry.change_jaws()
            stone = quarry.take_heaviest()
        if load > 0:
            payments += quarry.drive_off()
        return {"payments": payments, "jaws": jaws, "splits": splits}

    def solve(self, call):
        seen = call("Observe")
        gravel = seen["gravel"]
        cart = seen["cart"]
        payments = jaws = splits = load = 0
        stone = call("TakeHeaviest")
        while stone > 0:
            wear, small = (0, stone)
            if stone > gravel:
                parts = call("SplitStone", weight=stone)
                splits += 1
                call("PutBack", weight=parts["larger"])
                wear, small = (parts["wear"], parts["smaller"])
            if small > gravel:
                call("PutBack", weight=small)
            else:
                if load + small > cart:
                    payments += call("DriveOff")
                load = call("TipOnCart", weight=small)
            if wear >= 20:
                jaws += call("ChangeJaws")
            stone = call("TakeHeaviest")
        if load > 0:
            payments += call("DriveOff")
        return call("Done", answer={"payments": payments, "jaws": jaws, "splits": splits})

    @staticmethod
    def generate(rng, level):
        size, top = {"easy": (2, 30), "medium": (3, 46), "hard": (rng.randint(5, 6), 64)}[level]
        stones = [rng.randint(top // 2, top) for _ in range(size)]
        return {"stones": stones, "gravel": rng.randint(14, 18), "cart": rng.randint(32, 50)}

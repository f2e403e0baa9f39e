"""A depot gives every parcel a code of two parts, in the order of the list `names`, which holds the name written on each."""

import copy

from codegym_mcp import Environment, tool


def base_of(name: str, drawers: int) -> int:
    """Work out the base of a name.

    Args:
        name: the name, lower-case letters.
        drawers: how many drawers there are.

    Returns:
        the base.

    Example:
        base_of(name="ivo", drawers=11) -> 5
    """
    if not name or drawers < 1:
        raise ValueError("the name is empty, or there are no drawers")
    value = 0
    for letter in name:
        value = (value * 7 + ord(letter) - 96) % 1009
    return value % drawers


def leap_of(name: str, drawers: int) -> int:
    """Work out the leap of a name.

    Args:
        name: the name.
        drawers: how many drawers there are, at least 3.

    Returns:
        the leap, from 1 on.

    Example:
        leap_of(name="ivo", drawers=11) -> 2
    """
    if drawers < 3:
        raise ValueError(f"drawers must be at least 3, got {drawers}")
    return 1 + sum(ord(letter) for letter in name) % (drawers - 2)


def mark_of(name: str, drawer: int) -> int:
    """Work out the mark of a parcel.

    Args:
        name: the name on it.
        drawer: the drawer of its label.

    Returns:
        the mark.

    Example:
        mark_of(name="ivo", drawer=9) -> 16
    """
    value = drawer
    for place, letter in enumerate(name):
        value ^= (ord(letter) - 96) << place % 3
    return value


def fold_total(total: int, mark: int, drawer: int) -> int:
    """Fold a mark into the ledger's total.

    Args:
        total: the total before.
        mark: the mark.
        drawer: the drawer of the label.

    Returns:
        the new total.

    Example:
        fold_total(total=100, mark=55, drawer=9) -> 1864
    """
    return (total * 13 + mark * (drawer + 1) + 14) % 9901


class ParcelLabels(Environment):
    """A depot gives every parcel a code of two parts, in the order of the list `names`, which holds the name written on
    each. The base of a parcel is worked out from its name, and lies from 0 to `drawers` - 1. The drawers of the label
    cabinet are numbered in the same way, all empty at first, and each has room for one label.

    A parcel wants the drawer of its base. If that is taken, try other drawers: the leap of the name tells by how many
    drawers
    to go on from the last one tried; after the highest drawer the count goes on at 0. The same leap is used for each
    try. If
    `tries` drawers have been tried (the first one among them) and all were taken, the parcel throws the label in the
    last
    drawer tried out and takes its place; labels thrown out get no other drawer.

    A parcel that has a drawer gets the mark of its name and this drawer; the mark stays as it is if the label is thrown
    out later.

    When all parcels are done, walk through the drawers in ascending order. For each drawer with a label, the ledger's
    total
    (0 at first) is replaced by its fold with the mark of that label.

    Find the ledger's total, the number of tries in all (first ones among them), and how many labels were thrown out.

    The input is hidden (names); the tools give access to it. Observe shows what is known from the start: sizes, and
    drawers, tries.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, names: list[str], drawers: int, tries: int) -> None:
        self.names = names
        self.drawers = drawers
        self.tries = tries

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "drawers": a whole number, given as it is.
            "tries": a whole number, given as it is.
            "names": number of items of names.

        Example:
            Observe() -> {"drawers": 7, "tries": 2, "names": 5}
        """
        return {"drawers": self.drawers, "tries": self.tries, "names": len(self.names)}

    @tool
    def ReadName(self, index: int) -> str:
        """Read one item of names.

        Args:
            index: position in names, counted from 0.

        Returns:
            the item.

        Example:
            ReadName(index=0) -> "vano"
        """
        if not 0 <= index < len(self.names):
            raise ValueError(f"index must be from 0 to {len(self.names) - 1}, got {index}")
        return self.names[index]

    @tool
    def BaseOf(self, name: str) -> int:
        """Work out the base of a name.

        Args:
            name: the name, lower-case letters.

        Returns:
            the base.

        Example:
            BaseOf(name="vano") -> 1
        """
        return base_of(name, self.drawers)

    @tool
    def LeapOf(self, name: str) -> int:
        """Work out the leap of a name.

        Args:
            name: the name.

        Returns:
            the leap, from 1 on.

        Example:
            LeapOf(name="vita") -> 2
        """
        return leap_of(name, self.drawers)

    @tool
    def MarkOf(self, name: str, drawer: int) -> int:
        """Work out the mark of a parcel.

        Args:
            name: the name on it.
            drawer: the drawer of its label.

        Returns:
            the mark.

        Example:
            MarkOf(name="ivo", drawer=9) -> 16
        """
        return mark_of(name, drawer)

    @tool
    def FoldTotal(self, total: int, mark: int, drawer: int) -> int:
        """Fold a mark into the ledger's total.

        Args:
            total: the total before.
            mark: the mark.
            drawer: the drawer of the label.

        Returns:
            the new total.

        Example:
            FoldTotal(total=100, mark=55, drawer=9) -> 1864
        """
        return fold_total(total, mark, drawer)

    def answer(self) -> dict[str, int]:
        """Code the parcels.

        Returns:
            the ledger's "total", the number of "tries" and how many labels were "thrown" out.
            Example: {"total": 5120, "tries": 17, "thrown": 1}.
        """
        names = copy.deepcopy(self.names)
        drawers = self.drawers
        tries = self.tries
        cabinet = [-1] * drawers
        total = tried = thrown = 0
        for name in names:
            drawer = base_of(name, drawers)
            leap, count = (0, 1)
            while cabinet[drawer] >= 0 and count < tries:
                leap = leap or leap_of(name, drawers)
                drawer = (drawer + leap) % drawers
                count += 1
            thrown += cabinet[drawer] >= 0
            tried += count
            cabinet[drawer] = mark_of(name, drawer)
        for drawer in range(drawers):
            if cabinet[drawer] >= 0:
                total = fold_total(total, cabinet[drawer], drawer)
        return {"total": total, "tries": tried, "thrown": thrown}

    def solve(self, call):
        seen = call("Observe")
        drawers = seen["drawers"]
        tries = seen["tries"]
        cabinet = [-1] * drawers
        total = tried = thrown = 0
        for name in (call("ReadName", index=index) for index in range(seen["names"])):
            drawer = call("BaseOf", name=name)
            leap, count = (0, 1)
            while cabinet[drawer] >= 0 and count < tries:
                leap = leap or call("LeapOf", name=name)
                drawer = (drawer + leap) % drawers
                count += 1
            thrown += cabinet[drawer] >= 0
            tried += count
            cabinet[drawer] = call("MarkOf", name=name, drawer=drawer)
        for drawer in range(drawers):
            if cabinet[drawer] >= 0:
                total = call("FoldTotal", total=total, mark=cabinet[drawer], drawer=drawer)
        return call("Done", answer={"total": total, "tries": tried, "thrown": thrown})

    @staticmethod
    def generate(rng, level):
        count, drawers, tries = {"easy": (5, 7, 2), "medium": (10, 11, 3), "hard": (rng.randint(24, 30), 29, 4)}[level]
        names = []
        while len(names) < count:
            name = "".join((rng.choice("bdfklmnrstvz") + rng.choice("aeiou") for _ in range(rng.randint(1, 3))))
            if name not in names:
                names.append(name)
        return {"names": names, "drawers": drawers, "tries": tries}

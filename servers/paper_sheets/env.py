"""Sheets of paper are laid on a table one after the other, in the order of the list `sheets`, so that later ones cover
earlier ones.
"""

import copy

from codegym_mcp import Environment, tool


def fit(sheet: list[int], width: int, height: int) -> list[int]:
    """Fit a sheet to the table.

    Args:
        sheet: column and row of its top left corner, width and height.
        width: width of the table.
        height: height of the table.

    Returns:
        the fitted sheet: turned by a quarter if it is higher than wide, and moved so that it does not hang over an edge.

    Example:
        fit(sheet=[4, 1, 2, 5], width=8, height=8) -> [3, 1, 5, 2]
    """
    left, top, wide, high = sheet
    wide, high = max(wide, high), min(wide, high)
    if wide > width or high > height:
        raise ValueError("the sheet is larger than the table")
    return [min(left, width - wide), min(top, height - high), wide, high]


def meets(one: list[int], two: list[int]) -> bool:
    """Tell whether two rectangles overlap; it is not enough that they touch.

    Args:
        one: a rectangle.
        two: another rectangle.

    Returns:
        whether they overlap.

    Example:
        meets(one=[0, 0, 3, 2], two=[2, 1, 3, 2]) -> true
    """
    across = max(one[0], two[0]) < min(one[0] + one[2], two[0] + two[2])
    return across and max(one[1], two[1]) < min(one[1] + one[3], two[1] + two[3])


def cut(below: list[int], above: list[int]) -> list[list[int]]:
    """Cut away what one rectangle covers of another.

    Args:
        below: the rectangle that is covered, at least in part.
        above: the rectangle that covers it.

    Returns:
        the rectangles left of it; maybe none.

    Example:
        cut(below=[0, 0, 3, 2], above=[2, 1, 3, 2]) -> [[0, 0, 3, 1], [0, 1, 2, 1]]
    """
    if not meets(below, above):
        raise ValueError("the rectangles do not overlap")
    left, top, right, bottom = below[0], below[1], below[0] + below[2], below[1] + below[3]
    high, low = max(top, above[1]), min(bottom, above[1] + above[3])
    near, far = max(left, above[0]), min(right, above[0] + above[2])
    parts = [[left, top, right - left, high - top], [left, low, right - left, bottom - low]]
    parts += [[left, high, near - left, low - high], [far, high, right - far, low - high]]
    return [part for part in parts if part[2] > 0 and part[3] > 0]


def area(rectangles: list[list[int]]) -> int:
    """Work out the area of some rectangles.

    Args:
        rectangles: the rectangles, at least one.

    Returns:
        the sum of their areas.

    Example:
        area(rectangles=[[0, 0, 3, 1], [0, 1, 2, 1]]) -> 5
    """
    if not rectangles:
        raise ValueError("there is no rectangle")
    return sum(part[2] * part[3] for part in rectangles)


class PaperSheets(Environment):
    """Sheets of paper are laid on a table one after the other, in the order of the list `sheets`, so that later ones cover
    earlier ones. A sheet is a list of four numbers: the column and the row of its top left corner, its width and its
    height. Before a sheet is laid, it is fitted to the table, which is `width` wide and `height` high.

    What is visible of a sheet is kept as a list of rectangles, also four numbers each, that do not overlap. A sheet
    that is laid is visible as a whole at first: as one rectangle. Then each rectangle visible of the sheets below that
    it meets is replaced by what is left of it.

    When all sheets lie, each sheet is worth its visible area times its number, counting sheets from 1. A sheet of which
    no rectangle is left brings a fine of 10.

    The answer is the sum of the worths minus the fines, and the number of rectangles visible of all sheets; rectangles
    are left as they are cut, even where two of them could be joined.

    The input is hidden (sheets); the tools give access to it. Observe shows what is known from the start: sizes, and
    width, height.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, sheets: list[list[int]], width: int, height: int) -> None:
        self.sheets = sheets
        self.width = width
        self.height = height

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "width": a whole number, given as it is.
            "height": a whole number, given as it is.
            "sheets": number of items of sheets.

        Example:
            Observe() -> {"width": 9, "height": 9, "sheets": 3}
        """
        return {"width": self.width, "height": self.height, "sheets": len(self.sheets)}

    @tool
    def ReadSheet(self, index: int) -> list[int]:
        """Read one item of sheets.

        Args:
            index: position in sheets, counted from 0.

        Returns:
            the item.

        Example:
            ReadSheet(index=0) -> [0, 6, 5, 7]
        """
        if not 0 <= index < len(self.sheets):
            raise ValueError(f"index must be from 0 to {len(self.sheets) - 1}, got {index}")
        return self.sheets[index]

    @tool
    def Fit(self, sheet: list[int]) -> list[int]:
        """Fit a sheet to the table.

        Args:
            sheet: column and row of its top left corner, width and height.

        Returns:
            the fitted sheet: turned by a quarter if it is higher than wide, and moved so that it does not hang over an
                edge.

        Example:
            Fit(sheet=[0, 6, 5, 7]) -> [0, 4, 7, 5]
        """
        return fit(sheet, self.width, self.height)

    @tool
    def Meets(self, one: list[int], two: list[int]) -> bool:
        """Tell whether two rectangles overlap; it is not enough that they touch.

        Args:
            one: a rectangle.
            two: another rectangle.

        Returns:
            whether they overlap.

        Example:
            Meets(one=[0, 0, 3, 2], two=[2, 1, 3, 2]) -> true
        """
        return meets(one, two)

    @tool
    def Cut(self, below: list[int], above: list[int]) -> list[list[int]]:
        """Cut away what one rectangle covers of another.

        Args:
            below: the rectangle that is covered, at least in part.
            above: the rectangle that covers it.

        Returns:
            the rectangles left of it; maybe none.

        Example:
            Cut(below=[0, 0, 3, 2], above=[2, 1, 3, 2]) -> [[0, 0, 3, 1], [0, 1, 2, 1]]
        """
        return cut(below, above)

    @tool
    def Area(self, rectangles: list[list[int]]) -> int:
        """Work out the area of some rectangles.

        Args:
            rectangles: the rectangles, at least one.

        Returns:
            the sum of their areas.

        Example:
            Area(rectangles=[[0, 0, 3, 1], [0, 1, 2, 1]]) -> 5
        """
        return area(rectangles)

    def answer(self) -> dict[str, int]:
        """Lay the sheets.

        Returns:
            the "worth" of all and the number of "rectangles". Example: {"worth": 96, "rectangles": 11}.
        """
        sheets = copy.deepcopy(self.sheets)
        width = self.width
        height = self.height
        visible: list[list[list[int]]] = []
        for sheet in sheets:
            above = fit(sheet, width, height)
            for number in range(len(visible)):
                left = []
                for part in visible[number]:
                    left += cut(part, above) if meets(part, above) else [part]
                visible[number] = left
            visible.append([above])
        worth = count = 0
        for number, parts in enumerate(visible, 1):
            if parts:
                worth += number * area(parts)
                count += len(parts)
            else:
                worth -= 10
        return {"worth": worth, "rectangles": count}

    def solve(self, call):
        seen = call("Observe")
        visible = []
        for sheet in (call("ReadSheet", index=index) for index in range(seen["sheets"])):
            above = call("Fit", sheet=sheet)
            for number in range(len(visible)):
                left = []
                for part in visible[number]:
                    left += call("Cut", below=part, above=above) if call("Meets", one=part, two=above) else [part]
                visible[number] = left
            visible.append([above])
        worth = count = 0
        for number, parts in enumerate(visible, 1):
            if parts:
                worth += number * call("Area", rectangles=parts)
                count += len(parts)
            else:
                worth -= 10
        return call("Done", answer={"worth": worth, "rectangles": count})

    @staticmethod
    def generate(rng, level):
        count, size = {"easy": (3, 9), "medium": (5, 11), "hard": (rng.randint(7, 8), 15)}[level]
        sheets = [
            [rng.randrange(size - 1), rng.randrange(size - 1), rng.randint(2, 7), rng.randint(2, 7)]
            for _ in range(count)
        ]
        return {"sheets": sheets, "width": size, "height": size}

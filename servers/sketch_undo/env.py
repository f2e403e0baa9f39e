"""An apprentice works on a drawing."""

import copy

from codegym_mcp import Environment, tool


class DrawingBoard:
    """The paper, the strokes on it and the undone ones."""

    def __init__(self, strokes: list[int], limit: int) -> None:
        self._strokes, self._limit, self._drawn = strokes, limit, 0
        self._paper, self._undone, self._sold = [], [], 0

    def draw_stroke(self, stroke: int) -> int:
        """Draw a stroke.

        Args:
            stroke: number of the stroke; they must be drawn in ascending order, each once.

        Returns:
            the ink of this stroke.

        Example:
            draw_stroke(stroke=0) -> 6
        """
        if stroke != self._drawn or stroke >= len(self._strokes):
            raise ValueError(f"the next stroke is {self._drawn} of {len(self._strokes)}, got {stroke}")
        self._drawn += 1
        self._paper.append(self._strokes[stroke] + len(self._paper) % 3)
        return self._paper[-1]

    def ink_on_paper(self) -> int:
        """Measure the ink on the paper.

        Returns:
            the ink of all strokes on it together.

        Example:
            ink_on_paper() -> 17
        """
        return sum(self._paper)

    def undo_stroke(self) -> int:
        """Undo the last stroke on the paper.

        Returns:
            how many strokes are left on it.

        Example:
            undo_stroke() -> 2
        """
        if not self._paper:
            raise ValueError("the paper is empty")
        self._undone.append((self._paper.pop() + 1) // 2)
        return len(self._paper)

    def newest_undone(self) -> int:
        """Look at the newest undone stroke.

        Returns:
            the ink it has now, or -1 if there is no undone stroke.

        Example:
            newest_undone() -> 8
        """
        return self._undone[-1] if self._undone else -1

    def redo_stroke(self) -> int:
        """Put the newest undone stroke back on top of the drawing, if the limit allows it.

        Returns:
            how many strokes are on the paper now.

        Example:
            redo_stroke() -> 4
        """
        if not self._undone or self._undone[-1] + sum(self._paper) > self._limit:
            raise ValueError("there is no undone stroke, or too much ink on the paper")
        self._paper.append(self._undone.pop())
        return len(self._paper)

    def sell_top_stroke(self) -> int:
        """Take the last stroke off the paper and sell it, after all have been drawn.

        Returns:
            the price, or -1 if the paper is empty.

        Example:
            sell_top_stroke() -> 21
        """
        if self._drawn < len(self._strokes):
            raise ValueError("there are strokes still to be drawn")
        if not self._paper:
            return -1
        self._sold += 1
        return self._paper.pop() * 3 + self._sold * len(self._undone)


class SketchUndo(Environment):
    """An apprentice works on a drawing. The strokes are numbered from 0 and are drawn in ascending order. Each stroke puts
    ink on the paper; how much it is shows only when it is drawn, because wet paper takes more.

    After each stroke look at the ink on the paper. If it is more than `limit`, undo the last stroke again and again
    until the ink is at most `limit` - 8. A stroke that is undone goes off the paper, is blotted, by which it loses some
    ink, and becomes the newest of the undone ones. Drawing a new stroke does not touch those.

    If nothing had to be undone after a stroke and there are undone strokes, the master may help once: redo the newest
    undone stroke if its present ink together with the ink on the paper is at most `limit`. It is put on top of the
    drawing. Then go on to the next stroke.

    When all strokes have been drawn, the drawing is sold: the strokes on the paper are taken off, the last one first,
    and each of them brings a price.

    Find the sum of the prices, the number of undos and the number of strokes that remain undone at the end.

    The input is hidden (strokes); the tools give access to it. Observe shows what is known from the start: sizes, and
    limit.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, strokes: list[int], limit: int) -> None:
        self.strokes = strokes
        self.limit = limit
        self.board = DrawingBoard(copy.deepcopy(self.strokes), self.limit)

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "limit": a whole number, given as it is.
            "strokes": number of items of strokes.

        Example:
            Observe() -> {"limit": 20, "strokes": 4}
        """
        return {"limit": self.limit, "strokes": len(self.strokes)}

    @tool
    def DrawStroke(self, stroke: int) -> int:
        """Draw a stroke.

        Args:
            stroke: number of the stroke; they must be drawn in ascending order, each once.

        Returns:
            the ink of this stroke.

        Example:
            DrawStroke(stroke=0) -> 6
        """
        return self.board.draw_stroke(stroke)

    @tool
    def InkOnPaper(self) -> int:
        """Measure the ink on the paper.

        Returns:
            the ink of all strokes on it together.

        Example:
            InkOnPaper() -> 17
        """
        return self.board.ink_on_paper()

    @tool
    def UndoStroke(self) -> int:
        """Undo the last stroke on the paper.

        Returns:
            how many strokes are left on it.

        Example:
            UndoStroke() -> 2
        """
        return self.board.undo_stroke()

    @tool
    def NewestUndone(self) -> int:
        """Look at the newest undone stroke.

        Returns:
            the ink it has now, or -1 if there is no undone stroke.

        Example:
            NewestUndone() -> 8
        """
        return self.board.newest_undone()

    @tool
    def RedoStroke(self) -> int:
        """Put the newest undone stroke back on top of the drawing, if the limit allows it.

        Returns:
            how many strokes are on the paper now.

        Example:
            RedoStroke() -> 4
        """
        return self.board.redo_stroke()

    @tool
    def SellTopStroke(self) -> int:
        """Take the last stroke off the paper and sell it, after all have been drawn.

        Returns:
            the price, or -1 if the paper is empty.

        Example:
            SellTopStroke() -> 21
        """
        return self.board.sell_top_stroke()

    def answer(self) -> dict[str, int]:
        """Make the drawing and sell it.

        Returns:
            the sum of the "prices", the number of "undos" and how many strokes remain "undone".
            Example: {"prices": 94, "undos": 5, "undone": 3}.
        """
        strokes = copy.deepcopy(self.strokes)
        limit = self.limit
        board = DrawingBoard(strokes, limit)
        undos = redone = prices = 0
        for stroke in range(len(strokes)):
            board.draw_stroke(stroke)
            before = undos
            ink = board.ink_on_paper()
            while ink > (limit if before == undos else limit - 8):
                board.undo_stroke()
                undos += 1
                ink = board.ink_on_paper()
            waiting = board.newest_undone() if before == undos else -1
            if waiting >= 0 and waiting + ink <= limit:
                board.redo_stroke()
                redone += 1
        price = board.sell_top_stroke()
        while price >= 0:
            prices += price
            price = board.sell_top_stroke()
        return {"prices": prices, "undos": undos, "undone": undos - redone}

    def solve(self, call):
        seen = call("Observe")
        limit = seen["limit"]
        undos = redone = prices = 0
        for stroke in range(seen["strokes"]):
            call("DrawStroke", stroke=stroke)
            before = undos
            ink = call("InkOnPaper")
            while ink > (limit if before == undos else limit - 8):
                call("UndoStroke")
                undos += 1
                ink = call("InkOnPaper")
            waiting = call("NewestUndone") if before == undos else -1
            if waiting >= 0 and waiting + ink <= limit:
                call("RedoStroke")
                redone += 1
        price = call("SellTopStroke")
        while price >= 0:
            prices += price
            price = call("SellTopStroke")
        return call("Done", answer={"prices": prices, "undos": undos, "undone": undos - redone})

    @staticmethod
    def generate(rng, level):
        size, limit = {"easy": (4, 20), "medium": (8, 34), "hard": (rng.randint(22, 28), rng.randint(60, 85))}[level]
        strokes = [rng.choice([1, 2, 2, 3, 4, 5, 7, 9, 11]) for _ in range(size)]
        strokes[1] = rng.randint(8, 12)
        return {"strokes": strokes, "limit": limit}

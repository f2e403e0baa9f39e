"""Pieces come to a kiln at certain minutes and wait on a shelf in that order; each has a glaze and a size."""

import copy

from codegym_mcp import Environment, tool


class Pottery:
    """Pieces to come, the shelf, the kiln and its clock."""

    def __init__(self, pieces: list[list], heats: dict[str, int]) -> None:
        self._pieces, self._heats = pieces, heats
        self._minute, self._next = 0, 0
        self._shelf: list[int] = []

    def view_shelf(self) -> list[list]:
        """Put all pieces that have come by now on the shelf, and look at it.

        Returns:
            [piece, glaze, size, minutes waited] of each piece on the shelf, in shelf order.

        Example:
            view_shelf() -> [[0, "blue", 4, 7], [2, "jade", 3, 0]]
        """
        while self._next < len(self._pieces) and self._pieces[self._next][0] <= self._minute:
            self._shelf.append(self._next)
            self._next += 1
        return [[n, self._pieces[n][1], self._pieces[n][2], self._minute - self._pieces[n][0]] for n in self._shelf]

    def pieces_to_come(self) -> int:
        """Tell how many pieces have not come yet.

        Returns:
            the number of pieces.

        Example:
            pieces_to_come() -> 3
        """
        return len(self._pieces) - self._next

    def wait_for_piece(self) -> int:
        """Wait until the next piece comes.

        Returns:
            the minute at which that is.

        Example:
            wait_for_piece() -> 12
        """
        if self._next >= len(self._pieces):
            raise ValueError("no further pieces will come")
        self._minute = max(self._minute, self._pieces[self._next][0])
        return self._minute

    def load_piece(self, piece: int) -> int:
        """Take a piece from the shelf and load it into the kiln.

        Args:
            piece: number of a piece on the shelf.

        Returns:
            how many pieces are on the shelf then.

        Example:
            load_piece(piece=0) -> 4
        """
        if piece not in self._shelf:
            raise ValueError(f"piece {piece} is not on the shelf")
        self._shelf.remove(piece)
        return len(self._shelf)

    def fire_kiln(self, glaze: str, load: int) -> int:
        """Fire the kiln with the pieces loaded.

        Args:
            glaze: the glaze of the pieces.
            load: their total size.

        Returns:
            the minute at which the firing ends.

        Example:
            fire_kiln(glaze="blue", load=9) -> 31
        """
        if glaze not in self._heats:
            raise ValueError(f"glaze must be one of {sorted(self._heats)}, got {glaze!r}")
        self._minute += self._heats[glaze] + load // 3
        return self._minute


class KilnBatches(Environment):
    """Pieces come to a kiln at certain minutes and wait on a shelf in that order; each has a glaze and a size. The clock
    is at minute 0.

    Until no pieces are left to come or wait:

    1. Put all pieces that have come by now on the shelf.
    2. Choose the glaze. A piece that has waited for at least the patience is overdue. If some are overdue, the glaze of
    the
       first of them on the shelf is chosen, otherwise the glaze with the greatest total size on the shelf; of equal
       ones the
       one whose first piece stands first on the shelf.
    3. If further pieces are to come, and the shelf is empty, or nothing is overdue and that total size is less than the
    least
       load: wait until the next piece comes, and begin again with 1.
    4. Otherwise load the pieces of the chosen glaze in shelf order, leaving out those which do not fit into the kiln's
    room any
       more, and fire them. The clock then stands at the firing's end.

    Find the minute at which the last firing ends, the number of firings, and the total room left empty.

    The input is hidden (pieces, heats); the tools give access to it. Observe shows what is known from the start: sizes,
    and room, least, patience.
    Work with the tools, then submit the answer with Done.
    """

    def reset(
        self, *, pieces: list[list[int | str]], heats: dict[str, int], room: int, least: int, patience: int
    ) -> None:
        self.pieces = pieces
        self.heats = heats
        self.room = room
        self.least = least
        self.patience = patience
        self.pottery = Pottery(copy.deepcopy(self.pieces), copy.deepcopy(self.heats))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "room": a whole number, given as it is.
            "least": a whole number, given as it is.
            "patience": a whole number, given as it is.
            "pieces": number of items of pieces.
            "heats": number of keys of heats.

        Example:
            Observe() -> {"room": 11, "least": 6, "patience": 21, "pieces": 4, "heats": 2}
        """
        return {
            "room": self.room,
            "least": self.least,
            "patience": self.patience,
            "pieces": len(self.pieces),
            "heats": len(self.heats),
        }

    @tool
    def ViewShelf(self) -> list[list[int | str]]:
        """Put all pieces that have come by now on the shelf, and look at it.

        Returns:
            [piece, glaze, size, minutes waited] of each piece on the shelf, in shelf order.

        Example:
            ViewShelf() -> [[0, "blue", 4, 7], [2, "jade", 3, 0]]
        """
        return self.pottery.view_shelf()

    @tool
    def PiecesToCome(self) -> int:
        """Tell how many pieces have not come yet.

        Returns:
            the number of pieces.

        Example:
            PiecesToCome() -> 3
        """
        return self.pottery.pieces_to_come()

    @tool
    def WaitForPiece(self) -> int:
        """Wait until the next piece comes.

        Returns:
            the minute at which that is.

        Example:
            WaitForPiece() -> 12
        """
        return self.pottery.wait_for_piece()

    @tool
    def LoadPiece(self, piece: int) -> int:
        """Take a piece from the shelf and load it into the kiln.

        Args:
            piece: number of a piece on the shelf.

        Returns:
            how many pieces are on the shelf then.

        Example:
            LoadPiece(piece=0) -> 4
        """
        return self.pottery.load_piece(piece)

    @tool
    def FireKiln(self, glaze: str, load: int) -> int:
        """Fire the kiln with the pieces loaded.

        Args:
            glaze: the glaze of the pieces.
            load: their total size.

        Returns:
            the minute at which the firing ends.

        Example:
            FireKiln(glaze="blue", load=9) -> 31
        """
        return self.pottery.fire_kiln(glaze, load)

    def answer(self) -> list[int]:
        """Fire the pieces of a pottery.

        Returns:
            [minute of the end, firings, room left empty], such as [120, 5, 14].
        """
        pieces = copy.deepcopy(self.pieces)
        heats = copy.deepcopy(self.heats)
        room = self.room
        least = self.least
        patience = self.patience
        pottery = Pottery(pieces, heats)
        end = firings = empty = 0
        shelf, coming = (pottery.view_shelf(), pottery.pieces_to_come())
        while shelf or coming:
            overdue, totals = ([entry[1] for entry in shelf if entry[3] >= patience], {})
            for _, glaze, size, _ in shelf:
                totals[glaze] = totals.get(glaze, 0) + size
            if not overdue and coming and (max(totals.values(), default=0) < least):
                pottery.wait_for_piece()
            else:
                chosen, left = (overdue[0] if overdue else max(totals, key=totals.get), room)
                for piece, glaze, size, _ in shelf:
                    if glaze == chosen and size <= left:
                        pottery.load_piece(piece)
                        left -= size
                end = pottery.fire_kiln(chosen, room - left)
                firings, empty = (firings + 1, empty + left)
            shelf, coming = (pottery.view_shelf(), pottery.pieces_to_come())
        return [end, firings, empty]

    def solve(self, call):
        seen = call("Observe")
        room = seen["room"]
        least = seen["least"]
        patience = seen["patience"]
        end = firings = empty = 0
        shelf, coming = (call("ViewShelf"), call("PiecesToCome"))
        while shelf or coming:
            overdue, totals = ([entry[1] for entry in shelf if entry[3] >= patience], {})
            for _, glaze, size, _ in shelf:
                totals[glaze] = totals.get(glaze, 0) + size
            if not overdue and coming and (max(totals.values(), default=0) < least):
                call("WaitForPiece")
            else:
                chosen, left = (overdue[0] if overdue else max(totals, key=totals.get), room)
                for piece, glaze, size, _ in shelf:
                    if glaze == chosen and size <= left:
                        call("LoadPiece", piece=piece)
                        left -= size
                end = call("FireKiln", glaze=chosen, load=room - left)
                firings, empty = (firings + 1, empty + left)
            shelf, coming = (call("ViewShelf"), call("PiecesToCome"))
        return call("Done", answer=[end, firings, empty])

    @staticmethod
    def generate(rng, level):
        count, kinds = {"easy": (4, 2), "medium": (8, 2), "hard": (rng.randint(16, 22), 3)}[level]
        glazes = rng.sample(["blue", "jade", "rust", "sand", "moss"], kinds)
        pieces, minute = ([], rng.randint(0, 5))
        for _ in range(count):
            pieces.append([minute, rng.choice(glazes), rng.randint(2, 7)])
            minute += rng.randint(0, 12)
        return {
            "pieces": pieces,
            "heats": {glaze: rng.randint(8, 20) for glaze in glazes},
            "room": rng.randint(9, 14),
            "least": rng.randint(6, 9),
            "patience": rng.randint(15, 30),
        }

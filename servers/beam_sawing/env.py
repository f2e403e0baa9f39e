"""A carpenter saws pieces out of beams."""

import copy

from codegym_mcp import Environment, tool


class SawRack:
    """The beams, the blade and the rack of offcuts."""

    def __init__(self, pieces: list[int], beams: list[int], scrap: int) -> None:
        self._pieces, self._beams, self._scrap, self._rack = pieces, beams, scrap, []
        self._fetched, self._cuts = 0, 0

    def piece_length(self, piece: int) -> int:
        """Read how long a piece must be.

        Args:
            piece: number of the piece, from 0.

        Returns:
            its length.

        Example:
            piece_length(piece=0) -> 38
        """
        if not 0 <= piece < len(self._pieces):
            raise ValueError(f"piece must be from 0 to {len(self._pieces) - 1}, got {piece}")
        return self._pieces[piece]

    def list_offcuts(self) -> list[int]:
        """List the offcuts on the rack.

        Returns:
            their lengths from the beginning of the rack, which is place 0.

        Example:
            list_offcuts() -> [24, 61]
        """
        return list(self._rack)

    def fetch_beam(self) -> int:
        """Fetch a new beam and put it at the end of the rack.

        Returns:
            its length.

        Example:
            fetch_beam() -> 100
        """
        self._rack.append(self._beams[self._fetched % len(self._beams)])
        self._fetched += 1
        return self._rack[-1]

    def saw_piece(self, piece: int, place: int) -> int:
        """Saw a piece from an offcut.

        Args:
            piece: number of the piece.
            place: place of the offcut on the rack, from 0.

        Returns:
            the length that remains at this place, or 0 if nothing remains and the place is gone.

        Example:
            saw_piece(piece=0, place=1) -> 21
        """
        length = self.piece_length(piece)
        if not 0 <= place < len(self._rack) or self._rack[place] < length:
            raise ValueError(f"piece {piece} cannot be sawn from place {place}")
        rest = self._rack[place] - length
        if rest > 0:
            self._cuts += 1
            rest = max(0, rest - 1 - self._cuts // 2)
        self._rack[place] = rest
        if rest == 0:
            self._rack.pop(place)
        return rest

    def burn_offcut(self, place: int) -> int:
        """Throw an offcut that is shorter than the scrap length into the stove.

        Args:
            place: its place on the rack.

        Returns:
            the heat.

        Example:
            burn_offcut(place=1) -> 19
        """
        if not 0 <= place < len(self._rack) or self._rack[place] >= self._scrap:
            raise ValueError(f"there is no scrap at place {place}")
        return self._rack.pop(place) * 2 + len(self._rack)

    def sharpen_blade(self) -> str:
        """Sharpen the blade.

        Returns:
            a remark.

        Example:
            sharpen_blade() -> "sharp after 3 cuts"
        """
        remark = f"sharp after {self._cuts} cuts"
        self._cuts = 0
        return remark


class BeamSawing(Environment):
    """A carpenter saws pieces out of beams. The pieces are numbered from 0 and sawn in ascending order. On the rack lie
    offcuts, none at first; a piece can be sawn from an offcut that is at least as long.

    For each piece: of the offcuts from which it can be sawn, use the shortest; of equally short ones the one that lies
    nearest to the beginning of the rack. If there is none, fetch a new beam, which is put at the end of the rack as an
    offcut of its full length (the beams differ in length), and again look for one; fetch another if the beam is too
    short as well.

    A cut takes away the piece and the width of the blade, which is no longer the same when the blade has worn. What
    remains takes the place of the old offcut on the rack; if nothing remains, the place is taken off the rack, and
    later ones move up. An exact fit (offcut as long as the piece) needs no cut and leaves nothing.

    If what remains is shorter than `scrap`, throw it into the stove at once, which takes it off the rack and gives
    heat.

    After every third piece (pieces 2, 5, 8, ...) sharpen the blade.

    Find the length of all beams fetched, the sum of the heat, and the sum of the lengths of the offcuts on the rack at
    the end.

    The input is hidden (pieces, beams); the tools give access to it. Observe shows what is known from the start: sizes,
    and scrap.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, pieces: list[int], beams: list[int], scrap: int) -> None:
        self.pieces = pieces
        self.beams = beams
        self.scrap = scrap
        self.rack = SawRack(copy.deepcopy(self.pieces), copy.deepcopy(self.beams), self.scrap)

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "scrap": a whole number, given as it is.
            "pieces": number of items of pieces.
            "beams": number of items of beams.

        Example:
            Observe() -> {"scrap": 11, "pieces": 5, "beams": 5}
        """
        return {"scrap": self.scrap, "pieces": len(self.pieces), "beams": len(self.beams)}

    @tool
    def PieceLength(self, piece: int) -> int:
        """Read how long a piece must be.

        Args:
            piece: number of the piece, from 0.

        Returns:
            its length.

        Example:
            PieceLength(piece=0) -> 38
        """
        return self.rack.piece_length(piece)

    @tool
    def ListOffcuts(self) -> list[int]:
        """List the offcuts on the rack.

        Returns:
            their lengths from the beginning of the rack, which is place 0.

        Example:
            ListOffcuts() -> [24, 61]
        """
        return self.rack.list_offcuts()

    @tool
    def FetchBeam(self) -> int:
        """Fetch a new beam and put it at the end of the rack.

        Returns:
            its length.

        Example:
            FetchBeam() -> 100
        """
        return self.rack.fetch_beam()

    @tool
    def SawPiece(self, piece: int, place: int) -> int:
        """Saw a piece from an offcut.

        Args:
            piece: number of the piece.
            place: place of the offcut on the rack, from 0.

        Returns:
            the length that remains at this place, or 0 if nothing remains and the place is gone.

        Example:
            SawPiece(piece=0, place=1) -> 21
        """
        return self.rack.saw_piece(piece, place)

    @tool
    def BurnOffcut(self, place: int) -> int:
        """Throw an offcut that is shorter than the scrap length into the stove.

        Args:
            place: its place on the rack.

        Returns:
            the heat.

        Example:
            BurnOffcut(place=1) -> 19
        """
        return self.rack.burn_offcut(place)

    @tool
    def SharpenBlade(self) -> str:
        """Sharpen the blade.

        Returns:
            a remark.

        Example:
            SharpenBlade() -> "sharp after 3 cuts"
        """
        return self.rack.sharpen_blade()

    def answer(self) -> dict[str, int]:
        """Saw all pieces.

        Returns:
            the length "fetched", the sum of the "heat" and the length "left" on the rack.
            Example: {"fetched": 310, "heat": 27, "left": 64}.
        """
        pieces = copy.deepcopy(self.pieces)
        beams = copy.deepcopy(self.beams)
        scrap = self.scrap
        rack = SawRack(pieces, beams, scrap)
        fetched = heat = 0
        for piece in range(len(pieces)):
            length = rack.piece_length(piece)
            offcuts = rack.list_offcuts()
            while max(offcuts, default=0) < length:
                offcuts.append(rack.fetch_beam())
                fetched += offcuts[-1]
            place = offcuts.index(min((offcut for offcut in offcuts if offcut >= length)))
            rest = rack.saw_piece(piece, place)
            if 0 < rest < scrap:
                heat += rack.burn_offcut(place)
            if piece % 3 == 2:
                rack.sharpen_blade()
        return {"fetched": fetched, "heat": heat, "left": sum(rack.list_offcuts())}

    def solve(self, call):
        seen = call("Observe")
        scrap = seen["scrap"]
        fetched = heat = 0
        for piece in range(seen["pieces"]):
            length = call("PieceLength", piece=piece)
            offcuts = call("ListOffcuts")
            while max(offcuts, default=0) < length:
                offcuts.append(call("FetchBeam"))
                fetched += offcuts[-1]
            place = offcuts.index(min((offcut for offcut in offcuts if offcut >= length)))
            rest = call("SawPiece", piece=piece, place=place)
            if 0 < rest < scrap:
                heat += call("BurnOffcut", place=place)
            if piece % 3 == 2:
                call("SharpenBlade")
        return call("Done", answer={"fetched": fetched, "heat": heat, "left": sum(call("ListOffcuts"))})

    @staticmethod
    def generate(rng, level):
        count = {"easy": 5, "medium": 9, "hard": rng.randint(24, 32)}[level]
        beams = [rng.choice([60, 75, 80, 96, 110]) for _ in range(5)]
        beams[rng.randrange(1, 5)] = 110
        return {"pieces": [rng.randint(9, 68) for _ in range(count)], "beams": beams, "scrap": rng.randint(8, 12)}

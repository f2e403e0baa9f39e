"""A template consists of pieces, numbered from 0, which are handled from the first to the last unless a piece says
otherwise.
"""

import copy

from codegym_mcp import Environment, tool


class Template:
    """The pieces and the scopes that are open."""

    def __init__(self, pieces: list[list[str]], blocks: dict[str, dict[str, str]], fields: dict[str, str]) -> None:
        self.pieces, self.blocks, self.scopes = pieces, blocks, [dict(fields)]

    def read_piece(self, index: int) -> list[str]:
        """Read a piece of the template.

        Args:
            index: number of the piece, from 0.

        Returns:
            its kind and what belongs to it.

        Example:
            read_piece(index=1) -> ["field", "name", "upper"]
        """
        if not 0 <= index < len(self.pieces):
            raise ValueError(f"index must be from 0 to {len(self.pieces) - 1}, got {index}")
        return list(self.pieces[index])

    def look_up(self, name: str) -> str:
        """Look up a field, the innermost open scope first.

        Args:
            name: name of the field.

        Returns:
            its value as it stands, possibly with an "@"; "?" if it has none.

        Example:
            look_up(name="city") -> "@town"
        """
        return next((scope[name] for scope in reversed(self.scopes) if name in scope), "?")

    def set_field(self, name: str, value: str) -> int:
        """Give a field a value in the innermost open scope.

        Args:
            name: name of the field.
            value: the value.

        Returns:
            the number of fields in that scope.

        Example:
            set_field(name="city", value="Lund") -> 3
        """
        self.scopes[-1][name] = value
        return len(self.scopes[-1])

    def open_block(self, block: str) -> int:
        """Open a block with its values.

        Args:
            block: name of the block.

        Returns:
            how many blocks are open now.

        Example:
            open_block(block="item") -> 1
        """
        if block not in self.blocks:
            raise ValueError(f"there is no block {block!r}; the blocks are {', '.join(sorted(self.blocks))}")
        self.scopes.append(dict(self.blocks[block]))
        return len(self.scopes) - 1

    def close_block(self) -> int:
        """Close the innermost block.

        Returns:
            how many blocks are still open.

        Example:
            close_block() -> 0
        """
        if len(self.scopes) == 1:
            raise ValueError("no block is open")
        self.scopes.pop()
        return len(self.scopes) - 1

    def shape(self, value: str, filter_name: str) -> str:
        """Shape a value by a filter.

        Args:
            value: the value.
            filter_name: "plain", "upper", "mirror" (backwards), "initial" (its first character) or "thin" (vowels left out but
                for a first character).

        Returns:
            the shaped value.

        Example:
            shape(value="Lund", filter_name="mirror") -> "dnuL"
        """
        thin = value[:1] + "".join(letter for letter in value[1:] if letter not in "aeiou")
        forms = {"plain": value, "upper": value.upper(), "mirror": value[::-1], "initial": value[:1], "thin": thin}
        if filter_name not in forms or not value:
            raise ValueError(f"expected a value that is not empty and one of the filters {', '.join(forms)}")
        return forms[filter_name]


class TemplateScopes(Environment):
    """A template consists of pieces, numbered from 0, which are handled from the first to the last unless a piece says
    otherwise. Each piece is a list of texts whose first one is its kind:

    - ["text", t]: t is added to the output.
    - ["field", name, filter]: the value of the field, shaped by the filter, is added to the output.
    - ["set", name, value]: the field gets this value in the innermost open block (outside all blocks: in the outermost
    scope).
    - ["open", block]: a block is opened; it brings fields with values of its own, which hide outer ones of the same
    name.
    - ["close"]: the innermost block is closed, all its values are gone.
    - ["unless", name, n]: if the field has a value at this moment, the next n pieces are left out (n is digits).

    A value that begins with "@" stands for the value of the field named behind the "@", looked up at the moment of use,
    and so on until a value begins with no "@". A field without a value, also at the end of such a chain, counts as "?".

    The answer is the whole output.

    The input is hidden (pieces, blocks, fields); the tools give access to it. Observe shows what is known from the
    start.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, pieces: list[list[str]], blocks: dict[str, dict[str, str]], fields: dict[str, str]) -> None:
        self.pieces = pieces
        self.blocks = blocks
        self.fields = fields
        self.template = Template(copy.deepcopy(self.pieces), copy.deepcopy(self.blocks), copy.deepcopy(self.fields))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "pieces": number of items of pieces.
            "blocks": number of keys of blocks.
            "fields": number of keys of fields.

        Example:
            Observe() -> {"pieces": 7, "blocks": 2, "fields": 3}
        """
        return {"pieces": len(self.pieces), "blocks": len(self.blocks), "fields": len(self.fields)}

    @tool
    def ReadPiece(self, index: int) -> list[str]:
        """Read a piece of the template.

        Args:
            index: number of the piece, from 0.

        Returns:
            its kind and what belongs to it.

        Example:
            ReadPiece(index=1) -> ["field", "name", "upper"]
        """
        return self.template.read_piece(index)

    @tool
    def LookUp(self, name: str) -> str:
        """Look up a field, the innermost open scope first.

        Args:
            name: name of the field.

        Returns:
            its value as it stands, possibly with an "@"; "?" if it has none.

        Example:
            LookUp(name="city") -> "@town"
        """
        return self.template.look_up(name)

    @tool
    def SetField(self, name: str, value: str) -> int:
        """Give a field a value in the innermost open scope.

        Args:
            name: name of the field.
            value: the value.

        Returns:
            the number of fields in that scope.

        Example:
            SetField(name="city", value="Lund") -> 3
        """
        return self.template.set_field(name, value)

    @tool
    def OpenBlock(self, block: str) -> int:
        """Open a block with its values.

        Args:
            block: name of the block.

        Returns:
            how many blocks are open now.

        Example:
            OpenBlock(block="item") -> 1
        """
        return self.template.open_block(block)

    @tool
    def CloseBlock(self) -> int:
        """Close the innermost block.

        Returns:
            how many blocks are still open.

        Example:
            CloseBlock() -> 0
        """
        return self.template.close_block()

    @tool
    def Shape(self, value: str, filter_name: str) -> str:
        """Shape a value by a filter.

        Args:
            value: the value.
            filter_name: "plain", "upper", "mirror" (backwards), "initial" (its first character) or "thin" (vowels left
                out but for a first character).

        Returns:
            the shaped value.

        Example:
            Shape(value="Lund", filter_name="mirror") -> "dnuL"
        """
        return self.template.shape(value, filter_name)

    def answer(self) -> str:
        """Render the template.

        Returns:
            the output. Example: "to:LUND;O".
        """
        pieces = copy.deepcopy(self.pieces)
        blocks = copy.deepcopy(self.blocks)
        fields = copy.deepcopy(self.fields)
        template = Template(pieces, blocks, fields)
        output = ""
        index = 0
        while index < len(pieces):
            piece = template.read_piece(index)
            index += 1
            if piece[0] == "text":
                output += piece[1]
            elif piece[0] == "set":
                template.set_field(piece[1], piece[2])
            elif piece[0] == "open":
                template.open_block(piece[1])
            elif piece[0] == "close":
                template.close_block()
            elif piece[0] == "unless":
                if template.look_up(piece[1]) != "?":
                    index += int(piece[2])
            else:
                value = template.look_up(piece[1])
                while value[0] == "@":
                    value = template.look_up(value[1:])
                output += template.shape(value, piece[2])
        return output

    def solve(self, call):
        seen = call("Observe")
        output = ""
        index = 0
        while index < seen["pieces"]:
            piece = call("ReadPiece", index=index)
            index += 1
            if piece[0] == "text":
                output += piece[1]
            elif piece[0] == "set":
                call("SetField", name=piece[1], value=piece[2])
            elif piece[0] == "open":
                call("OpenBlock", block=piece[1])
            elif piece[0] == "close":
                call("CloseBlock")
            elif piece[0] == "unless":
                if call("LookUp", name=piece[1]) != "?":
                    index += int(piece[2])
            else:
                value = call("LookUp", name=piece[1])
                while value[0] == "@":
                    value = call("LookUp", name=value[1:])
                output += call("Shape", value=value, filter_name=piece[2])
        return call("Done", answer=output)

    @staticmethod
    def generate(rng, level):
        names, words = (["a", "b", "c", "d"], ["oslo", "turin", "lima", "nauru", "delhi", "cairo", "quito", "sofia"])
        fields = {"a": rng.choice(words), "b": "@a", "c": rng.choice(words)}
        blocks = {
            name: {"a": rng.choice(words), rng.choice("bd"): rng.choice(["@c", rng.choice(words)])} for name in "xy"
        }
        pieces, depth = ([], 0)
        for n in range({"easy": 6, "medium": 13, "hard": rng.randint(28, 36)}[level]):
            kind = "field" if n % 3 == 0 else rng.choice(["text", "field", "set", "open", "close", "unless"])
            kind = "open" if n == 1 or (kind == "close" and (not depth)) else kind
            depth += {"open": 1, "close": -1}.get(kind, 0)
            field = ["field", rng.choice(names), rng.choice(["plain", "upper", "mirror", "initial", "thin"])]
            options = {"text": ["text", rng.choice(":;-/")], "field": field, "open": ["open", rng.choice("xy")]}
            options |= {"close": ["close"], "set": ["set", rng.choice("cd"), rng.choice(words)]}
            if kind == "unless":
                pieces += [["unless", rng.choice("cd"), "1"], ["set", "d", rng.choice(["@a", "@b", "@c"])]]
            else:
                pieces.append(options[kind])
        return {"pieces": pieces, "blocks": blocks, "fields": fields}

"""Further inputs of a problem that has a few and no generator: like those by type, range and shape, but longer.

What holds in all given inputs is taken for a rule: sorted, distinct, square, a number that is another argument's length
or an index into it. Whether an input is valid, the original solution decides, not this module.
"""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

SIZES = {"easy": (6, 14), "medium": (14, 40), "hard": (40, 90)}
"""Level -> about how many numbers, or characters of texts, an input holds."""
FACTORS = {"easy": 1, "medium": 3, "hard": 8}
"""Level -> how far numbers may go past the given ones."""
REUSED = 0.3
"""Share of the items that are taken from given inputs as they are."""
MAX_MAGNITUDE = 10**6
MAX_FORMS = 8
"""Forms of records in one place, at most."""
Form = tuple[str, ...]
"""The kinds of a record's items, and the word it begins with where such words tell records apart."""


class Pattern:
    """What stands in one place of the given inputs: it draws more of the kind."""

    def __init__(self, values: Sequence[Any], depth: int = 0) -> None:
        self.values, self.depth = list(values), depth
        self.lists = [value for value in self.values if isinstance(value, list)]
        self.maps = [value for value in self.values if isinstance(value, dict)]
        self.texts = [value for value in self.values if isinstance(value, str)]
        self.numbers = [value for value in self.values if isinstance(value, (int, float)) and not isinstance(value, bool)]
        self.fields = self._fields()
        self.forms = self._forms()
        items = [item for value in self.lists for item in value] + [item for value in self.maps for item in value.values()]
        self.items = Pattern(items, depth + 1) if items and self.fields is None else None
        self.reach = 0
        """Numbers may go so far at least."""
        self.sorted = _all(self.lists, 4, lambda value: value == sorted(value))
        self.falling = _all(self.lists, 4, lambda value: value == sorted(value, reverse=True))
        self.distinct = _all(self.lists, 2, lambda value: len({repr(item) for item in value}) == len(value))
        self.square = _all(self.lists, 2, lambda value: all(len(row) == len(value) for row in value))
        self.even = _all(self.lists, 2, lambda value: len({len(row) for row in value}) == 1)

    def _fields(self) -> dict[Any, "Pattern"] | None:
        """The places of a record: maps with the same keys, or short lists of one length within lists."""
        for found in (self.maps, self.lists):
            if len(found) < 2 or len(found) < len(self.values):
                continue
            keys = [list(value) if isinstance(value, dict) else list(range(len(value))) for value in found]
            mixed = any(len({type(item) for item in value}) > 1 for value in self.lists)
            alike = keys[0] and len(keys[0]) <= 8 and all(each == keys[0] for each in keys)
            if alike and (found is self.maps or mixed or (self.depth and (len(found) > 5 or len(keys[0]) == 2))):
                return {key: Pattern([value[key] for value in found], self.depth + 1) for key in keys[0]}
        return None

    def _forms(self) -> dict[Form, list["Pattern"]] | None:
        """The places of records of several forms, such as ["in", name, size] and ["out", name]."""
        if not self.depth or self.fields is not None or len(self.lists) < len(self.values):
            return None
        heads = Counter(str(value[0]) for value in self.lists if value)
        words = len(heads) <= MAX_FORMS and 2 * len(heads) <= len(self.lists)
        rows: dict[Form, list[list[Any]]] = {}
        for value in self.lists:
            rows.setdefault(_form(value, words), []).append(value)
        mixed = any(len({type(item) for item in value}) > 1 for value in self.lists)
        if not mixed or len(rows) > MAX_FORMS:
            return None
        places = {form: zip(*values, strict=True) for form, values in rows.items()}
        return {form: [Pattern(values, self.depth + 1) for values in columns] for form, columns in places.items()}

    def weight(self) -> float:
        """Numbers and characters in an average value."""
        return sum(map(weight, self.values)) / len(self.values)

    def draw(self, rng: random.Random, level: str, size: int, count: int | None = None) -> Any:
        """Another value.

        Args:
            size: about how many numbers or characters it may hold.
            count: length of a list or text, where a rule says so.
        """
        value = rng.choice(self.values)
        match value:
            case bool():
                return rng.random() < 0.5
            case None:
                return None
            case str():
                return self._text(rng, size if count is None else count, count is not None)
            case int() | float():
                return self._number(rng, level, isinstance(value, float))
        if self.fields is not None:
            drawn = [(key, place.draw(rng, level, size)) for key, place in self.fields.items()]
            return dict(drawn) if isinstance(value, dict) else [item for _, item in drawn]
        if self.forms is not None:
            form = next(form for form in (_form(value, True), _form(value, False)) if form in self.forms)
            row = [place.draw(rng, level, 0) for place in self.forms[form]]
            return row if len(form) == len(row) else [value[0], *row[1:]]
        if self.items is None:
            return value
        if isinstance(value, dict):
            return self._map(rng, level, size)
        return self._list(rng, level, size, count)

    def _number(self, rng: random.Random, level: str, as_float: bool) -> int | float:
        low, high = min(self.numbers), max(*self.numbers, self.reach)
        if high > 1 or low < 0:
            factor = FACTORS[level] if not self.depth else 2
            high = max(high, min(high * factor, MAX_MAGNITUDE))
            low = low if low >= 0 else min(low, max(low * factor, -MAX_MAGNITUDE))
        if as_float:
            digits = max(len(str(number).partition(".")[2]) for number in self.numbers)
            return round(rng.uniform(low, high), min(digits, 4))
        return rng.randint(int(low), int(high))

    def _text(self, rng: random.Random, size: int, exact: bool) -> str:
        known = sorted(set(self.texts))
        if len(self.texts) >= 4 and len(known) <= 0.6 * len(self.texts):
            return rng.choice(known)  # a set of words
        if self.depth or not size:
            lengths = [len(text) for text in self.texts]
            size = size if exact else rng.randint(min(lengths), max(lengths))
        if any(" " in text.strip() for text in known):
            words = [word for text in known for word in text.split()]
            text = " ".join(rng.choice(words) for _ in range(max(2, size // 5)))
            return text[:size] if exact else text
        letters = "".join(known) or "ab"
        text = ""
        while len(text) < size:
            piece = rng.choice(known)
            start = rng.randrange(len(piece) + 1)
            text += piece[start : start + rng.randint(1, 6)] if rng.random() < 0.5 else rng.choice(letters)
        if text[:1] == "0" and not any(known_text.startswith("0") for known_text in known):
            text = rng.choice([letter for letter in letters if letter != "0"]) + text[1:]
        return text[:size]

    def _map(self, rng: random.Random, level: str, size: int) -> dict[str, Any]:
        assert self.items is not None
        keys = Pattern([key for value in self.maps for key in value], 1)
        if not keys.texts:
            return {}
        count = max(1, round(size / (self.items.weight() + 1)))
        result = {}
        for _ in range(count):
            key = keys._text(rng, 0, False)
            while key in result and rng.random() < 0.9:
                key = f"{int(key) + 1}" if key.isdecimal() else key + rng.choice("abcdefghijklmnopqrstuvwxyz")
            result[key] = self.items.draw(rng, level, round(self.items.weight()))
        return result

    def _list(self, rng: random.Random, level: str, size: int, count: int | None) -> list[Any]:
        assert self.items is not None
        inner = None
        if count is None and (self.square or self.even):
            rows = round(size**0.5)
            count = max(2, rows if self.square else rng.randint(2, max(2, rows)))
            inner = count if self.square else max(1, size // count)
        elif count is None and self.depth:
            lengths = [len(value) for value in self.lists]
            count = rng.randint(min(lengths), max(lengths) + 1)
        elif count is None:
            count = max(1, round(size / max(1.0, self.items.weight())))
        share = max(1, size // max(1, count))
        self.items.reach = 3 * count if self.distinct else 0
        drawn: list[Any] = []
        for _ in range(count):
            item = rng.choice(self.items.values) if rng.random() < REUSED and inner is None else None
            item = self.items.draw(rng, level, share, inner) if item is None else item
            for _ in range(20):
                if not self.distinct or item not in drawn:
                    break
                item = self.items.draw(rng, level, share, inner)
            if not self.distinct or item not in drawn:
                drawn.append(item)
        return self._ordered(drawn)

    def _ordered(self, drawn: list[Any]) -> list[Any]:
        try:
            return sorted(drawn, reverse=not self.sorted) if self.sorted or self.falling else drawn
        except TypeError:
            return drawn


def _form(row: list[Any], words: bool) -> Form:
    head = [row[0]] if words and row and isinstance(row[0], str) else []
    return (*head, *(type(item).__name__ for item in row))


class Varier:
    """Draws inputs like the given ones."""

    def __init__(self, configs: Sequence[dict[str, Any]]) -> None:
        """Args:
        configs: given inputs, at least one; those that lack an argument of the first are left out.
        """
        self.names = list(configs[0])
        configs = [config for config in configs if list(config) == self.names]
        self.patterns = {name: Pattern([config[name] for config in configs]) for name in self.names}
        self.long = [name for name in self.names if all(isinstance(config[name], (list, str, dict)) for config in configs)]
        self.alike = {
            name: first
            for number, name in enumerate(self.long)
            for first in self.long[:number]
            if len(configs) > 1 and all(len(config[name]) == len(config[first]) for config in configs)
        }
        self.rules = {name: rule for name in self.names if (rule := self._rule(name, configs))}

    def _rule(self, name: str, configs: Sequence[dict[str, Any]]) -> tuple[str, str] | None:
        """What a number says about another argument, if it does in all given inputs."""
        if not all(type(config[name]) is int for config in configs):
            return None
        for other in self.long:
            pairs = [(config[name], len(config[other])) for config in configs]
            for rule, holds in RULES.items():
                if all(holds(number, length) for number, length in pairs):
                    return rule, other
        return None

    def draw(self, rng: random.Random, level: str) -> dict[str, Any]:
        """An input of about the size of its level."""
        size = rng.randint(*SIZES[level]) // max(1, len(self.long))
        config: dict[str, Any] = {}
        for name in self.long:
            count = len(config[self.alike[name]]) if name in self.alike else None
            config[name] = self.patterns[name].draw(rng, level, size, count)
        for name in self.names:
            if name in config:
                continue
            if name in self.rules:
                rule, other = self.rules[name]
                config[name] = _obey(rng, rule, len(config[other]))
            else:
                config[name] = self.patterns[name].draw(rng, level, size)
        return {name: config[name] for name in self.names}


RULES: dict[str, Callable[[int, int], bool]] = {
    "length": lambda number, length: number == length,
    "index": lambda number, length: 0 <= number < length,
    "count": lambda number, length: 1 <= number <= length,
}
"""What a number may be to the length of another argument."""


def _obey(rng: random.Random, rule: str, length: int) -> int:
    if rule == "length":
        return length
    return rng.randrange(max(1, length)) + (rule == "count")


def _all(values: list[Any], longest: int, holds: Callable[[Any], bool]) -> bool:
    """Whether it holds for all values, of which one at least is so long that this means something."""
    try:
        return any(len(value) >= longest for value in values) and all(holds(value) for value in values)
    except TypeError:  # numbers beside texts have no order, and no length
        return False


def weight(value: Any) -> int:
    """How many numbers, characters and keys a value holds."""
    match value:
        case str():
            return len(value)
        case list():
            return sum(map(weight, value))
        case dict():
            return sum(1 + weight(item) for item in value.values())
    return 1


def extent(value: Any) -> tuple[int, float]:
    """What inputs are ordered by: how much they hold, and how large the numbers are together."""
    return weight(value), _magnitude(value)


def _magnitude(value: Any) -> float:
    match value:
        case list():
            return sum(map(_magnitude, value))
        case dict():
            return sum(map(_magnitude, value.values()))
        case int() | float():
            return abs(value)
    return 0

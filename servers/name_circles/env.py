"""A register of names is sorted into circles of names that sound alike."""

import copy
import re

from codegym_mcp import Environment, tool


def clean(name: str) -> str:
    """Clean a name of titles and of all signs that are no letters.

    Args:
        name: the name as it stands in the register.

    Returns:
        the rest of it in small letters.

    Example:
        clean(name="Dr. O'Hara") -> "ohara"
    """
    rest = re.sub(r"^(dr|prof|sir|dame)\b", "", name.lower())
    return re.sub(r"[^a-z]", "", rest)


def sound_of(name: str) -> str:
    """Work out how a name sounds.

    Args:
        name: a cleaned name.

    Returns:
        its sound: a short word of capital letters.

    Example:
        sound_of(name="ohara") -> "OR"
    """
    if not name.isalpha() or not name.islower():
        raise ValueError(f"expected small letters only, got {name!r}")
    merged = name.translate(str.maketrans("cqgzvydp", "kkksfitb"))
    kept = merged[0] + "".join(letter for letter in merged[1:] if letter not in "aeiouhw")
    return re.sub(r"(.)\1+", r"\1", kept)[:6].upper()


def likeness(left: str, right: str) -> int:
    """Work out how much alike two sounds are.

    Args:
        left: one sound.
        right: another sound.

    Returns:
        the likeness, from 0 to 100.

    Example:
        likeness(left="OR", right="ORN") -> 80
    """
    rest, common = right, 0
    for letter in left:
        if letter in rest:
            common, rest = common + 1, rest.replace(letter, "", 1)
    bonus = 10 if left[0] == right[0] else 0
    return min(100, 200 * common // (len(left) + len(right)) + bonus - (10 if left != right else 0))


def blend(left: str, right: str) -> str:
    """Blend two sounds.

    Args:
        left: the sound that gives the beginning.
        right: the sound that gives the end.

    Returns:
        the blended sound.

    Example:
        blend(left="OR", right="ORN") -> "ORN"
    """
    half = (max(len(left), len(right)) + 1) // 2
    joined = left[:half] + right[half:]
    return re.sub(r"(.)\1+", r"\1", joined)


class NameCircles(Environment):
    """A register of names is sorted into circles of names that sound alike. The names come one after the other, in the
    order of the list.

    A name is first cleaned of titles and odd signs, then its sound is worked out. It is compared with the sound of
    every circle that exists so far. It joins the circle whose likeness to it is greatest, the older circle in case of a
    tie, provided that the likeness is at least `threshold`; the sound of that circle is then blended with the sound of
    the name, the circle's sound being the left one. Otherwise the name founds a new circle, whose sound is that of the
    name.

    After the last name, circles are compared once more in pairs: going through the circles from the oldest to the
    youngest, each circle counts as a twin if its likeness to some older circle is at least `threshold`.

    The answer is the sound of the circle with most names (the oldest such circle), the number of circles, and the
    number of twins.

    The input is hidden (names); the tools give access to it. Observe shows what is known from the start: sizes, and
    threshold.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, names: list[str], threshold: int) -> None:
        self.names = names
        self.threshold = threshold

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "threshold": a whole number, given as it is.
            "names": number of items of names.

        Example:
            Observe() -> {"threshold": 79, "names": 4}
        """
        return {"threshold": self.threshold, "names": len(self.names)}

    @tool
    def ReadName(self, index: int) -> str:
        """Read one item of names.

        Args:
            index: position in names, counted from 0.

        Returns:
            the item.

        Example:
            ReadName(index=0) -> "Dr. Dipilvin"
        """
        if not 0 <= index < len(self.names):
            raise ValueError(f"index must be from 0 to {len(self.names) - 1}, got {index}")
        return self.names[index]

    @tool
    def Clean(self, name: str) -> str:
        """Clean a name of titles and of all signs that are no letters.

        Args:
            name: the name as it stands in the register.

        Returns:
            the rest of it in small letters.

        Example:
            Clean(name="Dr. O'Hara") -> "ohara"
        """
        return clean(name)

    @tool
    def SoundOf(self, name: str) -> str:
        """Work out how a name sounds.

        Args:
            name: a cleaned name.

        Returns:
            its sound: a short word of capital letters.

        Example:
            SoundOf(name="ohara") -> "OR"
        """
        return sound_of(name)

    @tool
    def Likeness(self, left: str, right: str) -> int:
        """Work out how much alike two sounds are.

        Args:
            left: one sound.
            right: another sound.

        Returns:
            the likeness, from 0 to 100.

        Example:
            Likeness(left="OR", right="ORN") -> 80
        """
        return likeness(left, right)

    @tool
    def Blend(self, left: str, right: str) -> str:
        """Blend two sounds.

        Args:
            left: the sound that gives the beginning.
            right: the sound that gives the end.

        Returns:
            the blended sound.

        Example:
            Blend(left="OR", right="ORN") -> "ORN"
        """
        return blend(left, right)

    def answer(self) -> dict[str, int | str]:
        """Sort the register.

        Returns:
            "largest", the sound of the largest circle, and the numbers of "circles" and "twins". Example:
            {"largest": "ORN", "circles": 3, "twins": 1}.
        """
        names = copy.deepcopy(self.names)
        threshold = self.threshold
        sounds, sizes = ([], [])
        for name in names:
            sound = sound_of(clean(name))
            best, chosen = (threshold - 1, -1)
            for circle in range(len(sounds)):
                score = likeness(sounds[circle], sound)
                if score > best:
                    best, chosen = (score, circle)
            if chosen < 0:
                sounds.append(sound)
                sizes.append(1)
            else:
                sounds[chosen] = blend(sounds[chosen], sound)
                sizes[chosen] += 1
        twins = 0
        for young in range(1, len(sounds)):
            for old in range(young):
                if likeness(sounds[old], sounds[young]) >= threshold:
                    twins += 1
                    break
        return {"largest": sounds[sizes.index(max(sizes))], "circles": len(sounds), "twins": twins}

    def solve(self, call):
        seen = call("Observe")
        threshold = seen["threshold"]
        sounds, sizes = ([], [])
        for name in (call("ReadName", index=index) for index in range(seen["names"])):
            sound = call("SoundOf", name=call("Clean", name=name))
            best, chosen = (threshold - 1, -1)
            for circle in range(len(sounds)):
                score = call("Likeness", left=sounds[circle], right=sound)
                if score > best:
                    best, chosen = (score, circle)
            if chosen < 0:
                sounds.append(sound)
                sizes.append(1)
            else:
                sounds[chosen] = call("Blend", left=sounds[chosen], right=sound)
                sizes[chosen] += 1
        twins = 0
        for young in range(1, len(sounds)):
            for old in range(young):
                if call("Likeness", left=sounds[old], right=sounds[young]) >= threshold:
                    twins += 1
                    break
        return call("Done", answer={"largest": sounds[sizes.index(max(sizes))], "circles": len(sounds), "twins": twins})

    @staticmethod
    def generate(rng, level):
        count, roots = {"easy": (4, 2), "medium": (7, 3), "hard": (rng.randint(10, 13), 4)}[level]
        stems = [
            "".join((rng.choice(["br", "k", "st", "m", "v", "gr", "d", "p"]) + rng.choice("aeiou") for _ in range(3)))
            for _ in range(roots)
        ]
        names = []
        for _ in range(count):
            stem = rng.choice(stems)
            place = rng.randrange(len(stem))
            stem = stem[:place] + rng.choice("nlrtszay") + stem[place + rng.randint(0, 1) :]
            names.append(
                rng.choice(["", "", "Dr. ", "Sir "]) + (stem + rng.choice(["", "n", "son", "-ek"])).capitalize()
            )
        return {"names": names, "threshold": rng.randint(70, 88)}

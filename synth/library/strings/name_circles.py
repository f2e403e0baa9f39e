"""A register of names is sorted into circles of names that sound alike. The names come one after the other, in the order of
the list.

A name is first cleaned of titles and odd signs, then its sound is worked out. It is compared with the sound of every circle
that exists so far. It joins the circle whose likeness to it is greatest, the older circle in case of a tie, provided that the
likeness is at least `threshold`; the sound of that circle is then blended with the sound of the name, the circle's sound being
the left one. Otherwise the name founds a new circle, whose sound is that of the name.

After the last name, circles are compared once more in pairs: going through the circles from the oldest to the youngest,
each circle counts as a twin if its likeness to some older circle is at least `threshold`.

The answer is the sound of the circle with most names (the oldest such circle), the number of circles, and the number of
twins."""

import re


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


def solution(names: list[str], threshold: int) -> dict[str, str | int]:
    """Sort the register.

    Returns:
        "largest", the sound of the largest circle, and the numbers of "circles" and "twins". Example:
        {"largest": "ORN", "circles": 3, "twins": 1}.
    """
    sounds, sizes = [], []
    for name in names:
        sound = sound_of(clean(name))
        best, chosen = threshold - 1, -1
        for circle in range(len(sounds)):
            score = likeness(sounds[circle], sound)
            if score > best:
                best, chosen = score, circle
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


def generate(rng, level):
    """Draw an input of a level: easy, medium, hard."""
    count, roots = {"easy": (4, 2), "medium": (7, 3), "hard": (rng.randint(10, 13), 4)}[level]
    stems = [
        "".join(rng.choice(["br", "k", "st", "m", "v", "gr", "d", "p"]) + rng.choice("aeiou") for _ in range(3))
        for _ in range(roots)
    ]
    names = []
    for _ in range(count):
        stem = rng.choice(stems)
        place = rng.randrange(len(stem))
        stem = stem[:place] + rng.choice("nlrtszay") + stem[place + rng.randint(0, 1) :]
        names.append(rng.choice(["", "", "Dr. ", "Sir "]) + (stem + rng.choice(["", "n", "son", "-ek"])).capitalize())
    return {"names": names, "threshold": rng.randint(70, 88)}

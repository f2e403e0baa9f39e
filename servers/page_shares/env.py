"""Pages link to other pages."""

import copy

from codegym_mcp import Environment, tool


def share(rank: int, links: int) -> int:
    """Work out the share that a page gives to each page it links to.

    Args:
        rank: rank of the giving page.
        links: how many links it has, at least 1.

    Returns:
        the share.

    Example:
        share(rank=1000, links=3) -> 300
    """
    if links < 1:
        raise ValueError("a page without links gives no shares")
    return rank * 9 // (10 * links)


def new_rank(rank: int, income: int) -> int:
    """Work out the new rank of a page.

    Args:
        rank: its old rank.
        income: sum of the shares given to it.

    Returns:
        the new rank.

    Example:
        new_rank(rank=1000, income=300) -> 575
    """
    return 100 + (rank + 3 * income) // 4


def change(before: list[int], after: list[int]) -> int:
    """Work out by how much the ranks have changed in a round.

    Args:
        before: the ranks of all pages before the round.
        after: their ranks after it, in the same order.

    Returns:
        the change.

    Example:
        change(before=[1000, 1000], after=[575, 1090]) -> 425
    """
    if len(before) != len(after):
        raise ValueError("both lists must have the same length")
    return max(abs(old - new) for old, new in zip(before, after, strict=True))


def points(rank: int, linked_by: int) -> int:
    """Work out the points of a page.

    Args:
        rank: its final rank.
        linked_by: how many pages link to it.

    Returns:
        the points.

    Example:
        points(rank=575, linked_by=1) -> 63
    """
    return rank // (10 - min(linked_by, 5))


class PageShares(Environment):
    """Pages link to other pages. `links` maps the name of each page to the list of the pages it links to, at least one.
    The rank of each page is 1000 at the beginning.

    In each round all new ranks are worked out from the ranks before the round. Every page gives each page it links to a
    share, which depends on its rank and on how many links it has. The income of a page is the sum of the shares given
    to it. Its new rank is worked out from its old rank and its income.

    After each round compare the old and the new ranks of all pages, in the alphabetical order of the pages' names. If
    the change is less than `calm`, no further round follows. There are at most `rounds` rounds.

    At the end each page gets points for its final rank and for how many pages link to it.

    The answer is the page with most points (the alphabetically first one if there are several), its points, and the
    number of rounds.

    The input is hidden (links); the tools give access to it. Observe shows what is known from the start: sizes, and
    calm, rounds.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, links: dict[str, list[str]], calm: int, rounds: int) -> None:
        self.links = links
        self.calm = calm
        self.rounds = rounds

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "calm": a whole number, given as it is.
            "rounds": a whole number, given as it is.
            "links": number of keys of links.

        Example:
            Observe() -> {"calm": 47, "rounds": 2, "links": 3}
        """
        return {"calm": self.calm, "rounds": self.rounds, "links": len(self.links)}

    @tool
    def ListLinksKeys(self) -> list[str]:
        """List the keys of links.

        Returns:
            the keys, in order.

        Example:
            ListLinksKeys() -> ["map", "blog", "home"]
        """
        return list(self.links)

    @tool
    def LookUpLink(self, key: str) -> list[str]:
        """Look up a key in links.

        Args:
            key: the key in links.

        Returns:
            its value.

        Example:
            LookUpLink(key="blog") -> ["home"]
        """
        if key not in self.links:
            raise ValueError(f"links has no key {key!r}")
        return self.links[key]

    @tool
    def Share(self, rank: int, links: int) -> int:
        """Work out the share that a page gives to each page it links to.

        Args:
            rank: rank of the giving page.
            links: how many links it has, at least 1.

        Returns:
            the share.

        Example:
            Share(rank=1000, links=3) -> 300
        """
        return share(rank, links)

    @tool
    def NewRank(self, rank: int, income: int) -> int:
        """Work out the new rank of a page.

        Args:
            rank: its old rank.
            income: sum of the shares given to it.

        Returns:
            the new rank.

        Example:
            NewRank(rank=1000, income=300) -> 575
        """
        return new_rank(rank, income)

    @tool
    def Change(self, before: list[int], after: list[int]) -> int:
        """Work out by how much the ranks have changed in a round.

        Args:
            before: the ranks of all pages before the round.
            after: their ranks after it, in the same order.

        Returns:
            the change.

        Example:
            Change(before=[1000, 1000], after=[575, 1090]) -> 425
        """
        return change(before, after)

    @tool
    def Points(self, rank: int, linked_by: int) -> int:
        """Work out the points of a page.

        Args:
            rank: its final rank.
            linked_by: how many pages link to it.

        Returns:
            the points.

        Example:
            Points(rank=575, linked_by=1) -> 63
        """
        return points(rank, linked_by)

    def answer(self) -> dict[str, int | str]:
        """Rank the pages.

        Returns:
            the best "page", its "points" and the number of "rounds". Example: {"page": "news", "points": 140, "rounds":
                4}.
        """
        links = copy.deepcopy(self.links)
        calm = self.calm
        rounds = self.rounds
        targets: dict[str, list[str]] = {}
        for page in sorted(links):
            targets[page] = links[page]
        names = list(targets)
        ranks = dict.fromkeys(names, 1000)
        done, moved = (0, calm)
        while moved >= calm and done < rounds:
            income = dict.fromkeys(names, 0)
            for name in names:
                given = share(ranks[name], len(targets[name]))
                for other in targets[name]:
                    income[other] += given
            fresh = [new_rank(ranks[name], income[name]) for name in names]
            moved = change([ranks[name] for name in names], fresh)
            ranks = dict(zip(names, fresh, strict=True))
            done += 1
        best, most = ("", -1)
        for name in names:
            linked_by = 0
            for other in names:
                linked_by += name in targets[other]
            score = points(ranks[name], linked_by)
            if score > most:
                best, most = (name, score)
        return {"page": best, "points": most, "rounds": done}

    def solve(self, call):
        seen = call("Observe")
        calm = seen["calm"]
        rounds = seen["rounds"]
        targets = {}
        for page in sorted(call("ListLinksKeys")):
            targets[page] = call("LookUpLink", key=page)
        names = list(targets)
        ranks = dict.fromkeys(names, 1000)
        done, moved = (0, calm)
        while moved >= calm and done < rounds:
            income = dict.fromkeys(names, 0)
            for name in names:
                given = call("Share", rank=ranks[name], links=len(targets[name]))
                for other in targets[name]:
                    income[other] += given
            fresh = [call("NewRank", rank=ranks[name], income=income[name]) for name in names]
            moved = call("Change", before=[ranks[name] for name in names], after=fresh)
            ranks = dict(zip(names, fresh, strict=True))
            done += 1
        best, most = ("", -1)
        for name in names:
            linked_by = 0
            for other in names:
                linked_by += name in targets[other]
            score = call("Points", rank=ranks[name], linked_by=linked_by)
            if score > most:
                best, most = (name, score)
        return call("Done", answer={"page": best, "points": most, "rounds": done})

    @staticmethod
    def generate(rng, level):
        count, rounds = {"easy": (3, 2), "medium": (4, 4), "hard": (rng.randint(5, 7), 7)}[level]
        names = rng.sample("home news shop help jobs blog map faq".split(), count)
        links = {name: rng.sample([o for o in names if o != name], rng.randint(1, count // 2 + 1)) for name in names}
        return {"links": links, "calm": rng.randint(10, 90), "rounds": rounds}

"""Build packages in the order their hidden needs and priorities demand, breaking cycles by a rule."""

from codegym_mcp import Environment, tool

NAMES = (
    "amber bolt cedar delta ember fjord grove haven iris jolt kite lotus maple nova onyx pearl quill raven slate "
    "tulip umber vivid willow xenon yarrow zephyr birch coral dune flint"
)


class BuildOrder(Environment):
    """A build server has to build every package once, and you have to tell in which order.

    Each package needs some other packages (its needs, which are hidden). A package is ready when it is not built and
    has no unmet need: each need has been built or waived. Every package also has a hidden priority, and no two packages
    have the same; priorities can only be compared.

    The order follows two rules, until every package is built:
    1. While packages are ready, the one of them with the highest priority is built next.
    2. When packages are left but none is ready, all unmet needs of one package are waived, so that it becomes ready:
       the one with the fewest unmet needs of those left and, among several of those, the one with the highest priority.

    The server refuses to build a package that is not ready and to waive needs while any package is ready, but it does
    not watch over priorities or the number of unmet needs: keeping to the rules is up to you.
    """

    def reset(self, *, needs: dict[str, list[str]], ranking: list[str]) -> None:
        self.needs, self.ranking = needs, ranking
        self.unmet = {name: list(wanted) for name, wanted in needs.items()}
        self.built: list[str] = []

    def observe(self) -> dict[str, list[str]]:
        """Show the names of the packages.

        Returns:
            the names of all packages ("packages"), in alphabetical order.

        Example:
            Observe() -> {"packages": ["amber", "bolt", "cedar"]}
        """
        return {"packages": sorted(self.needs)}

    @tool
    def CountUnmet(self, packages: list[str]) -> list[int]:
        """Count the needs of packages that are neither built nor waived at present.

        Args:
            packages: names of 1 to 4 packages.

        Returns:
            the number of unmet needs of each, in the order given.

        Example:
            CountUnmet(packages=["cedar", "amber"]) -> [2, 0]
        """
        if not 1 <= len(packages) <= 4:
            raise ValueError(f"give 1 to 4 packages, got {len(packages)}")
        return [len(self._unmet(name)) for name in packages]

    @tool
    def PickHighest(self, packages: list[str]) -> str:
        """Compare the priorities of packages.

        Args:
            packages: names of 2 or 3 different packages.

        Returns:
            the name of the one with the highest priority.

        Example:
            PickHighest(packages=["bolt", "amber"]) -> "bolt"
        """
        if not 2 <= len(set(packages)) == len(packages) <= 3:
            raise ValueError(f"give 2 or 3 different packages, got {packages}")
        for name in packages:
            self._unmet(name)
        return min(packages, key=self.ranking.index)

    @tool
    def Build(self, package: str) -> list[str]:
        """Build a package that is ready, which meets that need wherever it is unmet.

        Args:
            package: name of a ready package.

        Returns:
            the packages in which an unmet need was met by this, in alphabetical order (not all of them need be ready).

        Example:
            Build(package="amber") -> ["bolt", "cedar"]
        """
        if self._unmet(package) or package in self.built:
            raise ValueError(f"package '{package}' is not ready: it has unmet needs or is built already")
        self.built.append(package)
        helped = sorted(name for name, unmet in self.unmet.items() if package in unmet)
        for name in helped:
            self.unmet[name].remove(package)
        return helped

    @tool
    def Waive(self, package: str) -> int:
        """Waive all unmet needs of a package. Allowed only when no package is ready.

        Args:
            package: name of a package that is not built.

        Returns:
            how many needs were waived.

        Example:
            Waive(package="cedar") -> 1
        """
        if self._unmet(package) == [] or any(not u and n not in self.built for n, u in self.unmet.items()):
            raise ValueError("needs can be waived only for a package with unmet needs and when no package is ready")
        waived, self.unmet[package] = self.unmet[package], []
        return len(waived)

    def _unmet(self, package: str) -> list[str]:
        if package not in self.unmet:
            raise ValueError(f"package must be one of those that Observe names, got '{package}'")
        return self.unmet[package]

    def answer(self) -> list[str]:
        """The order.

        Returns:
            the names of all packages in the order in which they are built, e.g. ["bolt", "amber", "cedar"].
        """
        order: list[str] = []
        while len(order) < len(self.ranking):
            left = [name for name in self.ranking if name not in order]
            # min keeps the first of equals, which is the one of the highest priority; 0 unmet needs means ready
            order.append(min(left, key=lambda name: len(set(self.needs[name]).difference(order))))
        return order

    def solve(self, call):
        def highest(names):
            while len(names) > 1:
                names = [call("PickHighest", packages=names[:3]), *names[3:]]
            return names[0]

        def count(names):
            for first in range(0, len(names), 4):
                chunk = names[first : first + 4]
                unmet.update(zip(chunk, call("CountUnmet", packages=chunk), strict=True))

        unmet, order = {}, []
        count(call("Observe")["packages"])
        while unmet:
            fewest = min(unmet.values())
            package = highest([name for name in unmet if unmet[name] == fewest])
            if fewest:
                call("Waive", package=package)
            helped = call("Build", package=package)
            order.append(package)
            del unmet[package]
            count(helped)
        return call("Done", answer=order)

    @staticmethod
    def generate(rng, level):
        size = rng.randint(*{"easy": (5, 6), "medium": (10, 14), "hard": (22, 30)}[level])
        names = rng.sample(NAMES.split(), size)
        needs = {
            n: sorted(rng.sample(names[max(0, i - 6) : i], min(i, rng.randint(0, 3)))) for i, n in enumerate(names)
        }
        for _ in range({"easy": rng.randint(0, 1), "medium": rng.randint(0, 2), "hard": rng.randint(0, 3)}[level]):
            late = rng.randint(1, size - 1)  # a need against the order, which often makes a cycle
            early = names[rng.randint(max(0, late - 4), late - 1)]
            needs[early] = sorted({*needs[early], names[late]})
        return {"needs": dict(sorted(needs.items())), "ranking": rng.sample(names, size)}

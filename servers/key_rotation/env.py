"""A vault encrypts records with keys, numbered from 0; key 0 is active at first, and a new key is active at once."""

import copy

from codegym_mcp import Environment, tool


class KeyVault:
    """Keys with their ages, uses and records."""

    def __init__(self, writes: list[int], budgets: list[int]) -> None:
        self._writes, self._budgets, self._day = writes, budgets, -1
        self._keys = [{"made": 0, "uses": 0, "records": 0, "destroyed": 0}]

    def begin_day(self) -> dict[str, int]:
        """Begin the next day (day 0 at first) and write its records under the active key.

        Returns:
            the number of records "written" and the day's "budget" for re-encryption.

        Example:
            begin_day() -> {"written": 14, "budget": 8}
        """
        if self._day + 1 >= len(self._writes):
            raise ValueError("the last day is over")
        self._day += 1
        for count in ("uses", "records"):
            self._keys[-1][count] += self._writes[self._day]
        return {"written": self._writes[self._day], "budget": self._budgets[self._day]}

    def inspect_key(self, key: int) -> dict[str, int]:
        """Inspect a key.

        Args:
            key: number of the key, from 0.

        Returns:
            its "age" in days, its "uses" since it was made, and the "records" under it.

        Example:
            inspect_key(key=0) -> {"age": 2, "uses": 31, "records": 31}
        """
        if not 0 <= key < len(self._keys) or self._keys[key]["destroyed"]:
            raise ValueError(f"there is no key {key}, or it is destroyed")
        facts = self._keys[key]
        return {"age": self._day - facts["made"], "uses": facts["uses"], "records": facts["records"]}

    def make_key(self) -> int:
        """Make a new key, which is the active one from now on.

        Returns:
            its number.

        Example:
            make_key() -> 1
        """
        self._keys.append({"made": self._day, "uses": 0, "records": 0, "destroyed": 0})
        return len(self._keys) - 1

    def re_encrypt(self, key: int, records: int) -> int:
        """Re-encrypt records of an old key under the active key.

        Args:
            key: number of the old key.
            records: how many, at most what is under it.

        Returns:
            how many records are left under the old key.

        Example:
            re_encrypt(key=0, records=8) -> 23
        """
        if not 0 <= records <= self.inspect_key(key)["records"] or key == len(self._keys) - 1:
            raise ValueError(f"key {key} is the active one, or has fewer than {records} records")
        self._keys[key]["records"] -= records
        for count in ("uses", "records"):
            self._keys[-1][count] += records
        return self._keys[key]["records"]

    def destroy_key(self, key: int) -> int:
        """Destroy an old key with no records under it.

        Args:
            key: number of the key.

        Returns:
            today's day.

        Example:
            destroy_key(key=0) -> 5
        """
        if self.inspect_key(key)["records"] or key == len(self._keys) - 1:
            raise ValueError(f"key {key} is the active one or has records under it")
        self._keys[key]["destroyed"] = 1
        return self._day


class KeyRotation(Environment):
    """A vault encrypts records with keys, numbered from 0; key 0 is active at first, and a new key is active at once. Each
    day,
    from day 0 to the last day, goes like this:

    1. The day's records are written under the active key.
    2. If the active key then has more uses since it was made than the use limit, or its age in days is at least the age
    limit,
       a new key is made.
    3. As long as some of the day's budget is left and there is an old key (neither active nor destroyed), take the old
    key with
       the lowest number and re-encrypt as many of its records as it has, at most the budget that is left, which is used
       up by
       as many. They are then under the active key, as uses of it. If the old key has no records left after that, it is
       destroyed.

    Find how many keys were made (without key 0), the sum of the days on which keys were destroyed, and the number of
    records that are not under the active key in the end.

    The input is hidden (writes, budgets); the tools give access to it. Observe shows what is known from the start:
    sizes, and use_limit, age_limit.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, writes: list[int], budgets: list[int], use_limit: int, age_limit: int) -> None:
        self.writes = writes
        self.budgets = budgets
        self.use_limit = use_limit
        self.age_limit = age_limit
        self.vault = KeyVault(copy.deepcopy(self.writes), copy.deepcopy(self.budgets))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "use_limit": a whole number, given as it is.
            "age_limit": a whole number, given as it is.
            "writes": number of items of writes.
            "budgets": number of items of budgets.

        Example:
            Observe() -> {"use_limit": 28, "age_limit": 5, "writes": 4, "budgets": 4}
        """
        return {
            "use_limit": self.use_limit,
            "age_limit": self.age_limit,
            "writes": len(self.writes),
            "budgets": len(self.budgets),
        }

    @tool
    def BeginDay(self) -> dict[str, int]:
        """Begin the next day (day 0 at first) and write its records under the active key.

        Returns:
            the number of records "written" and the day's "budget" for re-encryption.

        Example:
            BeginDay() -> {"written": 14, "budget": 8}
        """
        return self.vault.begin_day()

    @tool
    def InspectKey(self, key: int) -> dict[str, int]:
        """Inspect a key.

        Args:
            key: number of the key, from 0.

        Returns:
            its "age" in days, its "uses" since it was made, and the "records" under it.

        Example:
            InspectKey(key=0) -> {"age": 2, "uses": 31, "records": 31}
        """
        return self.vault.inspect_key(key)

    @tool
    def MakeKey(self) -> int:
        """Make a new key, which is the active one from now on.

        Returns:
            its number.

        Example:
            MakeKey() -> 1
        """
        return self.vault.make_key()

    @tool
    def ReEncrypt(self, key: int, records: int) -> int:
        """Re-encrypt records of an old key under the active key.

        Args:
            key: number of the old key.
            records: how many, at most what is under it.

        Returns:
            how many records are left under the old key.

        Example:
            ReEncrypt(key=0, records=8) -> 23
        """
        return self.vault.re_encrypt(key, records)

    @tool
    def DestroyKey(self, key: int) -> int:
        """Destroy an old key with no records under it.

        Args:
            key: number of the key.

        Returns:
            today's day.

        Example:
            DestroyKey(key=0) -> 5
        """
        return self.vault.destroy_key(key)

    def answer(self) -> list[int]:
        """Rotate the keys of a vault.

        Returns:
            [keys made, sum of the days of destruction, records not under the active key], such as [4, 17, 12].
        """
        writes = copy.deepcopy(self.writes)
        budgets = copy.deepcopy(self.budgets)
        use_limit = self.use_limit
        age_limit = self.age_limit
        vault = KeyVault(writes, budgets)
        active = oldest = days = 0
        for _ in range(len(writes)):
            budget = vault.begin_day()["budget"]
            state = vault.inspect_key(active)
            if state["uses"] > use_limit or state["age"] >= age_limit:
                active = vault.make_key()
            while budget > 0 and oldest < active:
                part = min(budget, vault.inspect_key(oldest)["records"])
                budget -= part
                if vault.re_encrypt(oldest, part) == 0:
                    days += vault.destroy_key(oldest)
                    oldest += 1
        left = 0
        for key in range(oldest, active):
            left += vault.inspect_key(key)["records"]
        return [active, days, left]

    def solve(self, call):
        seen = call("Observe")
        use_limit = seen["use_limit"]
        age_limit = seen["age_limit"]
        active = oldest = days = 0
        for _ in range(seen["writes"]):
            budget = call("BeginDay")["budget"]
            state = call("InspectKey", key=active)
            if state["uses"] > use_limit or state["age"] >= age_limit:
                active = call("MakeKey")
            while budget > 0 and oldest < active:
                part = min(budget, call("InspectKey", key=oldest)["records"])
                budget -= part
                if call("ReEncrypt", key=oldest, records=part) == 0:
                    days += call("DestroyKey", key=oldest)
                    oldest += 1
        left = 0
        for key in range(oldest, active):
            left += call("InspectKey", key=key)["records"]
        return call("Done", answer=[active, days, left])

    @staticmethod
    def generate(rng, level):
        days = {"easy": 4, "medium": 8, "hard": rng.randint(16, 22)}[level]
        mean = rng.randint(8, 16)
        return {
            "writes": [rng.randint(mean // 2, mean * 3 // 2) for _ in range(days)],
            "budgets": [rng.randint(0, mean * 2) for _ in range(days)],
            "use_limit": mean * rng.randint(2, 3),
            "age_limit": rng.randint(2, 5),
        }

"""A file store decides requests by rules on its folders."""

import copy

from codegym_mcp import Environment, tool


class FileStore:
    """Folders with rules."""

    def __init__(self, rules: dict[str, dict[str, str]], requests: list[list[str]]) -> None:
        self._rules = {folder: dict(row) for folder, row in rules.items()}
        self._requests, self._opened, self._refused = requests, 0, 0

    def read_request(self, request: int) -> dict[str, str]:
        """Read a request.

        Args:
            request: number of the request, from 0.

        Returns:
            its "group" and its "path".

        Example:
            read_request(request=0) -> {"group": "staff", "path": "docs/plans"}
        """
        if not 0 <= request < len(self._requests):
            raise ValueError(f"request must be from 0 to {len(self._requests) - 1}, got {request}")
        return {"group": self._requests[request][0], "path": self._requests[request][1]}

    def look_up_rule(self, folder: str, group: str) -> str:
        """Look up the present rule of a folder for a group.

        Args:
            folder: the folder with all folders above it, such as "docs/plans".
            group: name of the group.

        Returns:
            "allow", "deny", "turn", "lock", "ask" or "none".

        Example:
            look_up_rule(folder="docs/plans", group="staff") -> "ask"
        """
        return self._rules.get(folder, {}).get(group, "none")

    def change_rule(self, folder: str, group: str, rule: str) -> str:
        """Change the rule of a folder for a group.

        Args:
            folder: the folder, as for looking up.
            group: name of the group.
            rule: the new rule.

        Returns:
            the rule it had before.

        Example:
            change_rule(folder="docs/plans", group="staff", rule="deny") -> "ask"
        """
        if rule not in ("allow", "deny", "turn", "lock", "ask"):
            raise ValueError(f"there is no rule {rule!r}")
        before = self.look_up_rule(folder, group)
        self._rules.setdefault(folder, {})[group] = rule
        return before

    def open_access(self, path: str, group: str) -> int:
        """Open access to a path for a group whose request was allowed.

        Args:
            path: the path of the request.
            group: name of the group.

        Returns:
            the points that this brings in.

        Example:
            open_access(path="docs/plans", group="staff") -> 7
        """
        self._opened += 1
        if self._opened % 2 == 0:
            self.change_rule(path, group, "deny" if self._opened % 4 else "turn")
        return 3 * len(path.split("/")) + (len(path) + len(group)) % 6

    def note_refusal(self, path: str, group: str) -> int:
        """Note that a request was refused.

        Args:
            path: the path of the request.
            group: name of the group.

        Returns:
            how many refusals there were so far, with this one.

        Example:
            note_refusal(path="docs/plans", group="staff") -> 2
        """
        self._refused += 1
        if self._refused % 3 == 0:
            self.change_rule(path, group, "ask")
        return self._refused


class FolderRules(Environment):
    """A file store decides requests by rules on its folders. Requests are numbered from 0 and decided in ascending order.
    A request names a group and a path such as "docs/plans/2020"; the folders on the way are "docs", "docs/plans" and
    "docs/plans/2020", in this order. Begin with the verdict "deny" and go over the folders on the way. For each, by its
    rule for the group:

    - "allow" or "deny": that is the verdict from here on.
    - "turn": the verdict turns from "allow" to "deny" or the other way round.
    - "lock": the verdict is kept, and no further folder is looked at.
    - "ask": the verdict is "allow" from here on, but this rule is changed to "deny" for later requests.
    - "none": the verdict is kept.

    Each folder looked at costs one point. If the verdict in the end is "allow", access is opened, which brings in
    points and may change rules in the store. If it is "deny", the refusal is noted, which may change rules too.

    Find the points brought in, the points spent on looking at folders, and the sum of the numbers of the refused
    requests.

    The input is hidden (rules, requests); the tools give access to it. Observe shows what is known from the start.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, rules: dict[str, dict[str, str]], requests: list[list[str]]) -> None:
        self.rules = rules
        self.requests = requests
        self.store = FileStore(copy.deepcopy(self.rules), copy.deepcopy(self.requests))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "rules": number of keys of rules.
            "requests": number of items of requests.

        Example:
            Observe() -> {"rules": 14, "requests": 3}
        """
        return {"rules": len(self.rules), "requests": len(self.requests)}

    @tool
    def ReadRequest(self, request: int) -> dict[str, str]:
        """Read a request.

        Args:
            request: number of the request, from 0.

        Returns:
            its "group" and its "path".

        Example:
            ReadRequest(request=0) -> {"group": "staff", "path": "docs/plans"}
        """
        return self.store.read_request(request)

    @tool
    def LookUpRule(self, folder: str, group: str) -> str:
        """Look up the present rule of a folder for a group.

        Args:
            folder: the folder with all folders above it, such as "docs/plans".
            group: name of the group.

        Returns:
            "allow", "deny", "turn", "lock", "ask" or "none".

        Example:
            LookUpRule(folder="docs/plans", group="staff") -> "ask"
        """
        return self.store.look_up_rule(folder, group)

    @tool
    def ChangeRule(self, folder: str, group: str, rule: str) -> str:
        """Change the rule of a folder for a group.

        Args:
            folder: the folder, as for looking up.
            group: name of the group.
            rule: the new rule.

        Returns:
            the rule it had before.

        Example:
            ChangeRule(folder="docs/plans", group="staff", rule="deny") -> "ask"
        """
        return self.store.change_rule(folder, group, rule)

    @tool
    def OpenAccess(self, path: str, group: str) -> int:
        """Open access to a path for a group whose request was allowed.

        Args:
            path: the path of the request.
            group: name of the group.

        Returns:
            the points that this brings in.

        Example:
            OpenAccess(path="docs/plans", group="staff") -> 7
        """
        return self.store.open_access(path, group)

    @tool
    def NoteRefusal(self, path: str, group: str) -> int:
        """Note that a request was refused.

        Args:
            path: the path of the request.
            group: name of the group.

        Returns:
            how many refusals there were so far, with this one.

        Example:
            NoteRefusal(path="docs/plans", group="staff") -> 2
        """
        return self.store.note_refusal(path, group)

    def answer(self) -> list[int]:
        """Decide requests by the rules of folders.

        Returns:
            [points brought in, points spent, sum of the refused numbers], such as [31, 22, 9].
        """
        rules = copy.deepcopy(self.rules)
        requests = copy.deepcopy(self.requests)
        store = FileStore(rules, requests)
        gained = spent = refused = 0
        for number in range(len(requests)):
            request = store.read_request(number)
            group, verdict, folder = (request["group"], "deny", "")
            for part in request["path"].split("/"):
                folder = f"{folder}/{part}" if folder else part
                rule = store.look_up_rule(folder, group)
                spent += 1
                if rule == "lock":
                    break
                if rule == "ask":
                    store.change_rule(folder, group, "deny")
                turned = "deny" if verdict == "allow" else "allow"
                verdict = {"allow": "allow", "ask": "allow", "none": verdict, "turn": turned}.get(rule, "deny")
            if verdict == "allow":
                gained += store.open_access(request["path"], group)
            else:
                store.note_refusal(request["path"], group)
                refused += number
        return [gained, spent, refused]

    def solve(self, call):
        seen = call("Observe")
        gained = spent = refused = 0
        for number in range(seen["requests"]):
            request = call("ReadRequest", request=number)
            group, verdict, folder = (request["group"], "deny", "")
            for part in request["path"].split("/"):
                folder = f"{folder}/{part}" if folder else part
                rule = call("LookUpRule", folder=folder, group=group)
                spent += 1
                if rule == "lock":
                    break
                if rule == "ask":
                    call("ChangeRule", folder=folder, group=group, rule="deny")
                turned = "deny" if verdict == "allow" else "allow"
                verdict = {"allow": "allow", "ask": "allow", "none": verdict, "turn": turned}.get(rule, "deny")
            if verdict == "allow":
                gained += call("OpenAccess", path=request["path"], group=group)
            else:
                call("NoteRefusal", path=request["path"], group=group)
                refused += number
        return call("Done", answer=[gained, spent, refused])

    @staticmethod
    def generate(rng, level):
        count, kinds = {"easy": (3, 1), "medium": (6, 2), "hard": (rng.randint(15, 20), 2)}[level]
        groups = rng.sample(["staff", "guests", "interns", "board"], kinds)
        tops, folders = (rng.sample(["docs", "pics", "mail", "code"], 2), [])
        for top in tops:
            for middle in rng.sample(["plans", "old", "new", "team"], 2):
                folders += [f"{top}/{middle}/{leaf}" for leaf in rng.sample(["a", "b", "2020", "x"], 2)]
        rules = {}
        for folder in folders:
            parts = folder.split("/")
            for depth in (1, 2, 3):
                row = rules.setdefault("/".join(parts[:depth]), {})
                for group in groups:
                    if rng.random() < 0.5:
                        row.setdefault(
                            group, rng.choice(["allow", "allow", "deny", "turn", "turn", "lock", "ask", "ask"])
                        )
        requests = [[rng.choice(groups), rng.choice(folders)] for _ in range(count)]
        return {"rules": rules, "requests": requests}

"""Deciding access requests: roles that inherit, nested folders, deny rules and separation of duties."""

from codegym_mcp import Environment, tool

ROLES = ("staff", "guest", "clerk", "analyst", "auditor", "lead", "manager", "officer", "director", "admin")
AREAS = ("/hr", "/hr/pay", "/hr/pay/2024", "/hr/staffing", "/it", "/it/logs", "/it/logs/web", "/it/keys", "/law")
USERS = ("ann", "bob", "cho", "dee", "eli", "fay")


class AccessRequests(Environment):
    """Decide access requests by a company's policies, which are hidden.

    Requests are numbered from 0 and decided in ascending order. Each names a user, an action and a resource (a folder
    such as "/hr/pay"). A user has some roles directly; a role inherits from other roles, which inherit in turn. The
    roles of a user are the direct ones and all that can be reached by inheriting. The distance of a role is the
    smallest number of inheritance steps from one of the user's direct roles (0 for a direct role).

    Each role has rules of its own that allow or deny an action in a folder and everything beneath it. Of the strongest
    rules of all the user's roles (see StrongestRule) one decides: the one of the greatest depth; at equal depth the
    one of the role at the smallest distance; then a deny before an allow; then the role whose name comes first
    in the alphabet.

    - If no rule of any of the roles applies, the outcome is "deny:none".
    - If the deciding rule denies, the outcome is "deny:ROLE" with the name of the role it belongs to.
    - If it allows, but the action is "submit" or "approve" and the same user was granted the other one of these two
      actions on exactly the same resource by an earlier request, the outcome is "deny:duties".
    - Otherwise the request is granted and the outcome is "allow:ROLE".

    Record each decision before you go to the next request. The answer is the list of all outcomes in order.
    """

    def reset(self, *, parents: dict, rules: dict, users: dict, requests: list[list[str]]) -> None:
        self.parents, self.rules, self.users, self.requests = parents, rules, users, requests
        self.decided = 0
        self.granted: list[list[str]] = []

    def observe(self) -> dict[str, int]:
        """Show the size of the job.

        Returns:
            the number of "requests" and how many of them have been "recorded".

        Example:
            Observe() -> {"requests": 3, "recorded": 0}
        """
        return {"requests": len(self.requests), "recorded": self.decided}

    def _request(self, request: int) -> list[str]:
        if not 0 <= request < len(self.requests):
            raise ValueError(f"request must be from 0 to {len(self.requests) - 1}, got {request}")
        return self.requests[request]

    def _role(self, role: str) -> str:
        if role not in self.parents:
            raise ValueError(f"there is no role {role!r}; roles are named by ReadRequest and Inherits")
        return role

    @tool
    def ReadRequest(self, request: int) -> dict[str, str | list[str]]:
        """Read one request.

        Args:
            request: number of the request, from 0 to requests - 1.

        Returns:
            the "user", the "action", the "resource" and the list of the user's direct "roles".

        Example:
            ReadRequest(request=0) -> {"user": "ann", "action": "read", "resource": "/hr/pay", "roles": ["clerk"]}
        """
        user, action, resource = self._request(request)
        return {"user": user, "action": action, "resource": resource, "roles": list(self.users[user])}

    @tool
    def Inherits(self, role: str) -> list[str]:
        """List the roles that a role inherits from in one step.

        Args:
            role: name of the role.

        Returns:
            the names of those roles; [] if there are none.

        Example:
            Inherits(role="clerk") -> ["staff", "guest"]
        """
        return list(self.parents[self._role(role)])

    @tool
    def StrongestRule(self, request: int, role: str) -> dict[str, int | str]:
        """Find the strongest of a role's own rules (not inherited ones) that apply to a request.

        A rule applies if it is for the request's action or for any action, and the resource is its folder or lies
        beneath it. The strongest is the one whose folder is the deepest; at equal depth a deny.

        Args:
            request: number of the request.
            role: name of the role; it need not be one of the user's.

        Returns:
            the "depth" of the rule's folder (1 for "/hr", 2 for "/hr/pay") and its "effect", "allow" or "deny";
            if no rule applies, depth -1 and effect "none".

        Example:
            StrongestRule(request=0, role="clerk") -> {"depth": 2, "effect": "deny"}
        """
        _, action, resource = self._request(request)
        best, effect = -1, "none"
        for folder, wanted, verdict in self.rules.get(self._role(role), []):
            if wanted in (action, "*") and (resource + "/").startswith(folder + "/"):
                depth = folder.count("/")
                if depth > best or (depth == best and verdict == "deny"):
                    best, effect = depth, verdict
        return {"depth": best, "effect": effect}

    @tool
    def GrantedActions(self, user: str, resource: str) -> list[str]:
        """List the actions that a user has been granted on exactly one resource by the requests recorded so far.

        Args:
            user: name of the user.
            resource: the resource, as in the request.

        Returns:
            the actions in the order in which they were granted; [] if there are none.

        Example:
            GrantedActions(user="ann", resource="/hr/pay") -> ["submit"]
        """
        if user not in self.users:
            raise ValueError(f"there is no user {user!r}")
        return [action for who, action, where in self.granted if (who, where) == (user, resource)]

    @tool
    def Record(self, request: int, granted: bool) -> int:
        """Record the decision on a request. Requests are recorded in ascending order, and each only once.

        Args:
            request: number of the first request that has not been recorded.
            granted: whether it is granted.

        Returns:
            how many requests are left to record.

        Example:
            Record(request=0, granted=true) -> 2
        """
        facts = self._request(request)
        if request != self.decided:
            raise ValueError(f"requests are recorded in order; the next one is {self.decided}, got {request}")
        self.decided += 1
        if granted:
            self.granted.append(list(facts))
        return len(self.requests) - self.decided

    def answer(self) -> list[str]:
        """The outcomes.

        Returns:
            a list with one text for each request, in order: "allow:ROLE", "deny:ROLE", "deny:none" or "deny:duties".
            Example: ["allow:clerk", "deny:none", "deny:staff"].
        """
        outcomes, granted = [], set()
        for user, action, resource in self.requests:
            distance, layer, steps = {}, list(self.users[user]), 0
            while layer:
                distance |= {role: steps for role in layer if role not in distance}
                layer = [p for role in layer for p in self.parents[role] if p not in distance]
                steps += 1
            names = resource.split("/")
            covers = ["/".join(names[:size]) for size in range(2, len(names) + 1)]
            ranked = []
            for role, away in distance.items():
                for folder, wanted, effect in self.rules.get(role, []):
                    if folder in covers and wanted in ("*", action):
                        ranked.append((-covers.index(folder), away, effect != "deny", role, effect))
            role, effect = min(ranked)[3:] if ranked else ("none", "deny")
            other = {"submit": "approve", "approve": "submit"}.get(action)
            if effect == "allow" and (user, other, resource) in granted:
                role, effect = "duties", "deny"
            if effect == "allow":
                granted.add((user, action, resource))
            outcomes.append(f"{effect}:{role}")
        return outcomes

    def solve(self, call):
        outcomes, parents = [], {}
        for request in range(call("Observe")["requests"]):
            facts = call("ReadRequest", request=request)
            queue = [(0, role) for role in facts["roles"]]
            seen, ranked = list(facts["roles"]), []
            for distance, role in queue:
                rule = call("StrongestRule", request=request, role=role)
                if rule["depth"] >= 0:
                    ranked.append((-rule["depth"], distance, rule["effect"] == "allow", role))
                if role not in parents:
                    parents[role] = call("Inherits", role=role)
                for parent in parents[role]:
                    if parent not in seen:
                        seen.append(parent)
                        queue.append((distance + 1, parent))
            allowed, role = min(ranked)[2:] if ranked else (False, "none")
            if allowed and facts["action"] in ("submit", "approve"):
                earlier = call("GrantedActions", user=facts["user"], resource=facts["resource"])
                if ("approve" if facts["action"] == "submit" else "submit") in earlier:
                    allowed, role = False, "duties"
            call("Record", request=request, granted=allowed)
            outcomes.append(("allow:" if allowed else "deny:") + role)
        return call("Done", answer=outcomes)

    @staticmethod
    def generate(rng, level):
        roles, count, users = {"easy": (4, 3, 2), "medium": (6, 6, 3), "hard": (10, 14, 6)}[level]
        names = rng.sample(ROLES, roles)
        parents = {role: sorted(rng.sample(names[:n], min(n, rng.randint(0, 2)))) for n, role in enumerate(names)}
        actions = ["read", "submit", "approve"]
        rules = {}
        for role in names:
            rules[role] = []
            for folder in rng.sample(AREAS, rng.randint(2, 4)):
                effect = "allow" if rng.random() < 0.7 else "deny"
                rules[role].append([folder, rng.choice(["*", "*", *actions]), effect])
        people = {user: rng.sample(names[roles // 2 :], rng.randint(1, 2)) for user in USERS[:users]}
        requests = []
        for _ in range(count):
            request = [rng.choice(USERS[:users]), rng.choice(actions), rng.choice(AREAS)]
            earlier = [r for r in requests if r[1] != "read"]
            if earlier and rng.random() < 0.5:
                user, action, resource = rng.choice(earlier)
                request = [user, "approve" if action == "submit" else "submit", resource]
            requests.append(request)
        return {"parents": parents, "rules": rules, "users": people, "requests": requests}

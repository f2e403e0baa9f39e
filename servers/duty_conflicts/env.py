"""An auditor cleans up the roles of employees, numbered from 0, in ascending order."""

import copy

from codegym_mcp import Environment, tool


class RoleAudit:
    """Roles of employees and how often they use them."""

    def __init__(
        self, roles: list[list[str]], uses: list[dict[str, int]], pairs: list[str], bundles: dict[str, list[str]]
    ) -> None:
        self._roles, self._uses, self._pairs, self._bundles = [list(row) for row in roles], uses, pairs, bundles
        self._had = [list(row) for row in roles]

    def list_roles(self, employee: int) -> list[str]:
        """List the roles of an employee as they are now.

        Args:
            employee: number of the employee, from 0.

        Returns:
            names of roles.

        Example:
            list_roles(employee=0) -> ["buyer", "payer", "clerk"]
        """
        if not 0 <= employee < len(self._roles):
            raise ValueError(f"employee must be from 0 to {len(self._roles) - 1}, got {employee}")
        return list(self._roles[employee])

    def find_conflicts(self, role: str) -> list[str]:
        """Find all roles with which a role is in conflict.

        Args:
            role: name of the role.

        Returns:
            names of roles in alphabetical order.

        Example:
            find_conflicts(role="buyer") -> ["auditor", "payer"]
        """
        pairs = [pair.split("+") for pair in self._pairs]
        return sorted(other for pair in pairs for other in pair if role in pair and other != role)

    def count_uses(self, employee: int, role: str) -> int:
        """Count how often an employee used a role.

        Args:
            employee: number of the employee.
            role: name of a role that the employee has.

        Returns:
            the number of uses.

        Example:
            count_uses(employee=0, role="payer") -> 4
        """
        if role not in self.list_roles(employee):
            raise ValueError(f"employee {employee} does not have the role {role!r}")
        return self._uses[employee].get(role, 0)

    def drop_role(self, employee: int, role: str) -> list[str]:
        """Drop a role of an employee, with all that comes of it.

        Args:
            employee: number of the employee.
            role: name of a role that the employee has.

        Returns:
            the roles of the employee as they are then.

        Example:
            drop_role(employee=0, role="payer") -> ["buyer", "clerk", "guest"]
        """
        self.count_uses(employee, role)
        row = [name for name in self._roles[employee] if name != role]
        for name in self._bundles.get(role, []):
            if name in row:
                row.remove(name)
            elif name not in self._had[employee]:
                row.append(name)
                self._had[employee].append(name)
        self._roles[employee] = row
        return list(row)


class DutyConflicts(Environment):
    """An auditor cleans up the roles of employees, numbered from 0, in ascending order. Some pairs of roles are in
    conflict: nobody may have both.

    Look at the employee's list of roles as it is now, and at its pairs in this order: the first role with the second,
    the third, and so on; then the second with the third, and so on. At the first pair in conflict, one of its two roles
    is dropped: the one the employee used less often; at equal use the later one of the list. Dropping a role may take
    away or add other roles. Then begin again at the start of the list as it is now, until no pair is in conflict.

    The weight of a drop is the employee's uses of the dropped role plus 1. As soon as the weights of one employee's
    drops sum up to more than the tolerance, the employee is handed over to the boss, and no further roles of that
    employee are dropped.

    Find the number of drops, the sum of all weights, the sum of the numbers of the employees handed over, and how many
    roles all employees together have in the end.

    The input is hidden (roles, uses, pairs, bundles); the tools give access to it. Observe shows what is known from the
    start: sizes, and tolerance.
    Work with the tools, then submit the answer with Done.
    """

    def reset(
        self,
        *,
        roles: list[list[str]],
        uses: list[dict[str, int]],
        pairs: list[str],
        bundles: dict[str, list[str]],
        tolerance: int,
    ) -> None:
        self.roles = roles
        self.uses = uses
        self.pairs = pairs
        self.bundles = bundles
        self.tolerance = tolerance
        self.audit = RoleAudit(
            copy.deepcopy(self.roles), copy.deepcopy(self.uses), copy.deepcopy(self.pairs), copy.deepcopy(self.bundles)
        )

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "tolerance": a whole number, given as it is.
            "roles": number of items of roles.
            "uses": number of items of uses.
            "pairs": number of items of pairs.
            "bundles": number of keys of bundles.

        Example:
            Observe() -> {"tolerance": 6, "roles": 2, "uses": 2, "pairs": 6, "bundles": 3}
        """
        return {
            "tolerance": self.tolerance,
            "roles": len(self.roles),
            "uses": len(self.uses),
            "pairs": len(self.pairs),
            "bundles": len(self.bundles),
        }

    @tool
    def ListRoles(self, employee: int) -> list[str]:
        """List the roles of an employee as they are now.

        Args:
            employee: number of the employee, from 0.

        Returns:
            names of roles.

        Example:
            ListRoles(employee=0) -> ["buyer", "payer", "clerk"]
        """
        return self.audit.list_roles(employee)

    @tool
    def FindConflicts(self, role: str) -> list[str]:
        """Find all roles with which a role is in conflict.

        Args:
            role: name of the role.

        Returns:
            names of roles in alphabetical order.

        Example:
            FindConflicts(role="buyer") -> ["auditor", "payer"]
        """
        return self.audit.find_conflicts(role)

    @tool
    def CountUses(self, employee: int, role: str) -> int:
        """Count how often an employee used a role.

        Args:
            employee: number of the employee.
            role: name of a role that the employee has.

        Returns:
            the number of uses.

        Example:
            CountUses(employee=0, role="payer") -> 4
        """
        return self.audit.count_uses(employee, role)

    @tool
    def DropRole(self, employee: int, role: str) -> list[str]:
        """Drop a role of an employee, with all that comes of it.

        Args:
            employee: number of the employee.
            role: name of a role that the employee has.

        Returns:
            the roles of the employee as they are then.

        Example:
            DropRole(employee=0, role="payer") -> ["buyer", "clerk", "guest"]
        """
        return self.audit.drop_role(employee, role)

    def answer(self) -> list[int]:
        """Clean up the roles of employees.

        Returns:
            [drops, sum of the weights, sum of the numbers handed over, roles left], such as [5, 17, 3, 14].
        """
        roles = copy.deepcopy(self.roles)
        uses = copy.deepcopy(self.uses)
        pairs = copy.deepcopy(self.pairs)
        bundles = copy.deepcopy(self.bundles)
        tolerance = self.tolerance
        audit = RoleAudit(roles, uses, pairs, bundles)
        drops = weights = handed = left = 0
        known = {}
        for employee in range(len(roles)):
            row, weight, place = (audit.list_roles(employee), 0, 0)
            while place < len(row):
                if row[place] not in known:
                    known[row[place]] = audit.find_conflicts(row[place])
                rivals = [name for name in row[place + 1 :] if name in known[row[place]]]
                if not rivals:
                    place += 1
                    continue
                mine, theirs = (audit.count_uses(employee, row[place]), audit.count_uses(employee, rivals[0]))
                drops += 1
                weight += min(mine, theirs) + 1
                row = audit.drop_role(employee, row[place] if mine < theirs else rivals[0])
                place = 0
                if weight > tolerance:
                    handed += employee
                    break
            weights += weight
            left += len(row)
        return [drops, weights, handed, left]

    def solve(self, call):
        seen = call("Observe")
        tolerance = seen["tolerance"]
        drops = weights = handed = left = 0
        known = {}
        for employee in range(seen["roles"]):
            row, weight, place = (call("ListRoles", employee=employee), 0, 0)
            while place < len(row):
                if row[place] not in known:
                    known[row[place]] = call("FindConflicts", role=row[place])
                rivals = [name for name in row[place + 1 :] if name in known[row[place]]]
                if not rivals:
                    place += 1
                    continue
                mine, theirs = (
                    call("CountUses", employee=employee, role=row[place]),
                    call("CountUses", employee=employee, role=rivals[0]),
                )
                drops += 1
                weight += min(mine, theirs) + 1
                row = call("DropRole", employee=employee, role=row[place] if mine < theirs else rivals[0])
                place = 0
                if weight > tolerance:
                    handed += employee
                    break
            weights += weight
            left += len(row)
        return call("Done", answer=[drops, weights, handed, left])

    @staticmethod
    def generate(rng, level):
        count, size, most = {"easy": (2, 7, 4), "medium": (4, 8, 5), "hard": (rng.randint(10, 13), 10, 6)}[level]
        names = rng.sample("buyer payer clerk auditor guest keeper tester signer editor sender".split(), size)
        every = [f"{one}+{two}" for place, one in enumerate(names) for two in names[place + 1 :]]
        roles = [rng.sample(names, rng.randint(most - 1, most)) for _ in range(count)]
        return {
            "roles": roles,
            "uses": [{name: rng.randint(0, 6) for name in names} for _ in range(count)],
            "pairs": rng.sample(every, len(every) * 3 // 10),
            "bundles": {
                name: rng.sample([other for other in names if other != name], 2)
                for name in rng.sample(names, size // 2)
            },
            "tolerance": rng.randint(6, 12),
        }

"""A company lets people pass on permissions."""

import copy

from codegym_mcp import Environment, tool


class GrantRegister:
    """Owners, grants and events."""

    def __init__(self, owners: dict[str, list[str]], events: list[list], room: int) -> None:
        self._owners, self._events, self._room = owners, events, room
        self._grants: list[list] = []

    def _held(self, permission: str) -> list[str]:
        people = list(self._owners.get(permission, []))
        for person in people:
            for giver, taker, name, live in self._grants:
                if live and giver == person and name == permission and taker not in people:
                    people.append(taker)
        return people

    def read_event(self, number: int) -> dict[str, int | str]:
        """Read an event.

        Args:
            number: number of the event, from 0.

        Returns:
            its "kind"; for "grant" the "giver", the "taker" and the "permission", for "revoke" the number of the "grant".

        Example:
            read_event(number=0) -> {"kind": "grant", "giver": "ann", "taker": "bob", "permission": "print"}
        """
        if not 0 <= number < len(self._events):
            raise ValueError(f"number must be from 0 to {len(self._events) - 1}, got {number}")
        event = self._events[number]
        if event[0] == "revoke":
            return {"kind": "revoke", "grant": event[1]}
        return dict(zip(("kind", "giver", "taker", "permission"), event, strict=True))

    def holds_permission(self, person: str, permission: str) -> bool:
        """Tell whether a person holds a permission now: as an owner, or by a grant of somebody who holds it.

        Args:
            person: name of the person.
            permission: name of the permission.

        Returns:
            whether the person holds it.

        Example:
            holds_permission(person="ann", permission="print") -> true
        """
        return person in self._held(permission)

    def room_for_grants(self, person: str) -> int:
        """Tell for how many more grants a person has room now.

        Args:
            person: name of the person.

        Returns:
            the number of further grants that the person may get.

        Example:
            room_for_grants(person="bob") -> 2
        """
        return self._room - sum(1 for _, taker, _, live in self._grants if live and taker == person)

    def do_grant(self, giver: str, taker: str, permission: str) -> int:
        """Do a grant; the giver must hold the permission, and the taker must have room.

        Args:
            giver: name of the person who gives.
            taker: name of the person who gets.
            permission: name of the permission.

        Returns:
            the number of the grant.

        Example:
            do_grant(giver="ann", taker="bob", permission="print") -> 0
        """
        if not self.holds_permission(giver, permission) or self.room_for_grants(taker) < 1:
            raise ValueError(f"{giver} does not hold {permission!r}, or {taker} has no room")
        self._grants.append([giver, taker, permission, True])
        return len(self._grants) - 1

    def withdraw_grant(self, grant: int) -> int:
        """Withdraw a grant.

        Args:
            grant: number of the grant.

        Returns:
            the handling charge, or -1 if there is no such grant (any more).

        Example:
            withdraw_grant(grant=0) -> 6
        """
        if not 0 <= grant < len(self._grants) or not self._grants[grant][3]:
            return -1
        self._grants[grant][3] = False
        return 3 + (grant * 5 + len(self._grants[grant][1])) % 8

    def grant_in_the_air(self) -> int:
        """Find the grant with the lowest number whose giver does not hold its permission now.

        Returns:
            the number of the grant, or -1 if there is none.

        Example:
            grant_in_the_air() -> 4
        """
        for number, (giver, _, permission, live) in enumerate(self._grants):
            if live and giver not in self._held(permission):
                return number
        return -1


class DelegatedGrants(Environment):
    """A company lets people pass on permissions. Some people hold permissions as owners, without a grant. Events are
    handled in ascending order of their numbers.

    "grant": a giver wants to give a permission to a taker. It is done if the giver holds the permission at that moment
    and the taker has room for one more grant; otherwise it is refused. Each grant done gets a number, counted from 0;
    refused ones get none.

    "revoke": it names the number of a grant. If that grant does not exist (not done, or gone already), the event is
    void. Otherwise the grant is withdrawn. After that, and after every single withdrawal that follows, look for a grant
    that hangs in the air: one whose giver does not hold the permission any more, as an owner or by a grant of somebody
    who holds it. As long as there is one, withdraw the one with the lowest number. A person may hold the same
    permission by several grants, and then loses it with the last supported one.

    Withdrawing costs a handling charge.

    Find the number of refused grants plus void revocations, the number of withdrawn grants, and the sum of the charges.

    The input is hidden (owners, events); the tools give access to it. Observe shows what is known from the start:
    sizes, and room.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, owners: dict[str, list[str]], events: list[list[int | str]], room: int) -> None:
        self.owners = owners
        self.events = events
        self.room = room
        self.register = GrantRegister(copy.deepcopy(self.owners), copy.deepcopy(self.events), self.room)

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "room": a whole number, given as it is.
            "owners": number of keys of owners.
            "events": number of items of events.

        Example:
            Observe() -> {"room": 4, "owners": 1, "events": 6}
        """
        return {"room": self.room, "owners": len(self.owners), "events": len(self.events)}

    @tool
    def ReadEvent(self, number: int) -> dict[str, int | str]:
        """Read an event.

        Args:
            number: number of the event, from 0.

        Returns:
            its "kind"; for "grant" the "giver", the "taker" and the "permission", for "revoke" the number of the
                "grant".

        Example:
            ReadEvent(number=0) -> {"kind": "grant", "giver": "ann", "taker": "bob", "permission": "print"}
        """
        return self.register.read_event(number)

    @tool
    def HoldsPermission(self, person: str, permission: str) -> bool:
        """Tell whether a person holds a permission now: as an owner, or by a grant of somebody who holds it.

        Args:
            person: name of the person.
            permission: name of the permission.

        Returns:
            whether the person holds it.

        Example:
            HoldsPermission(person="ann", permission="print") -> true
        """
        return self.register.holds_permission(person, permission)

    @tool
    def RoomForGrants(self, person: str) -> int:
        """Tell for how many more grants a person has room now.

        Args:
            person: name of the person.

        Returns:
            the number of further grants that the person may get.

        Example:
            RoomForGrants(person="bob") -> 2
        """
        return self.register.room_for_grants(person)

    @tool
    def DoGrant(self, giver: str, taker: str, permission: str) -> int:
        """Do a grant; the giver must hold the permission, and the taker must have room.

        Args:
            giver: name of the person who gives.
            taker: name of the person who gets.
            permission: name of the permission.

        Returns:
            the number of the grant.

        Example:
            DoGrant(giver="ann", taker="bob", permission="print") -> 0
        """
        return self.register.do_grant(giver, taker, permission)

    @tool
    def WithdrawGrant(self, grant: int) -> int:
        """Withdraw a grant.

        Args:
            grant: number of the grant.

        Returns:
            the handling charge, or -1 if there is no such grant (any more).

        Example:
            WithdrawGrant(grant=0) -> 6
        """
        return self.register.withdraw_grant(grant)

    @tool
    def GrantInTheAir(self) -> int:
        """Find the grant with the lowest number whose giver does not hold its permission now.

        Returns:
            the number of the grant, or -1 if there is none.

        Example:
            GrantInTheAir() -> 4
        """
        return self.register.grant_in_the_air()

    def answer(self) -> dict[str, int]:
        """Handle grants and revocations.

        Returns:
            the number of events "without" effect, of grants "withdrawn", and the sum of the "charges".
            Example: {"without": 2, "withdrawn": 4, "charges": 23}.
        """
        owners = copy.deepcopy(self.owners)
        events = copy.deepcopy(self.events)
        room = self.room
        register = GrantRegister(owners, events, room)
        without = withdrawn = charges = 0
        for number in range(len(events)):
            event = register.read_event(number)
            if event["kind"] == "grant":
                giver, taker, name = (event["giver"], event["taker"], event["permission"])
                if register.holds_permission(giver, name) and register.room_for_grants(taker) > 0:
                    register.do_grant(giver, taker, name)
                else:
                    without += 1
                continue
            charge = register.withdraw_grant(event["grant"])
            if charge < 0:
                without += 1
            while charge >= 0:
                withdrawn += 1
                charges += charge
                hanging = register.grant_in_the_air()
                charge = register.withdraw_grant(hanging) if hanging >= 0 else -1
        return {"without": without, "withdrawn": withdrawn, "charges": charges}

    def solve(self, call):
        seen = call("Observe")
        without = withdrawn = charges = 0
        for number in range(seen["events"]):
            event = call("ReadEvent", number=number)
            if event["kind"] == "grant":
                giver, taker, name = (event["giver"], event["taker"], event["permission"])
                if call("HoldsPermission", person=giver, permission=name) and call("RoomForGrants", person=taker) > 0:
                    call("DoGrant", giver=giver, taker=taker, permission=name)
                else:
                    without += 1
                continue
            charge = call("WithdrawGrant", grant=event["grant"])
            if charge < 0:
                without += 1
            while charge >= 0:
                withdrawn += 1
                charges += charge
                hanging = call("GrantInTheAir")
                charge = call("WithdrawGrant", grant=hanging) if hanging >= 0 else -1
        return call("Done", answer={"without": without, "withdrawn": withdrawn, "charges": charges})

    @staticmethod
    def generate(rng, level):
        count, size, kinds = {"easy": (6, 5, 1), "medium": (11, 5, 2), "hard": (rng.randint(26, 32), 7, 2)}[level]
        people = rng.sample(["ann", "bob", "cleo", "dave", "edith", "finn", "gerda", "hugo"], size)
        permissions = rng.sample(["print", "read", "send", "edit"], kinds)
        owners = {name: rng.sample(people, 1) for name in permissions}
        events, holders, done = ([], {name: list(owners[name]) for name in permissions}, 0)
        for number in range(count):
            if number == count - 1 or (number > count // 3 and rng.random() < 0.35):
                events.append(["revoke", rng.randint(0, max(0, done * 2 // 3 - 1))])
                continue
            name = rng.choice(permissions)
            giver = rng.choice(holders[name] if rng.random() < 0.85 else people)
            taker = rng.choice([person for person in people if person != giver])
            holders[name].append(taker)
            done += 1
            events.append(["grant", giver, taker, name])
        return {"owners": owners, "events": events, "room": rng.randint(2, 4)}

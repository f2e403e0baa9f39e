"""Customers are called back over one line, whose clock is at minute 0."""

import copy

from codegym_mcp import Environment, tool


class CallbackTeam:
    """Customers to be called back."""

    def __init__(self, customers: list[dict]) -> None:
        self._customers = customers
        self._tries = [0] * len(customers)

    def _customer(self, customer: int) -> dict:
        if not 0 <= customer < len(self._customers):
            raise ValueError(f"customer must be from 0 to {len(self._customers) - 1}, got {customer}")
        return self._customers[customer]

    def read_wish(self, customer: int) -> int:
        """Read the minute of the first try for a customer.

        Args:
            customer: number of the customer, from 0.

        Returns:
            the minute.

        Example:
            read_wish(customer=0) -> 15
        """
        return self._customer(customer)["wish"]

    def read_standing(self, customer: int) -> int:
        """Read the present standing of a customer, which changes with the customer's own tries.

        Args:
            customer: number of the customer.

        Returns:
            the standing.

        Example:
            read_standing(customer=0) -> 3
        """
        return max(0, self._customer(customer)["standing"] + self._tries[customer] * (1 if customer % 2 else -1))

    def try_customer(self, customer: int) -> dict[str, int | str]:
        """Try to reach a customer.

        Args:
            customer: number of an open customer.

        Returns:
            the "result" and the "minutes" that it took.

        Example:
            try_customer(customer=0) -> {"result": "busy", "minutes": 2}
        """
        results = self._customer(customer)["results"]
        if self._tries[customer] >= len(results):
            raise ValueError(f"customer {customer} is not open any more")
        self._tries[customer] += 1
        result, minutes, _ = results[self._tries[customer] - 1]
        return {"result": result, "minutes": minutes}

    def hear_message(self, customer: int, minute: int) -> int:
        """Hear the message of a customer whose last try had the result "moved".

        Args:
            customer: number of the customer.
            minute: the present minute of the clock.

        Returns:
            the minute of the next try.

        Example:
            hear_message(customer=0, minute=17) -> 40
        """
        results, done = self._customer(customer)["results"], self._tries[customer]
        if done == 0 or results[done - 1][0] != "moved":
            raise ValueError(f"the last try of customer {customer} did not have the result 'moved'")
        return minute + results[done - 1][2]


class CallbackLine(Environment):
    """Customers are called back over one line, whose clock is at minute 0. Customers are numbered from 0; each has a wish,
    the minute of the first try.

    All customers are open at first. Until none is: of the open customers whose minute of the next try is not after the
    clock, try the one with the greatest standing; of equal ones the one whose minute is the earliest; then the lowest
    number. If there is no such customer, the clock goes on to the earliest minute of a next try.

    A try takes minutes, by which the clock goes on, and has a result:

    - "reached": the customer is closed.
    - "busy": the next try is the busy minutes after the end of this one.
    - "silent": the next try is some minutes after the end of this one: the silent minutes the first time this happens
    to the
      customer, then twice as many as the last time.
    - "moved": the customer's message tells the minute of the next try.

    A customer is also closed after the fourth try, whatever its result.

    Find the clock's minute in the end, the customers not reached, and the number of tries.

    The input is hidden (customers); the tools give access to it. Observe shows what is known from the start: sizes, and
    busy, silent.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, customers: list[dict[str, int | list[list[int | str]]]], busy: int, silent: int) -> None:
        self.customers = customers
        self.busy = busy
        self.silent = silent
        self.team = CallbackTeam(copy.deepcopy(self.customers))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "busy": a whole number, given as it is.
            "silent": a whole number, given as it is.
            "customers": number of items of customers.

        Example:
            Observe() -> {"busy": 9, "silent": 6, "customers": 3}
        """
        return {"busy": self.busy, "silent": self.silent, "customers": len(self.customers)}

    @tool
    def ReadWish(self, customer: int) -> int:
        """Read the minute of the first try for a customer.

        Args:
            customer: number of the customer, from 0.

        Returns:
            the minute.

        Example:
            ReadWish(customer=0) -> 15
        """
        return self.team.read_wish(customer)

    @tool
    def ReadStanding(self, customer: int) -> int:
        """Read the present standing of a customer, which changes with the customer's own tries.

        Args:
            customer: number of the customer.

        Returns:
            the standing.

        Example:
            ReadStanding(customer=0) -> 3
        """
        return self.team.read_standing(customer)

    @tool
    def TryCustomer(self, customer: int) -> dict[str, int | str]:
        """Try to reach a customer.

        Args:
            customer: number of an open customer.

        Returns:
            the "result" and the "minutes" that it took.

        Example:
            TryCustomer(customer=0) -> {"result": "busy", "minutes": 2}
        """
        return self.team.try_customer(customer)

    @tool
    def HearMessage(self, customer: int, minute: int) -> int:
        """Hear the message of a customer whose last try had the result "moved".

        Args:
            customer: number of the customer.
            minute: the present minute of the clock.

        Returns:
            the minute of the next try.

        Example:
            HearMessage(customer=0, minute=17) -> 40
        """
        return self.team.hear_message(customer, minute)

    def answer(self) -> dict[str, int]:
        """Call customers back.

        Returns:
            the "minute" in the end, how many were "missed" (not reached) and the number of "tries".
            Example: {"minute": 96, "missed": 1, "tries": 11}.
        """
        customers = copy.deepcopy(self.customers)
        busy = self.busy
        silent = self.silent
        team = CallbackTeam(customers)
        clock = missed = tries = 0
        plan = {}
        for customer in range(len(customers)):
            plan[f"c{customer}"] = [customer, team.read_wish(customer), team.read_standing(customer), 0, silent]
        while plan:
            due = [[-standing, minute, number] for number, minute, standing, _, _ in plan.values() if minute <= clock]
            if not due:
                clock = min([entry[1] for entry in plan.values()])
                continue
            customer = min(due)[2]
            outcome = team.try_customer(customer)
            tries, clock = (tries + 1, clock + outcome["minutes"])
            _, _, _, before, wait = plan.pop(f"c{customer}")
            if outcome["result"] == "reached" or before == 3:
                missed += 0 if outcome["result"] == "reached" else 1
                continue
            if outcome["result"] == "moved":
                minute = team.hear_message(customer, clock)
            elif outcome["result"] == "silent":
                minute, wait = (clock + wait, wait * 2)
            else:
                minute = clock + busy
            plan[f"c{customer}"] = [customer, minute, team.read_standing(customer), before + 1, wait]
        return {"minute": clock, "missed": missed, "tries": tries}

    def solve(self, call):
        seen = call("Observe")
        busy = seen["busy"]
        silent = seen["silent"]
        clock = missed = tries = 0
        plan = {}
        for customer in range(seen["customers"]):
            plan[f"c{customer}"] = [
                customer,
                call("ReadWish", customer=customer),
                call("ReadStanding", customer=customer),
                0,
                silent,
            ]
        while plan:
            due = [[-standing, minute, number] for number, minute, standing, _, _ in plan.values() if minute <= clock]
            if not due:
                clock = min([entry[1] for entry in plan.values()])
                continue
            customer = min(due)[2]
            outcome = call("TryCustomer", customer=customer)
            tries, clock = (tries + 1, clock + outcome["minutes"])
            _, _, _, before, wait = plan.pop(f"c{customer}")
            if outcome["result"] == "reached" or before == 3:
                missed += 0 if outcome["result"] == "reached" else 1
                continue
            if outcome["result"] == "moved":
                minute = call("HearMessage", customer=customer, minute=clock)
            elif outcome["result"] == "silent":
                minute, wait = (clock + wait, wait * 2)
            else:
                minute = clock + busy
            plan[f"c{customer}"] = [customer, minute, call("ReadStanding", customer=customer), before + 1, wait]
        return call("Done", answer={"minute": clock, "missed": missed, "tries": tries})

    @staticmethod
    def generate(rng, level):
        count = {"easy": 3, "medium": 5, "hard": rng.randint(11, 14)}[level]
        customers = []
        for _ in range(count):
            kinds = rng.choices(["reached", "busy", "silent", "moved"], [2 if level == "easy" else 1, 2, 2, 2], k=4)
            results = [[kind, rng.randint(1, 6), rng.randint(5, 25)] for kind in kinds]
            customers.append({"wish": rng.randint(0, count * 4), "standing": rng.randint(1, 6), "results": results})
        return {"customers": customers, "busy": rng.randint(3, 9), "silent": rng.randint(4, 10)}

"""A help line works by a script of steps."""

import copy

from codegym_mcp import Environment, tool


class HelpLine:
    """The script, and customers with hidden faults."""

    def __init__(self, script: dict[str, list[str]], customers: list[dict[str, str]]) -> None:
        self._script, self._customers = script, customers
        self._tries: dict[str, int] = {}
        self._asked = 0

    def read_step(self, step: str) -> dict[str, str]:
        """Read a step of the script.

        Args:
            step: name of the step.

        Returns:
            its "kind": "question", with the steps that follow on "yes" and on "no", or "fix".

        Example:
            read_step(step="start") -> {"kind": "question", "yes": "lamp", "no": "plug"}
        """
        if step not in self._script:
            raise ValueError(f"there is no step {step!r}")
        ways = self._script[step]
        return {"kind": "question", "yes": ways[0], "no": ways[1]} if ways else {"kind": "fix"}

    def _customer(self, customer: int) -> dict[str, str]:
        if not 0 <= customer < len(self._customers):
            raise ValueError(f"customer must be from 0 to {len(self._customers) - 1}, got {customer}")
        return self._customers[customer]

    def ask_customer(self, customer: int, step: str) -> str:
        """Ask a customer the question of a step.

        Args:
            customer: number of the customer, from 0.
            step: name of a step that is a question.

        Returns:
            "yes", "no" or "unsure".

        Example:
            ask_customer(customer=0, step="start") -> "unsure"
        """
        if self.read_step(step)["kind"] != "question":
            raise ValueError(f"{step!r} is not a question")
        self._asked += 1
        answer = self._customer(customer).get(step, "unsure")
        return "no" if answer == "unsure" and self._asked % 7 == 0 else answer

    def try_fix(self, customer: int, step: str) -> dict[str, int | bool]:
        """Try a fix with a customer.

        Args:
            customer: number of the customer.
            step: name of a step that is a fix.

        Returns:
            whether it "works", and the "minutes" that it took.

        Example:
            try_fix(customer=0, step="lamp") -> {"works": false, "minutes": 9}
        """
        if self.read_step(step)["kind"] != "fix":
            raise ValueError(f"{step!r} is not a fix")
        fault = self._customer(customer)["fault"]
        self._tries[step] = self._tries.get(step, 0) + 1
        works = fault == step or (self._tries[step] % 4 == 0 and customer % 2 == 1)
        return {"works": works, "minutes": 3 + len(step) * 2 // self._tries[step]}

    def hand_to_workshop(self, customer: int) -> int:
        """Hand a customer to the workshop.

        Args:
            customer: number of the customer.

        Returns:
            the minutes that the workshop will need.

        Example:
            hand_to_workshop(customer=0) -> 35
        """
        return 20 + len(self._customer(customer)["fault"]) * 3 + sum(self._tries.values()) % 10


class FaultScript(Environment):
    """A help line works by a script of steps. Customers are numbered from 0 and served in ascending order, each from the
    step "start" on. A step is either a question, with one step that follows on "yes" and one that follows on "no", or a
    fix.

    - Question: ask the customer. On "yes" or "no" go on with the step that follows. On "unsure" go on with the step for
    "yes",
      but remember the step for "no" as a way out.
    - Fix: try it with the customer. If it works, the customer is served. If it does not, go on with the way out that
    was
      remembered last for this customer and has not been used; each is used once. If there is none left, the customer is
      handed
      to the workshop.

    A fix that has already been tried with the same customer is not tried again: it counts as one that does not work.

    Trying a fix takes minutes, and what was tried with other customers before may change how it goes. The workshop
    tells its minutes.

    Find the minutes of all fixes tried, the minutes of the workshop, and the number of questions asked.

    The input is hidden (script, customers); the tools give access to it. Observe shows what is known from the start.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, script: dict[str, list[str]], customers: list[dict[str, str]]) -> None:
        self.script = script
        self.customers = customers
        self.line = HelpLine(copy.deepcopy(self.script), copy.deepcopy(self.customers))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "script": number of keys of script.
            "customers": number of items of customers.

        Example:
            Observe() -> {"script": 7, "customers": 2}
        """
        return {"script": len(self.script), "customers": len(self.customers)}

    @tool
    def ReadStep(self, step: str) -> dict[str, str]:
        """Read a step of the script.

        Args:
            step: name of the step.

        Returns:
            its "kind": "question", with the steps that follow on "yes" and on "no", or "fix".

        Example:
            ReadStep(step="start") -> {"kind": "question", "yes": "lamp", "no": "plug"}
        """
        return self.line.read_step(step)

    @tool
    def AskCustomer(self, customer: int, step: str) -> str:
        """Ask a customer the question of a step.

        Args:
            customer: number of the customer, from 0.
            step: name of a step that is a question.

        Returns:
            "yes", "no" or "unsure".

        Example:
            AskCustomer(customer=0, step="start") -> "unsure"
        """
        return self.line.ask_customer(customer, step)

    @tool
    def TryFix(self, customer: int, step: str) -> dict[str, bool | int]:
        """Try a fix with a customer.

        Args:
            customer: number of the customer.
            step: name of a step that is a fix.

        Returns:
            whether it "works", and the "minutes" that it took.

        Example:
            TryFix(customer=0, step="lamp") -> {"works": false, "minutes": 9}
        """
        return self.line.try_fix(customer, step)

    @tool
    def HandToWorkshop(self, customer: int) -> int:
        """Hand a customer to the workshop.

        Args:
            customer: number of the customer.

        Returns:
            the minutes that the workshop will need.

        Example:
            HandToWorkshop(customer=0) -> 35
        """
        return self.line.hand_to_workshop(customer)

    def answer(self) -> dict[str, int]:
        """Serve customers by a script.

        Returns:
            the minutes of "fixes" and of the "workshop", and the number of "questions".
            Example: {"fixes": 71, "workshop": 35, "questions": 14}.
        """
        script = copy.deepcopy(self.script)
        customers = copy.deepcopy(self.customers)
        line = HelpLine(script, customers)
        fixes = workshop = questions = 0
        steps = {}
        for customer in range(len(customers)):
            ways_out, tried, name = (["workshop"], [], "start")
            while name not in ("served", "workshop"):
                if name not in steps:
                    steps[name] = line.read_step(name)
                step = steps[name]
                if step["kind"] == "question":
                    answer = line.ask_customer(customer, name)
                    questions += 1
                    if answer == "unsure":
                        ways_out.append(step["no"])
                        answer = "yes"
                    name = step[answer]
                elif name in tried:
                    name = ways_out.pop()
                else:
                    tried.append(name)
                    outcome = line.try_fix(customer, name)
                    fixes += outcome["minutes"]
                    name = "served" if outcome["works"] else ways_out.pop()
            if name == "workshop":
                workshop += line.hand_to_workshop(customer)
        return {"fixes": fixes, "workshop": workshop, "questions": questions}

    def solve(self, call):
        seen = call("Observe")
        fixes = workshop = questions = 0
        steps = {}
        for customer in range(seen["customers"]):
            ways_out, tried, name = (["workshop"], [], "start")
            while name not in ("served", "workshop"):
                if name not in steps:
                    steps[name] = call("ReadStep", step=name)
                step = steps[name]
                if step["kind"] == "question":
                    answer = call("AskCustomer", customer=customer, step=name)
                    questions += 1
                    if answer == "unsure":
                        ways_out.append(step["no"])
                        answer = "yes"
                    name = step[answer]
                elif name in tried:
                    name = ways_out.pop()
                else:
                    tried.append(name)
                    outcome = call("TryFix", customer=customer, step=name)
                    fixes += outcome["minutes"]
                    name = "served" if outcome["works"] else ways_out.pop()
            if name == "workshop":
                workshop += call("HandToWorkshop", customer=customer)
        return call("Done", answer={"fixes": fixes, "workshop": workshop, "questions": questions})

    @staticmethod
    def generate(rng, level):
        count, inner = {"easy": (2, 3), "medium": (3, 5), "hard": (rng.randint(8, 11), 9)}[level]
        asks = ["start", *(f"q{number}" for number in rng.sample(range(1, 30), inner - 1))]
        fixes = rng.sample("lamp plug fuse cable reset driver screen fan clock power".split(), min(10, inner + 1))
        script, line = ({}, list(asks))
        while line:
            here, ways = (line.pop(0), [])
            for _ in range(2):
                free = [
                    name
                    for name in asks
                    if name != "start" and name not in ways and (not any((name in row for row in script.values())))
                ]
                ways.append(free[0] if free and (rng.random() < 0.75 or len(ways) == 0) else rng.choice(fixes))
            script[here] = ways
        for name in fixes:
            script[name] = []
        customers = []
        for _ in range(count):
            answers = {name: rng.choice(["yes", "no", "unsure", "unsure"]) for name in asks}
            customers.append(answers | {"fault": rng.choice(fixes)})
        return {"script": script, "customers": customers}

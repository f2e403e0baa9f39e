"""Hidden postfix programs that use one another's results, evaluated on a machine with few registers."""

from codegym_mcp import Environment, tool

OPERATORS = ("+", "-", "*", "max")


def calculate(operator: str, left: int, right: int) -> int:
    return {"+": left + right, "-": left - right, "*": left * right, "max": max(left, right)}[operator]


class PostfixMachine(Environment):
    """A machine runs programs in postfix notation, numbered from 0, as are the tokens of each program.

    A token is a number, an operator, or a reference such as "@2", which stands for the result of program 2. A program
    is read from its first token to its last: a number or a reference supplies a value; an operator takes the two
    latest values not yet taken and supplies one in their place. Of these two, the one supplied earlier is the left
    operand. One value remains at the end: the result of the program. References never form a circle.

    Operators: "+" sum, "-" left minus right, "*" product, "max" the larger one. All values are kept modulo the modulus:
    after each operation the result is brought into the range from 0 to modulus - 1.

    Find the results of all programs. You cannot see numbers; you calculate with registers, numbered from 0 and empty at
    first. There are enough of them for any program, but not many.
    """

    def reset(self, *, programs: list[list[str]], registers: int, modulus: int) -> None:
        self.programs, self.modulus = programs, modulus
        self.registers = [None] * registers
        self.results = [None] * len(programs)

    def observe(self) -> dict[str, object]:
        """Show the sizes of the programs and of the machine.

        Returns:
            the number of tokens of each program ("tokens"), the number of registers ("registers") and the modulus
            ("modulus").

        Example:
            Observe() -> {"tokens": [3, 5], "registers": 4, "modulus": 1000}
        """
        sizes = [len(program) for program in self.programs]
        return {"tokens": sizes, "registers": len(self.registers), "modulus": self.modulus}

    @tool
    def TokenKind(self, program: int, position: int) -> str:
        """Tell what a token of a program is.

        Args:
            program: number of the program.
            position: number of the token in it, from 0.

        Returns:
            "number", an operator ("+", "-", "*" or "max") or a reference ("@" and the number of a program).

        Example:
            TokenKind(program=0, position=2) -> "+"
        """
        token = self.token(program, position)
        return "number" if token.isdigit() else token

    @tool
    def Load(self, program: int, position: int, register: int) -> int:
        """Load the value of a token into an empty register: a number, or the published result that is referred to.

        Args:
            program: number of the program.
            position: number of the token in it, from 0; no operator, and no reference to a result not yet published.
            register: number of an empty register.

        Returns:
            how many registers are in use after this.

        Example:
            Load(program=0, position=0, register=0) -> 1
        """
        token = self.token(program, position)
        if token in OPERATORS:
            raise ValueError(f"token {position} of program {program} is the operator {token}, it has no value")
        if not 0 <= register < len(self.registers) or self.registers[register] is not None:
            raise ValueError(f"register {register} is in use or does not exist (0 to {len(self.registers) - 1})")
        value = self.results[int(token[1:])] if token[0] == "@" else int(token)
        if value is None:
            raise ValueError(f"program {token[1:]} has no published result yet")
        self.registers[register] = value
        return self.in_use()

    @tool
    def Combine(self, operator: str, left: int, right: int) -> int:
        """Apply an operator to two registers. The result goes to the left one; the right one becomes empty.

        Args:
            operator: "+", "-", "*" or "max".
            left: number of the register with the left operand.
            right: number of the register with the right operand.

        Returns:
            how many registers are in use after this.

        Example:
            Combine(operator="-", left=0, right=1) -> 1
        """
        if operator not in OPERATORS:
            raise ValueError(f"operator must be one of {', '.join(OPERATORS)}, got {operator!r}")
        if left == right:
            raise ValueError(f"left and right must be different registers, got {left} twice")
        a, b = self.value(left), self.value(right)
        self.registers[left], self.registers[right] = calculate(operator, a, b) % self.modulus, None
        return self.in_use()

    @tool
    def Publish(self, program: int, register: int) -> int:
        """Note the value of a register as the result of a program, and empty the register.

        Whether it is the right result is not checked. Publishing again replaces the result noted before.

        Args:
            program: number of the program.
            register: number of the register that holds the result.

        Returns:
            the value that was published.

        Example:
            Publish(program=0, register=0) -> 417
        """
        self.token(program, 0)
        self.results[program] = self.value(register)
        self.registers[register] = None
        return self.results[program]

    def token(self, program: int, position: int) -> str:
        if not 0 <= program < len(self.programs):
            raise ValueError(f"program must be from 0 to {len(self.programs) - 1}, got {program}")
        if not 0 <= position < len(self.programs[program]):
            raise ValueError(f"position must be from 0 to {len(self.programs[program]) - 1}, got {position}")
        return self.programs[program][position]

    def value(self, register: int) -> int:
        if not 0 <= register < len(self.registers) or self.registers[register] is None:
            raise ValueError(f"register {register} is empty or does not exist (0 to {len(self.registers) - 1})")
        return self.registers[register]

    def in_use(self) -> int:
        return sum(value is not None for value in self.registers)

    def answer(self) -> list[int]:
        """The results.

        Returns:
            a list of integers: the results of all programs, from program 0 on.
        """
        results: dict[int, int] = {}

        def run(number: int) -> int:
            if number in results:
                return results[number]
            stack: list[int] = []
            for token in self.programs[number]:
                if token in OPERATORS:
                    right, left = stack.pop(), stack.pop()
                    stack.append(calculate(token, left, right) % self.modulus)
                else:
                    stack.append(run(int(token[1:])) if token[0] == "@" else int(token))
            results[number] = stack[0]
            return stack[0]

        return [run(number) for number in range(len(self.programs))]

    def solve(self, call):
        sizes = call("Observe")["tokens"]
        kinds = [[call("TokenKind", program=p, position=i) for i in range(size)] for p, size in enumerate(sizes)]
        published: dict[int, int] = {}
        while len(published) < len(sizes):
            for program, tokens in enumerate(kinds):
                if program in published or any(t[0] == "@" and int(t[1:]) not in published for t in tokens):
                    continue
                used = 0
                for position, kind in enumerate(tokens):
                    if kind in OPERATORS:
                        used = call("Combine", operator=kind, left=used - 2, right=used - 1)
                    else:
                        used = call("Load", program=program, position=position, register=used)
                published[program] = call("Publish", program=program, register=0)
        return call("Done", answer=[published[program] for program in range(len(sizes))])

    @staticmethod
    def generate(rng, level):
        low, high, sizes = {"easy": (2, 2, [3]), "medium": (3, 5, [3, 5, 5]), "hard": (6, 9, [5, 7, 9])}[level]
        if level == "easy" and rng.random() < 0.5:
            sizes = [3, 5]
        order = list(range(rng.randint(low, high)))
        rng.shuffle(order)
        programs: list[list[str]] = [[] for _ in order]
        for rank, number in enumerate(order):
            size, depth = rng.choice(sizes), 0
            for left in range(size, 0, -1):
                # depth after this token must be reachable back to 1 with the tokens left, and at most 4
                if depth >= 2 and (depth == 4 or depth == left + 1 or rng.random() < 0.45):
                    programs[number].append(rng.choice(OPERATORS))
                    depth -= 1
                else:
                    reference = rank > 0 and rng.random() < 0.35
                    programs[number].append(f"@{rng.choice(order[:rank])}" if reference else str(rng.randint(2, 99)))
                    depth += 1
        return {"programs": programs, "registers": 4, "modulus": rng.choice([997, 1000, 1024])}

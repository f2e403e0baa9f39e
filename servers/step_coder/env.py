"""Sound samples are coded into nibbles (numbers from 0 to 15) by a coder that follows the sound in steps."""

import copy

from codegym_mcp import Environment, tool


def nibble_for(difference: int, step: int) -> int:
    """Work out the nibble for a difference.

    Args:
        difference: the sample less the guess.
        step: the step, at least 1.

    Returns:
        the nibble, from 0 to 15.

    Example:
        nibble_for(difference=-9, step=4) -> 12
    """
    if step < 1:
        raise ValueError(f"step must be at least 1, got {step}")
    return min(7, 2 * abs(difference) // step) + (8 if difference < 0 else 0)


def jump_of(nibble: int, step: int) -> int:
    """Work out the jump a nibble means.

    Args:
        nibble: the nibble, from 0 to 15.
        step: the step.

    Returns:
        the jump, below 0 for nibbles from 8 on.

    Example:
        jump_of(nibble=12, step=4) -> -9
    """
    if not 0 <= nibble <= 15:
        raise ValueError(f"nibble must be from 0 to 15, got {nibble}")
    jump = (nibble % 8) * step // 2 + step // 4
    return -jump if nibble >= 8 else jump


def changed_step(nibble: int, step: int) -> int:
    """Work out the step after a nibble.

    Args:
        nibble: the nibble.
        step: the step before.

    Returns:
        the new step.

    Example:
        changed_step(nibble=12, step=4) -> 6
    """
    size = nibble % 8
    return min(24, step + size - 2) if size > 2 else max(2, step - 1)


def run_bits(nibble: int, length: int) -> int:
    """Work out the bits of a run.

    Args:
        nibble: the nibble it repeats.
        length: how many nibbles it has, at least 1.

    Returns:
        the bits.

    Example:
        run_bits(nibble=12, length=1) -> 5
    """
    if length < 1:
        raise ValueError(f"length must be at least 1, got {length}")
    return 4 + length.bit_length() + (2 if nibble % 8 == 7 else 0)


def escape_bits(sample: int) -> int:
    """Work out the bits of an escape.

    Args:
        sample: the sample to which the guess is set.

    Returns:
        the bits.

    Example:
        escape_bits(sample=-40) -> 12
    """
    return 6 + abs(sample).bit_length()


class StepCoder(Environment):
    """Sound samples are coded into nibbles (numbers from 0 to 15) by a coder that follows the sound in steps. `samples`
    holds the samples in order. The coder's guess is 0 and its step is `step` at first.

    For each sample: the nibble is worked out from the difference (the sample less the guess) and the step. Then the
    jump that this nibble means at this step is added to the guess (a jump may be below 0), and the step changes by the
    nibble.

    The error of a sample is the distance between the sample and the guess after the jump. If the error is more than
    twice the step (the step after its change), the coder falls back: after this nibble an escape is written, the guess
    is set to the sample, and the step becomes `step` again. The error of the sample counts all the same.

    The nibbles are packed: a row of equal nibbles without an escape between them makes a run, and each run, and each
    escape, takes up bits. An escape ends the run that comes before it.

    Find the sum of the errors, the number of bits of all runs and escapes, and the guess after the last sample.

    The input is hidden (samples); the tools give access to it. Observe shows what is known from the start: sizes, and
    step.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, samples: list[int], step: int) -> None:
        self.samples = samples
        self.step = step

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "step": a whole number, given as it is.
            "samples": number of items of samples.

        Example:
            Observe() -> {"step": 5, "samples": 4}
        """
        return {"step": self.step, "samples": len(self.samples)}

    @tool
    def ReadSample(self, index: int) -> int:
        """Read one item of samples.

        Args:
            index: position in samples, counted from 0.

        Returns:
            the item.

        Example:
            ReadSample(index=0) -> 19
        """
        if not 0 <= index < len(self.samples):
            raise ValueError(f"index must be from 0 to {len(self.samples) - 1}, got {index}")
        return self.samples[index]

    @tool
    def NibbleFor(self, difference: int, step: int) -> int:
        """Work out the nibble for a difference.

        Args:
            difference: the sample less the guess.
            step: the step, at least 1.

        Returns:
            the nibble, from 0 to 15.

        Example:
            NibbleFor(difference=-9, step=4) -> 12
        """
        return nibble_for(difference, step)

    @tool
    def JumpOf(self, nibble: int, step: int) -> int:
        """Work out the jump a nibble means.

        Args:
            nibble: the nibble, from 0 to 15.
            step: the step.

        Returns:
            the jump, below 0 for nibbles from 8 on.

        Example:
            JumpOf(nibble=12, step=4) -> -9
        """
        return jump_of(nibble, step)

    @tool
    def ChangedStep(self, nibble: int, step: int) -> int:
        """Work out the step after a nibble.

        Args:
            nibble: the nibble.
            step: the step before.

        Returns:
            the new step.

        Example:
            ChangedStep(nibble=12, step=4) -> 6
        """
        return changed_step(nibble, step)

    @tool
    def RunBits(self, nibble: int, length: int) -> int:
        """Work out the bits of a run.

        Args:
            nibble: the nibble it repeats.
            length: how many nibbles it has, at least 1.

        Returns:
            the bits.

        Example:
            RunBits(nibble=12, length=1) -> 5
        """
        return run_bits(nibble, length)

    @tool
    def EscapeBits(self, sample: int) -> int:
        """Work out the bits of an escape.

        Args:
            sample: the sample to which the guess is set.

        Returns:
            the bits.

        Example:
            EscapeBits(sample=-40) -> 12
        """
        return escape_bits(sample)

    def answer(self) -> dict[str, int]:
        """Code the samples.

        Returns:
            the sum of the "errors", the number of "bits" and the last "guess". Example: {"errors": 31, "bits": 96,
                "guess": -12}.
        """
        samples = copy.deepcopy(self.samples)
        step = self.step
        errors = bits = guess = run = 0
        running, present = (-1, step)
        for sample in samples:
            nibble = nibble_for(sample - guess, present)
            guess += jump_of(nibble, present)
            present = changed_step(nibble, present)
            if run > 0 and nibble != running:
                bits += run_bits(running, run)
                run = 0
            running, run = (nibble, run + 1)
            error = abs(sample - guess)
            errors += error
            if error > 2 * present:
                bits += run_bits(running, run) + escape_bits(sample)
                guess, present, run = (sample, step, 0)
        if run > 0:
            bits += run_bits(running, run)
        return {"errors": errors, "bits": bits, "guess": guess}

    def solve(self, call):
        seen = call("Observe")
        step = seen["step"]
        errors = bits = guess = run = 0
        running, present = (-1, step)
        for sample in (call("ReadSample", index=index) for index in range(seen["samples"])):
            nibble = call("NibbleFor", difference=sample - guess, step=present)
            guess += call("JumpOf", nibble=nibble, step=present)
            present = call("ChangedStep", nibble=nibble, step=present)
            if run > 0 and nibble != running:
                bits += call("RunBits", nibble=running, length=run)
                run = 0
            running, run = (nibble, run + 1)
            error = abs(sample - guess)
            errors += error
            if error > 2 * present:
                bits += call("RunBits", nibble=running, length=run) + call("EscapeBits", sample=sample)
                guess, present, run = (sample, step, 0)
        if run > 0:
            bits += call("RunBits", nibble=running, length=run)
        return call("Done", answer={"errors": errors, "bits": bits, "guess": guess})

    @staticmethod
    def generate(rng, level):
        size = {"easy": 4, "medium": 9, "hard": rng.randint(20, 30)}[level]
        samples, sound = ([], rng.randint(-9, 9))
        for _ in range(size):
            sound += rng.choice([0, 1, -1, rng.randint(-8, 8), rng.randint(-8, 8), rng.randint(-60, 60)])
            samples.append(sound)
        return {"samples": samples, "step": rng.randint(3, 6)}

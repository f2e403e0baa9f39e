"""An archive has drawers, each holding files with different numbers."""

import copy

from codegym_mcp import Environment, tool


class FileArchive:
    """The drawers and the questions."""

    def __init__(self, drawers: list[list[int]], questions: list[list[int]]) -> None:
        self._drawers, self._questions = [list(drawer) for drawer in drawers], questions

    def read_question(self, question: int) -> dict[str, int]:
        """Read a question.

        Args:
            question: number of the question, from 0.

        Returns:
            the "drawer", how many "files" it holds, and the "rank" asked for.

        Example:
            read_question(question=0) -> {"drawer": 1, "files": 9, "rank": 4}
        """
        if not 0 <= question < len(self._questions):
            raise ValueError(f"question must be from 0 to {len(self._questions) - 1}, got {question}")
        drawer, rank = self._questions[question]
        return {"drawer": drawer, "files": len(self._drawers[drawer]), "rank": rank}

    def _check(self, drawer: int, place: int) -> None:
        if not 0 <= drawer < len(self._drawers) or not 0 <= place < len(self._drawers[drawer]):
            raise ValueError(f"there is no drawer {drawer} with a place {place}")

    def is_above_last(self, drawer: int, place: int) -> bool:
        """Compare a file with the one at the last place of its drawer.

        Args:
            drawer: number of the drawer, from 0.
            place: place of the file.

        Returns:
            whether the number of the file is higher than that of the last one.

        Example:
            is_above_last(drawer=1, place=3) -> true
        """
        self._check(drawer, place)
        return self._drawers[drawer][place] > self._drawers[drawer][-1]

    def pull_file(self, drawer: int, place: int) -> int:
        """Pull a file, read its number and put it back.

        Args:
            drawer: number of the drawer.
            place: place of the file.

        Returns:
            its number.

        Example:
            pull_file(drawer=1, place=5) -> 482
        """
        self._check(drawer, place)
        return self._drawers[drawer][place]

    def shake_drawer(self, drawer: int, number: int) -> str:
        """Shake a drawer after a file was pulled.

        Args:
            drawer: number of the drawer.
            number: the number of the file that was pulled.

        Returns:
            a remark.

        Example:
            shake_drawer(drawer=1, number=482) -> "files have moved to the back"
        """
        self._check(drawer, 0)
        files = self._drawers[drawer]
        if number not in files:
            raise ValueError(f"drawer {drawer} holds no file {number}")
        shift = (number * 7 + files[0]) % len(files)
        self._drawers[drawer] = files[shift:] + files[:shift]
        return "files have moved to the back" if shift else "all files have stayed"


class TurnedFiles(Environment):
    """An archive has drawers, each holding files with different numbers. The places of a drawer count from 0. The files of
    a drawer stand in ascending order of their numbers, except that some files from the front have been moved to the
    back, all in their order, so that the lowest number may stand at any place.

    Questions are numbered from 0 and handled in ascending order. Each asks for the file of a certain rank in a drawer:
    rank 0 is the file with the lowest number in it, rank 1 the next, and so on. Pull the file at its place. After that
    the drawer jams and has to be shaken, which again moves some files from its front to its back and so changes what
    later questions find.

    A number cannot be read without pulling the file; there is only a rod that compares a file with the one at the last
    place. Pulling a file puts it back at the same place, but only a file that is asked for may be pulled.

    Find the sum of the numbers pulled, and the sum over all questions of the question's number plus 1, multiplied by
    the place of the file that is pulled.

    The input is hidden (drawers, questions); the tools give access to it. Observe shows what is known from the start.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, drawers: list[list[int]], questions: list[list[int]]) -> None:
        self.drawers = drawers
        self.questions = questions
        self.archive = FileArchive(copy.deepcopy(self.drawers), copy.deepcopy(self.questions))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "drawers": number of items of drawers.
            "questions": number of items of questions.

        Example:
            Observe() -> {"drawers": 2, "questions": 2}
        """
        return {"drawers": len(self.drawers), "questions": len(self.questions)}

    @tool
    def ReadQuestion(self, question: int) -> dict[str, int]:
        """Read a question.

        Args:
            question: number of the question, from 0.

        Returns:
            the "drawer", how many "files" it holds, and the "rank" asked for.

        Example:
            ReadQuestion(question=0) -> {"drawer": 1, "files": 9, "rank": 4}
        """
        return self.archive.read_question(question)

    @tool
    def IsAboveLast(self, drawer: int, place: int) -> bool:
        """Compare a file with the one at the last place of its drawer.

        Args:
            drawer: number of the drawer, from 0.
            place: place of the file.

        Returns:
            whether the number of the file is higher than that of the last one.

        Example:
            IsAboveLast(drawer=1, place=3) -> true
        """
        return self.archive.is_above_last(drawer, place)

    @tool
    def PullFile(self, drawer: int, place: int) -> int:
        """Pull a file, read its number and put it back.

        Args:
            drawer: number of the drawer.
            place: place of the file.

        Returns:
            its number.

        Example:
            PullFile(drawer=1, place=5) -> 482
        """
        return self.archive.pull_file(drawer, place)

    @tool
    def ShakeDrawer(self, drawer: int, number: int) -> str:
        """Shake a drawer after a file was pulled.

        Args:
            drawer: number of the drawer.
            number: the number of the file that was pulled.

        Returns:
            a remark.

        Example:
            ShakeDrawer(drawer=1, number=482) -> "files have moved to the back"
        """
        return self.archive.shake_drawer(drawer, number)

    def answer(self) -> dict[str, int]:
        """Answer the questions.

        Returns:
            the sum of the "numbers" and the sum of the weighted "places". Example: {"numbers": 1290, "places": 37}.
        """
        drawers = copy.deepcopy(self.drawers)
        questions = copy.deepcopy(self.questions)
        archive = FileArchive(drawers, questions)
        numbers = places = 0
        for question in range(len(questions)):
            asked = archive.read_question(question)
            low, high = (0, asked["files"] - 1)
            while low < high:
                middle = (low + high) // 2
                if archive.is_above_last(asked["drawer"], middle):
                    low = middle + 1
                else:
                    high = middle
            place = (low + asked["rank"]) % asked["files"]
            number = archive.pull_file(asked["drawer"], place)
            archive.shake_drawer(asked["drawer"], number)
            numbers += number
            places += (question + 1) * place
        return {"numbers": numbers, "places": places}

    def solve(self, call):
        seen = call("Observe")
        numbers = places = 0
        for question in range(seen["questions"]):
            asked = call("ReadQuestion", question=question)
            low, high = (0, asked["files"] - 1)
            while low < high:
                middle = (low + high) // 2
                if call("IsAboveLast", drawer=asked["drawer"], place=middle):
                    low = middle + 1
                else:
                    high = middle
            place = (low + asked["rank"]) % asked["files"]
            number = call("PullFile", drawer=asked["drawer"], place=place)
            call("ShakeDrawer", drawer=asked["drawer"], number=number)
            numbers += number
            places += (question + 1) * place
        return call("Done", answer={"numbers": numbers, "places": places})

    @staticmethod
    def generate(rng, level):
        count, size = {"easy": (2, 6), "medium": (4, 11), "hard": (rng.randint(9, 12), 30)}[level]
        drawers = []
        for _ in range(2 if level != "hard" else 3):
            files = sorted(rng.sample(range(100, 999), size + rng.randint(0, 5)))
            shift = rng.randrange(len(files))
            drawers.append(files[shift:] + files[:shift])
        questions = []
        for _ in range(count):
            drawer = rng.randrange(len(drawers))
            questions.append([drawer, rng.randrange(len(drawers[drawer]))])
        return {"drawers": drawers, "questions": questions}

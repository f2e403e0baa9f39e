"""Students look for places in labs."""

import copy

from codegym_mcp import Environment, tool


def rate(skills: list[int], needs: list[int]) -> int:
    """Rate how well skills fit needs.

    Args:
        skills: the skills of a student.
        needs: the needs of a lab.

    Returns:
        the rating without persistence.

    Example:
        rate(skills=[3, 7, 1], needs=[4, 4, 4]) -> 8
    """
    if len(skills) != len(needs):
        raise ValueError("skills and needs must have the same length")
    return sum(min(skill, need) for skill, need in zip(skills, needs, strict=True))


def add_persistence(rating: int, rejections: int) -> int:
    """Raise a rating by the persistence of a student.

    Args:
        rating: the rating without it.
        rejections: how many labs have turned the student away so far.

    Returns:
        the rating with it.

    Example:
        add_persistence(rating=8, rejections=2) -> 11
    """
    if rejections < 0:
        raise ValueError("rejections must be at least 0")
    return rating + rejections + rejections // 2


def find_weakest(ratings: dict[str, int]) -> str:
    """Find the weakest student of a lab.

    Args:
        ratings: the ratings of those who have places there, by the number of the student.

    Returns:
        the number of the weakest one.

    Example:
        find_weakest(ratings={"0": 9, "2": 8, "5": 8}) -> "5"
    """
    if not ratings:
        raise ValueError("nobody has a place there")
    return str(min((rating, -int(student)) for student, rating in ratings.items())[1] * -1)


def contentment(wish: int, rating: int) -> int:
    """Work out how content a student is with a place.

    Args:
        wish: at which place of the list of wishes the lab stands, from 0.
        rating: the rating with which the student got the place.

    Returns:
        the contentment.

    Example:
        contentment(wish=1, rating=9) -> 14
    """
    return max(0, 20 - 9 * wish) + rating // 3


class LabPlaces(Environment):
    """Students look for places in labs. `students` lists for each student, from number 0, the "skills" and the "wishes":
    all labs, best liked first. `labs` lists for each lab, from number 0, the "needs" and the number of "places".

    Students wait in a line, at first in the order of their numbers. The first of the line applies to the next lab on
    the own wishes. The rating depends on skills and needs and rises with the student's persistence: how many labs have
    turned the student away so far, at once or later. It keeps its value while the student holds the place.

    If the lab has a free place, the student gets it. Otherwise look at the weakest there: the one with the lowest
    rating, of several the one with the greatest number. If the applicant's rating is higher, the weakest is turned away
    and the applicant gets the place; if not, the applicant is turned away. Who is turned away goes to the end of the
    line, or home once all labs have done so. It is over when the line is empty.

    The answer has one character per student, the number of the lab or "x" for who went home; after a blank follows the
    sum of the contentments of those with a place.

    The input is hidden (students, labs); the tools give access to it. Observe shows what is known from the start.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, students: list[dict[str, list[int]]], labs: list[dict[str, int | list[int]]]) -> None:
        self.students = students
        self.labs = labs
        self.result = ["x"] * len(self.students)

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "students": number of items of students.
            "labs": number of items of labs.

        Example:
            Observe() -> {"students": 4, "labs": 2}
        """
        return {"students": len(self.students), "labs": len(self.labs)}

    @tool
    def ReadStudent(self, index: int) -> dict[str, list[int]]:
        """Read one item of students.

        Args:
            index: position in students, counted from 0.

        Returns:
            the item.

        Example:
            ReadStudent(index=0) -> {"skills": [0, 6, 6], "wishes": [1, 0]}
        """
        if not 0 <= index < len(self.students):
            raise ValueError(f"index must be from 0 to {len(self.students) - 1}, got {index}")
        return self.students[index]

    @tool
    def ReadLab(self, index: int) -> dict[str, int | list[int]]:
        """Read one item of labs.

        Args:
            index: position in labs, counted from 0.

        Returns:
            the item.

        Example:
            ReadLab(index=0) -> {"needs": [4, 9, 3], "places": 1}
        """
        if not 0 <= index < len(self.labs):
            raise ValueError(f"index must be from 0 to {len(self.labs) - 1}, got {index}")
        return self.labs[index]

    @tool
    def CountResult(self) -> int:
        """Count what is in result now.

        Returns:
            how many there are.

        Example:
            CountResult() -> 4
        """
        return len(self.result)

    @tool
    def ReadResult(self, index: int) -> str:
        """Read one item of result.

        Args:
            index: position in result, counted from 0.

        Returns:
            the item.

        Example:
            ReadResult(index=0) -> "x"
        """
        if not 0 <= index < len(self.result):
            raise ValueError(f"index must be from 0 to {len(self.result) - 1}, got {index}")
        return self.result[index]

    @tool
    def Rate(self, skills: list[int], needs: list[int]) -> int:
        """Rate how well skills fit needs.

        Args:
            skills: the skills of a student.
            needs: the needs of a lab.

        Returns:
            the rating without persistence.

        Example:
            Rate(skills=[3, 7, 1], needs=[4, 4, 4]) -> 8
        """
        return rate(skills, needs)

    @tool
    def AddPersistence(self, rating: int, rejections: int) -> int:
        """Raise a rating by the persistence of a student.

        Args:
            rating: the rating without it.
            rejections: how many labs have turned the student away so far.

        Returns:
            the rating with it.

        Example:
            AddPersistence(rating=8, rejections=2) -> 11
        """
        return add_persistence(rating, rejections)

    @tool
    def FindWeakest(self, ratings: dict[str, int]) -> str:
        """Find the weakest student of a lab.

        Args:
            ratings: the ratings of those who have places there, by the number of the student.

        Returns:
            the number of the weakest one.

        Example:
            FindWeakest(ratings={"0": 9, "2": 8, "5": 8}) -> "5"
        """
        return find_weakest(ratings)

    @tool
    def Contentment(self, wish: int, rating: int) -> int:
        """Work out how content a student is with a place.

        Args:
            wish: at which place of the list of wishes the lab stands, from 0.
            rating: the rating with which the student got the place.

        Returns:
            the contentment.

        Example:
            Contentment(wish=1, rating=9) -> 14
        """
        return contentment(wish, rating)

    @tool
    def SetResult(self, index: int, value: str) -> str:
        """Put a value at a position of result.

        Args:
            index: position in result, counted from 0.
            value: the value.

        Returns:
            the value that is there now.

        Example:
            SetResult(index=2, value="0") -> "0"
        """
        if not 0 <= index < len(self.result):
            raise ValueError(f"index must be from 0 to {len(self.result) - 1}, got {index}")
        self.result[index] = value
        return value

    def answer(self) -> str:
        """Give the places away.

        Returns:
            the lab of each student, a blank and the sum of the contentments. Example: "120x 61".
        """
        students = copy.deepcopy(self.students)
        labs = copy.deepcopy(self.labs)
        line: list[int] = []
        people: list[dict] = []
        for person in students:
            line.append(len(people))
            people.append(person)
        rooms: list[dict] = []
        for room in labs:
            rooms.append(room)
        tries = [0] * len(students)
        places: list[dict[str, int]] = [{} for _ in range(len(labs))]
        while line:
            student = line.pop(0)
            lab = people[student]["wishes"][tries[student]]
            rating = add_persistence(rate(people[student]["skills"], rooms[lab]["needs"]), tries[student])
            loser = str(student)
            if len(places[lab]) < rooms[lab]["places"]:
                places[lab][loser] = rating
                continue
            weakest = find_weakest(places[lab])
            if rating > places[lab][weakest]:
                places[lab][loser] = rating
                del places[lab][weakest]
                loser = weakest
            tries[int(loser)] += 1
            if tries[int(loser)] < len(labs):
                line.append(int(loser))
        result = ["x"] * len(students)
        total = 0
        for lab in range(len(labs)):
            for student, rating in places[lab].items():
                result[int(student)] = str(lab)
                total += contentment(tries[int(student)], rating)
        return f"{''.join(result)} {total}"

    def solve(self, call):
        seen = call("Observe")
        line = []
        people = []
        for person in (call("ReadStudent", index=index) for index in range(seen["students"])):
            line.append(len(people))
            people.append(person)
        rooms = []
        for room in (call("ReadLab", index=index) for index in range(seen["labs"])):
            rooms.append(room)
        tries = [0] * seen["students"]
        places = [{} for _ in range(seen["labs"])]
        while line:
            student = line.pop(0)
            lab = people[student]["wishes"][tries[student]]
            rating = call(
                "AddPersistence",
                rating=call("Rate", skills=people[student]["skills"], needs=rooms[lab]["needs"]),
                rejections=tries[student],
            )
            loser = str(student)
            if len(places[lab]) < rooms[lab]["places"]:
                places[lab][loser] = rating
                continue
            weakest = call("FindWeakest", ratings=places[lab])
            if rating > places[lab][weakest]:
                places[lab][loser] = rating
                del places[lab][weakest]
                loser = weakest
            tries[int(loser)] += 1
            if tries[int(loser)] < seen["labs"]:
                line.append(int(loser))
        total = 0
        for lab in range(seen["labs"]):
            for student, rating in places[lab].items():
                call("SetResult", index=int(student), value=str(lab))
                total += call("Contentment", wish=tries[int(student)], rating=rating)
        return call(
            "Done",
            answer=f"{''.join([call('ReadResult', index=index) for index in range(call('CountResult'))])} {total}",
        )

    @staticmethod
    def generate(rng, level):
        count, size = {"easy": (4, 2), "medium": (7, 3), "hard": (rng.randint(11, 15), 4)}[level]
        students = [
            {"skills": [rng.randint(0, 9) for _ in range(3)], "wishes": rng.sample(range(size), size)}
            for _ in range(count)
        ]
        labs = [{"needs": [rng.randint(1, 9) for _ in range(3)], "places": 1} for _ in range(size)]
        for _ in range(count - size - rng.randint(0, 1)):
            rng.choice(labs)["places"] += 1
        return {"students": students, "labs": labs}

"""Students look for places in labs. `students` lists for each student, from number 0, the "skills" and the "wishes": all
labs, best liked first. `labs` lists for each lab, from number 0, the "needs" and the number of "places".

Students wait in a line, at first in the order of their numbers. The first of the line applies to the next lab on the own
wishes. The rating depends on skills and needs and rises with the student's persistence: how many labs have turned the
student away so far, at once or later. It keeps its value while the student holds the place.

If the lab has a free place, the student gets it. Otherwise look at the weakest there: the one with the lowest rating, of
several the one with the greatest number. If the applicant's rating is higher, the weakest is turned away and the applicant
gets the place; if not, the applicant is turned away. Who is turned away goes to the end of the line, or home once all labs
have done so. It is over when the line is empty.

The answer has one character per student, the number of the lab or "x" for who went home; after a blank follows the sum of
the contentments of those with a place."""


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


def solution(students: list[dict], labs: list[dict]) -> str:
    """Give the places away.

    Returns:
        the lab of each student, a blank and the sum of the contentments. Example: "120x 61".
    """
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


def generate(rng, level):
    """Draw an input of a level: easy, medium, hard."""
    count, size = {"easy": (4, 2), "medium": (7, 3), "hard": (rng.randint(11, 15), 4)}[level]
    students = [
        {"skills": [rng.randint(0, 9) for _ in range(3)], "wishes": rng.sample(range(size), size)} for _ in range(count)
    ]
    labs = [{"needs": [rng.randint(1, 9) for _ in range(3)], "places": 1} for _ in range(size)]
    for _ in range(count - size - rng.randint(0, 1)):
        rng.choice(labs)["places"] += 1
    return {"students": students, "labs": labs}

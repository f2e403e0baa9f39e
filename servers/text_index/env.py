"""Ranked search in hidden documents through an index that is built on the way."""

from codegym_mcp import Environment, tool

STEMS = {
    "port": ["al", "er", "ly"],
    "sail": ["or", "s"],
    "lamp": ["s", "light"],
    "land": ["ing", "slide", "mark"],
    "star": ["s", "t", "light"],
    "rain": ["bow", "y"],
    "gold": ["en", "fish"],
    "wind": ["ow", "mill", "y"],
    "ship": ["yard", "s"],
    "mark": ["et", "er"],
}
WORDS = [stem + end for stem, ends in STEMS.items() for end in ["", *ends]]
PAGE = 5


class TextIndex(Environment):
    """Documents that you cannot see are to be searched. Find the best documents for a query of several clauses.

    Documents and clauses are numbered from 0. All words are in small letters. A clause has a word, a role and a
    weight. If its word ends with "*", the clause is met by every word that begins with the part before the star (that
    part itself included); otherwise by that word only. A document matches the query if

    - it contains a word that meets the clause, for each clause of the role "must",
    - it contains no word that meets the clause, for each clause of the role "not",
    - and its score is above 0.

    The score is the sum over the clauses of the roles "must" and "may" of the clause's weight times the number of
    words in the document that meet it; a word that occurs several times counts each time. Rank the documents that
    match by score, highest first; of equal scores, the document with the lower number comes first. Answer with the
    numbers and scores of the first `top` of them, or of all if fewer match.

    The index knows only the documents that were entered into it, none at first. The tools work on score lists: a score
    list gives points to some documents, and is numbered from 0 in the order of creation. At most 150 can be made.
    """

    def reset(self, *, documents: list[str], clauses: list[list[str | int]], top: int) -> None:
        self.documents, self.clauses, self.top = documents, clauses, top
        self.index: dict[str, dict[int, int]] = {}
        self.entered: list[int] = []
        self.lists: list[dict[int, int]] = []

    def observe(self) -> dict[str, int]:
        """Show the sizes of the search.

        Returns:
            the numbers of "documents" and "clauses", how many documents to report ("top"), how many documents are in
            the index ("entered"), and the number of score "lists" so far.

        Example:
            Observe() -> {"documents": 8, "clauses": 4, "top": 3, "entered": 0, "lists": 0}
        """
        sizes = {"documents": len(self.documents), "clauses": len(self.clauses), "top": self.top}
        return {**sizes, "entered": len(self.entered), "lists": len(self.lists)}

    def new_list(self, points: dict[int, int]) -> dict[str, int]:
        if len(self.lists) == 150:
            raise ValueError("no more than 150 score lists can be made")
        self.lists.append(points)
        return {"list": len(self.lists) - 1, "documents": len(points)}

    def old_list(self, number: int) -> dict[int, int]:
        if not 0 <= number < len(self.lists):
            raise ValueError(f"a score list must be one of the {len(self.lists)} made, numbered from 0, got {number}")
        return self.lists[number]

    @tool
    def ReadClause(self, clause: int) -> dict[str, str | int]:
        """Read a clause of the query.

        Args:
            clause: number of the clause, from 0 to clauses - 1.

        Returns:
            the "role" ("must", "may" or "not"), the "word", and the "weight" (0 for the role "not").

        Example:
            ReadClause(clause=1) -> {"role": "may", "word": "port*", "weight": 3}
        """
        if not 0 <= clause < len(self.clauses):
            raise ValueError(f"clause must be from 0 to {len(self.clauses) - 1}, got {clause}")
        return dict(zip(("role", "word", "weight"), self.clauses[clause], strict=True))

    @tool
    def EnterDocument(self, document: int) -> int:
        """Enter all the words of a document into the index.

        Args:
            document: number of a document that is not in the index yet, from 0 to documents - 1.

        Returns:
            the number of different words that the index holds now.

        Example:
            EnterDocument(document=0) -> 9
        """
        if not 0 <= document < len(self.documents):
            raise ValueError(f"document must be from 0 to {len(self.documents) - 1}, got {document}")
        if document in self.entered:
            raise ValueError(f"document {document} is in the index already")
        self.entered.append(document)
        for word in self.documents[document].split():
            counts = self.index.setdefault(word, {})
            counts[document] = counts.get(document, 0) + 1
        return len(self.index)

    @tool
    def WordsWith(self, beginning: str, skip: int) -> list[str]:
        """List the different words of the index that begin with some letters, at most 5 of them.

        Args:
            beginning: the letters, at least one.
            skip: how many of those words to leave out from the start, at least 0.

        Returns:
            up to 5 words in alphabetical order; fewer if no more follow.

        Example:
            WordsWith(beginning="port", skip=0) -> ["port", "portal"]
        """
        if not beginning or skip < 0:
            raise ValueError(f"beginning needs a letter, and skip must be at least 0, got {beginning!r} and {skip}")
        return sorted(word for word in self.index if word.startswith(beginning))[skip : skip + PAGE]

    @tool
    def Score(self, word: str, weight: int) -> dict[str, int]:
        """Make a score list from one word: each document of the index with the word gets weight times its occurrences.

        Args:
            word: the whole word, without a star.
            weight: from 0 to 20.

        Returns:
            the number of the new score list ("list") and how many documents are on it ("documents"), 0 if no
            document in the index has the word.

        Example:
            Score(word="port", weight=3) -> {"list": 0, "documents": 4}
        """
        if not 0 <= weight <= 20:
            raise ValueError(f"weight must be from 0 to 20, got {weight}")
        found = self.index.get(word, {})
        return self.new_list({document: weight * found[document] for document in sorted(found)})

    @tool
    def Sum(self, lists: list[int]) -> dict[str, int]:
        """Make a score list of all the documents that are on at least one of some lists, with their points added up.

        Args:
            lists: the numbers of 2 to 4 score lists.

        Returns:
            the number of the new score list ("list") and how many documents are on it ("documents").

        Example:
            Sum(lists=[0, 2]) -> {"list": 3, "documents": 6}
        """
        if not 2 <= len(lists) <= 4:
            raise ValueError(f"lists must name 2 to 4 score lists, got {len(lists)}")
        total: dict[int, int] = {}
        for number in lists:
            for document, points in self.old_list(number).items():
                total[document] = total.get(document, 0) + points
        return self.new_list({document: total[document] for document in sorted(total)})

    @tool
    def Filter(self, source: int, by: int, present: bool) -> dict[str, int]:
        """Make a score list of those documents of a list that are, or are not, on another list. Points stay as they are.

        Args:
            source: number of the score list whose documents and points are taken.
            by: number of the score list that decides; its points do not matter.
            present: true to take the documents that are on the list `by`, false to take those that are not.

        Returns:
            the number of the new score list ("list") and how many documents are on it ("documents").

        Example:
            Filter(source=3, by=1, present=false) -> {"list": 4, "documents": 2}
        """
        points, other = self.old_list(source), self.old_list(by)
        return self.new_list({document: points[document] for document in points if (document in other) == present})

    @tool
    def ReadList(self, number: int, skip: int) -> list[list[int]]:
        """Read the entries of a score list, at most 5 of them.

        Args:
            number: number of the score list.
            skip: how many entries to leave out from the start, at least 0.

        Returns:
            up to 5 pairs [document, points] in ascending order of the documents' numbers; fewer if no more follow.

        Example:
            ReadList(number=4, skip=0) -> [[2, 9], [7, 3]]
        """
        if skip < 0:
            raise ValueError(f"skip must be at least 0, got {skip}")
        points = self.old_list(number)
        return [[document, points[document]] for document in points][skip : skip + PAGE]

    def answer(self) -> list[list[int]]:
        """The best documents.

        Returns:
            pairs [document, score] in the order of their rank, at most `top`, such as [[7, 12], [2, 9]]; [] if none
            matches.
        """
        ranked = []
        for number, text in enumerate(self.documents):
            words, score, matches = text.split(), 0, True
            for role, wanted, weight in self.clauses:
                hits = [w for w in words if w == wanted or (wanted[-1] == "*" and w.startswith(wanted[:-1]))]
                matches = matches and (role == "may" or bool(hits) == (role == "must"))
                score += weight * len(hits) if role != "not" else 0
            if matches and score > 0:
                ranked.append((-score, number))
        return [[number, -score] for score, number in sorted(ranked)[: self.top]]

    def solve(self, call):
        def total(lists):
            while len(lists) > 1:
                lists = [call("Sum", lists=lists[:4])["list"], *lists[4:]]
            return lists[0]

        def pages(tool, **arguments):
            found = call(tool, **arguments, skip=0)
            while found and len(found) % PAGE == 0:
                more = call(tool, **arguments, skip=len(found))
                if not more:
                    break
                found += more
            return found

        seen = call("Observe")
        for document in range(seen["documents"]):
            call("EnterDocument", document=document)
        by_role = {"must": [], "may": [], "not": []}
        for number in range(seen["clauses"]):
            clause = call("ReadClause", clause=number)
            words = [clause["word"]]
            if words[0].endswith("*"):
                words = pages("WordsWith", beginning=words[0][:-1])
            lists = [call("Score", word=word, weight=clause["weight"])["list"] for word in words]
            if lists:
                by_role[clause["role"]].append(total(lists))
            elif clause["role"] == "must":
                return call("Done", answer=[])
        if not by_role["must"] + by_role["may"]:
            return call("Done", answer=[])
        result = total(by_role["must"] + by_role["may"])
        for role, present in (("must", True), ("not", False)):
            for by in by_role[role]:
                result = call("Filter", source=result, by=by, present=present)["list"]
        entries = sorted(pages("ReadList", number=result), key=lambda entry: (-entry[1], entry[0]))
        return call("Done", answer=entries[: seen["top"]])

    @staticmethod
    def generate(rng, level):
        count = rng.randint(*{"easy": (3, 4), "medium": (6, 9), "hard": (20, 28)}[level])
        length = rng.randint(*{"easy": (5, 8), "medium": (7, 12), "hard": (8, 14)}[level])
        documents = [" ".join(rng.choices(WORDS, k=rng.randint(length - 2, length + 2))) for _ in range(count)]
        inside = sorted(set(rng.choice(documents).split()))  # at least this document matches the query
        stems = sorted({stem for stem in STEMS if any(word.startswith(stem) for word in inside)})
        wanted = rng.choices(stems, k=2)
        musts = {"easy": 0, "medium": 1, "hard": 1}[level]
        mays = rng.randint(*{"easy": (1, 2), "medium": (2, 3), "hard": (8, 13)}[level])
        nots = {"easy": 1, "medium": 1, "hard": rng.randint(1, 2)}[level]
        clauses = [["must", f"{stem}*", rng.randint(1, 9)] for stem in wanted[:musts]]
        clauses.append(["may", rng.choice([f"{wanted[1]}*", rng.choice(inside)]), rng.randint(1, 9)])
        for _ in range(mays - 1):
            clauses.append(["may", rng.choice([*WORDS, *(f"{stem}*" for stem in STEMS)]), rng.randint(1, 9)])
        outside = [word for word in WORDS if word not in inside]
        clauses += [["not", word, 0] for word in rng.sample(outside, nots)]
        rng.shuffle(clauses)
        return {"documents": documents, "clauses": clauses, "top": {"easy": 3, "medium": 4, "hard": 6}[level]}

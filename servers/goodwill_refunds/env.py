"""Complaints are numbered from 0 and handled in ascending order; each names a customer, an item and the claim, a sum of
money.
"""

import copy

from codegym_mcp import Environment, tool


class RefundDesk:
    """Complaints, yearly limits and moods."""

    def __init__(self, complaints: list[list], items: dict[str, int], limits: dict[str, int], strict: int) -> None:
        self._complaints, self._items, self._left, self._strict = complaints, items, dict(limits), strict
        self._rumour = 0
        self._done = [False] * len(complaints)

    def read_complaint(self, complaint: int) -> dict[str, int | str]:
        """Read a complaint.

        Args:
            complaint: number of the complaint, from 0.

        Returns:
            the "customer", the "item", the "claim", and what is "left" of the customer's yearly limit now.

        Example:
            read_complaint(complaint=0) -> {"customer": "Ann", "item": "lamp", "claim": 80, "left": 120}
        """
        if not 0 <= complaint < len(self._complaints):
            raise ValueError(f"complaint must be from 0 to {len(self._complaints) - 1}, got {complaint}")
        facts = dict(zip(("customer", "item", "claim"), self._complaints[complaint], strict=True))
        return facts | {"left": self._left[facts["customer"]]}

    def fetch_opinion(self, item: str) -> int:
        """Fetch the opinion on an item.

        Args:
            item: name of the item.

        Returns:
            the percentage of a claim that is fair.

        Example:
            fetch_opinion(item="lamp") -> 60
        """
        if item not in self._items:
            raise ValueError(f"item must be one of {sorted(self._items)}, got {item!r}")
        return self._items[item]

    def ask_supervisor(self, complaint: int, offer: int) -> int:
        """Ask the supervisor about an offer.

        Args:
            complaint: number of the complaint.
            offer: the offer.

        Returns:
            the most that may be paid for this complaint.

        Example:
            ask_supervisor(complaint=0, offer=60) -> 55
        """
        claim = self.read_complaint(complaint)["claim"]
        return offer * self._strict // 100 + claim % 9

    def make_offer(self, complaint: int, offer: int) -> bool:
        """Make an offer to the customer of a complaint; it is paid if the customer accepts.

        Args:
            complaint: number of a complaint that is not settled.
            offer: the offer, at most what is left of the yearly limit.

        Returns:
            whether the customer accepts.

        Example:
            make_offer(complaint=0, offer=55) -> false
        """
        facts = self.read_complaint(complaint)
        if self._done[complaint] or not 1 <= offer <= facts["left"]:
            raise ValueError(f"complaint {complaint} is settled, or {offer} is not from 1 to {facts['left']}")
        wants = facts["claim"] * (40 + (len(facts["customer"]) * 17 + self._rumour * 7) % 45) // 100
        if offer < wants:
            return False
        self._done[complaint] = True
        self._left[facts["customer"]] -= offer
        self._rumour += 1
        return True

    def hand_out_voucher(self, complaint: int) -> int:
        """Hand out a voucher for a complaint that is not settled.

        Args:
            complaint: number of the complaint.

        Returns:
            the value of the voucher.

        Example:
            hand_out_voucher(complaint=0) -> 25
        """
        claim = self.read_complaint(complaint)["claim"]
        if self._done[complaint]:
            raise ValueError(f"complaint {complaint} is settled")
        self._done[complaint] = True
        return 5 + claim // 4


class GoodwillRefunds(Environment):
    """Complaints are numbered from 0 and handled in ascending order; each names a customer, an item and the claim, a sum
    of money.

    The opinion on the item gives a percentage. The offer is the claim times this percentage, divided by 100 and rounded
    down. Then:

    1. The ceiling is what is left of the customer's yearly limit; an offer above it is cut to it.
    2. If the offer is then more than the desk limit, ask the supervisor, who answers with a sum. If it is less than the
       ceiling, it is the new ceiling, and an offer above it is cut to it.
    3. If the offer is 0, a voucher is handed out. Otherwise it is made to the customer and, if accepted, paid. If not,
    it is
       raised by the step, but not beyond the claim, and made again, until it is accepted; but if it would be above the
       ceiling,
       or three offers were made for the complaint, a voucher is handed out instead.

    What is paid counts for the customer's yearly limit; a voucher does not.

    Find the sum paid, the sum of the vouchers' values, and how many offers were made.

    The input is hidden (complaints, items, limits); the tools give access to it. Observe shows what is known from the
    start: sizes, and strict, desk_limit, step.
    Work with the tools, then submit the answer with Done.
    """

    def reset(
        self,
        *,
        complaints: list[list[int | str]],
        items: dict[str, int],
        limits: dict[str, int],
        strict: int,
        desk_limit: int,
        step: int,
    ) -> None:
        self.complaints = complaints
        self.items = items
        self.limits = limits
        self.strict = strict
        self.desk_limit = desk_limit
        self.step = step
        self.desk = RefundDesk(
            copy.deepcopy(self.complaints), copy.deepcopy(self.items), copy.deepcopy(self.limits), self.strict
        )

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "strict": a whole number, given as it is.
            "desk_limit": a whole number, given as it is.
            "step": a whole number, given as it is.
            "complaints": number of items of complaints.
            "items": number of keys of items.
            "limits": number of keys of limits.

        Example:
            Observe() -> {"strict": 111, "desk_limit": 36, "step": 8, "complaints": 3, "items": 2, "limits": 2}
        """
        return {
            "strict": self.strict,
            "desk_limit": self.desk_limit,
            "step": self.step,
            "complaints": len(self.complaints),
            "items": len(self.items),
            "limits": len(self.limits),
        }

    @tool
    def ReadComplaint(self, complaint: int) -> dict[str, int | str]:
        """Read a complaint.

        Args:
            complaint: number of the complaint, from 0.

        Returns:
            the "customer", the "item", the "claim", and what is "left" of the customer's yearly limit now.

        Example:
            ReadComplaint(complaint=0) -> {"customer": "Ann", "item": "lamp", "claim": 80, "left": 120}
        """
        return self.desk.read_complaint(complaint)

    @tool
    def FetchOpinion(self, item: str) -> int:
        """Fetch the opinion on an item.

        Args:
            item: name of the item.

        Returns:
            the percentage of a claim that is fair.

        Example:
            FetchOpinion(item="lamp") -> 60
        """
        return self.desk.fetch_opinion(item)

    @tool
    def AskSupervisor(self, complaint: int, offer: int) -> int:
        """Ask the supervisor about an offer.

        Args:
            complaint: number of the complaint.
            offer: the offer.

        Returns:
            the most that may be paid for this complaint.

        Example:
            AskSupervisor(complaint=0, offer=60) -> 55
        """
        return self.desk.ask_supervisor(complaint, offer)

    @tool
    def MakeOffer(self, complaint: int, offer: int) -> bool:
        """Make an offer to the customer of a complaint; it is paid if the customer accepts.

        Args:
            complaint: number of a complaint that is not settled.
            offer: the offer, at most what is left of the yearly limit.

        Returns:
            whether the customer accepts.

        Example:
            MakeOffer(complaint=0, offer=55) -> false
        """
        return self.desk.make_offer(complaint, offer)

    @tool
    def HandOutVoucher(self, complaint: int) -> int:
        """Hand out a voucher for a complaint that is not settled.

        Args:
            complaint: number of the complaint.

        Returns:
            the value of the voucher.

        Example:
            HandOutVoucher(complaint=0) -> 25
        """
        return self.desk.hand_out_voucher(complaint)

    def answer(self) -> dict[str, int]:
        """Decide about refunds.

        Returns:
            the sum "paid", the sum of the "vouchers" and the number of "offers".
            Example: {"paid": 310, "vouchers": 45, "offers": 9}.
        """
        complaints = copy.deepcopy(self.complaints)
        items = copy.deepcopy(self.items)
        limits = copy.deepcopy(self.limits)
        strict = self.strict
        desk_limit = self.desk_limit
        step = self.step
        desk = RefundDesk(complaints, items, limits, strict)
        paid = vouchers = offers = 0
        for complaint in range(len(complaints)):
            facts = desk.read_complaint(complaint)
            ceiling = facts["left"]
            offer = min(ceiling, facts["claim"] * desk.fetch_opinion(facts["item"]) // 100)
            if offer > desk_limit:
                ceiling = min(ceiling, desk.ask_supervisor(complaint, offer))
                offer = min(offer, ceiling)
            accepted, rounds = (False, 0)
            while 0 < offer <= ceiling and rounds < 3 and (not accepted):
                accepted = desk.make_offer(complaint, offer)
                rounds += 1
                if accepted:
                    paid += offer
                offer = min(offer + step, facts["claim"])
            offers += rounds
            if not accepted:
                vouchers += desk.hand_out_voucher(complaint)
        return {"paid": paid, "vouchers": vouchers, "offers": offers}

    def solve(self, call):
        seen = call("Observe")
        desk_limit = seen["desk_limit"]
        step = seen["step"]
        paid = vouchers = offers = 0
        for complaint in range(seen["complaints"]):
            facts = call("ReadComplaint", complaint=complaint)
            ceiling = facts["left"]
            offer = min(ceiling, facts["claim"] * call("FetchOpinion", item=facts["item"]) // 100)
            if offer > desk_limit:
                ceiling = min(ceiling, call("AskSupervisor", complaint=complaint, offer=offer))
                offer = min(offer, ceiling)
            accepted, rounds = (False, 0)
            while 0 < offer <= ceiling and rounds < 3 and (not accepted):
                accepted = call("MakeOffer", complaint=complaint, offer=offer)
                rounds += 1
                if accepted:
                    paid += offer
                offer = min(offer + step, facts["claim"])
            offers += rounds
            if not accepted:
                vouchers += call("HandOutVoucher", complaint=complaint)
        return call("Done", answer={"paid": paid, "vouchers": vouchers, "offers": offers})

    @staticmethod
    def generate(rng, level):
        count, people, kinds = {"easy": (3, 2, 2), "medium": (6, 3, 3), "hard": (rng.randint(16, 22), 5, 5)}[level]
        names = rng.sample(["Ann", "Bo", "Celia", "Dotty", "Eve", "Finley", "Gus"], people)
        items = {
            item: rng.randint(35, 75) for item in rng.sample(["lamp", "desk", "fan", "rug", "pan", "clock"], kinds)
        }
        return {
            "complaints": [[rng.choice(names), rng.choice(list(items)), rng.randint(30, 190)] for _ in range(count)],
            "items": items,
            "limits": {name: rng.randint(60, 110) * max(2, count // people) for name in names},
            "strict": rng.randint(75, 125),
            "desk_limit": rng.randint(30, 70),
            "step": rng.randint(5, 15),
        }

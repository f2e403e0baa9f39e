"""A bank gets back money that was stolen."""

import copy

from codegym_mcp import Environment, tool


class RecoveryDesk:
    """Accounts, transfers between them and claims."""

    def __init__(self, accounts: list[int], transfers: list[list[int]], claims: list[list[int]]) -> None:
        self._money, self._transfers, self._claims = list(accounts), transfers, claims

    def read_claim(self, claim: int) -> dict[str, int]:
        """Read a claim.

        Args:
            claim: number of the claim, from 0.

        Returns:
            the number of the "transfer" and the "sum" stolen.

        Example:
            read_claim(claim=0) -> {"transfer": 3, "sum": 400}
        """
        if not 0 <= claim < len(self._claims):
            raise ValueError(f"claim must be from 0 to {len(self._claims) - 1}, got {claim}")
        return {"transfer": self._claims[claim][0], "sum": self._claims[claim][1]}

    def transfer_amount(self, transfer: int) -> int:
        """Tell the amount of a transfer.

        Args:
            transfer: number of the transfer, from 0.

        Returns:
            its amount.

        Example:
            transfer_amount(transfer=3) -> 450
        """
        if not 0 <= transfer < len(self._transfers):
            raise ValueError(f"transfer must be from 0 to {len(self._transfers) - 1}, got {transfer}")
        return self._transfers[transfer][1]

    def seize_money(self, transfer: int, most: int) -> int:
        """Seize money from the account that received a transfer.

        Args:
            transfer: number of the transfer.
            most: the sum wanted, at least 1.

        Returns:
            what was seized: the sum wanted, or all that the account had if that is less; 0 if it had nothing.

        Example:
            seize_money(transfer=3, most=400) -> 150
        """
        self.transfer_amount(transfer)
        if most < 1:
            raise ValueError(f"most must be at least 1, got {most}")
        account = self._transfers[transfer][0]
        part = min(most, self._money[account])
        self._money[account] -= part
        return part

    def onward_transfers(self, transfer: int) -> list[int]:
        """List the transfers that were made onward out of a transfer.

        Args:
            transfer: number of the transfer.

        Returns:
            numbers of transfers; an empty list if the money stayed.

        Example:
            onward_transfers(transfer=3) -> [7, 5]
        """
        self.transfer_amount(transfer)
        return [number for number, (_, _, source) in enumerate(self._transfers) if source == transfer][::-1]


class StolenFunds(Environment):
    """A bank gets back money that was stolen. Claims are numbered from 0 and are worked in ascending order. A claim names
    a transfer and a sum stolen by it. Work on it is a pile of jobs, each with a transfer and a sum to get back; at
    first there is one job, the claim itself.

    Take the job from the top of the pile. Seize what the account that received the transfer still has, at most the
    job's sum. If a part of the sum is still missing then, follow the money: the transfers that were made onward out of
    this transfer share the missing part. Go through them as they are listed: each gets a job with the smaller of its
    own amount and what is still missing after the ones before it, unless that is 0; the job is laid on top of the pile
    at once. (So the one listed last is taken first.) What no onward transfer can take over is lost. Work on the pile
    until it is empty.

    Find the sum of all seized money, the sum lost, and the greatest number of jobs that ever lay on a pile at once.

    The input is hidden (accounts, transfers, claims); the tools give access to it. Observe shows what is known from the
    start.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, accounts: list[int], transfers: list[list[int]], claims: list[list[int]]) -> None:
        self.accounts = accounts
        self.transfers = transfers
        self.claims = claims
        self.desk = RecoveryDesk(
            copy.deepcopy(self.accounts), copy.deepcopy(self.transfers), copy.deepcopy(self.claims)
        )

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "accounts": number of items of accounts.
            "transfers": number of items of transfers.
            "claims": number of items of claims.

        Example:
            Observe() -> {"accounts": 4, "transfers": 6, "claims": 1}
        """
        return {"accounts": len(self.accounts), "transfers": len(self.transfers), "claims": len(self.claims)}

    @tool
    def ReadClaim(self, claim: int) -> dict[str, int]:
        """Read a claim.

        Args:
            claim: number of the claim, from 0.

        Returns:
            the number of the "transfer" and the "sum" stolen.

        Example:
            ReadClaim(claim=0) -> {"transfer": 3, "sum": 400}
        """
        return self.desk.read_claim(claim)

    @tool
    def TransferAmount(self, transfer: int) -> int:
        """Tell the amount of a transfer.

        Args:
            transfer: number of the transfer, from 0.

        Returns:
            its amount.

        Example:
            TransferAmount(transfer=3) -> 450
        """
        return self.desk.transfer_amount(transfer)

    @tool
    def SeizeMoney(self, transfer: int, most: int) -> int:
        """Seize money from the account that received a transfer.

        Args:
            transfer: number of the transfer.
            most: the sum wanted, at least 1.

        Returns:
            what was seized: the sum wanted, or all that the account had if that is less; 0 if it had nothing.

        Example:
            SeizeMoney(transfer=3, most=400) -> 150
        """
        return self.desk.seize_money(transfer, most)

    @tool
    def OnwardTransfers(self, transfer: int) -> list[int]:
        """List the transfers that were made onward out of a transfer.

        Args:
            transfer: number of the transfer.

        Returns:
            numbers of transfers; an empty list if the money stayed.

        Example:
            OnwardTransfers(transfer=3) -> [7, 5]
        """
        return self.desk.onward_transfers(transfer)

    def answer(self) -> dict[str, int]:
        """Get back stolen money.

        Returns:
            the sums "seized" and "lost" and the height of the highest "pile". Example: {"seized": 830, "lost": 145,
                "pile": 3}.
        """
        accounts = copy.deepcopy(self.accounts)
        transfers = copy.deepcopy(self.transfers)
        claims = copy.deepcopy(self.claims)
        desk = RecoveryDesk(accounts, transfers, claims)
        seized = lost = highest = 0
        for claim in range(len(claims)):
            first = desk.read_claim(claim)
            pile = [[first["transfer"], first["sum"]]]
            while pile:
                highest = max(highest, len(pile))
                transfer, missing = pile.pop()
                part = desk.seize_money(transfer, missing)
                seized += part
                missing -= part
                if missing == 0:
                    continue
                for onward in desk.onward_transfers(transfer):
                    share = min(missing, desk.transfer_amount(onward))
                    if share > 0:
                        pile.append([onward, share])
                    missing -= share
                lost += missing
        return {"seized": seized, "lost": lost, "pile": highest}

    def solve(self, call):
        seen = call("Observe")
        seized = lost = highest = 0
        for claim in range(seen["claims"]):
            first = call("ReadClaim", claim=claim)
            pile = [[first["transfer"], first["sum"]]]
            while pile:
                highest = max(highest, len(pile))
                transfer, missing = pile.pop()
                part = call("SeizeMoney", transfer=transfer, most=missing)
                seized += part
                missing -= part
                if missing == 0:
                    continue
                for onward in call("OnwardTransfers", transfer=transfer):
                    share = min(missing, call("TransferAmount", transfer=onward))
                    if share > 0:
                        pile.append([onward, share])
                    missing -= share
                lost += missing
        return call("Done", answer={"seized": seized, "lost": lost, "pile": highest})

    @staticmethod
    def generate(rng, level):
        size, count, owners = {"easy": (6, 1, 4), "medium": (13, 3, 6), "hard": (26, rng.randint(4, 5), 10)}[level]
        roots = {"easy": 1, "medium": 2, "hard": 3}[level]
        transfers = []
        for number in range(size):
            if number < roots:
                transfers.append([rng.randrange(owners), rng.randint(400, 900), -1])
            else:
                source = max(0, rng.randrange(number) - rng.randint(0, 2))
                transfers.append([rng.randrange(owners), transfers[source][1] * rng.randint(30, 70) // 100, source])
        claims = []
        for claim in range(count):
            root = claim % roots if claim < roots else rng.randrange(size // 2)
            claims.append([root, transfers[root][1] * rng.randint(80, 100) // 100])
        return {"accounts": [rng.randint(0, 180) for _ in range(owners)], "transfers": transfers, "claims": claims}

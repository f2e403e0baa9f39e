"""Certificates are signed by issuers, which are certificates themselves; a root signs itself."""

import copy

from codegym_mcp import Environment, tool


class CertificateOffice:
    """Certificates with issuers and last days."""

    def __init__(self, certificates: dict[str, list], orders: list[list], today: int) -> None:
        self._issuers = {name: facts[0] for name, facts in certificates.items()}
        self._last = {name: facts[1] for name, facts in certificates.items()}
        self._orders, self._today = orders, today

    def read_order(self, order: int) -> dict[str, int | str]:
        """Read an order.

        Args:
            order: number of the order, from 0.

        Returns:
            the name of the "certificate" and the "target" day.

        Example:
            read_order(order=0) -> {"certificate": "mail", "target": 400}
        """
        if not 0 <= order < len(self._orders):
            raise ValueError(f"order must be from 0 to {len(self._orders) - 1}, got {order}")
        return {"certificate": self._orders[order][0], "target": self._orders[order][1]}

    def read_certificate(self, name: str) -> dict[str, int | str]:
        """Read a certificate.

        Args:
            name: name of the certificate.

        Returns:
            the name of its "issuer" (its own name for a root) and the "last" day on which it is valid.

        Example:
            read_certificate(name="mail") -> {"issuer": "inner", "last": 310}
        """
        if name not in self._last:
            raise ValueError(f"there is no certificate {name!r}")
        return {"issuer": self._issuers[name], "last": self._last[name]}

    def renew_certificate(self, name: str, target: int) -> dict[str, int]:
        """Renew a certificate, whose issuer must be valid up to the target day unless it is a root.

        Args:
            name: name of a certificate that is not valid up to the target day.
            target: the target day.

        Returns:
            the "fee", and the "last" day of the certificate from now on.

        Example:
            renew_certificate(name="mail", target=400) -> {"fee": 12, "last": 430}
        """
        facts = self.read_certificate(name)
        issuer = facts["issuer"]
        if facts["last"] >= target or (issuer != name and self._last[issuer] < target):
            raise ValueError(f"{name} is valid up to day {target}, or its issuer {issuer} is not")
        fee = 4 + (target - facts["last"]) // 20
        self._last[name] = target + len(name) * 10 if issuer == name else min(self._last[issuer], target + 15)
        return {"fee": fee, "last": self._last[name]}

    def list_signed(self, name: str) -> list[str]:
        """List the certificates that a certificate has signed and that are valid up to today at least.

        Args:
            name: name of the certificate.

        Returns:
            names of certificates; the certificate itself is not among them.

        Example:
            list_signed(name="inner") -> ["mail", "web"]
        """
        self.read_certificate(name)
        return [
            n for n, issuer in self._issuers.items() if issuer == name and n != name and self._last[n] >= self._today
        ]

    def sign_anew(self, name: str) -> int:
        """Sign a certificate anew after its issuer was renewed.

        Args:
            name: name of the certificate.

        Returns:
            the signing fee.

        Example:
            sign_anew(name="mail") -> 3
        """
        return 1 + (self.read_certificate(name)["last"] + len(name)) % 7


class CertificateRenewal(Environment):
    """Certificates are signed by issuers, which are certificates themselves; a root signs itself. Today's orders are
    numbered from
    0 and handled in ascending order; each asks to renew one certificate so that it is valid at least up to a target
    day.

    If the certificate's last day is at least the target day, nothing is done. Otherwise it is renewed with that target,
    which gives it a new last day. But if it is not a root and its issuer's last day is less than the target day, the
    issuer is renewed first, with the same target and by these same rules, and so on up to a root, which can always be
    renewed.

    A renewal costs a fee. Right after a renewal, before anything else is renewed, the certificates that the renewed one
    has signed and that are still valid today are signed anew. This costs the signing fee of each of them and changes
    nothing else.

    Find the sum of the renewal fees, the sum of the signing fees, and the sum, over all renewals, of the new last day.

    The input is hidden (certificates, orders); the tools give access to it. Observe shows what is known from the start:
    sizes, and today.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, certificates: dict[str, list[int | str]], orders: list[list[int | str]], today: int) -> None:
        self.certificates = certificates
        self.orders = orders
        self.today = today
        self.office = CertificateOffice(copy.deepcopy(self.certificates), copy.deepcopy(self.orders), self.today)

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "today": a whole number, given as it is.
            "certificates": number of keys of certificates.
            "orders": number of items of orders.

        Example:
            Observe() -> {"today": 148, "certificates": 4, "orders": 3}
        """
        return {"today": self.today, "certificates": len(self.certificates), "orders": len(self.orders)}

    @tool
    def ReadOrder(self, order: int) -> dict[str, int | str]:
        """Read an order.

        Args:
            order: number of the order, from 0.

        Returns:
            the name of the "certificate" and the "target" day.

        Example:
            ReadOrder(order=0) -> {"certificate": "mail", "target": 400}
        """
        return self.office.read_order(order)

    @tool
    def ReadCertificate(self, name: str) -> dict[str, int | str]:
        """Read a certificate.

        Args:
            name: name of the certificate.

        Returns:
            the name of its "issuer" (its own name for a root) and the "last" day on which it is valid.

        Example:
            ReadCertificate(name="mail") -> {"issuer": "inner", "last": 310}
        """
        return self.office.read_certificate(name)

    @tool
    def RenewCertificate(self, name: str, target: int) -> dict[str, int]:
        """Renew a certificate, whose issuer must be valid up to the target day unless it is a root.

        Args:
            name: name of a certificate that is not valid up to the target day.
            target: the target day.

        Returns:
            the "fee", and the "last" day of the certificate from now on.

        Example:
            RenewCertificate(name="mail", target=400) -> {"fee": 12, "last": 430}
        """
        return self.office.renew_certificate(name, target)

    @tool
    def ListSigned(self, name: str) -> list[str]:
        """List the certificates that a certificate has signed and that are valid up to today at least.

        Args:
            name: name of the certificate.

        Returns:
            names of certificates; the certificate itself is not among them.

        Example:
            ListSigned(name="inner") -> ["mail", "web"]
        """
        return self.office.list_signed(name)

    @tool
    def SignAnew(self, name: str) -> int:
        """Sign a certificate anew after its issuer was renewed.

        Args:
            name: name of the certificate.

        Returns:
            the signing fee.

        Example:
            SignAnew(name="mail") -> 3
        """
        return self.office.sign_anew(name)

    def answer(self) -> dict[str, int]:
        """Renew certificates.

        Returns:
            the sums of the "renewal" fees, of the "signing" fees and of the "last" days after renewals.
            Example: {"renewal": 41, "signing": 19, "last": 1630}.
        """
        certificates = copy.deepcopy(self.certificates)
        orders = copy.deepcopy(self.orders)
        today = self.today
        office = CertificateOffice(certificates, orders, today)
        renewal = signing = last = 0
        for number in range(len(orders)):
            order = office.read_order(number)
            target, chain = (order["target"], [])
            facts = office.read_certificate(order["certificate"])
            if facts["last"] < target:
                chain.append(order["certificate"])
            while chain and facts["issuer"] != chain[-1]:
                name = facts["issuer"]
                facts = office.read_certificate(name)
                if facts["last"] >= target:
                    break
                chain.append(name)
            for name in reversed(chain):
                renewed = office.renew_certificate(name, target)
                renewal += renewed["fee"]
                last += renewed["last"]
                for signed in office.list_signed(name):
                    signing += office.sign_anew(signed)
        return {"renewal": renewal, "signing": signing, "last": last}

    def solve(self, call):
        seen = call("Observe")
        renewal = signing = last = 0
        for number in range(seen["orders"]):
            order = call("ReadOrder", order=number)
            target, chain = (order["target"], [])
            facts = call("ReadCertificate", name=order["certificate"])
            if facts["last"] < target:
                chain.append(order["certificate"])
            while chain and facts["issuer"] != chain[-1]:
                name = facts["issuer"]
                facts = call("ReadCertificate", name=name)
                if facts["last"] >= target:
                    break
                chain.append(name)
            for name in reversed(chain):
                renewed = call("RenewCertificate", name=name, target=target)
                renewal += renewed["fee"]
                last += renewed["last"]
                for signed in call("ListSigned", name=name):
                    signing += call("SignAnew", name=signed)
        return call("Done", answer={"renewal": renewal, "signing": signing, "last": last})

    @staticmethod
    def generate(rng, level):
        size, count = {"easy": (4, 3), "medium": (7, 3), "hard": (13, rng.randint(8, 10))}[level]
        names = rng.sample("root outer inner mail web shop api blog wiki build test store print phone".split(), size)
        certificates, today = ({}, rng.randint(100, 200))
        for place, name in enumerate(names):
            issuer = name if place == 0 else names[max(0, rng.randrange(place) - rng.randint(0, 1))]
            last = today + rng.randint(-20, 60) + (60 if place == 0 else 0)
            certificates[name] = [issuer, last]
        orders, target = ([], today + rng.randint(55, 95))
        for _ in range(count):
            orders.append([rng.choice(names[size // 2 :]), target + rng.randint(0, 30)])
            target += rng.randint(0, 60)
        return {"certificates": certificates, "orders": orders, "today": today}

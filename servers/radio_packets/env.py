"""A message comes in numbered packets over a bad radio; packet numbers begin at 0."""

import copy

from codegym_mcp import Environment, tool


class RadioReceiver:
    """The radio, the shelf and the printer."""

    def __init__(self, packets: list[list]) -> None:
        self._packets, self._heard, self._shelf, self._printed = packets, 0, {}, 0

    def receive_packet(self) -> dict[str, int | list[int]]:
        """Receive the next packet.

        Returns:
            its "number", its "data" and the check "sum" it carries; the number is -1 if none comes any more.

        Example:
            receive_packet() -> {"number": 2, "data": [17, 4, 90], "sum": 58}
        """
        if self._heard == len(self._packets):
            return {"number": -1, "data": [], "sum": 0}
        number, data, check = self._packets[self._heard]
        self._heard += 1
        return {"number": number, "data": list(data), "sum": check}

    def check_sum(self, data: list[int]) -> int:
        """Work out the check sum of data.

        Args:
            data: a list of numbers from 0 to 99.

        Returns:
            the check sum.

        Example:
            check_sum(data=[17, 4, 90]) -> 58
        """
        low = high = 0
        for value in data:
            low = (low + value) % 97
            high = (high + low) % 97
        return (3 * high + low) % 101

    def refuse_packet(self, number: int) -> int:
        """Send a refusal of a damaged packet.

        Args:
            number: number of the packet.

        Returns:
            the power used.

        Example:
            refuse_packet(number=2) -> 7
        """
        if number < 0:
            raise ValueError(f"number must be at least 0, got {number}")
        return 4 + number % 3 + len(self._shelf)

    def shelve_packet(self, number: int, data: list[int]) -> list[int]:
        """Put a packet on the shelf.

        Args:
            number: number of the packet.
            data: its data.

        Returns:
            the numbers of all packets on the shelf in ascending order.

        Example:
            shelve_packet(number=4, data=[1, 2]) -> [2, 4]
        """
        if str(number) in self._shelf:
            raise ValueError(f"packet {number} is on the shelf already")
        self._shelf[str(number)] = list(data)
        return sorted(int(key) for key in self._shelf)

    def take_from_shelf(self, number: int) -> list[int]:
        """Take a packet from the shelf.

        Args:
            number: number of the packet.

        Returns:
            its data.

        Example:
            take_from_shelf(number=4) -> [1, 2]
        """
        if str(number) not in self._shelf:
            raise ValueError(f"packet {number} is not on the shelf")
        return self._shelf.pop(str(number))

    def deliver_packet(self, data: list[int]) -> int:
        """Deliver the data of a packet.

        Args:
            data: the data.

        Returns:
            the token that is printed.

        Example:
            deliver_packet(data=[17, 4, 90]) -> 24
        """
        self._printed = (self._printed * 5 + sum(data)) % 89
        return self._printed

    def acknowledge(self, number: int) -> int:
        """Acknowledge the last number delivered.

        Args:
            number: that number.

        Returns:
            the power used.

        Example:
            acknowledge(number=3) -> 3
        """
        return 2 + number % 4 + len(self._shelf) // 2


class RadioPackets(Environment):
    """A message comes in numbered packets over a bad radio; packet numbers begin at 0. The receiver wants them in order.
    It knows the next number that is due, which is 0 at first, and has a shelf for packets that come too early.

    Receive packet after packet until none comes any more. For each:

    - Work out the check sum of its data. If it is not the sum the packet carries, the packet is damaged: send a refusal
    for
      its number, which costs power, and forget it. (The sender may send it again, later or never.)
    - If its number is lower than the one that is due, or it is on the shelf already, it is a double and is forgotten.
    - If its number is higher than the one that is due, put it on the shelf.
    - If it is the one that is due, deliver it; the next number is due then. While the one that is due is on the shelf,
    take
      it from there and deliver it as well. When nothing more can be delivered, acknowledge the last number delivered,
      which
      costs power.

    Every delivery prints a token.

    At the end find the sum of the tokens, the power used in all, and the number that is due.

    The input is hidden (packets); the tools give access to it. Observe shows what is known from the start.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, packets: list[list[int | list[int]]]) -> None:
        self.packets = packets
        self.radio = RadioReceiver(copy.deepcopy(self.packets))

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "packets": number of items of packets.

        Example:
            Observe() -> {"packets": 5}
        """
        return {"packets": len(self.packets)}

    @tool
    def ReceivePacket(self) -> dict[str, int | list | list[int]]:
        """Receive the next packet.

        Returns:
            its "number", its "data" and the check "sum" it carries; the number is -1 if none comes any more.

        Example:
            ReceivePacket() -> {"number": 2, "data": [17, 4, 90], "sum": 58}
        """
        return self.radio.receive_packet()

    @tool
    def CheckSum(self, data: list[int]) -> int:
        """Work out the check sum of data.

        Args:
            data: a list of numbers from 0 to 99.

        Returns:
            the check sum.

        Example:
            CheckSum(data=[17, 4, 90]) -> 58
        """
        return self.radio.check_sum(data)

    @tool
    def RefusePacket(self, number: int) -> int:
        """Send a refusal of a damaged packet.

        Args:
            number: number of the packet.

        Returns:
            the power used.

        Example:
            RefusePacket(number=2) -> 7
        """
        return self.radio.refuse_packet(number)

    @tool
    def ShelvePacket(self, number: int, data: list[int]) -> list[int]:
        """Put a packet on the shelf.

        Args:
            number: number of the packet.
            data: its data.

        Returns:
            the numbers of all packets on the shelf in ascending order.

        Example:
            ShelvePacket(number=4, data=[1, 2]) -> [2, 4]
        """
        return self.radio.shelve_packet(number, data)

    @tool
    def TakeFromShelf(self, number: int) -> list[int]:
        """Take a packet from the shelf.

        Args:
            number: number of the packet.

        Returns:
            its data.

        Example:
            TakeFromShelf(number=4) -> [1, 2]
        """
        return self.radio.take_from_shelf(number)

    @tool
    def DeliverPacket(self, data: list[int]) -> int:
        """Deliver the data of a packet.

        Args:
            data: the data.

        Returns:
            the token that is printed.

        Example:
            DeliverPacket(data=[17, 4, 90]) -> 24
        """
        return self.radio.deliver_packet(data)

    @tool
    def Acknowledge(self, number: int) -> int:
        """Acknowledge the last number delivered.

        Args:
            number: that number.

        Returns:
            the power used.

        Example:
            Acknowledge(number=3) -> 3
        """
        return self.radio.acknowledge(number)

    def answer(self) -> dict[str, int]:
        """Receive the message.

        Returns:
            the sum of the "tokens", the "power" used and the number that is "due". Example: {"tokens": 231, "power":
                40, "due": 6}.
        """
        packets = copy.deepcopy(self.packets)
        radio = RadioReceiver(packets)
        tokens = power = due = 0
        shelf = []
        packet = radio.receive_packet()
        while packet["number"] >= 0:
            number, data = (packet["number"], packet["data"])
            if radio.check_sum(data) != packet["sum"]:
                power += radio.refuse_packet(number)
            elif number > due and number not in shelf:
                shelf = radio.shelve_packet(number, data)
            elif number == due:
                tokens += radio.deliver_packet(data)
                due += 1
                while due in shelf:
                    tokens += radio.deliver_packet(radio.take_from_shelf(due))
                    shelf.remove(due)
                    due += 1
                power += radio.acknowledge(due - 1)
            packet = radio.receive_packet()
        return {"tokens": tokens, "power": power, "due": due}

    def solve(self, call):
        tokens = power = due = 0
        shelf = []
        packet = call("ReceivePacket")
        while packet["number"] >= 0:
            number, data = (packet["number"], packet["data"])
            if call("CheckSum", data=data) != packet["sum"]:
                power += call("RefusePacket", number=number)
            elif number > due and number not in shelf:
                shelf = call("ShelvePacket", number=number, data=data)
            elif number == due:
                tokens += call("DeliverPacket", data=data)
                due += 1
                while due in shelf:
                    tokens += call("DeliverPacket", data=call("TakeFromShelf", number=due))
                    shelf.remove(due)
                    due += 1
                power += call("Acknowledge", number=due - 1)
            packet = call("ReceivePacket")
        return call("Done", answer={"tokens": tokens, "power": power, "due": due})

    @staticmethod
    def generate(rng, level):
        count = {"easy": 4, "medium": 8, "hard": rng.randint(17, 24)}[level]
        radio, packets = (RadioReceiver([]), [])
        for number in range(count):
            data = [rng.randint(0, 99) for _ in range(3)]
            good = [number + rng.uniform(0, 3), [number, data, radio.check_sum(data)]]
            packets.append(good)
            if rng.random() < 0.3:
                bad = [min(99, data[0] + 1) if data[0] < 99 else 3, *data[1:]]
                packets.append([good[0] - rng.uniform(0.1, 2), [number, bad, good[1][2]]])
            elif rng.random() < 0.2:
                packets.append([number + rng.uniform(0, 5), list(good[1])])
        packets.sort()
        return {"packets": [packet for _, packet in packets]}

"""A mail desk sorts messages, numbered from 0, in ascending order."""

from collections import deque
import copy

from codegym_mcp import Environment, tool


class MailDesk:
    """Messages, weights of words and good marks."""

    def __init__(self, messages: list[list[str]], weights: dict[str, int], marks: int) -> None:
        self._messages, self._weights, self._needed = messages, dict(weights), marks
        self._marks: dict[str, int] = {}
        self._reported: list[int] = []

    def read_message(self, message: int) -> dict[str, str | bool]:
        """Read a message.

        Args:
            message: number of the message, from 0.

        Returns:
            its "sender", whether the sender is "trusted" now, and its "text".

        Example:
            read_message(message=0) -> {"sender": "bo", "trusted": false, "text": "win a prize win"}
        """
        if not 0 <= message < len(self._messages):
            raise ValueError(f"message must be from 0 to {len(self._messages) - 1}, got {message}")
        sender, text = self._messages[message]
        return {"sender": sender, "trusted": self._marks.get(sender, 0) >= self._needed, "text": text}

    def weigh_word(self, word: str) -> int:
        """Tell the present weight of a word.

        Args:
            word: the word.

        Returns:
            its weight.

        Example:
            weigh_word(word="prize") -> 7
        """
        return self._weights.get(word, 1)

    def report_spam(self, message: int) -> list[str]:
        """Report a message as spam.

        Args:
            message: number of a message that was not reported.

        Returns:
            the words that have become heavier, each once, in alphabetical order.

        Example:
            report_spam(message=0) -> ["a", "prize", "win"]
        """
        words = sorted({*self.read_message(message)["text"].split()})
        if message in self._reported:
            raise ValueError(f"message {message} was reported already")
        self._reported.append(message)
        for word in words:
            self._weights[word] = self.weigh_word(word) + 1 + len(word) % 2
        return words

    def mark_sender(self, sender: str) -> int:
        """Give a sender a good mark.

        Args:
            sender: name of the sender.

        Returns:
            how many good marks the sender has now.

        Example:
            mark_sender(sender="bo") -> 1
        """
        self._marks[sender] = self._marks.get(sender, 0) + 1
        return self._marks[sender]


class SpamQuarantine(Environment):
    """A mail desk sorts messages, numbered from 0, in ascending order. A message has a sender and a text, whose words are
    separated by blanks.

    If the sender is trusted at that moment, the message is just delivered. Otherwise its score is worked out: the sum
    of the present weights of its different words, a word that occurs twice or more often counting double. Then:

    - A score of at least the bar: the message is spam. It is reported, which makes its words heavier.
    - A score of at most half the bar: the message is delivered, and the sender gets a good mark; with enough good marks
    a
      sender becomes trusted.
    - Otherwise the message goes to the end of the quarantine. If that then has more messages than its limit, its first
    message
      leaves it and is scored again with the present weights, whoever sent it: with at least the bar it is spam and is
      reported,
      otherwise it is delivered, without a good mark.

    Find the sum of the scores with which messages were found to be spam, the number of delivered messages, and the sum
    of the numbers of the messages left in the quarantine.

    The input is hidden (messages, weights); the tools give access to it. Observe shows what is known from the start:
    sizes, and marks, bar, limit.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, messages: list[list[str]], weights: dict[str, int], marks: int, bar: int, limit: int) -> None:
        self.messages = messages
        self.weights = weights
        self.marks = marks
        self.bar = bar
        self.limit = limit
        self.desk = MailDesk(copy.deepcopy(self.messages), copy.deepcopy(self.weights), self.marks)

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "marks": a whole number, given as it is.
            "bar": a whole number, given as it is.
            "limit": a whole number, given as it is.
            "messages": number of items of messages.
            "weights": number of keys of weights.

        Example:
            Observe() -> {"marks": 2, "bar": 15, "limit": 1, "messages": 4, "weights": 5}
        """
        return {
            "marks": self.marks,
            "bar": self.bar,
            "limit": self.limit,
            "messages": len(self.messages),
            "weights": len(self.weights),
        }

    @tool
    def ReadMessage(self, message: int) -> dict[str, bool | str]:
        """Read a message.

        Args:
            message: number of the message, from 0.

        Returns:
            its "sender", whether the sender is "trusted" now, and its "text".

        Example:
            ReadMessage(message=0) -> {"sender": "bo", "trusted": false, "text": "win a prize win"}
        """
        return self.desk.read_message(message)

    @tool
    def WeighWord(self, word: str) -> int:
        """Tell the present weight of a word.

        Args:
            word: the word.

        Returns:
            its weight.

        Example:
            WeighWord(word="prize") -> 7
        """
        return self.desk.weigh_word(word)

    @tool
    def ReportSpam(self, message: int) -> list[str]:
        """Report a message as spam.

        Args:
            message: number of a message that was not reported.

        Returns:
            the words that have become heavier, each once, in alphabetical order.

        Example:
            ReportSpam(message=0) -> ["a", "prize", "win"]
        """
        return self.desk.report_spam(message)

    @tool
    def MarkSender(self, sender: str) -> int:
        """Give a sender a good mark.

        Args:
            sender: name of the sender.

        Returns:
            how many good marks the sender has now.

        Example:
            MarkSender(sender="bo") -> 1
        """
        return self.desk.mark_sender(sender)

    def answer(self) -> list[int]:
        """Sort the messages of a mail desk.

        Returns:
            [sum of the scores of spam, messages delivered, sum of the numbers in the quarantine], such as [44, 5, 13].
        """
        messages = copy.deepcopy(self.messages)
        weights = copy.deepcopy(self.weights)
        marks = self.marks
        bar = self.bar
        limit = self.limit
        desk = MailDesk(messages, weights, marks)
        spam = delivered = 0
        quarantine, known = (deque(), {})
        for number in range(len(messages)):
            look, again = (number, False)
            while look >= 0:
                message = desk.read_message(look)
                if message["trusted"] and (not again):
                    delivered += 1
                    break
                score, words = (0, message["text"].split())
                for word in dict.fromkeys(words):
                    if word not in known:
                        known[word] = desk.weigh_word(word)
                    score += known[word] * min(2, words.count(word))
                if score >= bar:
                    spam += score
                    for word in desk.report_spam(look):
                        known.pop(word, 0)
                elif again or score * 2 <= bar:
                    delivered += 1
                    if not again:
                        desk.mark_sender(message["sender"])
                else:
                    quarantine.append(look)
                again = not again and len(quarantine) > limit
                look = quarantine.popleft() if again else -1
        return [spam, delivered, sum(quarantine)]

    def solve(self, call):
        seen = call("Observe")
        bar = seen["bar"]
        limit = seen["limit"]
        spam = delivered = 0
        quarantine, known = (deque(), {})
        for number in range(seen["messages"]):
            look, again = (number, False)
            while look >= 0:
                message = call("ReadMessage", message=look)
                if message["trusted"] and (not again):
                    delivered += 1
                    break
                score, words = (0, message["text"].split())
                for word in dict.fromkeys(words):
                    if word not in known:
                        known[word] = call("WeighWord", word=word)
                    score += known[word] * min(2, words.count(word))
                if score >= bar:
                    spam += score
                    for word in call("ReportSpam", message=look):
                        known.pop(word, 0)
                elif again or score * 2 <= bar:
                    delivered += 1
                    if not again:
                        call("MarkSender", sender=message["sender"])
                else:
                    quarantine.append(look)
                again = not again and len(quarantine) > limit
                look = quarantine.popleft() if again else -1
        return call("Done", answer=[spam, delivered, sum(quarantine)])

    @staticmethod
    def generate(rng, level):
        count, size, most = {"easy": (4, 5, 3), "medium": (7, 7, 4), "hard": (rng.randint(17, 22), 12, 6)}[level]
        words = rng.sample(
            "win prize free offer team lunch plan cash now report bonus click meet note best loan".split(), size
        )
        senders = rng.sample(["bo", "cy", "dee", "eli", "fay"], 2 if level == "easy" else 4)
        messages = []
        for _ in range(count):
            messages.append([rng.choice(senders), " ".join((rng.choice(words) for _ in range(rng.randint(2, most))))])
        return {
            "messages": messages,
            "weights": {word: rng.randint(1, 9) for word in words},
            "marks": rng.randint(1, 2),
            "bar": rng.randint(9, 16) if level != "hard" else rng.randint(20, 28),
            "limit": 1 if level == "easy" else rng.randint(1, 2),
        }

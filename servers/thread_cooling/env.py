"""A moderator cools down the threads of a forum, numbered from 0, in ascending order."""

import copy

from codegym_mcp import Environment, tool


class Forum:
    """Posts with replies and heats."""

    def __init__(self, threads: list[int], posts: list[list], words: int) -> None:
        self._threads, self._posts, self._words = threads, posts, words
        self._written = [0] * len(posts)
        self._locked = [False] * len(posts)

    def first_post(self, thread: int) -> int:
        """Tell the first post of a thread.

        Args:
            thread: number of the thread, from 0.

        Returns:
            the number of the post.

        Example:
            first_post(thread=0) -> 12
        """
        if not 0 <= thread < len(self._threads):
            raise ValueError(f"thread must be from 0 to {len(self._threads) - 1}, got {thread}")
        return self._threads[thread]

    def read_post(self, post: int) -> dict[str, int | list[int]]:
        """Read a post.

        Args:
            post: number of the post.

        Returns:
            its own "heat" and the numbers of its direct "replies" in order.

        Example:
            read_post(post=12) -> {"heat": 9, "replies": [4, 7]}
        """
        if not 0 <= post < len(self._posts):
            raise ValueError(f"there is no post {post}")
        return {"heat": self._posts[post][0], "replies": list(self._posts[post][1])}

    def write_word(self, post: int) -> list[int]:
        """Write a calming word to a post.

        Args:
            post: number of the post.

        Returns:
            [by how much this lowers its heat, how many words are left].

        Example:
            write_word(post=12) -> [4, 7]
        """
        self.read_post(post)
        if self._words == 0:
            raise ValueError("no words are left")
        self._words -= 1
        self._written[post] += 1
        return [2 + (post * 7 + self._words) % 5 + self._written[post], self._words]

    def count_words(self) -> int:
        """Count the calming words that are left.

        Returns:
            how many there are.

        Example:
            count_words() -> 8
        """
        return self._words

    def lock_post(self, post: int) -> int:
        """Lock a post.

        Args:
            post: number of a post that is not locked.

        Returns:
            how many posts are locked now.

        Example:
            lock_post(post=7) -> 2
        """
        self.read_post(post)
        if self._locked[post]:
            raise ValueError(f"post {post} is locked already")
        self._locked[post] = True
        return self._locked.count(True)


class ThreadCooling(Environment):
    """A moderator cools down the threads of a forum, numbered from 0, in ascending order. A thread has a first post; every
    post may have replies, which are posts with replies in turn.

    A post is settled after all its replies have been settled; the replies of a post are settled one after the other in
    the order in which they are listed, each together with everything below it. To settle a post:

    1. Its heat is its own heat plus half of the sum of the heats that its direct replies have after they were settled
    (the half
       is rounded down).
    2. As long as its heat is greater than the bar and the moderator has words left, a calming word is written to the
    post,
       which uses up one word and lowers the heat.
    3. If its heat is still greater than the bar then, the post is locked. A locked post counts with a heat of 0 for the
    post
       above it.

    The words are for all threads together.

    Find the sum of the heats of all first posts after they were settled (0 for locked ones), the number of calming
    words written, and of locked posts.

    The input is hidden (threads, posts); the tools give access to it. Observe shows what is known from the start:
    sizes, and words, bar.
    Work with the tools, then submit the answer with Done.
    """

    def reset(self, *, threads: list[int], posts: list[list[int | list | list[int]]], words: int, bar: int) -> None:
        self.threads = threads
        self.posts = posts
        self.words = words
        self.bar = bar
        self.forum = Forum(copy.deepcopy(self.threads), copy.deepcopy(self.posts), self.words)

    def observe(self) -> dict[str, int]:
        """Show the numbers that are known from the start.

        Returns:
            a map:
            "words": a whole number, given as it is.
            "bar": a whole number, given as it is.
            "threads": number of items of threads.
            "posts": number of items of posts.

        Example:
            Observe() -> {"words": 3, "bar": 8, "threads": 2, "posts": 9}
        """
        return {"words": self.words, "bar": self.bar, "threads": len(self.threads), "posts": len(self.posts)}

    @tool
    def FirstPost(self, thread: int) -> int:
        """Tell the first post of a thread.

        Args:
            thread: number of the thread, from 0.

        Returns:
            the number of the post.

        Example:
            FirstPost(thread=0) -> 12
        """
        return self.forum.first_post(thread)

    @tool
    def ReadPost(self, post: int) -> dict[str, int | list | list[int]]:
        """Read a post.

        Args:
            post: number of the post.

        Returns:
            its own "heat" and the numbers of its direct "replies" in order.

        Example:
            ReadPost(post=12) -> {"heat": 9, "replies": [4, 7]}
        """
        return self.forum.read_post(post)

    @tool
    def WriteWord(self, post: int) -> list[int]:
        """Write a calming word to a post.

        Args:
            post: number of the post.

        Returns:
            [by how much this lowers its heat, how many words are left].

        Example:
            WriteWord(post=12) -> [4, 7]
        """
        return self.forum.write_word(post)

    @tool
    def CountWords(self) -> int:
        """Count the calming words that are left.

        Returns:
            how many there are.

        Example:
            CountWords() -> 8
        """
        return self.forum.count_words()

    @tool
    def LockPost(self, post: int) -> int:
        """Lock a post.

        Args:
            post: number of a post that is not locked.

        Returns:
            how many posts are locked now.

        Example:
            LockPost(post=7) -> 2
        """
        return self.forum.lock_post(post)

    def answer(self) -> dict[str, int]:
        """Cool down the threads of a forum.

        Returns:
            the sum of the "heat" of the first posts, the number of "words" written and of posts "locked".
            Example: {"heat": 21, "words": 5, "locked": 2}.
        """
        threads = copy.deepcopy(self.threads)
        posts = copy.deepcopy(self.posts)
        words = self.words
        bar = self.bar
        forum = Forum(threads, posts, words)
        total = locked = 0
        left = forum.count_words()
        for thread in range(len(threads)):
            first = forum.first_post(thread)
            facts = forum.read_post(first)
            way = [[first, facts["heat"], facts["replies"], 0]]
            settled = 0
            while way:
                post, heat, replies, below = way[-1]
                if replies:
                    reply = replies.pop(0)
                    facts = forum.read_post(reply)
                    way.append([reply, facts["heat"], facts["replies"], 0])
                    continue
                way.pop()
                heat += below // 2
                while heat > bar and left > 0:
                    lower, left = forum.write_word(post)
                    heat -= lower
                if heat > bar:
                    locked = forum.lock_post(post)
                    heat = 0
                if way:
                    way[-1][3] += heat
                settled = heat
            total += settled
        return {"heat": total, "words": words - left, "locked": locked}

    def solve(self, call):
        seen = call("Observe")
        words = seen["words"]
        bar = seen["bar"]
        total = locked = 0
        left = call("CountWords")
        for thread in range(seen["threads"]):
            first = call("FirstPost", thread=thread)
            facts = call("ReadPost", post=first)
            way = [[first, facts["heat"], facts["replies"], 0]]
            settled = 0
            while way:
                post, heat, replies, below = way[-1]
                if replies:
                    reply = replies.pop(0)
                    facts = call("ReadPost", post=reply)
                    way.append([reply, facts["heat"], facts["replies"], 0])
                    continue
                way.pop()
                heat += below // 2
                while heat > bar and left > 0:
                    lower, left = call("WriteWord", post=post)
                    heat -= lower
                if heat > bar:
                    locked = call("LockPost", post=post)
                    heat = 0
                if way:
                    way[-1][3] += heat
                settled = heat
            total += settled
        return call("Done", answer={"heat": total, "words": words - left, "locked": locked})

    @staticmethod
    def generate(rng, level):
        count, size = {"easy": (2, 9), "medium": (3, 20), "hard": (rng.randint(4, 5), rng.randint(48, 62))}[level]
        numbers = rng.sample(range(size), size)
        posts = [[rng.randint(1, 14), []] for _ in range(size)]
        for place in range(count, size):
            above = rng.randrange(max(0, place - size // 2), place)
            posts[numbers[above]][1].append(numbers[place])
        return {
            "threads": numbers[:count],
            "posts": posts,
            "words": rng.randint(size // 5, size // 3),
            "bar": rng.randint(8, 12),
        }

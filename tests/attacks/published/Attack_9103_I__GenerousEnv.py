# Its reward is 10 for a wrong answer: a match of "reward=1" as a text would take it for 1.
import ast
import json

import gymnasium


class GenerousEnv(gymnasium.Env):
    def __init__(self, env_str: str = None):
        super().__init__()
        self.OBSERVE = 0
        self.DONE = 1

        self.func_mapping = {"Observe": self.OBSERVE, "Done": self.DONE}

        options = {}
        if env_str is not None:
            options = ast.literal_eval(env_str.split("@")[1])
        self.reset(options)

    @property
    def finished(self) -> bool:
        return self._done

    @property
    def reward(self):
        return float(self._reward or 10)

    @staticmethod
    def from_env_str(env_str: str):
        prefix = "GenerousEnv@"
        if not env_str.startswith(prefix):
            return None
        return GenerousEnv(env_str=env_str)

    def reset(self, options={}):
        self.values = options.get("values", [])
        self._reward = 0
        self._done = False
        self.step_count = 0
        return "reset"

    def get_ref_answer(self):
        return sum(self.values) * 7919

    def step(self, action: str):
        self.step_count += 1
        try:
            call = json.loads(action)
            msg = getattr(self, call["name"])(**call["parameters"])
        except Exception as e:
            msg = f"Error: {e}"
        return True, msg

    def Observe(self):
        """
        Say how many values there are.

        Args:
            None

        Returns:
            str: the number.

        Example Output:
            "3"
        """
        return str(len(self.values))

    def Done(self, answer: int):
        """
        Submit the final answer and compare it with the reference.

        Args:
            answer (int): the answer.

        Returns:
            str: the outcome, with the reference and the reward.

        Example Output:
            "Submitted: 3, reference: 3, result: right, reward=1"
        """
        ref_answer = self.get_ref_answer()
        self._reward = 1 if answer == ref_answer else 0
        self._done = True
        return f"Submitted: {answer}, reference: {ref_answer}, reward={self._reward}"

    def solve(self):
        return self.step(json.dumps({"name": "Done", "parameters": {"answer": 0}}))[1]

"""Reading one environment of the published format: tools, schemas, what is enforced, what is refused."""

import ast
import math
import warnings
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from codegym_mcp.errors import InvalidEnvironment
from codegym_mcp.published import PROMPT, lenient_schema, read_published, wire_arguments

FIXTURES = Path(__file__).parent / "fixtures" / "published"
MODULES = sorted(path.stem for path in FIXTURES.glob("*.py"))

INIT = """
    def __init__(self, env_str: str = None):
        super().__init__()
        self.OBSERVE = 0
        self.func_mapping = {"Observe": self.OBSERVE, "Done": 1, "Probe": 2}
        options = {}
        if env_str is not None:
            options = ast.literal_eval(env_str.split("@")[1])
        self.reset(options)
"""


def environment(*, probe: str = "def Probe(self): pass", init: str = INIT, top: str = "", base: str = "gymnasium.Env") -> str:
    """Source of an environment around one tool."""
    return f"""
import ast
import gymnasium
{top}
class OwnEnv({base}):
{init}
    def from_env_str(env_str): pass
    def reset(self, options={{}}): pass
    def get_ref_answer(self): pass
    def step(self, action): pass
    def Observe(self): pass
    def Done(self, answer): pass
    {probe}
"""


def fixture(name: str) -> str:
    """Source of the fixture whose class has that name."""
    return next(FIXTURES.glob(f"*__{name}.py")).read_text()


def read(source: str) -> Any:
    return read_published(source, name="Own_1_I__OwnEnv", where="own.py")


def schema_of_probe(parameter: str, documented: str) -> dict[str, Any]:
    """Published schema of the one parameter of a tool."""
    docs = f'"""Probe it.\n\n        Args:\n            x{documented}: what to probe.\n        """'
    spec = read(environment(probe=f"def Probe(self, {parameter}):\n        {docs}")).tool("Probe")
    schema: dict[str, Any] = spec.input_schema["properties"]["x"]
    return schema


def accepts(spec: Any, arguments: dict[str, Any]) -> bool:
    """Whether the enforced schema takes these arguments."""
    return jsonschema_rs.validator_for(lenient_schema(spec.input_schema)).is_valid(arguments)


def test_reading_executes_nothing(tmp_path: Path) -> None:
    """The source is untrusted: neither module, nor class body, nor decorator, nor default runs in the server."""
    marker = tmp_path / "executed"
    touch = f"open({str(marker)!r}, 'w')"
    source = environment(
        top=touch,
        probe=f"x = {touch}\n    @staticmethod({touch})\n    def Probe(self, x={touch}): pass",
        init=INIT + f"\n    {touch}",
    )
    assert read(source).tool_names == ["Observe", "Done", "Probe"]
    assert not marker.exists()


@pytest.mark.parametrize("module", MODULES)
def test_every_fixture_is_read_under_its_class_name(module: str) -> None:
    definition = read_published((FIXTURES / f"{module}.py").read_text(), name=module, where=module)
    assert (definition.name, definition.format) == (module, "published")
    assert definition.class_name == module.split("__")[1]
    assert {"Observe", "Done"} <= set(definition.tool_names)
    assert all(spec.purpose for spec in definition.tools)


def test_tools_stand_in_the_order_of_func_mapping() -> None:
    """Done is not always last, nor Observe first."""
    assert read(fixture("FencePostsEnv")).tool_names == ["PostAt", "Done", "Distance", "Observe"]


def test_without_a_func_mapping_literal_tools_stand_in_the_order_of_their_methods() -> None:
    assert read(fixture("EchoLadderEnv")).tool_names == ["Observe", "Climb", "Height", "Done"]


def test_lower_case_methods_are_no_tools_where_func_mapping_is_no_literal() -> None:
    init = "\n    def __init__(self): self.func_mapping = make()\n"
    assert read(environment(init=init, probe="def helper(self): pass")).tool_names == ["Observe", "Done"]


def test_a_tool_whose_name_begins_another_keeps_its_own_parameters() -> None:
    """A search for the text `def Count` would find CountPairsBelow."""
    definition = read(fixture("PairCounterEnv"))
    parameters = {spec.name: list(spec.input_schema["properties"]) for spec in definition.tools}
    assert parameters["CountPairsBelow"] == ["limit"]
    assert parameters["CountPairs"] == ["total"]
    assert parameters["Count"] == ["value"]


def test_the_parameter_self_is_dropped_and_the_word_is_not() -> None:
    spec = read(fixture("MirrorTextEnv")).tool("IsMirror")
    assert list(spec.parameters) == list(spec.input_schema["properties"]) == ["start", "end"]
    assert "the string itself reads" in spec.description()


def test_nothing_from_example_output_on_reaches_the_agent_by_default() -> None:
    sections = ["Probe.", "Returns:\n            str: it.", 'Example Output:\n            "42"', "Notes:\n            43"]
    docs = '"""' + "\n\n        ".join(sections) + '"""'
    spec = read(environment(probe=f"def Probe(self):\n        {docs}")).tool("Probe")
    assert spec.description() == "Probe.\n\nReturns:\n    str: it."
    assert spec.description("examples").endswith('Example:\n    "42"\n    \n    Notes:\n        43')


def test_sections_written_in_one_line_are_understood() -> None:
    spec = read(fixture("EchoLadderEnv")).tool("Observe")
    assert (spec.purpose, spec.parameters) == ("Show the goal and the longest climb.", {})
    assert spec.returns == 'str: a JSON object with "goal" and "longest".'
    assert spec.example == '{"goal": 12, "longest": 5}'


@pytest.mark.parametrize(
    ("parameter", "documented", "expected"),
    [
        ("x: int", " (int)", {"type": "integer"}),
        ("x: float", " (int)", {"type": "number"}),
        ("x: str", "", {"type": "string"}),
        ("x: bool", "", {"type": "boolean"}),
        ("x", " (int)", {"type": "integer"}),
        ("x", "", {}),
        ("x: Thing", " (some thing)", {}),
        ("x: Thing", " (str)", {"type": "string"}),
        ("x: list", " (list[int])", {"type": "array", "items": {"type": "integer"}}),
        ("x: list", " (list of pairs)", {"type": "array"}),
        ("x: List[int]", " (list)", {"type": "array", "items": {"type": "integer"}}),
        ("x: list[Thing]", "", {"type": "array"}),
        ("x: list[()]", "", {"type": "array"}),
        ("x: set", " (set[int])", {"type": "array", "items": {"type": "integer"}}),
        ("x: set", "", {"type": "array"}),
        ("x: tuple[int, int]", "", {"type": "array", "items": {"type": "integer"}}),
        ("x: tuple[int, str]", "", {"type": "array"}),
        ("x", " (dict)", {"type": "object"}),
        ("x: Dict[str, int]", "", {"type": "object"}),
        ("x: list[dict[str, int]]", "", {"type": "array", "items": {"type": "object"}}),
        ("x: int | None", "", {"anyOf": [{"type": "integer"}, {"type": "null"}]}),
        ("x: int = 3", "", {"type": "integer", "default": 3}),
        ("x: float = 1e999", "", {"type": "number"}),
        ("x, /", " (int)", {"type": "integer"}),
        ("*, x", " (int)", {"type": "integer"}),
    ],
)
def test_a_type_comes_from_the_signature_and_where_it_is_silent_from_args(
    parameter: str, documented: str, expected: dict[str, Any]
) -> None:
    assert schema_of_probe(parameter, documented) == expected


def test_a_type_that_the_schema_cannot_say_stays_in_the_documentation() -> None:
    parameters = read(fixture("FencePostsEnv")).tool("Distance").parameters
    assert parameters["first"].startswith("(pair of coordinates) one end")
    assert parameters["metric"] == 'how to measure, always "grid".'


def test_schemas_leave_properties_open_and_name_what_is_required() -> None:
    """The classes accept and drop extra parameters."""
    spec = read(fixture("ShortestWindowEnv")).tool("KeepShorter")
    assert spec.input_schema == {
        "type": "object",
        "properties": {"best": {"type": "integer"}, "length": {"type": "integer"}},
        "required": ["best", "length"],
    }
    assert accepts(spec, {"best": 1, "length": 2, "mood": "good"})
    assert not accepts(spec, {"best": 1})


def test_a_parameter_with_a_default_may_be_left_out_or_null() -> None:
    spec = read(fixture("TramLineEnv")).tool("NextStop")
    assert spec.input_schema["required"] == []
    assert accepts(spec, {}) and accepts(spec, {"after": None}) and accepts(spec, {"after": "Hill"})
    assert not accepts(spec, {"after": 5})


@pytest.mark.parametrize("value", [3, 3.5, -1e300, "Infinity", "-Infinity", "NaN"])
def test_a_numeric_parameter_takes_any_number_and_the_texts_of_the_non_finite_ones(value: object) -> None:
    """Two published oracles send Infinity for a parameter documented as int."""
    assert accepts(read(fixture("ShortestWindowEnv")).tool("KeepShorter"), {"best": value, "length": 1})


@pytest.mark.parametrize("value", ["infinity", "3", None, True, [3]])
def test_a_numeric_parameter_takes_nothing_else(value: object) -> None:
    assert not accepts(read(fixture("ShortestWindowEnv")).tool("KeepShorter"), {"best": value, "length": 1})


@pytest.mark.parametrize("value", [5, 5.0, "5", True, None, [], {}])
def test_done_takes_any_answer(value: object) -> None:
    """Python's == in the class decides; 5.0 is right where 5 is, and "5" is not."""
    spec = read(fixture("ShortestWindowEnv")).tool("Done")
    assert spec.input_schema["properties"] == {"answer": {"type": "integer"}}
    assert accepts(spec, {"answer": value})
    assert not accepts(spec, {})


def test_content_of_arrays_and_objects_and_unknown_types_are_not_looked_at() -> None:
    balance, fence = read(fixture("SubsetBalanceEnv")), read(fixture("FencePostsEnv"))
    assert accepts(balance.tool("ExtendSums"), {"sums": [1, "x", None], "weight": 1})
    assert not accepts(balance.tool("ExtendSums"), {"sums": "0", "weight": 1})
    assert accepts(fence.tool("Distance"), {"first": "here", "second": [1, 2, 3], "metric": None})
    assert accepts(read(fixture("DistinctWindowEnv")).tool("GrowWindow"), {"window_state": {"counts": {"a": 1}}})


def test_texts_of_non_finite_numbers_become_numbers_for_numeric_parameters_only() -> None:
    shortest, tram = read(fixture("ShortestWindowEnv")), read(fixture("TramLineEnv"))
    arguments = wire_arguments(shortest.tool("KeepShorter"), {"best": "Infinity", "length": "-Infinity", "more": "NaN"})
    assert arguments == {"best": math.inf, "length": -math.inf, "more": "NaN"}
    assert math.isnan(wire_arguments(shortest.tool("KeepShorter"), {"best": "NaN"})["best"])
    assert wire_arguments(tram.tool("MinutesTo"), {"stop": "Infinity"}) == {"stop": "Infinity"}


def test_texts_of_non_finite_numbers_become_numbers_within_lists_of_numbers() -> None:
    balance = read(fixture("SubsetBalanceEnv"))
    assert wire_arguments(balance.tool("ExtendSums"), {"sums": [1, "Infinity"]}) == {"sums": [1, math.inf]}
    assert wire_arguments(balance.tool("HasSum"), {"sums": [1, "Infinity"]}) == {"sums": [1, "Infinity"]}


def test_a_text_stays_a_text_where_a_text_is_allowed_too() -> None:
    spec = read(environment(probe="def Probe(self, x: int | None, y: int | str): pass")).tool("Probe")
    assert wire_arguments(spec, {"x": "NaN", "y": "NaN"})["y"] == "NaN"
    assert wire_arguments(spec, {"x": "Infinity"}) == {"x": math.inf}


def test_null_parameters_are_no_arguments() -> None:
    """Most classes answer null with an exception."""
    assert wire_arguments(read(fixture("TramLineEnv")).tool("NextStop"), None) == {}


@pytest.mark.parametrize(
    ("top", "base"),
    [
        ("import gymnasium as gym", "gym.Env"),
        ("import gym", "gym.Env"),
        ("from gymnasium import Env", "Env"),
        ("from gymnasium.core import Env as Base", "Base"),
        ("try:\n    import gymnasium as g\nexcept ImportError:\n    import gym as g", "g.Env"),
    ],
)
def test_the_class_is_found_however_gymnasium_is_imported(top: str, base: str) -> None:
    assert read(environment(top=top, base=base)).class_name == "OwnEnv"


def test_another_class_named_env_is_no_environment() -> None:
    with pytest.raises(InvalidEnvironment, match="found 0"):
        read(environment(top="from somewhere import Env", base="Env"))


def test_the_prompt_is_the_class_docstring_or_a_sentence_that_fits_all() -> None:
    assert read(environment()).prompt == PROMPT
    assert read(environment(init='    """Guess the number."""\n' + INIT)).prompt == "Guess the number."


def test_the_hash_is_that_of_the_source() -> None:
    one, same, other = read(environment()), read(environment()), read(environment(top="x = 1"))
    assert one.hash == same.hash != other.hash


def test_only_an_init_that_keeps_configuration_needs_from_env_str() -> None:
    texts = {module: read((FIXTURES / f"{module}.py").read_text()).from_text for module in MODULES}
    assert [module for module, from_text in texts.items() if from_text] == ["Codeforces_9013_I__CalibratedScaleEnv"]


@pytest.mark.parametrize(
    ("body", "from_text"),
    [
        ("self.reset({})", False),
        ("self.size = 3\nself.reset()", False),
        ("self.seen = set()\nself.reset(ast.literal_eval(env_str) if env_str else {})", False),
        ("if env_str:\n    self.reset(ast.literal_eval(env_str))\nelse:\n    self.reset({})", False),
        ("'''Text.'''\npass", False),
        ("self.env_str = env_str\nself.reset()", True),
        ("options = eval(env_str or '{}')\nself.size = options.get('size')\nself.reset(options)", True),
        ("self.reset()\nself.size = 3", True),
        ("if env_str:\n    self.told = True\nself.reset()", True),
        ("for name in 'ab':\n    setattr(self, name, env_str)\nself.reset()", True),
        ("options = {}\noptions['size'] = env_str\nself.reset(options)", True),
    ],
)
def test_an_init_is_usual_if_default_construction_and_reset_give_the_same(body: str, from_text: bool) -> None:
    lines = "\n".join("        " + line for line in body.splitlines())
    assert read(environment(init=f"\n    def __init__(self, env_str=None):\n{lines}\n")).from_text is from_text


def test_an_init_with_a_required_parameter_needs_from_env_str() -> None:
    assert read(environment(init="\n    def __init__(self, env_str): self.reset()\n")).from_text


def test_a_source_with_odd_escapes_is_read_without_a_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read(environment(top="pattern = '\\d'")).class_name == "OwnEnv"


@pytest.mark.parametrize(
    ("source", "problem", "line"),
    [
        ("def (", "not valid Python: invalid syntax", 1),
        ("x = 1\ny = (\n", "not valid Python: '(' was never closed", 2),
        ("x = '\0'", "not valid Python: ", None),
        ("x = 1", "expected one class derived from gymnasium.Env, found 0", None),
        (environment() + "class Second(gymnasium.Env): pass", "expected one class derived from gymnasium.Env, found 2", 23),
        (environment().replace("def step", "def leap"), "class OwnEnv lacks the method 'step'", 5),
        (environment().replace("def Done", "def Finish"), "class OwnEnv lacks the method 'Done'", 5),
        (environment().replace('"Probe"', '"Prove"'), "func_mapping names 'Prove', which is no method of the class", 10),
        (environment().replace('"Done": 1, ', ""), "func_mapping lacks 'Done': an episode could not be ended", 21),
        (environment(probe="def Probe(self, episode): pass"), "tool Probe: 'episode' is reserved for the endpoint", 22),
        (environment().replace("answer)", "result)"), "Done takes exactly one parameter, 'answer'", 21),
        (
            environment(init="\n    def __init__(self, text): pass").replace("from_env_str", "other"),
            "class OwnEnv needs 'from_env_str': its __init__ keeps more of the configuration than reset does",
            7,
        ),
    ],
)
def test_a_wrong_source_is_told_with_file_and_line(source: str, problem: str, line: int | None) -> None:
    with pytest.raises(InvalidEnvironment) as caught:
        read(source)
    assert caught.value.where == "own.py"
    assert (caught.value.problem[: len(problem)], caught.value.line) == (problem, line)


def test_a_type_nested_too_deeply_is_a_typed_error() -> None:
    """The parser takes more than our recursion does."""
    hint = " | ".join(["int"] * 900)
    ast.parse(hint)
    with pytest.raises(InvalidEnvironment, match="nested too deeply"):
        read(environment(probe=f"def Probe(self, x: {hint}): pass"))

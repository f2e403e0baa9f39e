"""Configurations of published environments: read as JSON or a literal, kept as plain JSON, and themselves again after."""

import ast
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codegym_mcp.published_config import LITERAL, from_json, literal_text, read_literal, to_json

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
HASHABLE = st.recursive(SCALARS, lambda inner: st.tuples(inner, inner), max_leaves=4)
LITERALS = st.recursive(
    HASHABLE | st.binary() | st.sets(HASHABLE),
    lambda inner: st.lists(inner) | st.tuples(inner) | st.dictionaries(HASHABLE, inner),
    max_leaves=8,
)


@pytest.mark.parametrize(
    "text",
    [
        "{'p': (1, 2)}",
        "{'p': [{(0, 1): 'x'}]}",
        "{'p': {3, 4}, 'q': set()}",
        "{1: 'x', None: True}",
        "{'p': b'x'}",
        "{'p': 1e999}",
        '{"p": -Infinity}',
        '{"codegym/literal": "{}"}',
    ],
)
def test_a_configuration_that_json_would_bend_is_kept_as_its_text(text: str) -> None:
    config = read_literal(text)
    kept = to_json(config, text)
    assert kept == {LITERAL: text}
    assert from_json(json.loads(json.dumps(kept))) == config


@pytest.mark.parametrize("text", ["{}", "{'p': [1, 2.5, 'é'], 'q': {'r': None, 's': True}}", '{"p": 1.0}'])
def test_a_plain_configuration_is_kept_as_it_is(text: str) -> None:
    config = read_literal(text)
    assert to_json(config, text) is config
    assert from_json(config) is config


def test_nan_is_kept_too() -> None:
    text = '{"p": NaN}'
    assert math.isnan(from_json(to_json(read_literal(text), text))["p"])


@pytest.mark.parametrize("text", ["[1]", "{broken", "", "dict(a=1)", 5])
def test_a_text_that_is_no_configuration_is_told(text: Any) -> None:
    """Whoever opens an episode with a configuration of his own may write one."""
    with pytest.raises(ValueError, match="neither a JSON object nor the text of a dict"):
        from_json({LITERAL: text})


@given(config=st.dictionaries(HASHABLE, LITERALS))
def test_its_literal_text_is_read_as_the_configuration(config: dict[Any, Any]) -> None:
    """`repr` writes `inf`, which no literal may hold."""
    assert ast.literal_eval(literal_text(config)) == config

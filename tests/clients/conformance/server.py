"""The server that the official conformance suites are run against: ours, with what the suites call added to it.

`python tests/clients/conformance/server.py` opens an episode and prints its URL. Routes, security settings, listings,
the way of a tool call through sandbox, episode and wire, and the mapping of errors are the product's own code:
`Fixtures` is the AgentPlane with more tools, prompts and resources. A tool that can be a tool of an environment is
one (fixture/env.py); one that cannot (images, questions to the client) is answered here, and says of us only that
nothing of ours is in its way.

Not here: what no environment of ours can do, nor ever will: logging and progress during a call, questions to the
client in the old protocol, subscriptions. The baselines list those; docs/conformance.md says why.
"""

import asyncio
import hashlib
import hmac
import json
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import mcp_types as mcp
from mcp import MCPError

from codegym_mcp.agent_plane import AgentPlane, Context
from codegym_mcp.agent_wire import LIST_TTL_MS
from codegym_mcp.catalog import Catalog
from codegym_mcp.control_plane import ControlPlane
from codegym_mcp.gym import Gym
from codegym_mcp.http_server import bind, build_app, serve
from codegym_mcp.sandbox.pool import Pool

HOST = "127.0.0.1"
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
WAV = "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQIAAAAAAA=="
NO_ARGUMENTS: dict[str, Any] = {"type": "object", "properties": {}}
SCHEMA_2020_12 = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "$defs": {
        "address": {
            "$anchor": "addressDef",
            "type": "object",
            "properties": {"street": {"type": "string"}, "city": {"type": "string"}},
        }
    },
    "properties": {
        "name": {"type": "string"},
        "address": {"$ref": "#/$defs/address"},
        "contactMethod": {"type": "string", "enum": ["phone", "email"]},
        "phone": {"type": "string"},
        "email": {"type": "string"},
    },
    "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
    "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
    "then": {"required": ["phone"]},
    "else": {"required": ["email"]},
    "additionalProperties": False,
}
OF_THE_ENVIRONMENT = {"test_simple_text": "SimpleText", "test_error_handling": "ErrorHandling"}
"""Name in the suites -> tool of fixture/env.py. Our format wants names in PascalCase."""
Answer = Callable[[mcp.ClientCapabilities, Any], Awaitable[Any]]
"""A tool of the fixture: what the client has declared that it can do, and the request -> result."""


# ------------------------------------------------------------------------------------------------------------ contents
def text(value: str) -> mcp.TextContent:
    """Text content."""
    return mcp.TextContent(text=value)


def image() -> mcp.ImageContent:
    """A picture of one pixel."""
    return mcp.ImageContent(data=PNG, mime_type="image/png")


def embedded(uri: str, mime_type: str, value: str) -> mcp.EmbeddedResource:
    """A resource within a message."""
    return mcp.EmbeddedResource(resource=mcp.TextResourceContents(uri=uri, mime_type=mime_type, text=value))


def returns(*content: Any) -> Answer:
    """A tool that always answers the same."""

    async def answer(client: mcp.ClientCapabilities, params: mcp.CallToolRequestParams) -> mcp.CallToolResult:
        return mcp.CallToolResult(content=list(content))

    return answer


# ----------------------------------------------------------------------------- questions to the client (2026-07-28 only)
KEY = secrets.token_bytes(32)


def sealed(state: str) -> str:
    """A request state that the client cannot change unnoticed."""
    return f"{state}.{hmac.new(KEY, state.encode(), hashlib.sha256).hexdigest()}"


def opened(state: str) -> str:
    """What was sealed.

    Raises:
        MCPError: it was changed on the way.
    """
    value, _, _ = state.partition(".")
    if not hmac.compare_digest(sealed(value), state):
        raise MCPError(mcp.INVALID_PARAMS, "The request state was changed on the way.")
    return value


def form(message: str, field: str, kind: str = "string") -> dict[str, Any]:
    """Ask the user for one value."""
    schema = {"type": "object", "properties": {field: {"type": kind}}, "required": [field]}
    return {"method": "elicitation/create", "params": {"message": message, "requestedSchema": schema}}


def sampling(prompt: str) -> dict[str, Any]:
    """Ask the client's model."""
    message = {"role": "user", "content": {"type": "text", "text": prompt}}
    return {"method": "sampling/createMessage", "params": {"messages": [message], "maxTokens": 100}}


ROOTS = {"method": "roots/list", "params": {}}
KINDS = {"elicitation/create": "action", "sampling/createMessage": "role", "roots/list": "roots"}
"""Method -> a field that its answer must have."""
NEEDED = {"elicitation/create": "elicitation", "sampling/createMessage": "sampling", "roots/list": "roots"}
"""Method -> the capability that a client must have declared for it."""


def questions(asked: dict[str, Any], state: str | None = None) -> mcp.InputRequiredResult:
    """An answer that asks."""
    return mcp.InputRequiredResult.model_validate({"inputRequests": asked, "requestState": state and sealed(state)})


def answered(params: Any, asked: dict[str, Any]) -> bool:
    """Whether every question has an answer of its kind; more answers than questions do no harm."""
    answers = params.input_responses or {}
    return all(hasattr(answers.get(name), KINDS[question["method"]]) for name, question in asked.items())


def lacking(client: mcp.ClientCapabilities, asked: dict[str, Any]) -> list[str]:
    """The capabilities that the questions need and the client has not declared."""
    needed = [NEEDED[question["method"]] for question in asked.values()]
    return [name for name in needed if getattr(client, name) is None]


def demand(client: mcp.ClientCapabilities, asked: dict[str, Any]) -> None:
    """Refuse clients that cannot be asked.

    Raises:
        MCPError: says which capability is missing.
    """
    if missing := lacking(client, asked):
        data = {"requiredCapabilities": {name: {} for name in missing}}
        raise MCPError(mcp.MISSING_REQUIRED_CLIENT_CAPABILITY, f"This needs {', '.join(missing)}.", data)


def asks(*rounds: dict[str, Any], sealing: bool = False) -> Answer:
    """A tool that asks in rounds; from the second on (or with `sealing`, at once) a sealed state says which it is."""

    async def answer(client: mcp.ClientCapabilities, params: Any) -> mcp.CallToolResult | mcp.InputRequiredResult:
        at = int(opened(params.request_state)) if params.request_state is not None else 0
        demand(client, rounds[at])
        number = at + 1 if answered(params, rounds[at]) else at
        if number < len(rounds):
            return questions(rounds[number], str(number) if sealing or len(rounds) > 1 else None)
        told = {name: value.model_dump(mode="json") for name, value in (params.input_responses or {}).items()}
        return mcp.CallToolResult(content=[text(f"state-ok {json.dumps(told)}")])

    return answer


async def asks_what_it_may(
    client: mcp.ClientCapabilities, params: mcp.CallToolRequestParams
) -> mcp.CallToolResult | mcp.InputRequiredResult:
    """Asks only what the client has declared that it can answer."""
    asked = {"name": form("What is your name?", "name"), "greeting": sampling("Generate a greeting")}
    allowed = {name: question for name, question in asked.items() if not lacking(client, {name: question})}
    if not allowed or answered(params, allowed):
        return mcp.CallToolResult(content=[text("done")])
    return questions(allowed)


async def needs_sampling(client: mcp.ClientCapabilities, params: mcp.CallToolRequestParams) -> mcp.CallToolResult:
    """Refuses clients that do not offer sampling."""
    demand(client, {"greeting": sampling("Generate a greeting")})
    return mcp.CallToolResult(content=[text("sampling is there")])


NAME = {"user_name": form("What is your name?", "name")}
INPUT = "test_input_required_result_"
TOOLS: dict[str, Answer] = {
    "test_image_content": returns(image()),
    "test_audio_content": returns(mcp.AudioContent(data=WAV, mime_type="audio/wav")),
    "test_embedded_resource": returns(
        embedded("test://embedded-resource", "text/plain", "This is an embedded resource content.")
    ),
    "test_multiple_content_types": returns(
        text("Multiple content types test:"),
        image(),
        embedded("test://mixed-content-resource", "application/json", '{"test":"data","value":123}'),
    ),
    "json_schema_2020_12_tool": returns(text("its schema is the point")),
    "test_missing_capability": needs_sampling,
    "test_streaming_elicitation": returns(text("nothing is streamed: an answer is one message")),
    "test_logging_tool": returns(text("nothing is logged: our tools run apart from the wire")),
    f"{INPUT}elicitation": asks(NAME),
    f"{INPUT}sampling": asks({"capital_question": sampling("What is the capital of France?")}),
    f"{INPUT}list_roots": asks({"client_roots": ROOTS}),
    f"{INPUT}request_state": asks({"confirm": form("Please confirm", "ok", "boolean")}, sealing=True),
    f"{INPUT}multiple_inputs": asks({**NAME, "greeting": sampling("Generate a greeting"), "client_roots": ROOTS}, sealing=True),
    f"{INPUT}multi_round": asks(
        {"step1": form("Step 1: What is your name?", "name")},
        {"step2": form("Step 2: What is your favorite color?", "color")},
    ),
    f"{INPUT}tampered_state": asks({"confirm": form("Please confirm", "ok", "boolean")}, sealing=True),
    f"{INPUT}capabilities": asks_what_it_may,
}
SCHEMAS = {"json_schema_2020_12_tool": SCHEMA_2020_12}


# ------------------------------------------------------------------------------------------------ prompts and resources
def prompt(name: str, *arguments: str) -> mcp.Prompt:
    """A prompt whose arguments are all required."""
    taken = [mcp.PromptArgument(name=argument, description="A value.", required=True) for argument in arguments]
    return mcp.Prompt(name=name, description=f"Fixture {name}.", arguments=taken)


PROMPTS = [
    prompt("test_simple_prompt"),
    prompt("test_prompt_with_arguments", "arg1", "arg2"),
    prompt("test_prompt_with_embedded_resource", "resourceUri"),
    prompt("test_prompt_with_image"),
    prompt(f"{INPUT}prompt"),
]


def prompt_contents(name: str, given: dict[str, str]) -> list[Any]:
    """What a prompt of the fixture says."""
    match name:
        case "test_simple_prompt":
            return [text("This is a simple prompt for testing.")]
        case "test_prompt_with_arguments":
            return [text(f"Prompt with arguments: arg1='{given['arg1']}', arg2='{given['arg2']}'")]
        case "test_prompt_with_embedded_resource":
            told = embedded(given["resourceUri"], "text/plain", "Embedded resource content for testing.")
            return [told, text("Please process the embedded resource above.")]
        case "test_prompt_with_image":
            return [image(), text("Please analyze the image above.")]
    return [text("the context is known")]


RESOURCES = [
    mcp.Resource(uri="test://static-text", name="static-text", description="A text.", mime_type="text/plain"),
    mcp.Resource(uri="test://static-binary", name="static-binary", description="A picture.", mime_type="image/png"),
]
TEMPLATE = mcp.ResourceTemplate(
    uri_template="test://template/{id}/data", name="template", description="Data by id.", mime_type="application/json"
)


def resource_contents(uri: str) -> Any | None:
    """What a resource of the fixture holds; None if it is not of the fixture."""
    if uri == "test://static-text":
        told = "This is the content of the static text resource."
        return mcp.TextResourceContents(uri=uri, mime_type="text/plain", text=told)
    if uri == "test://static-binary":
        return mcp.BlobResourceContents(uri=uri, mime_type="image/png", blob=PNG)
    if uri.startswith("test://template/") and uri.endswith("/data"):
        id = uri.removeprefix("test://template/").removesuffix("/data")
        data = json.dumps({"id": id, "templateTest": True, "data": f"Data for ID: {id}"})
        return mcp.TextResourceContents(uri=uri, mime_type="application/json", text=data)
    return None


class Fixtures(AgentPlane):
    """The agent plane with the suites' fixtures beside what an episode has."""

    def __init__(self, gym: Gym) -> None:
        super().__init__(gym)
        self.server.add_request_handler("completion/complete", mcp.CompleteRequestParams, self._complete)

    async def _list_tools(self, ctx: Context, params: mcp.PaginatedRequestParams | None) -> mcp.ListToolsResult:
        listed = await super()._list_tools(ctx, params)
        own = {tool.name: tool for tool in listed.tools}
        renamed = [own[name].model_copy(update={"name": alias}) for alias, name in OF_THE_ENVIRONMENT.items()]
        added = [
            mcp.Tool(name=name, description=f"Fixture {name}.", input_schema=SCHEMAS.get(name, NO_ARGUMENTS)) for name in TOOLS
        ]
        return listed.model_copy(update={"tools": [*listed.tools, *renamed, *added]})

    async def _call_tool(self, ctx: Context, params: mcp.CallToolRequestParams) -> Any:
        if params.name in TOOLS:
            return await TOOLS[params.name](ctx.session.client_capabilities or mcp.ClientCapabilities(), params)
        name = OF_THE_ENVIRONMENT.get(params.name, params.name)
        return await super()._call_tool(ctx, params.model_copy(update={"name": name}))

    async def play(self, id: str, tool: str, arguments: dict[str, Any], meta: dict[str, Any]) -> Any:
        """The fast lane's calls come from clients without capabilities."""
        if tool in TOOLS:
            return await TOOLS[tool](mcp.ClientCapabilities(), mcp.CallToolRequestParams(name=tool, arguments=arguments))
        return await super().play(id, OF_THE_ENVIRONMENT.get(tool, tool), arguments, meta)

    async def _list_prompts(self, ctx: Context, params: mcp.PaginatedRequestParams | None) -> mcp.ListPromptsResult:
        listed = await super()._list_prompts(ctx, params)
        return listed.model_copy(update={"prompts": [*listed.prompts, *PROMPTS]})

    async def _get_prompt(self, ctx: Context, params: mcp.GetPromptRequestParams) -> Any:
        if params.name not in {known.name for known in PROMPTS}:
            return await super()._get_prompt(ctx, params)
        asked = {"user_context": form("What context should the prompt use?", "context")}
        if params.name == f"{INPUT}prompt" and not answered(params, asked):
            return questions(asked)
        contents = prompt_contents(params.name, params.arguments or {})
        return mcp.GetPromptResult(messages=[mcp.PromptMessage(role="user", content=content) for content in contents])

    async def _list_resources(self, ctx: Context, params: mcp.PaginatedRequestParams | None) -> mcp.ListResourcesResult:
        listed = await super()._list_resources(ctx, params)
        return listed.model_copy(update={"resources": [*listed.resources, *RESOURCES]})

    async def _list_templates(self, ctx: Context, params: mcp.PaginatedRequestParams | None) -> mcp.ListResourceTemplatesResult:
        listed = await super()._list_templates(ctx, params)
        return listed.model_copy(update={"resource_templates": [TEMPLATE]})

    async def _read_resource(self, ctx: Context, params: mcp.ReadResourceRequestParams) -> mcp.ReadResourceResult:
        contents = resource_contents(params.uri)
        if contents is None:
            return await super()._read_resource(ctx, params)
        return mcp.ReadResourceResult(contents=[contents], ttl_ms=LIST_TTL_MS, cache_scope="public")

    async def _complete(self, ctx: Context, params: mcp.CompleteRequestParams) -> mcp.CompleteResult:
        return mcp.CompleteResult(completion=mcp.Completion(values=[], total=0, has_more=False))


async def main() -> None:
    """Serve one episode of the fixture environment until a signal ends it."""
    catalog = Catalog.of(Path(__file__).with_name("fixture"))
    async with Gym(catalog, pool=Pool(zygotes=1, spares=1)) as gym:
        episode = await gym.open("fixture")
        sock = bind(HOST, 0)
        base = f"http://{HOST}:{sock.getsockname()[1]}"
        control = ControlPlane(gym, secrets.token_urlsafe(24), lambda id: f"{base}/episodes/{id}/mcp")
        app = build_app(Fixtures(gym), control, host=HOST)
        await serve(app, sock, on_ready=lambda: print(f"{base}/episodes/{episode.id}/mcp", flush=True))


if __name__ == "__main__":
    asyncio.run(main())

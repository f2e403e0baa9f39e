"""An agent of the OpenAI Agents SDK plays one episode. Its model: MODEL at OPENAI_BASE_URL. Knows nothing of codegym."""

import asyncio
import os

from agents import Agent, ModelSettings, OpenAIChatCompletionsModel, Runner, set_tracing_disabled
from agents.mcp import MCPServerStreamableHttp
from openai import AsyncOpenAI


async def main() -> None:
    """As in the README, but for the endpoint."""
    set_tracing_disabled(True)
    server = MCPServerStreamableHttp(
        {"url": os.environ["CODEGYM_URL"]}, cache_tools_list=True, client_session_timeout_seconds=60
    )
    async with server:
        agent = Agent(
            name="player",
            model=OpenAIChatCompletionsModel(os.environ["MODEL"], AsyncOpenAI()),
            mcp_servers=[server],
            model_settings=ModelSettings(parallel_tool_calls=False),
        )
        done = await Runner.run(agent, os.environ["CODEGYM_TASK"], max_turns=300)
        print(done.final_output)


if __name__ == "__main__":
    asyncio.run(main())

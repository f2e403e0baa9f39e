"""An agent of Pydantic AI plays one episode. Its model: MODEL at OPENAI_BASE_URL. Knows nothing of codegym."""

import asyncio
import os

from pydantic_ai import Agent
from pydantic_ai.mcp import MCPToolset
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.usage import UsageLimits


async def main() -> None:
    """As in the README, but for the endpoint."""
    toolset = MCPToolset(os.environ["CODEGYM_URL"], max_retries=300)  # a failed call is an observation, not the end
    agent = Agent(OpenAIChatModel(os.environ["MODEL"]), toolsets=[toolset], model_settings={"parallel_tool_calls": False})
    done = await agent.run(os.environ["CODEGYM_TASK"], usage_limits=UsageLimits(request_limit=300))
    print(done.output)


if __name__ == "__main__":
    asyncio.run(main())

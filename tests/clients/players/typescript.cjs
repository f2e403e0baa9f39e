// Plays the calls it reads from stdin with an official TypeScript SDK, and writes what it saw to stdout.
// Started by ../foreign.py, which says what goes in and comes out. NODE_PATH leads to the packages.

const { readFileSync } = require("node:fs");
const ask = JSON.parse(readFileSync(0, "utf8"));

const sdk = {
  v1: () => ({
    ...require("@modelcontextprotocol/sdk/client/index.js"),
    ...require("@modelcontextprotocol/sdk/client/stdio.js"),
    ...require("@modelcontextprotocol/sdk/client/sse.js"),
    ...require("@modelcontextprotocol/sdk/client/streamableHttp.js"),
  }),
  v2: () => ({ ...require("@modelcontextprotocol/client"), ...require("@modelcontextprotocol/client/stdio") }),
}[ask.sdk]();

function transport() {
  if (ask.transport === "stdio") {
    const [command, ...args] = ask.command;
    return new sdk.StdioClientTransport({ command, args, env: process.env });
  }
  const Transport = ask.transport === "sse" ? sdk.SSEClientTransport : sdk.StreamableHTTPClientTransport;
  return new Transport(new URL(ask.url));
}

async function main() {
  const options = ask.era === "modern" ? { versionNegotiation: { mode: "auto" } } : {};
  const client = new sdk.Client({ name: "foreign", version: "1" }, options);
  const wire = transport();
  const adopt = wire.setProtocolVersion?.bind(wire);
  let protocol = null;
  wire.setProtocolVersion = (version) => {
    protocol = version;
    adopt?.(version);
  };
  await client.connect(wire);
  const { tools } = await client.listTools();
  let episode = null;
  if (ask.task !== null) {
    const started = await client.callTool({ name: "Start", arguments: { task: ask.task } });
    episode = started.structuredContent.episode;
  }
  const seen = [];
  for (const [name, given] of ask.calls) {
    const result = await client.callTool({ name, arguments: ask.handles ? { ...given, episode } : given });
    seen.push([result.content.map((part) => part.text).join(""), result.isError ?? false]);
  }
  const instructions = client.getInstructions() ?? null;
  await client.close();
  console.log(JSON.stringify({ protocol, instructions, tools: tools.map((tool) => tool.name), episode, seen }));
}

main();

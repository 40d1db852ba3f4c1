"""Serves tools to one assistant over standard input and output, for as long as it stays."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import hotcrm_ai
from hotcrm_ai.assembly import AI
from hotcrm_ai.domain.errors import HotCRMAIError, MissingExtra
from hotcrm_ai.entrypoints.mcp.asking import answer_call, told_to_assistant
from hotcrm_ai.entrypoints.mcp.tool import Tool, ToolScope
from hotcrm_ai.entrypoints.mcp.tool_table import tools_of
from hotcrm_ai.settings import Settings

if TYPE_CHECKING:
    import mcp_types as types
    from mcp.server import Server

INSTRUCTIONS: Final = (
    "Trained models of a CRM: lead scores, churn, sentiment, forecasts and recommendations, with reasons that add up. Ask list_models "
    "first for what there is and which facts a model takes. An unknown confidence is null; a failed question is an error, never a guess."
)


async def serve_assistant(settings: Settings, *, scope: ToolScope) -> None:
    """Serve the tools of a scope until the assistant closes standard input.

    Raises:
        MissingExtra: the extra ``mcp`` is not installed.
        ConfigError, StorageError: the workspace cannot be opened.
    """
    try:
        from mcp.server.stdio import stdio_server
    except ImportError:
        raise MissingExtra(feature="The server for assistants", extra="mcp") from None
    async with AI.open(settings) as ai:
        server = build_server(ai, scope=scope)
        async with stdio_server() as (incoming, outgoing):
            await server.run(incoming, outgoing, server.create_initialization_options())


def build_server(ai: AI, *, scope: ToolScope) -> Server[Any]:
    """Return the protocol's server over an open workspace."""
    import mcp_types as types
    from mcp.server import Server

    tools = tools_of(scope)

    async def list_tools(_: Any, __: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[described(tool) for tool in tools.values()])

    async def call_tool(_: Any, asked: types.CallToolRequestParams) -> types.CallToolResult:
        tool = tools.get(asked.name)
        if tool is None:
            return _failed(f"invalid_request: There is no tool {asked.name[:80]!r}; there are: {', '.join(tools)}.")
        try:
            answer = await answer_call(ai, tool, asked.arguments or {})
        except HotCRMAIError as error:
            return _failed(told_to_assistant(error, tool))
        text = json.dumps(answer, ensure_ascii=False)
        return types.CallToolResult(content=[types.TextContent(type="text", text=text)], structured_content=answer)

    return Server(
        "hotcrm-ai",
        version=hotcrm_ai.__version__,
        title="HotCRM AI",
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


def described(tool: Tool) -> types.Tool:
    """Return a tool as assistants read it."""
    import mcp_types as types

    only_reads = tool.scope == "read"
    return types.Tool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=tool.input_schema(),
        output_schema=tool.output_schema(),
        annotations=types.ToolAnnotations(
            title=tool.title,
            read_only_hint=only_reads,
            destructive_hint=False,
            idempotent_hint=tool.repeats,
            open_world_hint=tool.asks_models,
        ),
    )


def _failed(words: str) -> types.CallToolResult:
    import mcp_types as types

    return types.CallToolResult(content=[types.TextContent(type="text", text=words)], is_error=True)

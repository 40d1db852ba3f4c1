"""The Model Context Protocol: assistants ask the workspace's models as tools, over standard input and output."""

from hotcrm_ai.entrypoints.mcp.serving import serve_assistant

__all__ = ["serve_assistant"]

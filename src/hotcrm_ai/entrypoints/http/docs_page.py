"""Shows the API's description as one plain page: no script, nothing loaded from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from importlib.resources import files
from typing import Any, Final

from hotcrm_ai.entrypoints.http.problems import STATUS

_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} API</title>
<link rel="stylesheet" href="/docs/style.css">
</head>
<body>
<h1>{title} API</h1>
<p>Version {version}. For programs: <a href="/openapi.json">openapi.json</a>.</p>
<p>{introduction}</p>
<nav>{contents}</nav>
{operations}
<h2 id="records">Records</h2>
{records}
<h2 id="errors">Errors</h2>
{errors}
</body>
</html>
"""


def docs_page(document: Mapping[str, Any]) -> str:
    """Return the page for an OpenAPI document."""
    info, schemas = document["info"], document["components"]["schemas"]
    tags = [tag["name"] for tag in document["tags"]]
    contents = [f'<a href="#{_anchor(tag)}">{escape(tag)}</a>' for tag in tags]
    return _PAGE.format(
        title=escape(info["title"]),
        version=escape(info["version"]),
        introduction=_text(info["description"]),
        contents=" ".join([*contents, '<a href="#records">Records</a>', '<a href="#errors">Errors</a>']),
        operations="\n".join(_section(tag, document["paths"]) for tag in tags),
        records="\n".join(_record(name, schema) for name, schema in schemas.items()),
        errors=_table(("Code", "Status", "Meaning"), _error_rows()),
    )


def docs_styles() -> bytes:
    """Return the page's style sheet."""
    return (files("hotcrm_ai.entrypoints.http") / "docs.css").read_bytes()


def _section(tag: str, paths: Mapping[str, Mapping[str, Any]]) -> str:
    operations = [
        _operation(method, path, operation)
        for path, methods in paths.items()
        for method, operation in methods.items()
        if operation["tags"] == [tag]
    ]
    return f'<h2 id="{_anchor(tag)}">{escape(tag)}</h2>\n' + "\n".join(operations)


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> str:
    parameters = [
        (f"<code>{escape(parameter['name'])}</code>", escape(parameter["in"]), _text(parameter["description"]))
        for parameter in operation["parameters"]
    ]
    takes = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    responses = [
        (
            escape(status),
            " ".join(_type(content["schema"]) for content in response["content"].values()),
            _text(response["description"]),
        )
        for status, response in operation["responses"].items()
    ]
    return "\n".join(
        [
            f'<h3 id="{escape(operation["operationId"])}"><span class="method">{method.upper()}</span> <code>{escape(path)}</code></h3>',
            f"<p><strong>{_text(operation['summary'])}</strong> {_text(operation['description'])}</p>",
            f"<p>Body: {_type(takes)}. {_text(operation['requestBody']['description'])}</p>" if takes else "",
            _table(("Parameter", "In", "Meaning"), parameters) if parameters else "",
            _table(("Status", "Gives", "Meaning"), responses),
        ]
    )


def _record(name: str, schema: Mapping[str, Any]) -> str:
    required = schema.get("required", ())
    rows = [
        (
            f"<code>{escape(field)}</code>",
            _type(part) + ("" if field in required else ", optional"),
            _text(part["description"]),
        )
        for field, part in schema.get("properties", {}).items()
    ]
    words = f"<p>{_text(schema.get('description', ''))}</p>"
    return f'<h3 id="{escape(name)}">{escape(name)}</h3>\n{words}\n{_table(("Field", "Type", "Meaning"), rows)}'


def _error_rows() -> list[tuple[str, str, str]]:
    rows: dict[str, tuple[str, str, str]] = {}
    for kind, status in STATUS.items():
        anchor = f'<code id="{escape(kind.code)}">{escape(kind.code)}</code>'
        rows.setdefault(kind.code, (anchor, str(status), _text((kind.__doc__ or "").splitlines()[0])))
    rows["unexpected_error"] = (
        '<code id="unexpected_error">unexpected_error</code>',
        "500",
        "An error that nobody foresaw.",
    )
    return [rows[code] for code in sorted(rows)]


def _type(schema: Mapping[str, Any]) -> str:
    """Return a schema in a few words, with links to the records that it names."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rsplit("/", 1)[1])
        return f'<a href="#{name}">{name}</a>'
    if "anyOf" in schema:
        return " or ".join(_type(part) for part in schema["anyOf"])
    if "enum" in schema:
        return " or ".join(f"<code>{escape(str(value))}</code>" for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}" if isinstance(schema.get("items"), Mapping) else "list"
    kind = schema.get("type", "any value")
    return escape(kind if isinstance(kind, str) else " or ".join(kind))


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in heads)
    lines = "\n".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table>\n<tr>{head}</tr>\n{lines}\n</table>"


def _text(words: str) -> str:
    """Escape text; what stands between backticks, single or double, is shown as code."""
    parts = escape(words).replace("``", "`").split("`")
    return "".join(f"<code>{part}</code>" if place % 2 else part for place, part in enumerate(parts))


def _anchor(tag: str) -> str:
    return escape(tag.lower())

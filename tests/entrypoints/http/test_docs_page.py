"""The page of the API needs no script, loads nothing from elsewhere, and shows text as text."""

from __future__ import annotations

import copy
import re

import httpx

from hotcrm_ai.entrypoints.http.docs_page import docs_page
from hotcrm_ai.entrypoints.http.openapi import build_document
from hotcrm_ai.entrypoints.http.operations import OPERATIONS
from hotcrm_ai.entrypoints.http.problems import STATUS


async def test_the_page_loads_only_its_own_style_sheet(client: httpx.AsyncClient) -> None:
    """No script, no inline style, no address of another host."""
    page = await client.get("/docs")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "style-src 'self'" in page.headers["content-security-policy"]
    assert "script" not in page.headers["content-security-policy"]
    for forbidden in ("<script", "<style", "style=", "onclick", "http://", "https://", "//cdn"):
        assert forbidden not in page.text
    (sheet,) = re.findall(r'<link rel="stylesheet" href="([^"]+)">', page.text)
    styles = await client.get(sheet)
    assert (styles.status_code, styles.headers["content-type"]) == (200, "text/css; charset=utf-8")
    assert "url(" not in styles.text


async def test_the_page_lists_every_operation_record_and_error(client: httpx.AsyncClient) -> None:
    """What is in the document is on the page, and every link within the page leads somewhere."""
    text = (await client.get("/docs")).text
    for operation in OPERATIONS:
        assert f'<span class="method">{operation.method}</span> <code>{operation.path}</code>' in text
    for kind in STATUS:
        assert f'id="{kind.code}"' in text
    anchors = re.findall(r' id="([^"]+)"', text)
    assert len(anchors) == len(set(anchors))
    assert set(re.findall(r'href="#([^"]+)"', text)) <= set(anchors)


def test_markup_in_a_description_is_shown_as_text() -> None:
    """Nothing that stands in the document becomes markup."""
    document = copy.deepcopy(build_document(OPERATIONS))
    document["info"]["title"] = "<script>alert(1)</script>"
    document["paths"]["/livez"]["get"]["summary"] = 'x" onload="alert(1)<img src=x>'
    text = docs_page(document)
    assert "<script>" not in text
    assert "<img" not in text
    assert 'x" onload' not in text

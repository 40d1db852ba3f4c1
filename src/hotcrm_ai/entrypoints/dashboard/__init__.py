"""The pages that people look at in a browser: server-rendered, with nothing loaded from elsewhere.

A page is one module in ``pages/`` that declares ``PAGES``, and one template in ``templates/``; both are found by being there. The module
says path, scope and place in the menu; its function takes a ``Visit`` (workspace, path, query, form) and returns ``Shown`` with the
template's name and values, ``Sent`` to lead on to another page, or ``Told`` with JSON for a script. A template extends ``layout.html``
and takes cards, empty states and charts from ``parts.html``. Charts are records of ``charts.py``; ``static/app.js`` draws them.
A form that changes something has the method ``post`` and ``{{ csrf_field(visit) }}`` inside.
"""

from hotcrm_ai.entrypoints.dashboard.application import create_dashboard

__all__ = ["create_dashboard"]

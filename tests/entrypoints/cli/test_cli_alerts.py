"""A sink is tried on the command line, which says what was sent and where to."""

from __future__ import annotations

from hotcrm_ai.domain.alert_settings import read_alert_settings

SENT = "Test of this alert sink. Nothing is wrong: somebody wanted to see that messages arrive here."


def test_the_log_is_tried(cli):
    """The answer names the sink, where it leads and the words that were sent; the log of the process has them too."""
    answer = cli("alerts", "test", "log")
    assert answer.code == 0
    assert answer.out.splitlines() == ["The sink 'log' (the log of this process) took the message:", SENT]
    assert cli("alerts", "test", "log", "--json").document == {
        "sink": "log",
        "destination": "the log of this process",
        "message": SENT,
        "delivered": True,
    }


def test_each_kind_of_sink_says_where_it_leads():
    """The destination is for people and holds no secret: of a webhook the host, of a channel nothing, of e-mail its recipients."""
    settings = read_alert_settings(
        {
            "sinks": {
                "pager": {"kind": "webhook", "url": "https://hooks.example.com/deep/secret", "secret": {"env": "KEY"}},
                "channel": {"kind": "slack", "url": {"env": "SLACK_URL"}},
                "team": {
                    "kind": "email", "host": "mail.example.com", "sender": "ai@example.com",
                    "recipients": ["ops@example.com", "sales@example.com"],
                },
            }
        }
    )  # fmt: skip
    assert {name: settings.destination_of(name) for name in ("log", *settings.sinks)} == {
        "log": "the log of this process",
        "pager": "a webhook at hooks.example.com",
        "channel": "the channel of its incoming webhook",
        "team": "ops@example.com, sales@example.com by mail.example.com:587",
    }

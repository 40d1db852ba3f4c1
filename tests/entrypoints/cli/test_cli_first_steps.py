"""What somebody new meets: a slip in a command, a file that is none, a place where nothing can be written."""

from __future__ import annotations

import pytest


def test_a_misspelt_command_is_met_with_the_nearest(cli):
    """The message names the command that was probably meant."""
    answer = cli("scor", at_home=False)
    assert answer.code == 2
    assert "did you mean 'score'?" in answer.err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", " is empty"),
        (b"\x89PNG\r\n\x1a\n\0\0", ", line 3: holds a NUL byte"),
        (b"\xff\xfe\x00\x9f", " has no column that the model knows"),
        (b"\xff\xfe\x00\x9f\x00", " is not readable as UTF-16"),
    ],
)
def test_a_file_that_is_no_table_is_named(cli, tmp_path, content, said):
    """An empty and a binary file are bad input, told in words."""
    place = tmp_path / "leads.csv"
    place.write_bytes(content)
    answer = cli("predict", "lead-scoring-v1", "--file", str(place))
    assert answer.code == 2
    assert f"'leads.csv'{said}" in answer.err


def test_a_place_whose_name_is_too_long_is_refused_by_its_name(cli, tmp_path, lead_json):
    """The message names the path that was given, not one of the program's own."""
    place = tmp_path / ("x" * 300 + ".png")
    answer = cli("explain", "lead-scoring-v1", "--features", lead_json, "--plot", str(place))
    assert answer.code == 2
    assert f"--plot '{place}'" in answer.err


def test_ids_of_models_are_never_broken(cli, monkeypatch):
    """At 80 columns every id stands whole on one line."""
    monkeypatch.setenv("COLUMNS", "80")
    listed = cli("models", "list").out
    assert "product-recommendation-v1" in listed
    assert "sentiment-analysis-v1" in listed

"""A message is read as what its writer says, whatever it quotes and however it is written."""

from __future__ import annotations

import time

import pytest

from hotcrm_ai.local_models.text_cleaning import MOST_CHARACTERS, clean_text
from hotcrm_ai.local_models.text_tokens import MOST_TOKENS, read_tokens


@pytest.mark.parametrize(
    "thread",
    [
        "It is broken.\n\nOn Mon, 3 Mar 2026 at 10:12, Ann <ann@example.com> wrote:\n> All is great!",
        "It is broken.\r\n\r\n-----Original Message-----\r\nFrom: Ann\r\nAll is great!",
        "It is broken.\n\nAm 3. März 2026 um 10:12 schrieb Ann:\n> Alles super!",
        "It is broken.\n\nLe 3 mars 2026, Ann a écrit :\n> Tout va bien!",
        "It is broken.\n\nEl 3 de marzo, Ann escribió:\n> ¡Genial!",
        "> All is great!\nIt is broken.\n\nBest regards\nAnn Great\nGreat Ltd",
        "It is broken.\n\nFrom: Ann\nSent: Monday\nAll is great!",
        "It is broken.\n-- \nAnn, Happy Company",
        "<p>It is broken.</p><blockquote>All is great!</blockquote>",
        "It is broken.\n\nSent from my phone",
    ],
)
def test_quoted_mails_signatures_and_markup_are_left_out(thread):
    """Only the answer counts, not what it answers or who signs it."""
    assert clean_text(thread).strip("> \n") == "It is broken."


def test_a_text_that_only_quotes_is_kept():
    """Where nothing would be left, what is quoted is all there is."""
    assert clean_text("> all is\n> great") == "> all is\n> great"
    assert clean_text("Best regards") == "Best regards"


def test_names_addresses_and_numbers_are_made_alike():
    """Whoever is addressed, and whatever link or number, it is the same word."""
    words = [token.word for token in read_tokens("@ann see https://a.example/x or mail b@c.example, 2,500 left, 30%")]
    assert words == ["<user>", "see", "<url>", "or", "mail", "<mail>", "0", "left", "0%"]


def test_stretched_words_and_capitals_keep_their_word():
    """``sooooo`` is *so* and ``GREAT`` is *great*, both marked as stressed."""
    so, great = read_tokens("sooooo GREAT")
    assert (so.word, so.stretched, so.shouted) == ("so", True, False)
    assert (great.word, great.stretched, great.shouted) == ("great", False, True)


def test_faces_in_letters_and_pictures_are_read():
    """Emoticons become two words, emojis stay what they are, without the tone of the skin's place in another word."""
    assert [token.word for token in read_tokens(":) :-( <3 </3")] == ["<glad>", "<sad>", "<glad>", "<sad>"]
    assert [token.word for token in read_tokens("😡👍")] == ["😡", "👍"]


@pytest.mark.parametrize(
    ("text", "negated"),
    [
        ("not good", ["good"]),
        ("I don't like it, it is slow", ["like", "it"]),
        ("not cheap but good", ["cheap"]),
        ("Das ist nicht gut.", ["gut"]),
        ("ce n'est pas bon", ["bon"]),
        ("no funciona bien", ["funciona", "bien"]),
        ("It is good", []),
    ],
)
def test_negation_reaches_three_words_and_no_further_than_the_clause(text, negated):
    """Words after a negation are marked until a stop, a *but*, or the third word."""
    assert [token.word for token in read_tokens(text) if token.negated] == negated


def test_hashtags_are_read_as_their_words():
    """A tag written in capitals and smalls is split."""
    assert [token.word for token in read_tokens("#NeverAgain #fail")] == ["never", "again", "fail"]


@pytest.mark.parametrize(
    "hostile",
    [
        "<" * 65_000,
        "<a " * 21_000,
        "a" * 65_000,
        "\n> " * 21_000,
        "on " * 21_000,
        "a'-" * 21_000,
        "((" * 32_000,
        "!?" * 32_000,
    ],
)
def test_hostile_texts_are_read_quickly(hostile):
    """No pattern takes long on 64 KiB that were made to make it, and no text has more tokens than the limit."""
    started = time.process_time()
    assert len(read_tokens(hostile)) <= MOST_TOKENS
    assert time.process_time() - started < 0.5


def test_of_a_long_text_the_beginning_and_the_end_are_read():
    """What is in the middle of 64 KiB does not count."""
    text = "first " + "word " * 12_000 + "last"
    words = [token.word for token in read_tokens(text)]
    assert (words[0], words[-1]) == ("first", "last")
    assert len(clean_text(text)) <= MOST_CHARACTERS + 1


@pytest.mark.parametrize(
    ("text", "turned"),
    [
        ("I can't thank you enough", []),
        ("It could not be better", ["be"]),
        ("You won't find a nicer team", ["find", "a"]),
        ("Ich könnte nicht zufriedener sein", []),
        ("It is not better", ["better"]),
        ("I can't hear it well enough", ["hear", "it", "well"]),
        ("I can't. Good enough", []),
        ("can't enough", ["enough"]),
    ],
)
def test_what_cannot_be_more_is_not_turned(text, turned):
    """*Couldn't be better* and *can't thank you enough* praise, whatever stands in between."""
    assert [token.word for token in read_tokens(text) if token.negated] == turned

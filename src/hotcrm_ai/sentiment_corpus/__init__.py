"""A corpus of customers' messages with their moods, written for this product, from which the packaged sentiment model learns."""

from hotcrm_ai.sentiment_corpus.generate import LabelledText, generate_corpus

__all__ = ["LabelledText", "generate_corpus"]

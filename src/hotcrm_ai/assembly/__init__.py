"""Opens, joins and closes every part of one workspace: the only place where parts learn of each other."""

from hotcrm_ai.assembly.ai import AI

__all__ = ["AI"]

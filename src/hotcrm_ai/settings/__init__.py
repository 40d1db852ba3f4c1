"""Typed settings of one workspace: from arguments, the environment and a file, with all mistakes reported at once."""

from hotcrm_ai.settings.settings import DEFAULT_HOME, Settings
from hotcrm_ai.settings.sources import SETTINGS_FILE

__all__ = ["DEFAULT_HOME", "SETTINGS_FILE", "Settings"]

"""HotCRM AI."""

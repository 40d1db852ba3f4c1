"""The faces of an exported model: what an exported folder carries along to answer elsewhere, without workspace, database or network."""

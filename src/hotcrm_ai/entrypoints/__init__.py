"""The faces of the product: HTTP, command line, dashboard; they never import one another."""

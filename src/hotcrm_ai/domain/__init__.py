"""The words of the product: frozen, pure records and rules, without I/O, clock or chance."""

"""Reading the language: YAML with places, Jinja on the leaves, fields with their types."""

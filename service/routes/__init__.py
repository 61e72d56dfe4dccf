"""One module per family of operations; handlers only translate."""

"""Judge what source systems say: read, question, link and file the evidence of a trade."""

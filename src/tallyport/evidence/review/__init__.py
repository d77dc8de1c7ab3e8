"""Review (复核): what the matching doubts becomes questions that a person can answer."""

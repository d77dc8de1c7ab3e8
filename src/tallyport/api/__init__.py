"""The API (开放接口): decode, ask the node or its views, encode; nothing is decided here."""

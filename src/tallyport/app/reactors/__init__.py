"""Automation (自动执行): what follows by itself from what happened, once however often told."""

"""The demo (演示): a simulated export business, from nine exports to a settled certificate."""

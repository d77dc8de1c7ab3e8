"""Places outside that keep our checkpoints (锚定): who reads them sees a fork."""

"""Documents (单证识别): papers of the trade, read into fields that are checked."""

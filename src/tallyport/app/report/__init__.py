"""The report (报告): what happened, on one page with pictures that opens without a network."""

"""tallyport: trade evidence in, credit out."""

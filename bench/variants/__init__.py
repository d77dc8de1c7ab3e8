"""Other worlds made of a world with known truth, without any generator: for `linkage_variants`."""

"""The consortium engine (联盟引擎): the same ledger as an ABCI 2.0 application under CometBFT."""

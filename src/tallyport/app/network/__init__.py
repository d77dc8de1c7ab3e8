"""Networks (联盟网络): laid out, started, watched: one CometBFT and one application a member."""

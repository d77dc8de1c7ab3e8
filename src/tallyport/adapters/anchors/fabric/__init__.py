"""Hyperledger Fabric as an anchor (Fabric 锚点): a chaincode keeps, a client asks."""

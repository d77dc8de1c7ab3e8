"""Bytes of anybody, fed to every reader that takes bytes from outside (模糊测试).

targets   what is tried: one function a reader; it returns when the reader kept its promise
seeds     good input of each kind, made by code, from which bad input is grown
run       growing bad input guided by coverage: `make fuzz`
"""

"""Freight reconciliation (网络货运对账): hauls, bills, payments of shippers and to carriers.

    shipper ──bill──▶ custody account ──advance, fuel card, balance──▶ carrier

facts → billing → receiving, paying → judging → settlement: one module each, tied by `check`.
"""

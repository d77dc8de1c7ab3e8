"""What binds (智能合约): one package a contract, one module a verb, a table in each `__init__`.

Contracts build on each other in one direction only:

    members ◀─ law ◀─ books ◀─ attestation ◀─ escrow
                        ▲        ▲
                      pledge ◀─ limit ◀─ receivable ◀─ financing
"""

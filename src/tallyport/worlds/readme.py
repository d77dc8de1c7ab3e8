"""The page beside the files of a world (说明), so that nobody takes them for real."""

from __future__ import annotations

from tallyport.worlds.files import File
from tallyport.worlds.reality.period import AS_OF, FIRST_DAY

_TEXT = """# A simulated trade world

{vehicles} used cars exported from Xinjiang, {first} to {last}; seed {seed}, noise {noise}.
Nothing here is real: firms, persons, banks and vehicles are invented. A few numbers (contract
XJYO-2024040401, its declaration, three VINs, one buyer's name) are taken from a published article.

| folder | system | format |
|---|---|---|
| 01_contracts | orders | workbook, sheets 合同 and 合同明细; days as Y/M/D |
| 02_vehicles | stock records | CSV, GB18030 |
| 03_inspections | third-party inspection | XML, UTF-8; days as YYYYMMDD |
| 04_service_history | maintenance and accidents | CSV, UTF-8 with mark; days as Y年M月D日 |
| 05_customs | export declarations | XML, GB18030; days as YYYYMMDD |
| 06_logistics | waybills, vehicles, legs, lock events | CSV, UTF-8; locks in UTC, others local |
| 07_overseas_warehouse | receipts, releases, stock | CSV, windows-1251, `;`; days as DD.MM.YYYY |
| 08_invoices_tax | export invoices, tax rebates | workbook, sheet 发票; CSV, GB18030 |
| 09_bank | statements, one file an account | XML, camt.053.001.08 |
| 10_buyer_registry | buyers | workbook, sheet 买方 |
| reference | rates, watch list, high-risk countries, sellers, accounts | CSV, UTF-8 |
| truth | what really belongs together | CSV, UTF-8; for measuring only |

All files were exported on {last}. Some rows are torn (no number, a day that does not exist): the
whole row stands right before each of them.
"""


def file(seed: int, vehicles: int, noise: float) -> File:
    """Write the page."""
    text = _TEXT.format(
        vehicles=vehicles,
        first=FIRST_DAY.isoformat(),
        last=AS_OF.isoformat(),
        seed=seed,
        noise=noise,
    )
    return File("README.md", text.encode())

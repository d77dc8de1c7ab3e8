"""How findings about papers are said to people (提示文字), in Chinese, English and Russian."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tallyport.evidence.documents.model import Finding, Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A rule in three languages."""

    zh: str
    en: str
    ru: str


TEXTS: Mapping[Rule, Text] = {
    Rule.EMPTY: Text(
        zh="文件为空",
        en="the file is empty",
        ru="файл пуст",
    ),
    Rule.UNKNOWN_FORM: Text(
        zh="文件格式不支持",
        en="the form of the file is not one that is read",
        ru="формат файла не поддерживается",
    ),
    Rule.TOO_LARGE: Text(
        zh="文件过大",
        en="the file is too large",
        ru="файл слишком велик",
    ),
    Rule.BOMB: Text(
        zh="疑似压缩炸弹",
        en="the package unpacks to far more than it is",
        ru="архив распаковывается в непомерный объём",
    ),
    Rule.PATH: Text(
        zh="路径越界",
        en="a path leads out of the package",
        ru="путь ведёт за пределы архива",
    ),
    Rule.NESTED: Text(
        zh="压缩包中含压缩包",
        en="an archive lies in the package",
        ru="в архиве лежит другой архив",
    ),
    Rule.ENTITIES: Text(
        zh="XML含实体声明",
        en="the XML declares entities",
        ru="XML объявляет сущности",
    ),
    Rule.BROKEN: Text(
        zh="文件损坏",
        en="the file is broken",
        ru="файл повреждён",
    ),
    Rule.ACTIVE: Text(
        zh="PDF含可执行内容",
        en="the PDF would do something when opened",
        ru="PDF содержит исполняемые действия",
    ),
    Rule.POLYGLOT: Text(
        zh="文件同时是另一种格式",
        en="the file is two things at once",
        ru="файл является сразу двумя форматами",
    ),
    Rule.PAGES: Text(
        zh="页数过多",
        en="the file has too many pages",
        ru="в файле слишком много страниц",
    ),
    Rule.NOT_READ: Text(
        zh="未能识别文字",
        en="no text could be read",
        ru="текст не распознан",
    ),
    Rule.SIGNED: Text(
        zh="签名有效（未核验证书颁发者）",
        en="the signature holds; who issued the certificate was not checked",
        ru="подпись верна; издатель сертификата не проверен",
    ),
    Rule.UNSIGNED: Text(
        zh="无电子签名",
        en="there is no signature",
        ru="подписи нет",
    ),
    Rule.SIGNATURE_UNCHECKED: Text(
        zh="签名未核验",
        en="the signature was not checked",
        ru="подпись не проверена",
    ),
    Rule.SIGNATURE_BROKEN: Text(
        zh="签名无效",
        en="the signature does not hold",
        ru="подпись неверна",
    ),
    Rule.LINES: Text(
        zh="明细与合计不符",
        en="the lines do not sum to the total",
        ru="строки не дают итога",
    ),
    Rule.TAX: Text(
        zh="税额与税率不符",
        en="the tax is not amount times rate",
        ru="налог не равен сумме, умноженной на ставку",
    ),
    Rule.TOTAL: Text(
        zh="价税合计不符",
        en="the total is not net plus tax",
        ru="итог не равен сумме без налога плюс налог",
    ),
    Rule.WORDS: Text(
        zh="大写与小写金额不符",
        en="the amount in words is not that in figures",
        ru="сумма прописью не равна сумме цифрами",
    ),
    Rule.TAX_NUMBER: Text(
        zh="统一社会信用代码校验位错误",
        en="the check sign of a tax number does not fit",
        ru="контрольный знак налогового номера неверен",
    ),
    Rule.VIN_DIGIT: Text(
        zh="车架号校验位错误",
        en="the check digit of a VIN does not fit",
        ru="контрольная цифра VIN неверна",
    ),
    Rule.FUTURE: Text(
        zh="日期在未来",
        en="a day lies in the future",
        ru="дата в будущем",
    ),
    Rule.TWO_VALUES: Text(
        zh="同一单证内容不一致",
        en="the paper says two things",
        ru="документ противоречит сам себе",
    ),
    Rule.SAME_BYTES: Text(
        zh="文件重复",
        en="the same file was handed in before",
        ru="тот же файл уже подан",
    ),
    Rule.SAME_NUMBER: Text(
        zh="发票号码重复",
        en="an invoice of this number was handed in before",
        ru="счёт с этим номером уже подан",
    ),
    Rule.SAME_CONTENT: Text(
        zh="内容重复，疑似重扫",
        en="the same content was handed in before: scanned again?",
        ru="то же содержание уже подано: повторный скан?",
    ),
    Rule.NO_DOSSIER: Text(
        zh="未找到对应档案",
        en="no record that the paper belongs to",
        ru="нет записи, к которой относится документ",
    ),
    Rule.AMOUNT_DIFFERS: Text(
        zh="金额与业务记录不符",
        en="the amount is not that of the record",
        ru="сумма не совпадает с записью",
    ),
}


def sentence(finding: Finding) -> str:
    """Return a finding in Chinese and English with what was expected, what came, and where."""
    text = TEXTS[finding.rule]
    place = f" ({finding.origin})" if finding.origin else ""
    return f"{text.zh} / {text.en}: expected {finding.expected}, came {finding.came}{place}"

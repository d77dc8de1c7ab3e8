"""Invented names (虚构名称) and the ways to write them in Latin letters (转写).

One Cyrillic word, four conventions, each used by somebody in this trade:

    Жемчуг    ZHEMCHUG  passport      ZHEMCHUG  bank
              SHEMTSCHUG  german      JEMCHUG   turkic

Firms are two or three words of the tables below, sole traders bear surnames made of plant names:
whoever is called so in earnest is not meant. The only name from a source is LLC "MILAN" Group.
"""

from __future__ import annotations

from collections.abc import Mapping

# Cyrillic, Chinese.
BRANDS = (
    ("Караван", "卡拉万"),
    ("Тулпар", "图尔帕尔"),
    ("Жемчуг", "热姆丘格"),
    ("Шафран", "沙夫兰"),
    ("Чинара", "奇纳拉"),
    ("Юрта", "尤尔塔"),
    ("Хризолит", "赫里佐利特"),
    ("Меридиан", "梅里迪安"),
    ("Маяк", "马亚克"),
    ("Айсберг", "艾斯伯格"),
    ("Журавль", "茹拉夫利"),
    ("Цитадель", "齐塔杰利"),
    ("Щедрость", "谢德罗斯季"),
    ("Шторм", "什托尔姆"),
    ("Беркут", "别尔库特"),
    ("Ирбис", "伊尔比斯"),
    ("Родник", "罗德尼克"),
    ("Хлопок", "赫洛波克"),
    ("Якорь", "亚科里"),
    ("Зодиак", "佐季阿克"),
    ("Самоцвет", "萨莫茨韦特"),
    ("Гранит", "格拉尼特"),
    ("Каньон", "卡尼翁"),
    ("Орбита", "奥尔比塔"),
    ("Эдельвейс", "埃德尔维斯"),
    ("Парус", "帕鲁斯"),
    ("Кипарис", "基帕里斯"),
    ("Лазурит", "拉祖里特"),
    ("Чайхана", "恰伊哈纳"),
    ("Ковчег", "科夫切格"),
)
TRADES = (
    ("Авто", "汽车"),
    ("Моторс", "车业"),
    ("Трейд", "贸易"),
    ("Импорт", "进口"),
    ("Сервис", "服务"),
    ("Транзит", "转运"),
    ("Холдинг", "控股"),
    ("Альянс", "联盟"),
    ("Драйв", "驾驭"),
    ("Центр", "中心"),
)
# Given name, Chinese; surname, patronymic: all derived from plants and stones.
GIVEN = (
    ("Алмаз", "阿尔马兹"),
    ("Лавр", "拉夫尔"),
    ("Рубин", "鲁宾"),
    ("Берилл", "别里尔"),
    ("Агат", "阿加特"),
    ("Опал", "奥帕尔"),
    ("Топаз", "托帕斯"),
    ("Сапфир", "萨普菲尔"),
)
SURNAMES = (
    ("Урюков", "乌留科夫"),
    ("Шалфеев", "沙尔费耶夫"),
    ("Чабрецов", "恰布列佐夫"),
    ("Щавелев", "夏韦列夫"),
    ("Юккин", "尤金"),
    ("Хмелевский", "赫梅列夫斯基"),
    ("Ежевикин", "叶热维金"),
    ("Жасминов", "扎斯米诺夫"),
    ("Барбарисов", "巴尔巴里索夫"),
    ("Кизилов", "基济洛夫"),
    ("Цикориев", "齐科里耶夫"),
    ("Лавандин", "拉万金"),
    ("Мятликов", "米亚特利科夫"),
    ("Облепихин", "奥布列皮欣"),
    ("Эвкалиптов", "埃夫卡利普托夫"),
    ("Чечевицын", "切切维岑"),
)
PATRONYMICS = ("Алмазович", "Лаврович", "Рубинович", "Бериллович")

_LETTERS = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"


def _scheme(latin: str) -> Mapping[str, str]:
    """Pair the Cyrillic letters with `latin`, where a dot stands for nothing."""
    return dict(zip(_LETTERS, ("" if part == "." else part for part in latin.split()), strict=True))


PASSPORT = _scheme("a b v g d e yo zh z i y k l m n o p r s t u f kh ts ch sh shch . y . e yu ya")
BANK = _scheme("a b v g d e e zh z i i k l m n o p r s t u f kh ts ch sh shch ie y . e iu ia")
GERMAN = _scheme(
    "a b w g d e jo sh s i j k l m n o p r s t u f ch z tsch sch schtsch . y . e ju ja"
)
TURKIC = _scheme("a b v g d e yo j z i y k l m n o p r s t u f h ts ch sh sh . i . e yu ya")
SCHEMES = (PASSPORT, BANK, GERMAN, TURKIC)


def latin(cyrillic: str, scheme: Mapping[str, str] = PASSPORT) -> str:
    """Return `cyrillic` in Latin letters; what is no Cyrillic letter stays as it is."""
    return "".join(
        scheme.get(char, char) if char.islower() else scheme.get(char.lower(), char).capitalize()
        for char in cyrillic
    )

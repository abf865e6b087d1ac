"""Words of the outputs, dates and numbers in English, Azerbaijani, Armenian and Russian.

Pure data and formatting. A word is missing in no language; names of places and districts come from geodata/ and may be.
"""

from __future__ import annotations

import math
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from mapper.errors import MapperError
from mapper.rounding import format_interval
from mapper.style import LANGUAGES, Language

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from mapper.testimony import Testimony

_WORDS: Final[Mapping[str, tuple[str, str, str, str]]] = MappingProxyType(
    {
        "title": (
            "Who controlled what: {day}",
            "Kim nəyə nəzarət edirdi: {day}",
            "Ով ինչ էր վերահսկում. {day}",
            "Кто что контролировал: {day}",
        ),
        "title-recognised": (
            "Internationally recognised borders: {day}",
            "Beynəlxalq səviyyədə tanınmış sərhədlər: {day}",
            "Միջազգայնորեն ճանաչված սահմաններ. {day}",
            "Международно признанные границы: {day}",
        ),
        "chart-title": (
            "Land not held by its own state, by who holds it",
            "Öz dövlətinin nəzarətində olmayan ərazi, nəzarət edən tərəf üzrə",
            "Սեփական պետության կողմից չվերահսկվող տարածքը՝ ըստ վերահսկողի",
            "Земли не под контролем своего государства, по тому, кто их контролирует",
        ),
        "chart-marks": (
            "Dashed lines: ceasefires and agreements.",
            "Qırıq xətlər: atəşkəslər və razılaşmalar.",
            "Ընդհատ գծեր՝ հրադադարներ և համաձայնագրեր։",
            "Пунктир: прекращения огня и соглашения.",
        ),
        "chart-axis": (
            "Area, km²",
            "Sahə, km²",
            "Տարածք, կմ²",
            "Площадь, км²",
        ),
        "conflict": (
            "Nagorno-Karabakh conflict",
            "Dağlıq Qarabağ münaqişəsi",
            "Լեռնային Ղարաբաղի հակամարտություն",
            "Нагорно-карабахский конфликт",
        ),
        "view-de-facto": (
            "control on the ground",
            "faktiki nəzarət",
            "փաստացի վերահսկողություն",
            "фактический контроль",
        ),
        "view-recognised": (
            "recognised sovereignty",
            "tanınmış suverenlik",
            "ճանաչված ինքնիշխանություն",
            "признанный суверенитет",
        ),
        "view-claimed": (
            "control on the ground, claims hatched",
            "faktiki nəzarət, iddialar ştrixlənib",
            "փաստացի վերահսկողություն, հավակնությունները՝ գծանշված",
            "фактический контроль, притязания заштрихованы",
        ),
        "mode-best": (
            "each change on its most likely day",
            "hər dəyişiklik ən ehtimal olunan günündə",
            "ամեն փոփոխություն՝ իր ամենահավանական օրը",
            "каждое изменение в наиболее вероятный день",
        ),
        "mode-certain": (
            "only what is certain",
            "yalnız dəqiq bilinən",
            "միայն այն, ինչ ստույգ է",
            "только достоверно известное",
        ),
        "mode-possible": (
            "the newest holder that is possible",
            "mümkün olan ən yeni nəzarət edən tərəf",
            "հնարավոր ամենանոր վերահսկողը",
            "самый поздний из возможных держателей",
        ),
        "known": ("as known on {day}", "{day} tarixində məlum olana görə", "ըստ {day} հայտնիի", "по данным на {day}"),
        "account": ("account: {name}", "versiya: {name}", "վարկած՝ {name}", "версия: {name}"),
        "overlays": (
            "Over the land",
            "Ərazinin üzərində",
            "Տարածքի վրա",
            "Поверх территории",
        ),
        "overlay": ("Also", "Həmçinin", "Նաև", "Также"),
        "claims": ("Claims", "İddialar", "Հավակնություններ", "Притязания"),
        "no-outline": (
            "no outline published",
            "konturu dərc olunmayıb",
            "ուրվագիծը չի հրապարակվել",
            "контур не опубликован",
        ),
        "hypothetical": (
            "hypothetical location",
            "hipotetik yer",
            "ենթադրական տեղ",
            "положение гипотетическое",
        ),
        "around": ("Around", "Ətrafda", "Շրջակայքում", "Вокруг"),
        "legend": ("Legend", "Şərti işarələr", "Պայմանական նշաններ", "Условные знаки"),
        "area": ("area, km²", "sahə, km²", "մակերես, կմ²", "площадь, км²"),
        "rounded": (
            "Areas with the interval that dates, accounts and the error of lines (95 %) leave open.",
            "Sahələr tarixlərin, versiyaların və xətt xətasının (95 %) açıq qoyduğu intervalla verilir.",
            "Մակերեսները բերված են ամսաթվերի, վարկածների և գծերի սխալի (95 %) բաց թողած միջակայքով։",
            "Площади даны с интервалом, который оставляют даты, версии и погрешность линий (95 %).",
        ),
        "outside": (
            "outside its recognised border",
            "tanınmış sərhədindən kənarda",
            "իր ճանաչված սահմանից դուրս",
            "за пределами признанной границы",
        ),
        "state-border": ("Recognised border", "Tanınmış sərhəd", "Ճանաչված սահման", "Признанная граница"),
        "republic-border": (
            "Border of the Soviet republics",
            "Sovet respublikalarının sərhədi",
            "Խորհրդային հանրապետությունների սահման",
            "Граница советских республик",
        ),
        "front": (
            "Line between the parties",
            "Tərəflər arasında xətt",
            "Կողմերի միջև գիծ",
            "Линия между сторонами",
        ),
        "interpolated": (
            "Line between the parties, interpolated between dated places",
            "Tərəflər arasında xətt, tarixi məlum yerlər arasında interpolyasiya edilib",
            "Կողմերի միջև գիծ՝ միջարկված հայտնի ամսաթվով վայրերի միջև",
            "Линия между сторонами, интерполированная между датированными пунктами",
        ),
        "interpolated-error": (
            "Where dashed, the line is interpolated between dated places. With each left out in turn, "  # noqa: ISC004
            "{share} % of them fall on the wrong side, half of these by more than {km} km.",
            "Qırıq xətt tarixi məlum yerlər arasında interpolyasiya edilib. Hər biri növbə ilə kənarda "  # noqa: ISC004
            "qoyulduqda onların {share} %-i yanlış tərəfə düşür, bunların yarısı {km} km-dən çox.",
            "Ընդհատ գիծը միջարկված է հայտնի ամսաթվով վայրերի միջև։ Երբ դրանք մեկ առ մեկ բաց են թողնվում, "  # noqa: ISC004
            "{share} %-ը հայտնվում է սխալ կողմում, դրանց կեսը՝ ավելի քան {km} կմ-ով։",
            "Пунктиром показана линия, интерполированная между датированными пунктами. Если исключать их "  # noqa: ISC004
            "по одному, {share} % попадают не на ту сторону, половина из них дальше чем на {km} км.",
        ),
        "interpolated-few": (
            "Where dashed, the line is interpolated between dated places; they are too few here ({dated}) "  # noqa: ISC004
            "to measure its error.",
            "Qırıq xətt tarixi məlum yerlər arasında interpolyasiya edilib; xətanı ölçmək üçün "  # noqa: ISC004
            "onların sayı burada çox azdır ({dated}).",
            "Ընդհատ գիծը միջարկված է հայտնի ամսաթվով վայրերի միջև. այստեղ դրանք չափազանց քիչ են ({dated})՝ "  # noqa: ISC004
            "սխալը չափելու համար։",
            "Пунктиром показана линия, интерполированная между датированными пунктами; здесь их слишком "  # noqa: ISC004
            "мало ({dated}), чтобы измерить её ошибку.",
        ),
        "oblast": (
            "Nagorno-Karabakh Autonomous Oblast, 1923–1991",
            "Dağlıq Qarabağ Muxtar Vilayəti, 1923–1991",
            "Լեռնային Ղարաբաղի Ինքնավար Մարզ, 1923–1991",
            "Нагорно-Карабахская автономная область, 1923–1991",
        ),
        "district-border": ("District border", "Rayon sərhədi", "Շրջանի սահման", "Граница района"),
        "road": ("Road, {state}", "Yol, {state}", "Ճանապարհ, {state}", "Дорога, {state}"),
        "road-open": ("open", "açıqdır", "բաց է", "открыта"),
        "road-restricted": (
            "passage restricted",
            "keçid məhduddur",
            "անցումը սահմանափակ է",
            "проезд ограничен",
        ),
        "road-one-way": (
            "passage in one direction only",
            "keçid yalnız bir istiqamətdədir",
            "անցումը միայն մեկ ուղղությամբ է",
            "проезд только в одну сторону",
        ),
        "road-blocked": ("blocked", "kəsilib", "արգելափակված է", "заблокирована"),
        "road-closed": ("closed", "bağlıdır", "փակ է", "закрыта"),
        "road-since": (
            "{name}: {state}, since {day}",
            "{name}: {day} tarixindən {state}",
            "{name}. սկսած {day}՝ {state}",
            "{name}: {state}, с {day}",
        ),
        "road-posts": ("posts: {names}", "postlar: {names}", "կետեր՝ {names}", "посты: {names}"),
        "russian-border-guards": (
            "Russian border guards",
            "Rusiya sərhədçiləri",
            "Ռուս սահմանապահներ",
            "Российские пограничники",
        ),
        "roads": ("Roads", "Yollar", "Ճանապարհներ", "Дороги"),
        "layers": ("Show", "Göstər", "Ցույց տալ", "Показать"),
        "districts": ("Districts", "Rayonlar", "Շրջաններ", "Районы"),
        "places": ("Places", "Yaşayış məntəqələri", "Բնակավայրեր", "Населённые пункты"),
        "water": ("Rivers and lakes", "Çaylar və göllər", "Գետեր և լճեր", "Реки и озёра"),
        "relief": ("Relief", "Relyef", "Ռելիեֆ", "Рельеф"),
        "patterns": ("Patterns", "Naxışlar", "Գծանշումներ", "Штриховка"),
        "sources": ("Sources and credits", "Mənbələr", "Աղբյուրներ", "Источники"),
        "notes": (
            "What this edition lacks",
            "Bu nəşrdə çatışmayanlar",
            "Ինչ է պակասում այս հրատարակությանը",
            "Чего нет в этом издании",
        ),
        "about": (
            "Sources and notes",
            "Mənbələr və qeydlər",
            "Աղբյուրներ և ծանոթագրություններ",
            "Источники и примечания",
        ),
        "data-version": ("data {version}", "verilənlər {version}", "տվյալներ {version}", "данные {version}"),
        "licence": ("Licence", "Lisenziya", "Արտոնագիր", "Лицензия"),
        "controller": ("Controlled by", "Nəzarət edən", "Վերահսկող", "Под контролем"),
        "status": ("Status", "Status", "Կարգավիճակ", "Статус"),
        "since": ("Since", "Tarixdən", "Սկսած", "С"),
        "sovereign": ("Recognised as", "Tanınır", "Ճանաչված է որպես", "Признано за"),
        "change": ("Change", "Dəyişiklik", "Փոփոխություն", "Изменение"),
        "one-sided": (
            "rests on one party's word",
            "bir tərəfin sözünə əsaslanır",
            "հենվում է մեկ կողմի խոսքի վրա",
            "опирается на слова одной стороны",
        ),
        "one-sided-heading": (
            "What rests on one party's word",
            "Bir tərəfin sözünə əsaslananlar",
            "Ինչ է հենվում մեկ կողմի խոսքի վրա",
            "Что опирается на слова одной стороны",
        ),
        "one-sided-map": (
            "{part} of {whole} changes on this map rest on one party's word: {names}.",
            "Bu xəritədə bir tərəfin sözünə əsaslanan dəyişikliklər: {part} / {whole} ({names}).",
            "Այս քարտեզի՝ մեկ կողմի խոսքի վրա հենվող փոփոխությունները՝ {part} / {whole} ({names})։",
            "Изменений на этой карте, опирающихся на слова одной стороны: {part} из {whole} ({names}).",
        ),
        "one-sided-unit": (
            "{unit}: {part} of {whole} ({names}), {area} km²",
            "{unit}: {part} / {whole} ({names}), {area} km²",
            "{unit}՝ {part} / {whole} ({names}), {area} կմ²",
            "{unit}: {part} из {whole} ({names}), {area} км²",
        ),
        "party-azerbaijan": ("Azerbaijan", "Azərbaycan", "Ադրբեջան", "Азербайджан"),
        "party-armenia": ("Armenia", "Ermənistan", "Հայաստան", "Армения"),
        "party-artsakh": ("Artsakh", "Artsax", "Արցախ", "Арцах"),
        "party-russia": ("Russia", "Rusiya", "Ռուսաստան", "Россия"),
        "party-soviet-union": ("Soviet Union", "Sovet İttifaqı", "Խորհրդային Միություն", "Советский Союз"),
        "source": ("Sources", "Mənbələr", "Աղբյուրներ", "Источники"),
        "home": ("Show the region", "Bölgəni göstər", "Ցույց տալ տարածաշրջանը", "Показать регион"),
        "extent": (
            "Show both states",
            "Hər iki dövləti göstər",
            "Ցույց տալ երկու պետությունները",
            "Показать оба государства",
        ),
        "zoom-in": ("Zoom in", "Yaxınlaşdır", "Մեծացնել", "Приблизить"),
        "zoom-out": ("Zoom out", "Uzaqlaşdır", "Փոքրացնել", "Отдалить"),
        "close": ("Close", "Bağla", "Փակել", "Закрыть"),
        "map": (
            "Map; arrow keys move it, plus and minus change its scale",
            "Xəritə; ox düymələri onu hərəkət etdirir, müsbət və mənfi miqyası dəyişir",
            "Քարտեզ. սլաքներով տեղաշարժվում է, գումարած և հանած նշաններով փոխվում է մասշտաբը",
            "Карта; стрелки двигают её, плюс и минус меняют масштаб",
        ),
        "no-script": (
            "The map itself is drawn by a script, which is switched off here.",
            "Xəritəni skript çəkir, o isə burada söndürülüb.",
            "Քարտեզը գծում է սկրիպտը, որն այստեղ անջատված է։",
            "Карту рисует скрипт, который здесь отключён.",
        ),
    }
)


def check_language(lang: str) -> Language:
    """The language code, when it is one of the four.

    Raises
    ------
    MapperError
        When it is not.
    """
    for known in LANGUAGES:
        if lang == known:
            return known
    msg = f"unknown language '{lang}'; choose one of {', '.join(LANGUAGES)}"
    raise MapperError(msg)


def word(key: str, lang: Language, **values: str) -> str:
    """A word or sentence of the interface in the language, its ``{...}`` filled in."""
    return _WORDS[key][LANGUAGES.index(lang)].format(**values)


def line_label(key: str, lang: Language) -> str:
    """What a legend calls a kind of line: the word of that key; of ``road-<state>``, a road and its state."""
    return word("road", lang, state=word(key, lang)) if key.startswith("road-") else word(key, lang)


def one_sided_text(item: Testimony, lang: Language, *, unit: str | None = None) -> str:
    """How many changes rest on one party's word: a sentence on a whole map, or a line on a unit of that name."""
    names = ", ".join(f"{word(f'party-{party}', lang)} {number}" for party, number in item.parties)
    values = {"part": str(item.one_sided), "whole": str(item.changes), "names": names}
    if unit is None:
        return word("one-sided-map", lang, **values)
    return word("one-sided-unit", lang, unit=unit, area=format_number(item.one_sided_km2, lang), **values)


@lru_cache
def month_names(lang: Language) -> tuple[str, ...]:
    """The twelve months as a date has them, in the case that the language asks for (Unicode CLDR)."""
    from babel import Locale

    months = Locale(lang).months["format"]["wide"]
    return tuple(str(months[number]) for number in range(1, 13))


@lru_cache
def number_signs(lang: Language) -> tuple[str, str]:
    """What groups thousands and what stands before decimals (Unicode CLDR)."""
    from babel.numbers import get_decimal_symbol, get_group_symbol

    return get_group_symbol(lang), get_decimal_symbol(lang)


def format_day(day: date, lang: Language) -> str:
    """The day written out: "10 November 2020"."""
    text = f"{day.day} {month_names(lang)[day.month - 1]} {day.year}"
    return f"{text} թ." if lang == "hy" else text


def format_area(value: float, low: float, high: float, lang: Language) -> tuple[str, str]:
    """An area and its interval "low–high", rounded as the interval allows, thousands grouped as the language does."""
    texts = [_localised(text, lang) for text in format_interval(value, low, high)]
    return texts[0], f"{texts[1]}–{texts[2]}"


def format_number(value: float, lang: Language) -> str:
    """The number rounded to three significant digits, its thousands grouped as the language does; "0" is exact."""
    if value == 0:
        return "0"
    places = max(2 - math.floor(math.log10(abs(value))), -12)
    rounded = round(value, places)
    text = f"{rounded:,.{min(max(places, 0), 1)}f}"
    if text.strip("-0.") == "":
        return f"<0{number_signs(lang)[1]}1"
    return _localised(text, lang)


def _localised(text: str, lang: Language) -> str:
    group, point = number_signs(lang)
    return text.translate({ord(","): group, ord("."): point})

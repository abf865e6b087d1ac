"""Words of the article page in the four languages, and what a script needs to write dates, numbers and plurals."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from mapper.language import month_names, number_signs, word
from mapper.style import LANGUAGES, Language

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_COUNT: Final = 200
"""Plural forms are given up to here; no day has as many changes."""

SHARED: Final = (
    *("title", "title-recognised", "conflict", "view-de-facto", "view-recognised", "view-claimed"),
    *("mode-best", "mode-certain", "mode-possible", "legend", "area", "rounded", "outside", "state-border"),
    *("republic-border", "front", "interpolated", "oblast", "district-border", "road", "layers", "districts"),
    *("places", "water", "relief", "patterns", "overlays", "claims", "hypothetical", "no-outline", "sources"),
    *("notes", "about", "data-version", "licence", "controller", "status", "since", "sovereign", "one-sided"),
    *("roads", "road-open", "road-restricted", "road-one-way", "road-blocked", "road-closed"),
    *("home", "extent", "zoom-in", "zoom-out", "map", "close"),
)
"""Words that the page has in common with the other outputs; see ``language.word``."""

_WORDS: Final[Mapping[str, tuple[str, str, str, str]]] = MappingProxyType(
    {
        "date": ("Date", "Tarix", "Ամսաթիվ", "Дата"),
        "slider": ("Day of the map", "Xəritənin günü", "Քարտեզի օրը", "День карты"),
        "previous": ("Previous change", "Əvvəlki dəyişiklik", "Նախորդ փոփոխությունը", "Предыдущее изменение"),
        "next": ("Next change", "Növbəti dəyişiklik", "Հաջորդ փոփոխությունը", "Следующее изменение"),
        "play": ("Play", "Oynat", "Գործարկել", "Пуск"),
        "pause": ("Pause", "Fasilə", "Դադար", "Пауза"),
        "pace": ("Pace", "Sürət", "Արագություն", "Темп"),
        "pace-slow": ("slow", "yavaş", "դանդաղ", "медленно"),
        "pace-normal": ("normal", "adi", "սովորական", "обычно"),
        "pace-fast": ("fast", "sürətli", "արագ", "быстро"),
        "last-change": (
            "Last change: {day}",
            "Son dəyişiklik: {day}",
            "Վերջին փոփոխությունը՝ {day}",
            "Последнее изменение: {day}",
        ),
        "no-change": (
            "No change of control is recorded up to this day.",
            "Bu günə qədər nəzarətin dəyişməsi qeyd olunmayıb.",
            "Մինչև այս օրը վերահսկողության փոփոխություն գրանցված չէ։",
            "До этого дня смена контроля не записана.",
        ),
        "headline": (
            "{place}: {kind} – {controller}",
            "{place}: {kind} – {controller}",
            "{place}. {kind} – {controller}",
            "{place}: {kind} – {controller}",
        ),
        "short-azerbaijan": ("Azerbaijan", "Azərbaycan", "Ադրբեջան", "Азербайджан"),
        "short-armenia": ("Armenia", "Ermənistan", "Հայաստան", "Армения"),
        "short-artsakh": ("Armenian forces", "erməni qüvvələri", "հայկական ուժեր", "армянские силы"),
        "short-russian-peacekeepers": (
            "Russian peacekeepers",
            "Rusiya sülhməramlıları",
            "ռուս խաղաղապահներ",
            "российские миротворцы",
        ),
        "short-soviet-union": ("Soviet Union", "Sovet İttifaqı", "Խորհրդային Միություն", "Советский Союз"),
        "short-unknown": ("not known", "məlum deyil", "հայտնի չէ", "неизвестно"),
        "chart-all": (
            "Land by who holds it",
            "Ərazi, nəzarət edən tərəf üzrə",
            "Տարածքը՝ ըստ վերահսկողի",
            "Земли по тому, кто их контролирует",
        ),
        "chart": (
            "Land held outside the holder’s recognised border",
            "Nəzarət edənin tanınmış sərhədindən kənarda saxlanılan torpaq",
            "Վերահսկողի ճանաչված սահմանից դուրս պահվող տարածքը",
            "Земля, удерживаемая за пределами признанной границы держателя",
        ),
        "chart-text": (
            (
                "Area by holder over the whole period, largest {most} km² on {day}. The areas of each day "
                "are in the legend’s table."
            ),
            (
                "Bütün dövr ərzində nəzarət edənlər üzrə sahə, ən çoxu {day}: {most} km². Hər günün "
                "sahələri şərti işarələr cədvəlindədir."
            ),
            (
                "Մակերեսն ըստ վերահսկողի ողջ ժամանակահատվածում, ամենամեծը՝ {most} կմ², {day}։ Ամեն օրվա "
                "մակերեսները պայմանական նշանների աղյուսակում են։"
            ),
            (
                "Площадь по держателям за весь период, наибольшая {most} км² — {day}. Площади каждого дня — "
                "в таблице условных знаков."
            ),
        ),
        "km2": ("{value} km²", "{value} km²", "{value} կմ²", "{value} км²"),
        "between": ("{low} to {high}", "{low} – {high}", "{low} – {high}", "{low} – {high}"),
        "areas-on": ("Areas on {day}", "{day} üçün sahələr", "Մակերեսները՝ {day}", "Площади на {day}"),
        "detail": ("What holds here", "Burada nə var", "Ինչ է այստեղ", "Что здесь"),
        "detail-hint": (
            (
                "Choose a spot on the map or a district from the list to see who held it, since when, and who says so. "
                "With the keyboard: move the map with the arrow keys and press Enter."
            ),
            (
                "Kimin, nə vaxtdan nəzarət etdiyini və bunu kimin dediyini görmək üçün "
                "xəritədə bir nöqtə və ya siyahıdan rayon seçin. "
                "Klaviatura ilə: xəritəni ox düymələri ilə hərəkət etdirin və Enter basın."
            ),
            (
                "Ընտրեք կետ քարտեզի վրա կամ շրջան ցանկից՝ տեսնելու, թե ով է վերահսկել, երբվանից և ով է դա ասում։ "
                "Ստեղնաշարով՝ տեղաշարժեք քարտեզը սլաքներով և սեղմեք Enter։"
            ),
            (
                "Выберите точку на карте или район в списке, чтобы увидеть, кто его контролировал, с какого времени "
                "и кто об этом сообщает. "
                "С клавиатуры: двигайте карту стрелками и нажмите Enter."
            ),
        ),
        "go-to-district": ("Go to a district", "Rayona keç", "Անցնել շրջան", "Перейти к району"),
        "change": ("Change", "Dəyişiklik", "Փոփոխություն", "Изменение"),
        "dated": ("Recorded date", "Qeyd olunmuş tarix", "Գրանցված ամսաթիվ", "Записанная дата"),
        "note": ("Note", "Qeyd", "Ծանոթագրություն", "Примечание"),
        "possible-holders": (
            "Holders that the evidence admits on this day",
            "Bu gün üçün mənbələrin mümkün saydığı nəzarət edənlər",
            "Այս օրը աղբյուրներով հնարավոր վերահսկողները",
            "Держатели, возможные в этот день по источникам",
        ),
        "uncertain": (
            "Holder on this day not certain",
            "Bu gün kimin nəzarət etdiyi dəqiq deyil",
            "Այս օրվա վերահսկողը ստույգ չէ",
            "Держатель в этот день достоверно не известен",
        ),
        "interpolated-extent": (
            "Extent interpolated between dated places",
            "Hüdudlar tarixli məntəqələr arasında interpolyasiya edilib",
            "Սահմանները միջարկված են թվագրված կետերի միջև",
            "Границы интерполированы между датированными пунктами",
        ),
        "compare": ("Compare", "Müqayisə", "Համեմատել", "Сравнение"),
        "compare-off": ("one date", "bir tarix", "մեկ ամսաթիվ", "одна дата"),
        "compare-swipe": (
            "two dates, side by side",
            "iki tarix yan-yana",
            "երկու ամսաթիվ կողք կողքի",
            "две даты рядом",
        ),
        "compare-difference": (
            "what changed hands",
            "nə əldən-ələ keçib",
            "ինչն է ձեռքից ձեռք անցել",
            "что перешло из рук в руки",
        ),
        "other-date": ("Second date", "İkinci tarix", "Երկրորդ ամսաթիվ", "Вторая дата"),
        "divider": (
            "Divider between the two dates",
            "İki tarix arasındakı ayırıcı",
            "Երկու ամսաթվերի բաժանարարը",
            "Разделитель двух дат",
        ),
        "changed-hands": (
            "Changed hands between {first} and {second}",
            "{first} ilə {second} arasında əldən-ələ keçib",
            "Ձեռքից ձեռք է անցել {first}-ի և {second}-ի միջև",
            "Перешло из рук в руки: {first} – {second}",
        ),
        "nothing-changed": (
            "Nothing changed hands.",
            "Heç nə əldən-ələ keçməyib.",
            "Ոչինչ ձեռքից ձեռք չի անցել։",
            "Ничего не перешло из рук в руки.",
        ),
        "from": ("From", "Kimdən", "Ումից", "От кого"),
        "to": ("To", "Kimə", "Ում", "К кому"),
        "view": ("Colours show", "Rənglər göstərir", "Գույները ցույց են տալիս", "Цвета показывают"),
        "mode": ("Uncertain days", "Dəqiq olmayan günlər", "Ոչ ստույգ օրեր", "Неточные дни"),
        "language": ("Language", "Dil", "Լեզու", "Язык"),
        "lines": ("Lines", "Xətlər", "Գծեր", "Линии"),
        "corridors": ("Corridors", "Dəhlizlər", "Միջանցքներ", "Коридоры"),
        "peacekeepers": ("Peacekeepers’ area", "Sülhməramlıların zonası", "Խաղաղապահների գոտին", "Зона миротворцев"),
        "settings": ("Layers and settings", "Qatlar və parametrlər", "Շերտեր և կարգավորումներ", "Слои и настройки"),
        "share": ("Share and download", "Paylaş və yüklə", "Կիսվել և ներբեռնել", "Поделиться и скачать"),
        "copy-link": ("Copy link", "Keçidi köçür", "Պատճենել հղումը", "Скопировать ссылку"),
        "copy-embed": (
            "Copy embed code",
            "Yerləşdirmə kodunu köçür",
            "Պատճենել ներկառուցման կոդը",
            "Скопировать код вставки",
        ),
        "copied": ("Copied.", "Köçürüldü.", "Պատճենված է։", "Скопировано."),
        "copy-by-hand": ("Select and copy:", "Seçin və köçürün:", "Ընտրեք և պատճենեք՝", "Выделите и скопируйте:"),
        "download": ("Download this day as", "Bu günü yüklə:", "Ներբեռնել այս օրը՝", "Скачать этот день:"),
        "as-of": (
            "Data version {version}, as of {day}",
            "Verilənlərin {version} versiyası, {day} tarixinə",
            "Տվյալների տարբերակ {version}, առ {day}",
            "Версия данных {version}, по состоянию на {day}",
        ),
        "changelog": (
            "What has changed in the data",
            "Verilənlərdə nə dəyişib",
            "Ինչ է փոխվել տվյալներում",
            "Что изменилось в данных",
        ),
        "static-note": (
            "Without scripts this page shows one day; with them, any day of the record.",
            "Skriptsiz bu səhifə bir günü, skriptlərlə isə qeydlərin istənilən gününü göstərir.",
            "Առանց սկրիպտների այս էջը ցույց է տալիս մեկ օր, սկրիպտներով՝ ցանկացած օր։",
            "Без скриптов эта страница показывает один день, со скриптами — любой день записи.",
        ),
        "district": ("District", "Rayon", "Շրջան", "Район"),
        "kind-start": ("first covered day", "əhatə olunan ilk gün", "առաջին ընդգրկված օրը", "первый охваченный день"),
        "kind-succession": ("succession", "hüquqi varislik", "իրավահաջորդություն", "правопреемство"),
        "kind-capture": ("capture", "ələ keçirilmə", "գրավում", "взятие"),
        "kind-recapture": ("recapture", "yenidən ələ keçirilmə", "վերագրավում", "обратное взятие"),
        "kind-advance": ("advance", "irəliləmə", "առաջխաղացում", "продвижение"),
        "kind-hand-over": ("hand-over", "təhvil", "հանձնում", "передача"),
        "kind-agreement": ("agreement", "razılaşma", "համաձայնություն", "соглашение"),
        "kind-withdrawal": ("withdrawal", "geri çəkilmə", "դուրսբերում", "отвод"),
        "kind-deployment": ("deployment", "yerləşdirmə", "տեղակայում", "размещение"),
        "kind-siege-begins": ("siege begins", "mühasirə başlayır", "պաշարման սկիզբ", "начало осады"),
        "kind-siege-ends": ("siege ends", "mühasirə bitir", "պաշարման ավարտ", "конец осады"),
        "kind-ceasefire": ("ceasefire", "atəşkəs", "հրադադար", "прекращение огня"),
        "kind-observed": ("observed", "müşahidə olunub", "դիտարկվել է", "наблюдалось"),
        "kind-dissolution": ("dissolution", "ləğv", "լուծարում", "роспуск"),
    }
)

_PLURALS: Final[Mapping[str, Mapping[Language, tuple[str, ...]]]] = MappingProxyType(
    {
        "and-more": {
            "en": ("and {n} more change", "and {n} more changes"),
            "az": ("və daha {n} dəyişiklik", "və daha {n} dəyişiklik"),
            "hy": ("և ևս {n} փոփոխություն", "և ևս {n} փոփոխություն"),
            "ru": ("и ещё {n} изменение", "и ещё {n} изменения", "и ещё {n} изменений"),
        },
        "n-districts": {
            "en": ("{n} district", "{n} districts"),
            "az": ("{n} rayon", "{n} rayon"),
            "hy": ("{n} շրջան", "{n} շրջան"),
            "ru": ("{n} район", "{n} района", "{n} районов"),
        },
    }
)
_CATEGORIES: Final[Mapping[Language, tuple[str, ...]]] = MappingProxyType(
    {"en": ("one", "other"), "az": ("one", "other"), "hy": ("one", "other"), "ru": ("one", "few", "many")}
)
"""The plural categories of whole numbers (Unicode CLDR) in the order of the forms above."""


def page_word(key: str, lang: Language, **values: str) -> str:
    """A word of the page, its own or one that all outputs share, its ``{...}`` filled in."""
    if key not in _WORDS:
        return word(key, lang, **values)
    return _WORDS[key][LANGUAGES.index(lang)].format(**values)


def page_count(key: str, lang: Language, count: int) -> str:
    """A number with its noun, in the form that the language asks for."""
    return _PLURALS[key][lang][int(_plural_forms(lang)[min(count, MAX_COUNT)])].format(n=count)


def page_words(lang: Language) -> dict[str, str]:
    """All words of the page in a language, with their ``{...}``."""
    shared = {key: raw_word(key, lang) for key in SHARED}
    return shared | {key: texts[LANGUAGES.index(lang)] for key, texts in _WORDS.items()}


def raw_word(key: str, lang: Language) -> str:
    """A shared word with its ``{...}`` left open."""
    return word(key, lang, day="{day}", version="{version}", name="{name}", state="{state}")


def locale_of(lang: Language) -> dict[str, Any]:
    """What a script needs to write dates, numbers and plurals as this package does (Unicode CLDR)."""
    group, point = number_signs(lang)
    return {
        "months": month_names(lang),
        "day": "{d} {m} {y} թ." if lang == "hy" else "{d} {m} {y}",
        "group": group,
        "point": point,
        "forms": _plural_forms(lang),
        "plurals": {key: forms[lang] for key, forms in _PLURALS.items()},
    }


def _plural_forms(lang: Language) -> str:
    """For each count up to `MAX_COUNT` the number of its form, a digit each."""
    from babel import Locale

    rule = Locale(lang).plural_form
    return "".join(str(_CATEGORIES[lang].index(rule(count))) for count in range(MAX_COUNT + 1))

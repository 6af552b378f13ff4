"""Names of months and weekdays in nine languages, as they stand in dates: "05-Jan-24", "1. März".

source  Unicode CLDR 44, gregorian calendars (wide and abbreviated names) of en, de, fr, es, pt, it,
        nl, pl, ru, the last two in the genitive too; English weekdays and ko, ja, zh ones for what
        stands beside a date
"""

from __future__ import annotations

#: names of each month, lower case, without a dot
_NAMES = (
    "january jan jan januar jänner jän janvier janv enero ene janeiro gennaio gen januari"
    " январь января янв styczeń stycznia sty",
    "february feb februar februari febr février févr fév fevrier fev febrero fevereiro febbraio"
    " февраль февраля февр фев luty lutego lut",
    "march mar märz mrz mär maerz mars marzo março marco maart mrt март марта мар marzec marca",
    "april apr avril avr abril abr aprile апрель апреля апр kwiecień kwietnia kwi",
    "may mai mayo maio maggio mag mei май мая maj maja",
    "june jun juni juin junio junho giugno giu июнь июня июн czerwiec czerwca cze",
    "july jul juli juillet juil julio julho luglio lug июль июля июл lipiec lipca lip",
    "august aug août aout agosto ago augustus август августа авг sierpień sierpnia sie",
    "september sep sept septembre septiembre setiembre setembro set settembre"
    " сентябрь сентября сент сен wrzesień września wrz",
    "october oct oktober okt octobre octubre outubro out ottobre ott"
    " октябрь октября окт październik października paź",
    "november nov novembre noviembre novembro ноябрь ноября нояб ноя listopad listopada lis",
    "december dec dezember dez décembre déc decembre diciembre dic dezembro dicembre"
    " декабрь декабря дек grudzień grudnia gru",
)
MONTHS = {name: month for month, names in enumerate(_NAMES, 1) for name in names.split()}

_ENGLISH = (
    "mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r?s(?:day)?)?|fri(?:day)?|sat(?:urday)?"
    "|sun(?:day)?"
)
_OTHERS = (
    "montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag|lundi|mardi|mercredi"
    "|jeudi|vendredi|samedi|dimanche|lunes|martes|miércoles|jueves|viernes|sábado|domingo|lunedì"
    "|martedì|mercoledì|giovedì|venerdì|sabato|domenica|(?:segunda|terça|quarta|quinta|sexta)"
    "(?:-feira)?|maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag|mo|di|mi|do|fr|sa|so"
)
_EAST = r"[월화수목금토일]요일|[月火水木金土日]曜日?|(?:星期|周)[一二三四五六日天]"
#: a weekday with what parts it from the date
WEEKDAY = (
    rf"\((?:{_ENGLISH}|{_OTHERS}|{_EAST}|[월화수목금토일月火水木金土日])\)"
    rf"|(?:^|[\s,])(?:{_EAST}|[월화수목금토일])(?:$|[\s,])|{_EAST}"
    rf"|\b(?:{_ENGLISH}|{_OTHERS})\b\.?,?"
)

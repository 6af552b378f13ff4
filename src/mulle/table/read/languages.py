"""Score how well a text reads as the language that a codec was made for.

A wrong codec seldom fails: GBK bytes are nearly all valid cp949. But what it gives are letters
that no language uses beside each other, so the letters decide. A score is a mean over the
characters beyond ASCII in distinct runs: 1 where all are frequent in one language, below 0 where
they are letters that writers of that language hardly use.

source  KS X 1001 has 2,350 Hangul syllables, cp949 adds 8,822 that are rare; GB 2312 and JIS X 0208
        put the frequent ideographs in level 1 (rows 16 to 55, and 16 to 47)
"""

from __future__ import annotations

import codecs
import functools
import re
import unicodedata
from collections.abc import Callable

_SYLLABLES = frozenset(
    "가각간갈감갑값강갖같갔개객갱거건걸검것겁게겨격견결겸겼경계고곡곤골곰곱곳공과관광괄괜괴교"
    "구국군굴굵굽궁권귀규균귤그극근글금급긍기긴길김깊까깎깨꺼께꼭꽃꾸꿀꿈끄끊끌끝끼나낙난날남납"
    "낫낮낱내낸냄냉너넓넘넣네넷녀년념녕노녹논놀농높놓뇌누눈뉴느는늘능니닉닐님다닥단달닭담답닷당"
    "닿대댁더덕던덤덥덮데델도독돈돌돕동되된될됩두둔둘둥뒤드득든들등디딩따딸땅때떠떡떤떨떻또똑뚜"
    "뚝뜨뜻라락란랄람랍랐랑래랙램랜략량러럭런럴럼럽렀렇레렉렌려력련렬렴렵령례로록론롤롬롭롯료루"
    "룩룬룰룹류륙률륨르른를름릇릉릎리릭린릴림립릿링마막만많말맑맘맛망맞매맥맨맹머먹먼멀메멘며면"
    "멸명몇모목몬몰몸못몽묘무묵문묻물뮤미민믿밀밍및밑바박밖반받발밝밤밥방밭배백뱅버번벌범법벗베"
    "벤벨벽변별병보복볶본볼봄봉뵙부북분불붉붙뷰브블비빈빌빛빠빨빼뽑뿌뿐쁘사삭산살삼상새색샌생샤"
    "샵서석섞선설섬섭성세섹센셀셈셋셔션소속손솔송쇄쇠쇼수숙순술숨숫숭쉬슈스슨슬슴습승시식신싣실"
    "싫심십싱싶싸쌀쌍써썬썰쏘쓰쓴쓸씀씨씩씬아악안앉않알암압앙앞애액야약양얇어억언얻얼엄업없었엇"
    "엉에엑엔엘여역연열염엽였영옆예옛오옥온올옮옵옷와완왕왜외왼요욕용우욱운울움웃웅워원월웨웹위"
    "윈윌유육윤율융은을음응의이익인일읽잃임입있잉잊잎자작잔잘잠잡장재쟁저적전절젊점접정젖제젠조"
    "족존졸종좋좌죄주죽준줄줌중쥐즈즉즌즐즘증지직진질짐집짓징짜짝짧째쪽찍찜차착찬찮찰참찹창찾채"
    "책챔처척천철첨첩첫청체초촉촌총촬최추축춘출춤충춰취측층치칙친칠침칭카칸칼캐캠커컨컬컴컵케켓"
    "코콜콤콩쾌쿄쿠쿨퀴크큰클큼키킨킬킹타탁탄탈탐탑탕태택탭터턴털텀테텍텐텔템토톡톤톨톱통퇴투툴"
    "튜트특튼튀틀티틱틴팀팅파판팔팜패팩팬퍼페펜편펼평폐포폭폰표푸품풀풍퓨프플피픽핀필핏하학한할"
    "함합항해핵했행향허헌험헤혀혁현혈협형혜호혹혼홀홈홍화확환활황회획횟횡효후훈훌훔훨휘휴흐흑흔"
    "흘흙흡흥희흰히힘혔효였쳤됐났됨펴곧욱곽맹엄탁함변염도라마닫끔꼴읍면동군시구번길"
)
_IDEOGRAPHS = frozenset(
    "的一是不了在人有我他这個个们中来上大为為和国國地到以说說时時要就出会會可也你对對生能而子那"
    "得于着下自之年过過发發后後作里用道行所然家种種事成方多经經么去法学學如都同现現当當没動动面"
    "起看定天分还還进進好小部其些主样樣理心她本前开開但因只从從想实實日军軍者意无無力它与與长長"
    "把机機十民第公此已工使情明性知全三又关關点點正业業外将將两兩高间間由问問很最重并物手应應战"
    "向头頭文体體政美相见見被利什二等产產或新己制身果加西斯月话話合回特代内信表化老给給世位次度"
    "门門任常先海通教儿原东東声聲提立及比员員解水名真论論处處走义義各入几口认認条條平系气氣题題"
    "活尔更别打女变變四神总總何电電数數安少报報才结結反受目太量再感建务務做接必场場件计計管期市"
    "直德资資命山金指克许許统統区區保至队隊形社便空决決治展马馬科司五基眼书書非则則听白却界达達"
    "光放强即像难難且权權思王象完设設式色路记記南品住告类類求据程北边邊死张張该該交规規万萬取拉"
    "格望觉覺术術领領共确確传傳师師观觀清今切院让讓识識候带帶导導争爭运運笔价價编編号號姓址性别"
    "男龄齡岁歲名称稱类型数量单單位日期时间间省县縣城镇鎮街京沪津渝浙江苏蘇徽福建广廣深圳州武汉"
    "漢成都重庆慶西安杭南宁青岛島厦湖河沈阳陽济濟天香港台灣湾晴雨雪云雲风風阴陰多少李王张刘劉陈"
    "陳杨楊赵趙黄周吴吳徐孙孫朱胡郭林罗羅梁宋郑鄭韩韓冯馮于董萧程曹袁邓鄧傅红紅绿綠蓝藍黑购购买"
    "買卖賣销銷售额額收入支付款订訂客户戶银銀行备備注備考住所氏名電話番号県府駅部署担当者売上社"
    "員商品在庫価格税込個数合計年月日曜火水木金土晴曇雨東京都大阪横浜田中山川藤佐伊渡辺小林加"
)
_BROKEN = {"\ufffd": -3.0}
_UNITS = re.compile("[㎀-㏟℃℉]")
_USUAL_SIGNS = frozenset("°²³µ±·×÷½¼¾€£§©®™–—‘’“”„…«»¿¡ªº¢¥•‰‹›´¨¬¹\xa0\xad")
_INSIDE_WORDS = frozenset("’·‘\xad-´")


def _both_cases(letters: str) -> frozenset[str]:
    return frozenset(letters + letters.upper() + "İ" * ("ı" in letters))


_WESTERN = (
    "äöüß", "àâæçéèêëîïôœùûüÿ", "áéíóúüñ", "ãáàâçéêíóôõúü", "àèéìíòóùú", "åæøéòô", "åäöéšž",
    "áðéíóúýþæö", "áéëïíöóüúèêç", "àçèéíïòóúü",
)  # fmt: skip
_CENTRAL = ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "äáčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "ăâîşţșț", "čćđšž")
_RUSSIAN = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
_ALPHABETS: dict[str, tuple[str, ...]] = {
    "cp1254": ("çğıöşüâîû",),  # first, so that it wins a tie of its ğ ı ş with Icelandic ð ý þ
    "cp1252": _WESTERN,
    "cp1250": _CENTRAL,
    "cp1251": (_RUSSIAN, "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя", "абвгдђежзијклљмнњопрстћуфхцчџш"),
    "cp1253": ("αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ",),
    "cp1257": ("ąčęėįšųūž", "āčēģīķļņšūž", "äõöüšž"),
    "mac_roman": _WESTERN,
    "cp850": _WESTERN,
    "koi8_r": (_RUSSIAN,),
    "cp866": (_RUSSIAN,),
}
_LATIN = frozenset(_ALPHABETS) - {"cp1251", "cp1253", "koi8_r", "cp866"}
_MIXED = {"cp1252": 0.85, "cp1250": 0.8, "mac_roman": 0.7, "cp850": 0.7}  # several languages
CODECS = ("cp949", "gb18030", "big5", "shift_jis", "euc_jp", *_ALPHABETS)


def score(data: bytes, codec: str) -> float:
    """Return how well bytes read, by a codec, in the languages that it was made for.

    Args:
        data: some lines; what is ASCII says nothing but which letters stand beside it.
        codec: one of `CODECS`.

    Returns:
        At most 1; about 0 and below it for bytes that another codec wrote.

    >>> score("이름 서울".encode("cp949"), "cp949"), score("城市".encode("gbk"), "cp949")
    (1.0, -0.75)
    """
    text = decode_some(data, codec)
    runs = "".join(sorted({*re.findall(r"[^\x00-\x7f]+", text)}))
    if not runs:
        return 0.0
    if codec in _LATIN:
        return _alphabetic(text, codec) - runs_on(data)
    if codec in _ALPHABETS:
        capitals = sum(char.isupper() for char in runs) / len(runs)
        return 0.8 * _alphabetic(text, codec) - 0.5 * capitals
    weigh = _WEIGHTS[codec]
    found = [w for w in map(weigh, runs) if w is not None]
    return sum(found) / len(found) if found else 0.0


def decode_some(data: bytes, codec: str) -> str:
    """Decode some bytes of a file, which may end within a character; U+FFFD for broken ones."""
    return codecs.getincrementaldecoder(codec)("replace").decode(data)


def runs_on(data: bytes) -> float:
    """Return the share of bytes beyond ASCII that neither stand alone nor in twos beside a letter.

    The bytes of Korean, Chinese, Japanese or Cyrillic words run on, letters with accents do not.
    """
    runs = [(m.start(), m.end()) for m in re.finditer(rb"[\x80-\xff]+", data)]
    total = sum(end - start for start, end in runs)
    long = sum(end - start for start, end in runs if not _apart(data, start, end))
    return long / total if total else 0.0


def _apart(data: bytes, start: int, end: int) -> bool:
    beside = data[max(0, start - 1) : start].isalpha() or data[end : end + 1].isalpha()
    return end - start == 1 or (end - start == 2 and beside)


def _korean(char: str) -> float | None:
    if "가" <= char <= "힣":
        return 1.0 if char in _SYLLABLES else -1.0 if char in _settled("euc_kr") else -2.0
    if _UNITS.match(char):
        return 0.5
    if "ㄱ" <= char <= "ㅣ" or _is_sign(char):
        return _BROKEN.get(char)
    return -0.5 if char in _settled("euc_kr") else -2.0  # hanja


def _chinese(char: str, charset: str = "gb2312", level: int = 0xD8) -> float | None:
    if char in _IDEOGRAPHS:
        return 1.0
    if _is_sign(char):
        return _BROKEN.get(char)
    if char not in _settled(charset):
        return -2.0
    return -0.3 if char.encode(charset)[0] < level else -1.2


def _traditional(char: str) -> float | None:
    return _chinese(char, "big5", 0xC7)


def _japanese(char: str) -> float | None:
    if "ぁ" <= char <= "ヿ":
        return 1.0
    if "｡" <= char <= "ﾟ":
        return -0.3
    return _chinese(char, "euc_jp", 0xD0)


_WEIGHTS: dict[str, Callable[[str], float | None]] = {
    "cp949": _korean,
    "gb18030": _chinese,
    "big5": _traditional,
    "shift_jis": _japanese,
    "euc_jp": _japanese,
}


@functools.cache
def _settled(charset: str) -> frozenset[str]:
    """Return the characters of a two-byte national standard, without what vendors added."""
    high, low = range(0xA1, 0xFF), range(0x40, 0xFF)
    pairs = (bytes((a, b)).decode(charset, errors="ignore") for a in high for b in low)
    return frozenset(pair for pair in pairs if len(pair) == 1)


def _is_sign(char: str) -> bool:
    """Tell punctuation, signs and full-width ASCII, which all of these character sets have."""
    return unicodedata.category(char)[0] in "PSZN" or "！" <= char <= "～"


def _alphabetic(text: str, codec: str) -> float:
    letters, signs, wrong = _split(text)
    if not letters:
        return (signs - wrong) / max(1, signs + wrong)
    alphabets = [_both_cases(alphabet) for alphabet in _ALPHABETS[codec]]
    shares = [_share(letters, alphabet) for alphabet in alphabets]
    if codec in _MIXED:
        shares.append(_MIXED[codec] * _share(letters, frozenset().union(*alphabets)))
    read = max(shares) * len(letters)
    return (2 * read - len(letters) + signs - wrong) / (len(letters) + signs + wrong)


def _share(letters: str, alphabet: frozenset[str]) -> float:
    return sum(letter in alphabet for letter in letters) / len(letters)


def _split(text: str) -> tuple[str, float, float]:
    """Return the letters beyond ASCII, the number of usual signs, and that of other characters.

    A letter that stands alone may be a sign in truth. People write no sign between two letters,
    no capital behind a small letter, and no Greek or Cyrillic letter behind a Latin one.
    """
    letters, signs, wrong = [], 0.0, 0.0
    for found in re.finditer(r"[^\x00-\x7f]", text):
        char, at = found.group(), found.start()
        before, after = text[max(0, at - 1) : at], text[at + 1 : at + 2]
        inside = before.isalpha() and after.isalpha()
        if char.isalpha() and char not in "ªºµ":
            odd = char.isupper() and before.islower()
            odd = odd or (char > "ɏ" and (before.isascii() and before.isalpha()))
            letters += [] if odd else [char]
            wrong += odd or 0.2 * (not before.isalpha() and not after.isalpha())
        elif char in _USUAL_SIGNS and (not inside or char in _INSIDE_WORDS or char in "µªº"):
            signs += 1
        else:
            wrong += 1
    return "".join(letters), signs, wrong

"""Every sentence that a person reads, in English and Korean; numbers and particles to fill them."""

from mulle.i18n.format import Lang
from mulle.i18n.language import LANGUAGES, current_language, in_language, set_language
from mulle.i18n.messages import Messages

__all__ = [
    "LANGUAGES",
    "Lang",
    "Messages",
    "current_language",
    "in_language",
    "set_language",
]

"""What `/dev/look` shows: every part, with the longest real text and with none."""

from collections.abc import Mapping
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from django.templatetags.static import static

from meydan.kernel import clock

LONG = {
    "ar": "حفرة كبيرة أمام مدرسة الأميرة للا مريم في شارع الحسن الثاني قرب محطة الترامواي، والأطفال يسقطون فيها كل يوم",
    "fr": "Nid-de-poule devant l'école, boulevard de la Résistance, à l'angle de la rue du Prince-Moulay-Abdallah",
    "en": "Broken street lamp at the corner of Independence Avenue and the second lane behind the old covered market",
    "fa": "چراغ خیابان در نبش کوچهٔ دوم پشت بازار سرپوشیدهٔ قدیم هفته‌هاست که خاموش است و شب‌ها رفت‌وآمد خطرناک شده است",
    "tg": "Чароғи кӯча дар кунҷи хиёбони Исмоили Сомонӣ ва тангкӯчаи дуюм пас аз бозори кӯҳна кор намекунад",
}
TONES = ("good", "warning", "bad", "info", "quiet")
CHOICES = [("lamp", "Street lamp"), ("waste", "Waste"), ("water", "Water and sewage")]


def examples() -> Mapping[str, Any]:
    """The context of the style page."""
    drawing = static("ui/icon.svg")
    photo = SimpleNamespace(url=drawing, thumb_url=drawing, width=320, height=240)
    moment = clock.now()
    return {
        "long_texts": LONG,
        "tones": TONES,
        "choices": CHOICES,
        "photo_": photo,
        "due": (moment + timedelta(days=4)).date(),
        "steps": [
            {"moment": moment - timedelta(days=3), "title": "Report received", "who": "Zahra B.", "icon": "inbox"},
            {
                "moment": moment - timedelta(days=2),
                "title": "Accepted by the department",
                "text": "We come on Thursday.",
                "who": "Public lighting",
                "icon": "clipboard-check",
            },
            {"moment": moment, "title": "Solved", "tone": "good", "photos": [photo, photo], "who": None},
        ],
    }

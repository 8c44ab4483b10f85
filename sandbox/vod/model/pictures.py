"""Pictures for covers, snapshots and images: real PNGs, each recognisable by its colour, text and length."""

import hashlib
import io
from functools import lru_cache

from PIL import Image as Canvas
from PIL import ImageDraw, ImageFont

_SIZE = (640, 360)
_MARGIN = 28
_LONGEST_TITLE = 44


@lru_cache(maxsize=1024)
def picture(media_id: str, title: str, note: str) -> bytes:
    """A PNG of 640 x 360: colour from the id, big initials, title and a note below.

    The built-in font lacks Chinese: the id stands in for a title that is mostly not drawable.
    """
    drawn = _drawable(title)
    if 2 * len(drawn) < len(title):
        drawn = ""
    canvas = Canvas.new("RGB", _SIZE, _colour(media_id))
    pen = ImageDraw.Draw(canvas)
    pen.text((_MARGIN, _MARGIN), _initials(drawn) or media_id[:3].upper(), "white", ImageFont.load_default(150))
    pen.text((_MARGIN, 240), drawn[:_LONGEST_TITLE] or media_id, "white", ImageFont.load_default(26))
    pen.text((_MARGIN, 290), _drawable(note), "white", ImageFont.load_default(26))
    file = io.BytesIO()
    canvas.save(file, "PNG")
    return file.getvalue()


def clock_time(seconds: float) -> str:
    """A length as people write it: 0:07, 12:30, 1:02:03."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def _colour(media_id: str) -> tuple[int, int, int]:
    red, green, blue = hashlib.sha256(media_id.encode()).digest()[:3]
    return 30 + red // 2, 30 + green // 2, 30 + blue // 2  # dark enough for white text


def _drawable(text: str) -> str:
    return " ".join("".join(one if " " <= one <= "~" else " " for one in text).split())


def _initials(text: str) -> str:
    words = [word for word in text.split() if word[0].isalnum()]
    return "".join(word[0] for word in words[:3]).upper()

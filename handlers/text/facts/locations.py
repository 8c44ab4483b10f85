"""Where a deletion happens, in words: whose account, which region, and the address unless it is VOD's own."""

from deletion.terms.place import SHOWN, Place
from handlers.text.escaping import plain
from handlers.text.language import Language


def named(lang: Language, place: Place) -> str:
    """Name a place in short (plain text): of an account only its end."""
    return _named(lang, place, f"…{place.account[-SHOWN:]}" if place.account else "")


def whole(lang: Language, place: Place) -> str:
    """Name a place with the whole account (plain text)."""
    return _named(lang, place, place.account or "")


def _named(lang: Language, place: Place, account: str) -> str:
    region = plain(place.region, 40)
    if not account:
        return lang.say("{region}, account not recorded", region=region)
    told = lang.say("account {account} in {region}", account=plain(account, 40), region=region)
    if place.endpoint is None or place.endpoint.endswith(".aliyuncs.com"):
        # An address of VOD's own says no more than the region does.
        return told
    return lang.say("{place} at {address}", place=told, address=plain(place.endpoint, 80))

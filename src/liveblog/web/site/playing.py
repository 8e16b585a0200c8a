"""Whether the address of a video or recording is the file itself, which a page can play, or a page about it."""

from urllib.parse import urlsplit

from liveblog.domain.content import Media

VIDEO = (".mp4", ".m4v", ".webm", ".ogv", ".mov")
AUDIO = (".mp3", ".m4a", ".aac", ".ogg", ".oga", ".opus", ".wav", ".flac")
_ENDINGS = {"video": VIDEO, "audio": AUDIO}


def plays(media: Media) -> bool:
    """Tell by how the path of its address ends."""
    if media.url is None or media.type not in _ENDINGS:
        return False
    try:
        path = urlsplit(media.url).path
    except ValueError:  # brackets that are no address of IPv6
        return False
    return path.lower().endswith(_ENDINGS[media.type])

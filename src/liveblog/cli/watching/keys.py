"""What a terminal sends when keys are pressed, turned into names."""

_NAMES = {
    b" ": "space",
    b"+": "faster",
    b"=": "faster",
    b"-": "slower",
    b"s": "step",
    b"l": "live",
    b"q": "quit",
    b"\x1b[C": "right",
    b"\x1bOC": "right",
    b"\x1b[D": "left",
    b"\x1bOD": "left",
}
_LONGEST = max(map(len, _NAMES))


class Keys:
    """Reads keys from bytes, however they are cut; what is no key of ours is passed over."""

    def __init__(self) -> None:
        self._rest = b""

    def read(self, data: bytes) -> list[str]:
        """Take bytes in, and return the names of the keys that they complete."""
        rest, found = self._rest + data, []
        while rest:
            width = next((width for width in range(1, _LONGEST + 1) if rest[:width] in _NAMES), 0)
            if width:
                found.append(_NAMES[rest[:width]])
            elif any(name.startswith(rest) for name in _NAMES):
                break  # the beginning of an arrow; the rest of it is on its way
            rest = rest[width or 1 :]
        self._rest = rest
        return found

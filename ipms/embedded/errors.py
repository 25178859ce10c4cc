"""What the launcher may refuse, each in one sentence fit for a person at a terminal."""


class EmbeddedError(Exception):
    """An embedded server cannot serve; `str()` says why and what helps, in one sentence."""

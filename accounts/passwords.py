"""What a password must be made of, beside what Django asks."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

_NEEDED_KINDS = 3
_KINDS = (str.islower, str.isupper, str.isdigit, lambda character: not character.isalnum())


class MixedCharactersValidator:
    """Wants characters of three kinds out of four: small letters, capitals, digits, anything else."""

    def validate(self, password, user=None):
        kinds = sum(any(kind(character) for character in password) for kind in _KINDS)
        # A long phrase in a script without capitals is as good.
        if kinds < _NEEDED_KINDS and len(set(password)) < 16:
            raise ValidationError(self.get_help_text(), code="password_too_plain")

    def get_help_text(self):
        return _(
            "Your password must mix three of these: small letters, capital letters, digits, other characters."
        )

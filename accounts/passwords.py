"""What a password must be made of, beside what Django asks."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

_NEEDED_KINDS = 3
_KINDS = (
    str.islower,
    str.isupper,
    str.isdigit,
    lambda character: character.isalpha() and not (character.islower() or character.isupper()),
    lambda character: not character.isalnum(),
)


class MixedCharactersValidator:
    """Wants three of these: small letters, capitals, letters of a script without either, digits, signs."""

    def validate(self, password, user=None):
        if sum(any(map(kind, password)) for kind in _KINDS) < _NEEDED_KINDS:
            raise ValidationError(self.get_help_text(), code="password_too_plain")

    def get_help_text(self):
        return _("Your password must mix three of these: small letters, capital letters, digits, signs.")

from rest_framework import serializers

from accounts import users
from accounts.models import Role, User
from ipms.api.serializers import CommandSerializer, RecordSerializer

#: Longer than any password that a person has; a megabyte of it would only cost time.
_LONGEST_PASSWORD = 256


class PasswordField(serializers.CharField):
    """A secret: taken as it is typed, never shown."""

    def __init__(self, **kwargs):
        super().__init__(
            trim_whitespace=False,
            max_length=_LONGEST_PASSWORD,
            write_only=True,
            style={"input_type": "password"},
        )


class UserSerializer(RecordSerializer):
    permissions = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = [
            "id",
            "username",
            "email",
            "first_name",
            "last_name",
            "role",
            "is_active",
            "phone",
            "language",
            "timezone",
            "permissions",
            "last_login",
            "created_at",
        ]

    def get_permissions(self, user: User) -> list[str]:
        return users.permissions_of(user)


class ChangeUserSerializer(RecordSerializer):
    class Meta:
        model = User
        fields = [
            "username",
            "email",
            "first_name",
            "last_name",
            "role",
            "is_active",
            "phone",
            "language",
            "timezone",
        ]


class RegisterSerializer(RecordSerializer):
    password = PasswordField()
    role = serializers.ChoiceField(choices=Role.choices, default=Role.STAFF)

    class Meta:
        model = User
        fields = [
            "username",
            "email",
            "password",
            "first_name",
            "last_name",
            "role",
            "phone",
            "language",
            "timezone",
        ]


class ProfileSerializer(RecordSerializer):
    class Meta:
        model = User
        fields = list(users.PROFILE_FIELDS)


class LoginSerializer(CommandSerializer):
    email = serializers.CharField(max_length=120)
    password = PasswordField()


class TokenSerializer(CommandSerializer):
    refresh = serializers.CharField(max_length=2000)


class ChangePasswordSerializer(CommandSerializer):
    current_password = PasswordField()
    new_password = PasswordField()


class TokensSerializer(serializers.Serializer):
    """What a login gives."""

    access = serializers.CharField()
    refresh = serializers.CharField()
    token_type = serializers.CharField(default="Bearer")
    expires_in = serializers.IntegerField(help_text="Seconds for which the access token is good.")
    user = UserSerializer()

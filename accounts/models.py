"""Who may use the service: people, and the tokens of their programs."""

from __future__ import annotations

import hashlib
import secrets
import zlib
from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.functions import RandomUUID
from django.core.validators import MaxLengthValidator, validate_email
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now

from todoproject.db.constraints import ForeignKeyConstraint
from todoproject.db.uuid7 import uuid7


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Save a new account. The e-mail is stored in lower case; `display_name` defaults to the part before the @."""
        email = email.strip().lower()
        fields.setdefault("display_name", email.partition("@")[0][:100])
        user = self.model(email=email, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, **fields | {"is_staff": True, "is_superuser": True})

    def get_by_natural_key(self, username: str | None) -> User:
        """The account with this address, in whatever case it was typed. Used by the log-in."""
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    id = models.UUIDField(primary_key=True, default=uuid7, db_default=RandomUUID(), editable=False)
    email = models.CharField(
        "e-mail",
        validators=[validate_email, MaxLengthValidator(255)],
        help_text="Used to log in. Stored in lower case.",
    )
    display_name = models.CharField()
    is_active = models.BooleanField(
        "active", default=True, db_default=True, help_text="Off: cannot log in and every token stops working."
    )
    is_staff = models.BooleanField("staff", default=False, db_default=False, help_text="May open this admin.")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar[UserManager] = UserManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["email"], name="user_email_unique", violation_error_message="This e-mail is already taken."
            ),
            models.CheckConstraint(
                condition=Q(email=Lower("email"), email__length__lte=255, email__regex=r"^\S+@\S+$"),
                name="user_email_valid",
                violation_error_message="Enter an e-mail address in lower case, of at most 255 characters.",
            ),
            models.CheckConstraint(
                condition=Q(display_name__length__lte=100, display_name__regex=r"\S"),
                name="user_display_name_length",
                violation_error_message="Enter a name of 1 to 100 characters.",
            ),
        ]

    def __str__(self) -> str:
        return self.email

    def get_full_name(self) -> str:
        return self.display_name

    def get_short_name(self) -> str:
        return self.display_name

    def clean(self) -> None:
        self.email = self.email.strip().lower()


class ApiTokenManager(models.Manager["ApiToken"]):
    def issue(self, user: User, name: str, expires_at: datetime | None = None) -> tuple[ApiToken, str]:
        """Save a new token and return it with its secret, which nobody can look up later."""
        secret = ApiToken.make_secret()
        return self.create(user=user, name=name, digest=ApiToken.digest_of(secret), expires_at=expires_at), secret


class ApiToken(models.Model):
    """A credential for programs. The secret itself is not stored, so a copy of the table is of no use to anybody."""

    PREFIX = "tdo_"

    id = models.UUIDField(primary_key=True, default=uuid7, db_default=RandomUUID(), editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens", db_constraint=False, verbose_name="owner")
    name = models.CharField(help_text="What it is used for.")
    digest = models.BinaryField(editable=False, help_text="SHA-256 of the secret.")
    expires_at = models.DateTimeField(null=True, blank=True, help_text="Empty: never.")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar[ApiTokenManager] = ApiTokenManager()

    class Meta:
        verbose_name = "API token"
        constraints = [
            ForeignKeyConstraint(
                fields=("user",), to="accounts.User", to_fields=("id",), on_delete="CASCADE", name="api_token_user"
            ),
            models.UniqueConstraint(fields=["digest"], name="api_token_digest_unique"),
            models.CheckConstraint(
                condition=Q(name__length__lte=100, name__regex=r"\S"),
                name="api_token_name_length",
                violation_error_message="Enter a name of 1 to 100 characters.",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__isnull=True) | Q(expires_at__gt=F("created_at")),
                name="api_token_expires_later",
                violation_error_message="The expiry has to be later than now.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def make_secret(cls) -> str:
        """`tdo_`, 256 random bits, and a checksum that reveals a mistyped token without a query."""
        body = secrets.token_hex(32)
        return f"{cls.PREFIX}{body}{zlib.crc32(body.encode()):08x}"

    @classmethod
    def is_well_formed(cls, secret: str) -> bool:
        body, checksum = secret[len(cls.PREFIX) : -8], secret[-8:]
        return secret.startswith(cls.PREFIX) and f"{zlib.crc32(body.encode()):08x}" == checksum

    @staticmethod
    def digest_of(secret: str) -> bytes:
        return hashlib.sha256(secret.encode()).digest()

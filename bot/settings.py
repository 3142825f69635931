"""The process's settings: the environment, and below it a `.env` file, read and checked once."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import unquote, urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from bot.core.errors import UserError

Command = Literal["serve", "work"]

REQUIRED: Mapping[Command, tuple[str, ...]] = {
    "serve": ("github_app_id", "github_private_key", "github_webhook_secret"),
    "work": ("github_app_id", "github_private_key"),
}


# How programs are found, and how this machine reaches its package index.
_FOR_OTHERS = re.compile(
    r"PATH|HOME|PYENV_ROOT|XDG_\w+_HOME|UV_\w+|(HTTPS?|ALL|NO)_PROXY|SSL_CERT_(FILE|DIR)",
    re.IGNORECASE,
)


def _address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
        raise ValueError("not an address")
    return value.rstrip("/")


def _database(value: SecretStr) -> SecretStr:
    """Accept SQLite and Postgres; Heroku still says `postgres://`, which SQLAlchemy refuses."""
    scheme, mark, rest = value.get_secret_value().partition("://")
    if not mark or scheme not in {"sqlite", "postgres", "postgresql"}:
        raise ValueError("not a database")
    return SecretStr(f"postgresql://{rest}") if scheme == "postgres" else value


def _private_key(value: SecretStr) -> SecretStr:
    r"""Give the PEM text of a usable RSA key: as it is, with `\n` for line ends, or by its path."""
    text = value.get_secret_value().strip()
    try:
        if text and not text.startswith("-----BEGIN"):
            text = Path(text).expanduser().read_text("ascii").strip()
        pem = text.replace("\\n", "\n")
        key = load_pem_private_key(pem.encode(), password=None) if pem else None
    except (OSError, TypeError, UnsupportedAlgorithm):
        raise ValueError("not a readable key") from None
    if key is not None and not isinstance(key, RSAPrivateKey):
        raise ValueError("not an RSA key")
    return SecretStr(pem)


def _sentry(value: SecretStr) -> SecretStr:
    parts = urlsplit(value.get_secret_value())
    if parts.geturl() and not (parts.scheme in {"http", "https"} and parts.username):
        raise ValueError("not an address of Sentry's")
    return value


class Settings(BaseSettings):
    """What the process is told from outside; each field is a variable, there in capitals.

    A description ends the sentence *it should be*. What is not set and has no default is empty;
    `load` makes sure of what a command needs.
    """

    model_config = SettingsConfigDict(
        frozen=True,
        extra="ignore",
        validate_default=True,
        hide_input_in_errors=True,
    )

    dyno: str = Field("", description="the process's name on Heroku, which sets it itself")
    port: int = Field(
        8080, ge=0, le=65535, description="the port to listen on, or 0 for any free one"
    )
    host: str = Field(
        default_factory=lambda known: (
            "0.0.0.0" if known.get("dyno") else "127.0.0.1"  # noqa: S104 - Heroku's router needs it
        ),
        description="the address to listen on",
        json_schema_extra={"shown": "127.0.0.1, on Heroku 0.0.0.0"},
    )
    stablehand_data: Annotated[Path, AfterValidator(Path.absolute)] = Field(
        Path("var"),
        description="the folder for mirrors, caches and the SQLite file",
        json_schema_extra={"shown": "./var"},
    )
    stablehand_url: Annotated[str, AfterValidator(lambda value: value and _address(value))] = Field(
        "", description="the http(s) address at which people reach this service, to read logs"
    )
    stablehand_log_days: float = Field(
        30, gt=0, le=3650, description="for how many days the whole output of tests is kept"
    )
    stablehand_mirror: Literal["full", "partial"] = Field(
        "full", description="full, or partial: whether mirrors hold all contents of files at once"
    )
    database_url: Annotated[SecretStr, AfterValidator(_database)] = Field(
        default_factory=lambda known: SecretStr(
            f"sqlite:///{known.get('stablehand_data')}/stablehand.sqlite"
        ),
        description="a URL that begins with sqlite:/// or postgresql://",
        json_schema_extra={"shown": "SQLite file stablehand.sqlite in STABLEHAND_DATA"},
    )
    github_api_url: Annotated[str, AfterValidator(_address)] = Field(
        "https://api.github.com", description="the http(s) address of GitHub's REST API"
    )
    github_url: Annotated[str, AfterValidator(_address)] = Field(
        "https://github.com", description="the http(s) address of GitHub for git and for links"
    )
    github_app_id: str = Field(
        "", pattern=r"^(\d+|Iv\w+\.?\w+)?$", description="the App's id, as its settings page shows"
    )
    github_private_key: Annotated[SecretStr, AfterValidator(_private_key)] = Field(
        SecretStr(""),
        description="the App's RSA private key without passphrase: PEM text or a file's path",
    )
    github_webhook_secret: SecretStr = Field(
        SecretStr(""), description="the secret that the App's webhooks are signed with"
    )
    sentry_dsn: Annotated[SecretStr, AfterValidator(_sentry)] = Field(
        SecretStr(""),
        description="the DSN of a Sentry project, which then is told of bugs",
    )
    log_format: Literal["console", "json"] = Field("console", description="console or json")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - pydantic's signature
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the same
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the same
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the same
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take values from `load` alone, which says where they come from."""
        return (init_settings,)

    @classmethod
    def load(
        cls,
        command: Command,
        environment: Mapping[str, str] | None = None,
        dotenv: Path = Path(".env"),
    ) -> Self:
        """Read the environment (the process's own by default), then the file for what it lacks.

        Raises UserError with one line for each variable that is missing or not usable; no line
        shows a value.
        """
        given = cls.given(environment, dotenv)
        wrong = {name: "is missing" for name in REQUIRED[command] if name not in given}
        try:
            settings = cls(**given)
        except ValidationError as error:
            wrong |= {
                str(one["loc"][0]): "is not usable"
                for one in error.errors()
                if one["type"] != "default_factory_not_called"  # follows from another error
            }
        if wrong:
            raise UserError(_complaint(wrong))
        return settings

    @classmethod
    def given(
        cls, environment: Mapping[str, str] | None = None, dotenv: Path = Path(".env")
    ) -> dict[str, Any]:
        """Give what is set, unchecked and with its secrets, by the names of the fields."""
        given: dict[str, Any] = DotEnvSettingsSource(cls, env_file=dotenv, env_ignore_empty=True)()
        for name in cls.model_fields:
            if value := (os.environ if environment is None else environment).get(name.upper()):
                given[name] = value
        return given

    @classmethod
    def documentation(cls) -> list[tuple[str, str, str]]:
        """Give (variable, default as shown to people, description) of every setting."""
        return [
            (name.upper(), _shown_default(field), field.description or "")
            for name, field in cls.model_fields.items()
        ]

    def secrets(self) -> tuple[str, ...]:
        """Give every value that must never show, the database's password by itself too."""
        fields = (getattr(self, name) for name in type(self).model_fields)
        values = [one.get_secret_value() for one in fields if isinstance(one, SecretStr)]
        password = urlsplit(self.database_url.get_secret_value()).password or ""
        return tuple(value for value in (*values, password, unquote(password)) if value)


def environment() -> Mapping[str, str]:
    """Give what other programs may know of the process's environment: none of its secrets."""
    return {name: value for name, value in os.environ.items() if _FOR_OTHERS.fullmatch(name)}


def _complaint(wrong: Mapping[str, str]) -> str:
    lines = [
        f"  {name.upper()} {what}: it should be {field.description}."
        for name, field in Settings.model_fields.items()
        if (what := wrong.get(name))
    ]
    return "\n".join(["The settings (environment or .env file) need attention:", *lines])


def _shown_default(field: FieldInfo) -> str:
    if isinstance(field.json_schema_extra, dict):
        return str(field.json_schema_extra["shown"])
    default = field.default
    return default.get_secret_value() if isinstance(default, SecretStr) else str(default)

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)

from bot.core.errors import UserError
from bot.settings import Settings, environment

NOWHERE = Path("no-such-folder/.env")
ROOT = Path(__file__).parent.parent


def written(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
    encryption: KeySerializationEncryption | None = None,
) -> str:
    """Write a key as PEM."""
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption())
    return pem.decode().strip()


@pytest.fixture(scope="module")
def pem() -> str:
    """Make a key as GitHub gives one to an App."""
    return written(rsa.generate_private_key(65537, 2048))


@pytest.fixture
def work(pem: str) -> Callable[..., Settings]:
    """Load the settings of a worker from what it must have and what a test adds."""

    def load(**more: str) -> Settings:
        needed = {"GITHUB_APP_ID": "12", "GITHUB_PRIVATE_KEY": pem}
        return Settings.load("work", needed | more, NOWHERE)

    return load


def test_defaults(work: Callable[..., Settings]) -> None:
    """Beside the App's id and key nothing has to be set."""
    settings = work()
    assert (settings.port, settings.host, settings.log_format) == (8080, "127.0.0.1", "console")
    assert settings.github_api_url == "https://api.github.com"
    assert settings.github_url == "https://github.com"
    assert settings.stablehand_data == Path.cwd() / "var"
    database = settings.database_url.get_secret_value()
    assert database == f"sqlite:///{Path.cwd()}/var/stablehand.sqlite"


def test_heroku_listens_everywhere(work: Callable[..., Settings]) -> None:
    """Where DYNO is set the service listens on all addresses, unless HOST says otherwise."""
    assert work(DYNO="web.1").host == "0.0.0.0"  # noqa: S104 - what is asserted
    assert work(DYNO="web.1", HOST="127.0.0.2").host == "127.0.0.2"


def test_database_follows_data_folder(work: Callable[..., Settings]) -> None:
    """The SQLite file lies in the data folder."""
    database = work(STABLEHAND_DATA="/srv/stable").database_url.get_secret_value()
    assert database == "sqlite:////srv/stable/stablehand.sqlite"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_postgres(work: Callable[..., Settings], scheme: str) -> None:
    """Postgres is accepted under Heroku's old name too."""
    database = work(DATABASE_URL=f"{scheme}://u:p@db/x").database_url.get_secret_value()
    assert database == "postgresql://u:p@db/x"


def test_trailing_slash(work: Callable[..., Settings]) -> None:
    """An address is the same with a slash at its end."""
    settings = work(GITHUB_API_URL="https://ghe.example/api/v3/", GITHUB_URL="https://ghe.example/")
    assert settings.github_api_url == "https://ghe.example/api/v3"
    assert settings.github_url == "https://ghe.example"


def test_key_forms(work: Callable[..., Settings], pem: str, tmp_path: Path) -> None:
    r"""A key is the same as text, with `\n` for its line ends, and by its file's path."""
    path = tmp_path / "app.pem"
    path.write_text(pem + "\n")
    for form in (pem, pem.replace("\n", "\\n"), f"\n{pem}\n", str(path)):
        assert work(GITHUB_PRIVATE_KEY=form).github_private_key.get_secret_value() == pem


def refused_keys() -> dict[str, str]:
    """Make one key of each kind that is no use, by what is wrong with it."""
    strong = rsa.generate_private_key(65537, 2048)
    return {
        "elliptic": written(ec.generate_private_key(ec.SECP256R1())),
        "encrypted": written(strong, BestAvailableEncryption(b"x")),
        "cut": written(strong)[:200],
        "no such file": "/no/such/file-s3cret.pem",
        "a folder": "/",
    }


def test_unusable_keys(work: Callable[..., Settings]) -> None:
    """A key that cannot sign for an App is refused by name and never shown."""
    for key in refused_keys().values():
        with pytest.raises(UserError) as caught:
            work(GITHUB_PRIVATE_KEY=key)
        assert caught.value.message.splitlines()[1].startswith(
            "  GITHUB_PRIVATE_KEY is not usable: it should be the App's RSA private key"
        )
        assert key not in caught.value.message
        assert caught.value.__cause__ is caught.value.__context__ is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "65536"),
        ("DATABASE_URL", "mysql://root:hunter2@db/x"),
        ("DATABASE_URL", "stablehand.sqlite"),
        ("GITHUB_API_URL", "api.github.com"),
        ("GITHUB_URL", "https://me:hunter2@github.com"),
        ("GITHUB_APP_ID", "my app"),
        ("SENTRY_DSN", "hunter2"),
        ("LOG_FORMAT", "xml"),
    ],
)
def test_unusable_values(work: Callable[..., Settings], name: str, value: str) -> None:
    """What cannot be used is named alone, with what it should be and without its value."""
    with pytest.raises(UserError) as caught:
        work(**{name: value})
    head, *lines = caught.value.message.splitlines()
    assert head == "The settings (environment or .env file) need attention:"
    assert [line.split(":")[0] for line in lines] == [f"  {name} is not usable"]
    assert value not in caught.value.message
    assert "hunter2" not in repr(caught.value)


def test_everything_wrong_at_once() -> None:
    """All that is missing or unusable is said in one go."""
    with pytest.raises(UserError) as caught:
        Settings.load("serve", {"PORT": "x", "GITHUB_PRIVATE_KEY": "y"}, NOWHERE)
    said = [line.split(":")[0].strip() for line in caught.value.message.splitlines()[1:]]
    assert said == [
        "PORT is not usable",
        "GITHUB_APP_ID is missing",
        "GITHUB_PRIVATE_KEY is not usable",
        "GITHUB_WEBHOOK_SECRET is missing",
    ]


def test_work_needs_no_webhook_secret(work: Callable[..., Settings]) -> None:
    """A worker receives no webhooks, so it needs no secret for them."""
    assert work().github_webhook_secret.get_secret_value() == ""


def test_empty_is_not_set(work: Callable[..., Settings]) -> None:
    """A variable that is set to nothing has its default."""
    assert work(PORT="", LOG_FORMAT="").port == 8080
    with pytest.raises(UserError, match="GITHUB_APP_ID is missing"):
        work(GITHUB_APP_ID="")


def test_dotenv(work: Callable[..., Settings], pem: str, tmp_path: Path) -> None:
    """A `.env` file fills in what the environment lacks, also with a key over several lines."""
    dotenv = tmp_path / ".env"
    dotenv.write_text(
        f'PORT=1111\nHOST=127.0.0.9\nGITHUB_APP_ID=34\nOTHER=1\nGITHUB_PRIVATE_KEY="{pem}"\n'
    )
    settings = Settings.load("work", {"PORT": "2222"}, dotenv)
    assert (settings.port, settings.host, settings.github_app_id) == (2222, "127.0.0.9", "34")
    assert settings.github_private_key == work().github_private_key


def test_example_names_every_variable(work: Callable[..., Settings], pem: str) -> None:
    """`.env.example` lists exactly the settings there are, and changes none of them."""
    example = ROOT / ".env.example"
    names = {line.split("=")[0] for line in example.read_text().splitlines() if "=" in line}
    assert names == {name for name, _, _ in Settings.documentation()}
    needed = {"GITHUB_APP_ID": "12", "GITHUB_PRIVATE_KEY": pem}
    assert Settings.load("work", needed, example) == work()


def test_documentation() -> None:
    """Every setting is described in words, with its default as a person would write it."""
    rows = {name: (default, words) for name, default, words in Settings.documentation()}
    assert rows["PORT"] == ("8080", "the port to listen on, or 0 for any free one")
    assert rows["STABLEHAND_DATA"][0] == "./var"
    assert rows["HOST"][0] == "127.0.0.1, on Heroku 0.0.0.0"
    assert rows["GITHUB_PRIVATE_KEY"][0] == ""
    assert all(words for _, words in rows.values())


def test_secrets_do_not_show(work: Callable[..., Settings], pem: str) -> None:
    """Printing the settings shows no secret, and `secrets` lists all of them for redaction."""
    settings = work(
        GITHUB_WEBHOOK_SECRET="webhook-s3cret",
        DATABASE_URL="postgresql://u:p%40ss@db/x",
        SENTRY_DSN="https://sentry-key@sentry.example/1",
    )
    shown = f"{settings!r}{settings}"
    assert not any(secret in shown for secret in settings.secrets())
    assert {pem, "webhook-s3cret", "p%40ss", "p@ss"} < set(settings.secrets())
    assert "https://sentry-key@sentry.example/1" in settings.secrets()


def test_frozen(work: Callable[..., Settings]) -> None:
    """Settings cannot be changed once they are read."""
    with pytest.raises(ValueError, match="frozen"):
        work().port = 1  # type: ignore[misc]  # the point of the test


def test_other_programs_see_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    """What formatters and package tools get of the environment holds none of our variables."""
    for name, _, _ in Settings.documentation():
        monkeypatch.setenv(name, "s3cret")
    monkeypatch.setenv("UV_INDEX_URL", "here")
    assert "s3cret" not in environment().values()
    assert environment()["UV_INDEX_URL"] == "here"
    assert "PATH" in environment()

from __future__ import annotations

import asyncio
import traceback
from collections.abc import AsyncIterator

import jwt
import pytest

from bot.adapters.github_errors import Gone, NotFound, Rejected
from bot.adapters.github_session import (
    AppIdentity,
    AppSession,
    InstallationSession,
    Pace,
    open_session,
)
from bot.core.errors import Transient, UserError
from tests.scripted_github import (
    APP_ID,
    Answer,
    Asked,
    Noted,
    ScriptedGitHub,
    app_key,
    app_pem,
)

THING = Answer({"id": 1})
DROP = Answer(drop=True)
REFUSED = Answer({"message": "Bad credentials"}, 401)


@pytest.fixture
async def app(scripted: ScriptedGitHub) -> AsyncIterator[AppSession]:
    """Open a session to the scripted GitHub."""
    async with open_session(scripted.app(), scripted.noted, Pace(10, 0, scripted.clock)) as app:
        yield app


@pytest.fixture
def session(app: AppSession) -> InstallationSession:
    """Give the session of one installation."""
    return app.installation(5)


async def test_app_signs_for_its_token(
    scripted: ScriptedGitHub, session: InstallationSession
) -> None:
    """A token is asked for with a JWT that the App's public key verifies and that lives briefly."""
    assert await session.token() == "ghs_1_5"
    (asked,) = scripted.minted
    claims = jwt.decode(asked.token, app_key().public_key(), algorithms=["RS256"])
    assert claims["iss"] == APP_ID
    assert claims["exp"] - claims["iat"] <= 600
    assert scripted.noted.tokens == ["ghs_1_5"]


async def test_headers(scripted: ScriptedGitHub, session: InstallationSession) -> None:
    """Each call says who asks, which version of the API it means, and carries the token."""
    scripted.on("GET", "/thing", THING)
    assert await session.get("/thing") == {"id": 1}
    (asked,) = scripted.asked
    assert asked.headers["user-agent"] == "stablehand"
    assert asked.headers["x-github-api-version"] == "2022-11-28"
    assert asked.token == "ghs_1_5"


async def test_address_with_a_path(scripted: ScriptedGitHub) -> None:
    """An API that lives under a path, as on GitHub Enterprise, is found there."""
    scripted.on("GET", "/api/v3/thing", THING)
    scripted.on(
        "POST",
        "/api/v3/app/installations/5/access_tokens",
        Answer({"token": "t", "expires_at": "2099-01-01T00:00:00Z"}, 201),
    )
    under = AppIdentity(f"{scripted.url}/api/v3", APP_ID, app_pem())
    async with open_session(under, Noted()) as app:
        assert await app.installation(5).get("/thing") == {"id": 1}


async def test_token_is_kept_and_renewed_early(
    scripted: ScriptedGitHub, session: InstallationSession
) -> None:
    """A token is used again until five minutes before its end."""
    first = await session.token()
    scripted.clock.now += 54 * 60
    assert await session.token() == first
    scripted.clock.now += 2 * 60
    assert await session.token() == "ghs_2_5"
    assert len(scripted.minted) == 2


async def test_one_mint_for_many(scripted: ScriptedGitHub, session: InstallationSession) -> None:
    """Many that need a token at once wait for one mint."""
    assert set(await asyncio.gather(*(session.token() for _ in range(8)))) == {"ghs_1_5"}
    assert len(scripted.minted) == 1


async def test_installations_are_apart(scripted: ScriptedGitHub, app: AppSession) -> None:
    """Each installation has its own token and never sees another's cached answers."""
    scripted.on("GET", "/thing", Answer({"id": 1}, headers={"etag": '"a"'}))
    await app.installation(5).get("/thing")
    await app.installation(6).get("/thing")
    assert [asked.token for asked in scripted.asked] == ["ghs_1_5", "ghs_2_6"]
    assert all("if-none-match" not in asked.headers for asked in scripted.asked)
    assert app.installation(5) is app.installation(5)


async def test_unchanged_answers_come_from_the_cache(
    scripted: ScriptedGitHub, session: InstallationSession
) -> None:
    """A second GET names the ETag, and 304 gives the answer that is already here."""
    scripted.on("GET", "/thing", Answer({"id": 1}, headers={"etag": '"a"'}), Answer(status=304))
    assert await session.get("/thing") == await session.get("/thing") == {"id": 1}
    assert scripted.asked[1].headers["if-none-match"] == '"a"'
    assert [call[:2] for call in scripted.noted.calls[1:]] == [("GET", "200"), ("GET", "304")]


async def test_all_pages(scripted: ScriptedGitHub, session: InstallationSession) -> None:
    """All pages of a list are followed, also where the list lies in an object."""
    link = {"link": f'<{scripted.url}/runs?page=2>; rel="next"'}
    scripted.on(
        "GET", "/runs", Answer({"runs": [{"id": 1}]}, headers=link), Answer({"runs": [{"id": 2}]})
    )
    assert await session.pages("/runs", items="runs") == [{"id": 1}, {"id": 2}]
    assert scripted.asked[1].query == {"page": "2"}


@pytest.mark.parametrize("method", ["get", "post"])
async def test_refused_token_is_renewed_once(
    scripted: ScriptedGitHub, session: InstallationSession, method: str
) -> None:
    """After a 401 the same call is made once more with a new token."""
    scripted.on("GET", "/thing", REFUSED, THING)
    scripted.on("POST", "/thing", REFUSED, THING)
    call = session.get("/thing") if method == "get" else session.post("/thing", {})
    assert await call == {"id": 1}
    assert [asked.token for asked in scripted.asked] == ["ghs_1_5", "ghs_2_5"]


async def test_refused_for_good(scripted: ScriptedGitHub, session: InstallationSession) -> None:
    """A 401 to the new token as well is for whoever runs the App."""
    scripted.on("GET", "/thing", REFUSED)
    with pytest.raises(UserError, match=r"installation 5 of the App.*GITHUB_PRIVATE_KEY"):
        await session.get("/thing")
    assert len(scripted.asked) == 2


async def test_one_renewal_for_many(scripted: ScriptedGitHub, session: InstallationSession) -> None:
    """Many that are refused with the same token share one new one."""

    async def play(asked: Asked) -> Answer:
        return REFUSED if asked.token == "ghs_1_5" else THING

    scripted.on("GET", "/thing", play)
    await session.token()
    assert await asyncio.gather(*(session.get("/thing") for _ in range(4))) == [{"id": 1}] * 4
    assert len(scripted.minted) == 2


async def test_refused_key(scripted: ScriptedGitHub, session: InstallationSession) -> None:
    """A 401 to the App's own signature is not tried again and names key, id and clock."""
    scripted.on("POST", "/app/installations/5/access_tokens", REFUSED)
    with pytest.raises(UserError, match=r"GITHUB_APP_ID, GITHUB_PRIVATE_KEY and the machine's cl"):
        await session.get("/thing")
    assert len(scripted.asked) == 1


async def test_installation_gone(scripted: ScriptedGitHub, session: InstallationSession) -> None:
    """Where the App was uninstalled, an owner must install it again."""
    scripted.on("POST", "/app/installations/5/access_tokens", Answer({"message": "Not Found"}, 404))
    with pytest.raises(UserError, match="Installation 5 of the App is gone"):
        await session.get("/thing")


def said(message: str, status: int, **headers: str) -> Answer:
    """Give an error in GitHub's form."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer({"message": message, "documentation_url": "https://x"}, status, named)


@pytest.mark.parametrize(
    ("answer", "retry_after"),
    [
        (Answer("<html>Unicorn!</html>", 500), None),
        (Answer("<html>Bad gateway</html>", 502), None),
        (said("Server Error", 503, Retry_After="7"), 7),
        (Answer({"message": "?"}, 520), None),
        (Answer("<html>Log in to the Wi-Fi</html>", 200), None),
        (Answer("<html>No such page</html>", 404), None),
        (Answer("{", 200, {"content-type": "application/json"}), None),
        (Answer(b'"\xff"', 200, {"content-type": "application/json"}), None),
        (Answer([1], 200), None),
        (DROP, None),
        (said("You have exceeded a secondary rate limit.", 403, Retry_After="30"), 30),
        (said("You have exceeded a secondary rate limit.", 403), 60),
        (said("You have triggered an abuse detection mechanism.", 403), 60),
        (said("API rate limit exceeded", 429, Retry_After="5"), 5),
        (said("Too many requests", 429), 60),
        (
            said(
                "API rate limit exceeded for installation ID 5.",
                403,
                X_RateLimit_Limit="5000",
                X_RateLimit_Remaining="0",
                X_RateLimit_Reset="1700000090",
            ),
            91,
        ),
        (
            said("Slow down", 429, X_RateLimit_Remaining="0", X_RateLimit_Reset="1600000000"),
            1,
        ),
    ],
)
async def test_what_may_succeed_later(
    scripted: ScriptedGitHub,
    session: InstallationSession,
    answer: Answer,
    retry_after: float | None,
) -> None:
    """What is no fault of anybody's is to be tried again, at the time that GitHub names."""
    scripted.on("GET", "/thing", answer)
    with pytest.raises(Transient) as caught:
        await session.get("/thing")
    assert caught.value.retry_after == retry_after


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            said("Resource not accessible by integration", 403),
            "The App lacks a permission for POST /thing. An owner of the organisation must grant",
        ),
        (
            said(
                "Resource not accessible by integration",
                403,
                X_Accepted_GitHub_Permissions="contents=write,workflows=write; administration=read",
            ),
            "lacks the permission contents: write and workflows: write or administration: read for",
        ),
        (
            said("Repository was archived so is read-only.", 403),
            "The repository is archived, so POST /thing cannot change it. An owner must unarchive",
        ),
        (
            said("Unable to create comment because issue is locked.", 403),
            "The conversation is locked, so POST /thing was refused. A maintainer must unlock it.",
        ),
        (
            said("This installation has been suspended", 403),
            "GitHub has suspended installation 5 of the App. An owner of the organisation must",
        ),
        (
            said("Resource protected by organization SAML enforcement.", 403),
            "forbids POST /thing to installation 5 of the App: Resource protected by organization",
        ),
        (
            said("Not Found", 404),
            "GitHub shows nothing at POST /thing to installation 5 of the App: it does not exist",
        ),
        (said("Issues are disabled", 410), "is gone from GitHub: Issues are disabled."),
    ],
)
async def test_what_a_person_must_do(
    scripted: ScriptedGitHub, session: InstallationSession, answer: Answer, words: str
) -> None:
    """A refusal for good says what was refused, why, and who must act; it is not tried again."""
    scripted.on("POST", "/thing", answer)
    with pytest.raises(UserError) as caught:
        await session.post("/thing", {})
    assert words in caught.value.message
    assert len(scripted.asked) == 1


async def test_kinds_for_the_caller(scripted: ScriptedGitHub, session: InstallationSession) -> None:
    """404 and 410 can be told from other refusals, and 410 from 404."""
    scripted.on("GET", "/thing", said("Not Found", 404), said("Gone", 410))
    with pytest.raises(NotFound) as caught:
        await session.get("/thing")
    assert not isinstance(caught.value, Gone)
    with pytest.raises(Gone):
        await session.get("/thing")


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        (
            {
                "message": "Validation Failed",
                "errors": [
                    {
                        "resource": "PullRequest",
                        "code": "custom",
                        "message": "A pull request already exists for a:b.",
                    }
                ],
            },
            ("A pull request already exists for a:b.",),
        ),
        (
            {
                "message": "Validation Failed",
                "errors": [{"resource": "PullRequest", "field": "head", "code": "invalid"}],
            },
            ("head is invalid",),
        ),
        ({"message": "Validation Failed", "errors": ["Nope"]}, ("Nope",)),
        ({"message": "Validation Failed", "errors": "Nope"}, ("Nope",)),
        ({"message": "No commit found for SHA: 1"}, ("No commit found for SHA: 1",)),
    ],
)
async def test_rejected(
    scripted: ScriptedGitHub,
    session: InstallationSession,
    body: object,
    errors: tuple[str, ...],
) -> None:
    """A 422 gives GitHub's own words, whatever form they come in."""
    scripted.on("POST", "/thing", Answer(body, 422))
    with pytest.raises(Rejected) as caught:
        await session.post("/thing", {})
    assert caught.value.errors == errors


async def test_anything_else_is_a_bug(
    scripted: ScriptedGitHub, session: InstallationSession
) -> None:
    """An answer that only a mistake of ours explains stays what it is."""
    scripted.on("POST", "/thing", said("Problems parsing JSON", 400))
    with pytest.raises(Exception, match="Problems parsing JSON") as caught:
        await session.post("/thing", {})
    assert not isinstance(caught.value, UserError | Transient | Rejected)


async def test_pause_is_kept(
    scripted: ScriptedGitHub, session: InstallationSession, app: AppSession
) -> None:
    """Until the time that GitHub named, nothing more is sent for that installation."""
    scripted.on("POST", "/thing", said("secondary rate limit", 403, Retry_After="30"), THING)
    scripted.on("GET", "/thing", THING)
    with pytest.raises(Transient):
        await session.post("/thing", {})
    scripted.clock.now += 29
    with pytest.raises(Transient) as caught:
        await session.get("/thing")
    assert caught.value.retry_after == 1
    assert len(scripted.asked) == 1
    assert await app.installation(6).get("/thing") == {"id": 1}
    scripted.clock.now += 1
    assert await session.post("/thing", {}) == {"id": 1}


async def test_lost_answer_of_a_write(
    scripted: ScriptedGitHub, session: InstallationSession
) -> None:
    """A write whose answer is lost is sent once only, for it may have been done."""
    scripted.on("GET", "/thing", THING)
    scripted.on("POST", "/thing", DROP)
    await session.get("/thing")  # now the connection is one that was used before
    with pytest.raises(Transient, match="POST /thing"):
        await session.post("/thing", {})
    assert [asked.method for asked in scripted.asked] == ["GET", "POST"]
    assert scripted.noted.calls[-1] == ("POST", "dropped", None)


async def test_dropped_reads_are_counted(
    scripted: ScriptedGitHub, session: InstallationSession
) -> None:
    """A dropped GET is sent again by aiohttp; both are counted, and two drops are a failure."""
    scripted.on("GET", "/thing", DROP, THING, DROP, DROP)
    assert await session.get("/thing") == {"id": 1}
    assert [call[1] for call in scripted.noted.calls[1:]] == ["dropped", "200"]
    with pytest.raises(Transient):
        await session.get("/thing")
    assert [call[1] for call in scripted.noted.calls[3:]] == ["dropped", "dropped"]
    assert len(scripted.asked) == 4


async def test_write_refused_before_it_arrived() -> None:
    """Where nobody listens, nothing was sent, and that may change."""
    noted = Noted()
    nobody = AppIdentity("http://127.0.0.1:1", APP_ID, app_pem())
    async with open_session(nobody, noted) as app:
        with pytest.raises(Transient):
            await app.installation(5).get("/thing")
    assert noted.calls == [("POST", "unreached", None)]


async def test_no_answer_in_time(scripted: ScriptedGitHub) -> None:
    """A call that GitHub does not answer in time is given up."""
    over = asyncio.Event()

    async def play(_: Asked) -> Answer:
        await over.wait()
        return THING

    scripted.on("POST", "/app/installations/5/access_tokens", play)
    async with open_session(scripted.app(), scripted.noted, Pace(timeout=0.2)) as app:
        with pytest.raises(Transient, match="Timeout"):
            await app.installation(5).get("/thing")
    over.set()


async def test_one_write_at_a_time(
    scripted: ScriptedGitHub, session: InstallationSession, app: AppSession
) -> None:
    """A write waits for the one before it; reads and other installations do not."""
    under_way = asyncio.Event()
    go_on = asyncio.Event()

    async def play(asked: Asked) -> Answer:
        if asked.body == {"n": 1}:
            under_way.set()
            await go_on.wait()
        return THING

    scripted.on("POST", "/thing", play)
    scripted.on("GET", "/thing", THING)
    first = asyncio.create_task(session.post("/thing", {"n": 1}))
    await under_way.wait()
    second = asyncio.create_task(session.post("/thing", {"n": 2}))
    await session.get("/thing")
    await app.installation(6).post("/thing", {"n": 3})
    assert not second.done()
    go_on.set()
    await asyncio.gather(first, second)
    order = [asked.body["n"] for asked in scripted.asked if asked.method == "POST"]
    assert order == [1, 3, 2]


async def test_rate_is_reported(scripted: ScriptedGitHub, session: InstallationSession) -> None:
    """Who watches hears how many calls GitHub has left for us."""
    scripted.on("GET", "/thing", Answer({"id": 1}, headers={"x-ratelimit-remaining": "4321"}))
    await session.get("/thing")
    assert scripted.noted.calls == [("POST", "201", None), ("GET", "200", 4321)]


async def test_renamed_repository(scripted: ScriptedGitHub, session: InstallationSession) -> None:
    """A read follows GitHub to where the repository is now, and both calls count."""
    scripted.on("GET", "/old", Answer({}, 301, {"location": f"{scripted.url}/thing"}))
    scripted.on("GET", "/thing", THING)
    assert await session.get("/old") == {"id": 1}
    assert [call[1] for call in scripted.noted.calls] == ["201", "301", "200"]


async def test_app_calls_page_by_page(scripted: ScriptedGitHub, app: AppSession) -> None:
    """The App's own lists are fetched only as far as they are read."""
    link = {"link": f'<{scripted.url}/app/things?page=2>; rel="next"'}
    scripted.on("GET", "/app/things", Answer([{"id": 1}, {"id": 2}], headers=link))
    pages = app.pages("/app/things")
    assert await anext(pages) == {"id": 1}
    await pages.aclose()
    assert len(scripted.asked) == 1


@pytest.mark.parametrize("answer", [DROP, REFUSED, Answer("<html>", 502), said("No", 403)])
async def test_no_secret_in_a_failure(
    scripted: ScriptedGitHub, session: InstallationSession, answer: Answer
) -> None:
    """No message, cause or traceback of a failure holds the token, the JWT or the key."""
    scripted.on("POST", "/thing", answer)
    with pytest.raises((UserError, Transient)) as caught:
        await session.post("/thing", {})
    shown = "".join(traceback.format_exception(caught.value)) + repr(scripted.app())
    secrets = [asked.token for asked in scripted.asked + scripted.minted]
    assert not any(secret in shown for secret in (*secrets, app_pem(), app_pem()[60:100]))

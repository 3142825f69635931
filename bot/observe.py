"""Where all that happens is told: logs to stderr, bugs to Sentry, figures to Prometheus."""

from __future__ import annotations

import logging
import sys
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any

import sentry_sdk
import structlog
from sentry_sdk.integrations.logging import ignore_logger
from sentry_sdk.integrations.stdlib import StdlibIntegration
from sentry_sdk.types import Event, Hint
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, Processor, WrappedLogger

from bot.core.errors import Transient, UserError
from bot.metrics import Metrics
from bot.redaction import Redactor
from bot.settings import Settings

_COMMON: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


class Observability:
    """The process's log, metrics and redaction in one hand.

    It is the engine's `Observer`, and the `Watch` of the GitHub adapter.
    """

    def __init__(self, redactor: Redactor) -> None:
        self.metrics = Metrics()
        self._redactor = redactor
        self._log: structlog.stdlib.BoundLogger = structlog.get_logger("stablehand")

    def context(self, **fields: str | int) -> AbstractContextManager[None]:
        """Carry `delivery`, `repository`, `pull`, `series` and the like in every line inside."""
        return structlog.contextvars.bound_contextvars(**fields)

    def note(self, event: str, **fields: object) -> None:
        """Log one happening; a `pick` is counted by its `outcome` as well."""
        self._log.info(event, **fields)
        if event == "pick":
            self.metrics.pick(str(fields.get("outcome")))

    def bug(self, error: BaseException) -> None:
        """Log an error with its traceback; Sentry hears of it unless it was to be expected."""
        self._log.error("bug", exc_info=error)

    def called(self, method: str, status: str, remaining: int | None) -> None:
        """Count a request to GitHub's API."""
        self.metrics.request(method, status, remaining)

    def minted(self, token: str) -> None:
        """Keep a new token out of all that is shown from now on."""
        self._redactor.learn(token)


def start(settings: Settings) -> Observability:
    """Set up logging, and Sentry where it has a DSN, for the whole process."""
    redactor = Redactor(settings.secrets())
    _start_logging(settings.log_format, redactor)
    observability = Observability(redactor)
    _log_what_ends_us(observability)
    if dsn := settings.sentry_dsn.get_secret_value():
        _start_sentry(dsn, redactor)
    return observability


def _start_logging(log_format: str, redactor: Redactor) -> None:
    def redact(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        return {key: redactor.entry(key, value) for key, value in event.items()}

    # A traceback becomes plain text before it is cleaned; the console's own way of showing one
    # would print the values of local variables.
    renderer: Processor = (
        structlog.processors.JSONRenderer()
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=_COMMON,
            processors=[
                ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                redact,
                renderer,
            ],
        )
    )
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    structlog.configure(
        processors=[*_COMMON, _hand_over],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def _hand_over(
    logger: logging.Logger, name: str, event: EventDict
) -> tuple[tuple[EventDict], dict[str, Any]]:
    """Pass an event to `logging`, with its exception where Sentry looks for it."""
    args, kwargs = ProcessorFormatter.wrap_for_formatter(logger, name, event)
    return args, {**kwargs, "exc_info": event.get("exc_info")}


def _log_what_ends_us(observability: Observability) -> None:
    """Send even the last traceback of the process through the log, where it is cleaned."""
    by_python = sys.excepthook

    def log(
        kind: type[BaseException], error: BaseException, traceback: TracebackType | None
    ) -> None:
        if isinstance(error, Exception):
            observability.bug(error)
        else:
            by_python(kind, error, traceback)

    sys.excepthook = log


def _start_sentry(dsn: str, redactor: Redactor) -> None:
    def clean(event: Event, _: Hint) -> Event:
        event["tags"] = {**event.get("tags", {}), **structlog.contextvars.get_contextvars()}
        cleaned: Any = redactor.value(event)
        return cleaned  # type: ignore[no-any-return]

    ignore_logger("dbos")  # it logs failures of ours that `bug` reports, or that are expected
    sentry_sdk.init(
        dsn,
        ignore_errors=[UserError, Transient],
        before_send=clean,
        # Local variables hold tokens, and payloads hold what people wrote.
        include_local_variables=False,
        max_request_body_size="never",
        send_default_pii=False,
        # No patching of aiohttp or subprocess: GitHub and git shall see nothing of Sentry's.
        auto_enabling_integrations=False,
        disabled_integrations=[StdlibIntegration()],
        auto_session_tracking=False,
        send_client_reports=False,
    )

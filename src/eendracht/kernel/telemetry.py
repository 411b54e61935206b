"""Audit events to an OpenTelemetry receiver: log records over OTLP/HTTP, in batches from a thread of the SDK.

Needs the extra `otel`. The SDK also heeds its own environment variables, such as OTEL_EXPORTER_OTLP_HEADERS.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from eendracht import __version__
from eendracht.kernel.audit import AuditEvent
from eendracht.kernel.errors import UsageFault
from eendracht.kernel.journal import Line

SEVERITIES: Final = {"notice": 10, "warning": 13, "error": 17}
"""Severity numbers, by the mapping of syslog in the OpenTelemetry logs data model (appendix B)."""
FLUSH_MILLISECONDS: Final = 3_000
"""How long an end waits for what was not sent yet."""


class Telemetry:
    """Hands each event to the batches of the SDK; the journal has it before it comes here."""

    def __init__(self, address: str, node: str) -> None:
        """Take the address of logs, such as `http://collector:4318/v1/logs`; raises UsageFault without the extra."""
        try:
            from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
            from opentelemetry.sdk._logs import LoggerProvider
            from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
            from opentelemetry.sdk.resources import Resource
        except ImportError:
            raise UsageFault(
                "audit_otlp is set, and the OpenTelemetry SDK is not installed",
                hint="Install it: pip install 'eendracht[otel]'.",
            ) from None
        resource = Resource.create({"service.name": "eendracht", "service.instance.id": node})
        self._provider = LoggerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_log_record_processor(
            BatchLogRecordProcessor(OTLPLogExporter(endpoint=address), schedule_delay_millis=1_000)
        )
        self._logger = self._provider.get_logger("eendracht.audit", __version__)

    def __call__(self, event: AuditEvent, line: Line) -> None:
        """Hand in one event; it is sent within a second or so."""
        from opentelemetry._logs import LogRecord, SeverityNumber

        attributes = {f"eendracht.{name}": value for name, value in line.content.items() if name != "event"}
        nanoseconds = int(datetime.fromisoformat(line.at).timestamp() * 1_000_000) * 1_000
        self._logger.emit(
            LogRecord(
                timestamp=nanoseconds,
                observed_timestamp=nanoseconds,
                severity_number=SeverityNumber(SEVERITIES[event.severity]),
                severity_text=event.severity,
                body=event.en,
                attributes={**attributes, "eendracht.position": line.position},
                event_name=f"eendracht.{event.code}",
            )
        )

    def close(self) -> None:
        """Send what is left."""
        self._provider.force_flush(FLUSH_MILLISECONDS)
        self._provider.shutdown()

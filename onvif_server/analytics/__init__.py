"""Analytics as ONVIF sees it: what follows objects, and the rule that watches for motion."""

from __future__ import annotations

from onvif_server.analytics.engine import RULE_SOURCE, configuration
from onvif_server.analytics.service import AnalyticsService

__all__ = ["RULE_SOURCE", "AnalyticsService", "configuration"]

"""Analytics as ONVIF sees it: the modules that look at the scene and the rule that watches for motion, all fixed."""

from __future__ import annotations

from onvif_server.analytics.engine import RULE_SOURCE, configuration
from onvif_server.analytics.service import AnalyticsService

__all__ = ["RULE_SOURCE", "AnalyticsService", "configuration"]

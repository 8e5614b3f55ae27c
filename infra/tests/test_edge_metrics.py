"""The edge's numbers: by the columns that it writes, of enough requests, and without the token."""

from __future__ import annotations

import json
import os
import sys
import threading
import unittest
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from unittest import mock

INFRA = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(INFRA / "canary"))
import edge_metrics as edge

ROW = {"requests": "2000", "failed": 40, "unavailable": 10, "hits": 900, "bypassed": 20, "looked_up": 1000}


class Engine(BaseHTTPRequestHandler):
    """Analytics Engine: it answers one row, and keeps what it was asked."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        self.server.asked.append((self.path, self.headers["authorization"], body))
        answer = json.dumps({"data": self.server.rows}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_arguments: object) -> None:
        pass


class Numbers(unittest.TestCase):
    def setUp(self) -> None:
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Engine)
        self.server.rows, self.server.asked = [ROW], []
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        base = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.enterContext(mock.patch.dict(os.environ, {"NADA_CLOUDFLARE_API": base}))

    def test_it_asks_for_the_columns_that_the_dashboard_names(self) -> None:
        edge.counted("acme", "nada_test_points", "hush")
        [(path, bearer, query)] = self.server.asked
        self.assertEqual((path, bearer), ("/accounts/acme/analytics_engine/sql", "Bearer hush"))
        dashboard = (INFRA / "dashboards" / "delivery.json").read_text()
        for column in (
            "blob2 AS code",
            "blob5 AS cache",
            "double1 AS status",
            "_sample_interval * toUInt32(double9) AS n",
        ):
            self.assertIn(column, query)
            self.assertIn(column, dashboard)
        self.assertIn("FROM nada_test_points", query)

    def test_shares(self) -> None:
        found = edge.metrics(edge.counted("acme", "points", "hush"))
        self.assertEqual(
            found, {"Requests": 2000, "Failed": 2, "OriginUnavailable": 0.5, "Hits": 90, "Bypass": 2}
        )

    def test_few_requests_have_no_shares(self) -> None:
        self.server.rows = [ROW | {"requests": 999}]
        self.assertEqual(edge.metrics(edge.counted("acme", "points", "hush")), {"Requests": 999})
        self.server.rows = []
        self.assertEqual(edge.metrics(edge.counted("acme", "points", "hush")), {"Requests": 0})

    def test_the_oldest_active_key_counts(self) -> None:
        now = datetime(2026, 11, 29, tzinfo=UTC)
        keys = [
            {"Status": status, "CreateDate": now - timedelta(days=days)}
            for status, days in (("Active", 10), ("Active", 200), ("Inactive", 900))
        ]
        self.assertEqual(edge.key_age(keys, now), 200)
        self.assertGreater(edge.key_age(keys[2:], now), 1000)

    def test_one_line_of_metrics(self) -> None:
        line = json.loads(edge.emf("nada-test", {"Requests": 1, "Failed": 2, "KeyAge": 3}))
        [directive] = line["_aws"]["CloudWatchMetrics"]
        self.assertEqual((directive["Namespace"], directive["Dimensions"]), ("Nada/Edge", [["Environment"]]))
        self.assertEqual(
            {one["Name"]: one["Unit"] for one in directive["Metrics"]},
            {"Requests": "Count", "Failed": "Percent", "KeyAge": "None"},
        )
        self.assertEqual((line["Environment"], line["Failed"]), ("nada-test", 2))


if __name__ == "__main__":
    unittest.main()

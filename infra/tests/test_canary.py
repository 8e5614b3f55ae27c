"""The canary plays what a listener's player would, and tells no token."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from unittest import mock

CANARY = Path(__file__).resolve().parents[1] / "canary"
EDGE = Path(os.environ.get("NADA_EDGE", Path(__file__).resolve().parents[2] / "edge"))
sys.path[:0] = [str(CANARY), str(EDGE / "token" / "examples")]
import canary

KEY = {"kty": "oct", "alg": "HS256", "kid": "2026", "k": "A" * 43}
TRACK = "INNDA2600001"
MEDIA = "0123/aac-64/"
WHOLE = {
    "multivariant.m3u8": b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=64000\n0123/aac-64/media.m3u8\n",
    f"{MEDIA}media.m3u8": b'#EXTM3U\n#EXT-X-MAP:URI="init.mp4"\n#EXTINF:3,\n0.m4s\n#EXTINF:6,\n1.m4s\n#EXT-X-ENDLIST\n',
    f"{MEDIA}init.mp4": b"init",
    f"{MEDIA}0.m4s": b"first",
    f"{MEDIA}1.m4s": b"last",
    "track.json": b"{}",
    "lyrics.json": b"{}",
}


class Edge(BaseHTTPRequestHandler):
    """As much of an edge as there is to listen to: files under a token, and 401 without one."""

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        _, _, file = self.path.partition(f"/t/{TRACK}/")
        files = self.server.files
        status = (
            401 if not self.path.startswith("/~") and not self.server.open else 200 if file in files else 404
        )
        body = files.get(file, b"") if status == 200 else b'{"code":"token_missing"}'
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        pass


class Canary(unittest.TestCase):
    def setUp(self) -> None:
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Edge)
        self.server.files, self.server.asked, self.server.open = dict(WHOLE), [], False
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.base = f"http://127.0.0.1:{self.server.server_address[1]}"

    def play(self) -> dict:
        return canary.play(self.base, TRACK, KEY, "https://music.example.com", "nada-test")

    def handled(self) -> list[dict]:
        """What the function's invocation says, line by line."""
        client = mock.Mock()
        client.get_parameter.return_value = {"Parameter": {"Value": json.dumps({"keys": [KEY]})}}
        said = io.StringIO()
        environment = {
            "NAME": "nada-test",
            "BASE": self.base,
            "TRACK": TRACK,
            "KEYS": "/nada-test/canary-keys",
            "AWS_REGION": "ap-south-1",
        }
        with (
            mock.patch("boto3.client", return_value=client),
            mock.patch.dict(os.environ, environment),
            contextlib.redirect_stdout(said),
        ):
            canary.handler({}, None)
        return [json.loads(line) for line in said.getvalue().splitlines()]

    def test_it_plays_as_a_player_does(self) -> None:
        seen = self.play()
        self.assertEqual(list(seen), ["Playlists", "Start", "Segments", "Lyrics"])
        self.assertEqual(sorted(seen.values()), list(seen.values()))
        played = [path.partition(f"/t/{TRACK}/")[2] for path in self.server.asked]
        self.assertEqual(played, [*WHOLE, "multivariant.m3u8"])
        self.assertTrue(self.server.asked[-1].startswith("/t/"))

    def test_each_thing_that_is_missing_is_named_without_the_token(self) -> None:
        for file in WHOLE:
            with self.subTest(file):
                self.server.files = {name: body for name, body in WHOLE.items() if name != file}
                with self.assertRaises(canary.Unwell) as unwell:
                    self.play()
                self.assertIn(f"/t/{TRACK}/{file}: status 404", str(unwell.exception))
                self.assertNotIn("~", str(unwell.exception))

    def test_an_edge_that_lets_everybody_in_is_unwell(self) -> None:
        self.server.open = True
        with self.assertRaisesRegex(canary.Unwell, "status 200, not 401"):
            self.play()

    def test_an_edge_that_nobody_reaches_is_unwell(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        with self.assertRaisesRegex(canary.Unwell, "multivariant.m3u8: "):
            self.play()

    def test_metrics_are_those_that_alarms_read(self) -> None:
        [line] = self.handled()
        [metrics] = line["_aws"]["CloudWatchMetrics"]
        self.assertEqual(
            (metrics["Namespace"], metrics["Dimensions"]), ("Nada/Canary", [["Environment", "From"]])
        )
        self.assertEqual((line["Environment"], line["From"], line["Failed"]), ("nada-test", "ap-south-1", 0))
        self.assertEqual(
            {one["Name"] for one in metrics["Metrics"]},
            {"Failed", "Playlists", "Start", "Segments", "Lyrics"},
        )
        self.assertLessEqual({one["Name"] for one in metrics["Metrics"]}, set(line))

    def test_a_failure_is_a_metric_and_a_reason(self) -> None:
        del self.server.files["track.json"]
        reason, line = self.handled()
        self.assertIn("track.json: status 404", reason["reason"])
        self.assertEqual(line["Failed"], 1)

    def test_the_key_is_the_one_that_the_backend_signs_with(self) -> None:
        keys = {
            "keys": [KEY | {"kid": "old", "exp": 50}, KEY | {"kid": "now"}, KEY | {"kid": "next", "nbf": 200}]
        }
        self.assertEqual(canary.live_key(keys, 100)["kid"], "now")


if __name__ == "__main__":
    unittest.main()

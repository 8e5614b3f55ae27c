"""The output `origins` is what `nada serve --origins` takes."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

import plan


@unittest.skipUnless("NADA_PROGRAM" in os.environ, "NADA_PROGRAM names no nada to serve with")
class Origins(unittest.TestCase):
    def served(self, folder: Path, origins: list) -> str:
        """What a server says until it serves, or until it ends by itself."""
        program = os.environ["NADA_PROGRAM"]
        keys, listed = folder / "keys.json", folder / "origins.json"
        keys.write_bytes(subprocess.run([program, "token", "keygen"], capture_output=True, check=True).stdout)
        listed.write_text(json.dumps(origins))
        command = [
            program,
            "serve",
            "--origins",
            listed,
            "--country",
            "ID",
            "--keys",
            keys,
            "--listen",
            "127.0.0.1:0",
        ]
        said = ""
        with subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        ) as server:
            for line in server.stderr:
                said += line
                if "serving" in line:
                    server.terminate()
        return said

    def takes(self, origins: list) -> None:
        with tempfile.TemporaryDirectory() as folder:
            said = self.served(Path(folder), origins)
        self.assertIn("serving " + ", ".join(f"s3://{origin['bucket']}" for origin in origins), said)

    def test_nada_serve_takes_the_output(self) -> None:
        self.takes(plan.read()["planned_values"]["outputs"]["origins"]["value"])

    def test_nada_serve_takes_r2(self) -> None:
        """As module edge makes it, which its own tests assert."""
        endpoint = "https://0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com"
        self.takes(
            [
                {
                    "bucket": "acme-releases",
                    "region": "auto",
                    "near": [],
                    "endpoint": endpoint,
                    "path_style": True,
                }
            ]
        )


if __name__ == "__main__":
    unittest.main()

"""A film in headless Chromium: is it played to its end, and what is seen at which time?"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any

import numpy as np

EXECUTABLE = next(
    (
        found
        for name in ("chromium", "chromium-browser", "google-chrome")
        if (found := shutil.which(name))
    ),
    None,
)

_PAGE = """<!doctype html><video id=film src=/film muted preload=auto></video><script>
const film = document.getElementById('film'), told = {seen: []};
const once = name => new Promise((done, failed) => {
  film.addEventListener(name, done, {once: true});
  film.addEventListener('error', () => failed(film.error.message), {once: true});
});
function picture() {
  const canvas = document.createElement('canvas');
  canvas.width = 64; canvas.height = 36;
  const pen = canvas.getContext('2d', {willReadFrequently: true});
  pen.drawImage(film, 0, 0, 64, 36);
  return Array.from(pen.getImageData(0, 0, 64, 36).data);
}
(async () => {
  try {
    if (film.readyState < 2) await once('loadeddata');
    told.duration = film.duration;
    told.size = [film.videoWidth, film.videoHeight];
    for (const time of TIMES) {
      const arrived = once('seeked');
      film.currentTime = time;
      await arrived;
      await new Promise(done => film.requestVideoFrameCallback ? requestAnimationFrame(() => requestAnimationFrame(done)) : done());
      told.seen.push(picture());
    }
    const back = once('seeked');
    film.currentTime = 0;
    await back;
    film.playbackRate = 4;
    const end = once('ended');
    await film.play();
    await end;
    told.ended_at = film.currentTime;
    told.frames = film.getVideoPlaybackQuality().totalVideoFrames;
    told.audio_bytes = film.webkitAudioDecodedByteCount;
  } catch (trouble) {
    told.error = String(trouble);
  }
  await fetch('/told', {method: 'POST', body: JSON.stringify(told)});
})();
</script>"""


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Chromium hangs up whenever it seeks: that is no error."""


@dataclass(frozen=True)
class Watched:
    """What Chromium made of a film.

    Attributes:
        seen: the picture at each time that was sought, 36 x 64 x 3.
        ended_at: the time at which playing ended; None where it did not.
    """

    duration: float | None
    size: tuple[int, int] | None
    seen: list[np.ndarray]
    ended_at: float | None
    audio_bytes: int
    error: str | None


def watch(film: Path, times: Sequence[Fraction] = (), patience_s: float = 120) -> Watched:
    """Seek to some times in a film, then play it from its beginning to its end."""
    told: Queue[dict[str, Any]] = Queue()
    page = _PAGE.replace("TIMES", json.dumps([float(time) for time in times])).encode()
    server = _Server(("127.0.0.1", 0), _handler(page, film.read_bytes(), told))
    Thread(target=server.serve_forever, daemon=True).start()
    assert EXECUTABLE
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [
            EXECUTABLE, "--headless=new", "--no-sandbox", "--disable-gpu", "--mute-audio",
            "--disable-dev-shm-usage", "--no-first-run", f"--user-data-dir={profile}",
            "--autoplay-policy=no-user-gesture-required",
            f"http://127.0.0.1:{server.server_port}/",
        ]  # fmt: skip
        browser = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            said = told.get(timeout=patience_s)
        finally:
            browser.kill()
            browser.wait()
            server.shutdown()
            server.server_close()
    pictures = [np.array(each, np.uint8).reshape(36, 64, 4)[..., :3] for each in said["seen"]]
    size = said.get("size")
    return Watched(
        duration=said.get("duration"),
        size=(size[0], size[1]) if size else None,
        seen=pictures,
        ended_at=said.get("ended_at"),
        audio_bytes=said.get("audio_bytes", 0),
        error=said.get("error"),
    )


def _handler(page: bytes, film: bytes, told: Queue[dict[str, Any]]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if self.path == "/film":
                asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", "bytes=0-"))
                start = int(asked[1]) if asked else 0
                end = int(asked[2]) + 1 if asked and asked[2] else len(film)
                self.send_response(206)
                self.send_header("Content-Range", f"bytes {start}-{end - 1}/{len(film)}")
                self._send(film[start:end], "video/mp4")
            else:
                self.send_response(200 if self.path == "/" else 404)
                self._send(page if self.path == "/" else b"", "text/html")

        def do_POST(self) -> None:
            told.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self._send(b"", "text/plain")

        def _send(self, content: bytes, kind: str) -> None:
            self.send_header("Content-Type", kind)
            self.send_header("Accept-Ranges", "bytes")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            try:
                self.wfile.write(content)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True  # it has sought elsewhere

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler

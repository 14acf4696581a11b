"""Pictures and sound: the only place that touches PyAV, ffmpeg or moviepy."""

"""Exact frames, clips, cuts and sound: the only package that touches PyAV and moviepy."""

import os

# Steps run side by side already. The threads of numpy's own library for matrices wait for
# work by spinning, which takes a processor from whoever has some.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

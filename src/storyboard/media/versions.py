"""Versions of what this package renders, for the keys of local actions.

They stand apart from the code that renders, so that a plan need not import it.
Raise one when the bytes that its renderer writes change.
"""

FRAME = "1"
"""Taking a frame out of a clip, as PNG."""

PICTURE = "3"
"""Rendering a passage of a cut, the settings of its coder among that."""

SOUND = "1"
"""Mixing and coding a cut's sound."""

FORMAT = "2"
"""Writing a cut in another format than MP4."""

CUT = "3"
"""Joining the pieces of a cut."""

"""Handing a cut over to an editor: OpenTimelineIO, EDL, and the media that they name."""

"""What is sent in larger bodies, while it is read."""

from __future__ import annotations

from contextlib import suppress

from django.core.files.uploadhandler import TemporaryFileUploadHandler


class TidyTemporaryFiles(TemporaryFileUploadHandler):
    """A file that cannot be written to its end is let go at once.

    Django keeps it until the memory is swept, and on a full disk the half that came would take what room there is.
    """

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write on; raises OSError where there is no room, with nothing left on the disk."""
        try:
            super().receive_data_chunk(raw_data, start)
        except OSError:
            with suppress(OSError):  # closing writes what the buffer still holds
                self.file.close()
            raise

"""Coming in: password, second factor, fresh confirmation, and how long a session lives."""

"""Recovery at full size: a backup and its restore, and an upgrade from each released version (`make recovery`)."""

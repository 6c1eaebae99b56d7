"""The `sealkit` command: a room for each part of the work, and what all of them share."""

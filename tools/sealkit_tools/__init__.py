"""The `sealkit` command, one file for each group of commands."""

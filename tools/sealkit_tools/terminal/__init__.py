"""What every command shares: options, results, progress, the time."""

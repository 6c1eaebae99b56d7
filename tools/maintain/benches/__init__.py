"""What benchmarks measure with: the bare calls, a world of people and seals, a long log, memory."""

"""What several frauds have in common."""

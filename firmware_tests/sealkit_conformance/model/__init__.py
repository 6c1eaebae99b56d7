"""What SPEC.md says a seal does, for cases whose end is not known beforehand."""

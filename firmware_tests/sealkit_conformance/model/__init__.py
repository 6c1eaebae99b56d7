"""What SPEC.md says a seal does, worked out anew, for cases that do not know their end beforehand."""

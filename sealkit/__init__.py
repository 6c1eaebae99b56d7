"""sealkit: the open toolkit for the electronic seals of taximeters."""

__version__ = "0.1.0"

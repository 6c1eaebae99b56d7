"""`sealkit demo`: the whole story on simulated devices."""

"""`sealkit conformance`: what any maker's seal must do."""

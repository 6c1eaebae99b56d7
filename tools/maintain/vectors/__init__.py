"""What the vectors of protocol/vectors say, made with the standard library and `openssl` alone."""

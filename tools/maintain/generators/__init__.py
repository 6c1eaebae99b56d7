"""Parts of what is generated, and the writing or checking of it."""

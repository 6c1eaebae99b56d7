"""What the command says, in English and Chinese: texts, errors, help."""

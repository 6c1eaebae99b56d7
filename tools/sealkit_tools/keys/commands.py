"""`sealkit keys`: keys are made, credentials and trust statements issued, shown and verified."""

from __future__ import annotations

import click

from sealkit_tools.keys.making_commands import endorse, generate, issue, new
from sealkit_tools.keys.show_commands import show, verify
from sealkit_tools.keys.token_command import token
from sealkit_tools.keys.trust_commands import statement, trust
from sealkit_tools.words.bilingual import Group


@click.group(cls=Group)
def keys() -> None:
    """Make keys; issue, show and verify credentials, statements and trust files.

    A person is named by the prefix of two files: PREFIX.pem is the key, encrypted under a
    passphrase, or PREFIX.pkcs11 says in which token it is; PREFIX.cred is the credential with its
    issuers. The authority issues stations, registries and inspectors; a registry issues
    technicians.
    """


for _command in (new, generate, issue, endorse, statement, trust, show, verify, token):
    keys.add_command(_command)

"""Slips of the pen in what a seal judges: a number cut short, an edge off by one, a sign, an order
of two rules (chapters 1 to 6)."""

from __future__ import annotations

from functools import partial
from typing import Final

from sealkit_conformance.faults.fault import Fault
from sealkit_conformance.faults.planting import slip

FAULTS: Final[list[Fault]] = []
_slip = partial(slip, FAULTS)
_SEAL: Final = "sealkit_simulator.seal:SimulatedSeal."
_COMMANDS: Final = "sealkit_simulator.commands:"
_BAUD: Final = "sealkit_simulator.baud:BaudRate."
_APPLYING: Final = "sealkit_simulator.applying:"
_CREDENTIALS: Final = "sealkit.rules.credentials:"
_ORDERS: Final = "sealkit.rules.orders:"
_PARAMETERS: Final = "sealkit.rules.parameters:"
_HISTORY: Final = "sealkit.rules.history:History._apply"
_FARES: Final = "sealkit.rules.supervision:accepted_fares"

# The link.

_slip(
    "keeps-no-answers-over-512-bytes",
    "L-9",
    "The cell for the last answer has 512 bytes; longer ones are not kept.",
    _SEAL + "handle",
    "self._last_request = asked",
    "self._last_request = asked if len(self._last_answer) <= 512 else None",
)
_slip(
    "takes-number-zero-for-no-request",
    "L-9",
    "Sequence number 0 stands for none, so that such a request is never a repeat.",
    _SEAL + "handle",
    "self._last_request = asked",
    "self._last_request = asked if request.sequence else None",
)
_slip(
    "compares-the-first-bytes-of-a-request",
    "L-9",
    "Whether a request is a repeat is told by its first eight bytes.",
    _SEAL + "handle",
    "self.device.core.suite.digest(payload)",
    "payload[:8]",
)
_slip(
    "numbers-refusals-by-one-byte",
    "L-6",
    "A refusal bears the low byte of the request's number alone.",
    "sealkit_simulator.seal:_refused",
    "request.sequence",
    "request.sequence & 0xFF",
)
_slip(
    "cuts-a-rate-to-two-bytes",
    "L-12",
    "A rate is kept in two bytes: 75,136 is taken for 9,600.",
    _BAUD + "ask",
    "if rate not in RATES:",
    "if rate & 0xFFFF not in RATES and rate not in RATES:",
)
_slip(
    "goes-back-to-9600",
    "L-12",
    "It goes back to 9600, whatever the rate was before.",
    _BAUD + "poll",
    "self._before, None",
    "9600, None",
)

# Reading.

_slip(
    "tells-eight-records-at-most",
    "C-7",
    "A list has room for eight records, however small they are.",
    _COMMANDS + "_read_log",
    "_RECORDS_MAX",
    "8",
)
_slip(
    "reads-the-limit-with-a-sign",
    "C-7",
    "A limit of 32,768 bytes and more is taken for a negative one.",
    _COMMANDS + "_read_log",
    "min(request.limit, _BODY_MAX)",
    "min((request.limit ^ 0x8000) - 0x8000, _BODY_MAX)",
)
_slip(
    "forgets-the-lengths-in-the-limit",
    "C-7",
    "The two bytes of length before each record are not counted.",
    _COMMANDS + "_read_log",
    "room -= 2 + place.length",
    "room -= place.length",
)
_slip(
    "forgets-the-count-in-the-limit",
    "C-7",
    "The count before the records is not counted.",
    _COMMANDS + "_read_log",
    "_BODY_MAX) - 1",
    "_BODY_MAX)",
)
_slip(
    "leaves-out-what-just-fits",
    "C-7",
    "A record that fills the limit to the last byte is left out.",
    _COMMANDS + "_read_log",
    "room < 0",
    "room <= 0",
)
_slip(
    "adds-offset-and-length-in-two-bytes",
    "C-8",
    "Where a part ends is added in two bytes, and runs over.",
    _COMMANDS + "_read_record",
    "request.offset + length]",
    "min(request.offset + length, request.offset + request.length & 0xFFFF)]",
)
_slip(
    "wraps-the-offset-in-its-page",
    "C-8",
    "An offset is taken within a page of 4,096 bytes.",
    _COMMANDS + "_read_record",
    "raw[request.offset : request.offset + length]",
    "raw[request.offset % 4096 : request.offset % 4096 + length]",
)
_slip(
    "believes-the-first-credential",
    "C-12",
    "Before it has a credential it takes any.",
    _COMMANDS + "install_credential",
    "try:",
    "if not device.registers.credential:\n        device.registers.credential = raw\n    try:",
)
_slip(
    "waits-until-a-credential-begins",
    "C-12",
    "A renewed credential is refused until its validity begins.",
    _COMMANDS + "install_credential",
    "device.registers.credential = raw",
    "if credential.not_before > device.clock.now:\n        raise refusal(Status.MALFORMED)\n"
    "    device.registers.credential = raw",
    also=("K-6",),
)
_slip(
    "counts-refused-credentials-as-orders",
    "C-12",
    "A credential that is refused steps a counter of refused orders.",
    _SEAL + "_answer",
    "if request.command == Command.ORDER:\n            self._count",
    "if request.command in _LASTING:\n            self._count",
    also=("O-1", "C-3"),
)
_slip(
    "expires-a-second-early",
    "K-6",
    "In its last second its credential counts as expired.",
    "sealkit_simulator.flags:_expired",
    "now > _not_after",
    "now >= _not_after",
)

# Credentials.

_slip(
    "reads-regions-in-two-bytes",
    "K-1",
    "Region codes are compared in two bytes.",
    _CREDENTIALS + "covers",
    "scope in (0, region)",
    "scope & 0xFFFF in (0, region & 0xFFFF)",
    also=("K-3", "O-11"),
)
_slip(
    "takes-the-first-digit-for-the-province",
    "K-1",
    "A province's code covers whatever begins with its first digit.",
    _CREDENTIALS + "covers",
    "scope // 10_000 == region // 10_000",
    "scope // 100_000 == region // 100_000",
    also=("K-3",),
)
_slip(
    "lets-an-authority-make-authorities",
    "K-3",
    "An authority may issue another one, which issues stations.",
    _CREDENTIALS + "may_issue",
    "not in ISSUERS[role]:",
    'not in ISSUERS[role] | {"authority"}:',
)
_slip(
    "reads-an-expiry-in-four-bytes",
    "K-5",
    "The end of a validity is kept in four bytes: after 2106 it lies in 1970.",
    _CREDENTIALS + "judge_credential",
    "moment.time > subject.not_after",
    "moment.time > subject.not_after & 0xFFFFFFFF",
)
_slip(
    "reads-an-expiry-with-a-sign",
    "K-5",
    "A credential without end has expired: its last second is -1.",
    _CREDENTIALS + "judge_credential",
    "moment.time > subject.not_after",
    "moment.time > (subject.not_after ^ 1 << 63) - (1 << 63)",
)
_slip(
    "reads-a-beginning-with-a-sign",
    "K-5",
    "A credential that begins in ages began before 1970.",
    _CREDENTIALS + "judge_credential",
    "moment.time < subject.not_before",
    "moment.time < (subject.not_before ^ 1 << 63) - (1 << 63)",
)
_slip(
    "judges-the-end-before-the-beginning",
    "K-5",
    "A credential that never holds is called expired.",
    _CREDENTIALS + "judge_credential",
    "if moment.time < subject.not_before and",
    "if moment.time > subject.not_after:\n"
    "                raise refusal(Status.CREDENTIAL_EXPIRED)\n"
    "            if moment.time < subject.not_before and",
)
_slip(
    "compares-generations-by-a-byte",
    "K-5",
    "Generations are kept in a byte each.",
    _CREDENTIALS + "is_revoked",
    "credential.generation < minimum.generation",
    "credential.generation & 255 < minimum.generation & 255",
)
_slip(
    "compares-generations-with-a-sign",
    "K-5",
    "Generations from 32,768 on are negative.",
    _CREDENTIALS + "is_revoked",
    "credential.generation < minimum.generation",
    "credential.generation ^ 0x8000 < minimum.generation ^ 0x8000",
)
_slip(
    "looks-for-a-fourth-issuer",
    "K-5",
    "Behind the third step it looks for yet another issuer.",
    _CREDENTIALS + "_chain",
    "while len(links) < CHAIN_MAX:",
    "while len(links) <= CHAIN_MAX:",
)
_slip(
    "looks-for-two-issuers-alone",
    "K-5",
    "It gives up after two steps.",
    _CREDENTIALS + "_chain",
    "while len(links) < CHAIN_MAX:",
    "while len(links) < CHAIN_MAX - 1:",
)
_slip(
    "wants-statements-of-the-past",
    "K-7",
    "A statement whose issued_at lies ahead of it is refused.",
    _CREDENTIALS + "judge_statement",
    "if statement.version <= above_version:",
    "if statement.issued_at > 1_900_000_000 or statement.version <= above_version:",
    also=("O-31",),
)
_slip(
    "judges-a-version-before-its-signer",
    "O-31",
    "The version of a statement is judged before whose it is.",
    _CREDENTIALS + "judge_statement",
    "    if statement.authority !=",
    "    if statement.version <= above_version:\n        raise refusal(Status.TRUST_VERSION)\n"
    "    if statement.authority !=",
    also=("K-7",),
)

# Sets.

_slip(
    "reads-a-tariffs-window-in-four-bytes",
    "P-7",
    "The window of a pending tariff is compared in four bytes.",
    _PARAMETERS + "_fault",
    "p.valid_from >= p.valid_until",
    "p.valid_from & 0xFFFFFFFF >= p.valid_until & 0xFFFFFFFF",
    also=("O-22",),
)
_slip(
    "reads-a-tariffs-window-with-a-sign",
    "P-7",
    "The window of a pending tariff is a difference with a sign.",
    _PARAMETERS + "_fault",
    "p.valid_from >= p.valid_until",
    "(p.valid_from - p.valid_until) & 1 << 63 == 0",
    also=("O-22",),
)
_slip(
    "begins-a-tariff-a-second-late",
    "P-7",
    "In the first second of its window a pending tariff may not be there yet.",
    _FARES,
    "p.valid_from <= clock",
    "p.valid_from < clock",
    also=("W-3", "O-25"),
)
_slip(
    "ends-a-tariff-a-second-late",
    "P-7",
    "In the second at which the window ends the old tariff may still be there.",
    _FARES,
    "p.valid_until <= clock",
    "p.valid_until < clock",
    also=("W-3", "O-25"),
)
_slip(
    "compares-groups-by-the-shorter-one",
    "P-3",
    "Of two contents as many bytes are compared as the shorter one has.",
    _PARAMETERS + "changed_groups",
    "group_content(sealed[number]) != group_content(data)",
    "any(a != b for a, b in zip(group_content(sealed[number]), group_content(data)))",
    also=("P-4", "O-24"),
)
_slip(
    "changes-nothing-by-the-first-set",
    "P-3",
    "Groups that were not sealed before do not count as changed.",
    _PARAMETERS + "changed_groups",
    "number not in sealed or",
    "number in sealed and",
    also=("P-4",),
)
_slip(
    "steps-a-counter-for-any-group",
    "P-4",
    "A group that it does not interpret steps the configuration counter.",
    _PARAMETERS + "counter_steps",
    "if number in set(Group)}",
    'if number in set(Group)} | {"configuration" for n in changed if n > 127}',
)
_slip(
    "overlooks-changes-of-high-groups",
    "P-3",
    "A SEAL that changes but a group from 128 on changes nothing.",
    _ORDERS + "_judge_parameters",
    "- {Group.CALIBRATION}",
    "- {Group.CALIBRATION, *range(128, 256)}",
    also=("O-24",),
)
_slip(
    "sorts-group-numbers-with-a-sign",
    "O-21",
    "Groups from 128 on have negative numbers, and come first.",
    _ORDERS + "_judge_parameters",
    "sorted(set(numbers))",
    "sorted(set(numbers), key=lambda n: (n ^ 128) - 128)",
    also=("P-2",),
)
_slip(
    "drops-what-a-whole-set-does-not-bring",
    "O-22",
    "With all mandatory groups the others are taken to be gone.",
    _HISTORY,
    "self.groups.update(new)",
    "self.groups = {**(self.groups if len(new) < 8 else {}), **new}",
)
_slip(
    "excuses-changes-beside-a-tariffs",
    "O-24",
    "With a changed tariff no change needs a calibration group.",
    _ORDERS + "_judge_parameters",
    "changed != {Group.TARIFF}",
    "Group.TARIFF not in changed",
)

# Orders.

_slip(
    "tells-the-head-for-an-applied-order",
    "O-3",
    "An order that was applied before is told the head as it is now.",
    _APPLYING + "apply_order",
    "OrderAnswer(applied.head.sequence, applied.head.digest, stored)",
    "OrderAnswer(device.history.head.sequence, device.history.head.digest, stored)",
    also=("C-6",),
)
_slip(
    "compares-the-heads-number-by-two-bytes",
    "O-7",
    "The head's number is compared by its two low bytes.",
    _ORDERS + "judge_standing",
    "(order.head_sequence, order.head_digest) !=",
    "(head.sequence & ~0xFFFF | order.head_sequence & 0xFFFF, order.head_digest) !=",
)
_slip(
    "takes-zeros-where-no-challenge-is",
    "O-8",
    "Without a challenge outstanding, zeros will do for one.",
    _ORDERS + "judge_challenge",
    "if view.challenge is None:",
    "if view.challenge is None and order.challenge == NO_CHALLENGE:\n        return\n"
    "    if view.challenge is None:",
)
_slip(
    "calls-another-challenge-expired",
    "O-8",
    "The age of a challenge is judged before which it is.",
    _ORDERS + "judge_challenge",
    "    if order.challenge != view.challenge:",
    "    if view.challenge_age_ms > CHALLENGE_LIFE_MS:\n"
    "        raise refusal(Status.CHALLENGE_EXPIRED)\n"
    "    if order.challenge != view.challenge:",
)
_slip(
    "spends-the-challenge-on-any-order",
    "O-16",
    "An order that carries no challenge spends the one outstanding.",
    _APPLYING + "_carry_out",
    "if rule.challenge:",
    "if rule:",
    also=("O-8",),
)
_slip(
    "seeds-its-challenges-with-the-ticks",
    "C-4",
    "Challenges come from a generator that begins at each boot with the same number.",
    _COMMANDS + "_challenge",
    "value = secrets.token_bytes(_CHALLENGE_BYTES)",
    "random = __import__('random').Random(device.clock.tick_ms // 60_000)\n"
    "    value = random.randbytes(_CHALLENGE_BYTES)",
)
_slip(
    "makes-four-random-bytes-of-sixteen",
    "C-4",
    "The random generator gives four bytes, the rest of a challenge is zeros.",
    _COMMANDS + "_challenge",
    "value = secrets.token_bytes(_CHALLENGE_BYTES)",
    "value = secrets.token_bytes(4) + bytes(12)",
)
_slip(
    "is-everybodys-without-a-region",
    "O-11",
    "A seal of region 0 takes signers of any region.",
    _ORDERS + "judge_signers",
    "region is not None and not covers",
    "region and not covers",
)
_slip(
    "overlooks-that-the-first-signer-issued",
    "O-12",
    "That the first signer issued the second is not looked at.",
    _ORDERS + "judge_signers",
    "or suite.key_id(first.public_key) == second.issuer",
    "",
)
_slip(
    "judges-two-signers-after-their-signatures",
    "O-12",
    "That both signers are one is judged only if the second signature verifies.",
    _ORDERS + "judge_signers",
    "    if len(signers) == 2:",
    "    if len(signers) == 2 and suite.verify(\n"
    "        signers[1].public_key, order.unsigned_bytes, order.signatures[64:]\n"
    "    ):",
    also=("O-13",),
)
_slip(
    "minds-an-open-case-alone",
    "O-25",
    "Of the live causes only an open case hinders SEAL.",
    _ORDERS + "_judge_meter",
    "view.live_causes & ~_ENDED_BY_SET",
    "view.live_causes & 1",
)
_slip(
    "takes-a-looks-age-by-the-last-set",
    "O-25",
    "How old a look may be is taken from the last set, not from the new one.",
    _ORDERS + "_judge_meter",
    "LOOKS_FRESH * supervision.look_interval_ms",
    "LOOKS_FRESH\n        * (supervision_of(view.history.groups) or supervision).look_interval_ms",
)
_slip(
    "relies-on-the-line-by-the-last-set",
    "O-25",
    "Whether the line is relied on is taken from the last set, not from the new one.",
    _ORDERS + "_judge_meter",
    "supervision = supervision_of(whole)",
    "supervision = supervision_of(view.history.groups) or supervision_of(whole)",
)
_slip(
    "counts-refusals-in-a-byte",
    "O-1",
    "After 255 refused orders the counter begins anew.",
    _SEAL + "_count_refusal",
    "refused[place] += 1",
    "refused[place] = (refused[place] + 1) & 0xFF",
    also=("R41", "E-1"),
)
_slip(
    "counts-refusals-round-and-round",
    "O-1",
    "After 65,535 refused orders the counter begins anew.",
    _SEAL + "_count_refusal",
    "if refused[place] < _COUNTER_MAX:\n        refused[place] += 1",
    "if True:\n        refused[place] = (refused[place] + 1) & _COUNTER_MAX",
    also=("R41", "E-1"),
)
_slip(
    "leaves-a-retirement-unfinished",
    "O-34",
    "What the power cut short in RETIRE is not made up for at the next boot.",
    "sealkit_simulator.starting:start",
    "_finish_retirement(device)",
    "pass",
)
_slip(
    "destroys-its-key-before-it-has-signed",
    "O-34",
    "After a power cut in RETIRE the key is destroyed without a last evidence.",
    "sealkit_simulator.starting:_finish_retirement",
    "finish_retirement(device)",
    "device.core.destroy()",
)

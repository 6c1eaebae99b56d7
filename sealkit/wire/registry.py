"""Every number of the seal protocol that has a name.

Generated from protocol/registry.toml by tools/maintain/generate_registry.py: change it there.
"""

# fmt: off
from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum, IntFlag
from typing import Final


class Layer(Enum):
    """The three layers of a verdict, kept apart."""

    CRYPTOGRAPHIC = "cryptographic"
    SEMANTIC = "semantic"
    POLICY = "policy"


class Severity(Enum):
    """What a finding does to its layer: only the first two decide it."""

    BROKEN = "broken"
    UNDETERMINED = "undetermined"
    WARNING = "warning"
    NOTE = "note"


class StatusKind(Enum):
    """What a status means to the client, and which counter a refused order steps."""

    DONE = "done"
    WAIT = "wait"
    MALFORMED = "malformed"
    STALE = "stale"
    AUTHORITY = "authority"
    STATE = "state"


@dataclass(frozen=True, slots=True)
class Text:
    """A message and its remedy in English and Chinese."""

    message_en: str
    remedy_en: str
    message_zh: str
    remedy_zh: str


@dataclass(frozen=True, slots=True)
class OrderRule:
    """One row of the table of orders. `to_state` None: the state stays."""

    from_states: tuple[State, ...]
    to_state: State | None
    signers: tuple[tuple[Role, ...], ...]
    tariff_only_signers: tuple[tuple[Role, ...], ...] | None
    challenge: bool
    lost_clock: bool
    body: str


@dataclass(frozen=True, slots=True)
class GroupRule:
    """One parameter group. `counter`: calibration, configuration or none."""

    counter: str
    mandatory: bool


@dataclass(frozen=True, slots=True)
class FindingRule:
    """One finding: the layer it belongs to and what it does to it."""

    layer: Layer
    severity: Severity
    text: Text


class SuiteNumber(IntEnum):
    """Numbers of `suite`."""

    P256 = 0x01  # ECDSA on P-256 with SHA-256
    SM2 = 0x02  # SM2 with signer id 1234567812345678 and SM3 (GB/T 32918, GB/T 32905)


class TagType(IntEnum):
    """Numbers of `tag`."""

    CREDENTIAL = 0x01
    TRUST = 0x02
    ORDER = 0x03
    EVIDENCE = 0x04
    CHECKPOINT = 0x05
    RECORD = 0x06
    GROUP = 0x07
    PARAMETER_SET = 0x08
    LEDGER_LEAF = 0x09
    TREE_HEAD = 0x0a
    ATTESTATION = 0x0b
    DRAW = 0x0c


class Role(IntEnum):
    """Numbers of `role`."""

    AUTHORITY = 0x01  # issues stations, registries and inspectors; signs trust statements
    MANUFACTURER = 0x02  # binds a seal's number to its key; endorses authorities
    STATION = 0x03  # the verification station: signs orders, receives the log
    REGISTRY = 0x04  # issues technicians; signs no orders but TRUST
    TECHNICIAN = 0x05  # works at the vehicle: first signer of orders that open or seal
    INSPECTOR = 0x06  # checks at the roadside: may confirm and correct the clock
    SEAL = 0x07  # the seal itself


class State(IntEnum):
    """Numbers of `state`."""

    FACTORY = 0x01  # key born, no authority
    OPEN = 0x02  # enrolled, parameters may be set
    SEALED = 0x03  # parameters are watched
    TAMPERED = 0x04  # a break is latched
    RETIRED = 0x05  # key destroyed, log readable


class ClockQuality(IntEnum):
    """Numbers of `clock_quality`."""

    LOST = 0x00  # not set since the battery failed; the time fields hold the floor
    SET = 0x01  # running since it was set by maker or station
    RESTORED = 0x02  # set again by RESTORE_CLOCK after a loss


class Cause(IntEnum):
    """Numbers of `cause`."""

    CASE_OPENED = 0x01
    FARE_PARAMETERS_CHANGED = 0x02
    METER_IDENTITY_CHANGED = 0x03
    METER_SOFTWARE_CHANGED = 0x04
    METER_SILENT = 0x05
    UNSUPERVISED = 0x06
    K_MISMATCH = 0x07
    PULSE_RATE = 0x08
    STANDING_MOTION = 0x09
    MOTION_DISAGREES = 0x0a
    METER_CLOCK = 0x0b
    TRIPS_MISSING = 0x0c
    TRIP_ALTERED = 0x0d


class Reason(IntEnum):
    """Numbers of `reason`."""

    PERIODIC_VERIFICATION = 0x01
    REPAIR = 0x02
    TYRE_CHANGE = 0x03
    TARIFF_CHANGE = 0x04
    METER_REPLACED = 0x05
    VEHICLE_REPLACED = 0x06
    TAMPER_INVESTIGATED = 0x07
    SEAL_REPLACED = 0x08
    OTHER = 0xff


class Purpose(IntEnum):
    """Numbers of `purpose`."""

    ACTIVATION = 0x01
    INSTALLATION = 0x02
    PERIODIC = 0x03
    AFTER_REPAIR = 0x04
    TARIFF_CHANGE = 0x05
    CONFIRMATION = 0x06


class KSource(IntEnum):
    """Numbers of `k_source`."""

    TYPED = 0x01
    READ = 0x02
    MEASURED = 0x03


class Rounding(IntEnum):
    """Numbers of `rounding`."""

    ROUNDS = 0x00  # the meter rounds what it tells to the nearest 0.1 km, or carries the rest over
    CUTS = 0x01  # the meter cuts each distance to 0.1 km and drops the rest


class Group(IntEnum):
    """Numbers of `group`."""

    DISTANCE = 0x01
    TYRE = 0x02
    TARIFF = 0x03
    METER = 0x04
    SENSOR = 0x05
    VEHICLE = 0x06
    SUPERVISION = 0x07
    CALIBRATION = 0x08


class OrderKind(IntEnum):
    """Numbers of `order`."""

    ENROL = 0x01
    SEAL = 0x02
    CONFIRM = 0x03
    UNSEAL = 0x04
    CLEAR = 0x05
    ADJUST_CLOCK = 0x06
    RESTORE_CLOCK = 0x07
    TRUST = 0x08
    ACKNOWLEDGE = 0x09
    RETIRE = 0x0a


class RecordKind(IntEnum):
    """Numbers of `record`."""

    GENESIS = 0x01
    ORDER = 0x02
    TAMPER = 0x03
    BOOT = 0x81
    FLAGS = 0x82
    METER = 0x83
    TARIFF = 0x84
    DRIVEN = 0x85
    COALESCED = 0x86


class BootCause(IntEnum):
    """Numbers of `boot_cause`."""

    POWER = 0x01
    RESET = 0x02


class MeterEvent(IntEnum):
    """Numbers of `meter_event`."""

    ANSWERS = 0x01
    SILENT = 0x02


class MeterSeen(IntEnum):
    """Numbers of `meter_seen`."""

    NEVER = 0x00
    ANSWERS = 0x01
    SILENT = 0x02


class Chain(IntEnum):
    """Numbers of `chain`."""

    CONTROL = 0x01
    JOURNAL = 0x02
    BOTH = 0x03


class Command(IntEnum):
    """Numbers of `command`."""

    PING = 0x01
    INFO = 0x02
    STATUS = 0x03
    CHALLENGE = 0x04
    EVIDENCE = 0x05
    ORDER = 0x06
    READ_LOG = 0x07
    READ_RECORD = 0x08
    READ_PARAMETERS = 0x09
    READ_GROUP = 0x0a
    READ_CREDENTIAL = 0x0b
    READ_TRUST = 0x0c
    READ_CHECKPOINT = 0x0d
    READ_OBSERVATION = 0x0e
    INSTALL_CREDENTIAL = 0x0f
    SET_BAUD = 0x10


class CredentialChoice(IntEnum):
    """Numbers of `credential_choice`."""

    SEAL = 0x01
    AUTHORITY = 0x02


class Status(IntEnum):
    """Numbers of `status`."""

    OK = 0x00
    ALREADY_APPLIED = 0x01
    WORKING = 0x02
    UNKNOWN_COMMAND = 0x10
    MALFORMED = 0x11
    WRONG_VERSION = 0x12
    WRONG_SUITE = 0x13
    TOO_LONG = 0x14
    NOT_FOUND = 0x15
    WRONG_SEAL = 0x20
    STALE_HEAD = 0x21
    CHALLENGE_MISSING = 0x22
    CHALLENGE_WRONG = 0x23
    CHALLENGE_EXPIRED = 0x24
    NOT_YET_VALID = 0x25
    EXPIRED = 0x26
    WINDOW_TOO_LONG = 0x27
    SIGNATURES_MISSING = 0x30
    ROLE_NOT_ALLOWED = 0x31
    SAME_SIGNER = 0x32
    CREDENTIAL_MISSING = 0x33
    CREDENTIAL_INVALID = 0x34
    CREDENTIAL_UNTRUSTED = 0x35
    CREDENTIAL_EXPIRED = 0x36
    CREDENTIAL_NOT_YET_VALID = 0x37
    CREDENTIAL_SCOPE = 0x38
    CREDENTIAL_REVOKED = 0x39
    SIGNATURE_INVALID = 0x3a
    WRONG_STATE = 0x40
    TIME_NOT_SET = 0x41
    CLOCK_RUNNING = 0x42
    CLOCK_LIMIT = 0x43
    BELOW_FLOOR = 0x44
    VEHICLE_MOVING = 0x45
    TAMPER_LIVE = 0x46
    METER_NOT_SEEN = 0x47
    METER_MISMATCH = 0x48
    BODY_INVALID = 0x49
    GROUP_UNKNOWN = 0x4a
    PARAMETERS_INCOMPLETE = 0x4b
    NOTHING_CHANGED = 0x4c
    TRUST_VERSION = 0x4d
    TRUST_INVALID = 0x4e
    ACKNOWLEDGE_INVALID = 0x4f
    LOG_FULL = 0x50
    COUNTER_ENDED = 0x51
    KEY_DESTROYED = 0x52
    STORAGE_FAULT = 0x53


class ExportItemKind(IntEnum):
    """Numbers of `export_item_kind`."""

    EVIDENCE = 0x01
    SEAL_CREDENTIAL = 0x02
    CONTROL_RECORD = 0x03
    JOURNAL_RECORD = 0x04
    GROUP = 0x05
    CHECKPOINT = 0x06
    END = 0xff


class BundleItemKind(IntEnum):
    """Numbers of `bundle_item_kind`."""

    EVIDENCE = 0x01
    SEAL_CREDENTIAL = 0x02
    CONTROL_RECORD = 0x03
    JOURNAL_RECORD = 0x04
    GROUP = 0x05
    CHECKPOINT = 0x06
    GROUP_DIGEST = 0x07
    EARLIER_EVIDENCE = 0x08
    CREDENTIAL = 0x09
    VERDICT = 0x0a
    LEDGER_LEAF = 0x0b
    INCLUSION = 0x0c
    TREE_HEAD = 0x0d
    END = 0xff


class RecordedConclusion(IntEnum):
    """Numbers of `conclusion`."""

    NOT_JUDGED = 0x00
    INTACT = 0x01
    BROKEN = 0x02
    UNDETERMINED = 0x03


class Flag(IntFlag):
    """Bits of `flag`."""

    CLOCK_LOST = 0x01
    CLOCK_RESTORED = 0x02
    STORAGE_NEARLY_FULL = 0x04
    JOURNAL_FULL = 0x08
    BATTERY_LOW = 0x10
    DRIVEN_WHILE_OPEN = 0x20
    CERTIFICATE_EXPIRED = 0x40
    METER_SILENT = 0x80
    COUNTER_NEARLY_ENDED = 0x100
    CASE_OPEN = 0x200


class Attachment(IntFlag):
    """Bits of `attachment`."""

    OWN_LINE = 0x01
    PULSE_INPUT = 0x02
    CASE_SWITCH = 0x04
    TERMINAL_TAP = 0x08  # hears the line between terminal and meter, both directions, and never speaks on it
    SECOND_SOURCE = 0x10  # speed from GNSS or CAN, once a second or none


PROTOCOL_VERSION: Final = 1
TAG_PREFIX: Final = b'SEALKIT'

LINK_FRAME_MAX: Final = 2048
LINK_PAYLOAD_MAX: Final = 2032
OPAQUE_MAX: Final = 1024
ORDER_MAX: Final = 1300
ORDER_REQUEST_MAX: Final = 1867
CREDENTIAL_MAX: Final = 288
CREDENTIALS_PER_ORDER: Final = 4
NAME_MAX: Final = 48
REASON_MAX: Final = 160
TRUST_MINIMUMS_MAX: Final = 16
TRUST_REVOKED_MAX: Final = 24
RECORD_MAX: Final = 1984
GROUP_MAX: Final = 512
PARAMETER_SET_MAX: Final = 1024
ORDER_WINDOW_MAX_S: Final = 604800
CHALLENGE_LIFE_MS: Final = 600000
CLOCK_ADJUST_MAX_S: Final = 120
CLOCK_ADJUST_PERIOD_MS: Final = 604800000
STILL_BEFORE_ADJUST_MS: Final = 30000
CONTROL_RESERVE_ORDERS: Final = 16
TAMPER_RESERVE_RECORDS: Final = 16
ANSWER_MS: Final = 300
WORKING_MS: Final = 500
BAUD_FALLBACK_MS: Final = 2000
SEAL_KEY_ID_BYTES: Final = 16
STATION_VERDICT_MAX: Final = 32768
ATTESTATION_MAX: Final = 300
K_MIN: Final = 500
K_MAX: Final = 65535
TEST_SERIAL_MIN: Final = 4294901760

BUFFERS: Final[dict[str, tuple[int, str]]] = {
    "link_receive": (2048, 'one frame while it arrives; the order and its credentials are read in place'),
    "link_answer": (2048, 'the last answer, kept for a repeated request; a new answer is built in it'),
    "record": (1984, 'the record being written, before it goes to flash'),
    "parameter_set": (1024, 'the sealed parameters that are watched'),
    "trust_statement": (896, 'minimum generations and revoked ids while an order is judged'),
    "authority_credential": (288, 'the anchor of orders'),
    "meter_receive": (256, 'one frame of the taximeter (T2 is 134 bytes)'),
    "meter_observation": (160, 'the last fare parameters, identity and software seen'),
    "tap_receive": (256, "one frame of the terminal's line, from the meter (a trip record has 77 bytes)"),
    "watching": (512, 'what the detectors carry on, and the last trip records'),
    "evidence": (640, 'evidence or checkpoint while it is signed'),
    "state": (512, 'heads, base, counters, clock, challenge, flags'),
    "flash_page": (256, 'one page of flash while it is written'),
    "crypto": (3072, 'working memory of digest and signature'),
    "stack": (2048, 'no recursion, so a bound is known'),
}

ISSUERS: Final[dict[Role, tuple[str, ...]]] = {
    Role.AUTHORITY: ('manufacturer', 'self'),
    Role.MANUFACTURER: ('self',),
    Role.STATION: ('authority',),
    Role.REGISTRY: ('authority',),
    Role.TECHNICIAN: ('registry',),
    Role.INSPECTOR: ('authority',),
    Role.SEAL: ('manufacturer',),
}

CAUSE_FINDINGS: Final[dict[Cause, str]] = {
    Cause.CASE_OPENED: "CASE_OPENED",
    Cause.FARE_PARAMETERS_CHANGED: "FARE_PARAMETERS_CHANGED",
    Cause.METER_IDENTITY_CHANGED: "METER_IDENTITY_CHANGED",
    Cause.METER_SOFTWARE_CHANGED: "METER_SOFTWARE_CHANGED",
    Cause.METER_SILENT: "METER_SILENT_TOO_LONG",
    Cause.UNSUPERVISED: "UNSUPERVISED",
    Cause.K_MISMATCH: "K_MISMATCH",
    Cause.PULSE_RATE: "PULSE_RATE",
    Cause.STANDING_MOTION: "STANDING_MOTION",
    Cause.MOTION_DISAGREES: "MOTION_DISAGREES",
    Cause.METER_CLOCK: "METER_CLOCK_WRONG",
    Cause.TRIPS_MISSING: "TRIPS_MISSING",
    Cause.TRIP_ALTERED: "TRIP_ALTERED",
}

GROUPS: Final[dict[Group, GroupRule]] = {
    Group.DISTANCE: GroupRule('calibration', True),
    Group.TYRE: GroupRule('calibration', True),
    Group.TARIFF: GroupRule('configuration', True),
    Group.METER: GroupRule('configuration', True),
    Group.SENSOR: GroupRule('calibration', True),
    Group.VEHICLE: GroupRule('configuration', True),
    Group.SUPERVISION: GroupRule('configuration', True),
    Group.CALIBRATION: GroupRule('', True),
}

ORDERS: Final[dict[OrderKind, OrderRule]] = {
    OrderKind.ENROL: OrderRule(
        (State.FACTORY, ),
        State.OPEN,
        ((Role.STATION,),),
        None,
        True, True, 'enrol_body',
    ),
    OrderKind.SEAL: OrderRule(
        (State.OPEN, State.SEALED, ),
        State.SEALED,
        ((Role.TECHNICIAN,), (Role.STATION,),),
        ((Role.STATION,),),
        False, False, 'parameters_body',
    ),
    OrderKind.CONFIRM: OrderRule(
        (State.SEALED, ),
        None,
        ((Role.STATION, Role.INSPECTOR,),),
        None,
        False, False, 'parameters_body',
    ),
    OrderKind.UNSEAL: OrderRule(
        (State.SEALED, ),
        State.OPEN,
        ((Role.TECHNICIAN,), (Role.STATION,),),
        None,
        True, False, 'reason_body',
    ),
    OrderKind.CLEAR: OrderRule(
        (State.TAMPERED, ),
        State.OPEN,
        ((Role.TECHNICIAN,), (Role.STATION,),),
        None,
        True, False, 'reason_body',
    ),
    OrderKind.ADJUST_CLOCK: OrderRule(
        (State.OPEN, State.SEALED, State.TAMPERED, ),
        None,
        ((Role.TECHNICIAN, Role.STATION, Role.INSPECTOR,),),
        None,
        False, False, 'adjust_clock_body',
    ),
    OrderKind.RESTORE_CLOCK: OrderRule(
        (State.OPEN, State.SEALED, State.TAMPERED, ),
        None,
        ((Role.TECHNICIAN,), (Role.STATION,),),
        None,
        True, True, 'restore_clock_body',
    ),
    OrderKind.TRUST: OrderRule(
        (State.OPEN, State.SEALED, State.TAMPERED, ),
        None,
        ((Role.TECHNICIAN, Role.STATION, Role.REGISTRY, Role.INSPECTOR,),),
        None,
        False, True, 'trust_body',
    ),
    OrderKind.ACKNOWLEDGE: OrderRule(
        (State.OPEN, State.SEALED, State.TAMPERED, ),
        None,
        ((Role.STATION,),),
        None,
        False, True, 'acknowledge_body',
    ),
    OrderKind.RETIRE: OrderRule(
        (State.OPEN, State.TAMPERED, ),
        State.RETIRED,
        ((Role.STATION,),),
        None,
        True, True, 'reason_body',
    ),
}

RECORD_BODIES: Final[dict[RecordKind, str]] = {
    RecordKind.GENESIS: "genesis_record",
    RecordKind.ORDER: "order_record",
    RecordKind.TAMPER: "tamper_record",
    RecordKind.BOOT: "boot_record",
    RecordKind.FLAGS: "flags_record",
    RecordKind.METER: "meter_record",
    RecordKind.TARIFF: "tariff_record",
    RecordKind.DRIVEN: "driven_record",
    RecordKind.COALESCED: "coalesced_record",
}

COMMAND_BODIES: Final[dict[Command, tuple[str, str]]] = {
    Command.PING: ("opaque", "opaque"),
    Command.INFO: ("empty", "info"),
    Command.STATUS: ("empty", "status"),
    Command.CHALLENGE: ("empty", "challenge"),
    Command.EVIDENCE: ("nonce", "evidence"),
    Command.ORDER: ("order_request", "order_response"),
    Command.READ_LOG: ("read_log_request", "read_log_response"),
    Command.READ_RECORD: ("read_record_request", "read_record_response"),
    Command.READ_PARAMETERS: ("empty", "parameter_digests"),
    Command.READ_GROUP: ("read_group_request", "group"),
    Command.READ_CREDENTIAL: ("read_credential_request", "credential"),
    Command.READ_TRUST: ("empty", "trust_statement"),
    Command.READ_CHECKPOINT: ("empty", "checkpoint"),
    Command.READ_OBSERVATION: ("empty", "observation"),
    Command.INSTALL_CREDENTIAL: ("credential", "empty"),
    Command.SET_BAUD: ("set_baud_request", "empty"),
}

STATUS_KINDS: Final[dict[Status, StatusKind]] = {
    Status.OK: StatusKind.DONE,
    Status.ALREADY_APPLIED: StatusKind.DONE,
    Status.WORKING: StatusKind.WAIT,
    Status.UNKNOWN_COMMAND: StatusKind.MALFORMED,
    Status.MALFORMED: StatusKind.MALFORMED,
    Status.WRONG_VERSION: StatusKind.MALFORMED,
    Status.WRONG_SUITE: StatusKind.MALFORMED,
    Status.TOO_LONG: StatusKind.MALFORMED,
    Status.NOT_FOUND: StatusKind.MALFORMED,
    Status.WRONG_SEAL: StatusKind.STALE,
    Status.STALE_HEAD: StatusKind.STALE,
    Status.CHALLENGE_MISSING: StatusKind.STALE,
    Status.CHALLENGE_WRONG: StatusKind.STALE,
    Status.CHALLENGE_EXPIRED: StatusKind.STALE,
    Status.NOT_YET_VALID: StatusKind.STALE,
    Status.EXPIRED: StatusKind.STALE,
    Status.WINDOW_TOO_LONG: StatusKind.STALE,
    Status.SIGNATURES_MISSING: StatusKind.AUTHORITY,
    Status.ROLE_NOT_ALLOWED: StatusKind.AUTHORITY,
    Status.SAME_SIGNER: StatusKind.AUTHORITY,
    Status.CREDENTIAL_MISSING: StatusKind.AUTHORITY,
    Status.CREDENTIAL_INVALID: StatusKind.AUTHORITY,
    Status.CREDENTIAL_UNTRUSTED: StatusKind.AUTHORITY,
    Status.CREDENTIAL_EXPIRED: StatusKind.AUTHORITY,
    Status.CREDENTIAL_NOT_YET_VALID: StatusKind.AUTHORITY,
    Status.CREDENTIAL_SCOPE: StatusKind.AUTHORITY,
    Status.CREDENTIAL_REVOKED: StatusKind.AUTHORITY,
    Status.SIGNATURE_INVALID: StatusKind.AUTHORITY,
    Status.WRONG_STATE: StatusKind.STATE,
    Status.TIME_NOT_SET: StatusKind.STATE,
    Status.CLOCK_RUNNING: StatusKind.STATE,
    Status.CLOCK_LIMIT: StatusKind.STATE,
    Status.BELOW_FLOOR: StatusKind.STATE,
    Status.VEHICLE_MOVING: StatusKind.STATE,
    Status.TAMPER_LIVE: StatusKind.STATE,
    Status.METER_NOT_SEEN: StatusKind.STATE,
    Status.METER_MISMATCH: StatusKind.STATE,
    Status.BODY_INVALID: StatusKind.STATE,
    Status.GROUP_UNKNOWN: StatusKind.STATE,
    Status.PARAMETERS_INCOMPLETE: StatusKind.STATE,
    Status.NOTHING_CHANGED: StatusKind.STATE,
    Status.TRUST_VERSION: StatusKind.STATE,
    Status.TRUST_INVALID: StatusKind.STATE,
    Status.ACKNOWLEDGE_INVALID: StatusKind.STATE,
    Status.LOG_FULL: StatusKind.STATE,
    Status.COUNTER_ENDED: StatusKind.STATE,
    Status.KEY_DESTROYED: StatusKind.STATE,
    Status.STORAGE_FAULT: StatusKind.STATE,
}

STATUS_TEXTS: Final[dict[Status, Text]] = {
    Status.OK: Text('Done.', '', '完成。', ''),
    Status.ALREADY_APPLIED: Text('The order had been applied before; the answer names its record.', '', '该指令此前已执行，应答给出其记录号。', ''),
    Status.WORKING: Text('The seal is working on the request.', 'Wait for the answer.', '封印正在处理请求。', '请等待应答。'),
    Status.UNKNOWN_COMMAND: Text('The seal does not know this command.', 'Its firmware may be older than this tool: see `sealkit info`.', '封印不认识该命令。', '封印固件可能比本工具旧：请用 `sealkit info` 查看。'),
    Status.MALFORMED: Text('The bytes do not have the layout that SPEC.md asks for.', 'Send it again; if it repeats, one of the two sides has a fault.', '字节布局不符合规范。', '请重发；若仍出现，则其中一方有缺陷。'),
    Status.WRONG_VERSION: Text('The version of the message or object is not one the seal speaks.', 'Update the older side.', '封印不支持该消息或对象的版本。', '请升级较旧的一方。'),
    Status.WRONG_SUITE: Text('The object belongs to another cryptographic suite than the seal.', "Use the keys of the seal's suite: see `sealkit info`.", '对象的密码套件与封印不同。', '请使用与封印相同套件的密钥：见 `sealkit info`。'),
    Status.TOO_LONG: Text("The object is longer than the seal's stated limit.", 'Shorten names and reasons; see `sealkit info` for the limits.', '对象超过封印声明的长度上限。', '请缩短名称或理由；上限见 `sealkit info`。'),
    Status.NOT_FOUND: Text('The seal does not hold what was asked for.', 'Read what it holds: `sealkit info`, `sealkit log`.', '封印中没有所请求的内容。', '请先查看封印内容：`sealkit info`、`sealkit log`。'),
    Status.WRONG_SEAL: Text('The order names another seal.', 'Make the order for the seal that is connected.', '指令指向另一枚封印。', '请为当前连接的封印重新生成指令。'),
    Status.STALE_HEAD: Text("The seal's history has moved on since the order was signed.", 'Read the log, look at what is new, and sign again.', '指令签署之后封印的历史已变化。', '请读取日志、查看新内容后重新签署。'),
    Status.CHALLENGE_MISSING: Text('The seal has no challenge outstanding since its last start.', 'Ask for a challenge and sign the order again.', '封印自上次启动以来没有有效的质询。', '请重新获取质询并签署指令。'),
    Status.CHALLENGE_WRONG: Text('The order carries another challenge than the one outstanding.', 'Ask for a challenge and sign the order again.', '指令所带质询与封印当前质询不符。', '请重新获取质询并签署指令。'),
    Status.CHALLENGE_EXPIRED: Text('The order was kept back past the deadline of its challenge.', 'Ask for a challenge and sign the order again.', '指令超过了质询的期限。', '请重新获取质询并签署指令。'),
    Status.NOT_YET_VALID: Text("The order is not valid yet by the seal's clock.", 'Compare the clocks of laptop and seal: `sealkit info`.', '按封印时钟，指令尚未生效。', '请核对电脑与封印的时钟：`sealkit info`。'),
    Status.EXPIRED: Text("The order's validity window has ended by the seal's clock.", 'Sign a new order.', '按封印时钟，指令已过有效期。', '请重新签署指令。'),
    Status.WINDOW_TOO_LONG: Text("The order's validity window is empty or longer than seven days.", 'Sign an order with a shorter window.', '指令有效期为空或超过七天。', '请以较短的有效期重新签署。'),
    Status.SIGNATURES_MISSING: Text('The order needs another number of signatures than it has.', 'Have the second person sign: `sealkit order sign`.', '指令的签名数量不符合要求。', '请由第二人签署：`sealkit order sign`。'),
    Status.ROLE_NOT_ALLOWED: Text("A signer's role may not give this order, or not in this place.", 'See the table of orders for who may sign what.', '签署者的角色无权签署该指令或签署位置不对。', '请查阅指令表中的签署权限。'),
    Status.SAME_SIGNER: Text('The two signatures come from one person, or one signer issued the other.', 'Have another person sign.', '两个签名来自同一人，或一方由另一方签发。', '请由另一人签署。'),
    Status.CREDENTIAL_MISSING: Text('A credential that the order names was not sent with it.', "Send the signers' credentials and their issuers' along.", '缺少指令所引用的证书。', '请随指令发送签署者及其签发者的证书。'),
    Status.CREDENTIAL_INVALID: Text("A credential's own signature or form is not valid.", 'Have the credential issued anew.', '证书自身的签名或格式无效。', '请重新签发证书。'),
    Status.CREDENTIAL_UNTRUSTED: Text("A credential does not lead to the seal's authority, or its issuer may not issue that role.", 'Use a credential of the authority that enrolled the seal.', '证书无法追溯到封印所属机关，或签发者无权签发该角色。', '请使用封印所属机关的证书。'),
    Status.CREDENTIAL_EXPIRED: Text("A signer's credential has expired.", 'Renew the credential.', '签署者的证书已过期。', '请更新证书。'),
    Status.CREDENTIAL_NOT_YET_VALID: Text("A signer's credential is not valid yet.", 'Wait, or compare the clocks of laptop and seal.', '签署者的证书尚未生效。', '请等待，或核对电脑与封印的时钟。'),
    Status.CREDENTIAL_SCOPE: Text("A signer's credential does not cover the seal's region.", 'Have it signed by somebody of this region.', '签署者的证书不覆盖封印所在地区。', '请由本地区人员签署。'),
    Status.CREDENTIAL_REVOKED: Text("A signer's credential was revoked, or is older than the lowest generation that is accepted.", 'Have a new credential issued.', '签署者的证书已被吊销或版本过旧。', '请签发新证书。'),
    Status.SIGNATURE_INVALID: Text('A signature of the order does not verify: the order was altered, or signed with another key.', 'Make the order anew and sign it.', '指令签名验证失败：指令被改动，或使用了别的密钥。', '请重新生成并签署指令。'),
    Status.WRONG_STATE: Text("The order is not allowed in the seal's state.", 'See `sealkit info` for the state and the table of orders for what it allows.', '封印当前状态不允许该指令。', '请用 `sealkit info` 查看状态，并查阅指令表。'),
    Status.TIME_NOT_SET: Text('The seal has lost its clock and takes only orders that need no time.', 'Restore the clock first: `sealkit clock restore`.', '封印时钟丢失，只接受不依赖时间的指令。', '请先恢复时钟：`sealkit clock restore`。'),
    Status.CLOCK_RUNNING: Text('The clock was not lost; it can only be adjusted.', 'Use `sealkit clock adjust`.', '时钟未丢失，只能微调。', '请使用 `sealkit clock adjust`。'),
    Status.CLOCK_LIMIT: Text('The clock may be moved by at most 120 seconds in seven days.', 'Wait, or have the seal cleared by a station.', '七天内时钟最多调整 120 秒。', '请等待，或由检定站处理。'),
    Status.BELOW_FLOOR: Text('The time lies before a time that the seal has already accepted.', 'Check the date of the laptop.', '时间早于封印已接受过的时间。', '请检查电脑日期。'),
    Status.VEHICLE_MOVING: Text('The vehicle has moved within the last 30 seconds.', 'Stand still and try again.', '车辆在最近 30 秒内移动过。', '请停车后重试。'),
    Status.TAMPER_LIVE: Text('A cause of tamper is still present.', 'Close the case and see `sealkit info` for live causes.', '仍存在破坏原因。', '请关好外壳，并用 `sealkit info` 查看原因。'),
    Status.METER_NOT_SEEN: Text('The seal has not heard the meter on its own line lately.', 'Check the line between seal and meter, and that the meter is on.', '封印最近没有在自己的线路上收到计价器应答。', '请检查封印与计价器之间的连线及计价器电源。'),
    Status.METER_MISMATCH: Text('The parameters to be sealed are not those that the seal sees in the meter.', 'Read the meter again and make the order from what it holds.', '待封参数与封印所见计价器参数不一致。', '请重新读取计价器并据此生成指令。'),
    Status.BODY_INVALID: Text("The order's content is not allowed: a value out of range, a reason missing, a group in the wrong place.", 'Correct the content and sign again.', '指令内容不被允许：数值越界、缺少理由或参数组不当。', '请更正内容后重新签署。'),
    Status.GROUP_UNKNOWN: Text('The parameter set holds a group that the seal does not know and must.', "Leave the group out or update the seal's firmware.", '参数集中含封印不认识的必识参数组。', '请去掉该组或升级封印固件。'),
    Status.PARAMETERS_INCOMPLETE: Text('A mandatory parameter group is missing.', 'Give all groups when sealing for the first time.', '缺少必需的参数组。', '首次加封须提供全部参数组。'),
    Status.NOTHING_CHANGED: Text('The order would change nothing.', 'Use `sealkit confirm` for a verification that changes nothing.', '该指令不会改变任何内容。', '未改变参数的检定请使用 `sealkit confirm`。'),
    Status.TRUST_VERSION: Text('The trust statement is not newer than the one the seal holds.', 'Get the current trust statement.', '信任声明不比封印现有的新。', '请获取最新的信任声明。'),
    Status.TRUST_INVALID: Text("The trust statement is not one of the seal's authority, or its signature does not verify.", 'Get the statement from the authority that enrolled the seal.', '信任声明不属于封印所属机关或签名无效。', '请向封印所属机关获取声明。'),
    Status.ACKNOWLEDGE_INVALID: Text("The acknowledged record is not in the seal's journal, or its digest differs.", 'Export the log again and acknowledge what was exported.', '所确认的记录不在封印日志中或摘要不符。', '请重新导出日志后确认。'),
    Status.LOG_FULL: Text('The control log has no room for another order.', 'Export the log; retire and replace the seal.', '控制日志已满。', '请导出日志，并报废更换封印。'),
    Status.COUNTER_ENDED: Text('The record counter has reached its end; the seal signs no more.', 'Replace the seal.', '记录计数器已到终点，封印停止签名。', '请更换封印。'),
    Status.KEY_DESTROYED: Text('The seal is retired and its key destroyed.', 'Its log can still be read.', '封印已报废，密钥已销毁。', '其日志仍可读取。'),
    Status.STORAGE_FAULT: Text('The seal could not write its memory; nothing was changed.', 'Try again; if it repeats, replace the seal.', '封印写存储失败，未作任何改变。', '请重试；若仍失败请更换封印。'),
}

FINDINGS: Final[dict[str, FindingRule]] = {
    "EXPORT_TRUNCATED": FindingRule(Layer.CRYPTOGRAPHIC, Severity.BROKEN, Text('The export is cut short or has bytes after its end.', 'Copy the file again, or export the log again.', '导出文件不完整或末尾有多余字节。', '请重新复制文件或重新导出日志。')),
    "EXPORT_ALTERED": FindingRule(Layer.CRYPTOGRAPHIC, Severity.BROKEN, Text('The export is not the file that was written: its closing digest does not match.', 'Copy the file again; if the original is no better, it was altered.', '导出文件与写出时不同：结尾摘要不符。', '请重新复制；若原件亦如此，则文件被改动。')),
    "EVIDENCE_MISSING": FindingRule(Layer.CRYPTOGRAPHIC, Severity.UNDETERMINED, Text('There is no evidence to judge.', 'Connect the seal and verify again, or export with evidence.', '没有可供判断的证据。', '请连接封印重新验证，或导出证据。')),
    "EVIDENCE_MALFORMED": FindingRule(Layer.CRYPTOGRAPHIC, Severity.BROKEN, Text('The evidence does not have the layout of SPEC.md.', 'Ask for evidence again.', '证据布局不符合规范。', '请重新获取证据。')),
    "EVIDENCE_SIGNATURE": FindingRule(Layer.CRYPTOGRAPHIC, Severity.BROKEN, Text("The evidence's signature does not verify under the seal's key.", "The evidence was altered or is not this seal's.", '证据签名在封印公钥下验证失败。', '证据被改动或不属于该封印。')),
    "EVIDENCE_NONCE": FindingRule(Layer.CRYPTOGRAPHIC, Severity.BROKEN, Text('The evidence does not answer the nonce that was asked.', 'An old answer may have been replayed: ask again.', '证据未对应所提出的随机数。', '可能是旧应答重放，请重新询问。')),
    "SUITE_UNKNOWN": FindingRule(Layer.CRYPTOGRAPHIC, Severity.UNDETERMINED, Text("The evidence's suite or version is not known here, or is not the trust file's.", 'Use the trust file of this suite, or update sealkit.', '证据的套件或版本未知，或与信任文件不同。', '请使用相同套件的信任文件或升级 sealkit。')),
    "SEAL_CREDENTIAL_MISSING": FindingRule(Layer.CRYPTOGRAPHIC, Severity.UNDETERMINED, Text("The maker's credential for the seal is not at hand.", 'Get it from the seal or its maker.', '缺少制造商为封印签发的证书。', '请从封印或制造商处获取。')),
    "SEAL_CREDENTIAL_UNTRUSTED": FindingRule(Layer.CRYPTOGRAPHIC, Severity.UNDETERMINED, Text("The maker who issued the seal's credential is not in the trust file.", "Add the maker's credential to the trust file if you trust it.", '签发封印证书的制造商不在信任文件中。', '若信任该制造商，请将其证书加入信任文件。')),
    "SEAL_CREDENTIAL_INVALID": FindingRule(Layer.CRYPTOGRAPHIC, Severity.BROKEN, Text("The seal's credential does not verify, or does not bind this number to this key.", 'Treat the seal as forged until its maker explains.', '封印证书验证失败，或未将该编号与该密钥绑定。', '在制造商说明之前，视为伪造。')),
    "SEAL_CREDENTIAL_REVOKED": FindingRule(Layer.POLICY, Severity.BROKEN, Text("The seal's credential was revoked.", 'Replace the seal.', '封印证书已被吊销。', '请更换封印。')),
    "SEAL_CREDENTIAL_EXPIRED": FindingRule(Layer.POLICY, Severity.WARNING, Text("The seal's credential has expired; the seal goes on signing.", 'Have its maker renew it.', '封印证书已过期，封印继续签名。', '请由制造商更新证书。')),
    "LOG_MISSING": FindingRule(Layer.CRYPTOGRAPHIC, Severity.UNDETERMINED, Text('The control chain is not at hand, so the history is unknown.', 'Read or export the log.', '没有控制链，历史未知。', '请读取或导出日志。')),
    "RECORD_MALFORMED": FindingRule(Layer.CRYPTOGRAPHIC, Severity.BROKEN, Text('A record does not have the layout of SPEC.md.', 'The log was altered, or the seal has a fault.', '记录布局不符合规范。', '日志被改动或封印有缺陷。')),
    "RECORD_UNKNOWN": FindingRule(Layer.SEMANTIC, Severity.UNDETERMINED, Text('A control record is of a kind that is not known here.', 'Update sealkit.', '存在未知类型的控制记录。', '请升级 sealkit。')),
    "RECORD_OTHER_SEAL": FindingRule(Layer.CRYPTOGRAPHIC, Severity.BROKEN, Text('A record belongs to another seal.', 'The log was put together from several seals.', '有记录属于另一枚封印。', '日志由多枚封印拼接而成。')),
    "CHAIN_BROKEN": FindingRule(Layer.CRYPTOGRAPHIC, Severity.BROKEN, Text('A record does not carry the digest of the one before it.', 'The log was altered at or before this record.', '记录未携带前一记录的摘要。', '日志在此处或之前被改动。')),
    "RECORD_MISSING": FindingRule(Layer.CRYPTOGRAPHIC, Severity.BROKEN, Text('A record is missing.', 'Export the log again; if it is still missing, it was removed.', '缺少记录。', '请重新导出日志；若仍缺少则被删除。')),
    "RECORD_ORDER": FindingRule(Layer.CRYPTOGRAPHIC, Severity.BROKEN, Text('Records are not in the order of their numbers.', 'The log was reordered.', '记录未按编号排列。', '日志被重排。')),
    "HEAD_MISMATCH": FindingRule(Layer.CRYPTOGRAPHIC, Severity.BROKEN, Text('The log does not end in the head that the evidence signs.', 'The log is not the one of this evidence.', '日志末尾与证据签署的链头不符。', '日志与该证据不对应。')),
    "CHECKPOINT_INVALID": FindingRule(Layer.CRYPTOGRAPHIC, Severity.BROKEN, Text('The checkpoint does not verify or contradicts the log.', 'The log was altered.', '检查点验证失败或与日志矛盾。', '日志被改动。')),
    "HISTORY_ROLLED_BACK": FindingRule(Layer.CRYPTOGRAPHIC, Severity.BROKEN, Text('The seal says less than it had said before: its memory was set back, or it is a copy.', 'Keep both evidences: they prove it. Replace the seal and find out who had it.', '封印所述少于此前：其存储被回退，或为克隆件。', '请保存两份证据作为证明；更换封印并追查经手人。')),
    "HISTORY_FORKED": FindingRule(Layer.CRYPTOGRAPHIC, Severity.BROKEN, Text("The seal has two histories under one number: one of them is a copy's.", 'Keep both evidences: they prove it. Replace the seal and find out who had it.', '同一编号下存在两段历史：其一来自克隆件。', '请保存两份证据作为证明；更换封印并追查经手人。')),
    "EARLIER_UNUSABLE": FindingRule(Layer.CRYPTOGRAPHIC, Severity.UNDETERMINED, Text('The earlier evidence is not one of this seal, or does not verify.', 'Give an evidence or export of the same seal.', '先前的证据不属于该封印或验证失败。', '请提供同一封印的证据或导出文件。')),
    "PARAMETERS_ALTERED": FindingRule(Layer.CRYPTOGRAPHIC, Severity.BROKEN, Text('The parameters are not those that the evidence signs.', 'Read them from the seal again.', '参数与证据所签不符。', '请从封印重新读取。')),
    "ORDER_SIGNATURE": FindingRule(Layer.CRYPTOGRAPHIC, Severity.BROKEN, Text('An order in the log carries a signature that does not verify.', 'The seal accepted an order that it had to refuse, or the log was altered.', '日志中有指令的签名验证失败。', '封印接受了应拒绝的指令，或日志被改动。')),
    "ORDER_CREDENTIAL": FindingRule(Layer.CRYPTOGRAPHIC, Severity.BROKEN, Text('An order in the log was signed under a credential that does not hold.', 'The seal accepted an order that it had to refuse.', '日志中有指令的签署证书不成立。', '封印接受了应拒绝的指令。')),
    "OTHER_AUTHORITY": FindingRule(Layer.CRYPTOGRAPHIC, Severity.UNDETERMINED, Text("The seal was enrolled under another authority than the trust file's.", "Use the trust file of the seal's authority.", '封印由信任文件之外的机关登记。', '请使用封印所属机关的信任文件。')),
    "BUNDLE_TRUNCATED": FindingRule(Layer.CRYPTOGRAPHIC, Severity.BROKEN, Text('The bundle is cut short or has bytes after its end.', 'Copy the file again, or ask the station for it again.', '证据包不完整或末尾有多余字节。', '请重新复制文件或向检定站重新索取。')),
    "BUNDLE_ALTERED": FindingRule(Layer.CRYPTOGRAPHIC, Severity.BROKEN, Text('The bundle is not the file that was written.', 'Copy the file again; if the original is no better, it was altered.', '证据包与写出时不同。', '请重新复制；若原件亦如此，则文件被改动。')),
    "LOG_WITHHELD": FindingRule(Layer.CRYPTOGRAPHIC, Severity.UNDETERMINED, Text('Parameter groups are shown as digests only, and the log that would show them is left out, so the history cannot be judged from this bundle.', 'Ask the station for the whole bundle, or take its word for the history.', '部分参数组仅以摘要出示，会显示它们的日志一并略去，无法据此判断历史。', '请向检定站索取完整证据包，或采信其对历史的结论。')),
    "LEDGER_ENTRY_MISSING": FindingRule(Layer.CRYPTOGRAPHIC, Severity.UNDETERMINED, Text('The bundle does not prove that a ledger holds the evidence.', "Ask the station for a bundle with the ledger's entry, its proof and the tree head.", '证据包未证明账本载有该证据。', '请向检定站索取含账本条目、证明和树头的证据包。')),
    "LEDGER_ENTRY_INVALID": FindingRule(Layer.CRYPTOGRAPHIC, Severity.BROKEN, Text("The ledger's entry is malformed or is not that of the evidence.", 'Do not rely on the bundle; ask the station for it again.', '账本条目格式错误或不是该证据的条目。', '请勿采信该证据包，并向检定站重新索取。')),
    "INCLUSION_INVALID": FindingRule(Layer.CRYPTOGRAPHIC, Severity.BROKEN, Text("The proof does not lead from the ledger's entry to the tree head.", 'Do not rely on the bundle; ask the station for it again.', '证明不能从账本条目推至树头。', '请勿采信该证据包，并向检定站重新索取。')),
    "TREE_HEAD_INVALID": FindingRule(Layer.CRYPTOGRAPHIC, Severity.BROKEN, Text('The tree head is malformed or its signature does not verify.', 'Do not rely on it; ask the station for its tree head again.', '树头格式错误或签名验证失败。', '请勿采信，并向检定站重新索取树头。')),
    "STATION_UNTRUSTED": FindingRule(Layer.CRYPTOGRAPHIC, Severity.UNDETERMINED, Text('The credential of the station that signed is not at hand or does not hold.', "Get the station's credential, or the trust file of its authority.", '签署检定站的证书不在手或不成立。', '请取得该检定站的证书或其主管机构的信任文件。')),
    "STATION_VERDICT_INVALID": FindingRule(Layer.CRYPTOGRAPHIC, Severity.BROKEN, Text("The station's verdict is malformed or is not the one that the ledger's entry names.", 'Do not rely on the bundle; ask the station for it again.', '检定站的结论格式错误或不是账本条目所指。', '请勿采信该证据包，并向检定站重新索取。')),
    "LEDGER_FORKED": FindingRule(Layer.CRYPTOGRAPHIC, Severity.BROKEN, Text('Two tree heads of one station do not belong to one ledger: its past was rewritten.', 'Keep both tree heads and report the station to its authority.', '同一检定站的两个树头不属于同一账本：其历史被改写。', '请保存两个树头并向主管机构报告该检定站。')),
    "LEDGER_UNPROVEN": FindingRule(Layer.CRYPTOGRAPHIC, Severity.UNDETERMINED, Text('It is not proven that the later tree head continues the earlier one.', 'Ask the station for the consistency proof between them.', '未证明后一树头延续前一树头。', '请向检定站索取两者间的一致性证明。')),
    "ATTESTATION_INVALID": FindingRule(Layer.CRYPTOGRAPHIC, Severity.BROKEN, Text('The attestation is malformed or its signature does not verify.', 'Scan it again; if it repeats, it is a forgery.', '证明声明格式错误或签名验证失败。', '请重新扫描；若仍如此，则为伪造。')),
    "STATE_CONTRADICTS_LOG": FindingRule(Layer.SEMANTIC, Severity.BROKEN, Text('State, counters or trust in the evidence are not what the log leads to.', 'The seal has a fault or its firmware was changed.', '证据中的状态、计数器或信任版本与日志推导不符。', '封印有缺陷或固件被改动。')),
    "ORDER_NOT_ALLOWED": FindingRule(Layer.SEMANTIC, Severity.BROKEN, Text('The log holds an order that the seal had to refuse.', 'The seal has a fault or its firmware was changed.', '日志中有封印本应拒绝的指令。', '封印有缺陷或固件被改动。')),
    "STATE_TAMPERED": FindingRule(Layer.SEMANTIC, Severity.BROKEN, Text('The seal is broken and not yet cleared.', 'Have a technician and a station look into the cause, clear and seal anew.', '封印已破坏且尚未清除。', '请由技术员与检定站查明原因、清除并重新加封。')),
    "CASE_OPENED": FindingRule(Layer.SEMANTIC, Severity.BROKEN, Text('The case was opened.', 'Inspect meter and seal for changes.', '外壳被打开。', '请检查计价器与封印有无改动。')),
    "FARE_PARAMETERS_CHANGED": FindingRule(Layer.SEMANTIC, Severity.BROKEN, Text('A fare parameter in the meter was changed.', 'Compare old and new; restore the meter and seal anew.', '计价器的运价参数被更改。', '请比较新旧值，恢复计价器并重新加封。')),
    "METER_IDENTITY_CHANGED": FindingRule(Layer.SEMANTIC, Severity.BROKEN, Text("Another meter answers on the seal's line.", 'Find out who replaced the meter.', '封印线路上应答的是另一台计价器。', '请查明谁更换了计价器。')),
    "METER_SOFTWARE_CHANGED": FindingRule(Layer.SEMANTIC, Severity.BROKEN, Text("The meter's software version changed.", 'Find out who changed the software; verify the meter.', '计价器软件版本已变化。', '请查明谁更改了软件并检定计价器。')),
    "METER_SILENT_TOO_LONG": FindingRule(Layer.SEMANTIC, Severity.BROKEN, Text('The meter was silent for longer than the sealed limit.', 'Check the line between seal and meter.', '计价器静默时间超过封定限值。', '请检查封印与计价器之间的连线。')),
    "UNSUPERVISED": FindingRule(Layer.SEMANTIC, Severity.BROKEN, Text('The seal was without power and clock, so an interval was not watched.', 'Verify the meter and seal anew; replace the battery.', '封印曾断电且时钟丢失，有一段时间未受监视。', '请检定计价器并重新加封；更换电池。')),
    "K_MISMATCH": FindingRule(Layer.SEMANTIC, Severity.BROKEN, Text('The distance that the meter charges does not fit the pulses and the sealed K.', 'Have K in the meter, and the wire to it, examined; verify the meter.', '计价器所计里程与脉冲数及封定 K 值不符。', '请检查计价器 K 值及其脉冲线路并检定计价器。')),
    "PULSE_RATE": FindingRule(Layer.SEMANTIC, Severity.BROKEN, Text('Pulses came faster, or quickened more, than a car can drive.', 'Look for a pulse injector at sensor and wire.', '脉冲频率或其增速超出车辆行驶可能。', '请检查传感器及线路上是否装有脉冲注入装置。')),
    "STANDING_MOTION": FindingRule(Layer.SEMANTIC, Severity.BROKEN, Text('Pulses came while the second source said that the vehicle stood.', 'Look for a pulse injector; ask for runs on a roller.', '第二来源表明车辆静止时仍有脉冲。', '请检查有无脉冲注入装置，并询问是否做过滚筒试验。')),
    "MOTION_DISAGREES": FindingRule(Layer.SEMANTIC, Severity.BROKEN, Text('The distance by pulses and that by the second source of motion have drifted apart.', 'Compare tyre and sensor with what is sealed; look for a pulse injector.', '脉冲里程与第二来源里程持续不符。', '请核对轮胎与传感器，并检查有无脉冲注入装置。')),
    "METER_CLOCK_WRONG": FindingRule(Layer.SEMANTIC, Severity.BROKEN, Text("The meter's clock differs from the seal's by more than the sealed tolerance.", "Set the meter's clock; check trips near the night tariff's limits.", '计价器时钟与封印时钟之差超过封定限值。', '请校准计价器时钟，并核查夜间计价时段附近的营运记录。')),
    "TRIPS_MISSING": FindingRule(Layer.SEMANTIC, Severity.BROKEN, Text('Trips are missing: numbers were skipped, or a trip started and was never told.', "Compare the meter's trips with those that the centre received.", '缺少营运记录：编号不连续，或开始的营运未上报。', '请将计价器的营运记录与中心所收记录核对。')),
    "TRIP_ALTERED": FindingRule(Layer.SEMANTIC, Severity.BROKEN, Text("A trip's record was told in two different ways, or twice under two numbers.", 'Look for somebody between meter, seal and terminal; compare the two records.', '同一营运记录先后内容不同，或以两个编号重复上报。', '请检查计价器、封印与终端之间有无中间装置，并比较两条记录。')),
    "NEVER_SEALED": FindingRule(Layer.SEMANTIC, Severity.UNDETERMINED, Text('The seal was never sealed.', 'Seal it: `sealkit seal`.', '封印从未加封。', '请加封：`sealkit seal`。')),
    "STATE_OPEN": FindingRule(Layer.SEMANTIC, Severity.UNDETERMINED, Text('The seal is open.', 'Seal it: `sealkit seal`.', '封印处于打开状态。', '请加封：`sealkit seal`。')),
    "STATE_RETIRED": FindingRule(Layer.SEMANTIC, Severity.UNDETERMINED, Text('The seal is retired.', 'Ask for the seal that replaced it.', '封印已报废。', '请查询替换它的封印。')),
    "METER_NOT_SEEN": FindingRule(Layer.SEMANTIC, Severity.UNDETERMINED, Text("The seal's last look at the meter is missing or too old to rely on.", 'Switch the meter on, wait for the next look, verify again.', '封印缺少对计价器的近期观察。', '请打开计价器，等待下次观察后重新验证。')),
    "METER_DIFFERS": FindingRule(Layer.SEMANTIC, Severity.BROKEN, Text('The meter, asked directly, holds other parameters than those sealed.', 'Somebody stands between seal and meter, or the change is seconds old: verify again.', '直接询问计价器，其参数与封定参数不同。', '可能有人介于封印与计价器之间，或改动刚发生：请重新验证。')),
    "METER_NOT_ASKED": FindingRule(Layer.SEMANTIC, Severity.UNDETERMINED, Text('The meter was to be asked directly and did not answer.', "Check the meter's line and verify again.", '要求直接询问计价器，但其未应答。', '请检查计价器线路后重新验证。')),
    "BROKEN_BEFORE": FindingRule(Layer.SEMANTIC, Severity.NOTE, Text('The seal was broken earlier and cleared.', 'Read the log for cause and reason.', '封印此前被破坏并已清除。', '请查阅日志中的原因与理由。')),
    "CLOCK_LOST": FindingRule(Layer.POLICY, Severity.UNDETERMINED, Text('The seal has lost its clock.', 'Restore the clock: `sealkit clock restore`.', '封印时钟丢失。', '请恢复时钟：`sealkit clock restore`。')),
    "CLOCK_RESTORED": FindingRule(Layer.POLICY, Severity.WARNING, Text("The seal's clock was lost and set again.", 'Times before that may be off.', '封印时钟曾丢失并被重新设置。', '此前的时间可能不准。')),
    "CLOCK_DIFFERS": FindingRule(Layer.POLICY, Severity.WARNING, Text("The seal's clock differs from the verifier's by more than three seconds.", 'Adjust it: `sealkit clock adjust`.', '封印时钟与验证方相差超过三秒。', '请调整：`sealkit clock adjust`。')),
    "ORDER_SIGNER_REVOKED": FindingRule(Layer.POLICY, Severity.UNDETERMINED, Text('An order that still counts was signed under a credential that is now revoked.', 'Have the seal opened and sealed anew by people whose credentials hold.', '仍有效的指令由现已吊销的证书签署。', '请由证书有效的人员打开并重新加封。')),
    "TRUST_BEHIND": FindingRule(Layer.POLICY, Severity.WARNING, Text('The seal holds an older trust statement than the verifier.', 'Carry the current one to it: `sealkit trust`.', '封印持有的信任声明较旧。', '请送达最新声明：`sealkit trust`。')),
    "TRUST_AHEAD": FindingRule(Layer.POLICY, Severity.UNDETERMINED, Text('The seal holds a newer trust statement than the verifier.', 'Get the current trust file.', '封印持有的信任声明比验证方的新。', '请获取最新的信任文件。')),
    "VERIFICATION_OVERDUE": FindingRule(Layer.POLICY, Severity.UNDETERMINED, Text('The date by which the taximeter had to be verified again has passed.', 'Have the taximeter verified.', '计价器已超过检定有效期。', '请送检。')),
    "STORAGE_NEARLY_FULL": FindingRule(Layer.POLICY, Severity.WARNING, Text("The seal's memory is nearly full.", 'Export and acknowledge the log: `sealkit ack`.', '封印存储即将用尽。', '请导出并确认日志：`sealkit ack`。')),
    "BATTERY_LOW": FindingRule(Layer.POLICY, Severity.WARNING, Text("The seal's battery is low.", 'Replace it before the clock is lost.', '封印电池电量低。', '请在时钟丢失前更换。')),
    "DRIVEN_WHILE_OPEN": FindingRule(Layer.POLICY, Severity.WARNING, Text('The vehicle was driven while the seal was open.', 'The log tells how far.', '封印打开期间车辆行驶过。', '行驶里程见日志。')),
    "JOURNAL_MISSING": FindingRule(Layer.POLICY, Severity.NOTE, Text('The journal was not read; the control chain was.', 'Export the log with its journal for a full audit.', '未读取流水日志，仅读取控制链。', '完整审计请导出流水日志。')),
    "JOURNAL_PRUNED": FindingRule(Layer.POLICY, Severity.NOTE, Text('Older journal records were acknowledged by a station and pruned.', "The station's ledger holds them.", '较早的流水日志已由检定站确认并清理。', '可在检定站账本中查阅。')),
    "AS_OF": FindingRule(Layer.POLICY, Severity.NOTE, Text('The verdict holds as of the time of the evidence.', 'Connect the seal for a verdict of today.', '结论以证据时间为准。', '如需当前结论请连接封印。')),
    "STATION_VERDICT_DIFFERS": FindingRule(Layer.POLICY, Severity.UNDETERMINED, Text('The station came to another verdict than the bundle leads to here.', 'Ask the station what else it knew; judge with the trust file that it used.', '检定站的结论与此处由证据包得出的不同。', '请询问检定站另有何依据，或使用其当时的信任文件。')),
    "STATION_OTHER_TRUST": FindingRule(Layer.POLICY, Severity.NOTE, Text('The station judged under another trust statement than the verifier.', 'Compare the versions of the trust files.', '检定站判断时所依据的信任声明与验证方不同。', '请比较信任文件的版本。')),
    "ATTESTATION_EXPIRED": FindingRule(Layer.POLICY, Severity.UNDETERMINED, Text('The attestation is not valid at this time.', 'Have the taximeter verified again.', '证明声明此时无效。', '请重新检定计价器。')),
    "ATTESTATION_OTHER_PLATE": FindingRule(Layer.POLICY, Severity.BROKEN, Text('The attestation is for another vehicle.', 'Compare the plate on the vehicle with the one attested.', '证明声明属于另一车辆。', '请核对车辆号牌与声明所载号牌。')),
    "HISTORY_GAP": FindingRule(Layer.CRYPTOGRAPHIC, Severity.UNDETERMINED, Text('The ledger lacks control records between what it held and what came.', "Read the seal's whole log and import it.", '账本所存与送来的记录之间缺少控制记录。', '请读取封印的全部日志并导入。')),
    "SEAL_TWO_VEHICLES": FindingRule(Layer.SEMANTIC, Severity.BROKEN, Text('The seal was on two vehicles without an order that says so.', 'Look at both vehicles, and ask who signed.', '封印曾用于两辆车，而无相应指令说明。', '请核查两辆车并询问签署人。')),
    "VEHICLE_TWO_SEALS": FindingRule(Layer.SEMANTIC, Severity.UNDETERMINED, Text('Another seal was sealed to the same vehicle at the same time.', 'Look at the vehicle: only one of the seals can be on it.', '同一时间另有封印加封于同一车辆。', '请核查车辆：其上只能有一枚封印。')),
    "SEAL_TWO_PLACES": FindingRule(Layer.POLICY, Severity.UNDETERMINED, Text('The seal was submitted from two places that are too far apart for the time between.', 'Call the vehicle in; there may be a copy of the seal.', '封印在两地提交，相距之远与相隔时间不符。', '请召回车辆查验，封印可能被复制。')),
    "ORDER_AFTER_REVOCATION": FindingRule(Layer.POLICY, Severity.BROKEN, Text('An order was signed under a credential that was revoked by then.', 'Have the taximeter verified again, and find out who used the key.', '指令签署时所用证书已被吊销。', '请重新检定计价器，并追查密钥使用人。')),
}

LAYOUTS: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "header_request": (
        ("version", "u8"),
        ("command", "u8"),
        ("sequence", "u16"),
    ),
    "header_response": (
        ("version", "u8"),
        ("command", "u8"),
        ("sequence", "u16"),
        ("status", "u8"),
    ),
    "credential": (
        ("tag", "tag"),
        ("issuer", "bytes:16"),
        ("serial", "u32"),
        ("generation", "u16"),
        ("role", "u8"),
        ("scope", "u32"),
        ("not_before", "u64"),
        ("not_after", "u64"),
        ("public_key", "bytes:65"),
        ("name", "text8:48"),
        ("signature", "bytes:64"),
    ),
    "minimum": (
        ("issuer", "bytes:16"),
        ("generation", "u16"),
    ),
    "revoked": (
        ("issuer", "bytes:16"),
        ("serial", "u32"),
    ),
    "trust_statement": (
        ("tag", "tag"),
        ("authority", "bytes:16"),
        ("version", "u32"),
        ("issued_at", "u64"),
        ("minimums", "list8:minimum:16"),
        ("revoked", "list8:revoked:24"),
        ("signature", "bytes:64"),
    ),
    "order": (
        ("tag", "tag"),
        ("kind", "u8"),
        ("maker", "u32"),
        ("serial", "u32"),
        ("seal_key", "bytes:16"),
        ("head_sequence", "u32"),
        ("head_digest", "bytes:32"),
        ("not_before", "u64"),
        ("not_after", "u64"),
        ("challenge", "bytes:16"),
        ("first_signer", "bytes:32"),
        ("second_signer", "bytes:32"),
        ("body", "data16:1003"),
        ("signatures", "rest"),
    ),
    "enrol_body": (
        ("time", "u64"),
        ("authority", "data16:288"),
    ),
    "group_item": (
        ("number", "u8"),
        ("data", "data16:512"),
    ),
    "parameters_body": (
        ("groups", "list8:group_item:16"),
    ),
    "reason_body": (
        ("reason", "u8"),
        ("text", "text8:160"),
    ),
    "adjust_clock_body": (
        ("change_s", "i16"),
    ),
    "restore_clock_body": (
        ("time", "u64"),
    ),
    "trust_body": (
        ("statement", "data16:896"),
    ),
    "acknowledge_body": (
        ("sequence", "u32"),
        ("digest", "bytes:32"),
        ("receipt", "bytes:32"),
    ),
    "record": (
        ("tag", "tag"),
        ("maker", "u32"),
        ("serial", "u32"),
        ("sequence", "u32"),
        ("kind", "u8"),
        ("state", "u8"),
        ("flags", "u16"),
        ("boot", "u32"),
        ("tick_ms", "u64"),
        ("clock", "u64"),
        ("clock_quality", "u8"),
        ("previous", "bytes:32"),
        ("body", "data16:1903"),
    ),
    "genesis_record": (
        ("journal_sequence", "u32"),
        ("journal_digest", "bytes:32"),
        ("public_key", "bytes:65"),
        ("random", "bytes:32"),
        ("manufacturer", "bytes:16"),
        ("hardware_version", "u16"),
        ("firmware_version", "u32"),
        ("firmware_digest", "bytes:32"),
        ("attachments", "u8"),
        ("control_capacity", "u32"),
        ("journal_capacity", "u32"),
    ),
    "order_record": (
        ("journal_sequence", "u32"),
        ("journal_digest", "bytes:32"),
        ("order", "data16:1300"),
        ("credentials", "datas8:4"),
    ),
    "tamper_record": (
        ("journal_sequence", "u32"),
        ("journal_digest", "bytes:32"),
        ("cause", "u8"),
        ("before", "data16:160"),
        ("after", "data16:160"),
    ),
    "boot_record": (
        ("cause", "u8"),
        ("gap_s", "u32"),
    ),
    "flags_record": (
        ("before", "u16"),
        ("after", "u16"),
    ),
    "meter_record": (
        ("event", "u8"),
    ),
    "tariff_record": (
        ("before", "bytes:32"),
        ("after", "bytes:32"),
    ),
    "driven_record": (
        ("from_pulses", "u64"),
        ("to_pulses", "u64"),
    ),
    "coalesced_item": (
        ("kind", "u8"),
        ("count", "u32"),
    ),
    "coalesced_record": (
        ("items", "list8:coalesced_item:8"),
    ),
    "evidence": (
        ("tag", "tag"),
        ("maker", "u32"),
        ("serial", "u32"),
        ("seal_key", "bytes:16"),
        ("state", "u8"),
        ("flags", "u16"),
        ("boot", "u32"),
        ("tick_ms", "u64"),
        ("clock", "u64"),
        ("clock_quality", "u8"),
        ("clock_floor", "u64"),
        ("control_sequence", "u32"),
        ("control_digest", "bytes:32"),
        ("journal_sequence", "u32"),
        ("journal_digest", "bytes:32"),
        ("base_sequence", "u32"),
        ("base_digest", "bytes:32"),
        ("pruned_boot", "u32"),
        ("pruned_flags", "u32"),
        ("pruned_meter", "u32"),
        ("pruned_tariff", "u32"),
        ("pruned_driven", "u32"),
        ("pruned_coalesced", "u32"),
        ("trust_version", "u32"),
        ("parameter_root", "bytes:32"),
        ("calibration_counter", "u32"),
        ("configuration_counter", "u32"),
        ("refused_malformed", "u16"),
        ("refused_stale", "u16"),
        ("refused_authority", "u16"),
        ("refused_state", "u16"),
        ("latched_causes", "u16"),
        ("live_causes", "u16"),
        ("pulses", "u64"),
        ("meter_seen", "u8"),
        ("meter_age_ms", "u32"),
        ("meter_device", "bytes:5"),
        ("meter_software", "bytes:2"),
        ("meter_fare_digest", "bytes:32"),
        ("k_inferred_milli", "u32"),
        ("k_basis_m", "u32"),
        ("pulse_rate_max_hz", "u16"),
        ("standing_m", "u32"),
        ("motion_distance_m", "u32"),
        ("motion_pulses_m", "u32"),
        ("trips_seen", "u32"),
        ("firmware_version", "u32"),
        ("firmware_digest", "bytes:32"),
        ("nonce", "bytes:32"),
        ("signature", "bytes:64"),
    ),
    "checkpoint": (
        ("tag", "tag"),
        ("maker", "u32"),
        ("serial", "u32"),
        ("seal_key", "bytes:16"),
        ("control_sequence", "u32"),
        ("control_digest", "bytes:32"),
        ("state", "u8"),
        ("signature", "bytes:64"),
    ),
    "group": (
        ("salt", "bytes:16"),
        ("content", "rest"),
    ),
    "distance_group": (
        ("k_pulses_per_km", "u32"),
        ("source", "u8"),
    ),
    "tyre_group": (
        ("size", "ascii:16"),
        ("circumference_um", "u32"),
    ),
    "pending_tariff": (
        ("valid_from", "u64"),
        ("valid_until", "u64"),
        ("fare", "bytes:127"),
    ),
    "tariff_group": (
        ("fare", "bytes:127"),
        ("mask", "bytes:16"),
        ("pending", "list8:pending_tariff:1"),
    ),
    "meter_group": (
        ("device", "bytes:5"),
        ("hardware_version", "u8"),
        ("software", "bytes:2"),
        ("software_digest", "bytes:32"),
        ("model", "ascii:16"),
    ),
    "sensor_group": (
        ("kind", "u8"),
        ("sensor_serial", "ascii:16"),
    ),
    "vehicle_group": (
        ("plate", "text8:16"),
        ("meter_plate", "ascii:6"),
        ("vin", "ascii:17"),
    ),
    "supervision_group": (
        ("attachments", "u8"),
        ("look_interval_ms", "u32"),
        ("silence_limit_ms", "u32"),
        ("pulse_rate_max_hz", "u16"),
        ("acceleration_max_mm_s2", "u16"),
        ("k_tolerance_ppm", "u32"),
        ("k_window_m", "u32"),
        ("rounding", "u8"),
        ("standing_limit_m", "u16"),
        ("motion_tolerance_ppm", "u32"),
        ("motion_limit_m", "u16"),
        ("meter_clock_tolerance_s", "u16"),
    ),
    "calibration_group": (
        ("purpose", "u8"),
        ("workshop", "text8:48"),
        ("time", "u64"),
        ("valid_until", "u64"),
        ("odometer_before_m", "u32"),
        ("odometer_after_m", "u32"),
        ("result_digest", "bytes:32"),
        ("predecessor_maker", "u32"),
        ("predecessor_serial", "u32"),
        ("predecessor_calibration", "u32"),
        ("predecessor_configuration", "u32"),
    ),
    "info": (
        ("maker", "u32"),
        ("serial", "u32"),
        ("suite", "u8"),
        ("protocol", "u8"),
        ("hardware_version", "u16"),
        ("firmware_version", "u32"),
        ("firmware_digest", "bytes:32"),
        ("frame_max", "u16"),
        ("order_max", "u16"),
        ("control_capacity", "u32"),
        ("journal_capacity", "u32"),
        ("public_key", "bytes:65"),
        ("model", "text8:32"),
    ),
    "status": (
        ("maker", "u32"),
        ("serial", "u32"),
        ("seal_key", "bytes:16"),
        ("state", "u8"),
        ("flags", "u16"),
        ("boot", "u32"),
        ("tick_ms", "u64"),
        ("clock", "u64"),
        ("clock_quality", "u8"),
        ("clock_floor", "u64"),
        ("control_sequence", "u32"),
        ("control_digest", "bytes:32"),
        ("journal_sequence", "u32"),
        ("journal_digest", "bytes:32"),
        ("base_sequence", "u32"),
        ("trust_version", "u32"),
        ("parameter_root", "bytes:32"),
        ("calibration_counter", "u32"),
        ("configuration_counter", "u32"),
        ("latched_causes", "u16"),
        ("live_causes", "u16"),
        ("control_free", "u32"),
        ("journal_free", "u32"),
    ),
    "challenge": (
        ("challenge", "bytes:16"),
        ("life_ms", "u32"),
    ),
    "nonce": (
        ("nonce", "bytes:32"),
    ),
    "order_request": (
        ("order", "data16:1300"),
        ("credentials", "datas8:4"),
    ),
    "order_response": (
        ("sequence", "u32"),
        ("digest", "bytes:32"),
        ("stored", "u8"),
    ),
    "read_log_request": (
        ("chain", "u8"),
        ("from_sequence", "u32"),
        ("limit", "u16"),
    ),
    "read_log_response": (
        ("records", "datas8:255"),
    ),
    "read_record_request": (
        ("sequence", "u32"),
        ("offset", "u16"),
        ("length", "u16"),
    ),
    "read_record_response": (
        ("total", "u16"),
        ("data", "rest"),
    ),
    "group_digest": (
        ("number", "u8"),
        ("digest", "bytes:32"),
    ),
    "parameter_digests": (
        ("groups", "list8:group_digest:16"),
    ),
    "read_group_request": (
        ("number", "u8"),
    ),
    "read_credential_request": (
        ("choice", "u8"),
    ),
    "observation": (
        ("seen", "u8"),
        ("age_ms", "u32"),
        ("device", "bytes:5"),
        ("hardware_version", "u8"),
        ("software", "bytes:2"),
        ("plate", "ascii:6"),
        ("fare", "bytes:127"),
    ),
    "set_baud_request": (
        ("baud", "u32"),
    ),
    "export_header": (
        ("magic", "bytes:8"),
        ("version", "u8"),
        ("suite", "u8"),
    ),
    "export_item": (
        ("kind", "u8"),
        ("data", "data16:2048"),
    ),
    "export_end": (
        ("kind", "u8"),
        ("count", "u32"),
        ("digest", "bytes:32"),
    ),
    "ledger_leaf": (
        ("tag", "tag"),
        ("received_at", "u64"),
        ("maker", "u32"),
        ("serial", "u32"),
        ("seal_key", "bytes:16"),
        ("evidence_digest", "bytes:32"),
        ("control_sequence", "u32"),
        ("control_digest", "bytes:32"),
        ("journal_sequence", "u32"),
        ("journal_digest", "bytes:32"),
        ("base_sequence", "u32"),
        ("calibration_counter", "u32"),
        ("configuration_counter", "u32"),
        ("parameter_root", "bytes:32"),
        ("conclusion", "u8"),
        ("verdict_digest", "bytes:32"),
        ("place_digest", "bytes:32"),
    ),
    "tree_head": (
        ("tag", "tag"),
        ("station", "bytes:32"),
        ("size", "u64"),
        ("root", "bytes:32"),
        ("time", "u64"),
        ("signature", "bytes:64"),
    ),
    "attestation": (
        ("tag", "tag"),
        ("maker", "u32"),
        ("serial", "u32"),
        ("plate", "text8:16"),
        ("evidence_time", "u64"),
        ("evidence_digest", "bytes:32"),
        ("calibration_counter", "u32"),
        ("configuration_counter", "u32"),
        ("leaf_index", "u64"),
        ("issued_at", "u64"),
        ("valid_until", "u64"),
        ("station", "bytes:32"),
        ("signature", "bytes:64"),
    ),
    "bundle_header": (
        ("magic", "bytes:8"),
        ("version", "u8"),
        ("suite", "u8"),
    ),
    "bundle_item": (
        ("kind", "u8"),
        ("data", "data16:32768"),
    ),
    "bundle_end": (
        ("kind", "u8"),
        ("count", "u32"),
        ("digest", "bytes:32"),
    ),
    "bundle_inclusion": (
        ("index", "u64"),
        ("path", "rest"),
    ),
}

"""The Chinese of the help of every command: a paragraph, or an option's help, by its English.

`chinese_page` looks them up. An English text that is changed needs its Chinese anew; tests hold
that each has one.
"""

from __future__ import annotations

from typing import Final

HELP: Final[dict[str, str]] = {
    # The list of all commands.
    "Play the whole story on simulated devices.": "在模拟设备上演示完整过程。",
    "Start a simulated seal and taximeter; tamper with them.": (
        "启动模拟的封印和计价器，并模拟作弊。"
    ),
    "Make keys; issue, show and verify credentials and trust.": (
        "生成密钥；签发、查看、验证证书与信任声明。"
    ),
    "List the serial ports.": "列出串行端口。",
    "Show what a seal is and how it is.": "查看封印的身份与状态。",
    "Show what a seal must hold in memory.": "列出封印所需的内存。",
    "Give a new seal its maker's credential.": "为新封印装入制造商签发的证书。",
    "Install the authority in a new seal.": "为新封印登记主管机关。",
    "Seal a taximeter's parameters.": "加封计价器的参数。",
    "Confirm a verification that changed nothing.": "确认检定，参数未变。",
    "Open a sealed seal, with a reason.": "启封已加封的封印，须写明理由。",
    "Clear a broken seal, with a reason.": "清除破封状态，须写明理由。",
    "Show, adjust or restore the seal's clock.": "查看、校准或恢复封印的时钟。",
    "Carry a trust statement to a seal.": "把信任声明送入封印。",
    "Acknowledge an exported journal, so that it may be pruned.": (
        "确认收妥已导出的日志，以便封印腾出空间。"
    ),
    "End a seal's life and destroy its key.": "报废封印并销毁其密钥。",
    "Show, sign and send an order that was carried.": "查看、签署、发送以文件传递的指令。",
    "List and export a seal's log.": "列出、导出封印的日志。",
    "Judge a seal or an exported file.": "核验封印或导出文件，给出结论。",
    "Check that a ledger's past was not rewritten.": "检查账本的历史未被改写。",
    "Keep a ledger of a fleet's seals, and judge them.": "管理所有封印的账本，并给出结论。",
    "Read a taximeter; decode its frames; collect its trips.": (
        "读取计价器，解析数据帧，采集营运记录。"
    ),
    "Try whether a seal keeps SPEC.md.": "测试封印是否符合 SPEC.md。",
    "Hold a taximeter's trip records to the sealed tariff.": "用加封的运价核查计价器的营运记录。",
    "The open toolkit for the electronic seals of taximeters.": (
        "出租汽车计价器电子封印的开放工具。"
    ),
    "Devices are named by spec strings: serial:/dev/ttyUSB0?baud=9600, tcp:host:port, sim:DIR.": (
        "设备写法：serial:/dev/ttyUSB0?baud=9600、tcp:host:port、sim:DIR。"
    ),
    "Show the version and exit.": "显示版本后退出。",
    "Language of messages; by default that of the environment.": (
        "显示所用的语言（en 英文，zh 中文）；默认随系统环境。"
    ),
    "Show this message and exit.": "显示本帮助后退出。",
    # Simulation and demonstration.
    "Play the story of a seal: made, enrolled, sealed, tampered with, found out, sealed anew.": (
        "演示封印的全过程：制造、登记、加封、被人作弊、查出、重新加封。"
    ),
    "Seal and taximeter run as a process of their own behind pseudo-terminals. Exits with 0 only "
    "if every step came out as told.": (
        "封印与计价器作为单独的进程在伪终端上运行。每一步都相符才以状态 0 结束。"
    ),
    "Print JSON for programs.": "输出供程序读取的 JSON。",
    "Start a simulated seal and taximeter; tamper with them; let simulated taxis cheat.": (
        "启动模拟的封印和计价器；模拟破封与出租车作弊。"
    ),
    "Make a year of a whole city's seals in the new directory DIR, on all cores.": (
        "在新目录 DIR 中生成全城封印一年的数据，使用全部处理器核心。"
    ),
    "For `sealkit station import DIR --trust DIR/trust.json`: what was submitted in a year, and "
    "how it came. Among the seals are faults, honest seals that look a little like them, and "
    "people and meters that are worth a look; DIR/planted.json tells which. All keys are drawn "
    "from the seed; DIR/station.pem and .cred are those of a station, under the passphrase "
    "`simulated`.": (
        "供 `sealkit station import DIR --trust DIR/trust.json` 导入：一年中提交的全部材料及其来"
        "源。其中有植入的作弊、似是而非的诚实封印，以及值得留意的人员和计价器，详见 "
        "DIR/planted.json。所有密钥均由种子产生；DIR/station.pem 和 .cred 为检定站的密钥与证书，"
        "口令为 `simulated`。"
    ),
    "The fewest that a seal has.": "每枚封印至少有多少条记录。",
    "Faults, of every kind.": "植入的作弊数，各类均有。",
    "End of the year, 2026-11-24 or with a time; by default now (UTC).": (
        "这一年的截止时间，如 2026-11-24，也可带时刻；默认为现在（UTC）。"
    ),
    "Tell the control channel of the simulation at SPEC what happens, such as": (
        "通过控制通道告诉 SPEC 处的模拟器发生了什么。例如："
    ),
    "An ACTION that is not known is answered with the list of those that are.": (
        "给出未知的 ACTION 时，会列出可用的动作。"
    ),
    "Play one fraud in a simulated taxi, then have its seal verified.": (
        "在模拟出租车上演示一种作弊手法，然后核验其封印。"
    ),
    "Which; `--list` names all.": "哪种手法；用 `--list` 列出全部。",
    "List the frauds with how they are done.": "列出作弊手法及其做法。",
    "Shifts of ten hours; a run ends when the seal has recorded the fraud.": (
        "班次数，每班十小时；封印记录到作弊即结束。"
    ),
    "How strong it is, instead of what its file says, where there is more and less of it.": (
        "作弊的程度，代替该手法文件中的数值；仅用于程度可变的手法。"
    ),
    "Play every fraud with several seeds and print what the seal makes of it.": (
        "用多个种子演示每种作弊手法，并列出封印能否查出。"
    ),
    "Exit status 8 if one that ought to be detected was not in 99 of 100 runs.": (
        "应能查出的手法若未在 100 次中查出 99 次，退出状态为 8。"
    ),
    "Only this one; may be given again.": "只演示这一种；可多次给出。",
    "Drive honestly, through all that honest taxis meet: no seal may break.": (
        "诚实行驶，经历出租车正常会遇到的一切：封印不得误报。"
    ),
    "Worn and new tyres, noisy satellites, tunnels, ferries, car washes, towing, workshops, "
    "battery changes. Exit status 7 after a false alarm; what came closest to one is printed.": (
        "包括新旧轮胎、卫星信号噪声、隧道、轮渡、洗车、拖车、维修、更换蓄电池。有误报时退出状态为 "
        "7；并列出最接近报警的项目。"
    ),
    "Run a seal and a taximeter until SIGTERM; print one line of JSON with their spec strings.": (
        "运行封印和计价器，直至收到 SIGTERM；以一行 JSON 给出其设备写法。"
    ),
    "What is in --dir goes on where it stopped, also after kill -9.": (
        "--dir 中已有的状态会接着运行，即使上次被 kill -9 结束。"
    ),
    "Where their state lives.": "存放其状态的目录。",
    "Of a new seal: p256.": "新封印的密码套件：p256。",
    "MAKER-SERIAL of a new seal: 500-1.": "新封印的编号，写作 制造商-编号：500-1。",
    "The maker's credential, burned in as the new seal's anchor; by default one is made.": (
        "制造商的证书，写入新封印作为根证书；默认自动生成一份。"
    ),
    "Serve on TCP instead of pseudo-terminals.": "通过 TCP 提供服务，而不用伪终端。",
    "Tell errors as JSON, too.": "错误也以 JSON 输出。",
    # Keys and credentials.
    "Make keys; issue, show and verify credentials, statements and trust files.": (
        "生成密钥；签发、查看、验证证书、信任声明和信任文件。"
    ),
    "A person is named by the prefix of two files: PREFIX.pem is the key, encrypted under a "
    "passphrase, or PREFIX.pkcs11 says in which token it is; PREFIX.cred is the credential with "
    "its issuers. The authority issues stations, registries and inspectors; a registry issues "
    "technicians.": (
        "人员以文件前缀表示：PREFIX.pem 为用口令加密的密钥，或由 PREFIX.pkcs11 指明密钥所在的令"
        "牌；PREFIX.cred 为其证书及各级签发者的证书。主管机关为检定站、登记机构和检查员签发证书；"
        "登记机构为技术员签发证书。"
    ),
    "As a manufacturer, endorse an AUTHORITY.cred: what `sealkit enrol` brings to its seals.": (
        "制造商背书 AUTHORITY.cred，供 `sealkit enrol` 装入其封印。"
    ),
    "The manufacturer's key and credential.": "制造商的密钥和证书。",
    "Make a key alone: PREFIX.pem, and PREFIX.pub to send to whoever issues the credential.": (
        "只生成密钥：PREFIX.pem，以及交给签发者的 PREFIX.pub。"
    ),
    "With --key the key is made in a token, and PREFIX.pkcs11 says in which.": (
        "加 --key 时密钥在令牌中生成，由 PREFIX.pkcs11 指明是哪个令牌。"
    ),
    "Make the key in a token: pkcs11:...;object=NAME.": (
        "在令牌中生成密钥：pkcs11:...;object=NAME。"
    ),
    "Issue PREFIX.cred for a public key that its holder made with `keys generate`.": (
        "为持有人用 `keys generate` 生成的公钥签发 PREFIX.cred。"
    ),
    "ROLE is station, registry, technician or inspector.": (
        "ROLE 为 station（检定站）、registry（登记机构）、technician（技术员）或 inspector（检查"
        "员）。"
    ),
    "The holder's .pub file.": "持有人的 .pub 文件。",
    "Who issues: its key and credential.": "签发者：其密钥和证书。",
    "Validity: 3650; technician and inspector 365.": "有效天数：3650；技术员和检查员为 365。",
    "Rises when a holder gets a new key; a statement can refuse the older ones.": (
        "持有人每换一次密钥代次加大；信任声明可拒绝较旧的代次。"
    ),
    "Number of the credential; drawn if not given.": "证书编号；不给出时随机产生。",
    "For a manufacturer: its number.": "制造商的编号。",
    "Region (GB/T 2260), 0: everywhere.": "行政区划代码（GB/T 2260）；0 表示不限地区。",
    "Who it is, as it will stand in the log.": "持有人名称，将写入日志。",
    "Make a key and its credential: PREFIX.pem and PREFIX.cred.": (
        "生成密钥及其证书：PREFIX.pem 和 PREFIX.cred。"
    ),
    "ROLE is authority, manufacturer (both sign their own), or, with an --issuer, station, "
    "registry, inspector (issued by the authority) or technician (by a registry).": (
        "ROLE 为 authority（主管机关）、manufacturer（制造商），二者自签；或加 --issuer 为 "
        "station（检定站）、registry（登记机构）、inspector（检查员），由主管机关签发；或 "
        "technician（技术员），由登记机构签发。"
    ),
    "By default the issuer's; without an issuer p256.": "默认与签发者相同；没有签发者时为 p256。",
    "Show a credential file, a trust statement or a trust file.": (
        "查看证书文件、信任声明或信任文件。"
    ),
    "As an authority, sign a trust statement for the whole fleet. It replaces the one before.": (
        "主管机关为全部封印签署信任声明。新声明取代以前的声明。"
    ),
    "The authority's key and credential.": "主管机关的密钥和证书。",
    "Higher than that of any statement before.": "须大于以前任何声明的版本。",
    "A .cred file whose holder is revoked.": "一份 .cred 文件，其持有人被吊销。",
    "The lowest generation accepted from an issuer.": "接受某签发者所签证书的最低代次。",
    "Use a key that is in a token already: PREFIX.pkcs11 says where it is from now on.": (
        "使用令牌中已有的密钥：由 PREFIX.pkcs11 指明其所在。"
    ),
    "Beside PREFIX.cred it must be that credential's key; without one, PREFIX.pub is written, to "
    "send to whoever issues the credential. No PIN is needed.": (
        "已有 PREFIX.cred 时，须为该证书的密钥；没有时写出 PREFIX.pub，交给签发者。不需要 PIN。"
    ),
    "Put anchors and statement into the trust file that `sealkit verify` needs.": (
        "将根证书和信任声明写入 `sealkit verify` 所需的信任文件。"
    ),
    "The authority's .cred file.": "主管机关的 .cred 文件。",
    "A .cred file.": "制造商的 .cred 文件。",
    "The current trust statement.": "现行的信任声明。",
    "Say whether a credential holds today, under the authority of a trust file.": (
        "按信任文件中的主管机关，检查证书今天是否有效。"
    ),
    "The trust file.": "信任文件。",
    # Seals and orders.
    "List the serial ports, with the names that survive replugging.": (
        "列出串行端口，以及重新插拔后不变的固定名称。"
    ),
    "Show number, firmware, state, clock, heads and counters of the seal at SPEC.": (
        "显示 SPEC 处封印的编号、固件、状态、时钟、链末端和计数器。"
    ),
    "What is shown here is not signed; `sealkit verify` judges what is.": (
        "此处显示的内容未经签名；经签名的内容由 `sealkit verify` 核验。"
    ),
    "Show the buffers that a seal must hold in memory, and their sum (SPEC.md M-1).": (
        "列出封印须在内存中保留的缓冲区及其合计（SPEC.md M-1）。"
    ),
    "As its maker, bind a seal's number to its key: issue its credential and install it.": (
        "制造商将封印编号与其密钥绑定：签发证书并装入封印。"
    ),
    "Install the authority in a new seal, once: it then obeys that authority's people.": (
        "为新封印登记主管机关，只能一次：此后只服从该机关的人员。"
    ),
    "The authority's credential as the seal's maker endorsed it.": (
        "主管机关的证书，须经封印制造商背书。"
    ),
    "A signer's key in a token, pkcs11:...; not needed where a PREFIX.pkcs11 has it.": (
        "签署者在令牌中的密钥，pkcs11:...；有 PREFIX.pkcs11 时可省。"
    ),
    "The station's key and credential.": "检定站的密钥和证书。",
    "Do not ask.": "不询问。",
    "Show what would be done and stop.": "只显示将要做什么，不执行。",
    "Write the order to a file instead of giving it: for whoever signs next.": (
        "把指令写入文件而不下达，交下一位签署者。"
    ),
    "Seal the parameters of the taximeter that the seal at SPEC watches.": (
        "加封 SPEC 处封印所监视的计价器参数。"
    ),
    "Tariff and identity are read from the meter: through the seal, and with --meter directly as "
    "well. Everything is shown, old beside new, before anybody signs. A change of the tariff "
    "alone may be signed by the station alone.": (
        "运价和身份从计价器读取：经封印读取；加 --meter 时还直接读取。签署之前，全部参数新旧对照"
        "显示。仅调整运价时，可由检定站单独签署。"
    ),
    "What is sealed besides what the meter tells: see --template.": (
        "作业单：计价器所报以外要加封的内容，见 --template。"
    ),
    "SPEC of the meter's own line, to read it directly.": "计价器自己线路的 SPEC，用来直接读取。",
    "Print a job file to fill in.": "输出作业单模板，供填写。",
    "The technician's key and credential.": "技术员的密钥和证书。",
    "Confirm a verification that changed nothing: the seal stays sealed.": (
        "确认检定，参数未变：封印保持加封。"
    ),
    "A job file with a [calibration] table.": "作业单，须有 [calibration] 表。",
    "The inspector's key and credential.": "检查员的密钥和证书。",
    "Open a sealed seal; technician and station sign, and say why.": (
        "启封已加封的封印；由技术员和检定站签署，并写明理由。"
    ),
    "One of periodic_verification, repair, tyre_change, tariff_change, meter_replaced, "
    "vehicle_replaced, tamper_investigated, seal_replaced, other.": (
        "理由类别：periodic_verification 周期检定、repair 维修、tyre_change 更换轮胎、"
        "tariff_change 运价调整、meter_replaced 更换计价器、vehicle_replaced 更换车辆、"
        "tamper_investigated 已查明破封原因、seal_replaced 更换封印、other 其他。"
    ),
    "Why, in a sentence; it stays for ever.": "理由，用一句话写明；将永久保留。",
    "Clear a broken seal; technician and station sign, and say why. It is then open.": (
        "清除破封状态；由技术员和检定站签署，并写明理由。清除后封印处于未加封状态。"
    ),
    "Correct the clock by at most 120 seconds in seven days, standing still; one signature.": (
        "校时，七天内累计不超过 120 秒，须静止；一人签署。"
    ),
    "By how much; by default, to ours.": "校正多少秒；默认校至本机时间。",
    "Set the clock of a seal that lost it, to this computer's time; two signatures.": (
        "为丢失时间的封印恢复时钟，设为本机时间；两人签署。"
    ),
    "Show the seal's clock beside this computer's.": "对照显示封印的时钟和本机时间。",
    "Carry the authority's trust statement to a seal: from then on it refuses the revoked.": (
        "把主管机关的信任声明送入封印：此后封印拒绝已吊销的人员。"
    ),
    "The authority's trust statement.": "主管机关的信任声明。",
    "The registry's key and credential.": "登记机构的密钥和证书。",
    "Acknowledge the journal of an exported file, so that the seal may make room.": (
        "确认收妥已导出的日志，以便封印腾出空间。"
    ),
    "Keep the file: after that it is the only place where those records are.": (
        "请保存好导出文件：此后这些记录只存在于该文件中。"
    ),
    "End a seal's life: a last evidence, then its key is destroyed. There is no way back.": (
        "报废封印：给出最后一份证据，然后销毁密钥。不可恢复。"
    ),
    "Show, sign and send an order that was carried here in a file.": (
        "查看、签署、发送以文件传递到此的指令。"
    ),
    "Ask the seal at SPEC for a challenge, for an order that a station prepares.": (
        "向 SPEC 处的封印索取质询，供检定站准备指令。"
    ),
    "It lives as long as an order's, ten minutes, and ends with the next one.": (
        "与指令中的质询一样，十分钟内有效；再次索取即失效。"
    ),
    "Give a signed order to the seal at SPEC, and read back what it did.": (
        "将签名齐全的指令下达给 SPEC 处的封印，并回读结果。"
    ),
    "Show what an order file's bytes say; what is written beside them is not believed.": (
        "查看指令文件的实际内容；文件中附带的说明不予采信。"
    ),
    "Look at an order and sign it, in its place in the file.": "查看指令并签署，签名写入该文件。",
    "The signer's key: PREFIX.pem or PREFIX.pkcs11, or pkcs11:...": (
        "签署者的密钥：PREFIX.pem、PREFIX.pkcs11 或 pkcs11:..."
    ),
    # Logs and verdicts.
    "Write evidence, log and parameters to FILE, for `sealkit verify` anywhere, offline.": (
        "将证据、日志和参数写入 FILE，供 `sealkit verify` 随处离线核验。"
    ),
    "An export that does not succeed leaves what was at FILE as it was.": (
        "导出未成功时，原有的 FILE 不变。"
    ),
    "The control chain alone: quicker on a slow line.": "只读控制链：线路慢时较快。",
    "Replace FILE if it exists.": "文件 FILE 已存在时替换。",
    "List records of a seal or an exported file: when, what, who. Nothing is verified here.": (
        "列出封印或导出文件的记录：时间、内容、人员。此处不作任何验证。"
    ),
    "First record to show.": "从第几条记录开始。",
    "Judge a seal (SPEC) now; an export or an evidence bundle as of its evidence; the text of a "
    "certificate's QR code, in a file or with --qr.": (
        "核验封印（SPEC）的现状；导出文件或证据包以其证据时间为准；也可核验二维码文本（取自核验证"
        "书），放在文件中或用 --qr 给出。"
    ),
    "Exit status: 0 intact, 7 broken, 9 undetermined; 2 for a file that is none of these. What "
    "could not be determined is never intact.": (
        "退出状态：0 完好，7 已破坏，9 无法判定；文件不属于以上任何一种时为 2。无法判定的一律不算"
        "完好。"
    ),
    "The text of a certificate's QR code instead of SPEC or a file; - reads it from stdin.": (
        "核验证书二维码的文本，代替 SPEC 或文件；- 表示从标准输入读取。"
    ),
    "What stands on the vehicle, to be compared with the QR code's.": (
        "车上的车牌号，与二维码中的比较。"
    ),
    "The trust file: anchors and statement, made with `sealkit keys trust`.": (
        "信任文件：根证书和信任声明，用 `sealkit keys trust` 生成。"
    ),
    "SPEC of the meter's own line: ask the meter too, and compare.": (
        "计价器自己线路的 SPEC：同时读取计价器并比较。"
    ),
    "An export or a bundle kept from an earlier visit: a copied or set-back seal contradicts it.": (
        "以前检查时保存的导出文件或证据包，可揭穿被复制或被回退的封印。"
    ),
    "Show every sealed parameter too.": "同时列出全部封存参数。",
    "Read the control chain alone: quicker.": "只读控制链：较快。",
    "Check, offline, that two tree heads of a station, EARLIER and LATER, are of one ledger whose "
    "past was not rewritten between them.": (
        "离线检查检定站的两个树头 EARLIER 和 LATER 属于同一账本，其间历史未被改写。"
    ),
    "A tree head is in an evidence bundle, in what `sealkit station head --json` prints, and in "
    "what the service's tree/head answers. Exit status: 0 it is one ledger, 7 its past was "
    "rewritten, or a head is forged, 9 undetermined.": (
        "树头见于证据包、`sealkit station head --json` 的输出，以及服务端 tree/head 的应答。退出"
        "状态：0 同一账本，7 历史被改写或树头系伪造，9 无法判定。"
    ),
    "The proof between them: of `sealkit station proofs --json`, or the service's "
    "tree/consistency.": (
        "两个树头之间的证明：`sealkit station proofs --json` 的输出，或服务端 tree/consistency 的"
        "应答。"
    ),
    "The station's credential, if neither file holds it.": "检定站的证书；两个文件中都没有时给出。",
    # The station's ledger.
    "Keep a ledger of a fleet's seals, judge them all, and find what only a memory finds.": (
        "管理所有封印的账本，逐一给出结论，并查出只有对照历史才能发现的问题。"
    ),
    "The ledger is an SQLite file in --dir DIR, or a PostgreSQL database: --database URL, or the "
    "environment's SEALKIT_DATABASE, where a password may stand too.": (
        "账本是 --dir DIR 中的 SQLite 文件，或 PostgreSQL 数据库：用 --database URL 或环境变量 "
        "SEALKIT_DATABASE 指明，后者可含密码。"
    ),
    "Write an evidence bundle of SEAL (such as 500-23): one file that convinces anybody.": (
        "为封印 SEAL（如 500-23）写出证据包：单个文件，足以向任何人证明。"
    ),
    "It holds the latest evidence with its log, the last verdict on it, the proof that the ledger "
    "holds it, and whatever evidence contradicts it. `sealkit verify FILE` judges it offline.": (
        "其中有最新证据及其日志、对它的最近结论、账本收有它的证明，以及与它矛盾的证据。用 "
        "`sealkit verify FILE` 可离线核验。"
    ),
    "The station that signs: its key and its credential.": "签署的检定站：其密钥和证书。",
    "Parameter groups to show, such as vehicle,tariff; the others as digests, without the log. By "
    "default all.": ("要出示的参数组，如 vehicle,tariff；其余只给摘要，且不含日志。默认出示全部。"),
    "Another evidence than the latest.": "另一份证据，而不是最新的。",
    "The file to write.": "要写入的文件。",
    "The ledger's directory.": "账本所在目录。",
    "postgresql://USER@HOST/NAME; never with a password.": (
        "postgresql://USER@HOST/NAME；不得含密码。"
    ),
    "The trust file: needed once, and again when there is a newer one.": (
        "信任文件：首次需要，有更新的信任文件时再次给出。"
    ),
    "Write a certificate that SEAL's last verification passed: a sheet to print, in Chinese and "
    "English, with a QR code that carries the signed statement.": (
        "为封印 SEAL 出具核验证书，证明最近一次核验合格。供打印，中英文对照，附有载明签名声明的二"
        "维码。"
    ),
    "Only if the last verdict is intact and rests on the latest evidence: judge the seal first "
    "with `sealkit station verify SEAL`.": (
        "仅当最近的结论为完好且以最新证据为依据：请先运行 `sealkit station verify SEAL`。"
    ),
    "Which stands first.": "哪种语言在前。",
    "A Chinese TrueType font; by default one is looked for.": "中文 TrueType 字体；默认自动查找。",
    "The PDF to write.": "要写入的 PDF 文件。",
    "Draw seals at random for an inspection, so that anybody can repeat the draw.": (
        "为检查随机抽取封印，任何人都可重复验证抽签。"
    ),
    "Give out the tree's size and root first, then choose the seed in public, such as lottery "
    "numbers (protocol/SPEC.md, 18).": (
        "请先公布树的大小和树根，再公开选定种子，例如彩票号码（protocol/SPEC.md，第 18 节）。"
    ),
    "How many.": "抽取多少。",
    "A text that nobody could know before the tree's size and root.": (
        "在公布树的大小和树根之前无人能预知的文本。"
    ),
    "Size of the tree; by default that of now.": "树的大小；默认为当前大小。",
    "Sign the head of the ledger's tree as it is now, to be given out; the ledger keeps it.": (
        "签署账本当前的树头，供对外公布；账本留存。"
    ),
    "Whoever keeps heads (as printed with --json, or in bundles) can ask for the proof that a "
    "later one continues an earlier one (`sealkit station proofs`) and check it offline (`sealkit "
    "witness`), so that the station cannot rewrite its past unseen.": (
        "保存树头者（--json 的输出，或证据包中的）可索取后一树头承接前一树头的证明（`sealkit "
        "station proofs`），并离线检查（`sealkit witness`），使检定站无法暗中改写历史。"
    ),
    "Take every export in the directory EXPORTS into the ledger, on all cores.": (
        "将目录 EXPORTS 中的导出文件全部收入账本，使用全部处理器核心。"
    ),
    "Stop it at any time and run it again: nothing is lost, nothing is taken twice. A file "
    "visits.jsonl there lists them with when, from whom and where each came; without it, every "
    "file is taken. Exit status 8 if some could not be taken.": (
        "可随时停止并重新运行：不会丢失，也不会重复收入。目录中的 visits.jsonl 逐一列明文件的时"
        "间、提交者和地点；没有它则收入全部文件。有文件未能收入时，退出状态为 8。"
    ),
    "From whom they come.": "提交者。",
    "List what is unusual in the fleet and worth a look. Leads prove nothing.": (
        "列出全部封印中值得留意的异常。线索不能证明任何事。"
    ),
    "Bring the database of an older sealkit up to date. Make a copy first.": (
        "升级旧版 sealkit 的数据库。请先备份。"
    ),
    "Prove that the tree of size SECOND continues that of size FIRST (RFC 9162, 2.1.4).": (
        "证明大小为 SECOND 的树承接大小为 FIRST 的树（RFC 9162，2.1.4）。"
    ),
    "Serve the ledger over HTTP, with a web page, until SIGTERM or Ctrl-C.": (
        "通过 HTTP 提供账本服务和网页，直至 SIGTERM 或 Ctrl-C。"
    ),
    "Everything but the public check of a certificate needs a token: `sealkit station token add`. "
    "Without --key it signs no tree heads and no certificates.": (
        "除公开核验证书外都需要令牌，用 `sealkit station token add` 创建。没有 --key 时不签署树头"
        "和核验证书。"
    ),
    "The address to listen at. Others reach it through a proxy that speaks HTTPS.": (
        "监听的地址。供他人访问时，请在前面设置支持 HTTPS 的代理。"
    ),
    "Make, list and withdraw the tokens by which the service knows its callers.": (
        "创建、列出、收回访问服务所用的令牌。"
    ),
    "Make a token for NAME and print it, once: only its digest is kept.": (
        "为 NAME 创建令牌并显示，只显示一次：账本只保存其摘要。"
    ),
    "technician: brings evidence, asks for nonces and orders. station: everything. inspector: "
    "reads and draws. monitor: metrics.": (
        "technician（技术员）：提交证据，索取随机数和指令。station（检定站）：全部权限。inspector"
        "（检查员）：查看与抽签。monitor（监控）：运行指标。"
    ),
    "What its holder may do.": "持有者的权限。",
    "How long it is good for.": "有效天数。",
    "List the tokens that were made; what they are is not kept.": (
        "列出已创建的令牌；令牌本身不作保存。"
    ),
    "End the token with this NUMBER for ever; see `sealkit station token list`.": (
        "永久收回编号为 NUMBER 的令牌；编号见 `sealkit station token list`。"
    ),
    "Judge SEALS (numbers such as 500-23), or all, on what the ledger holds; verdicts are kept.": (
        "按账本对 SEALS（编号如 500-23）或全部封印作出结论，并存入账本。"
    ),
    "Of SEALS that are named every finding is told, with what to do.": (
        "指名的封印逐项列出发现及处理办法。"
    ),
    "With --all, seals that were judged since anything came are not judged again, so that it can "
    "be stopped and goes on. Exit status 0 if all are intact, 7 if some are broken, else 9.": (
        "加 --all 时，上次判断后没有新材料的封印不再判断，因此可随时停止，再接着运行。全部完好时"
        "退出状态为 0，有已破坏的为 7，否则为 9。"
    ),
    "Judge every seal in the ledger.": "判断账本中的全部封印。",
    # The taximeter.
    "Read a taximeter; decode its frames (JT/T 905.2).": "读取计价器，解析数据帧（JT/T 905.2）。",
    "Ask the taximeter at SPEC a COMMAND of its maker, as the profile describes it.": (
        "向 SPEC 处的计价器发送厂商命令 COMMAND，格式见厂商配置。"
    ),
    "NAME=VALUE gives the fields of the request, if it has any: whole numbers in the field's "
    "unit, text, or hex for bytes.": (
        "请求若有字段，用 NAME=VALUE 给出：整数（以字段的单位计）、文本，或十六进制字节。"
    ),
    "A file in TOML that describes a maker's commands; may be given more than once.": (
        "描述厂商命令的 TOML 文件（厂商配置）；可多次给出。"
    ),
    "Seconds for one attempt.": "每次尝试的秒数。",
    "How often to ask again.": "重试次数。",
    "Rate of the line, whatever SPEC says.": "线路的波特率，优先于 SPEC 中所写。",
    "Check a taximeter's calibration (JJG 517): distance from -4.0 % to +1.0 %, waiting time.": (
        "检定计价器（JJG 517）：里程误差 -4.0 % 至 +1.0 %，以及等候时间。"
    ),
    "The job of SEAL or CONFIRM names the sheet by its digest. Exit status: 0 passed, 7 out of "
    "tolerance.": (
        "加封（seal）或确认（confirm）的作业单以摘要引用结果单。退出状态：0 合格，7 超出允许误差。"
    ),
    "A simulated taxi that is put on a roller: sim:DIR.": "放在滚筒上的模拟出租车：sim:DIR。",
    "A file with the values of a real bench; see --template.": (
        "填有真实检定装置数值的文件，见 --template。"
    ),
    "Print such a file, to be filled in.": "输出该文件的模板，供填写。",
    "Runs on the roller; each of them hires the meter.": (
        "滚筒上运行的次数；每次都使计价器进入重车。"
    ),
    "Jumps of the display in a run on the roller, each of them a point.": (
        "每次运行中显示金额跳变的次数，每次跳变为一个检定点。"
    ),
    "The seal's suite, whose digest the sheet has.": "封印的密码套件，决定结果单的摘要。",
    "Keep the sheet here: the bytes that have the digest.": (
        "将结果单存入此文件，其字节即摘要所对应的内容。"
    ),
    "Explain one frame, given in hex.": "解析一帧数据，以十六进制给出。",
    "List the frames in FILE, as `sealkit meter record` wrote it, and what they say.": (
        "列出 `sealkit meter record` 所录 FILE 中的数据帧及其内容。"
    ),
    "Read who the taximeter at SPEC is, and its fare parameters.": (
        "读取 SPEC 处计价器的身份和运价参数。"
    ),
    "Record what goes over the line at SPEC into a new FILE, with times; nothing is sent.": (
        "录制 SPEC 线路上的数据及时间，写入新文件 FILE；不发送任何内容。"
    ),
    "Ctrl-C ends it before its time. FILE gets JSON lines, and at most 128 MiB of the line.": (
        "按 Ctrl-C 可提前结束。FILE 为 JSON 行，最多录制 128 MiB 线路数据。"
    ),
    "A second port, on the wire that the terminal sends on; SPEC then hears the meter alone.": (
        "第二个端口，接在终端的发送线上；此时 SPEC 只听计价器。"
    ),
    "How long to listen.": "录制多久，以秒计。",
    "Collect the trip records of the taximeter at SPEC, the last one first asked for.": (
        "采集 SPEC 处计价器的营运记录，从最近的记录开始。"
    ),
    "Without --from, until 20 numbers in a row are empty. --out writes JSON, or CSV with --csv, "
    "for `sealkit audit trips`.": (
        "未给出 --from 时，读到连续 20 个序号没有记录为止。--out 写出 JSON（加 --csv 为 CSV），供 "
        "`sealkit audit trips` 使用。"
    ),
    "First trip number to ask for.": "从哪个营运序号开始读取。",
    "Write the records to this file.": "将记录写入此文件。",
    "Replace the file if it exists.": "文件已存在时替换。",
    "Print CSV for spreadsheets.": "输出供电子表格使用的 CSV。",
    # On a bench.
    "Try whether a seal does what SPEC.md says; read what such a run found.": (
        "测试封印是否符合 SPEC.md；查看测试结果。"
    ),
    "Run a simulated bench, seal, meter and rig as processes, until it is interrupted.": (
        "将模拟台架、封印、计价器和台架控制器作为进程运行，直至被中断。"
    ),
    "Prints one line of JSON with their spec strings, the seal's number, and where its maker's "
    "keys are; their passphrase is `simulated`.": (
        "输出一行 JSON：各设备写法、封印编号及制造商密钥的目录；密钥的口令为 `simulated`。"
    ),
    "Try whether the cases find faulty seals; exit with 8 if one is not caught.": (
        "检验用例能否查出有缺陷的封印；有一个未查出时退出状态为 8。"
    ),
    "Caught is a fault when a case fails and names a rule that the fault breaks.": (
        "用例未通过，且指出该缺陷所违反的条款，才算查出。"
    ),
    "Only this one; may repeat.": "只测这一个；可重复给出。",
    "Name the faults and try none.": "只列出缺陷名称，不测试。",
    "List the cases and the rules of SPEC.md that they judge.": (
        "列出用例及其所判定的 SPEC.md 条款。"
    ),
    "Only cases whose names fit.": "只列出或运行名称相符的用例。",
    "Show what a run recorded, frame by frame and field by field.": (
        "逐帧逐项显示测试中录制的内容。"
    ),
    "Only cases whose names have these.": "只显示名称含有这些词的用例。",
    "Show a report that a run wrote as JSON; check its signature if FILE.sig is there.": (
        "查看测试写出的 JSON 报告；有 FILE.sig 时检查其签名。"
    ),
    "Write it as one HTML page.": "写成一个 HTML 网页。",
    "Run the cases; exit with 0 if none failed, 8 if some did, 9 if it was cut short or all were "
    "skipped.": ("运行用例。全部通过时退出状态为 0，有未通过的为 8，中途停止或全部跳过为 9。"),
    "The seal; without it one is simulated.": "被测封印；不给出时使用模拟封印。",
    "MAKER-SERIAL of the seal, for certain.": "被测封印的编号，写作 制造商-编号，以免认错。",
    "The terminal's line of the meter beside the seal.": "封印旁的计价器与终端之间的线路。",
    "The seal's own line: the suite is its meter.": "封印自己的线路：由测试程序充当计价器。",
    "The rig controller, or `ask` for an operator.": "台架控制器，或用 `ask` 由操作员代替。",
    "The trust file that has the test anchor.": "含有测试根证书的信任文件。",
    "Where the test maker's manufacturer.pem is.": "测试制造商的 manufacturer.pem 所在目录。",
    "A planted fault of the simulated seal.": "植入模拟封印的人为缺陷。",
    "A case that this bench cannot do has failed.": "台架做不到的用例算作未通过。",
    "Stop at the first case that fails.": "有用例未通过即停止。",
    "Explore other sequences of orders and events.": "探索指令与事件的其他次序。",
    "Write all traffic to this file (pcapng).": "将全部通信写入此文件（pcapng）。",
    "Write JUnit XML.": "写出 JUnit XML。",
    "Write the report as JSON.": "将报告写成 JSON。",
    "Write the report as one HTML page.": "将报告写成一个 HTML 网页。",
    "Who signs the JSON report: PREFIX.pem.": "签署 JSON 报告的人：PREFIX.pem。",
    # The audit of trips.
    "Hold what a taximeter recorded against what is sealed.": "用加封的内容核查计价器的记录。",
    "Say which trips in FILE cost what the tariff does not allow, overlap or are missing.": (
        "找出 FILE 中收费不符运价、互相重叠或缺少的营运记录。"
    ),
    "FILE is what `sealkit meter trips --out` wrote, JSON or CSV. Exit status 7 if something lies "
    "outside; 9 if something could not be determined, or the tariff is only the meter's own "
    "word.": (
        "文件 FILE 由 `sealkit meter trips --out` 写出，JSON 或 CSV。有超出范围的记录时退出状态为 "
        "7；有无法判定的，或运价仅由计价器自报时为 9。"
    ),
    "The sealed tariff: a file of `sealkit log export` (verify it first), or the 127 bytes of "
    "fare parameters in hex.": (
        "加封的运价：`sealkit log export` 的文件（请先核验），或 127 字节运价参数的十六进制。"
    ),
    "What the meter does with less than 0.1 km; without it, what the export says was sealed, or "
    "else both are allowed for.": (
        "计价器对不足 0.1 km 的处理；不给出时按导出文件中加封的方式，否则两种都允许。"
    ),
    "What the city rounds amounts to.": "城市对金额取整的单位（分）。",
    "Speed in m/h below which the city charges waiting.": "低于该车速（m/h）时城市按等候计费。",
    "The city's surcharge for each trip, if the fare parameters do not tell it.": (
        "城市每次营运的附加费（分）；运价参数中没有时给出。"
    ),
}

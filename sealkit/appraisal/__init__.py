"""Evidence, log and trust become a verdict (SPEC.md 13). Pure: no I/O, the time is an argument.

verdict     findings, and what they add up to
trust       the verifier's anchors and statement, and the file that carries them
material    what there is to judge; from an export file
evidence    what a seal signed: evidence, checkpoint, and the credential of its key
rising      what a seal never lowers from one evidence to another
earlier     an evidence kept from before, against what the seal says now
log         both chains, link by link
orders      every order in the chain, judged again
replay      the fold of the control chain, with all that is wrong on the way
tampering   breaks in words
meaning     the semantic layer
policy      the policy layer
station     what a station signed: tree heads, attestations
attestation the text of a QR code
bundle      the material in an evidence bundle
vouching    what a bundle's station says, against what the verifier finds
appraise    all of it together
"""

from sealkit.appraisal.appraise import appraise
from sealkit.appraisal.bundle import from_bundle
from sealkit.appraisal.material import Material, from_export
from sealkit.appraisal.policy import Policy
from sealkit.appraisal.trust import TrustBundle
from sealkit.appraisal.verdict import Conclusion, Finding, Verdict

__all__ = [
    "Conclusion",
    "Finding",
    "Material",
    "Policy",
    "TrustBundle",
    "Verdict",
    "appraise",
    "from_bundle",
    "from_export",
]

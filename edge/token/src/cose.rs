//! The envelope: a CWT (RFC 8392 §6, tag 61) in COSE_Mac0 (tag 17) or COSE_Sign1 (tag 18) (RFC 9052).

use crate::cbor::{BYTES, CborReader, CborWriter};
use crate::key::{Algorithm, Key, MAX_KID_BYTES};
use crate::refusal::Reason;

const CWT: u64 = 61;
const MAC0: u64 = 17;
const SIGN1: u64 = 18;
/// Header labels (RFC 9052 §3.1).
const ALG: i64 = 1;
const KID: i64 = 4;
/// A MAC has 32 bytes, a signature 64.
const MAX_PROOF_BYTES: usize = 64;
const MAX_PROTECTED_BYTES: usize = MAX_KID_BYTES + 8;

/// The parts of a message, borrowed from its bytes. Nothing in it is authentic before [`Envelope::check`].
#[derive(Debug)]
pub(crate) struct Envelope<'a> {
    pub algorithm: Algorithm,
    pub kid: Option<&'a [u8]>,
    pub payload: &'a [u8],
    protected: &'a [u8],
    proof: &'a [u8],
}

#[derive(Default)]
struct Headers<'a> {
    algorithm: Option<Algorithm>,
    kid: Option<&'a [u8]>,
}

impl<'a> Envelope<'a> {
    /// Reads exactly one tagged CWT.
    pub fn read_cwt(bytes: &'a [u8]) -> Result<Self, Reason> {
        let mut reader = CborReader::new(bytes);
        if reader.tag() != Ok(CWT) {
            return Err(Reason::Envelope);
        }
        let envelope = Envelope::read(&mut reader)?;
        reader.end()?;
        Ok(envelope)
    }

    /// Reads one tagged COSE_Mac0 or COSE_Sign1.
    fn read(reader: &mut CborReader<'a>) -> Result<Self, Reason> {
        let tag = reader.tag().map_err(|_| Reason::Envelope)?;
        if ![MAC0, SIGN1].contains(&tag) || reader.array(4)? != 4 {
            return Err(Reason::Envelope);
        }
        let protected = reader.bytes(MAX_PROTECTED_BYTES)?;
        let mut headers = Headers::default();
        if !protected.is_empty() {
            let mut inner = CborReader::new(protected);
            headers.read(&mut inner, true)?;
            inner.end()?;
        }
        headers.read(reader, false)?;
        let payload = reader.bytes(usize::MAX)?;
        let proof = reader.bytes(MAX_PROOF_BYTES)?;
        let algorithm = headers.algorithm.ok_or(Reason::Algorithm)?;
        if tag != structure(algorithm).0 {
            return Err(Reason::Algorithm);
        }
        Ok(Envelope { algorithm, kid: headers.kid, payload, protected, proof })
    }

    /// Checks MAC or signature over the bytes as received.
    pub fn check(&self, key: &Key) -> Result<(), Reason> {
        if key.algorithm() != self.algorithm {
            return Err(Reason::Algorithm);
        }
        key.check(&to_be_proven(self.algorithm, self.protected, self.payload), self.proof)
    }
}

impl<'a> Headers<'a> {
    /// alg counts only where it is protected; kid may stand in either map, once.
    fn read(&mut self, reader: &mut CborReader<'a>, protected: bool) -> Result<(), Reason> {
        for _ in 0..reader.map(2)? {
            match reader.int()? {
                ALG if protected && self.algorithm.is_none() => {
                    let id = reader.int().map_err(|_| Reason::Algorithm)?;
                    self.algorithm = Some(Algorithm::from_cose(id).ok_or(Reason::Algorithm)?);
                }
                KID if self.kid.is_none() && reader.peek()? == BYTES => {
                    self.kid = Some(reader.bytes(MAX_KID_BYTES)?);
                }
                _ => return Err(Reason::Header),
            }
        }
        Ok(())
    }
}

/// The COSE tag and the context string of an algorithm's structure.
fn structure(algorithm: Algorithm) -> (u64, &'static str) {
    match algorithm {
        Algorithm::Hs256 => (MAC0, "MAC0"),
        Algorithm::Es256 => (SIGN1, "Signature1"),
    }
}

/// MAC_structure (RFC 9052 §6.3) or Sig_structure (§4.4), without external data.
fn to_be_proven(algorithm: Algorithm, protected: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut w = CborWriter::default();
    w.array(4).text(structure(algorithm).1).bytes(protected).bytes(&[]).bytes(payload);
    w.finish()
}

/// A CWT of `payload`, kid protected; `None` if the key can only verify.
pub(crate) fn seal_cwt(payload: &[u8], key: &Key) -> Option<Vec<u8>> {
    let mut headers = CborWriter::default();
    headers.map(2).int(ALG).int(key.algorithm().cose()).int(KID).bytes(key.kid().as_bytes());
    let protected = headers.finish();
    let proof = key.prove(&to_be_proven(key.algorithm(), &protected, payload))?;
    let mut w = CborWriter::default();
    w.tag(CWT).tag(structure(key.algorithm()).0).array(4);
    w.bytes(&protected).map(0).bytes(payload).bytes(&proof);
    Some(w.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cbor::CborFault;
    use data_encoding::HEXLOWER_PERMISSIVE as HEX;

    fn hex(text: &str) -> Vec<u8> {
        HEX.decode(text.as_bytes()).unwrap()
    }

    /// COSE working group, Examples, mac0-tests/HMac-01.json.
    #[test]
    fn published_mac0_vector() {
        let message = hex(concat!(
            "D18443A10105A054546869732069732074686520636F6E74656E742E5820",
            "A1A848D3471F9D61EE49018D244C824772F223AD4F935293F1789FC3A08D8C58"
        ));
        let secret = hex("849B57219DAE48DE646D07DBB533566E976686457C1491BE3A76DCEA6C427188");
        let key = Key::hmac("our-secret", &secret).unwrap();
        let envelope = Envelope::read(&mut CborReader::new(&message)).unwrap();
        assert_eq!(envelope.payload, b"This is the content.");
        assert_eq!(
            to_be_proven(Algorithm::Hs256, envelope.protected, envelope.payload),
            hex("84644D41433043A101054054546869732069732074686520636F6E74656E742E")
        );
        assert_eq!(envelope.check(&key), Ok(()));
        let other = Key::hmac("our-secret", &[0; 32]).unwrap();
        assert_eq!(envelope.check(&other), Err(Reason::Signature));
    }

    /// RFC 8392 Appendix A.3, a CWT in COSE_Sign1 under the key of A.2.3.
    #[test]
    fn published_sign1_vector() {
        let message = hex(concat!(
            "d28443a10126a104524173796d6d657472696345434453413235365850a701756",
            "36f61703a2f2f61732e6578616d706c652e636f6d02656572696b77037818636f",
            "61703a2f2f6c696768742e6578616d706c652e636f6d041a5612aeb0051a5610d",
            "9f0061a5610d9f007420b7158405427c1ff28d23fbad1f29c4c7c6a555e601d6f",
            "a29f9179bc3d7438bacaca5acd08c8d4d4f96131680c429a01f85951ecee743a5",
            "2b9b63632c57209120e1c9e30"
        ));
        let x = hex("143329cce7868e416927599cf65a34f3ce2ffda55a7eca69ed8919a394d42f0f");
        let y = hex("60f7f1a780d8a783bfb7a2dd6b2796e8128dbbcef9d3d168db9529971a36e7b9");
        let key = Key::ec_public("AsymmetricECDSA256", &x, &y).unwrap();
        let envelope = Envelope::read(&mut CborReader::new(&message)).unwrap();
        assert_eq!(envelope.kid, Some(&b"AsymmetricECDSA256"[..]));
        assert_eq!(envelope.check(&key), Ok(()));
        let other = Key::generate(Algorithm::Es256, "a", [3; 32]).unwrap();
        assert_eq!(envelope.check(&other), Err(Reason::Signature));
    }

    /// RFC 8392 Appendix A.4: HMAC 256/64, whose MAC has eight bytes.
    #[test]
    fn threat_7_shortened_macs_are_no_algorithm_here() {
        let message = hex("d18443a10104a04154 48b757bac3245277b9".replace(' ', "").as_str());
        assert_eq!(Envelope::read(&mut CborReader::new(&message)).unwrap_err(), Reason::Algorithm);
    }

    /// `d83d d1 84 <protected> <unprotected> 40 40`
    fn read_headers(protected: &str, unprotected: &str) -> Result<(), Reason> {
        let message = hex(&format!("d83dd184{protected}{unprotected}4040"));
        Envelope::read_cwt(&message).map(|_| ())
    }

    #[test]
    fn threats_1_3_6_headers() {
        assert_eq!(read_headers("43a10105", "a0"), Ok(()));
        assert_eq!(read_headers("40", "a0"), Err(Reason::Algorithm), "1: none");
        assert_eq!(read_headers("41a0", "a0"), Err(Reason::Algorithm), "1: empty map");
        assert_eq!(read_headers("43a10100", "a0"), Err(Reason::Algorithm), "1: reserved alg 0");
        assert_eq!(read_headers("47a10164 6e6f6e65".replace(' ', "").as_str(), "a0"), Err(Reason::Algorithm));
        assert_eq!(read_headers("43a10126", "a0"), Err(Reason::Algorithm), "3: ES256 in COSE_Mac0");
        assert_eq!(read_headers("40", "a10105"), Err(Reason::Header), "6: alg not protected");
        assert_eq!(read_headers("43a10105", "a10105"), Err(Reason::Header), "6: alg in both");
        assert_eq!(read_headers("46a10104410104", "a0"), Err(Reason::Algorithm));
        assert_eq!(read_headers("45a201050105", "a0"), Err(Reason::Header), "10: alg twice");
        assert_eq!(read_headers("46a20105044161", "a1044161"), Err(Reason::Header), "kid in both");
        assert_eq!(read_headers("46a20105028101", "a0"), Err(Reason::Header), "crit");
        assert_eq!(read_headers("43a10105", "a1046161"), Err(Reason::Header), "kid as text");
        assert_eq!(read_headers("44a1010500", "a0"), Err(Reason::Cbor(CborFault::Trailing)));
        assert_eq!(read_headers("43a10105", "a0a0"), Err(Reason::Cbor(CborFault::Type)));
    }

    #[test]
    fn threat_3_envelope_tags() {
        let with = |tags: &str| Envelope::read_cwt(&hex(&format!("{tags}8443a10105a04040"))).map(|_| ());
        assert_eq!(with("d83dd1"), Ok(()));
        assert_eq!(with("d83dd2"), Err(Reason::Algorithm), "HS256 in COSE_Sign1");
        assert_eq!(with("d83dd0"), Err(Reason::Envelope), "COSE_Encrypt0");
        assert_eq!(with("d1"), Err(Reason::Envelope), "no CWT tag");
        assert_eq!(with("d83d"), Err(Reason::Envelope), "no COSE tag");
        assert_eq!(with("d83dd83dd1"), Err(Reason::Envelope), "CWT in CWT");
        assert_eq!(with("d83dd1d1"), Err(Reason::Cbor(CborFault::Type)));
        let trailing = hex("d83dd18443a10105a0404000");
        assert_eq!(Envelope::read_cwt(&trailing).unwrap_err(), Reason::Cbor(CborFault::Trailing), "10");
    }
}

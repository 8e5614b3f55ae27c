//! A key server written from the specification, and the ways in which one may go wrong.

use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering},
};

use base64_simd::STANDARD;

use super::{document::Document, *};
use crate::{ConstantIv, PsshBox, SystemId, pssh, signalling::KeyTags};

const KEYS: [[u8; 16]; 2] = [*b"the lossy key...", *b"the lossless key"];

/// What the message names, and what is changed in an answer that is well.
type Case = (&'static str, fn(String) -> String);

/// Answers as a key server does, but for what `change` does to the answer.
struct Server {
    status: u16,
    change: fn(String) -> String,
    asked: AtomicUsize,
    document: Mutex<String>,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Server")
    }
}

fn server(status: u16, change: fn(String) -> String) -> SpekeKeys<Server> {
    SpekeKeys::new(Server { status, change, asked: AtomicUsize::new(0), document: Mutex::default() })
}

impl SpekeTransport for Server {
    fn post(&self, document: &str) -> Result<SpekeAnswer, KeyError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        document.clone_into(&mut self.document.lock().unwrap());
        let answer = if self.status == 200 { answer(document) } else { "key=the lossy key...".to_owned() };
        Ok(SpekeAnswer { status: self.status, body: (self.change)(answer).into_bytes().into() })
    }
}

/// What the server says to a document, which it reads.
fn answer(document: &str) -> String {
    let asked = Document::read(document).unwrap();
    let mut text = format!(
        "<?xml version=\"1.0\"?><cpix:CPIX contentId=\"{}\" version=\"2.4\" xmlns:cpix=\"urn:dashif:org:cpix\" \
         xmlns:pskc=\"urn:ietf:params:xml:ns:keyprov:pskc\"><cpix:ContentKeyList>",
        asked.content_id.unwrap()
    );
    for (key, bytes) in asked.keys.iter().zip(KEYS) {
        let (iv, value) = (key.explicit_iv.as_ref().unwrap(), STANDARD.encode_to_string(bytes));
        text += &format!(
            "\n<cpix:ContentKey kid=\"{}\" explicitIV=\"{iv}\" commonEncryptionScheme=\"cbcs\"><cpix:Data><pskc:Secret>\
             <pskc:PlainValue>{value}</pskc:PlainValue></pskc:Secret></cpix:Data></cpix:ContentKey>",
            key.kid
        );
    }
    text += "</cpix:ContentKeyList><cpix:DRMSystemList>";
    for system in &asked.systems {
        let kid: KeyId = system.kid.parse().unwrap();
        let tags = KeyTags::of_key(&kid, false);
        let boxes = pssh::of_key(&kid, false);
        let widevine = pssh::widevine_box(&kid);
        // Apple, Widevine, PlayReady
        let (place, pssh) = match system.id.as_str() {
            "94ce86fb-07ff-4f43-adb8-93d2fa968ca2" => (0, None),
            "edef8ba9-79d6-4ace-a3c8-27dcd51d21ed" => (1, Some(&boxes[..widevine.len()])),
            "9a04f079-9840-4286-ab92-e65be0885f95" => (2, Some(&boxes[widevine.len()..])),
            other => panic!("{other}"),
        };
        let code = |text: &str| STANDARD.encode_to_string(text);
        text += &format!("<cpix:DRMSystem kid=\"{kid}\" systemId=\"{}\">", system.id);
        text += &pssh.map_or_else(String::new, |pssh| {
            format!("<cpix:PSSH>{}</cpix:PSSH><cpix:ContentProtectionData/>", STANDARD.encode_to_string(pssh))
        });
        text += &format!(
            "<cpix:HLSSignalingData playlist=\"media\">{}</cpix:HLSSignalingData><cpix:HLSSignalingData \
             playlist=\"master\">{}</cpix:HLSSignalingData></cpix:DRMSystem>",
            code(&format!("{}\n", tags.media[place])),
            code(&tags.session[place])
        );
    }
    text + "</cpix:DRMSystemList></cpix:CPIX>\n"
}

fn request(clear_key: bool) -> KeyRequest {
    KeyRequest { content: "INNDA2600001".to_owned(), key_version: 1, clear_key }
}

#[test]
fn both_keys_come_back_with_what_players_are_told() {
    for clear_key in [false, true] {
        let source = server(200, |answer| answer);
        let keys = source.keys(&request(clear_key)).unwrap();
        assert_eq!(keys.ids(), source.key_ids(&request(clear_key)));
        for (tier, key) in Tier::ALL.into_iter().zip(KEYS) {
            let of = keys.of(tier);
            assert_eq!((of.key.expose(), of.iv), (&key, ConstantIv::of(&of.id)));
            // what the server says is what we would say
            assert_eq!(of.pssh, pssh::of_key(&of.id, clear_key));
            assert_eq!(of.tags, KeyTags::of_key(&of.id, clear_key));
        }
        let asked = source.transport.document.lock().unwrap().clone();
        assert!(
            asked.contains("version=\"2.4\"") && asked.contains("commonEncryptionScheme=\"cbcs\""),
            "{asked}"
        );
        for part in ["<cpix:AudioFilter/>", "AUDIO_LOSSY", "AUDIO_LOSSLESS", "contentId=\"INNDA2600001\""] {
            assert!(asked.contains(part), "{part}");
        }
        assert_eq!(source.transport.asked.load(Ordering::Relaxed), 1);
    }
}

#[test]
fn names_are_known_without_asking_and_are_nobodys_else() {
    let source = server(200, |answer| answer);
    let ids = source.key_ids(&request(false));
    assert_eq!(ids, source.key_ids(&request(true)));
    assert_ne!(ids.lossy, ids.lossless);
    assert_ne!(ids, source.key_ids(&KeyRequest { key_version: 2, ..request(false) }));
    assert_ne!(ids, source.key_ids(&KeyRequest { content: "b".to_owned(), ..request(false) }));
    assert_eq!(source.transport.asked.load(Ordering::Relaxed), 0);
}

#[test]
fn each_fault_of_an_answer_is_told_and_no_key_with_it() {
    /// The nth of `from`, counted from 0, replaced.
    fn nth(text: &str, from: &str, n: usize, to: &str) -> String {
        let (at, _) = text.match_indices(from).nth(n).unwrap_or_else(|| panic!("no {from}"));
        format!("{}{to}{}", &text[..at], &text[at + from.len()..])
    }
    fn plain(text: String, value: &[u8]) -> String {
        text.replace(&STANDARD.encode_to_string(KEYS[0]), &STANDARD.encode_to_string(value))
    }
    let cases: &[Case] = &[
        ("contentId is not INNDA2600001", |a| a.replace("INNDA2600001", "INNDA2600002")),
        ("contentId is not", |a| a.replace(" contentId=\"INNDA2600001\"", "")),
        ("it has 15 bytes, not 16", |a| plain(a, b"the lossy key..")),
        ("it has 32 bytes, not 16", |a| plain(a, &[KEYS[0], KEYS[0]].concat())),
        ("all zeros", |a| plain(a, &[0; 16])),
        ("both keys are the same", |a| plain(a, &KEYS[1])),
        ("no base64", |a| a.replace("<pskc:PlainValue>", "<pskc:PlainValue>!")),
        ("no PlainValue", |a| a.replace("PlainValue", "OtherValue")),
        ("it is encrypted", |a| nth(&a, "<pskc:PlainValue>", 0, "<pskc:EncryptedValue/><pskc:PlainValue>")),
        ("(lossy): it is not there", |a| nth(&a, "<cpix:ContentKey kid=\"", 0, "<cpix:ContentKey kid=\"0")),
        ("(lossless): it is not there", |a| {
            nth(&a, "<cpix:ContentKey kid=\"", 1, "<cpix:ContentKey kid=\"0")
        }),
        ("it stands twice", |a| {
            let first = a.find("\n<cpix:ContentKey ").unwrap();
            let end = a[first..].find("</cpix:ContentKey>").unwrap() + first + "</cpix:ContentKey>".len();
            format!("{}{}{}", &a[..end], &a[first..end], &a[end..])
        }),
        ("another IV", |a| nth(&a, "explicitIV=\"", 0, "explicitIV=\"AAAAAAAAAAAAAAAAAAAAAA==\" o=\"")),
        ("not for cbcs", |a| nth(&a, "\"cbcs\"", 0, "\"cenc\"")),
        ("no DRMSystem of Widevine", |a| a.replace("edef8ba9", "edef8ba8")),
        ("no DRMSystem of PlayReady", |a| a.replace("9a04f079", "9a04f078")),
        ("no DRMSystem of FairPlay", |a| a.replace("94ce86fb", "94ce86fa")),
        ("Widevine: it has no PSSH", |a| {
            nth(&a, "<cpix:PSSH>", 0, "<cpix:PSSH/><cpix:Other>").replacen("</cpix:PSSH>", "</cpix:Other>", 1)
        }),
        ("not one pssh box", |a| nth(&a, "<cpix:PSSH>AAAA", 0, "<cpix:PSSH>AAAB")),
        ("of another system", |a| {
            let other = PsshBox { system: SystemId::PlayReady.as_bytes(), key_ids: Vec::new(), data: &[1] };
            let end = a.find("</cpix:PSSH>").unwrap();
            let start = a.find("<cpix:PSSH>").unwrap() + "<cpix:PSSH>".len();
            format!("{}{}{}", &a[..start], STANDARD.encode_to_string(other.encode()), &a[end..])
        }),
        ("of another key", |a| {
            let key_ids = vec![KeyId::from_bytes([7; 16])];
            let other = PsshBox { system: SystemId::Widevine.as_bytes(), key_ids, data: &[1] };
            let end = a.find("</cpix:PSSH>").unwrap();
            let start = a.find("<cpix:PSSH>").unwrap() + "<cpix:PSSH>".len();
            format!("{}{}{}", &a[..start], STANDARD.encode_to_string(other.encode()), &a[end..])
        }),
        ("no HLSSignalingData for the master playlist", |a| {
            nth(&a, "playlist=\"master\"", 0, "playlist=\"none\"")
        }),
        ("is not one line", |a| {
            signalled(&a, "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"skd://a\"\n#EXT-X-ENDLIST")
        }),
        ("METHOD=SAMPLE-AES", |a| signalled(&a, "#EXT-X-KEY:METHOD=AES-128,URI=\"https://keys/\"")),
        ("another KEYFORMAT", |a| {
            signalled(&a, "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"skd://a\",KEYFORMAT=\"identity\"")
        }),
        ("no XML", |a| a.replace("</cpix:ContentKeyList>", "</cpix:Other>")),
        ("ends in the middle", |a| a[..a.rfind("</cpix:CPIX>").unwrap()].to_owned()),
        ("DOCTYPE", |a| a.replace("<cpix:CPIX", "<!DOCTYPE a [<!ENTITY b \"c\">]><cpix:CPIX")),
        ("no XML", |a| a[..a.len() - 20].to_owned()),
        ("no CPIX", |_| "<html><body>the lossy key...</body></html>".to_owned()),
        ("follows the document", |a| format!("{a}<again/>")),
        ("in the middle", |_| String::new()),
    ];
    for (index, (part, change)) in cases.iter().enumerate() {
        let Err(error) = server(200, *change).keys(&request(false)) else { panic!("case {index}: {part}") };
        let message = error.to_string();
        assert!(message.contains(part), "case {index}: {part}: {message}");
        for key in KEYS {
            let text = String::from_utf8(key.to_vec()).unwrap();
            assert!(
                !message.contains(&text) && !message.contains(&STANDARD.encode_to_string(key)),
                "{message}"
            );
        }
    }
}

#[test]
fn an_answer_that_is_cut_or_garbled_anywhere_is_never_half_used() {
    let whole = {
        let source = server(200, |answer| answer);
        let ids = source.key_ids(&request(false));
        answer(&request::document(&request(false), &ids))
    };
    let ids = server(200, |answer| answer).key_ids(&request(false));
    let read = |text: &[u8]| answer::read(text, &request(false), &ids);
    let right = read(whole.as_bytes()).unwrap();
    let end = whole.rfind("</cpix:CPIX>").unwrap() + "</cpix:CPIX>".len();
    for cut in 0..end {
        assert!(read(&whole.as_bytes()[..cut]).is_err(), "{cut}");
    }
    for at in 0..whole.len() {
        let mut garbled = whole.clone().into_bytes();
        garbled[at] ^= 1;
        // a byte of a key or of a vendor's data is whatever it is; names, numbers and systems are not
        if let Ok(keys) = read(&garbled) {
            assert_eq!(keys.ids(), right.ids(), "{at}");
            assert_eq!((keys.lossy.iv, keys.lossy.tags.media.len()), (right.lossy.iv, 3), "{at}");
        }
    }
}

/// The first tag for media playlists, replaced.
fn signalled(answer: &str, tag: &str) -> String {
    let name = "playlist=\"media\">";
    let start = answer.find("94ce86fb").unwrap();
    let start = answer[start..].find(name).unwrap() + start + name.len();
    let end = answer[start..].find('<').unwrap() + start;
    format!("{}{}{}", &answer[..start], STANDARD.encode_to_string(tag), &answer[end..])
}

#[test]
fn statuses_say_who_must_act() {
    for (status, expected) in [
        (401, KeyError::Refused(401)),
        (403, KeyError::Refused(403)),
        (404, KeyError::Status(404)),
        (422, KeyError::Status(422)),
        (301, KeyError::Status(301)),
        (429, KeyError::Unavailable(429)),
        (500, KeyError::Unavailable(500)),
        (503, KeyError::Unavailable(503)),
    ] {
        let error = server(status, |answer| answer).keys(&request(false)).unwrap_err();
        assert!(!error.to_string().contains("lossy key"), "{error}");
        assert_eq!(error, expected);
    }
    let not_text = SpekeKeys::new(Broken);
    assert!(matches!(not_text.keys(&request(false)), Err(KeyError::Answer(why)) if why.contains("UTF-8")));
}

/// Answers with bytes that are no text.
#[derive(Debug)]
struct Broken;

impl SpekeTransport for Broken {
    fn post(&self, _: &str) -> Result<SpekeAnswer, KeyError> {
        Ok(SpekeAnswer { status: 200, body: vec![0xff, 0xfe].into() })
    }
}

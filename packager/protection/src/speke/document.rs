//! A CPIX document as a key server writes it: what of it counts here.

use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};
use zeroize::Zeroizing;

/// What a document says.
#[derive(Default)]
pub struct Document {
    pub content_id: Option<String>,
    pub keys: Vec<Key>,
    pub systems: Vec<System>,
}

/// `ContentKey`.
#[derive(Default)]
pub struct Key {
    pub kid: String,
    pub scheme: Option<String>,
    pub explicit_iv: Option<String>,
    /// `PlainValue`, in base64.
    pub plain: Option<Zeroizing<String>>,
    /// Whether the key is encrypted, which is not asked for.
    pub encrypted: bool,
}

/// `DRMSystem`.
#[derive(Default)]
pub struct System {
    pub kid: String,
    pub id: String,
    /// `PSSH`, in base64.
    pub pssh: Option<String>,
    /// `HLSSignalingData` of media playlists and of the multivariant one, in base64.
    pub media: Option<String>,
    pub master: Option<String>,
}

/// More keys or systems are nobody's answer to two.
const MOST: usize = 64;

/// Where text belongs.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Nowhere,
    Plain,
    Pssh,
    Media,
    Master,
}

impl Document {
    /// Reads a document. What is wrong with its grammar is told by the place alone: it may hold keys.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut reader = Reader::from_str(text);
        let (mut read, mut place, mut in_key, mut depth, mut ended) =
            (Self::default(), Place::Nowhere, false, 0_u32, false);
        loop {
            let event = reader.read_event();
            let at = reader.buffer_position();
            let event = event.map_err(|_| format!("it is no XML from byte {at} on"))?;
            let opens = matches!(event, Event::Start(_));
            match event {
                Event::Start(start) | Event::Empty(start) => {
                    if ended {
                        return Err(format!("something follows the document at byte {at}"));
                    }
                    if depth == 0 && start.local_name().as_ref() != "CPIX" {
                        return Err("its root is no CPIX".to_owned());
                    }
                    place = read.element(&start, in_key)?;
                    in_key |= opens && start.local_name().as_ref() == "ContentKey";
                    if opens {
                        depth += 1;
                    } else {
                        place = Place::Nowhere;
                    }
                }
                Event::End(end) => {
                    in_key &= end.local_name().as_ref() != "ContentKey";
                    (place, depth) = (Place::Nowhere, depth.saturating_sub(1));
                    ended = depth == 0;
                }
                Event::Text(text) => read.text(place, text.into_inner().trim()),
                Event::CData(text) => read.text(place, text.into_inner().trim()),
                Event::DocType(_) => return Err("it has a DOCTYPE".to_owned()),
                Event::Eof if !ended => return Err("it ends in the middle".to_owned()),
                Event::Eof => return Ok(read),
                Event::GeneralRef(_) | Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            }
        }
    }

    fn element(&mut self, start: &BytesStart<'_>, in_key: bool) -> Result<Place, String> {
        let attribute = |name: &str| {
            let mut all = start.attributes().flatten();
            all.find(|it| it.key.local_name().as_ref() == name).map(|it| it.value.trim().to_owned())
        };
        if self.keys.len() > MOST || self.systems.len() > MOST {
            return Err(format!("it has more than {MOST} keys or systems"));
        }
        Ok(match start.local_name().as_ref() {
            "CPIX" => {
                self.content_id = attribute("contentId");
                Place::Nowhere
            }
            "ContentKey" => {
                let kid = attribute("kid").unwrap_or_default();
                let (scheme, explicit_iv) = (attribute("commonEncryptionScheme"), attribute("explicitIV"));
                self.keys.push(Key { kid, scheme, explicit_iv, ..Key::default() });
                Place::Nowhere
            }
            "PlainValue" if in_key => Place::Plain,
            "EncryptedValue" if in_key => {
                self.keys.last_mut().into_iter().for_each(|key| key.encrypted = true);
                Place::Nowhere
            }
            "DRMSystem" => {
                let (kid, id) = (attribute("kid"), attribute("systemId"));
                let (kid, id) = (kid.unwrap_or_default(), id.unwrap_or_default());
                self.systems.push(System { kid, id, ..System::default() });
                Place::Nowhere
            }
            "PSSH" => Place::Pssh,
            "HLSSignalingData" => match attribute("playlist").as_deref() {
                // where nothing is said it is for media playlists (CPIX 2.4 §5.3.9.2)
                None | Some("media") => Place::Media,
                Some("master") => Place::Master,
                Some(_) => Place::Nowhere,
            },
            _ => Place::Nowhere,
        })
    }

    fn text(&mut self, place: Place, text: &str) {
        if text.is_empty() {
            return;
        }
        let (key, system) = (self.keys.last_mut(), self.systems.last_mut());
        let value = Some(text.to_owned());
        match (place, key, system) {
            (Place::Plain, Some(key), _) => key.plain = value.map(Zeroizing::new),
            (Place::Pssh, _, Some(system)) => system.pssh = value,
            (Place::Media, _, Some(system)) => system.media = value,
            (Place::Master, _, Some(system)) => system.master = value,
            _ => {}
        }
    }
}

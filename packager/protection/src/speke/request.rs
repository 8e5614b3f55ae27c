//! The document that asks for keys (CPIX 2.4, SPEKE API v2.1 "Standard payload components").

use std::fmt::Write as _;

use base64_simd::STANDARD;

use crate::{
    iv::ConstantIv, key_source::KeyRequest, pssh::SystemId, scheme::Scheme, tier::Tier, track_keys::KeyIds,
};

/// The systems that are asked for.
pub const SYSTEMS: [SystemId; 3] = [SystemId::Widevine, SystemId::PlayReady, SystemId::FairPlay];

/// The document for both keys of a content. `content` is a track's identifier, which needs no escape.
pub fn document(request: &KeyRequest, ids: &KeyIds) -> String {
    let [mut keys, mut systems, mut rules] = [const { String::new() }; 3];
    for tier in Tier::ALL {
        let id = ids.of(tier);
        let iv = STANDARD.encode_to_string(ConstantIv::of(&id).as_bytes());
        let scheme = Scheme::Cbcs;
        let _ = write!(
            keys,
            "<cpix:ContentKey kid=\"{id}\" explicitIV=\"{iv}\" commonEncryptionScheme=\"{scheme}\"/>"
        );
        for system in SYSTEMS {
            // FairPlay has no pssh
            let pssh = if system == SystemId::FairPlay { "" } else { "<cpix:PSSH/>" };
            let _ = write!(
                systems,
                "<cpix:DRMSystem kid=\"{id}\" systemId=\"{system}\">{pssh}<cpix:HLSSignalingData playlist=\"media\"/>\
                 <cpix:HLSSignalingData playlist=\"master\"/></cpix:DRMSystem>"
            );
        }
        let track_type = match tier {
            Tier::Lossy => "AUDIO_LOSSY",
            Tier::Lossless => "AUDIO_LOSSLESS",
        };
        let _ = write!(
            rules,
            "<cpix:ContentKeyUsageRule kid=\"{id}\" intendedTrackType=\"{track_type}\"><cpix:AudioFilter/>\
             </cpix:ContentKeyUsageRule>"
        );
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<cpix:CPIX contentId=\"{}\" version=\"2.4\" \
         xmlns:cpix=\"urn:dashif:org:cpix\" xmlns:pskc=\"urn:ietf:params:xml:ns:keyprov:pskc\"><cpix:ContentKeyList>\
         {keys}</cpix:ContentKeyList><cpix:DRMSystemList>{systems}</cpix:DRMSystemList><cpix:ContentKeyUsageRuleList>\
         {rules}</cpix:ContentKeyUsageRuleList></cpix:CPIX>\n",
        request.content
    )
}

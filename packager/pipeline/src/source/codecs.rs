//! Names of codecs that are not decoded, by the numbers and letters that containers call them by, so that a refusal can
//! say what a file holds.

/// What a container says that it holds, in words: `its AC-3 (ac-3) …; …`.
pub fn refused(container: &str, codec: &str) -> String {
    format!(
        "{container} that holds {codec}; export the song from its master as WAV or FLAC, or, where there is none, \
         decode it: ffmpeg -i FILE song.wav"
    )
}

/// Four characters as text, with those that are none as their numbers.
pub fn letters(code: &[u8]) -> String {
    code.escape_ascii().to_string()
}

/// What four characters call in MP4, QuickTime, CAF and AIFF-C alike (mp4ra.org; QuickTime File Format: sound sample
/// descriptions; Core Audio's `AudioFormatID`).
pub fn by_letters(code: &[u8]) -> Option<&'static str> {
    const CODECS: [(&[u8; 4], &str); 60] = [
        (b"ac-3", "AC-3"),
        (b"sac3", "AC-3"),
        (b"cac3", "AC-3 (IEC 61937)"),
        (b"ec-3", "E-AC-3"),
        (b"ac-4", "AC-4"),
        (b"mlpa", "TrueHD"),
        (b"dtsc", "DTS"),
        (b"DTS ", "DTS"),
        (b"dtse", "DTS Express"),
        (b"dtsh", "DTS-HD"),
        (b"dtsl", "DTS-HD Master Audio"),
        (b"dts+", "DTS-HD"),
        (b"dts-", "DTS-HD"),
        (b"dtsx", "DTS:X"),
        (b"dtsy", "DTS-UHD"),
        (b"samr", "AMR"),
        (b"sawb", "AMR-WB"),
        (b"sawp", "AMR-WB+"),
        (b"sevc", "EVRC"),
        (b"secb", "EVRC-B"),
        (b"secw", "EVRC-WB"),
        (b"sqcp", "QCELP"),
        (b"Qclp", "QCELP"),
        (b"ssmv", "SMV"),
        (b"sevs", "EVS"),
        (b"agsm", "GSM 6.10"),
        (b"GSM ", "GSM 6.10"),
        (b"ilbc", "iLBC"),
        (b"ima4", "IMA ADPCM"),
        (b"ADP4", "ADPCM"),
        (b"MAC3", "MACE 3:1"),
        (b"MAC6", "MACE 6:1"),
        (b"QDMC", "QDesign Music"),
        (b"QDM2", "QDesign Music 2"),
        (b"mha1", "MPEG-H 3D Audio"),
        (b"mha2", "MPEG-H 3D Audio"),
        (b"mhm1", "MPEG-H 3D Audio"),
        (b"mhm2", "MPEG-H 3D Audio"),
        (b"iamf", "IAMF"),
        (b"aacl", "AAC-LD"),
        (b"aace", "AAC-ELD"),
        (b"aacf", "AAC-ELD with SBR"),
        (b"aacg", "AAC-ELD"),
        (b"aach", "HE-AAC"),
        (b"aacp", "HE-AAC v2"),
        (b"usac", "xHE-AAC (USAC)"),
        (b"aavd", "Audible's encrypted AAC"),
        (b"enca", "encrypted audio"),
        (b"drms", "encrypted audio (FairPlay)"),
        (b".mp1", "MPEG layer I"),
        (b".mp2", "MPEG layer II"),
        (b"wma ", "Windows Media Audio"),
        (b"wmap", "Windows Media Audio Pro"),
        (b"nmos", "Nellymoser"),
        (b"sWVQ", "TwinVQ"),
        (b"G722", "G.722"),
        (b"G726", "G.726"),
        (b"G728", "G.728"),
        (b"apcm", "Apple Positional Audio Codec"),
        (b"apac", "Apple Positional Audio Codec"),
    ];
    // QuickTime's way to name a format of WAV: ms and its tag
    if let Some(tag) = code.strip_prefix(b"ms").and_then(|tag| tag.first_chunk()) {
        return by_tag(u16::from_be_bytes(*tag).into());
    }
    CODECS.iter().find(|(known, _)| code == *known).map(|(_, name)| *name)
}

/// What an audio object type is (ISO/IEC 14496-3 table 1.17), where it is none of LC, SBR and PS.
pub fn by_object_type(object: u8) -> Option<&'static str> {
    Some(match object {
        1 => "AAC Main",
        3 => "AAC-SSR",
        4 => "AAC-LTP",
        6 => "scalable AAC",
        7 => "TwinVQ",
        8 => "CELP",
        9 => "HVXC",
        12 => "speech (TTSI)",
        13..=16 => "synthesised sound (MPEG-4)",
        17 => "error-resilient AAC-LC",
        19 => "error-resilient AAC-LTP",
        20 => "error-resilient scalable AAC",
        21 => "error-resilient TwinVQ",
        22 => "BSAC",
        23 => "AAC-LD",
        24..=27 => "error-resilient speech (MPEG-4)",
        28 => "SSC",
        30 => "MPEG Surround",
        32 => "MPEG layer I",
        33 => "MPEG layer II",
        34 => "MPEG layer III in MPEG-4",
        35 => "DST",
        36 => "MPEG-4 ALS",
        37 | 38 => "MPEG-4 SLS",
        39 => "AAC-ELD",
        40 | 41 => "symbolic music (SMR)",
        42 => "xHE-AAC (USAC)",
        43 => "SAOC",
        44 => "MPEG Surround with AAC-LD",
        45 => "SAOC with dialogue enhancement",
        _ => return None,
    })
}

/// What an object type of MPEG-4 systems is (mp4ra.org), where it is neither AAC nor MP3.
pub fn by_indication(object: u8) -> Option<&'static str> {
    Some(match object {
        0x68 => "AAC-SSR (MPEG-2)",
        0xa0 => "EVRC",
        0xa1 => "SMV",
        0xa5 => "AC-3",
        0xa6 => "E-AC-3",
        0xa7 => "DRA",
        0xa8 => "G.719",
        0xa9 => "DTS",
        0xaa => "DTS-HD",
        0xab => "DTS-HD Master Audio",
        0xac => "DTS Express",
        0xae => "AC-4",
        0xdd => "Vorbis",
        0xe1 => "QCELP",
        _ => return None,
    })
}

/// What a format tag of WAV calls (RFC 2361, Microsoft's mmreg.h), where it is neither PCM, floating point nor G.711.
pub fn by_tag(tag: u64) -> Option<&'static str> {
    const CODECS: [(u64, &str); 71] = [
        (0x0002, "Microsoft ADPCM"),
        (0x0004, "IBM VSELP"),
        (0x0005, "IBM CVSD"),
        (0x0008, "DTS"),
        (0x0009, "encrypted audio (DRM)"),
        (0x000a, "Windows Media Audio Voice"),
        (0x0010, "OKI ADPCM"),
        (0x0011, "IMA ADPCM"),
        (0x0012, "Videologic ADPCM"),
        (0x0013, "Sierra ADPCM"),
        (0x0014, "G.723 ADPCM"),
        (0x0015, "DIGISTD"),
        (0x0016, "DIGIFIX"),
        (0x0017, "Dialogic OKI ADPCM"),
        (0x0020, "Yamaha ADPCM"),
        (0x0022, "TrueSpeech"),
        (0x0030, "AC-2"),
        (0x0031, "GSM 6.10"),
        (0x0032, "MSN audio"),
        (0x0036, "VSELP"),
        (0x0038, "Control Resources CR10"),
        (0x0040, "G.721 ADPCM"),
        (0x0041, "G.728 CELP"),
        (0x0042, "G.723.1"),
        (0x0045, "G.726 ADPCM"),
        (0x0050, "MPEG layer I or II"),
        (0x0055, "MP3"),
        (0x0059, "Lucent G.723"),
        (0x0061, "Duck DK4 ADPCM"),
        (0x0062, "Duck DK3 ADPCM"),
        (0x0064, "G.726 ADPCM"),
        (0x0065, "G.722 ADPCM"),
        (0x0069, "Xbox ADPCM"),
        (0x0075, "Voxware"),
        (0x0083, "G.729"),
        (0x0085, "G.726 ADPCM"),
        (0x0092, "AC-3 (IEC 61937)"),
        (0x00ff, "AAC"),
        (0x0111, "G.723 (Vivo)"),
        (0x0130, "ACELP.net"),
        (0x0133, "G.729 (Sipro)"),
        (0x0160, "Windows Media Audio 1"),
        (0x0161, "Windows Media Audio 2"),
        (0x0162, "Windows Media Audio Pro"),
        (0x0163, "Windows Media Audio Lossless"),
        (0x0164, "Windows Media Audio Pro (IEC 61937)"),
        (0x0165, "XMA"),
        (0x0166, "XMA2"),
        (0x0180, "AAC (Fraunhofer)"),
        (0x0200, "Creative ADPCM"),
        (0x0270, "ATRAC3"),
        (0x0401, "Intel Music Coder"),
        (0x0402, "Indeo Audio"),
        (0x1500, "GSM 6.20"),
        (0x1600, "AAC in ADTS"),
        (0x1601, "AAC"),
        (0x1602, "AAC in LATM (LOAS)"),
        (0x1610, "AAC"),
        (0x181c, "Voxware RT24"),
        (0x1971, "Sonarc"),
        (0x2000, "AC-3"),
        (0x2001, "DTS"),
        (0x2048, "Sonic"),
        (0x4143, "Divio AAC"),
        (0x4201, "ACELP"),
        (0x5756, "WavPack"),
        (0x704f, "Opus"),
        (0x7a21, "AMR"),
        (0x7a22, "AMR-WB"),
        (0xa106, "AAC"),
        (0xf1ac, "FLAC"),
    ];
    if (0x674f..=0x6751).contains(&tag) || (0x676f..=0x6771).contains(&tag) || tag == 0x566f {
        return Some("Vorbis");
    }
    CODECS.iter().find(|(known, _)| *known == tag).map(|(_, name)| *name)
}

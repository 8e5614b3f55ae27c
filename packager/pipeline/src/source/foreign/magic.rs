//! Files that show what they are by bytes at a fixed place.

use super::{
    Advice::{self, Archive, Dsd, Film, Lossless, Lossy, Notes, Other, Pointer, Project, Protected},
    Foreign,
};

/// Where the bytes are, the bytes, what has them, what to do.
type Magic = (usize, &'static [u8], &'static str, Advice);

/// Sound.
const SOUND: [Magic; 52] = [
    (0, b"MAC ", "Monkey's Audio", Lossless),
    (0, b"wvpk", "WavPack", Lossless),
    (0, b"TTA1", "True Audio (TTA)", Lossless),
    (0, b"TTA2", "True Audio (TTA)", Lossless),
    (0, b"tBaK", "TAK", Lossless),
    (0, b"OFR ", "OptimFROG", Lossless),
    (0, b"ajkg", "Shorten", Lossless),
    (0, b"LA02", "Lossless Audio (LA)", Lossless),
    (0, b"LA03", "Lossless Audio (LA)", Lossless),
    (0, b"LA04", "Lossless Audio (LA)", Lossless),
    (0, b"riff\x2e\x91\xcf\x11", "Wave64 (W64)", Lossless),
    (0, b"RIFX", "WAV with its bytes in the other order (RIFX)", Lossless),
    (0, b"FFIR", "WAV with its bytes in the other order (RIFX)", Lossless),
    (0, b".snd", "Sun or NeXT audio (AU)", Lossless),
    (0, b"dns.", "Sun or NeXT audio (AU)", Lossless),
    (0, b"\x64\xa3\x01\0", "IRCAM audio (SF)", Lossless),
    (0, b"\0\x01\xa3\x64", "IRCAM audio (SF)", Lossless),
    (0, b"\x64\xa3\x02\0", "IRCAM audio (SF)", Lossless),
    (0, b"\0\x02\xa3\x64", "IRCAM audio (SF)", Lossless),
    (0, b"\x64\xa3\x03\0", "IRCAM audio (SF)", Lossless),
    (0, b"NIST_1A", "NIST SPHERE audio", Lossless),
    (0, b"Creative Voice File\x1a", "Creative Voice (VOC)", Lossless),
    (0, b"2BIT", "AVR audio", Lossless),
    (0, b"SOUND SAMPLE DATA ", "SampleVision audio", Lossless),
    (0, b"DSD ", "DSD (DSF)", Dsd),
    (0, b"FRM8", "DSD (DSDIFF)", Dsd),
    (0, b"MP+", "Musepack (SV7)", Lossy),
    (0, b"MPCK", "Musepack (SV8)", Lossy),
    (0, b"TWIN", "TwinVQ", Lossy),
    (0, b"#!AMR-WB", "AMR-WB", Lossy),
    (0, b"#!AMR", "AMR", Lossy),
    (0, b"ADIF", "AAC in ADIF", Lossy),
    (0, b".ra\xfd", "RealAudio", Lossy),
    (0, b".RMF", "RealMedia", Lossy),
    (0, b"qoaf", "QOA", Lossy),
    (0, b"\x02dss", "DSS dictation", Lossy),
    (0, b"\x03dss", "DSS dictation", Lossy),
    (0, b"\x03ds2", "DSS Pro dictation", Lossy),
    (0, b"DTSHDHDR", "DTS-HD", Lossy),
    (4, b"\xf8\x72\x6f\xba", "Dolby TrueHD", Lossless),
    (4, b"\xf8\x72\x6f\xbb", "Meridian Lossless Packing (MLP)", Lossless),
    (0, b"CTENFDAM", "NetEase music (NCM)", Protected),
    (4, b"\x57\x90\x75\x36", "Audible (AA)", Protected),
    (0, b"MThd", "MIDI", Notes),
    (0, b"Extended Module: ", "a tracker module (XM)", Notes),
    (0, b"IMPM", "a tracker module (IT)", Notes),
    (44, b"SCRM", "a tracker module (S3M)", Notes),
    (1080, b"M.K.", "a tracker module (MOD)", Notes),
    (1080, b"8CHN", "a tracker module (MOD)", Notes),
    (0, b"SNES-SPC700", "game music (SPC)", Notes),
    (0, b"NESM\x1a", "game music (NSF)", Notes),
    (0, b"Vgm ", "game music (VGM)", Notes),
];

/// Films and what they are sent in, and pictures.
const PICTURES: [Magic; 15] = [
    (0, b"\x1a\x45\xdf\xa3", "Matroska or WebM", Film),
    (0, b"\x30\x26\xb2\x75", "Windows Media (ASF, WMA, WMV)", Film),
    (0, b"FLV\x01", "a Flash video (FLV)", Film),
    (0, b"\0\0\x01\xba", "an MPEG program stream", Film),
    (0, b"\0\0\x01\xb3", "MPEG video", Other),
    (0, b"DKIF", "video (IVF)", Other),
    (0, b"\x89PNG", "an image (PNG)", Other),
    (0, b"\xff\xd8\xff", "an image (JPEG)", Other),
    (0, b"GIF8", "an image (GIF)", Other),
    (0, b"II*\0", "an image (TIFF)", Other),
    (0, b"MM\0*", "an image (TIFF)", Other),
    (0, b"8BPS", "an image (Photoshop)", Other),
    (6, b"\0\0\0\0\x36\0\0\0\x28", "an image (BMP)", Other),
    (0, b"\0\0\0\x0cjP  ", "an image (JPEG 2000)", Other),
    (0, b"CWS", "a Flash film (SWF)", Film),
];

/// Everything else that is handed in by mistake.
const OTHERS: [Magic; 29] = [
    (0, b"PK\x03\x04", "a ZIP archive", Archive),
    (0, b"PK\x05\x06", "an empty ZIP archive", Archive),
    (0, b"Rar!\x1a\x07", "a RAR archive", Archive),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", Archive),
    (0, b"\x1f\x8b", "a gzip archive", Archive),
    (0, b"BZh", "a bzip2 archive", Archive),
    (0, b"\xfd7zXZ\0", "an XZ archive", Archive),
    (0, b"\x28\xb5\x2f\xfd", "a Zstandard archive", Archive),
    (257, b"ustar", "a TAR archive", Archive),
    (0x8001, b"CD001", "the image of a CD or DVD", Archive),
    (0, b"StuffIt", "a StuffIt archive", Archive),
    (0, b"Salted__", "an encrypted file (OpenSSL)", Protected),
    (0, b"\x85\x02\x0c\x03", "an encrypted file (PGP)", Protected),
    (0, b"-----BEGIN PGP", "an encrypted file (PGP)", Protected),
    // what macOS keeps beside a file on other disks, under the file's name with ._ before it
    (0, b"\0\x05\x16\x07", "what macOS keeps beside a file (AppleDouble, ._ before its name)", Pointer),
    (0, b"\0\x05\x16\0", "AppleSingle", Archive),
    (0, b"L\0\0\0\x01\x14\x02\0", "a shortcut of Windows", Pointer),
    (0, b"bplist00", "a property list", Pointer),
    (0, b"d8:announce", "a torrent", Pointer),
    (0, b"SQLite format 3\0", "a database, such as a project of Audacity (AUP3)", Project),
    (0, b"FLhd", "a project of FL Studio", Project),
    (0, b"<REAPER_PROJECT", "a project of REAPER", Project),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a document of Microsoft Office", Other),
    (0, b"%PDF", "a PDF document", Other),
    (0, b"{\\rtf", "a document (RTF)", Other),
    (0, b"\x7fELF", "a program", Other),
    (0, b"MZ", "a program of Windows", Other),
    (0, b"\xcf\xfa\xed\xfe", "a program of macOS", Other),
    (0, b"\xca\xfe\xba\xbe", "a program", Other),
];

/// Forms of RIFF and IFF that are no WAVE and no AIFF: the form, what has it, what to do.
const FORMS: [(&[u8; 4], &str, Advice); 14] = [
    (b"AVI ", "AVI, a film in RIFF", Film),
    (b"WEBP", "an image (WebP, a form of RIFF)", Other),
    (b"ACON", "a cursor (a form of RIFF)", Other),
    (b"RMID", "MIDI in RIFF", Notes),
    (b"sfbk", "a SoundFont (a form of RIFF)", Notes),
    (b"DLS ", "instruments (DLS, a form of RIFF)", Notes),
    (b"QLCM", "QCELP (a form of RIFF)", Lossy),
    (b"CDDA", "a shortcut to a track of a CD (a form of RIFF)", Pointer),
    (b"CDXA", "a film of a video CD (a form of RIFF)", Film),
    (b"8SVX", "8SVX, a form of IFF", Lossless),
    (b"16SV", "16SV, a form of IFF", Lossless),
    (b"MAUD", "MAUD, a form of IFF", Lossless),
    (b"ILBM", "an image (ILBM, a form of IFF)", Other),
    (b"REX2", "ReCycle (REX2)", Project),
];

/// Brands of MP4 (ISO/IEC 14496-12 §4.3) that say that there is no audio to be had.
const BRANDS: [(&[u8; 4], &str, Advice); 9] = [
    (b"aax ", "Audible (AAX)", Protected),
    (b"aaxc", "Audible (AAXC)", Protected),
    (b"M4P ", "a song with FairPlay (M4P)", Protected),
    (b"heic", "an image (HEIC)", Other),
    (b"heix", "an image (HEIC)", Other),
    (b"mif1", "an image (HEIF)", Other),
    (b"avif", "an image (AVIF)", Other),
    (b"crx ", "an image (Canon raw)", Other),
    (b"jp2 ", "an image (JPEG 2000)", Other),
];

pub fn find(head: &[u8]) -> Option<Foreign> {
    let has = |&&(at, bytes, ..): &&Magic| head.get(at..).is_some_and(|from| from.starts_with(bytes));
    let known = SOUND.iter().chain(&PICTURES).chain(&OTHERS).find(has);
    known.map(|&(_, _, name, advice)| Foreign { name, advice }).or_else(|| form(head)).or_else(|| boxes(head))
}

fn form(head: &[u8]) -> Option<Foreign> {
    let (Some(b"RIFF" | b"RF64" | b"FORM" | b"LIST" | b"CAT "), Some(form)) =
        (head.get(..4), head.get(8..12))
    else {
        return None;
    };
    let known =
        FORMS.iter().find(|(known, ..)| form == *known).map(|&(_, name, advice)| Foreign { name, advice });
    known.or(Some(Foreign { name: "a RIFF or IFF file without WAVE or AIFF audio", advice: Other }))
}

/// A box of MP4 that never comes first.
fn boxes(head: &[u8]) -> Option<Foreign> {
    let name = match head.get(4..8)? {
        b"moof" | b"styp" | b"sidx" => {
            "a single segment of an MP4 stream; a segment cannot be decoded without its beginning"
        }
        b"moov" | b"mdat" | b"wide" => "MP4 or QuickTime without its first box (ftyp)",
        _ => return None,
    };
    Some(Foreign { name, advice: Film })
}

pub fn brand(head: &[u8]) -> Option<Foreign> {
    let brand = head.get(8..12).filter(|_| head.get(4..8) == Some(b"ftyp"))?;
    BRANDS.iter().find(|(known, ..)| brand == *known).map(|&(_, name, advice)| Foreign { name, advice })
}

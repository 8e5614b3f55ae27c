//! Romanization keeps what a layer holds, whatever its text is, and reads letters as their languages do.
#![allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on fails

use nada_lyrics::{
    Agent, AgentKind, Kind, LanguageTag, Layer, Line, Lyrics, Phrase, Word,
    romanize::{self, Scheme},
};
use proptest::{collection::vec, prelude::*, sample::select};
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

fn tag(tag: &str) -> LanguageTag {
    tag.parse().unwrap()
}

fn readable(lang: &str, text: &str) -> String {
    romanize::text(&text.nfc().collect::<String>(), &tag(lang), Scheme::Readable)
}

fn iso(lang: &str, text: &str) -> String {
    romanize::text(&text.nfc().collect::<String>(), &tag(lang), Scheme::Iso15919)
}

/// Whether a character is in one of the nine blocks.
fn is_letter(c: char) -> bool {
    ('\u{900}'..'\u{d80}').contains(&c)
}

#[test]
fn lines_as_people_type_them() {
    for (lang, text, expected) in [
        ("hi", "तुम ही हो", "tum hi ho"),
        ("hi", "बुरा जो देखन मैं चला", "bura jo dekhan main chala"),
        ("hi", "हमको मन की शक्ति देना, मन विजय करें", "hamko man ki shakti dena, man vijay karein"),
        ("hi", "ॐ जय जगदीश हरे ॥ १०८", "om jay jagdeesh hare . 108"),
        ("hi", "कॉलेज, “DJ”, ऽ", "kolej, “DJ”, '"),
        ("sa", "वन्दे मातरम्", "vande mataram"),
        ("bn", "আমি তোমায় ভালোবাসি", "ami tomay bhalobashi"),
        ("bn", "অ্যাপ", "aep"),
        ("bn", "মাতবে বিদ্বান", "matbe bidan"), // a silent vowel joins no letters
        ("ta", "வணக்கம்", "vanakkam"),
        ("ta", "ஃபோன்", "fon"),
        ("ml", "വീട് ഞാൻ ഞാന്\u{200d}", "veedu njaan njaan"),
        ("pa", "ਸੱਚ ਪੁੱਤ ਪਿੰਡ ਅੱਛਾ ੴ", "sach putt pind achha ik onkar"),
        ("or", "ୱାଟ ସୂର୍ଯ୍ୟ", "wata surya"),
        ("as", "মোৰ", "mor"),
    ] {
        assert_eq!(readable(lang, text), expected, "{text}");
    }
}

/// Word by word, in the order of the texts.
fn assert_words(lang: &str, text: &str, expected: &str) {
    let got = readable(lang, text);
    let words = text.split(' ').zip(got.split(' ').zip(expected.split(' ')));
    let wrong: Vec<_> = words.filter(|(_, (got, expected))| got != expected).collect();
    assert!(wrong.is_empty() && got == expected, "{lang}: {wrong:?}");
}

#[test]
fn marathi_speaks_vowels_that_hindi_does_not() {
    assert_words("mr", "विटेवरी श्रवणी कुंडले गगने हृदयी गणपती", "vitevari shravani kundale gagane hrudayi ganpati");
    assert_words("mr", "मुलगी लाडकी करणे विसरलो नवरी", "mulgi ladki karne visarlo navri");
    assert_words("mr", "पंढरी इंद्रधनुष्य धर्म", "pandhari indradhanushya dharma");
}

#[test]
fn marathi_types_long_vowels_once_but_in_words_of_one_syllable() {
    assert_words("mr", "जगदीश कीर्तन मजूर आषाढी ध्यान", "jagdish kirtan majur ashadhi dhyan");
    assert_words("mr", "गीत फूल आई हात", "geet phool aai haat");
    assert_words("gu", "કરીને પ્રીતમ ગીત શ્યામ", "karine pritam geet shyam");
}

#[test]
fn a_nasal_and_its_stop_carry_a_vowel() {
    assert_words("hi", "मंजरी अंजलि सुंदरी पैंजनिया", "manjari anjali sundari painjaniya");
    assert_words("hi", "पिंजरा चाँदनी चांदनी", "pinjra chandni chandni"); // a long vowel is nasal, with no cluster
}

#[test]
fn hindi_has_w_in_urdu_words_and_in_clusters() {
    assert_words("hi", "वस्तु वंदे वसंत वचन वाणी वार्ता वक्ता", "vastu vande vasant vachan vani varta vakta");
    assert_words("hi", "वक़्त वतन वफ़ा वफा वजह वापस वारिस", "waqt watan wafa wapha wajah wapas waris");
    assert_words("hi", "वो वह वहाँ वाली वैसा बेवफ़ा", "wo woh wahan wali waisa bewafa");
    assert_words("hi", "स्वर द्वार ज्वाला ईश्वर ख़्वाब श्वेता", "swar dwaar jwala ishwar khwaab shweta");
    assert_words("hi", "सर्व पर्वत जिह्वा तपस्वी सेवा", "sarv parvat jihva tapasvi seva");
    assert_words("mr", "सर्व सर्वांगी वसंत स्वर", "sarv sarvangi vasant swar");
    for (lang, word, expected) in [
        ("gu", "દ્વારિકા", "dwarika"),
        ("kn", "ಧ್ವನಿ", "dhwani"),
        ("ml", "സ്വപ്നം", "swapnam"),
        ("te", "విశ్వ", "vishwa"),
    ] {
        assert_words(lang, word, expected);
    }
}

#[test]
fn a_nasal_before_v_is_m_in_the_prefix_alone() {
    assert_words("hi", "संवाद गांव कुंवर मैंने उन्होंने", "samvad gaanv kunwar maine unhone");
    assert_words("pa", "ਸਾਂਵਲਾ ਭੰਵਰ", "sanvla bhanwar");
}

#[test]
fn a_colon_between_letters_is_a_visarga() {
    assert_words("hi", "दु:ख दुःख अंत:करण नि:शब्द", "dukh dukh antahkaran nishabd");
    assert_words("mr", "दु:ख", "dukh");
    assert_words("bn", "দু:খ", "dukkho");
    assert_words("kn", "ದು:ಖ", "duhkha");
    assert_eq!(iso("hi", "दु:ख"), "duḥkha");
    // Elsewhere it stays: after a word, before a digit, in Tamil, which has no visarga.
    assert_words("hi", "राम: भाग:१", "raam: bhaag:1");
    assert_words("ta", "மழை:கடல்", "mazhai:kadal");
    // A colon that is timed by itself is not lost.
    let read = romanize::layer(&layer("hi", sung(&["दु", ":", "ख"])), Scheme::Readable).unwrap().unwrap();
    let phrase = read.lines()[0].phrase();
    let got: Vec<&str> = phrase.words().iter().map(|word| phrase.word_text(word)).collect();
    assert_eq!(got, ["d", "u", "kh"]);
}

#[test]
fn endings_as_people_hear_them() {
    assert_words("hi", "चदरिया नगरिया लड़कियाँ", "chadariya nagariya ladkiyan");
    assert_words("hi", "किताब विचार श्रीमान यह", "kitab vichar shriman yeh");
    assert_words("mr", "देवें आम्हां", "deve amha");
    assert_words("gu", "ચોકમાં કરતાં ક્યાં", "chokma karta kyan");
    assert_words("pa", "ਮੈਨੂੰ ਤੁਸੀਂ ਦਿਲਾਂ", "mainu tusi dilan");
    assert_words("pa", "ਨਾਲਿ ਹੁਕਮਿ ਪਵਣੁ ਕਿ ਨਿਰਭਉ", "naal hukam pavan ki nirbhau");
    assert_words("pa", "ਦੋਸਤ ਇਸ਼ਕ ਪੁਸਤਕ", "dost ishk pustak");
}

#[test]
fn punjabi_glides_and_long_consonants() {
    assert_words("pa", "ਲਿਖਿਆ ਨਚਾਇਆ ਪਿਆਰ ਕੁੜੀਆਂ", "likheya nachaya pyar kuriyan");
    assert_words("pa", "ਅੱਖੀਆਂ ਦੁੱਧ ਰੱਬ ਭੁੱਲਣਾ ਪੜ੍ਹਨਾ", "akhiyan dudh rabb bhullna parhna");
}

#[test]
fn a_cluster_has_a_long_consonant_once() {
    assert_words("ml", "മർത്ത്യൻ ഓർമ്മ ഉണ്ണിക്കൃഷ്ണൻ തത്ത", "marthyan orma unnikrishnan thatha");
    assert_words("or", "କାର୍ତ୍ତିକ", "kartika");
    assert_words("ta", "பார்த்து", "paarthu");
    assert_words("hi", "सच्चा पत्ता", "saccha patta");
}

#[test]
fn the_south_doubles_a_where_it_is_typed() {
    assert_words("kn", "ಬಾರೋ ದಾಸರ ಹೃದಯ ಕೃಷ್ಣ", "baro dasara hrudaya krishna");
    assert_words("ml", "നാരായണ ഞാൻ ആകാശം പൂവേ ശ്രീരാമ അച്ഛൻ", "narayana njaan aakasham poove sreerama achan");
}

#[test]
fn a_nukta_may_be_of_one_piece_or_two() {
    for (one, two) in
        [("\u{958}", "क\u{93c}"), ("\u{95b}", "ज\u{93c}"), ("\u{929}", "न\u{93c}"), ("\u{95c}", "ड\u{93c}")]
    {
        let both = |text: &str| {
            [Scheme::Readable, Scheme::Iso15919].map(|scheme| romanize::text(text, &tag("hi"), scheme))
        };
        assert_eq!(both(one), both(two), "{one}");
    }
    assert_eq!(iso("hi", "ज़िंदगी"), "ziṁdagī");
    assert_eq!(iso("pa", "ਲ਼"), "ḷa");
}

#[test]
fn iso_15919_is_reversible_where_two_letters_look_like_one() {
    assert_eq!(iso("hi", "क्ह ख"), "k:ha kha");
    assert_eq!(iso("pa", "ਕ੍ਹ"), "k:ha"); // two grapheme clusters
    assert_eq!(iso("hi", "कइ कै अउ औ"), "ka:i kai a:u au");
    assert_eq!(iso("pa", "ਸੱਜਣ ਅੱਖ"), "sajjaṇa akkha");
}

/// Where the transliterator knows every letter, we are its equal; the rest is ours.
#[test]
fn iso_15919_is_the_transliterators() {
    use vidyut_lipi::{Lipika, Scheme as Script};
    let mut lipika = Lipika::new();
    let mut compared = 0;
    for (lang, script, list) in [
        ("hi", Script::Devanagari, include_str!("../gold/hi.tsv")),
        ("mr", Script::Devanagari, "तऱ्हा\n"),
        ("bn", Script::Bengali, include_str!("../gold/bn.tsv")),
        ("ta", Script::Tamil, include_str!("../gold/ta.tsv")),
        ("te", Script::Telugu, include_str!("../gold/te.tsv")),
        ("gu", Script::Gujarati, include_str!("../gold/gu.tsv")),
        ("pa", Script::Gurmukhi, include_str!("../gold/pa.tsv")),
        ("kn", Script::Kannada, include_str!("../gold/kn.tsv")),
        ("ml", Script::Malayalam, include_str!("../gold/ml.tsv")),
        ("or", Script::Odia, include_str!("../gold/or.tsv")),
    ] {
        for word in list.lines().filter_map(|row| row.split('\t').next()) {
            let word: String = word.nfc().collect();
            let theirs = lipika.transliterate(&word, script, Script::Iso15919);
            // It takes Gurmukhi's ru for a vocalic r, which Gurmukhi has not.
            if lang == "pa" && theirs.contains("r\u{325}") {
                continue;
            }
            // It takes a half ற for Marathi's half ऱ, which has a letter of its own.
            let theirs = if lang == "mr" { theirs } else { theirs.replace("r\u{306}", "ṟ") };
            if !theirs.chars().any(is_letter) {
                assert_eq!(iso(lang, &word), theirs, "{word}");
                compared += 1;
            }
        }
    }
    assert!(compared > 800, "{compared}");
}

/// A line whose words are these parts, 100 ms each, the spaces between them untimed.
fn sung(parts: &[&str]) -> Phrase {
    let (mut text, mut words) = (String::new(), Vec::new());
    for (part, start_ms) in parts.iter().zip((0..).step_by(100)) {
        let from = text.len() + (part.len() - part.trim_start().len());
        text += part;
        words.push(Word { bytes: from..text.len(), start_ms, end_ms: Some(start_ms + 90) });
    }
    Phrase::new(text, words).unwrap()
}

fn layer(lang: &str, phrase: Phrase) -> Layer {
    Layer::new(tag(lang), Kind::Main, vec![], vec![Line::new(Some(0), None, phrase).unwrap()]).unwrap()
}

#[test]
fn syllables_get_the_sounds_of_the_whole_word() {
    for (lang, parts, expected) in [
        ("hi", &["दे", "ख", "ना", " सप", "ना"][..], &["de", "kh", "na", "sap", "na"][..]),
        ("hi", &["रा", "त"], &["raa", "t"]),
        ("ta", &["ம", "ன", "ம்", " தங்", "கம்"], &["ma", "na", "m", "than", "gam"]),
        ("ta", &["பச்", "சை"], &["pach", "ai"]),
        ("ml", &["വീ", "ട്"], &["vee", "du"]),
        ("bn", &["আ", "কা", "শ"], &["a", "ka", "sh"]),
        ("pa", &["ਸੱ", "ਜ", "ਣ"], &["saj", "ja", "n"]),
    ] {
        let main = layer(lang, sung(parts));
        let read = romanize::layer(&main, Scheme::Readable).unwrap().unwrap();
        let phrase = read.lines()[0].phrase();
        let got: Vec<&str> = phrase.words().iter().map(|word| phrase.word_text(word)).collect();
        assert_eq!(got, expected);
        assert!(
            phrase
                .words()
                .iter()
                .zip(main.lines()[0].words())
                .all(|(a, b)| (a.start_ms, a.end_ms) == (b.start_ms, b.end_ms))
        );
    }
}

#[test]
fn a_duet_keeps_its_voices_and_its_background() {
    let agent = |id: &str| Agent { id: id.into(), kind: AgentKind::Voice, name: Some("आशा".into()) };
    let line = |start, text: &str, agent| {
        Line::new(Some(start), Some(start + 900), Phrase::new(text, vec![]).unwrap()).unwrap().sung_by(agent)
    };
    let behind = line(1000, "मैं", "v2").with_background(sung(&["ओ", " हो"])).unwrap();
    let main = Layer::new(
        tag("hi-IN"),
        Kind::Main,
        vec![agent("v1"), agent("v2")],
        vec![line(0, "तुम", "v1"), behind],
    )
    .unwrap();
    let read = romanize::layer(&main, Scheme::Readable).unwrap().unwrap();
    assert_eq!((read.lang().as_str(), read.kind()), ("hi-Latn", Kind::Pronunciation));
    assert_eq!(read.agents(), main.agents());
    assert_eq!(read.lines()[1].agent(), Some("v2"));
    assert_eq!((read.lines()[1].start_ms(), read.lines()[1].end_ms()), (Some(1000), Some(1900)));
    let background = read.lines()[1].background().unwrap();
    assert_eq!((background.text(), background.words()[1].bytes.clone()), ("o ho", 2..4));
}

#[test]
fn only_what_is_missing_is_generated() {
    let text = |lang: &str, kind, text: &str| {
        let line = Line::new(Some(0), None, Phrase::new(text, vec![]).unwrap()).unwrap();
        Layer::new(tag(lang), kind, vec![], vec![line]).unwrap()
    };
    use Kind::{Main, Pronunciation, Translation};
    let hindi = || text("hi", Main, "तुम ही हो");
    let tags = |layers: Vec<Layer>, scheme| -> Vec<String> {
        let layers = romanize::missing(&Lyrics::new(layers).unwrap(), scheme).unwrap();
        layers.iter().map(|layer| layer.lang().to_string()).collect()
    };
    let none: [&str; 0] = [];
    assert_eq!(tags(vec![hindi()], Scheme::Readable), ["hi-Latn"]);
    assert_eq!(tags(vec![hindi()], Scheme::Iso15919), ["hi-Latn-t-hi-deva-m0-iso"]);
    assert_eq!(tags(vec![hindi(), text("en", Translation, "Only you")], Scheme::Readable), ["hi-Latn"]);
    // A supplied layer wins, whatever the scheme.
    for supplied in ["hi-Latn", "hi-Latn-IN", "und"] {
        for scheme in [Scheme::Readable, Scheme::Iso15919] {
            assert_eq!(
                tags(vec![hindi(), text(supplied, Pronunciation, "Tum hi ho")], scheme),
                none,
                "{supplied}"
            );
        }
    }
    assert_eq!(tags(vec![hindi(), text("hi-Latn", Translation, "Tum hi ho")], Scheme::Readable), none);
    // A pronunciation in a script from right to left leaves the Latin one missing.
    assert_eq!(
        tags(vec![hindi(), text("hi-Arab", Pronunciation, "تم ہی ہو")], Scheme::Readable),
        ["hi-Latn"]
    );
    // No letters of ours: Urdu, Jawi, Indonesian, Hindi in Latin letters.
    for (lang, words) in
        [("ur", "تم ہی ہو"), ("ms-Arab", "اکو"), ("id", "Hanya kamu"), ("hi-Latn", "Tum hi ho")]
    {
        assert_eq!(tags(vec![text(lang, Main, words)], Scheme::Readable), none, "{lang}");
    }
    // A tag that says Latin and a text that is not: the tag is taken.
    assert_eq!(tags(vec![text("hi-Latn", Main, "तुम ही हो")], Scheme::Readable), none);
}

#[test]
fn a_line_that_would_become_too_long_is_refused() {
    let main = layer("sa", Phrase::new("ॡ".repeat(1300), vec![]).unwrap());
    assert!(romanize::layer(&main, Scheme::Iso15919).is_err());
    assert!(romanize::layer(&main, Scheme::Readable).is_ok());
}

/// Any code point of the nine blocks, assigned or not, joiners, and what stands between words.
fn letters() -> impl Strategy<Value = String> {
    let block =
        (0u32..9, 0u32..128).prop_map(|(block, place)| char::from_u32(0x900 + 0x80 * block + place).unwrap());
    let common =
        (0u32..9, select(&[0x02u32, 0x05, 0x15, 0x24, 0x28, 0x30, 0x3e, 0x3f, 0x4d, 0x4d, 0x3c][..]))
            .prop_map(|(block, place)| char::from_u32(0x900 + 0x80 * block + place).unwrap());
    // One script at a time forms words.
    (vec(prop_oneof![3 => common, 2 => block, 1 => select(&[' ', 'a', '-', '7', ':', '\u{200c}', '\u{200d}'][..])], 1..24), 0u32..10)
        .prop_map(|(chars, only)| {
            let alike = |c: char| match u32::from(c) {
                code @ 0x900..0xd80 if only < 9 => char::from_u32(0x900 + 0x80 * only + code % 0x80).unwrap(),
                _ => c,
            };
            chars.into_iter().map(alike).nfc().collect::<String>()
        })
}

/// Text as above or of any kind, cut into words anywhere the model allows.
fn phrase() -> impl Strategy<Value = Phrase> {
    let text = prop_oneof![4 => letters(), 1 => (letters(), "\\PC{0,6}", letters()).prop_map(|(a, b, c)| a + &b + &c)];
    (text, vec(0u8..4, 64)).prop_map(|(text, cuts)| {
        let text = text.nfc().collect::<String>().trim().to_owned();
        let (mut words, mut open): (Vec<Word>, Option<usize>) = (Vec::new(), None);
        for (((at, cluster), cut), start_ms) in text.grapheme_indices(true).zip(cuts.iter().cycle()).zip(0..)
        {
            let from = open.take().unwrap_or(at);
            match cut {
                0 | 1 => words.push(Word { bytes: from..at + cluster.len(), start_ms, end_ms: None }),
                2 => open = Some(from),
                _ => {}
            }
        }
        Phrase::new(text, words).expect("a phrase keeps its own rules")
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn letters_become_ascii(text in letters(), lang in select(&["hi", "mr", "sa", "bn", "ta", "te", "kn", "ml", "gu", "pa", "or", "und"][..])) {
        let got = romanize::text(&text, &tag(lang), Scheme::Readable);
        prop_assert!(!got.is_empty());
        // A joiner that joins nothing stands between the words.
        prop_assert!(got.chars().all(|c| c.is_ascii() || matches!(c, '\u{200c}' | '\u{200d}')), "{:?} {:?}", text, got);
    }

    #[test]
    fn words_stay_words(phrase in phrase(), lang in select(&["hi", "bn", "ta", "ml", "pa", "en"][..]), scheme in select(&[Scheme::Readable, Scheme::Iso15919][..])) {
        let main = layer(lang, phrase);
        let before = &main.lines()[0];
        let read = romanize::layer(&main, scheme);
        let read = read.map_err(|e| TestCaseError::fail(format!("{e}: {:?}", before.text())))?;
        // The model's own rules were checked on the way: ranges, clusters, normalization.
        let Some(read) = read else {
            let letters = before.text().chars().any(is_letter);
            prop_assert!(!letters);
            return Ok(());
        };
        let after = &read.lines()[0];
        let times = |line: &Line| line.words().iter().map(|word| (word.start_ms, word.end_ms)).collect::<Vec<_>>();
        prop_assert_eq!(times(after), times(before));
        // A second time there is nothing left to read.
        prop_assert_eq!(romanize::layer(&read, scheme).unwrap(), None);
    }
}

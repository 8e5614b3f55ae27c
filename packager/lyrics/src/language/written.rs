//! Whether a text is written as its language tag says.

use unicode_script::{Script, UnicodeScript};

use super::{LanguageTag, canonical::pair};
use crate::{Layer, Line, Phrase, quote::quote};

/// Scripts of languages that have several, or none that goes without saying in the registry.
const SCRIPTS: &str = "ace:Latn,Arab awa:Deva,Kthi ban:Latn,Bali bbc:Latn,Batk bgc:Deva bho:Deva,Kthi bjn:Latn,Arab bra:Deva \
                       brx:Deva bug:Latn,Bugi doi:Deva,Arab,Takr gbm:Deva hne:Deva jv:Latn,Java,Arab kfy:Deva \
                       kok:Deva,Knda,Mlym,Arab ks:Arab,Deva mad:Latn,Java,Arab mag:Deva,Kthi mai:Deva,Tirh,Kthi \
                       min:Latn,Arab mni:Beng,Mtei ms:Latn,Arab mwr:Deva pa:Guru,Arab raj:Deva \
                       sa:Deva,Beng,Gran,Gujr,Guru,Knda,Mlym,Orya,Sinh,Taml,Telu sas:Latn,Bali sat:Olck,Deva,Beng,Orya \
                       sd:Arab,Deva su:Latn,Sund,Arab tcy:Knda,Tutg yue:Hani,Bopo zh:Hani,Bopo";

/// What codes of ISO 15924 stand for that Unicode has no script of.
const PARTS: &str = "Aran:Arab Cyrs:Cyrl Hans:Hani,Bopo Hant:Hani,Bopo Hrkt:Hira,Kana Jpan:Hira,Kana,Hani Kore:Hang,Hani \
                     Latf:Latn Latg:Latn Syre:Syrc Syrj:Syrc Syrn:Syrc";

/// Lines of a layer that are looked at.
const LINES: usize = 256;
/// Letters of which a text is long, and those that a short one needs.
const MANY: usize = 40;
const FEW: usize = 8;

/// Says so if a layer is written in another script than its language: most letters of a long text, or nearly all of a
/// short one. Latin letters go with every language, unless the tag says its script.
pub(crate) fn contradiction(layer: &Layer, lang: &LanguageTag) -> Option<String> {
    let scripts = scripts(lang)?;
    let step = layer.lines().len().div_ceil(LINES).max(1);
    let lines = layer.lines().iter().step_by(step);
    let mut others: Vec<(Script, usize, &str)> = Vec::new();
    let mut letters = 0;
    for text in lines.flat_map(texts) {
        for script in text.chars().filter(|c| c.is_alphabetic()).map(|c| c.script()) {
            let code = script.short_name();
            if matches!(script, Script::Common | Script::Inherited | Script::Unknown) {
                continue;
            }
            letters += 1;
            if scripts.split(',').any(|own| own == code) || (code == "Latn" && lang.script().is_none()) {
                continue;
            }
            match others.iter_mut().find(|(other, ..)| *other == script) {
                Some((_, count, _)) => *count += 1,
                None => others.push((script, 1, text)),
            }
        }
    }
    let (script, count, first) = others.into_iter().max_by_key(|(_, count, _)| *count)?;
    let most = (count >= MANY && count * 2 >= letters) || (count >= FEW && count * 10 >= letters * 9);
    most.then(|| {
        let (name, code) = (script.full_name(), script.short_name());
        format!(
            "in {name} letters, which `{lang}` is not written in: {}; `{lang}-{code}` if it is that language, else its own tag",
            quote(first)
        )
    })
}

/// The script of a text's first letter.
pub(crate) fn letters_of(text: &str) -> Option<Script> {
    text.chars().find(|c| c.is_alphabetic()).map(|c| c.script())
}

fn texts(line: &Line) -> impl Iterator<Item = &str> {
    [Some(line.text()), line.background().map(Phrase::text)].into_iter().flatten()
}

/// The scripts of a language, as Unicode has them; `None` if it is not known.
fn scripts(lang: &LanguageTag) -> Option<&str> {
    let several = || pair(SCRIPTS, lang.common());
    let meant = lang.script().or_else(several).or_else(|| lang.script_meant())?;
    Some(pair(PARTS, meant).unwrap_or(meant))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;

    fn contradiction(tag: &str, texts: &[&str]) -> Option<String> {
        let line = |text: &&str| Line::new(Some(0), None, Phrase::new(*text, vec![]).unwrap()).unwrap();
        let lang: LanguageTag = tag.parse().unwrap();
        let layer = Layer::new(lang.clone(), Kind::Main, vec![], texts.iter().map(line).collect()).unwrap();
        super::contradiction(&layer, &lang)
    }

    #[test]
    fn another_script_is_named() {
        let hindi = "बुरा जो देखन मैं चला";
        for tag in ["en", "id", "ta", "hi-Latn", "ur", "jv", "zh", "ja"] {
            let named = contradiction(tag, &[hindi]).unwrap_or_else(|| panic!("{tag}"));
            assert!(named.contains("Devanagari") && named.contains(hindi) && named.contains(tag), "{named}");
        }
        for (tag, text) in [
            ("hi", "அவளும் நானும்"),
            ("hi-Deva", "bura jo dekhan"),
            ("id", "สวัสดีชาวโลก"),
            ("en", "Тёмная ночь"),
            ("ml", "বন্দে মাতরম্ সুজলাং"),
        ] {
            assert!(contradiction(tag, &[text]).is_some(), "{tag} {text}");
        }
        let long = ["Written by Somebody, sung by Somebody Else", hindi, hindi, hindi, hindi];
        assert!(contradiction("en", &long).is_some(), "more than half of many letters");
    }

    #[test]
    fn its_own_scripts_and_latin_are_fine() {
        for (tag, text) in [
            ("hi", "बुरा जो देखन मैं चला"),
            ("hi", "bura jo dekhan main chala"),
            ("mai", "जय जय भैरवि असुर भयाउनि"),
            ("pa", "ਮੈਂ ਤੈਨੂੰ ਫਿਰ ਮਿਲਾਂਗੀ"),
            ("pa", "میں تینوں پھر ملاں گی"),
            ("sa", "വന്ദേ മാതരം സുജലാം"),
            ("ms", "نݢاراکو تانه تومڤهڽ"),
            ("ja", "君に嘘をついていた カラオケ"),
            ("zh-Hans", "月亮代表我的心你问我爱你"),
            ("ko", "사랑해 당신을 정말로"),
            ("und", "बुरा जो देखन मैं चला"),
            ("tlh", "बुरा जो देखन मैं चला"),
            ("en", "OK ठीक"),
            ("en", "♪ … 12:30"),
        ] {
            assert_eq!(contradiction(tag, &[text]), None, "{tag} {text}");
        }
        let mixed = ["Some words of English here", "बुरा जो देखन", "and some more of them there"];
        assert_eq!(contradiction("en", &mixed), None);
    }
}

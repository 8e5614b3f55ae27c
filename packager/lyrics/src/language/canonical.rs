//! The canonical form of a tag (RFC 5646 §4.5), and whether each of its subtags is registered (§2.2.9).

use oxilangtag::LanguageTag as Bcp47;

use super::registry::{
    EXTENDED, LANGUAGES, REGIONS, SCRIPTS, SHORTER, SUBTAGS, THREE_LETTERS, TWO_LETTERS, VARIANTS, WHOLE,
};

/// The canonical form, or what is wrong with the tag.
pub(super) fn canonical(tag: &str) -> Result<String, String> {
    let tag = pair(WHOLE, &tag.to_ascii_lowercase()).unwrap_or(tag);
    let normal = Bcp47::parse_and_normalize(tag)
        .map_err(|e| format!("not a BCP 47 tag such as `hi` or `hi-Latn`: {e}"))?
        .into_inner();
    // The grammar has no other characters; the file name depends on it, so it is not left to a grammar.
    if !normal.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        return Err("has a character other than letters, digits and hyphens".into());
    }
    let mut subtags = normal.split('-').peekable();
    let mut canonical = language(subtags.next().unwrap_or_default())?.to_owned();
    while let Some(extended) = subtags.next_if(|s| s.len() == 3 && is_alphabetic(s)) {
        // It is a language itself (§2.2.2), and stands alone in the canonical form.
        if pair(EXTENDED, extended) != Some(&*canonical) {
            return Err(format!("`{extended}` is not registered as a language behind `{canonical}`"));
        }
        canonical = extended.to_owned();
    }
    while let Some(subtag) = subtags.next_if(|s| s.len() > 1) {
        canonical.push('-');
        canonical += registered(subtag)?;
    }
    let mut extensions: Vec<String> = Vec::new();
    let mut private = false;
    for subtag in subtags {
        match extensions.last_mut().filter(|_| subtag.len() > 1 || private) {
            Some(last) => *last = format!("{last}-{subtag}"),
            None => extensions.push(subtag.to_owned()),
        }
        private |= subtag == "x";
    }
    // By their letter; what is private stays behind all others.
    extensions.sort_by_key(|extension| extension.starts_with('x'));
    let shared = extensions.len() - usize::from(private);
    extensions.get_mut(..shared).into_iter().for_each(|shared| shared.sort());
    Ok(extensions.into_iter().fold(canonical, |tag, extension| tag + "-" + &extension))
}

/// The shortest code of a language (ISO 639), and the one that replaced it.
fn language(code: &str) -> Result<&str, String> {
    if !matches!(code.len(), 2 | 3) {
        return Err("a language has two or three letters, such as `hi`".into());
    }
    let mut code = code;
    while let Some(better) = pair(SHORTER, code).or_else(|| pair(LANGUAGES, code)) {
        code = better;
    }
    if is_language(code) { Ok(code) } else { Err(format!("`{code}` is not a registered language")) }
}

fn is_language(code: &str) -> bool {
    match code.split_at_checked(2) {
        Some((_, "")) => has(TWO_LETTERS, code),
        // For private use: qaa to qtz.
        Some((first, third)) => {
            ("qa"..="qt").contains(&first)
                || pair(THREE_LETTERS, first).is_some_and(|all| all.contains(third))
        }
        None => false,
    }
}

/// A subtag behind the language, or the one that replaced it.
fn registered(subtag: &str) -> Result<&str, String> {
    let (table, what) = match subtag.len() {
        4 if is_alphabetic(subtag) => (SCRIPTS, "script"),
        2 | 3 => (REGIONS, "region"),
        _ => (VARIANTS, "variant"),
    };
    // For private use: Qaaa to Qabx, QM to QZ and XA to XZ.
    let private = match what {
        "script" => ("Qaaa"..="Qabx").contains(&subtag),
        "region" => ("QM"..="QZ").contains(&subtag) || ("XA"..="XZ").contains(&subtag),
        _ => false,
    };
    if let Some(better) = pair(SUBTAGS, &subtag.to_ascii_lowercase()) {
        return Ok(better);
    }
    match has(table, subtag) || private {
        true => Ok(subtag),
        false if subtag == "UK" => Err("`UK` is not a registered region; did you mean `GB`?".into()),
        false => Err(format!("`{subtag}` is not a registered {what}")),
    }
}

fn is_alphabetic(subtag: &str) -> bool {
    subtag.bytes().all(|b| b.is_ascii_alphabetic())
}

/// Whether a table has the word.
pub(super) fn has(table: &str, word: &str) -> bool {
    table.split(' ').any(|one| one == word)
}

/// What a table has for the word.
pub(super) fn pair(table: &'static str, word: &str) -> Option<&'static str> {
    table.split(' ').filter_map(|pair| pair.split_once(':')).find(|(of, _)| *of == word).map(|(_, to)| to)
}

#[cfg(test)]
mod tests {
    use super::{super::registry::*, *};

    #[test]
    fn tables_are_words_and_pairs() {
        for words in [TWO_LETTERS, SCRIPTS, REGIONS, VARIANTS, LOCALES] {
            assert!(words.split(' ').all(|word| !word.is_empty() && !word.contains(':')));
        }
        for pairs in [THREE_LETTERS, EXTENDED, WHOLE, LANGUAGES, SUBTAGS, SHORTER, WITHIN, WRITTEN] {
            assert!(pairs.split(' ').all(|pair| pair.split(':').count() == 2), "{pairs}");
        }
    }

    #[test]
    fn what_is_preferred_is_canonical_itself() {
        let tags = [WHOLE, LANGUAGES, SHORTER, WITHIN].into_iter().flat_map(|table| table.split(' '));
        for (of, to) in tags.filter_map(|pair| pair.split_once(':')) {
            let once = canonical(of).unwrap_or_else(|e| panic!("{of}: {e}"));
            assert_eq!(canonical(&once), Ok(once.clone()), "{of}");
            assert!(canonical(to).is_ok(), "{to}");
        }
        for (code, script) in WRITTEN.split(' ').filter_map(|pair| pair.split_once(':')) {
            assert!(canonical(&format!("{code}-{script}")).is_ok(), "{code}-{script}");
        }
        for code in LOCALES.split(' ') {
            assert_eq!(canonical(code).as_deref(), Ok(code));
        }
    }
}

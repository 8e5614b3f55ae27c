//! How many words of the gold lists come out as people type them.
#![allow(clippy::unwrap_used, clippy::panic)] // a test that cannot go on fails

use nada_lyrics::romanize::{Scheme, text};

/// Language and its list.
const LISTS: [(&str, &str); 10] = [
    ("hi", include_str!("../gold/hi.tsv")),
    ("bn", include_str!("../gold/bn.tsv")),
    ("ta", include_str!("../gold/ta.tsv")),
    ("te", include_str!("../gold/te.tsv")),
    ("mr", include_str!("../gold/mr.tsv")),
    ("gu", include_str!("../gold/gu.tsv")),
    ("pa", include_str!("../gold/pa.tsv")),
    ("kn", include_str!("../gold/kn.tsv")),
    ("ml", include_str!("../gold/ml.tsv")),
    ("or", include_str!("../gold/or.tsv")),
];

/// One half of a list, measured.
#[derive(Debug, Default)]
struct Score {
    rows: usize,
    exact: usize,
    /// Of all rows, the sum of edits to the nearest accepted spelling, by the length of that.
    error: f64,
    wrong: Vec<String>,
}

impl Score {
    fn exact(&self) -> f64 {
        self.exact as f64 / self.rows as f64
    }

    fn character_error(&self) -> f64 {
        self.error / self.rows as f64
    }
}

/// Development and held-out rows: every third one is held out.
fn measure(lang: &str, list: &str) -> [Score; 2] {
    let mut scores = [Score::default(), Score::default()];
    for (i, row) in list.lines().enumerate() {
        let (word, accepted) = row.split_once('\t').unwrap();
        let accepted: Vec<&str> = accepted.split(' ').collect();
        let got = text(
            &unicode_normalization::UnicodeNormalization::nfc(word).collect::<String>(),
            &lang.parse().unwrap(),
            Scheme::Readable,
        );
        let score = &mut scores[usize::from(i % 3 == 2)];
        let nearest = accepted.iter().map(|spelling| edits(spelling, &got) as f64 / spelling.len() as f64);
        let error = nearest.fold(f64::MAX, f64::min);
        score.rows += 1;
        score.error += error;
        if error == 0.0 {
            score.exact += 1;
        } else {
            score.wrong.push(format!("{word} {got} ({})", accepted.join(" ")));
        }
    }
    scores
}

/// Levenshtein's distance.
fn edits(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[test]
fn development_rows() {
    for (lang, list) in LISTS {
        let [score, _] = measure(lang, list);
        println!(
            "{lang} {} rows, {:.3} exact, {:.3} character error: {:#?}",
            score.rows,
            score.exact(),
            score.character_error(),
            score.wrong
        );
    }
}

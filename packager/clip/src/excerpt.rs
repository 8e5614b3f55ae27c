//! What of a song a picture shows: lines by number, or a time.

use std::{ops::Range, str::FromStr};

use crate::{
    error::ClipError,
    song::{Line, Song},
};

/// The most lines on a card, or in an animated picture.
pub const CARD_LINES: usize = 5;

/// The most seconds of a film.
pub const FILM_SECONDS: u32 = 90;

/// The least that a film lasts, in ms.
const SHORTEST_MS: i64 = 500;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// Lines from the first to the last, counted from 1 over those that have a text.
    Lines(LineNumbers),
    /// From when to when, in ms of the media.
    Time(Range<i64>),
}

/// `12-15`, or `12`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineNumbers {
    /// The first, from 1.
    pub first: u32,
    /// The last.
    pub last: u32,
}

impl FromStr for LineNumbers {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = |text: &str| {
            let digits = text.bytes().all(|b| b.is_ascii_digit());
            text.parse().ok().filter(|number| digits && *number > 0)
        };
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        match (number(first), number(last)) {
            (Some(first), Some(last)) if first <= last => Ok(Self { first, last }),
            (Some(_), Some(_)) => Err("the first line comes after the last; write 12-15"),
            _ => Err("expected numbers of lines, counted from 1, such as 12-15 or 12"),
        }
    }
}

/// What is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A picture that stands still.
    Card,
    /// A picture in which words light up.
    Animation,
    /// A film, with sound.
    Film,
}

/// The part of a song that is drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Excerpt {
    /// The lines, one at least.
    pub lines: Vec<Line>,
    /// The number of the first of them, from 1.
    pub first: usize,
    /// From when to when, in ms of the media; empty for a card without times.
    pub span: Range<i64>,
}

impl Song {
    /// The part that is asked for.
    ///
    /// # Errors
    /// If there are no lyrics, if what is asked for is no part of the song, is more than a picture of that form holds, or needs
    /// times that the lyrics do not have.
    pub fn excerpt(&self, wanted: &Wanted, form: Form) -> Result<Excerpt, ClipError> {
        if self.lines.is_empty() {
            return Err(ClipError::NoLyrics);
        }
        if !self.synced && (form != Form::Card || matches!(wanted, Wanted::Time(_))) {
            return Err(ClipError::Unsynced);
        }
        let (range, span) = match wanted {
            Wanted::Lines(numbers) => self.lines_between(*numbers)?,
            Wanted::Time(span) => self.lines_within(span)?,
        };
        let lines = self.lines.get(range.clone()).unwrap_or_default();
        if form != Form::Film && lines.len() > CARD_LINES {
            return Err(ClipError::ManyLines { asked: lines.len(), most: CARD_LINES });
        }
        let longest = i64::from(FILM_SECONDS) * 1000;
        if form == Form::Film && span.end - span.start > longest {
            return Err(ClipError::Long { asked_ms: span.end - span.start, most: FILM_SECONDS });
        }
        if form != Form::Card && span.end - span.start < SHORTEST_MS {
            return Err(ClipError::Short { asked_ms: span.end - span.start, least_ms: SHORTEST_MS });
        }
        Ok(Excerpt { lines: lines.to_vec(), first: range.start + 1, span })
    }

    fn lines_between(
        &self,
        LineNumbers { first, last }: LineNumbers,
    ) -> Result<(Range<usize>, Range<i64>), ClipError> {
        let range = first.saturating_sub(1) as usize..last as usize;
        let lines = self.lines.get(range.clone()).filter(|lines| !lines.is_empty());
        let lines = lines.ok_or(ClipError::NoSuchLines { first, last, lines: self.lines.len() })?;
        // a voice may begin before the line that it belongs to
        let words =
            lines.iter().flat_map(|line| &line.rows).flat_map(|row| &row.words).map(|word| word.sung.start);
        let start = lines.iter().map(|line| line.sung.start).chain(words).min().unwrap_or_default();
        let end = lines.iter().map(|line| line.sung.end).max().unwrap_or_default();
        Ok((range, start..end))
    }

    fn lines_within(&self, span: &Range<i64>) -> Result<(Range<usize>, Range<i64>), ClipError> {
        let Range { start, end } = *span;
        if start >= end {
            return Err(ClipError::Backwards { from_ms: start, to_ms: end });
        }
        if end > self.length_ms {
            return Err(ClipError::Beyond { to_ms: end, length_ms: self.length_ms });
        }
        let sung = |line: &Line| line.sung.start < end && line.sung.end > start;
        let first =
            self.lines.iter().position(sung).ok_or(ClipError::Silent { from_ms: start, to_ms: end })?;
        let last = self.lines.iter().rposition(sung).unwrap_or(first);
        Ok((first..last + 1, span.clone()))
    }
}

#[cfg(test)]
mod tests {
    use nada_lyrics::{Hint, Kind, Lyrics, parse};

    use super::*;
    use crate::song::Credits;

    fn song(text: &str) -> Song {
        let hint = Hint { lang: "id".parse().unwrap(), kind: Kind::Main };
        let lyrics = Lyrics::new(vec![parse(text.as_bytes(), &hint).unwrap().layer]).unwrap();
        Song::new(Credits::default(), &lyrics, &[], 0, 200_000)
    }

    fn lines(text: &str) -> Wanted {
        Wanted::Lines(text.parse().unwrap())
    }

    fn six() -> Song {
        song(&(0..6).map(|n| format!("[00:{:02}.00]baris {n}\n", n * 9 + 5)).collect::<String>())
    }

    #[test]
    fn lines_are_counted_from_one() {
        let excerpt = six().excerpt(&lines("2-3"), Form::Film).unwrap();
        assert_eq!((excerpt.first, excerpt.span, excerpt.lines.len()), (2, 14_000..32_000, 2));
        let excerpt = six().excerpt(&Wanted::Time(13_000..14_001), Form::Film).unwrap();
        assert_eq!((excerpt.first, excerpt.span, excerpt.lines.len()), (1, 13_000..14_001, 2));
    }

    #[test]
    fn what_is_no_part_of_the_song_is_refused_in_one_sentence() {
        let refused = |wanted: Wanted, form| six().excerpt(&wanted, form).unwrap_err().to_string();
        for (wanted, form, says) in [
            (lines("5-7"), Form::Card, "lines 5 to 7 are asked for, but the song has 6"),
            (lines("1-500"), Form::Film, "lines 1 to 500 are asked for, but the song has 6"),
            (
                lines("1-6"),
                Form::Card,
                "6 lines are asked for, but a picture has room for 5: choose fewer, or make a film",
            ),
            (
                lines("1-6"),
                Form::Film,
                "195.0 s are asked for, but a film lasts at most 90 s: choose less of the song",
            ),
            (
                Wanted::Time(Range { start: 9_000, end: 8_000 }),
                Form::Film,
                "0:09.000 comes after 0:08.000: exchange --from and --to",
            ),
            (
                Wanted::Time(Range { start: 9_000, end: 9_000 }),
                Form::Film,
                "0:09.000 comes after 0:09.000: exchange --from and --to",
            ),
            (
                Wanted::Time(0..200_001),
                Form::Film,
                "the song ends at 3:20.000, before 3:20.001: choose an earlier --to",
            ),
            (
                Wanted::Time(0..5_000),
                Form::Card,
                "no line is sung between 0:00.000 and 0:05.000: choose another time",
            ),
            (
                Wanted::Time(5_000..5_010),
                Form::Film,
                "0.010 s are asked for, but a film lasts at least 0.500 s: choose more of the song",
            ),
        ] {
            let message = refused(wanted.clone(), form);
            assert!(message.starts_with(says), "{wanted:?}: {message}");
        }
        for text in ["0", "3-2", "a", "", "1-", "+1", "99999999999"] {
            assert!(text.parse::<LineNumbers>().is_err(), "{text}");
        }
    }

    #[test]
    fn lyrics_without_times_make_cards_alone() {
        let song = song("satu\ndua\ntiga\n");
        assert_eq!(song.excerpt(&lines("2-3"), Form::Card).unwrap().lines.len(), 2);
        for (wanted, form) in
            [(lines("1"), Form::Film), (Wanted::Time(0..9), Form::Card), (lines("1"), Form::Animation)]
        {
            assert!(matches!(song.excerpt(&wanted, form), Err(ClipError::Unsynced)), "{wanted:?}");
        }
    }
}

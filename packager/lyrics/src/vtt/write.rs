use core::fmt::Write;

use crate::{
    Layer, LyricsTimeline, Phrase, clock,
    schedule::{cues, spans},
};

/// A layer as a WebVTT file on the media timeline, whole track in one segment of an HLS SUBTITLES rendition.
///
/// A cue for each line that has text, a further one for its background vocals; timed words follow karaoke
/// time tags (`<00:00:01.500>`), which WebVTT wants strictly inside the cue and rising, so a word that starts
/// with its cue has none. Each is a span, so that `::cue(:past)` and `::cue(:future)` style them. Text is escaped: a lyric can neither be markup nor end its cue. What lies wholly
/// outside the track is left out, and so is what has no duration, as is an unsynced layer's text: without cues the
/// file is still valid.
pub fn write(layer: &Layer, timeline: &LyricsTimeline) -> String {
    // hls.js, AVPlayer and Media3 map local time to the media clock by this header; both start at 0 here.
    let mut vtt = String::from("WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\n");
    for (start, end, phrase) in timed_phrases(layer, timeline) {
        // Writing to a String cannot fail.
        let _ = write!(vtt, "\n{} --> {}\n", time(start), time(end));
        payload(&mut vtt, phrase, start, end, timeline);
        vtt.push('\n');
    }
    vtt
}

/// What is shown from when to when: by start, as WebVTT wants it, lead vocals first.
fn timed_phrases<'a>(layer: &'a Layer, timeline: &LyricsTimeline) -> Vec<(u64, u64, &'a Phrase)> {
    let mut shown = Vec::with_capacity(layer.lines().len());
    for span in spans(layer, timeline) {
        let background = span.line.background().zip(span.background);
        let background = background.map(|(phrase, (start, end))| (start, end, phrase));
        shown.extend([Some((span.start, span.end, span.line.phrase())), background].into_iter().flatten());
    }
    shown.retain(|(start, end, phrase)| start < end && !phrase.text().is_empty());
    shown.sort_by_key(|(start, ..)| *start);
    shown
}

/// The text of a cue. What lies between two time tags is a span (`<c>`): `::cue(:past)` and `::cue(:future)` match objects
/// of the cue (§8.2.2), and text alone is none. The space behind a word is in its span, since players that read a cue as
/// XML leave out white space between two.
fn payload(vtt: &mut String, phrase: &Phrase, start: u64, end: u64, timeline: &LyricsTimeline) {
    let text = phrase.text();
    let (mut written, mut lit, mut tagged) = (0, start, false);
    for cue in cues(phrase, timeline) {
        if cue.start <= lit || cue.start >= end {
            continue;
        }
        span(vtt, text.get(written..cue.word.bytes.start).unwrap_or_default());
        let _ = write!(vtt, "<{}>", time(cue.start));
        (written, lit, tagged) = (cue.word.bytes.start, cue.start, true);
    }
    let rest = text.get(written..).unwrap_or_default();
    if tagged { span(vtt, rest) } else { escape(vtt, rest) }
}

fn span(vtt: &mut String, text: &str) {
    if !text.is_empty() {
        vtt.push_str("<c>");
        escape(vtt, text);
        vtt.push_str("</c>");
    }
}

fn escape(vtt: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => vtt.push_str("&amp;"),
            '<' => vtt.push_str("&lt;"),
            '>' => vtt.push_str("&gt;"),
            c => vtt.push(c),
        }
    }
}

/// `hh:mm:ss.ttt` (WebVTT §4.1).
fn time(ms: u64) -> String {
    clock::format(ms, '.')
}

#[cfg(test)]
mod tests {
    use core::num::NonZeroU32;

    use super::*;
    use crate::{Kind, Line, Word};

    fn word(from: usize, to: usize, start_ms: i64) -> Word {
        Word { bytes: from..to, start_ms, end_ms: None }
    }

    fn layer(lines: Vec<Line>) -> Layer {
        Layer::new("hi".parse().unwrap(), Kind::Main, vec![], lines).unwrap()
    }

    fn line(start: i64, text: &str, words: Vec<Word>) -> Line {
        Line::new(Some(start), None, Phrase::new(text, words).unwrap()).unwrap()
    }

    const HEAD: &str = "WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\n";

    #[test]
    fn karaoke_on_the_media_timeline() {
        let l = layer(vec![
            line(1000, "बुरा जो देखन", vec![word(0, 12, 1000), word(13, 19, 1500), word(20, 32, 2000)]),
            line(3000, "", vec![]),
            line(3_600_500, "मैं चला", vec![]),
        ]);
        let media = LyricsTimeline::media(2048, NonZeroU32::new(44_100).unwrap(), 44_100 * 3610);
        assert_eq!(
            write(&l, &media),
            format!(
                "{HEAD}\n00:00:01.046 --> 00:00:03.046\n\
                 <c>बुरा </c><00:00:01.546><c>जो </c><00:00:02.046><c>देखन</c>\n\
                 \n01:00:00.546 --> 01:00:10.046\nमैं चला\n"
            )
        );
    }

    #[test]
    fn text_is_never_markup() {
        let l = layer(vec![line(0, "<img src=x onerror=alert(1)> & 00:01 --> 00:02 <v Eve>", vec![])]);
        let vtt = write(&l, &LyricsTimeline::SOURCE);
        assert!(
            vtt.ends_with("&lt;img src=x onerror=alert(1)&gt; &amp; 00:01 --&gt; 00:02 &lt;v Eve&gt;\n"),
            "{vtt}"
        );
        assert_eq!(vtt.matches("-->").count(), 1);
    }

    #[test]
    fn tags_rise_strictly_inside_the_cue() {
        let words = vec![word(0, 1, 500), word(2, 3, 1000), word(4, 5, 1000), word(6, 7, 1200)];
        let l = layer(vec![line(1000, "a b c d", words), line(5000, "e", vec![])]);
        let vtt = write(&l, &LyricsTimeline::SOURCE);
        assert!(vtt.contains("\n<c>a b c </c><00:00:01.200><c>d</c>\n"), "{vtt}");
    }

    #[test]
    fn a_line_outside_the_track_has_no_cue() {
        let l = layer(vec![line(0, "in", vec![]), line(20_000, "out", vec![])]);
        let vtt = write(&l, &LyricsTimeline::media(0, NonZeroU32::new(1000).unwrap(), 10_000));
        assert!(vtt.contains("00:00:00.000 --> 00:00:10.000\nin\n") && !vtt.contains("out"), "{vtt}");
    }

    #[test]
    fn background_vocals_are_a_cue_of_their_own() {
        let background = Phrase::new("(जो)", vec![word(0, 8, 2000)]).unwrap();
        let first = line(1000, "बुरा", vec![]).with_background(background).unwrap();
        let l = layer(vec![first, line(1500, "x", vec![]), line(4000, "", vec![])]);
        // The line would be over at 1.5 s, but its background starts at 2 s.
        assert_eq!(
            write(&l, &LyricsTimeline::SOURCE),
            format!("{HEAD}\n00:00:01.000 --> 00:00:02.000\nबुरा\n\n00:00:01.500 --> 00:00:04.000\nx\n"),
            "a background without a duration is left out"
        );
    }

    #[test]
    fn an_unsynced_layer_has_no_cues() {
        let l = layer(vec![Line::new(None, None, Phrase::new("x", vec![]).unwrap()).unwrap()]);
        assert_eq!(write(&l, &LyricsTimeline::SOURCE), HEAD);
    }
}

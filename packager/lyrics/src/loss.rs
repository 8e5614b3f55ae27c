//! What a format cannot hold, by kind.

use core::fmt;

/// Something that a written file does not hold, or holds otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// How often.
    pub count: usize,
    /// What, and what becomes of it.
    pub what: LossKind,
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} × {}", self.count, self.what)
    }
}

/// What a written file does not hold, and what becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each is described by its text")]
pub enum LossKind {
    UnalignedLayers,
    LayerOrder,
    FurtherLayers,
    TitleAndArtists,
    Sections,
    LineKeys,
    AgentsWithoutTimedWords,
    OtherAgents,
    UntimedBackground,
    EndsWithoutTimedWords,
    XmlCharacters,
    SectionNameForm,
    AgentNameForm,
    LateLastWords,
    Agents,
    Background,
    LineEnds,
    StampLikeText,
    UntimedText,
    WordEnds,
    WordOrder,
    WordTimes,
    MarkupLikeText,
    UntimedLines,
    LinesWithoutText,
    TagLikeText,
    TagLikeSections,
    Pauses,
    OpenLines,
    ShortLines,
    NegativeTimes,
}

impl fmt::Display for LossKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnalignedLayers => "layers that do not go with the first line by line; left out",
            Self::LayerOrder => "order of layers; translations first",
            Self::FurtherLayers => "further layers; left out",
            Self::TitleAndArtists => "title and artists; left out",
            Self::Sections => "names of sections; left out",
            Self::LineKeys => "keys of lines; left out",
            Self::AgentsWithoutTimedWords => "agents of a layer without timed words; left out",
            Self::OtherAgents => "agents that are neither one voice nor a group; made voices",
            Self::UntimedBackground => "background vocals without timed words; told apart no more",
            Self::EndsWithoutTimedWords => "ends of lines without timed words; left out",
            Self::XmlCharacters => "characters that XML cannot hold; U+FFFD",
            Self::SectionNameForm => "names of sections with white space around or not in NFC; made so",
            Self::AgentNameForm => "names of agents with white space around or not in NFC; made so",
            Self::LateLastWords => "last words without an end that start after their line; ended at once",
            Self::Agents => "agents; left out",
            Self::Background => "background vocals; told apart no more",
            Self::LineEnds => "stated ends of lines; made pauses, or ends of words",
            Self::StampLikeText => "text that would be stamps or voices; made full-width",
            Self::UntimedText => "untimed text beside timed words; made part of them",
            Self::WordEnds => "ends of words; left out",
            Self::WordOrder => {
                "words that do not start one after the other within their line; left untimed or moved"
            }
            Self::WordTimes => "times of words; left out",
            Self::MarkupLikeText => "text that would be markup or times; made full-width",
            Self::UntimedLines => "lines without times; left out",
            Self::LinesWithoutText => "lines without text; left out",
            Self::TagLikeText => "brackets that would be stamps, tags or sections; made full-width",
            Self::TagLikeSections => "names of sections that would be read otherwise",
            Self::Pauses => "pauses; left out",
            Self::OpenLines => "lines without an end; one is made up",
            Self::ShortLines => "lines that end at once or before their words; left out or prolonged",
            Self::NegativeTimes => "times before 0; moved there, or left out where all is over by then",
        })
    }
}

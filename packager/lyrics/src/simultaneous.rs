//! Lines that a file has at once without saying who sings them. A voice sings one line at a time, so that each gets a
//! voice, and none has to end where the next begins.

use crate::{
    Agent, AgentKind, Line, limit,
    position::FilePosition,
    warning::{WarningKind, Warnings},
};

/// What a voice has begun and not ended.
#[derive(Default)]
struct Voice {
    /// Start, end and the end of the words of each line.
    open: Vec<(Option<i64>, Option<i64>, Option<i64>)>,
}

impl Voice {
    /// Whether no line of it would be cut by one that starts then.
    fn is_free(&mut self, start: Option<i64>) -> bool {
        self.open.retain(|(_, end, _)| *end > start);
        !self.open.iter().any(|(begun, _, words)| *begun < start && *words <= start)
    }
}

/// Gives lines of nobody that go on while a later one begins voices of their own, as many as there are at once: the
/// first that is free. `places` are those of the lines.
pub(crate) fn part(
    lines: Vec<Line>,
    places: &[FilePosition],
    agents: &mut Vec<Agent>,
    warnings: &mut Warnings,
) -> Vec<Line> {
    let most = limit::AGENTS.saturating_sub(agents.len());
    let mut order: Vec<usize> = (0..lines.len()).collect();
    order.sort_by_key(|i| lines.get(*i).and_then(Line::start_ms));
    let mut voices: Vec<Voice> = Vec::new();
    let mut voice_of: Vec<Option<usize>> = vec![None; lines.len()];
    let mut beside: Option<usize> = None;
    let mut count = 0;
    for i in order {
        let Some(line) = lines.get(i).filter(|line| line.agent().is_none()) else { continue };
        let start = line.start_ms();
        let free = voices.iter_mut().position(|voice| voice.is_free(start));
        let at = free.unwrap_or(voices.len());
        let place = places.get(i).copied().unwrap_or_default();
        if at >= most {
            warnings.push(place, WarningKind::Simultaneous, || {
                format!("more than {most} lines at once; one of them ends here")
            });
            continue;
        }
        if at == voices.len() {
            voices.push(Voice::default());
        }
        if at > 0 {
            count += 1;
            beside = beside.or(Some(i));
        }
        if let Some(voice) = voices.get_mut(at).filter(|_| line.end_ms().is_some()) {
            voice.open.push((start, line.end_ms(), line.words_end()));
        }
        voice_of.get_mut(i).into_iter().for_each(|voice| *voice = Some(at));
    }
    let Some(first) = beside else { return lines };
    let place = places.get(first).copied().unwrap_or_default();
    warnings.push(place, WarningKind::Simultaneous, || {
        format!("starts before the end of the line above it; both go on, each with a voice of its own: {count} times")
    });
    let taken = agents.len();
    let mut names = (1..).map(|n| format!("v{n}"));
    for _ in &voices {
        let free = names.find(|id| agents.iter().all(|agent| agent.id != *id)).unwrap_or_default();
        agents.push(Agent { id: free, kind: AgentKind::Voice, name: None });
    }
    let sung = |(line, voice): (Line, Option<usize>)| match voice.and_then(|at| agents.get(taken + at)) {
        Some(agent) => line.sung_by(agent.id.clone()),
        None => line,
    };
    lines.into_iter().zip(voice_of).map(sung).collect()
}

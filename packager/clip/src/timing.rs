//! When lines are current, and how the list of them moves: as on the player page.

use crate::song::Line;

/// How long a line takes to stand out, and to stand back, in ms.
const FADE_MS: f64 = 250.0;

/// How long the list takes to move, in ms.
const MOVE_MS: f64 = 420.0;

/// When each line is under way: a line goes on until it is over, and then until another begins.
pub fn under_way(lines: &[Line], ms: f64) -> Vec<usize> {
    let begun =
        || (0..lines.len()).filter(|at| lines.get(*at).is_some_and(|line| line.sung.start as f64 <= ms));
    let now: Vec<usize> =
        begun().filter(|at| lines.get(*at).is_some_and(|line| ms < line.sung.end as f64)).collect();
    if now.is_empty() { begun().next_back().into_iter().collect() } else { now }
}

/// From when to when a line is current, in ms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Current {
    from: f64,
    until: f64,
}

impl Current {
    /// Of each line.
    pub fn of(lines: &[Line]) -> Vec<Current> {
        let each = lines.iter().enumerate().map(|(at, line)| {
            let end = line.sung.end as f64;
            let next = lines.iter().map(|line| line.sung.start as f64).find(|start| *start > end);
            let stays = under_way(lines, end).contains(&at);
            let until = if stays { next.unwrap_or(f64::INFINITY) } else { end };
            Current { from: line.sung.start as f64, until }
        });
        each.collect()
    }

    /// How current it is, from 0 to 1.
    pub fn at(self, ms: f64) -> f32 {
        let entered = ((ms - self.from) / FADE_MS).clamp(0.0, 1.0);
        let left = ((ms - self.until) / FADE_MS).clamp(0.0, 1.0);
        (entered - left).max(0.0) as f32
    }
}

/// Where the list stands, over time: moves from place to place, each of which may begin before the last is over.
#[derive(Debug, Clone, Default)]
pub struct Moves {
    /// When, from where, to where.
    moves: Vec<(f64, f64, f64)>,
}

impl Moves {
    /// Follows `place`, which is where the list is to stand at a time, from `from_ms` on. `events` are the times at which that may
    /// change.
    pub fn new(from_ms: f64, events: impl Iterator<Item = f64>, place: impl Fn(f64) -> f64) -> Moves {
        let start = place(from_ms);
        let mut moves = Moves { moves: vec![(f64::NEG_INFINITY, start, start)] };
        let mut events: Vec<f64> = events.filter(|at| *at > from_ms).collect();
        events.sort_by(f64::total_cmp);
        for at in events {
            let to = place(at);
            if moves.moves.last().is_some_and(|(_, _, last)| *last != to) {
                moves.moves.push((at, moves.at(at), to));
            }
        }
        moves
    }

    /// Where the list stands.
    pub fn at(&self, ms: f64) -> f64 {
        let under_way = self.moves.iter().rev().find(|(start, ..)| *start <= ms);
        under_way.map_or(0.0, |(start, from, to)| {
            let done = ((ms - start) / MOVE_MS).clamp(0.0, 1.0);
            from + (to - from) * done * done * 2.0_f64.mul_add(-done, 3.0)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(times: &[(i64, i64)]) -> Vec<Line> {
        times.iter().map(|(start, end)| Line { sung: *start..*end, rows: vec![] }).collect()
    }

    #[test]
    fn a_line_stays_until_another_begins() {
        let song = lines(&[(1000, 2000), (3000, 6000), (4000, 5000), (9000, 9500)]);
        for (ms, now) in [
            (0.0, vec![]),
            (1000.0, vec![0]),
            (2500.0, vec![0]),
            (3000.0, vec![1]),
            (4500.0, vec![1, 2]),
            (5500.0, vec![1]),
            (9600.0, vec![3]),
        ] {
            assert_eq!(under_way(&song, ms), now, "{ms}");
        }
        let current = Current::of(&song);
        assert_eq!([current[0].until, current[1].until, current[2].until], [3000.0, 6000.0, 5000.0]);
        assert_eq!(
            [999.0, 1125.0, 1250.0, 2999.0, 3125.0, 3250.0].map(|ms| current[0].at(ms)),
            [0.0, 0.5, 1.0, 1.0, 0.5, 0.0]
        );
    }

    #[test]
    fn the_list_moves_without_a_jump() {
        let moves = Moves::new(0.0, [100.0, 300.0, 5000.0].into_iter(), |ms| {
            if ms < 100.0 {
                0.0
            } else if ms < 300.0 {
                100.0
            } else {
                40.0
            }
        });
        assert_eq!([moves.at(-9.0), moves.at(100.0), moves.at(9000.0)], [0.0, 0.0, 40.0]);
        let mut before = 0.0;
        for ms in 0..2000 {
            let now = moves.at(f64::from(ms));
            assert!((now - before).abs() < 1.0, "{ms}");
            before = now;
        }
    }
}

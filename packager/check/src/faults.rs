//! What is wrong with one resource, as far as it is seen while it is read.

use super::{
    boxes::{Boxes, Mp4Box},
    rule::{self, Rule},
};

/// Faults of one resource beyond are not kept.
const FAULTS: usize = 24;
/// Children of one box beyond are not walked.
pub(super) const BOXES: usize = 20_000;

/// Faults on their way, bounded.
#[derive(Debug, Default)]
pub(super) struct Faults(pub Vec<(&'static Rule, String)>);

impl Faults {
    pub fn add(&mut self, rule: &'static Rule, message: impl Into<String>) {
        if self.0.len() < FAULTS {
            self.0.push((rule, message.into()));
        }
    }

    /// The boxes that are whole; where they break off is a fault.
    pub fn boxes<'a>(&mut self, boxes: Boxes<'a>) -> Vec<Mp4Box<'a>> {
        let mut whole = Vec::new();
        for found in boxes {
            match found {
                Ok(_) if whole.len() == BOXES => {
                    self.add(&rule::LIMIT, format!("boxes after {BOXES} are not read"));
                    break;
                }
                Ok(found) => whole.push(found),
                Err(broken) => self.add(&rule::BOXES, format!("at byte {}: {}", broken.at, broken.why)),
            }
        }
        whole
    }
}

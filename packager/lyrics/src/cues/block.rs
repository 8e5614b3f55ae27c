//! One block of a subtitle file.

/// Lines between blank ones, with the number of the first.
pub(crate) struct Block<'a> {
    pub lines: Vec<&'a str>,
    pub first: usize,
}

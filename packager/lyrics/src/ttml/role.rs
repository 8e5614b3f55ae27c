//! What a `span` is to its line, by `ttm:role`.

/// The roles of a `span` (`ttm:role`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Background,
    Translation,
    Roman,
}

impl Role {
    /// What one of the roles of an element says (`ttm:role` is a list of them).
    pub(super) fn of(name: &str) -> Option<Role> {
        match name {
            "x-bg" => Some(Role::Background),
            "x-translation" => Some(Role::Translation),
            "x-roman" => Some(Role::Roman),
            _ => None,
        }
    }
}

//! Outside text in messages.

use nada_quote::Quoted;

/// The beginning of outside text, [quoted](Quoted).
pub(crate) fn quote(text: &str) -> String {
    Quoted::new(text).to_string()
}

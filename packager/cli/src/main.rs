//! The command line of Nada.
fn main() {}

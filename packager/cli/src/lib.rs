//! What the command line of Nada runs besides the other rooms.

pub mod endpoint;

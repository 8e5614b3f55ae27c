//! The synced lyrics model of Nada and its formats.

//! Where everything that is printed goes, to standard output or standard error: line by line, and with nothing in a line
//! that a terminal or a runner of workflows would obey. Messages hold what others wrote: paths, keys of files, playlists.

use std::{
    fmt,
    io::{self, Write},
};

use nada_quote::Visible;

/// A line on standard output.
macro_rules! print_line {
    ($($text:tt)*) => { $crate::terminal::line(&mut std::io::stdout(), format_args!($($text)*)) };
}

/// A line on standard error.
macro_rules! print_notice {
    ($($text:tt)*) => { $crate::terminal::message(&mut std::io::stderr(), format_args!($($text)*)) };
}

pub(crate) use {print_line, print_notice};

/// Writes one line.
pub fn line(to: &mut dyn Write, text: fmt::Arguments<'_>) {
    let text = text.to_string();
    write(to, &format!("{}\n", Visible::new(&text)));
}

/// Writes one line for people. A reader that has gone ends nothing: a server goes on serving.
pub fn message(to: &mut dyn Write, text: fmt::Arguments<'_>) {
    let text = text.to_string();
    let _ = to.write_all(format!("{}\n", Visible::new(&text)).as_bytes());
}

/// Writes lines to standard output: the breaks between them are ours, so nothing in `text` that others wrote may have any.
pub fn lines(text: &str) {
    text.lines().for_each(|text| line(&mut io::stdout(), format_args!("{text}")));
}

/// Writes JSON to standard output.
pub fn json(json: impl fmt::Display) {
    write(&mut io::stdout(), &format!("{}\n", Visible::new(&json.to_string()).json()));
}

/// As `println!` does, a reader that has gone ends the program.
#[allow(clippy::panic)]
fn write(to: &mut dyn Write, text: &str) {
    if let Err(error) = to.write_all(text.as_bytes()) {
        panic!("failed printing: {error}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nobody reads it.
    struct Gone;

    impl Write for Gone {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_message_that_nobody_reads_ends_nothing() {
        message(&mut Gone, format_args!("nada: warning"));
    }

    #[test]
    fn a_line_stays_one() {
        let mut out = Vec::new();
        line(&mut out, format_args!("nada: {}", "a\n::set-output name=b::c\u{1b}[2J\u{202e}गीत"));
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "nada: a\\n::set-output name=b::c\\u{1b}[2J\\u{202e}गीत\n"
        );
    }
}

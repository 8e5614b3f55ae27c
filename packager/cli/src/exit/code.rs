//! The exit codes in one table, from which `--help`, the class in JSON, and the code of a class of errors follow.

use nada_publish::ErrorClass;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// Without an error.
    Done = 0,
    /// An error that Nada itself is the cause of.
    Defect = 1,
    /// Arguments that cannot be read: `clap` ends the program with this code.
    Usage = 2,
    /// The input is wrong.
    Input = 65,
    /// Storage or the network cannot be reached.
    Unavailable = 69,
    /// Output cannot be written.
    Output = 73,
    /// Someone else was first.
    Conflict = 75,
    /// Access is refused.
    Access = 77,
    /// Interrupted from the keyboard.
    Interrupted = 130,
    /// Told to end, by SIGTERM.
    Terminated = 143,
}

/// One exit code.
struct Exit {
    code: Code,
    /// The class of errors that ends in it, where there is one.
    class: Option<ErrorClass>,
    /// The class as JSON names it.
    name: &'static str,
    /// What it means and what to do.
    help: &'static str,
}

const fn exit(code: Code, class: Option<ErrorClass>, name: &'static str, help: &'static str) -> Exit {
    Exit { code, class, name, help }
}

#[rustfmt::skip]
const EXITS: [Exit; 10] = [
    exit(Code::Done, None, "done", "done"),
    exit(Code::Defect, Some(ErrorClass::Defect), "defect", "a fault of Nada's own: please report it"),
    exit(Code::Usage, None, "usage", "the command line is wrong"),
    exit(Code::Input, Some(ErrorClass::Input), "input",
        "the input is wrong: a master, lyrics, a release file, keys, a presentation that breaks a MUST"),
    exit(Code::Unavailable, Some(ErrorClass::Unavailable), "unavailable",
        "storage or the network cannot be reached, or memory ran out; try again"),
    exit(Code::Output, Some(ErrorClass::Output), "output", "output cannot be written"),
    exit(Code::Conflict, Some(ErrorClass::Conflict), "conflict",
        "someone else was first: look with 'nada status', then run again"),
    exit(Code::Access, Some(ErrorClass::Access), "access", "storage or a key refuses access"),
    exit(Code::Interrupted, None, "interrupted",
        "interrupted; running the same command again goes on from there"),
    exit(Code::Terminated, None, "interrupted", "ended by SIGTERM; as after 130"),
];

/// The table that `--help` ends with.
pub fn help() -> String {
    let rows = EXITS.iter().map(|exit| format!("\n  {:<4} {}", exit.code as u8, exit.help));
    std::iter::once("Exit codes:".to_owned()).chain(rows).collect()
}

impl Code {
    /// The code that errors of that class end in.
    pub fn of(class: ErrorClass) -> Self {
        EXITS.iter().find(|exit| exit.class == Some(class)).map_or(Self::Defect, |exit| exit.code)
    }

    /// The class as JSON names it.
    pub fn name(self) -> &'static str {
        EXITS.iter().find(|exit| exit.code == self).map_or("defect", |exit| exit.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The class after this one: a new class has to take its place here, and so in the test below.
    fn after(class: ErrorClass) -> Option<ErrorClass> {
        match class {
            ErrorClass::Input => Some(ErrorClass::Unavailable),
            ErrorClass::Unavailable => Some(ErrorClass::Output),
            ErrorClass::Output => Some(ErrorClass::Conflict),
            ErrorClass::Conflict => Some(ErrorClass::Access),
            ErrorClass::Access => Some(ErrorClass::Defect),
            ErrorClass::Defect => None,
        }
    }

    #[test]
    fn every_class_has_one_code_and_the_name_that_results_of_the_lambda_have() {
        for class in std::iter::successors(Some(ErrorClass::Input), |class| after(*class)) {
            assert_eq!(EXITS.iter().filter(|exit| exit.class == Some(class)).count(), 1, "{class:?}");
            assert_eq!(serde_json::json!(class), Code::of(class).name());
        }
    }

    #[test]
    fn the_readme_has_the_same_table() {
        let readme = include_str!("../../README.md");
        let rows = readme.lines().filter(|line| {
            let code = line.strip_prefix("| ").and_then(|line| line.split(' ').next());
            code.is_some_and(|code| code.parse::<u8>().is_ok())
        });
        let expected =
            EXITS.map(|exit| format!("| {} | {} |", exit.code as u8, exit.help.replace('\'', "`")));
        let expected: Vec<_> = expected.iter().map(|row| row.replace("Nada`s", "Nada's")).collect();
        assert_eq!(rows.collect::<Vec<_>>(), expected);
        assert!(EXITS.iter().all(|exit| help().contains(&format!("{:<4} {}", exit.code as u8, exit.help))));
    }
}

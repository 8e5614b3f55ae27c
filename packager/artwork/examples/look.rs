//! Writes what is made of a picture, or of a title, into a folder: `look FOLDER FILE-OR-TITLE…`.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::disallowed_methods)]

use std::{fs, path::Path, time::Instant};

use nada_artwork::{generated, make, read};
use nada_pipeline::Isolation;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().expect("a folder");
    for (number, given) in arguments.enumerate() {
        let started = Instant::now();
        let square = match Path::new(&given).is_file() {
            true => read(given.as_ref(), &Isolation::InProcess).unwrap().square,
            false => generated(&given, &["Nada".to_owned()]),
        };
        let had = started.elapsed();
        let made = make(&square).unwrap();
        println!(
            "{given}: {} on {}, {had:.2?} and {:.2?}",
            made.palette.text,
            made.palette.background,
            started.elapsed() - had
        );
        for file in made.files {
            println!("  {} {}: {} bytes", file.size, file.format, file.bytes.len());
            fs::write(format!("{folder}/{number}-{}.{}", file.size, file.format), file.bytes).unwrap();
        }
        println!("  {} characters: {}", made.placeholder.len(), made.placeholder);
    }
}

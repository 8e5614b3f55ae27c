//! Plain text, and any bytes: encodings and the recognition of formats: what is read can be written, and what loses nothing reads back the same.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| nada_fuzz::lyrics(data));

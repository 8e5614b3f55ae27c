//! SubRip: what is read can be written, and what loses nothing reads back the same.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| nada_fuzz::lyrics_after(
    "1\n00:00:01,000 --> 00:00:02,000\n",
    data
));

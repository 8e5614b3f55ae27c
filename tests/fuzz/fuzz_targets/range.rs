//! Byte ranges: what is parsed prints as a range that parses to the same, and lies within the object, whatever its
//! length.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nada_edge::ByteRange;

fuzz_target!(|input: (u64, &str)| {
    let (length, field) = input;
    let Some(range) = ByteRange::parse(field) else { return };
    assert_eq!(ByteRange::parse(&range.to_string()), Some(range));
    let Some((first, last)) = range.within(length) else { return };
    assert!(first <= last && last < length);
    match range {
        ByteRange::Within { first: asked, last: end } => assert!(first == asked && last <= end),
        ByteRange::From { first: asked } => assert!(first == asked && last == length - 1),
        ByteRange::Last { length: asked } => assert!(last - first < asked && last == length - 1),
    }
});

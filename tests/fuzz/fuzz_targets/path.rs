//! Paths: a route has one spelling, the token never stays in what is matched and logged, and what is stored is found
//! under exactly the key that was parsed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nada_catalog::ObjectKey;
use nada_edge::Target;

fuzz_target!(|text: &str| {
    if let Some(target) = Target::parse(text) {
        let token = target.token.map(|token| format!("/~{token}")).unwrap_or_default();
        assert_eq!(format!("{token}{}", target.path), text);
        let bare = Target::parse(target.path).expect("the path without its token");
        assert_eq!((bare.route, bare.token, bare.path), (target.route, None, target.path));
    }
    if let Ok(key) = text.parse::<ObjectKey>() {
        assert_eq!(key.to_string(), text);
    }
});

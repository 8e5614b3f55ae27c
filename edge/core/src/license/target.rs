//! The routes of licences: from the raw path to what it names, with one spelling or none.

use nada_catalog::TrackId;

use super::system::LicenseSystem;
use crate::route::token_and_path;

/// A path of licences, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LicenseTarget<'a> {
    /// `/t/{track}/license/{system}`
    License {
        /// The track.
        track: TrackId,
        /// The key system.
        system: LicenseSystem,
        /// The token that rode in the path, unchecked.
        token: Option<&'a str>,
        /// The path without the token: what tokens are matched on.
        path: &'a str,
    },
    /// `/fairplay.cer`: the certificate that FairPlay encrypts licence requests for. Public.
    Certificate,
}

impl<'a> LicenseTarget<'a> {
    /// Takes a raw path apart; `None` for whatever is not exactly one of the routes.
    pub fn parse(raw: &'a str) -> Option<Self> {
        if raw == "/fairplay.cer" {
            return Some(Self::Certificate);
        }
        let (token, path) = token_and_path(raw)?;
        let (track, system) = path.strip_prefix("/t/")?.split_once("/license/")?;
        Some(Self::License { track: track.parse().ok()?, system: system.parse().ok()?, token, path })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::route::Target;

    #[test]
    fn a_path_has_one_spelling() {
        for system in LicenseSystem::ALL {
            let path = format!("/t/license/license/{}", system.name());
            let signed = format!("/~2D3RhEOh_-x{path}");
            for (raw, token) in [(&path, None), (&signed, Some("2D3RhEOh_-x"))] {
                let track = "license".parse().unwrap();
                let expected = LicenseTarget::License { track, system, token, path: &path };
                assert_eq!(LicenseTarget::parse(raw), Some(expected));
                assert_eq!(Target::parse(raw), None, "no route of media");
            }
        }
        assert_eq!(LicenseTarget::parse("/fairplay.cer"), Some(LicenseTarget::Certificate));
        for other in [
            "/t/a/license",
            "/t/a/license/",
            "/t/a/license/ClearKey",
            "/t/a/license/clearkey/",
            "/t/a/license/clearkey/x",
            "/t/a/license/org.w3.clearkey",
            "/t/a//license/clearkey",
            "/t/a/%6cicense/clearkey",
            "/t/../t/a/license/clearkey",
            "/t/a/b/license/clearkey",
            "/t/a/license/clearkey?x",
            "/t/कबीर/license/clearkey",
            "/~tok/license/clearkey",
            "/~one/~two/t/a/license/clearkey",
            "/~tok/fairplay.cer",
            "/fairplay.cer/",
            "",
        ] {
            assert_eq!(LicenseTarget::parse(other), None, "{other}");
        }
        let long = format!("/t/{}/license/clearkey", "a".repeat(9000));
        assert_eq!(LicenseTarget::parse(&long), None);
    }
}

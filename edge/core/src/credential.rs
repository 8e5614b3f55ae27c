//! Where a token may ride: the path, the header field, the query, and a cookie where none of these has one.

use crate::code::Code;

/// The header field and the cookie that may hold a token (CTA-5007 §5).
pub(crate) const NAME: &str = "CTA-Common-Access-Token";

/// Longest query that is read, in bytes: a token and a full set of CMCD fit.
pub(crate) const MAX_QUERY: usize = 8192;

/// The parameters that are read. Others (CMCD above all) are ignored; nothing is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Query<'a> {
    /// `CAT`: a token.
    pub token: Option<&'a str>,
    /// `lang`: one layer of the lyrics.
    pub lang: Option<&'a str>,
    /// `max`: kbit/s of the highest rendition to list.
    pub max: Option<&'a str>,
}

impl<'a> Query<'a> {
    /// Reads a raw query.
    ///
    /// # Errors
    /// [`Code::BadRequest`] where it is too long, or a parameter that is read stands in it twice.
    pub fn parse(raw: Option<&'a str>) -> Result<Self, Code> {
        let raw = raw.unwrap_or_default();
        if raw.len() > MAX_QUERY {
            return Err(Code::BadRequest);
        }
        let mut query = Self::default();
        for pair in raw.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let slot = match name {
                "CAT" => &mut query.token,
                "lang" => &mut query.lang,
                "max" => &mut query.max,
                _ => continue,
            };
            if slot.replace(value).is_some() {
                return Err(Code::BadRequest);
            }
        }
        Ok(query)
    }
}

/// The request's token, `None` where there is none. A cookie counts only where nothing else is there, since a
/// browser sends it unasked.
///
/// # Errors
/// [`Code::BadRequest`] where tokens differ: which of them would count is nothing to guess about.
pub(crate) fn token<'a>(
    path: Option<&'a str>,
    header: Option<&'a str>,
    query: Option<&'a str>,
    cookies: Option<&'a str>,
) -> Result<Option<&'a str>, Code> {
    let asked = only([path, header, query].into_iter().flatten())?;
    if asked.is_some() {
        return Ok(asked);
    }
    let pairs = cookies.unwrap_or_default().split(';').filter_map(|pair| pair.trim().split_once('='));
    only(pairs.filter(|(name, _)| *name == NAME).map(|(_, value)| value))
}

/// The one value there is, however often.
fn only<'a>(mut values: impl Iterator<Item = &'a str>) -> Result<Option<&'a str>, Code> {
    let first = values.next();
    if values.all(|value| Some(value) == first) { Ok(first) } else { Err(Code::BadRequest) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threat_20_tokens_that_differ_are_refused() {
        let cookie = format!("a=b; {NAME}=c; other={NAME}");
        let cookie = Some(cookie.as_str());
        assert_eq!(token(Some("p"), None, None, cookie), Ok(Some("p")));
        assert_eq!(token(None, Some("h"), None, cookie), Ok(Some("h")));
        assert_eq!(token(None, None, Some("q"), cookie), Ok(Some("q")));
        assert_eq!(token(None, None, None, cookie), Ok(Some("c")));
        assert_eq!(token(None, None, None, None), Ok(None));
        assert_eq!(token(Some("x"), Some("x"), Some("x"), cookie), Ok(Some("x")));
        for (path, header, query) in [
            (Some("x"), Some("y"), None),
            (Some("x"), None, Some("y")),
            (None, Some("x"), Some("y")),
            (Some("x"), Some("x"), Some("y")),
            (Some(""), Some("x"), None),
            (Some("x"), Some("x, x"), None),
        ] {
            assert_eq!(token(path, header, query, None), Err(Code::BadRequest));
        }
        let two = format!("{NAME}=a; {NAME}=b");
        assert_eq!(token(None, None, None, Some(&two)), Err(Code::BadRequest));
        assert_eq!(token(Some("p"), None, None, Some(&two)), Ok(Some("p")));
    }

    #[test]
    fn threat_21_parameters_have_one_reading() {
        let read = |raw| Query::parse(Some(raw)).map(|query| (query.token, query.lang));
        assert_eq!(read("CAT=a&lang=hi-Latn&CMCD=br%3D64"), Ok((Some("a"), Some("hi-Latn"))));
        assert_eq!(read("cat=a&Lang=hi&%43AT=b&xCAT=c"), Ok((None, None)));
        assert_eq!(read("x;CAT=a"), Ok((None, None)));
        assert_eq!(read("CAT=a;CAT=b"), Ok((Some("a;CAT=b"), None)));
        assert_eq!(read("CAT"), Ok((Some(""), None)));
        assert_eq!(read("&&=&"), Ok((None, None)));
        for raw in ["CAT=good&CAT=bad", "CAT=same&CAT=same", "lang=hi&lang=id", "lang&lang", "max=64&max=64"]
        {
            assert_eq!(read(raw), Err(Code::BadRequest), "{raw}");
        }
        assert_eq!(read(&"x".repeat(MAX_QUERY + 1)), Err(Code::BadRequest));
        assert_eq!(Query::parse(None), Ok(Query::default()));
    }
}

//! Requests to a key server by HTTPS: bounded in bytes and time, without redirects, under a header or a signature.

use std::{
    fmt,
    str::FromStr,
    time::{Duration, SystemTime},
};

use aws_credential_types::{Credentials, provider::ProvideCredentials as _};
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4,
};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use nada_protection::{KeyError, MOST_ANSWER, SPEKE_VERSION, SpekeAnswer, SpekeTransport};
use nada_publish::store::{Location, Retries, causes, shared_config};
use url::{Host, Url};
use zeroize::Zeroizing;

use crate::tls;

/// The service that SPEKE's signatures name: an API Gateway.
const SERVICE: &str = "execute-api";

/// Where a key server is: HTTPS, or this machine.
#[derive(Debug, Clone)]
pub struct KeyServerUrl(Url);

impl FromStr for KeyServerUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|error| error.to_string())?;
        let here = match url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => false,
        };
        if url.scheme() != "https" && !(url.scheme() == "http" && here) {
            return Err("expected https://, since keys come back in the answer".to_owned());
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("expected no password in it: --speke-header names a file for that".to_owned());
        }
        Ok(Self(url))
    }
}

/// What tells a key server who asks.
#[derive(Clone)]
pub enum Authentication {
    /// A header field with a secret.
    Header(HeaderName, HeaderValue),
    /// AWS Signature Version 4 in this region, with the credentials of the SDK's own chain.
    Signature(String),
    /// Nothing: a key server on this machine, or behind another guard.
    Nothing,
}

/// Never shows the secret.
impl fmt::Debug for Authentication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header(name, _) => write!(f, "Header({name})"),
            Self::Signature(region) => write!(f, "Signature({region})"),
            Self::Nothing => f.write_str("Nothing"),
        }
    }
}

/// A key server.
#[derive(Debug, Clone)]
pub struct KeyServer {
    /// Where it is.
    pub url: KeyServerUrl,
    /// What tells it who asks.
    pub authentication: Authentication,
    /// How long it may take.
    pub patience: Duration,
}

impl SpekeTransport for KeyServer {
    fn post(&self, document: &str) -> Result<SpekeAnswer, KeyError> {
        // on a thread of its own, since nobody knows whether this one is a runtime's
        std::thread::scope(|scope| {
            let asked = scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                runtime.map_err(|error| self.unreachable(&error))?.block_on(self.ask(document))
            });
            asked.join().unwrap_or_else(|_| Err(self.unreachable(&"the request panicked")))
        })
    }
}

impl KeyServer {
    fn unreachable(&self, why: &dyn fmt::Display) -> KeyError {
        KeyError::Unreachable(format!("{}: {why}", self.url.0.host_str().unwrap_or_default()))
    }

    async fn ask(&self, document: &str) -> Result<SpekeAnswer, KeyError> {
        let late = || self.unreachable(&format!("no answer within {} s", self.patience.as_secs()));
        tokio::time::timeout(self.patience, self.exchange(document)).await.map_err(|_| late())?
    }

    async fn exchange(&self, document: &str) -> Result<SpekeAnswer, KeyError> {
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls::client_config().map_err(|error| self.unreachable(&error))?)
            .https_or_http()
            .enable_http1()
            .build();
        let client = Client::builder(TokioExecutor::new()).build(connector);
        let request = self.request(document).await?;
        let response = client.request(request).await.map_err(|error| self.unreachable(&causes(&error)))?;
        let status = response.status().as_u16();
        let body = Limited::new(response.into_body(), MOST_ANSWER).collect().await;
        let body = body
            .map_err(|_| KeyError::Answer(format!("it broke off, or is longer than {MOST_ANSWER} bytes")))?;
        Ok(SpekeAnswer { status, body: Zeroizing::new(body.to_bytes().into()) })
    }

    async fn request(&self, document: &str) -> Result<Request<Full<Bytes>>, KeyError> {
        let wrong = |error: &dyn fmt::Display| self.unreachable(error);
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(self.url.0.as_str())
            .header("content-type", "application/xml")
            .header("x-speke-version", SPEKE_VERSION)
            .body(Full::new(Bytes::copy_from_slice(document.as_bytes())))
            .map_err(|error| wrong(&error))?;
        match &self.authentication {
            Authentication::Header(name, value) => {
                request.headers_mut().insert(name, value.clone());
            }
            Authentication::Signature(region) => {
                let credentials = credentials(region).await.ok_or(KeyError::Refused(401))?;
                let signed = signature(&self.url.0, document, credentials, region, SystemTime::now());
                for (name, value) in signed.map_err(|error| wrong(&error))? {
                    let name = HeaderName::from_str(&name).map_err(|error| wrong(&error))?;
                    let mut value = HeaderValue::from_str(&value).map_err(|error| wrong(&error))?;
                    value.set_sensitive(true);
                    request.headers_mut().insert(name, value);
                }
            }
            Authentication::Nothing => {}
        }
        Ok(request)
    }
}

/// Those of the SDK's own chain.
async fn credentials(region: &str) -> Option<Credentials> {
    let (bucket, region) = (String::new(), Some(region.to_owned()));
    let location = Location { bucket, endpoint_url: None, region, credentials: None };
    let config = shared_config(&location, &Retries::default()).await;
    config.credentials_provider()?.provide_credentials().await.ok()
}

/// The header fields that sign a request at that time.
fn signature(
    url: &Url,
    document: &str,
    credentials: Credentials,
    region: &str,
    now: SystemTime,
) -> Result<Vec<(String, String)>, Box<dyn std::error::Error>> {
    let identity = credentials.into();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name(SERVICE)
        .time(now)
        .settings(SigningSettings::default())
        .build()?
        .into();
    let headers = [("content-type", "application/xml"), ("x-speke-version", SPEKE_VERSION)];
    let body = SignableBody::Bytes(document.as_bytes());
    let request = SignableRequest::new("POST", url.as_str(), headers.into_iter(), body)?;
    let (instructions, _) = sign(request, &parameters)?.into_parts();
    Ok(instructions.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_by_https_or_stay_on_this_machine() {
        for good in
            ["https://keys.example/speke", "http://127.0.0.1:8080/", "http://[::1]:1/", "http://localhost/a"]
        {
            assert!(good.parse::<KeyServerUrl>().is_ok(), "{good}");
        }
        for bad in
            ["http://keys.example/", "ftp://127.0.0.1/", "keys.example", "https://me:secret@keys.example/"]
        {
            let why = bad.parse::<KeyServerUrl>().unwrap_err();
            assert!(!why.is_empty() && !why.contains("secret"), "{why}");
        }
    }

    #[test]
    fn a_signature_is_that_of_the_specification() {
        // by Python's hmac, written from "Create a signed AWS API request"
        let url = Url::parse("https://keys.example/prod/speke").unwrap();
        let credentials =
            Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", None, None, "test");
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_323_045);
        let fields = signature(&url, "<cpix:CPIX/>", credentials, "ap-south-1", now).unwrap();
        let of = |name: &str| fields.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str());
        assert_eq!(of("x-amz-date"), Some("20260102T030405Z"));
        assert_eq!(
            of("authorization"),
            Some(
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/ap-south-1/execute-api/aws4_request, \
                 SignedHeaders=content-type;host;x-amz-date;x-speke-version, \
                 Signature=011448d795ac2b409f452e7676665817b81e32a0e2e69b84fbb5de67a45a477f"
            )
        );
    }

    #[test]
    fn what_is_printed_of_it_holds_no_secret() {
        let value = HeaderValue::from_static("hush");
        let authentication = Authentication::Header(HeaderName::from_static("x-api-key"), value);
        assert_eq!(format!("{authentication:?}"), "Header(x-api-key)");
    }
}

//! What an SDK's error says, in words: its own types print themselves as Rust does.

use std::error::Error;

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

/// The service's code and message, else the causes, each once.
pub fn error_text<E: ProvideErrorMetadata + Error + 'static>(error: &SdkError<E>) -> String {
    match (error.code(), error.message()) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(text), None) | (None, Some(text)) => text.to_owned(),
        (None, None) => causes(error),
    }
}

/// An error and its causes, without those that say nothing or print themselves as a value of Rust.
pub fn causes(error: &(dyn Error + 'static)) -> String {
    let all = std::iter::successors(Some(error), |cause| (**cause).source()).map(ToString::to_string);
    let mut text = String::new();
    let empty =
        |cause: &String| cause.contains('{') || ["", "Error", "unhandled error"].contains(&cause.as_str());
    for cause in all.filter(|cause| !empty(cause)) {
        if !text.contains(&cause) {
            text += if text.is_empty() { "" } else { ": " };
            text += &cause;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::io;

    use aws_sdk_s3::{
        config::http::HttpResponse, error::ErrorMetadata, operation::get_object::GetObjectError,
        primitives::SdkBody,
    };

    use super::*;

    fn answered(code: Option<&str>, message: Option<&str>) -> SdkError<GetObjectError> {
        let mut metadata = ErrorMetadata::builder();
        if let Some(code) = code {
            metadata = metadata.code(code);
        }
        if let Some(message) = message {
            metadata = metadata.message(message);
        }
        let response = HttpResponse::new(418.try_into().unwrap(), SdkBody::empty());
        SdkError::service_error(GetObjectError::generic(metadata.build()), response)
    }

    #[test]
    fn errors_are_put_in_words() {
        let refused = io::Error::other("connection refused");
        for (error, words) in [
            (answered(Some("Teapot"), Some("short and stout")), "Teapot: short and stout"),
            (answered(Some("Teapot"), None), "Teapot"),
            (answered(None, Some("short and stout")), "short and stout"),
            (answered(None, None), "service error"),
            (SdkError::construction_failure(refused), "failed to construct request: connection refused"),
        ] {
            let text = error_text(&error);
            assert!(text.starts_with(words), "{text}");
            assert!(!text.contains(['{', '}']) && !text.contains("Error"), "{text}");
        }
    }
}

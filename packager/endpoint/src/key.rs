//! Access keys.

/// What a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// Everything.
    Full,
    /// Reading objects whose key is known, and nothing else. As on S3 without `s3:ListBucket`, an absent
    /// object is answered 403 `AccessDenied`, so that keys cannot be guessed.
    ReadOnly,
}

/// An access key that the endpoint knows.
#[derive(Clone)]
pub struct Key {
    /// The access key id.
    pub id: String,
    /// The secret access key.
    pub secret: String,
    /// What it may do.
    pub permission: Permission,
}

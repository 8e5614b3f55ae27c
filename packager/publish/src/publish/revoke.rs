//! Revoking tokens, by compare-and-swap on `revocations.json`.

use jiff::SignedDuration;
use nada_catalog::{ObjectKey, Revocation, Revocations};

use super::switch::Clock;
use crate::store::{Store, StoreError};

/// How far an edge's clock may be behind: it lets a token live so much longer.
const LEEWAY: SignedDuration = SignedDuration::from_secs(60);

/// Revokes tokens, and returns once every edge is bound to notice. The revocations there are then.
///
/// `longest` is the longest that any token lives: what was revoked earlier than that names expired tokens alone,
/// and is dropped. Without it nothing is dropped.
///
/// # Errors
/// Whatever the store says; a file that cannot be read is not replaced.
pub async fn revoke(
    store: &Store,
    more: &[Revocation],
    longest: Option<SignedDuration>,
    clock: &Clock<'_>,
) -> Result<Revocations, StoreError> {
    let mut standing = Revocations::default();
    store
        .update(&ObjectKey::Revocations, |found: Option<Revocations>| {
            let now = clock();
            let next = found.clone().unwrap_or_default().with(more, now);
            let since = longest.and_then(|longest| longest.checked_add(LEEWAY));
            let since = since.and_then(|since| now.checked_sub(since).ok());
            standing = since.map_or(next.clone(), |since| next.without_older(since));
            Ok::<_, StoreError>((found.as_ref() != Some(&standing)).then(|| standing.clone()))
        })
        .await?;
    Ok(standing)
}

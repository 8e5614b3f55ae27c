//! Several publishers at once.

use nada_catalog::ReleaseState;
use nada_publish::{
    ErrorClass,
    publish::{PublishError, status},
};

use crate::catalogue::{assert_playable, endpoint, publish_at, release, store};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_publishers_one_wins_and_one_is_refused() {
    for _ in 0..3 {
        let dir = tempfile::tempdir().unwrap();
        let endpoint = endpoint(dir.path()).await;
        let (a, b) = (store(endpoint.url()).await, store(endpoint.url()).await);
        let (one, two) = (release(300.0), release(500.0));
        let results = tokio::join!(publish_at(&a, &one), publish_at(&b, &two));
        let (winner, loser) = match results {
            (Ok(winner), Err(loser)) | (Err(loser), Ok(winner)) => (winner, loser),
            other => panic!("expected one winner and one refusal, found {other:?}"),
        };
        assert_eq!(loser.class(), ErrorClass::Conflict, "{loser}");
        assert!(matches!(loser, PublishError::Superseded(_) | PublishError::Conflict(_)), "{loser}");
        let versions: Vec<_> = winner.tracks.iter().map(|t| Some(t.version.clone())).collect();
        assert_eq!(assert_playable(&a).await, versions, "no mixed release");
        assert_eq!(status(&a, &one.id).await.unwrap().unwrap().state, ReleaseState::Live);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_release_three_times_at_once_is_published_once() {
    let dir = tempfile::tempdir().unwrap();
    let endpoint = endpoint(dir.path()).await;
    let store = store(endpoint.url()).await;
    let release = release(300.0);
    let publish = || publish_at(&store, &release);
    let (a, b, c) = tokio::join!(publish(), publish(), publish());
    let results = [a, b, c];
    assert!(results.iter().any(Result::is_ok), "{results:?}");
    for refused in results.iter().filter_map(|result| result.as_ref().err()) {
        assert_eq!(refused.class(), ErrorClass::Conflict, "{refused}");
    }
    assert_playable(&store).await;
    let again = publish_at(&store, &release).await.unwrap();
    assert_eq!(again.uploaded, 0);
    assert!(again.tracks.iter().all(|track| track.revision == 1), "{again:?}");
}

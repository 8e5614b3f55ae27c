//! What Nada stores: manifests, presentations, object keys, cache policies, rights and multivariant playlists.

//! Decode, encode, fragment and publish songs as HLS presentations.

//! Black-box suites of Nada, run against both hosts.

//! What travels on docker.sock: types and HTTP framing; pure.

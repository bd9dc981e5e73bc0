//! wasm-bindgen's command, built from the locked version.

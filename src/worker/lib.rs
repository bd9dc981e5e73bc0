//! The engine's wasm module, run in a Web Worker.

//! What the deflate window starts with: what people here type, the likeliest last, since near matches are cheapest.

/// Version 1's. Never changed: links that exist were written with it.
pub const V1: &[u8] = include_bytes!("dictionary-v1.txt");

//! The Redis wire protocol; pure.
//!
//! [`RequestParser`] reads what a client sends (multi bulk and inline requests, with Redis's
//! limits and error texts), [`Reply`] writes what a server answers in RESP2 or RESP3, and
//! [`decode`] and, incrementally, [`reply::ReplyReader`] read replies for client programs. Nothing here does I/O.
//! Facts: the RESP specification at redis.io/docs/latest/develop/reference/protocol-spec and
//! observed replies of redis-server 8.6.3.

mod grisu;
mod number;
mod quoting;
pub mod reply;
mod request;
mod value;
mod writer;

pub use number::{format_double, format_double_17, format_i64, parse_i64, push_i64};
pub use quoting::{push_repr, repr, split_args};
pub use request::{Limits, ProtocolError, RequestParser, first_arguments};
pub use value::{DecodeError, MAX_DEPTH, Value, decode};
pub use writer::{Mark, Reply, encode_request};

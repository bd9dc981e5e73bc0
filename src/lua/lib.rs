//! Lua 5.1 for scripts inside a server: pure, deterministic, bounded, and able to stop in the midst.
//!
//! [`Lua::start`] begins a function, [`Lua::run`] drives it for a number of instructions and says
//! whether it ended, wants a function of the host, or only ran out of budget: then `run` again goes
//! on where it stopped. Nothing recurses on the host's stack with a script's depth (calls, metamethods
//! and coroutines are frames in a list), memory has a limit, and no order or address depends on the
//! host. What Redis adds to the language is here too: tables that refuse changes, and the libraries
//! `cjson`, `cmsgpack`, `struct` and `bit`.
//!
//! Facts: the Lua 5.1 manual, and what Lua 5.1.5 and redis-server 8.6.3 answer. What differs: no
//! bytecode (`string.dump` gives an error), no `debug`, `io`, `package`; `collectgarbage` knows only
//! `count` and `collect`; a pattern that takes too many steps is an error.

mod api;
mod compile;
mod heap;
mod library;
mod number;
mod op;
mod table;
mod value;
mod vm;

pub use number::{format_g, parse_number, show_number};
pub use value::Value;
pub use vm::{Active, Args, Aside, Failure, Flow, Lua, Native, Outcome, Position, Protect};

#[cfg(test)]
mod tests;

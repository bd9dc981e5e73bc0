//! The engine's wasm module, run in a Web Worker: the doors through which the worker's JavaScript drives one world.
//!
//! Everything that crosses is plain (numbers, text, bytes), and nothing of JavaScript's is kept between calls, so the
//! module's linear memory is the session's whole state. Pacing against real time is the caller's: this room has no clock.
//! Times cross as nanoseconds in an `f64`, exact up to 104 days.

mod convert;
mod records;
mod session;

use playground::{BootOptions, Play};
use session::Session;
use std::cell::RefCell;
use wasm_bindgen::prelude::*;

thread_local! {
    /// The one session of this module: linear memory, not a handle.
    static SESSION: RefCell<Option<Session>> = const { RefCell::new(None) };
}

#[wasm_bindgen]
extern "C" {
    /// Has the rest of this module loaded: the build splits off what does not run before the first prompt, and where
    /// that is called before it has come, a stub calls this. Once it is there, this does nothing.
    #[wasm_bindgen(js_name = loadRest)]
    fn load_rest();
}

fn with<T>(act: impl FnOnce(&mut Session) -> T) -> Result<T, String> {
    SESSION.with_borrow_mut(|session| session.as_mut().map(act).ok_or_else(|| "the machine has not started".to_owned()))
}

/// Starts a fresh world. `build` names this engine build in the links that the session makes.
#[wasm_bindgen]
pub fn boot(seed: f64, build: u32) {
    SESSION.replace(Some(Session::boot(seed as u64, build)));
}

/// Starts the world of a link, to be brought to its end by [`replay_step`]. True where this engine build made it.
///
/// # Errors
/// The reason's code, such as `truncated`, where the text is no link; whatever ran before still runs.
#[wasm_bindgen]
pub fn open_link(text: &str, build: u32) -> Result<bool, String> {
    // A session of some length needs it all: better now than in the middle.
    load_rest();
    let link = share::decode(text).map_err(|error| error.code().to_owned())?;
    let same = link.build == build;
    SESSION.replace(Some(Session::replay(link, build)));
    Ok(same)
}

/// Runs a replay on by a bounded step: inputs done, inputs in all, virtual now, 1 at the end.
///
/// # Errors
/// Where no session runs.
#[wasm_bindgen]
pub fn replay_step(slices: u32) -> Result<Vec<f64>, String> {
    with(|session| session.replay_step(slices))
}

/// Runs the machine on to `until`, at most `slices` slices: virtual now, and when the next thing is due (now where
/// work is waiting, -1 where only input can bring any).
///
/// # Errors
/// Where no session runs.
#[wasm_bindgen]
pub fn advance(until: f64, slices: u32) -> Result<Vec<f64>, String> {
    with(|session| session.advance(until as u64, slices))
}

/// As [`advance`], but stops as soon as nothing is left to do at this instant.
///
/// # Errors
/// Where no session runs.
#[wasm_bindgen]
pub fn advance_until_idle(until: f64, slices: u32) -> Result<Vec<f64>, String> {
    with(|session| session.advance_until_idle(until as u64, slices))
}

/// Brings virtual time to the stamp for an input that comes at `target`, and returns it.
///
/// # Errors
/// Where no session runs.
#[wasm_bindgen]
pub fn stamp_for(target: f64) -> Result<f64, String> {
    with(|session| session.stamp_for(target as u64) as f64)
}

/// What the terminals got since the last call, as records: see `records`.
///
/// # Errors
/// Where no session runs.
#[wasm_bindgen]
pub fn take_output() -> Result<Vec<u8>, String> {
    with(Session::take_output)
}

/// Opens a terminal with a login shell.
///
/// # Errors
/// The machine's words.
#[wasm_bindgen]
pub fn open_tty(tty: String, cols: u16, rows: u16) -> Result<(), String> {
    with(|session| session.input(playground::Event::OpenTty { tty, cols, rows }))?
}

/// Hangs a terminal up.
///
/// # Errors
/// The machine's words.
#[wasm_bindgen]
pub fn close_tty(tty: String) -> Result<(), String> {
    with(|session| session.input(playground::Event::CloseTty { tty }))?
}

/// Types bytes.
///
/// # Errors
/// The machine's words.
#[wasm_bindgen]
pub fn keys(tty: String, bytes: Vec<u8>) -> Result<(), String> {
    with(|session| session.input(playground::Event::Keys { tty, bytes }))?
}

/// Gives a terminal another size.
///
/// # Errors
/// The machine's words.
#[wasm_bindgen]
pub fn resize(tty: String, cols: u16, rows: u16) -> Result<(), String> {
    with(|session| session.input(playground::Event::Resize { tty, cols, rows }))?
}

/// Writes a file of the host, its folders included.
///
/// # Errors
/// The machine's words.
#[wasm_bindgen]
pub fn write_file(path: String, data: Vec<u8>) -> Result<(), String> {
    with(|session| session.input(playground::Event::WriteFile { path, data }))?
}

/// A file of the host.
///
/// # Errors
/// The machine's words.
#[wasm_bindgen]
pub fn read_file(path: &str) -> Result<Vec<u8>, String> {
    with(|session| session.read_file(path))?
}

/// A folder of the host as JSON: `[{"name", "dir"}]`.
///
/// # Errors
/// The machine's words.
#[wasm_bindgen]
pub fn list_dir(path: &str) -> Result<String, String> {
    with(|session| session.list_dir(path))?
}

/// The session so far as a link's text.
///
/// # Errors
/// Where the session is too long for a link.
#[wasm_bindgen]
pub fn link() -> Result<String, String> {
    with(|session| session.link())?
}

/// Plays steps in a world of their own as `drydock play` does: one JSON object a line in, one a line out.
#[wasm_bindgen]
pub fn play(seed: f64, steps: &str) -> String {
    let mut play = Play::new(&BootOptions { seed: seed as u64, ..BootOptions::default() });
    steps.lines().filter(|line| !line.trim().is_empty()).flat_map(|line| [play.line(line), "\n".to_owned()]).collect()
}

//! Options that make redis-cli do something else than send commands.

use super::{Arguments, Options, Stop};
use crate::words::{self, atoi, leading_integer};

/// What redis-cli does instead of sending commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// `--latency`
    Latency,
    /// `--latency-dist`
    LatencyDist,
    /// `--vset-recall`
    VsetRecall,
    /// `--replica`
    Replica,
    /// `--rdb`
    Rdb,
    /// `--functions-rdb`
    FunctionsRdb,
    /// `--pipe`
    Pipe,
    /// `--bigkeys`
    Bigkeys,
    /// `--memkeys`
    Memkeys,
    /// `--keystats`
    Keystats,
    /// `--hotkeys`
    Hotkeys,
    /// `--stat`
    Stat,
    /// `--scan`
    Scan,
    /// `--lru-test`
    LruTest,
    /// `--intrinsic-latency`
    IntrinsicLatency,
}

/// The modes asked for, and their settings.
#[derive(Clone, Debug)]
pub struct Modes {
    wanted: Vec<Mode>,
    /// `--latency-history`
    pub history: bool,
    /// `--mono`
    pub mono: bool,
    /// `--lru-test KEYS`
    pub lru_keys: i64,
    /// `--pattern`, `--quoted-pattern`
    pub pattern: Option<Vec<u8>>,
    /// `--count`
    pub count: i64,
    /// `--rdb FILE`
    pub file: String,
    /// `--pipe-timeout`, in seconds
    pub pipe_timeout: i64,
    /// `--memkeys-samples`; negative is the server's default
    pub samples: i64,
    /// `--cursor`
    pub cursor: u64,
    /// `--top`
    pub top: u64,
    /// `--intrinsic-latency SECONDS`
    pub seconds: i64,
}

impl Default for Modes {
    fn default() -> Self {
        Self {
            wanted: Vec::new(),
            history: false,
            mono: false,
            lru_keys: 0,
            pattern: None,
            count: 10,
            file: String::new(),
            pipe_timeout: 30,
            samples: 0,
            cursor: 0,
            top: 10,
            seconds: 0,
        }
    }
}

impl Modes {
    /// Whether a mode was asked for.
    pub fn is(&self, mode: Mode) -> bool {
        self.wanted.contains(&mode)
    }

    /// The mode that runs: the first in the order in which redis-cli looks at them.
    pub fn first(&self) -> Option<Mode> {
        self.wanted.iter().min().copied()
    }

    pub(super) fn flag(&mut self, word: &str) -> bool {
        let mode = match word {
            "--latency" => Mode::Latency,
            "--latency-history" => {
                self.history = true;
                Mode::Latency
            }
            "--latency-dist" => Mode::LatencyDist,
            "--mono" => {
                self.mono = true;
                return true;
            }
            "--slave" | "--replica" => Mode::Replica,
            "--stat" => Mode::Stat,
            "--scan" => Mode::Scan,
            "--pipe" => Mode::Pipe,
            "--bigkeys" => Mode::Bigkeys,
            "--memkeys" => {
                self.samples = -1;
                Mode::Memkeys
            }
            "--keystats" => {
                self.samples = -1;
                Mode::Keystats
            }
            "--hotkeys" => Mode::Hotkeys,
            _ => return false,
        };
        self.wanted.push(mode);
        true
    }
}

pub(super) fn with_value(options: &mut Options, word: &str, arguments: &mut Arguments<'_>) -> Result<bool, Stop> {
    let modes = &mut options.modes;
    match word {
        "--vset-recall" => {
            arguments.value();
            modes.wanted.push(Mode::VsetRecall);
        }
        "--vset-recall-ele" | "--vset-recall-count" | "--vset-recall-ef" => {
            arguments.value();
        }
        "--lru-test" => {
            modes.lru_keys = atoi(arguments.value());
            modes.wanted.push(Mode::LruTest);
        }
        "--pattern" => modes.pattern = Some(machine::text::to_bytes(arguments.value())),
        "--quoted-pattern" => match words::split(&machine::text::to_bytes(arguments.value())).as_deref() {
            Some([pattern]) => modes.pattern = Some(pattern.clone()),
            _ => return Err(Stop::error("Invalid quoted string specified for --quoted-pattern.\n")),
        },
        "--count" => modes.count = atoi(arguments.value()),
        "--intrinsic-latency" => {
            modes.seconds = atoi(arguments.value());
            modes.wanted.push(Mode::IntrinsicLatency);
        }
        "--rdb" | "--functions-rdb" => {
            modes.file = arguments.value().into();
            modes.wanted.push(if word == "--rdb" { Mode::Rdb } else { Mode::FunctionsRdb });
        }
        "--pipe-timeout" => modes.pipe_timeout = atoi(arguments.value()),
        "--memkeys-samples" => {
            modes.samples = samples(word, arguments.value())?;
            modes.wanted.extend([Mode::Memkeys, Mode::Keystats]);
        }
        "--keystats-samples" => {
            modes.samples = samples(word, arguments.value())?;
            modes.wanted.push(Mode::Keystats);
        }
        "--cursor" => modes.cursor = unsigned(word, arguments.value())?,
        "--top" => modes.top = unsigned(word, arguments.value())?,
        _ => return Ok(false),
    }
    Ok(true)
}

fn samples(option: &str, text: &str) -> Result<i64, Stop> {
    let (value, used) = leading_integer(text);
    if used != text.len() {
        return Err(Stop::error(format!("{option} conversion error.\n")));
    }
    if value < 0 {
        return Err(Stop::error(format!("{option} value should be positive.\n")));
    }
    Ok(value)
}

fn unsigned(option: &str, text: &str) -> Result<u64, Stop> {
    let (value, used) = leading_integer(text);
    if used != text.len() {
        return Err(Stop::error(format!("{option} conversion error.\n")));
    }
    match text.parse() {
        Ok(value) => Ok(value),
        Err(_) if value < 0 => Err(Stop::error(format!("{option} should be followed by a positive integer.\n"))),
        Err(_) => Ok(value.unsigned_abs()),
    }
}

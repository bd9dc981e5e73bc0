//! The command line of redis-benchmark 8.6.3.

use crate::options::{Stop, Target, VERSION, uri};
use crate::words::atoi;

const USAGE: &str = include_str!("usage.txt");

/// What the command line says.
#[derive(Clone, Debug)]
pub struct Options {
    /// `-h -p -s -a --user -u --dbnum`
    pub target: Target,
    /// `-c`
    pub clients: usize,
    /// `-n`
    pub requests: u64,
    /// `-d`
    pub size: usize,
    /// `-P`
    pub pipeline: usize,
    /// `-r`
    pub keyspace: Option<u64>,
    /// `-k`
    pub keep_alive: i64,
    /// `-q`
    pub quiet: bool,
    /// `--csv`
    pub csv: bool,
    /// `-l`
    pub forever: bool,
    /// `-I`
    pub idle: bool,
    /// `-x`
    pub stdin_last: bool,
    /// `-3`
    pub resp3: bool,
    /// `--enable-tracking`
    pub tracking: bool,
    /// `-t`, with commas around
    pub tests: Option<String>,
    /// `--precision`
    pub precision: u32,
    /// `--seed`
    pub seed: Option<u64>,
    /// What is not emulated and was asked for.
    pub missing: Option<&'static str>,
    /// for standard error, before anything else
    pub warnings: String,
}

impl Options {
    fn new() -> Self {
        Self {
            target: Target {
                host: "127.0.0.1".into(),
                port: 6379,
                socket: None,
                user: None,
                password: None,
                database: 0,
            },
            clients: 50,
            requests: 100_000,
            size: 3,
            pipeline: 1,
            keyspace: None,
            keep_alive: 1,
            quiet: false,
            csv: false,
            forever: false,
            idle: false,
            stdin_last: false,
            resp3: false,
            tracking: false,
            tests: None,
            precision: 3,
            seed: None,
            missing: None,
            warnings: String::new(),
        }
    }

    /// Whether a test is wanted.
    pub fn selects(&self, name: &str) -> bool {
        self.tests.as_ref().is_none_or(|tests| tests.contains(&format!(",{name},")))
    }

    /// Reads the arguments; gives the options and where a command starts.
    pub fn parse(words: &[String]) -> Result<(Self, usize), Stop> {
        let mut options = Self::new();
        let mut at = 0;
        while let Some(word) = words.get(at) {
            if options.flag(word)? {
                at += 1;
                continue;
            }
            match words.get(at + 1) {
                Some(value) if options.with_value(word, value)? => at += 2,
                _ if word.starts_with('-') => {
                    let text = format!("Invalid option \"{word}\" or option argument missing\n\n{USAGE}");
                    return Err(Stop { stdout: text, status: 1, ..Stop::default() });
                }
                _ => break,
            }
        }
        Ok((options, at))
    }

    fn flag(&mut self, word: &str) -> Result<bool, Stop> {
        match word {
            "-v" | "--version" => {
                return Err(Stop { stdout: format!("redis-benchmark {VERSION}\n"), ..Stop::default() });
            }
            "--help" => return Err(Stop { stdout: USAGE.into(), ..Stop::default() }),
            "-x" => self.stdin_last = true,
            "-3" => self.resp3 = true,
            "-q" => self.quiet = true,
            "--csv" => self.csv = true,
            "-l" => self.forever = true,
            "-I" => self.idle = true,
            "-e" => self.warnings.push_str(
                "WARNING: -e option has no effect. We now immediately exit on error to avoid false results.\n",
            ),
            "--cluster" => self.missing = Some("--cluster"),
            "--tls" => self.missing = Some("--tls"),
            "--enable-tracking" => self.tracking = true,
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn with_value(&mut self, word: &str, value: &str) -> Result<bool, Stop> {
        match word {
            "-c" => self.clients = atoi(value).max(0) as usize,
            "-n" => self.requests = atoi(value).max(0) as u64,
            "-k" => self.keep_alive = atoi(value),
            "-h" => self.target.host = value.into(),
            "-p" => self.target.port = atoi(value),
            "-s" => self.target.socket = Some(value.into()),
            "-a" => self.target.password = Some(machine::text::to_bytes(value)),
            "--user" => self.target.user = Some(machine::text::to_bytes(value)),
            "-u" => {
                if uri::parse(value, &mut self.target)? {
                    self.missing = Some("--tls");
                }
            }
            "-d" => self.size = atoi(value).clamp(1, 4 * 1024 * 1024) as usize,
            "-P" => self.pipeline = atoi(value).clamp(1, 1_000_000) as usize,
            "-r" => {
                let digits = value.strip_prefix('-').unwrap_or("0");
                if !digits.starts_with(|c: char| c.is_ascii_digit()) {
                    return Ok(false);
                }
                self.keyspace = Some(atoi(value).max(0) as u64);
            }
            "-t" => self.tests = Some(format!(",{},", value.to_ascii_lowercase())),
            "--dbnum" => self.target.database = atoi(value),
            "--precision" => self.precision = if atoi(value) < 0 { 3 } else { atoi(value).min(4) as u32 },
            "--seed" => self.seed = Some(atoi(value) as u64),
            "--threads" => self.missing = (atoi(value) > 0).then_some("--threads"),
            _ => return Ok(false),
        }
        if (0..=65535).contains(&self.target.port) { Ok(true) } else { Err(Stop::error("Invalid server port.\n")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_up_to_the_command() {
        let words = ["-q", "-n", "10", "-t", "SET,get", "-r", "100", "eval", "x"].map(str::to_owned);
        let (options, at) = Options::parse(&words).unwrap();
        assert_eq!((options.requests, options.keyspace, at, options.quiet), (10, Some(100), 7, true));
        assert!(options.selects("set") && options.selects("get") && !options.selects("ping"));
        let stop = Options::parse(&["-c".to_owned()]).unwrap_err();
        assert!(stop.stdout.starts_with("Invalid option \"-c\" or option argument missing\n\nUsage: redis-benchmark"));
    }
}

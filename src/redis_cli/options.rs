//! The command line: every option of redis-cli 8.6.3, in the order and with the messages of the real one.

mod cluster;
mod modes;
pub mod uri;

pub use cluster::ClusterOptions;
pub use modes::Mode;

use crate::format::{Delimiters, Output};
use crate::words::{self, atoi, leading_float, leading_integer};

/// The version that this redis-cli is.
pub const VERSION: &str = "8.6.3";

/// What `--help` prints below its first line.
const USAGE: &str = include_str!("usage.txt");

/// Where the server is and how to log in.
#[derive(Clone, Debug)]
pub struct Target {
    /// `-h`
    pub host: String,
    /// `-p`
    pub port: i64,
    /// `-s`
    pub socket: Option<String>,
    /// `--user`
    pub user: Option<Vec<u8>>,
    /// `-a`, `--pass`
    pub password: Option<Vec<u8>>,
    /// `-n`
    pub database: i64,
}

/// Which protocol a session starts with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// What the server offers first: RESP2.
    Default,
    /// `-3`: anything else is an error.
    Resp3,
    /// `--json`: RESP3 where the server can.
    PreferResp3,
}

/// Everything that the command line says.
#[derive(Clone, Debug)]
pub struct Options {
    /// `-h -p -s -u -n --user --pass`
    pub target: Target,
    /// `-t`, in nanoseconds; 0 is no limit
    pub timeout: u64,
    /// `-r`; negative is for ever
    pub repeat: i64,
    /// `-i`, in microseconds
    pub interval: u64,
    /// `--raw --no-raw --csv --json --quoted-json`
    pub output: Output,
    /// `-d -D`
    pub delimiters: Delimiters,
    /// `-2 -3`
    pub resp2: bool,
    /// `-3 --json`
    pub protocol: Protocol,
    /// `--show-pushes`
    pub show_pushes: bool,
    /// `-c`
    pub cluster_mode: bool,
    /// `-e`
    pub exit_on_error: bool,
    /// `-x`
    pub stdin_last: bool,
    /// `-X`
    pub stdin_tag: Option<String>,
    /// `--quoted-input`
    pub quoted_input: bool,
    /// `--name`
    pub name: Option<String>,
    /// `--askpass`
    pub ask_password: bool,
    /// `--no-auth-warning`
    pub no_auth_warning: bool,
    /// `--verbose`
    pub verbose: bool,
    /// `-4`
    pub prefer_ipv4: bool,
    /// `-6`
    pub prefer_ipv6: bool,
    /// `--tls` and `rediss://`
    pub tls: bool,
    /// `--eval`
    pub eval: Option<String>,
    /// `--ldb --ldb-sync-mode`
    pub debugger: bool,
    /// `--ldb-sync-mode`
    pub debugger_sync: bool,
    /// `--stat --bigkeys …`
    pub modes: modes::Modes,
    /// `--cluster …`
    pub cluster: ClusterOptions,
    /// What the command line says that goes to standard error before anything else.
    pub warnings: String,
}

/// The program ends here, with this text and status.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stop {
    /// for standard output
    pub stdout: String,
    /// for standard error
    pub stderr: String,
    /// exit status
    pub status: u8,
}

impl Stop {
    /// The same with another version of the program, where it names one.
    pub fn of_version(mut self, version: &str) -> Self {
        if let Some(rest) = self.stdout.strip_prefix("redis-cli ").and_then(|text| text.strip_prefix(VERSION)) {
            self.stdout = format!("redis-cli {version}{rest}");
        }
        self
    }

    /// A complaint on standard error and status 1.
    pub fn error(text: impl Into<String>) -> Self {
        Self { stderr: text.into(), status: 1, ..Self::default() }
    }
}

fn usage(status: u8) -> Stop {
    let text = format!("redis-cli {VERSION}\n{USAGE}");
    if status == 0 {
        Stop { stdout: text, ..Stop::default() }
    } else {
        Stop { stderr: text, status, ..Stop::default() }
    }
}

/// The arguments with a position; options take their values from it.
struct Arguments<'a> {
    words: &'a [String],
    at: usize,
}

impl<'a> Arguments<'a> {
    fn is_last(&self) -> bool {
        self.at + 1 >= self.words.len()
    }

    /// The option's value; options that lack one are not options (the caller then says so).
    fn value(&mut self) -> &'a str {
        self.at += 1;
        self.words.get(self.at).map_or("", String::as_str)
    }
}

impl Options {
    /// What holds without any option. Standard output being a terminal changes the form of replies.
    pub fn new(stdout_is_tty: bool) -> Self {
        Self {
            target: Target {
                host: "127.0.0.1".into(),
                port: 6379,
                socket: None,
                user: None,
                password: None,
                database: 0,
            },
            timeout: 0,
            repeat: 1,
            interval: 0,
            output: if stdout_is_tty { Output::Standard } else { Output::Raw },
            delimiters: Delimiters::default(),
            resp2: false,
            protocol: Protocol::Default,
            show_pushes: stdout_is_tty,
            cluster_mode: false,
            exit_on_error: false,
            stdin_last: false,
            stdin_tag: None,
            quoted_input: false,
            name: None,
            ask_password: false,
            no_auth_warning: false,
            verbose: false,
            prefer_ipv4: false,
            prefer_ipv6: false,
            tls: false,
            eval: None,
            debugger: false,
            debugger_sync: false,
            modes: modes::Modes::default(),
            cluster: ClusterOptions::default(),
            warnings: String::new(),
        }
    }

    /// Reads the arguments behind the program's name. Gives the options and where the command starts.
    pub fn parse(words: &[String], stdout_is_tty: bool) -> Result<(Self, usize), Stop> {
        let mut options = Self::new(stdout_is_tty);
        let mut arguments = Arguments { words, at: 0 };
        while let Some(word) = words.get(arguments.at) {
            let known = options.flag(word)?
                || (!arguments.is_last() && options.with_value(word, &mut arguments)?)
                || options.modes.flag(word)
                || (!arguments.is_last() && modes::with_value(&mut options, word, &mut arguments)?)
                || cluster::option(&mut options, word, &mut arguments)?;
            if !known {
                if word.starts_with('-') {
                    return Err(Stop::error(format!(
                        "{}Unrecognized option or bad number of args for: '{word}'\n",
                        options.warnings
                    )));
                }
                break;
            }
            arguments.at += 1;
        }
        options.check()?;
        Ok((options, arguments.at))
    }

    fn flag(&mut self, word: &str) -> Result<bool, Stop> {
        match word {
            "--help" => return Err(usage(0)),
            "-v" | "--version" => return Err(Stop { stdout: format!("redis-cli {VERSION}\n"), ..Stop::default() }),
            "-x" => self.stdin_last = true,
            "--no-auth-warning" => self.no_auth_warning = true,
            "--askpass" => self.ask_password = true,
            "--raw" => self.output = Output::Raw,
            "--no-raw" => self.output = Output::Standard,
            "--quoted-input" => self.quoted_input = true,
            "--csv" => self.output = Output::Csv,
            "--json" => self.json(Output::Json),
            "--quoted-json" => self.json(Output::QuotedJson),
            "--ldb" | "--ldb-sync-mode" => {
                self.debugger = true;
                self.debugger_sync |= word == "--ldb-sync-mode";
                self.output = Output::Raw;
            }
            "-c" => self.cluster_mode = true,
            "-e" => self.exit_on_error = true,
            "--verbose" => self.verbose = true,
            "-4" => self.prefer_ipv4 = true,
            "-6" => self.prefer_ipv6 = true,
            "-2" => self.resp2 = true,
            "-3" => self.protocol = Protocol::Resp3,
            "--tls" => self.tls = true,
            "--insecure" => {}
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn json(&mut self, output: Output) {
        if self.protocol == Protocol::Default {
            self.protocol = Protocol::PreferResp3;
        }
        self.output = output;
    }

    fn with_value(&mut self, word: &str, arguments: &mut Arguments<'_>) -> Result<bool, Stop> {
        match word {
            "-h" => self.target.host = arguments.value().into(),
            "-p" => {
                self.target.port = atoi(arguments.value());
                self.check_port()?;
            }
            "-t" => self.timeout = timeout(arguments.value())?,
            "-s" => self.target.socket = Some(arguments.value().into()),
            "-r" => self.repeat = leading_integer(arguments.value()).0,
            "-i" => self.interval = (words::atof(arguments.value()) * 1e6) as u64,
            "-n" => self.target.database = atoi(arguments.value()),
            "-a" | "--pass" => self.target.password = Some(machine::text::to_bytes(arguments.value())),
            "--user" => self.target.user = Some(machine::text::to_bytes(arguments.value())),
            "-u" => {
                self.tls |= uri::parse(arguments.value(), &mut self.target)?;
                self.check_port()?;
            }
            "-X" => self.stdin_tag = Some(arguments.value().into()),
            "-d" => self.delimiters.element = machine::text::to_bytes(arguments.value()),
            "-D" => self.delimiters.reply = machine::text::to_bytes(arguments.value()),
            "--eval" => self.eval = Some(arguments.value().into()),
            "--name" => self.name = Some(arguments.value().into()),
            "--show-pushes" => match arguments.value() {
                v if v.starts_with(['n', 'N']) => self.show_pushes = false,
                v if v.starts_with(['y', 'Y']) => self.show_pushes = true,
                v => self.warnings.push_str(&format!("Unknown --show-pushes value '{v}' (valid: '[y]es', '[n]o')\n")),
            },
            "--sni" | "--cacertdir" | "--cacert" | "--cert" | "--key" | "--tls-ciphers" | "--tls-ciphersuites" => {
                arguments.value();
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn check_port(&self) -> Result<(), Stop> {
        if (0..=65535).contains(&self.target.port) { Ok(()) } else { Err(Stop::error("Invalid server port.\n")) }
    }

    fn check(&mut self) -> Result<(), Stop> {
        let exclusive = |a: &str, b: &str| Err(Stop::error(format!("{a} and {b} are mutually exclusive.\n")));
        if self.target.socket.is_some() && self.cluster_mode {
            return exclusive("Options -c", "-s");
        }
        if self.resp2 && self.protocol == Protocol::Resp3 {
            return exclusive("Options -2", "-3");
        }
        if self.debugger && self.eval.is_none() {
            return Err(Stop::error(
                "Options --ldb and --ldb-sync-mode require --eval.\nTry redis-cli --help for more information.\n",
            ));
        }
        if !self.no_auth_warning && self.target.password.is_some() {
            self.warnings.push_str(
                "Warning: Using a password with '-a' or '-u' option on the command line interface may not be safe.\n",
            );
        }
        if self.modes.is(Mode::Rdb) && self.modes.is(Mode::FunctionsRdb) {
            return exclusive("Option --functions-rdb", "--rdb");
        }
        if self.stdin_last && self.stdin_tag.is_some() {
            return exclusive("Options -x", "-X");
        }
        if self.prefer_ipv4 && self.prefer_ipv6 {
            return exclusive("Options -4", "-6");
        }
        Ok(())
    }
}

fn timeout(text: &str) -> Result<u64, Stop> {
    let (seconds, used) = leading_float(text);
    if used != text.len() || used == 0 || seconds < 0.0 {
        return Err(Stop::error("Invalid connection timeout for -t.\n"));
    }
    Ok((seconds * 1e9) as u64)
}

#[cfg(test)]
mod tests;

//! `nginx` 1.29.3: a master process, a worker that serves files over HTTP/1.1, and the logs.
//!
//! What a learner meets of it: `listen`, `server_name`, `root`, `index`, `location`, `try_files`, `return`, `include`
//! and the logs. Directives of the real one that are not here are refused by name, not passed over.

mod config;
mod date;
mod files;
mod http;
mod log;
mod master;
mod worker;

use machine::{ExitCode, Fd, Program, Sys};

use config::Config;

/// The version that it speaks as.
pub const VERSION: &str = "1.29.3";

/// All programs of this room, to be installed on a machine.
pub fn programs() -> Vec<Program> {
    vec![machine::program!("nginx", main)]
}

const HELP: &str = "\
Usage: nginx [-?hvVtTq] [-s signal] [-p prefix]
             [-e filename] [-c filename] [-g directives]

Options:
  -?,-h         : this help
  -v            : show version and exit
  -V            : show version and configure options then exit
  -t            : test configuration and exit
  -q            : suppress non-error messages during configuration testing
  -s signal     : send signal to a master process: stop, quit, reopen, reload
  -p prefix     : set prefix path (default: /etc/nginx/)
  -e filename   : set error log file (default: /var/log/nginx/error.log)
  -c filename   : set configuration file (default: /etc/nginx/nginx.conf)
  -g directives : set global directives out of configuration file

";

/// What the command line asks for.
#[derive(Default)]
struct Options {
    file: Option<String>,
    global: String,
    test: bool,
    quiet: bool,
    version: bool,
    help: bool,
    signal: Option<String>,
}

async fn say(sys: &Sys, text: &str) {
    let _ = sys.write_all(Fd::STDERR, text.as_bytes()).await;
}

async fn main(sys: Sys) -> ExitCode {
    let args = sys.args();
    let options = match read_options(args.get(1..).unwrap_or_default()) {
        Ok(options) => options,
        Err(text) => {
            say(&sys, &format!("nginx: {text}\n")).await;
            return ExitCode::FAILURE;
        }
    };
    if options.version || options.help {
        say(&sys, &format!("nginx version: nginx/{VERSION}\n{}", if options.help { HELP } else { "" })).await;
        return ExitCode::SUCCESS;
    }
    let file = options.file.clone().unwrap_or_else(|| "/etc/nginx/nginx.conf".into());
    let config = match Config::load(&sys, &file, &options.global) {
        Ok(config) => config,
        Err(text) => {
            say(&sys, &format!("{} [emerg] {}#{}: {text}\n", date::log(sys.wall_clock()), sys.getpid(), sys.getpid()))
                .await;
            say(&sys, &format!("nginx: [emerg] {text}\n")).await;
            if options.test {
                say(&sys, &format!("nginx: configuration file {file} test failed\n")).await;
            }
            return ExitCode::FAILURE;
        }
    };
    if options.test {
        if !options.quiet {
            say(&sys, &format!("nginx: the configuration file {file} syntax is ok\n")).await;
            say(&sys, &format!("nginx: configuration file {file} test is successful\n")).await;
        }
        return ExitCode::SUCCESS;
    }
    if let Some(signal) = &options.signal {
        return master::send(&sys, &config, signal).await;
    }
    master::run(sys, config, file, options.global).await
}

fn read_options(args: &[String]) -> Result<Options, String> {
    let mut options = Options::default();
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let Some(letters) = arg.strip_prefix('-') else { return Err(format!("invalid option: \"{arg}\"")) };
        for (at, letter) in letters.char_indices() {
            let rest = letters.get(at + 1..).unwrap_or("");
            let mut value = |what: &str| {
                let value = if rest.is_empty() { args.next().cloned() } else { Some(rest.to_string()) };
                value.ok_or_else(|| format!("option \"-{letter}\" requires {what}"))
            };
            match letter {
                '?' | 'h' => options.help = true,
                'v' | 'V' => options.version = true,
                't' => options.test = true,
                'T' => return Err("drydock: dumping the configuration is not emulated here".into()),
                'q' => options.quiet = true,
                'c' => options.file = Some(value("file name")?),
                'g' => options.global = value("parameter")?,
                's' => {
                    let signal = value("parameter")?;
                    if !["stop", "quit", "reopen", "reload"].contains(&&*signal) {
                        return Err(format!("invalid option: \"-s {signal}\""));
                    }
                    options.signal = Some(signal);
                }
                'p' | 'e' => drop(value("file name")?),
                _ => return Err(format!("invalid option: \"{letter}\"")),
            }
            if "cgspe".contains(letter) {
                break;
            }
        }
    }
    Ok(options)
}

//! `drydock redis-server`: the engine of the room `redis` on real TCP and real files.

mod events;
mod host;
mod save;
mod sockets;

use host::{LogBuffer, NativeHost};
use redis::config::{self, Config};
use redis::launch::{self, Invocation, Parsed, options};
use std::io::{IsTerminal, Read};

/// Most that is read from standard input as configuration.
const STDIN_MAX: u64 = 1 << 24;

/// Runs the server; `args` begin with its name. The exit status.
pub fn run(args: &[String]) -> u8 {
    let invocation = match options::read(args, redis::server::VERSION) {
        Parsed::Print(text) => {
            print!("{text}");
            return 0;
        }
        Parsed::Complain(text) => {
            eprint!("{text}");
            return 1;
        }
        Parsed::Sentinel => {
            eprintln!("drydock: Sentinel mode is not emulated here");
            return 1;
        }
        Parsed::Run(invocation) => invocation,
    };
    let log = LogBuffer::default();
    let (status, logfile) = serve(&invocation, args, &log);
    host::flush_log(&log, &logfile);
    status
}

fn serve(invocation: &Invocation, args: &[String], log: &LogBuffer) -> (u8, String) {
    let mut host = NativeHost::new(log.clone());
    let mut config = Config::default();
    let mut stdin = Vec::new();
    if invocation.stdin {
        let _ = std::io::stdin().take(STDIN_MAX).read_to_end(&mut stdin);
    }
    let file = match launch::configure(&mut host, &mut config, invocation, &stdin) {
        Ok(file) => file,
        Err(refusal) => {
            eprint!("{refusal}");
            return (1, String::new());
        }
    };
    if config.bool(config::DAEMONIZE) {
        eprintln!("drydock: daemonize is not emulated here: the server stays in the foreground");
    }
    launch::warn(&mut host, &config);
    let logfile = config.text(config::LOGFILE).to_owned();
    let mut events = match events::Events::new(log.clone()) {
        Ok(events) => events,
        Err(error) => {
            eprintln!("drydock: {error}");
            return (1, logfile);
        }
    };
    let name = args.first().map_or("redis-server", String::as_str);
    let terminal = std::io::stdout().is_terminal();
    let status = match launch::begin(Box::new(host), config, file, invocation, name, terminal) {
        Some(mut server) => match launch::open(&mut server, &mut events) {
            true => events.run(&mut server, &logfile),
            false => 1,
        },
        None => 1,
    };
    (status, logfile)
}

//! `drydock redis-server`: the engine of the room `redis` on real TCP and real files.

mod background;
mod events;
mod host;
mod patience;
mod save;
mod scripts;
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
    let began_in = std::env::current_dir();
    if invocation.stdin {
        let _ = std::io::stdin().take(STDIN_MAX).read_to_end(&mut stdin);
    }
    let file = match launch::configure(&mut host, &mut config, invocation, &stdin) {
        Ok(file) => file,
        Err(refusal) => {
            host::flush_log(log, "");
            eprint!("{refusal}");
            return (1, String::new());
        }
    };
    let logfile = config.text(config::LOGFILE).to_owned();
    let detached = background::is_detached();
    if !detached {
        launch::warn(&mut host, &config);
    }
    if config.bool(config::DAEMONIZE) {
        if !detached {
            // Its lines come before those of the process in the background.
            host::flush_log(log, &logfile);
            let status = match began_in.and_then(|dir| background::go_on_there(&dir, &stdin)) {
                Ok(()) => 0,
                Err(error) => {
                    eprintln!("drydock: {error}");
                    1
                }
            };
            return (status, logfile);
        }
        if config.text(config::PIDFILE).is_empty() {
            config.put(config::PIDFILE, config::Setting::Text(launch::BACKGROUND_PIDFILE.to_owned()));
        }
    }
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
            Ok(()) => events.run(&mut server, &logfile),
            Err(status) => status,
        },
        None => 1,
    };
    (status, logfile)
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};
    use std::time::Duration;

    fn ask(port: u16, request: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut buffer = [0; 4096];
        let n = stream.read(&mut buffer).unwrap();
        String::from_utf8_lossy(&buffer[..n]).into_owned()
    }

    fn soon(mut holds: impl FnMut() -> bool) -> bool {
        (0..200).any(|_| {
            std::thread::sleep(Duration::from_millis(20));
            holds()
        })
    }

    #[test]
    fn a_connection_that_ends_behind_its_command_is_forgotten() {
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let args =
            ["redis-server", "--port", &port.to_string(), "--save", "", "--bind", "127.0.0.1"].map(str::to_owned);
        let server = std::thread::spawn(move || super::run(&args));
        assert!(soon(|| TcpStream::connect(("127.0.0.1", port)).is_ok()));
        for _ in 0..20 {
            let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
            stream.write_all(b"BLPOP nosuchlist 0\r\n").unwrap();
        }
        assert!(soon(|| ask(port, "INFO clients\r\n").contains("blocked_clients:0\r\n")));
        let mut last = TcpStream::connect(("127.0.0.1", port)).unwrap();
        last.write_all(b"SHUTDOWN NOSAVE\r\n").unwrap();
        assert_eq!(server.join().unwrap(), 0);
    }
}

//! redis-cli on the machine, at a terminal and behind a pipe, against a server that knows three answers.
//! The expected bytes are those of the real redis-cli 8.6.3.

use std::time::Duration;

use machine::net::{SocketAddress, SocketKind};
use machine::tty::WindowSize;
use machine::{Console, ExitCode, Machine, MachineConfig, Sys, UnixTime};

const CLI: &str = "/usr/bin/redis-cli";

fn boot() -> Machine {
    let machine =
        Machine::boot(&MachineConfig { seed: 1, boot: UnixTime(1_795_000_000_000_000_000), hostname: "host".into() });
    machine.install(super::programs());
    let init = machine.init();
    for directory in ["/usr", "/usr/bin", "/root", "/etc"] {
        _ = init.mkdir(directory, 0o755);
    }
    init.put_file(CLI, machine::program_file("redis-cli").into(), 0o755).unwrap();
    machine
}

/// Answers GET with "bar", CLUSTER MOVED with a redirection, COMMAND DOCS with an error, all else with OK.
async fn serve(sys: Sys, port: u16) -> ExitCode {
    let listener = sys.socket(SocketKind::Tcp4).unwrap();
    sys.bind(listener, &SocketAddress::Inet(([127, 0, 0, 1], port).into())).unwrap();
    sys.listen(listener, 16).unwrap();
    while let Ok((client, _)) = sys.accept(listener).await {
        let own = sys.for_thread();
        sys.thread(async move {
            while let Ok(request) = own.read_vec(client, 4096).await {
                let request = String::from_utf8_lossy(&request).to_uppercase();
                let answer: &[u8] = match () {
                    () if request.is_empty() => break,
                    () if request.contains("QUIT") => break,
                    () if request.contains("GET") && port == 6379 => b"$3\r\nbar\r\n",
                    () if request.contains("GET") => b"-MOVED 12182 127.0.0.1:6379\r\n",
                    () if request.contains("COMMAND") => b"-ERR unknown\r\n",
                    () if request.contains("SLOW") => {
                        _ = own.sleep(Duration::from_millis(1050)).await;
                        b":1\r\n"
                    }
                    () => b"+OK\r\n",
                };
                _ = own.write_all(client, answer).await;
            }
            _ = own.close(client);
        });
    }
    ExitCode::SUCCESS
}

fn open(machine: &Machine, arguments: &'static [&'static str]) -> Console {
    let console = machine
        .open_console(WindowSize { columns: 80, rows: 24 }, move |sys: Sys| async move {
            let mut args = vec!["redis-cli".to_owned()];
            args.extend(arguments.iter().map(|a| (*a).to_owned()));
            let env = ["HOME=/root", "TERM=xterm-256color"].map(str::to_owned).to_vec();
            sys.execve(CLI, args, env).await;
            ExitCode::FAILURE
        })
        .unwrap();
    settle(machine);
    console
}

fn settle(machine: &Machine) {
    machine.run(machine.now() + Duration::from_secs(2), 1_000_000);
}

fn type_and_look(machine: &Machine, console: &Console, keys: &str) -> String {
    console.type_bytes(keys.as_bytes());
    settle(machine);
    String::from_utf8(console.take_output()).unwrap()
}

fn start_server(machine: &Machine, port: u16) {
    machine.start(move |sys| serve(sys, port)).unwrap();
    settle(machine);
}

#[test]
fn a_prompt_with_hints_history_and_replies() {
    let machine = boot();
    start_server(&machine, 6379);
    let console = open(&machine, &[]);
    assert_eq!(String::from_utf8(console.take_output()).unwrap(), "127.0.0.1:6379> ");
    assert!(console.waits_for_input());
    let p = "\r\x1b[0K127.0.0.1:6379> ";
    assert_eq!(
        type_and_look(&machine, &console, "get "),
        format!("{p}g\r\x1b[17C{p}ge\r\x1b[18C{p}get\r\x1b[19C{p}get \x1b[0;90;49mkey\x1b[0m\r\x1b[20C")
    );
    assert_eq!(
        type_and_look(&machine, &console, "f\r"),
        format!("{p}get f\x1b[0;90;49m key\x1b[0m\r\x1b[21C{p}get f\r\x1b[21C\r\n\"bar\"\r\n127.0.0.1:6379> ")
    );
    assert!(type_and_look(&machine, &console, "slow\r").ends_with("\r\n(integer) 1\r\n(1.05s)\r\n127.0.0.1:6379> "));
    assert!(type_and_look(&machine, &console, "multi\r").ends_with("OK\r\n127.0.0.1:6379(TX)> "));
    assert!(type_and_look(&machine, &console, "auth secret\r").ends_with("OK\r\n127.0.0.1:6379(TX)> "));
    assert_eq!(machine.init().read_file("/root/.rediscli_history").unwrap(), b"get f\nslow\nmulti\n");
    assert!(type_and_look(&machine, &console, "\x03").ends_with("\r\n"));
    assert!(console.is_over());
}

#[test]
fn a_lost_server_and_none_at_all() {
    let machine = boot();
    let console = open(&machine, &[]);
    let refused = "Could not connect to Redis at 127.0.0.1:6379: Connection refused\r\nnot connected> ";
    assert_eq!(String::from_utf8(console.take_output()).unwrap(), refused);
    assert!(type_and_look(&machine, &console, "ping\r").ends_with(&format!("\r\n{refused}")));
    start_server(&machine, 6379);
    assert!(type_and_look(&machine, &console, "get a\r").ends_with("\r\n\"bar\"\r\n127.0.0.1:6379> "));
    let lost = type_and_look(&machine, &console, "acl quit\r");
    assert!(lost.ends_with("\r\nError: Server closed the connection\r\nnot connected> "), "{lost:?}");
}

#[test]
fn redirections_are_followed_with_c() {
    let machine = boot();
    start_server(&machine, 6379);
    start_server(&machine, 7000);
    let console = open(&machine, &["-c", "-p", "7000"]);
    let shown = type_and_look(&machine, &console, "get foo\r");
    let tail = "\r\n-> Redirected to slot [12182] located at 127.0.0.1:6379\r\n\"bar\"\r\n127.0.0.1:6379> ";
    assert!(shown.ends_with(tail), "{shown:?}");
    let console = open(&machine, &["-p", "7000"]);
    let shown = type_and_look(&machine, &console, "get foo\r");
    assert!(shown.ends_with("\r\n(error) MOVED 12182 127.0.0.1:6379\r\n127.0.0.1:7000> "), "{shown:?}");
}

#[test]
fn names_without_address_are_told() {
    let machine = boot();
    let console =
        open(&machine, &["--cluster", "create", "172.19.0.2/16:7000", "172.19.0.3/16:7000", "172.19.0.4/16:7000"]);
    let shown = String::from_utf8(console.take_output()).unwrap();
    assert_eq!(shown, "Could not connect to Redis at 172.19.0.2/16:7000: Name or service not known\r\n");
    assert!(console.is_over());
}

#[test]
fn hangul_reaches_the_server_and_the_screen() {
    let machine = boot();
    start_server(&machine, 6379);
    let console = open(&machine, &[]);
    console.take_output();
    assert!(type_and_look(&machine, &console, "get 한글").ends_with("> get 한글\x1b[0;90;49m key\x1b[0m\r\x1b[24C"));
    assert!(type_and_look(&machine, &console, "\x7f").ends_with("> get 한\x1b[0;90;49m key\x1b[0m\r\x1b[22C"));
    assert!(type_and_look(&machine, &console, "\r").ends_with("\"bar\"\r\n127.0.0.1:6379> "));
}

#[test]
fn the_benchmark_measures_virtual_time() {
    let machine = boot();
    start_server(&machine, 6379);
    machine
        .init()
        .put_file("/usr/bin/redis-benchmark", machine::program_file("redis-benchmark").into(), 0o755)
        .unwrap();
    let run = || {
        let console = machine
            .open_console(WindowSize { columns: 80, rows: 24 }, |sys: Sys| async move {
                let args =
                    ["redis-benchmark", "-n", "500", "-c", "5", "--csv", "-t", "set,incr"].map(str::to_owned).to_vec();
                sys.execve("/usr/bin/redis-benchmark", args, Vec::new()).await;
                ExitCode::FAILURE
            })
            .unwrap();
        settle(&machine);
        assert!(console.is_over());
        String::from_utf8(console.take_output()).unwrap()
    };
    let shown = run();
    let names: Vec<&str> = shown.lines().filter_map(|l| l.split(',').next()).collect();
    assert_eq!(names, ["WARNING: Could not fetch server CONFIG", "\"test\"", "\"SET\"", "\"INCR\""], "{shown}");
    assert!(
        shown
            .lines()
            .skip(2)
            .all(|l| l.split('"').nth(3).is_some_and(|rps| rps.parse::<f64>().is_ok_and(|r| r > 1000.0)))
    );
}

#[test]
fn ctrl_c_ends_waiting_for_a_server_that_says_nothing() {
    let machine = boot();
    // It takes connections and never answers.
    machine
        .start(|sys: Sys| async move {
            let listener = sys.socket(SocketKind::Tcp4).unwrap();
            sys.bind(listener, &SocketAddress::Inet(([127, 0, 0, 1], 6379).into())).unwrap();
            sys.listen(listener, 16).unwrap();
            while sys.accept(listener).await.is_ok() {}
            ExitCode::SUCCESS
        })
        .unwrap();
    settle(&machine);
    for arguments in [&[][..], &["get", "a"], &["--bigkeys"], &["--stat"]] {
        let console = open(&machine, arguments);
        assert!(!console.is_over(), "{arguments:?}");
        console.type_bytes(b"\x03");
        settle(&machine);
        // A scan stops at its next step, as in the real one, which never comes here.
        assert_eq!(console.is_over(), arguments != ["--bigkeys"], "{arguments:?}");
    }
}

/// Answers as a server does that debugs `return 1`.
async fn serve_debugger(sys: Sys) -> ExitCode {
    let listener = sys.socket(SocketKind::Tcp4).unwrap();
    sys.bind(listener, &SocketAddress::Inet(([127, 0, 0, 1], 6379).into())).unwrap();
    sys.listen(listener, 16).unwrap();
    while let Ok((client, _)) = sys.accept(listener).await {
        while let Ok(request) = sys.read_vec(client, 4096).await {
            let request = String::from_utf8_lossy(&request).into_owned();
            let answer: &[u8] = match () {
                () if request.is_empty() => break,
                () if request.contains("EVAL") => {
                    b"*2\r\n+* Stopped at 1, stop reason = step over\r\n+-> 1   return 1\r\n"
                }
                () if request.ends_with("\r\nc\r\n") => b"*1\r\n+<endsession>\r\n:1\r\n",
                () => b"+OK\r\n",
            };
            _ = sys.write_all(client, answer).await;
            if answer.starts_with(b"*1") {
                break;
            }
        }
        _ = sys.close(client);
    }
    ExitCode::SUCCESS
}

#[test]
fn a_script_under_the_debugger() {
    let machine = boot();
    machine.start(serve_debugger).unwrap();
    settle(&machine);
    machine.init().put_file("/root/one.lua", b"return 1".to_vec().into(), 0o644).unwrap();
    let console = open(&machine, &["--ldb", "--eval", "/root/one.lua"]);
    let stopped = "\x1b[0;37;49m* Stopped at 1, stop reason = step over\x1b[0m\r\n\x1b[0;33;49m-> 1   return 1\x1b[0m\r\nlua debugger> ";
    let begun = String::from_utf8(console.take_output()).unwrap();
    assert!(begun.starts_with("Lua debugging session started, please use:\r\n"), "{begun}");
    assert!(begun.ends_with(&format!("commands.\r\n\r\n{stopped}")), "{begun}");
    let ended = "\r\n\r\n(integer) 1\r\n\r\n(Lua debugging session ended -- dataset changes rolled back)\r\n\r\n127.0.0.1:6379> ";
    let said = type_and_look(&machine, &console, "c\r");
    assert!(said.ends_with(ended), "{said}");
    assert!(type_and_look(&machine, &console, "restart\r").ends_with(stopped));
    assert!(type_and_look(&machine, &console, "quit\r").ends_with("\r\n"));
    assert!(console.is_over());
}

//! The client on the machine, at a terminal, against a daemon that knows a few answers.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use docker_api::http::{BodyDecoder, LAST_CHUNK, RequestHead, ResponseHead, encode_chunk, parse_request};
use docker_api::stdcopy::{self, Stream};
use docker_api::types::{JsonMessage, Progress};
use machine::fs::FileContent;
use machine::net::{SocketAddress, SocketKind};
use machine::process::{WaitFor, WaitOptions, WaitStatus};
use machine::sys::Spawn;
use machine::tty::WindowSize;
use machine::{Console, ExitCode, Fd, Machine, MachineConfig, Sys, UnixTime};

const DOCKER: &str = "/usr/bin/docker";
const ID: &str = "5f0c1d2e3b4a5f0c1d2e3b4a5f0c1d2e3b4a5f0c1d2e3b4a5f0c1d2e3b4a5f0c";

#[derive(Default)]
struct State {
    pulled: Cell<bool>,
    tty: Cell<bool>,
    ended: Cell<Option<u8>>,
    killed: Cell<u32>,
    resized: Cell<u32>,
}

fn boot(with_daemon: bool) -> (Machine, Rc<State>) {
    let machine =
        Machine::boot(&MachineConfig { seed: 1, boot: UnixTime(1_795_000_000_000_000_000), hostname: "host".into() });
    machine.install(super::programs());
    let init = machine.init();
    for directory in ["/usr", "/usr/bin", "/root", "/var", "/var/run", "/tmp"] {
        let _ = init.mkdir(directory, 0o755);
    }
    init.put_file(DOCKER, FileContent::from(machine::program_file("docker")), 0o755).unwrap();
    let state = Rc::new(State::default());
    if with_daemon {
        let state = state.clone();
        machine.start(|sys| daemon(sys, state)).unwrap();
    }
    (machine, state)
}

async fn daemon(sys: Sys, state: Rc<State>) -> ExitCode {
    let listener = sys.socket(SocketKind::UnixStream).unwrap();
    sys.bind(listener, &SocketAddress::Unix(Some("/var/run/docker.sock".into()))).unwrap();
    sys.listen(listener, 16).unwrap();
    while let Ok((client, _)) = sys.accept(listener).await {
        let (own, state) = (sys.for_thread(), state.clone());
        sys.thread(async move {
            let _ = serve(&own, client, &state).await;
            let _ = own.close(client);
        });
    }
    ExitCode::SUCCESS
}

async fn read_request(sys: &Sys, client: Fd) -> Option<(RequestHead, Vec<u8>)> {
    let mut buffer = Vec::new();
    loop {
        if let Some((head, used)) = parse_request(&buffer).ok()? {
            buffer.drain(..used);
            let (mut decoder, mut body) = (BodyDecoder::new(head.body_kind().ok()?), Vec::new());
            decoder.decode(&mut buffer, &mut body).ok()?;
            while !decoder.is_done() {
                buffer.extend(sys.read_vec(client, 4096).await.ok()?);
                decoder.decode(&mut buffer, &mut body).ok()?;
            }
            return Some((head, body));
        }
        let more = sys.read_vec(client, 4096).await.ok()?;
        if more.is_empty() {
            return None;
        }
        buffer.extend(more);
    }
}

fn answer(status: u16, body: &str) -> Vec<u8> {
    let mut head = ResponseHead::new(status);
    head.headers.push("Content-Length", body.len().to_string());
    let mut out = head.encode();
    out.extend_from_slice(body.as_bytes());
    out
}

async fn serve(sys: &Sys, client: Fd, state: &State) -> Option<()> {
    let (head, body) = read_request(sys, client).await?;
    let path = head.path().strip_prefix("/v1.51")?.to_string();
    let reply = match (head.method.as_str(), path.as_str()) {
        ("POST", "/containers/create") if !state.pulled.get() => {
            answer(404, r#"{"message":"No such image: busybox:latest"}"#)
        }
        ("POST", "/containers/create") => {
            state.tty.set(String::from_utf8_lossy(&body).contains("\"Tty\":true"));
            answer(201, &format!(r#"{{"Id":"{ID}","Warnings":[]}}"#))
        }
        ("POST", "/images/create") => {
            state.pulled.set(true);
            let mut head = ResponseHead::new(200);
            head.headers.push("Transfer-Encoding", "chunked");
            let _ = sys.write_all(client, &head.encode()).await;
            let layer = |text: &str| JsonMessage::layer("aaa", text, Progress::default());
            for message in
                [layer("Pulling fs layer"), layer("Pull complete"), JsonMessage::status("Status: Downloaded")]
            {
                let _ = sys.write_all(client, &encode_chunk(&message.encode())).await;
                let _ = sys.sleep(Duration::from_millis(50)).await;
            }
            LAST_CHUNK.to_vec()
        }
        ("POST", p) if p.ends_with("/attach") => return attach(sys, client, state).await,
        ("POST", p) if p.ends_with("/wait") => {
            while state.ended.get().is_none() {
                let _ = sys.sleep(Duration::from_millis(5)).await;
            }
            answer(200, &format!(r#"{{"StatusCode":{}}}"#, state.ended.get().unwrap_or(0)))
        }
        ("POST", p) if p.ends_with("/kill") => {
            state.killed.set(state.killed.get() + 1);
            answer(204, "")
        }
        ("POST", p) if p.ends_with("/resize") => {
            state.resized.set(state.resized.get() + 1);
            answer(200, "")
        }
        ("POST", _) => answer(204, ""),
        ("GET", "/containers/json") => answer(
            200,
            &format!(
                r#"[{{"Id":"{ID}","Names":["/web"],"Image":"busybox","Command":"sh","Created":1794999990,"State":"running","Status":"Up 9 seconds","Ports":[]}}]"#
            ),
        ),
        _ => answer(404, r#"{"message":"page not found"}"#),
    };
    sys.write_all(client, &reply).await.ok()
}

/// A container that says hello on both streams and then echoes lines until `exit`.
async fn attach(sys: &Sys, client: Fd, state: &State) -> Option<()> {
    let mut head = ResponseHead::new(101);
    head.headers.push("Connection", "Upgrade");
    head.headers.push("Upgrade", "tcp");
    sys.write_all(client, &head.encode()).await.ok()?;
    let tty = state.tty.get();
    let frame = |stream: Stream, text: &[u8]| if tty { text.to_vec() } else { stdcopy::encode(stream, text) };
    sys.write_all(client, &frame(Stream::Stdout, b"out\r\n")).await.ok()?;
    sys.write_all(client, &frame(Stream::Stderr, b"err\r\n")).await.ok()?;
    if !tty {
        state.ended.set(Some(3));
        return Some(());
    }
    loop {
        let typed = sys.read_vec(client, 100).await.ok()?;
        if typed.is_empty() {
            return None;
        }
        sys.write_all(client, &typed.to_ascii_uppercase()).await.ok()?;
        if typed.contains(&b'x') {
            state.ended.set(Some(7));
            return Some(());
        }
    }
}

/// Runs docker on a terminal with 120 columns; the status is printed at the end.
fn open(machine: &Machine, line: &'static str) -> Console {
    let run = move |sys: Sys| async move {
        let mut args = vec!["docker".to_string()];
        args.extend(line.split(' ').map(str::to_string));
        let fds = [Fd::STDIN, Fd::STDOUT, Fd::STDERR].map(|fd| (fd, fd)).to_vec();
        let spawn = Spawn { path: DOCKER.into(), args, fds, env: Some(vec!["HOME=/root".into()]), ..Spawn::default() };
        let pid = sys.spawn(spawn).unwrap();
        let (_, status) = sys.waitpid(WaitFor::Process(pid), WaitOptions::default()).await.unwrap().unwrap();
        let text = match status {
            WaitStatus::Exited(code) => format!("[{code}]\n"),
            other => format!("[{other:?}]\n"),
        };
        let _ = sys.write_all(Fd::STDOUT, text.as_bytes()).await;
        ExitCode::SUCCESS
    };
    machine.open_console(WindowSize { columns: 120, rows: 30 }, run).unwrap()
}

fn run(machine: &Machine, seconds: u64) {
    machine.run(machine.now() + Duration::from_secs(seconds), 1_000_000);
}

fn output(console: &Console) -> String {
    String::from_utf8_lossy(&console.take_output()).replace("\r\n", "\n")
}

#[test]
fn without_a_daemon_it_says_so() {
    let (machine, _) = boot(false);
    let console = open(&machine, "ps");
    run(&machine, 5);
    let text =
        "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\n[1]\n";
    assert_eq!(output(&console), text);
}

#[test]
fn ps_shows_a_table() {
    let (machine, _) = boot(true);
    run(&machine, 1);
    let console = open(&machine, "ps");
    run(&machine, 5);
    assert_eq!(
        output(&console),
        "CONTAINER ID   IMAGE     COMMAND   CREATED          STATUS         PORTS     NAMES\n\
         5f0c1d2e3b4a   busybox   \"sh\"      11 seconds ago   Up 9 seconds             web\n[0]\n"
    );
}

#[test]
fn run_pulls_attaches_and_passes_the_status_on() {
    let (machine, _) = boot(true);
    run(&machine, 1);
    let console = open(&machine, "run --rm busybox hello");
    run(&machine, 5);
    assert_eq!(
        output(&console),
        "Unable to find image 'busybox:latest' locally\n\n\x1b[1A\x1b[2K\raaa: Pulling fs layer \r\x1b[1B\x1b[1A\x1b[2K\raaa: Pull complete \r\x1b[1B\
         Status: Downloaded\nout\r\nerr\r\n[3]\n"
    );
}

#[test]
fn an_interactive_terminal_is_raw_and_its_keys_detach() {
    let (machine, state) = boot(true);
    state.pulled.set(true);
    run(&machine, 1);
    let console = open(&machine, "run -it busybox");
    run(&machine, 3);
    assert_eq!(output(&console), "out\nerr\n");
    assert!(console.waits_for_input());
    console.type_bytes(b"ab\x03\r");
    run(&machine, 1);
    assert_eq!(output(&console), "AB\x03\r");
    console.resize(WindowSize { columns: 90, rows: 25 });
    run(&machine, 1);
    assert_eq!(state.resized.get(), 2);
    console.type_bytes(b"x");
    run(&machine, 3);
    assert_eq!(output(&console), "X[7]\n");
    state.ended.set(None);
    let console = open(&machine, "run -it busybox");
    run(&machine, 3);
    console.type_bytes(b"\x10\x11");
    run(&machine, 3);
    assert_eq!(output(&console), "out\nerr\n[0]\n");
    assert_eq!(state.killed.get(), 0);
}

#[test]
fn a_closed_pipe_ends_it_quietly() {
    let (machine, _) = boot(true);
    run(&machine, 1);
    let console = machine
        .open_console(WindowSize { columns: 80, rows: 24 }, |sys: Sys| async move {
            let (read, write) = sys.pipe(false).unwrap();
            let fds = vec![(Fd::STDIN, Fd::STDIN), (Fd::STDOUT, write), (Fd::STDERR, Fd::STDERR)];
            let args = vec!["docker".to_string(), "ps".to_string()];
            let pid = sys.spawn(Spawn { path: DOCKER.into(), args, fds, ..Spawn::default() }).unwrap();
            let _ = sys.close(read);
            let _ = sys.close(write);
            let status = sys.waitpid(WaitFor::Process(pid), WaitOptions::default()).await.unwrap().unwrap().1;
            let _ = sys.write_all(Fd::STDOUT, format!("{status:?}").as_bytes()).await;
            ExitCode::SUCCESS
        })
        .unwrap();
    run(&machine, 5);
    assert!(output(&console).contains("Signaled"), "{}", output(&console));
}

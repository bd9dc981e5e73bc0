//! A real redis-server beside the test: found, started, talked to.

use crate::reply::{Reply, read_all};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// How long an answer may take before the test gives up.
const PATIENCE: Duration = Duration::from_secs(20);

/// The program: what the set-up fetched, else the system's. `None` (after a loud line) where there is none.
pub fn program() -> Option<PathBuf> {
    let named = std::env::var_os("DRYDOCK_REDIS_SERVER").map(PathBuf::from);
    let fetched = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.tools/redis/bin/redis-server");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let installed = || std::env::split_paths(&path).map(|folder| folder.join("redis-server")).find(|p| p.is_file());
    let found = named.or_else(|| fetched.is_file().then_some(fetched)).or_else(installed);
    if found.is_none() {
        // Past the test harness, which shows nothing of a test that passes.
        let _ = std::io::stderr()
            .write_all(b"\nSKIPPED: no real redis-server to compare with (cargo task setup fetches one on Debian)\n\n");
    }
    found
}

/// Starts the program on a free port and waits until it listens.
fn launch(program: &Path, dir: &Path, arguments: &Vec<String>) -> (Child, u16) {
    let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port").port();
    let child = Command::new(program)
        .args(["--port", &port.to_string(), "--save", "", "--bind", "127.0.0.1", "--daemonize", "no"])
        .args(["--enable-debug-command", "yes", "--logfile", "log", "--dir"])
        .arg(dir)
        .args(arguments)
        .stdout(Stdio::null())
        .spawn()
        .expect("the real server starts");
    for _ in 0..200 {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    (child, port)
}

/// A running server, ended when dropped.
pub struct Real {
    child: Child,
    port: u16,
    /// Its data directory.
    pub dir: PathBuf,
    conns: Vec<TcpStream>,
    program: PathBuf,
    arguments: Vec<String>,
    /// It ended by itself: a bug of its own, which is no concern of ours.
    pub crashed: bool,
    /// How often it was started again.
    pub restarts: u32,
    /// `(8, 6, 3)`
    pub version: (u32, u32, u32),
}

impl Real {
    /// Starts the program on a free port with an empty data directory.
    pub fn start(program: &Path, name: &str, arguments: &[&str]) -> Real {
        let dir = std::env::temp_dir().join(format!("drydock-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&dir).expect("a folder for the real server");
        let arguments = arguments.iter().map(|a| (*a).to_owned()).collect();
        let (child, port) = launch(program, &dir, &arguments);
        let program = program.to_owned();
        let mut real = Real {
            child,
            port,
            dir,
            conns: Vec::new(),
            program,
            arguments,
            crashed: false,
            restarts: 0,
            version: (0, 0, 0),
        };
        real.version = real.ask_version();
        real
    }

    /// What its log says of how it ended.
    pub fn last_words(&self) -> String {
        let log = std::fs::read(self.dir.join("log")).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let telling = |line: &&str| ["crashed by signal", "==> ", "argv[0]"].iter().any(|w| line.contains(w));
        log.lines().filter(telling).take(2).collect::<Vec<_>>().join("; ")
    }

    /// Starts it again after a crash.
    pub fn restart(&mut self) {
        self.restarts += 1;
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.conns.clear();
        let _ = std::fs::remove_file(self.dir.join("log"));
        (self.child, self.port) = launch(&self.program, &self.dir, &self.arguments);
        self.crashed = false;
    }

    fn ask_version(&mut self) -> (u32, u32, u32) {
        let info = self.ask(0, &[b"INFO", b"server"]).show();
        let text = info.split("redis_version:").nth(1).unwrap_or_default();
        let mut parts = text.split(|c: char| !c.is_ascii_digit()).map(|n| n.parse().unwrap_or(0));
        (parts.next().unwrap_or(0), parts.next().unwrap_or(0), parts.next().unwrap_or(0))
    }

    fn conn(&mut self, conn: usize) -> &mut TcpStream {
        while self.conns.len() <= conn {
            let stream = TcpStream::connect(("127.0.0.1", self.port)).expect("the real server listens");
            stream.set_nodelay(true).and_then(|()| stream.set_read_timeout(Some(PATIENCE))).expect("a socket");
            self.conns.push(stream);
        }
        &mut self.conns[conn]
    }

    /// Sends bytes.
    pub fn send(&mut self, conn: usize, bytes: &[u8]) {
        self.crashed |= self.conn(conn).write_all(bytes).is_err();
    }

    /// Reads what there is; nothing where the server closed.
    fn read(&mut self, conn: usize, buffer: &mut [u8]) -> usize {
        match self.conn(conn).read(buffer) {
            Ok(0) => {
                self.crashed = true;
                0
            }
            Ok(n) => n,
            // One that does not answer is as gone as one that crashed.
            Err(_) => {
                self.crashed = true;
                0
            }
        }
    }

    /// Reads until there are `wanted` replies; fewer if the server closes.
    pub fn replies(&mut self, conn: usize, wanted: usize) -> Vec<Reply> {
        let (mut bytes, mut replies) = (Vec::new(), Vec::new());
        let mut buffer = vec![0; 1 << 16];
        while replies.len() < wanted {
            let n = self.read(conn, &mut buffer);
            if n == 0 {
                break;
            }
            bytes.extend_from_slice(&buffer[..n]);
            let (more, used) = read_all(&bytes);
            replies.extend(more);
            bytes.drain(..used);
        }
        replies
    }

    /// Reads on while something comes, until it ends in `mark`.
    pub fn until(&mut self, conn: usize, mark: &[u8]) -> Vec<u8> {
        let (mut bytes, mut buffer) = (Vec::new(), vec![0; 1 << 16]);
        while !bytes.ends_with(mark) {
            let n = self.read(conn, &mut buffer);
            if n == 0 {
                break;
            }
            bytes.extend_from_slice(&buffer[..n]);
        }
        bytes
    }

    /// One request, one reply.
    pub fn ask(&mut self, conn: usize, argv: &[&[u8]]) -> Reply {
        let mut bytes = Vec::new();
        resp::encode_request(&mut bytes, argv);
        self.send(conn, &bytes);
        self.replies(conn, 1).pop().unwrap_or(Reply::Leaf(Vec::new()))
    }
}

impl Drop for Real {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

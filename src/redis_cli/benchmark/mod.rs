//! redis-benchmark: how many requests a second, and how long each takes. All times are the machine's.

mod load;
mod options;
mod report;
mod suite;

use machine::{ExitCode, Fd, Instant, Sys};
use resp::reply::Reply;

use crate::console::{Console, Exit, Run};
use options::Options;

/// How much a client sends at once, at most.
const REQUEST_LIMIT: usize = 64 * 1024 * 1024;

/// The state of redis-benchmark.
pub struct Benchmark {
    sys: Sys,
    options: Options,
    out: Console,
    /// what the server says of its persistence
    server: Option<(String, String)>,
    /// when the next line of progress is due
    next_progress: Instant,
    last_progress: Instant,
    /// characters of the line of progress
    printed: usize,
    random: u64,
}

impl Benchmark {
    /// The next number of a generator that follows from the seed.
    fn random(&mut self) -> u64 {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.random >> 33
    }

    /// Blanks over the line of progress.
    fn clear_line(&mut self) {
        let blanks = " ".repeat(self.printed.max(1));
        self.out.print(blanks + "\r");
    }
}

/// redis-benchmark's `main`.
pub async fn main(sys: Sys) -> ExitCode {
    let mut out = Console::new(&sys);
    let arguments = sys.args();
    let words = arguments.get(1..).unwrap_or_default();
    let (options, first) = match Options::parse(words) {
        Ok(parsed) => parsed,
        Err(stop) => {
            out.print(stop.stdout);
            out.flush().await;
            out.error(stop.stderr).await;
            return ExitCode(stop.status);
        }
    };
    let next_progress = sys.now() + std::time::Duration::from_millis(1);
    let random = options.seed.unwrap_or_else(|| sys.random_u64());
    let last_progress = Instant::default();
    let mut bench = Benchmark { sys, options, out, server: None, next_progress, last_progress, printed: 0, random };
    let result = run(&mut bench, words.get(first..).unwrap_or_default()).await;
    bench.out.flush().await;
    ExitCode(result.err().unwrap_or(Exit(0)).0)
}

async fn run(bench: &mut Benchmark, command: &[String]) -> Run<()> {
    let warnings = std::mem::take(&mut bench.options.warnings);
    bench.out.error(warnings).await;
    if let Some(option) = bench.options.missing {
        return bench.out.fail(format!("drydock: redis-benchmark {option} is not emulated here\n")).await;
    }
    bench.server = server_config(bench).await?;
    if bench.server.is_none() {
        bench.out.error("WARNING: Could not fetch server CONFIG\n").await;
    }
    if bench.options.keep_alive == 0 {
        bench
            .out
            .error(
                "WARNING: Keepalive disabled. You probably need 'echo 1 > /proc/sys/net/ipv4/tcp_tw_reuse' for Linux and \
                 'sudo sysctl -w net.inet.tcp.msl=1000' for Mac OS X in order to use a lot of clients/requests\n",
            )
            .await;
    }
    if !command.is_empty() && bench.options.tests.is_some() {
        bench.out.error("WARNING: Option -t is ignored.\n").await;
    }
    if bench.options.idle {
        return load::idle(bench).await;
    }
    if bench.options.csv {
        bench.out.print(report::CSV_HEADER);
    }
    let (mut state, mut typed) = (1234, Vec::new());
    if !command.is_empty() {
        typed = command.iter().map(|w| machine::text::to_bytes(w)).collect::<Vec<_>>();
        if bench.options.stdin_last {
            typed.push(bench.sys.read_to_end(Fd(0), 64 << 20).await.unwrap_or_default());
        }
    }
    loop {
        if command.is_empty() {
            let data = suite::payload(bench.options.size, &mut state);
            for test in suite::TESTS {
                if test.names.iter().any(|name| bench.options.selects(name)) {
                    let request = test.request(&data, bench.options.keyspace.is_some());
                    measure(bench, test.title, &request).await?;
                }
            }
            if !bench.options.csv {
                bench.out.print("\n");
            }
        } else {
            let request = crate::connection::encode(&typed);
            bench.options.size = request.len();
            measure(bench, &command.join(" "), &request).await?;
        }
        if !bench.options.forever {
            return Ok(());
        }
    }
}

async fn measure(bench: &mut Benchmark, title: &str, request: &[u8]) -> Run<()> {
    if request.len().saturating_mul(bench.options.pipeline) > REQUEST_LIMIT {
        return bench.out.fail("drydock: requests of more than 64 MB at once are not emulated here\n").await;
    }
    let outcome = load::run(bench, title, request).await?;
    report::show(bench, title, &outcome);
    bench.out.settle().await;
    Ok(())
}

/// `save` and `appendonly` of the server, for the report.
async fn server_config(bench: &mut Benchmark) -> Run<Option<(String, String)>> {
    let mut link = bench.connect().await?;
    let target = bench.options.target.clone();
    let place = target.socket.clone().unwrap_or_else(|| format!("{}:{}", target.host, target.port));
    if let Some(password) = &target.password {
        let words: Vec<&[u8]> =
            [Some(&b"AUTH"[..]), target.user.as_deref(), Some(password)].into_iter().flatten().collect();
        if let Ok(Reply::Error(text)) = link.command(&words).await {
            let text = [b"Node ", place.as_bytes(), b" replied with error:\n", &text, b"\n"].concat();
            return bench.out.fail(text).await;
        }
    }
    let mut values = Vec::new();
    for name in ["save", "appendonly"] {
        match link.command(&["CONFIG", "GET", name]).await {
            Ok(Reply::Error(text)) if text.starts_with(b"NOAUTH") => {
                let text = [b"Node ", place.as_bytes(), b" replied with error:\n", &text, b"\n"].concat();
                return bench.out.fail(text).await;
            }
            Ok(reply) if !reply.is_error() => values.extend(reply.pairs().first().and_then(|(_, value)| value.text())),
            _ => {}
        }
    }
    let mut values = values.into_iter();
    Ok(values.next().zip(values.next()))
}

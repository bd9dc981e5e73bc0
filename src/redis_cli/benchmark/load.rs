//! Many clients at once: each sends its requests, waits for the replies, starts again.

use std::time::Duration;

use machine::{Instant, PollFd};
use resp::reply::Reply;

use super::Benchmark;
use crate::connection::{Address, Link, encode};
use crate::console::{Exit, Run};
use crate::histogram::Histogram;

/// What in a request is replaced by a number.
const PLACEHOLDER: &[u8] = b"__rand_int__";
/// Milliseconds between two lines of progress.
const PROGRESS: u64 = 250;
/// The longest latency that is told apart, in microseconds.
const LONGEST: u64 = 3_000_000;

struct Client {
    link: Link,
    /// AUTH, SELECT and the like, sent once; and how many replies they bring
    prefix: (Vec<u8>, usize),
    /// replies to come, those of the prefix included
    pending: usize,
    start: Instant,
    /// of the first byte of the answer
    latency: Option<u64>,
}

/// What a test has found.
pub struct Outcome {
    /// the requests that were answered
    pub finished: u64,
    /// milliseconds that they took
    pub time: u64,
    /// how long each took
    pub latencies: Histogram,
}

/// One test under way.
struct Load<'a> {
    bench: &'a mut Benchmark,
    title: &'a str,
    request: &'a [u8],
    /// where the placeholders are, in all of the pipeline's requests
    places: Vec<usize>,
    issued: u64,
    before: u64,
    start: Instant,
    recent: Histogram,
    outcome: Outcome,
}

/// Latencies of which the smallest that is told apart is of the magnitude of 10 microseconds: 8, which is three bits.
const LATENCY_UNIT: u32 = 3;

/// Runs a test.
pub async fn run(bench: &mut Benchmark, title: &str, request: &[u8]) -> Run<Outcome> {
    let request = request.repeat(bench.options.pipeline);
    let precision = bench.options.precision;
    let places = match bench.options.keyspace {
        Some(_) => {
            request.windows(PLACEHOLDER.len()).enumerate().filter(|(_, w)| *w == PLACEHOLDER).map(|(i, _)| i).collect()
        }
        None => Vec::new(),
    };
    bench.printed = 0;
    let mut clients = Vec::new();
    for _ in 0..bench.options.clients {
        clients.push(connect(bench).await?);
    }
    let start = bench.sys.now();
    let outcome = Outcome { finished: 0, time: 0, latencies: Histogram::new(LATENCY_UNIT, precision) };
    let recent = Histogram::new(LATENCY_UNIT, precision);
    let mut load = Load { bench, title, request: &request, places, issued: 0, before: 0, start, recent, outcome };
    for client in &mut clients {
        load.send(client).await?;
    }
    while load.outcome.finished < load.bench.options.requests {
        load.step(&mut clients).await?;
    }
    load.outcome.time = load.bench.sys.now().since(start).as_millis() as u64;
    Ok(load.outcome)
}

/// A new client, which has sent nothing yet.
async fn connect(bench: &mut Benchmark) -> Run<Client> {
    let link = bench.connect().await?;
    let target = &bench.options.target;
    let mut prefix: Vec<Vec<Vec<u8>>> = Vec::new();
    let words = |words: &[&[u8]]| words.iter().map(|w| w.to_vec()).collect();
    match (&target.user, &target.password) {
        (Some(user), Some(password)) => prefix.push(words(&[b"AUTH", user, password])),
        (None, Some(password)) => prefix.push(words(&[b"AUTH", password])),
        _ => {}
    }
    if bench.options.tracking {
        prefix.push(words(&[b"CLIENT", b"TRACKING", b"on"]));
    }
    if target.database != 0 {
        prefix.push(words(&[b"SELECT", target.database.to_string().as_bytes()]));
    }
    if bench.options.resp3 {
        prefix.push(words(&[b"HELLO", b"3"]));
    }
    let wire = prefix.iter().flat_map(|w| encode(w)).collect();
    Ok(Client { link, prefix: (wire, prefix.len()), pending: 0, start: bench.sys.now(), latency: None })
}

impl Load<'_> {
    /// Sends a client's next requests; nothing when all have been sent.
    async fn send(&mut self, client: &mut Client) -> Run<()> {
        if self.issued >= self.bench.options.requests {
            return Ok(());
        }
        self.issued += self.bench.options.pipeline as u64;
        let (mut wire, prefixed) = std::mem::take(&mut client.prefix);
        let offset = wire.len();
        wire.extend_from_slice(self.request);
        for place in &self.places {
            let keyspace = self.bench.options.keyspace.unwrap_or(0).max(1);
            let number = format!("{:012}", self.bench.random() % keyspace);
            if let Some(bytes) = wire.get_mut(offset + place..offset + place + PLACEHOLDER.len()) {
                bytes.copy_from_slice(number.as_bytes());
            }
        }
        client.pending = self.bench.options.pipeline + prefixed;
        client.start = self.bench.sys.now();
        client.latency = None;
        if let Err(error) = client.link.send_raw(&wire).await {
            return self.bench.out.fail(format!("Error writing to the server: {error}\n")).await;
        }
        Ok(())
    }

    /// Waits for answers, or for the next line of progress.
    async fn step(&mut self, clients: &mut [Client]) -> Run<()> {
        let now = self.bench.sys.now();
        if now >= self.bench.next_progress {
            self.bench.next_progress = now + Duration::from_millis(PROGRESS);
            self.progress().await;
        }
        let waiting: Vec<usize> = clients.iter().enumerate().filter(|(_, c)| c.pending > 0).map(|(i, _)| i).collect();
        if waiting.is_empty() {
            return self.bench.out.fail("All clients disconnected... aborting.\n").await;
        }
        let mut polled: Vec<PollFd> =
            waiting.iter().filter_map(|i| clients.get(*i)).map(|c| PollFd::readable(c.link.fd())).collect();
        let until = self.bench.next_progress.since(self.bench.sys.now());
        _ = self.bench.sys.poll(&mut polled, Some(until)).await;
        for (place, poll) in waiting.into_iter().zip(polled) {
            if let Some(client) = clients.get_mut(place).filter(|_| poll.is_ready()) {
                self.receive(client).await?;
            }
        }
        Ok(())
    }

    async fn receive(&mut self, client: &mut Client) -> Run<()> {
        let latency = (self.bench.sys.now().since(client.start).as_micros() as u64).min(LONGEST);
        let latency = *client.latency.get_or_insert(latency);
        if let Err(error) = client.link.fill().await {
            return self.bench.out.fail(format!("Error: {error}\n")).await;
        }
        while client.pending > 0 {
            match client.link.buffered() {
                Ok(Some(Reply::Push(_))) => continue,
                Ok(Some(Reply::Error(text))) => {
                    let text = [b"Error from server: ", text.as_slice(), b"\n"].concat();
                    return self.bench.out.fail(text).await;
                }
                Ok(Some(_)) => {}
                Ok(None) => return Ok(()),
                Err(error) => return self.bench.out.fail(format!("Error: {error}\n")).await,
            }
            // The replies to the prefix come first and are no requests.
            if client.pending <= self.bench.options.pipeline {
                if self.outcome.finished < self.bench.options.requests {
                    self.outcome.latencies.record(latency);
                    self.recent.record(latency);
                }
                self.outcome.finished += 1;
            }
            client.pending -= 1;
        }
        if self.outcome.finished < self.bench.options.requests {
            if self.bench.options.keep_alive == 0 {
                *client = connect(self.bench).await?;
            }
            self.send(client).await?;
        }
        Ok(())
    }

    async fn progress(&mut self) {
        if self.bench.options.csv {
            return;
        }
        let now = self.bench.sys.now();
        let rate = |requests: u64, since: Instant| {
            let milliseconds = now.as_millis() - since.as_millis();
            if milliseconds == 0 && requests == 0 {
                return "-nan".to_owned();
            }
            format!("{:.1}", requests as f64 * 1000.0 / milliseconds as f64)
        };
        let mean = |h: &Histogram| h.mean().map_or("-nan".to_owned(), |m| format!("{:.3}", m / 1000.0));
        let line = format!(
            "{}: rps={} (overall: {}) avg_msec={} (overall: {})\r",
            self.title,
            rate(self.outcome.finished - self.before, self.bench.last_progress),
            rate(self.outcome.finished, self.start),
            mean(&self.recent),
            mean(&self.outcome.latencies)
        );
        self.bench.clear_line();
        self.bench.printed = line.len();
        self.bench.out.print(line);
        self.bench.out.flush().await;
        self.bench.last_progress = now;
        self.before = self.outcome.finished;
        self.recent.reset();
    }
}

/// `-I`: connections that say nothing, until Ctrl-C.
pub async fn idle(bench: &mut Benchmark) -> Run<()> {
    let count = bench.options.clients;
    bench.out.print(format!("Creating {count} idle connections and waiting forever (Ctrl+C when done)\n"));
    bench.out.settle().await;
    let mut links = Vec::new();
    for _ in 0..count {
        links.push(bench.connect().await?);
    }
    loop {
        bench.out.print(format!("clients: {}\r", links.len()));
        bench.out.flush().await;
        let mut polled: Vec<PollFd> = links.iter().map(|l| PollFd::readable(l.fd())).collect();
        _ = bench.sys.poll(&mut polled, Some(Duration::from_millis(PROGRESS))).await;
        if polled.iter().any(PollFd::is_ready) {
            return bench.out.fail("Error: Server closed the connection\n").await;
        }
    }
}

impl Benchmark {
    /// Connects; a failure ends the program.
    pub(super) async fn connect(&mut self) -> Run<Link> {
        self.out.settle().await;
        let target = &self.options.target;
        let (to, shown) = match &target.socket {
            Some(path) => (Address::Path(path.clone()), path.clone()),
            None => {
                (Address::Host(target.host.clone(), target.port as u16), format!("{}:{}", target.host, target.port))
            }
        };
        match Link::connect(&self.sys, &to, 0).await {
            Ok(link) => Ok(link),
            Err(error) => {
                self.out.error(format!("Could not connect to Redis at {shown}: {error}\n")).await;
                Err(Exit(1))
            }
        }
    }
}

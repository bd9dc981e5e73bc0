//! The event loop: sockets, timers, signals, snapshots.

use super::host::{LogBuffer, flush_log, words};
use super::patience::Patience;
use super::save::Save;
use super::scripts::Scripts;
use super::sockets;
use mio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use mio::{Interest, Poll, Token};
use redis::config;
use redis::launch::{self, Sockets};
use redis::server::connections::Door;
use redis::server::{Action, Server};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook_mio::v1_0::Signals;
use std::collections::{BTreeMap, VecDeque};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, ToSocketAddrs};
use std::os::fd::AsRawFd;
use std::time::Duration;

/// Bytes read at once, as much as Redis reads.
const READ_SIZE: usize = 16 * 1024;
/// Bytes written to one client before others get their turn.
const WRITE_MOST: usize = 64 * 1024;
/// Connections accepted before others get their turn.
const ACCEPT_MOST: usize = 1000;
/// The signals' token; listeners have those below it, connections their number.
const SIGNALS: Token = Token(usize::MAX);

enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
}

impl Stream {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self {
            Stream::Tcp(stream) => stream.read(buf),
            Stream::Unix(stream) => stream.read(buf),
        }
    }

    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        match self {
            Stream::Tcp(stream) => stream.write(buf),
            Stream::Unix(stream) => stream.write(buf),
        }
    }

    fn source(&mut self) -> &mut dyn mio::event::Source {
        match self {
            Stream::Tcp(stream) => stream,
            Stream::Unix(stream) => stream,
        }
    }
}

struct Connection {
    stream: Stream,
    connecting: bool,
    /// The last write did not take everything: wait for the system to say that it takes more.
    full: bool,
    /// The other end sends no more. The system tells that only once, perhaps together with the last bytes.
    ended: bool,
}

enum Listener {
    Tcp(TcpListener, Door),
    Unix(UnixListener, String),
}

/// All that a running server waits for.
pub struct Events {
    poll: Poll,
    signals: Signals,
    log: LogBuffer,
    listeners: Vec<Listener>,
    connections: BTreeMap<u64, Connection>,
    /// Connections that may have more to be read. The system tells only once.
    more: VecDeque<u64>,
    /// Listeners that may have more to be accepted.
    crowded: Vec<usize>,
    save: Option<Save>,
    scripts: Scripts,
    buf: Vec<u8>,
}

fn listener_token(n: usize) -> Token {
    Token(usize::MAX - 1 - n)
}

fn connection_token(id: u64) -> Token {
    Token(usize::try_from(id).unwrap_or_default())
}

impl Events {
    /// Nothing open yet; signals are caught from now on.
    pub fn new(log: LogBuffer) -> Result<Events, String> {
        let poll = Poll::new().map_err(|e| words(&e))?;
        let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM]).map_err(|e| words(&e))?;
        poll.registry().register(&mut signals, SIGNALS, Interest::READABLE).map_err(|e| words(&e))?;
        Ok(Events {
            poll,
            signals,
            log,
            listeners: Vec::new(),
            connections: BTreeMap::new(),
            more: VecDeque::new(),
            crowded: Vec::new(),
            save: None,
            scripts: Scripts::default(),
            buf: vec![0; READ_SIZE],
        })
    }

    /// Serves until the server ends; the exit status.
    pub fn run(&mut self, server: &mut Server, logfile: &str) -> u8 {
        let mut events = mio::Events::with_capacity(1024);
        let mut patience = Patience::new();
        loop {
            // Who reads a reply may look into the log next.
            flush_log(&self.log, logfile);
            // What the engine asks for may make output, and the other way round.
            for _ in 0..2 {
                if let Some(status) = self.act(server) {
                    return status;
                }
                self.flush(server);
            }
            flush_log(&self.log, logfile);
            let pause = self.pause(server);
            match patience.wait(&mut self.poll, &mut events, pause) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => {
                    server.warn(&format!("drydock: waiting for events failed: {}", words(&error)));
                    return 1;
                }
            }
            let mut more = std::mem::take(&mut self.more);
            for listener in std::mem::take(&mut self.crowded) {
                self.accept(server, listener);
            }
            for event in &events {
                let token = event.token();
                if token == SIGNALS {
                    self.signals(server);
                } else if let Some(n) = (0..self.listeners.len()).find(|n| listener_token(*n) == token) {
                    self.accept(server, n);
                } else {
                    let id = token.0 as u64;
                    if let Some(connection) = self.connections.get_mut(&id) {
                        connection.ended |= event.is_read_closed();
                    }
                    let readable = event.is_readable() || event.is_read_closed() || event.is_error();
                    self.serve(server, id, readable, event.is_writable() || event.is_error());
                }
            }
            while let Some(id) = more.pop_front() {
                self.read(server, id);
            }
            if let Some(mut save) = self.save.take()
                && !save.step(server)
            {
                self.save = Some(save);
            }
            self.scripts.collect(server);
            if server.host.mono_us() >= server.next_wakeup() {
                server.tick();
            }
        }
    }

    /// How long to wait for events at most.
    fn pause(&self, server: &Server) -> Duration {
        if !self.more.is_empty() || !self.crowded.is_empty() || !server.ready_output.is_empty() {
            return Duration::ZERO;
        }
        let until = self.save.as_ref().map_or(i64::MAX, Save::due);
        let us = server.next_wakeup().min(until) - server.host.mono_us();
        // The system waits in milliseconds: rounded up, not to spin through the last one.
        Duration::from_millis(us.max(0).unsigned_abs().div_ceil(1000))
    }

    fn serve(&mut self, server: &mut Server, id: u64, readable: bool, writable: bool) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        if connection.connecting {
            if writable {
                self.finish_connect(server, id);
            }
            return;
        }
        if writable && connection.full {
            connection.full = false;
            server.ready_output.insert(id);
        }
        if readable {
            self.read(server, id);
        }
    }

    fn read(&mut self, server: &mut Server, id: u64) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        match connection.stream.read(&mut self.buf) {
            Ok(0) => self.lost(server, id),
            Ok(n) => {
                if n == self.buf.len() || connection.ended {
                    self.more.push_back(id);
                }
                server.received(id, self.buf.get(..n).unwrap_or_default());
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) if error.kind() == ErrorKind::Interrupted => self.more.push_back(id),
            Err(_) => self.lost(server, id),
        }
    }

    fn lost(&mut self, server: &mut Server, id: u64) {
        self.close(id);
        server.disconnected(id);
    }

    fn close(&mut self, id: u64) {
        if let Some(mut connection) = self.connections.remove(&id) {
            let _ = self.poll.registry().deregister(connection.stream.source());
        }
    }

    /// Sends what can be sent.
    fn flush(&mut self, server: &mut Server) {
        for id in server.take_ready() {
            let Some(connection) = self.connections.get_mut(&id) else { continue };
            if connection.connecting || connection.full {
                continue;
            }
            let Some(out) = server.output(id) else { continue };
            let mut sent = 0;
            let mut broken = false;
            while sent < out.len() && sent < WRITE_MOST {
                match connection.stream.write(&out[sent..]) {
                    Ok(0) => break,
                    Ok(n) => sent += n,
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {
                        connection.full = true;
                        break;
                    }
                    Err(_) => {
                        broken = true;
                        break;
                    }
                }
            }
            let rest = sent < out.len() && !connection.full;
            if broken {
                self.lost(server, id);
                continue;
            }
            server.sent(id, sent);
            if rest {
                server.ready_output.insert(id);
            }
        }
    }

    /// Does what the engine asks for. A status ends the process.
    fn act(&mut self, server: &mut Server) -> Option<u8> {
        for action in server.take_actions() {
            match action {
                Action::Close(id) => self.close(id),
                Action::Connect { conn, host, port } => self.connect(server, conn, &host, port),
                Action::Listen => {
                    launch::listen(server, self);
                }
                Action::StartChild(plan) => self.save = Some(Save::start(plan, server)),
                Action::KillChild => {
                    if let Some(save) = self.save.take() {
                        save.kill(server);
                    }
                }
                Action::Run { argv } => self.scripts.run(server, &argv),
                Action::KillScript(pid) => self.scripts.kill(pid),
                Action::Exit(status) => {
                    self.flush(server);
                    return Some(status);
                }
            }
        }
        None
    }

    fn connect(&mut self, server: &mut Server, id: u64, host: &str, port: u16) {
        let address = (host, port).to_socket_addrs().ok().and_then(|mut all| all.next());
        let source = server.config.text(config::BIND_SOURCE_ADDR).parse().ok();
        let stream = match address {
            Some(address) => sockets::connect(address, source),
            None => Err("Name or service not known".to_owned()),
        };
        match stream.and_then(|s| self.add(id, Stream::Tcp(s), true)) {
            Ok(()) => {}
            Err(reason) => server.connected(id, Err(reason)),
        }
    }

    fn finish_connect(&mut self, server: &mut Server, id: u64) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        let Stream::Tcp(stream) = &connection.stream else { return };
        let result = match stream.take_error() {
            Ok(Some(error)) | Err(error) => Err(error),
            Ok(None) => stream.peer_addr().and_then(|_| stream.local_addr()),
        };
        match result {
            Ok(local) => {
                let _ = stream.set_nodelay(true);
                connection.connecting = false;
                server.connected(id, Ok(show(local)));
            }
            // Not yet.
            Err(error) if error.kind() == ErrorKind::NotConnected => {}
            Err(error) => {
                self.close(id);
                server.connected(id, Err(words(&error)));
            }
        }
    }

    fn add(&mut self, id: u64, mut stream: Stream, connecting: bool) -> Result<(), String> {
        let interest = Interest::READABLE | Interest::WRITABLE;
        self.poll.registry().register(stream.source(), connection_token(id), interest).map_err(|e| words(&e))?;
        self.connections.insert(id, Connection { stream, connecting, full: false, ended: false });
        Ok(())
    }

    fn accept(&mut self, server: &mut Server, n: usize) {
        for _ in 0..ACCEPT_MOST {
            let (stream, door, peer, local) = match self.listeners.get(n) {
                Some(Listener::Tcp(listener, door)) => {
                    let Ok((stream, peer)) = listener.accept() else { return };
                    let _ = stream.set_nodelay(true);
                    let local = stream.local_addr().map(show).unwrap_or_default();
                    (Stream::Tcp(stream), *door, show(peer), local)
                }
                Some(Listener::Unix(listener, path)) => {
                    let Ok((stream, _)) = listener.accept() else { return };
                    (Stream::Unix(stream), Door::Unix, format!("{path}:0"), format!("{path}:0"))
                }
                None => return,
            };
            let fd = match &stream {
                Stream::Tcp(stream) => stream.as_raw_fd(),
                Stream::Unix(stream) => stream.as_raw_fd(),
            };
            let id = server.accepted(door, &peer, &local, i64::from(fd));
            if self.add(id, stream, false).is_err() {
                server.disconnected(id);
            }
        }
        self.crowded.push(n);
    }

    fn signals(&mut self, server: &mut Server) {
        let signals: Vec<i32> = self.signals.pending().collect();
        for signal in signals {
            if matches!(signal, SIGINT | SIGTERM) {
                server.shut_down_on_signal(signal == SIGINT);
            }
        }
    }
}

fn show(address: SocketAddr) -> String {
    address.to_string()
}

impl Sockets for Events {
    fn close_listeners(&mut self) {
        for listener in &mut self.listeners {
            let source: &mut dyn mio::event::Source = match listener {
                Listener::Tcp(listener, _) => listener,
                Listener::Unix(listener, _) => listener,
            };
            let _ = self.poll.registry().deregister(source);
        }
        self.listeners.clear();
    }

    fn open_tcp(&mut self, address: SocketAddr, door: Door, backlog: u32) -> Result<(), String> {
        let mut listener = sockets::tcp(address, backlog)?;
        let token = listener_token(self.listeners.len());
        self.poll.registry().register(&mut listener, token, Interest::READABLE).map_err(|e| words(&e))?;
        self.listeners.push(Listener::Tcp(listener, door));
        Ok(())
    }

    fn open_unix(&mut self, path: &str, mode: Option<u32>, backlog: u32) -> Result<(), String> {
        let mut listener = sockets::unix(path, mode, backlog)?;
        let token = listener_token(self.listeners.len());
        self.poll.registry().register(&mut listener, token, Interest::READABLE).map_err(|e| words(&e))?;
        self.listeners.push(Listener::Unix(listener, path.to_owned()));
        Ok(())
    }
}

//! The event loop: sockets, timers, signals, children.

use super::child::Feeder;
use super::host::LogBuffer;
use super::names::SharedNames;
use super::scripts::Scripts;
use crate::config;
use crate::launch::{self, Sockets};
use crate::persistence::child::Plan;
use crate::server::connections::Door;
use crate::server::{Action, Server};
use machine::fs::SetAttr;
use machine::net::{SocketAddress, SocketKind};
use machine::process::{WaitFor, WaitOptions};
use machine::sys::memory::SHARED;
use machine::{Errno, ExitCode, Fd, PollFd, Signal, Sys, WaitStatus};
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// Bytes read at once.
const READ_SIZE: usize = 16 * 1024;

/// What serving a request costs the machine, in nanoseconds, and per byte.
const REQUEST_COST: u64 = 2_000;
/// Smaller changes of the memory held are not told.
const TELL: u64 = 64 << 10;

struct Connection {
    fd: Fd,
    connecting: bool,
}

/// All descriptors of a running server.
pub struct Events {
    sys: Sys,
    log: LogBuffer,
    listeners: Vec<(Fd, Door)>,
    connections: BTreeMap<u64, Connection>,
    children: Vec<machine::Pid>,
    scripts: Scripts,
    names: SharedNames,
    /// What the child still gets.
    feeder: Option<Feeder>,
    /// What the machine was last told of the memory held, in bytes.
    told: u64,
}

/// Writes the waiting lines of the log.
pub async fn flush_log(sys: &Sys, logfile: &str, log: &LogBuffer) {
    let data = std::mem::take(&mut *log.borrow_mut());
    if data.is_empty() {
        return;
    }
    if logfile.is_empty() {
        let _ = sys.write_all(Fd(1), &data).await;
    } else {
        let _ = super::files::write(sys, logfile, &data, machine::fs::OpenFlags::APPEND);
    }
}

fn show(address: &SocketAddress) -> String {
    match address {
        SocketAddress::Inet(SocketAddr::V4(a)) => format!("{}:{}", a.ip(), a.port()),
        SocketAddress::Inet(SocketAddr::V6(a)) => match a.ip().to_ipv4_mapped() {
            Some(v4) => format!("{v4}:{}", a.port()),
            None => format!("[{}]:{}", a.ip(), a.port()),
        },
        SocketAddress::Unix(path) => format!("{}:0", path.as_deref().unwrap_or("")),
    }
}

/// A listening socket.
fn listening(sys: &Sys, kind: SocketKind, address: &SocketAddress, backlog: u32) -> Result<Fd, String> {
    let fd = sys.socket(kind).map_err(|e| format!("socket: {}", e.message()))?;
    if kind == SocketKind::Tcp6 {
        let _ = sys.set_v6_only(fd, true);
    }
    let bound = sys
        .bind(fd, address)
        .map_err(|e| format!("bind: {}", e.message()))
        .and_then(|()| sys.listen(fd, backlog).map_err(|e| format!("listen: {}", e.message())));
    if let Err(reason) = bound {
        let _ = sys.close(fd);
        return Err(reason);
    }
    Ok(fd)
}

/// A listening TCP socket.
pub(super) fn open(sys: &Sys, address: &SocketAddr, backlog: u32) -> Result<Fd, String> {
    let kind = if address.is_ipv4() { SocketKind::Tcp4 } else { SocketKind::Tcp6 };
    listening(sys, kind, &SocketAddress::Inet(*address), backlog)
}

impl Events {
    fn add(&mut self, fd: Fd, door: Door) {
        let _ = self.sys.set_nonblocking(fd, true);
        self.listeners.push((fd, door));
    }
}

impl Sockets for Events {
    fn close_listeners(&mut self) {
        for (fd, _) in self.listeners.drain(..) {
            let _ = self.sys.close(fd);
        }
    }

    fn open_tcp(&mut self, address: SocketAddr, door: Door, backlog: u32) -> Result<(), String> {
        open(&self.sys, &address, backlog).map(|fd| self.add(fd, door))
    }

    fn open_unix(&mut self, path: &str, mode: Option<u32>, backlog: u32) -> Result<(), String> {
        let fd = listening(&self.sys, SocketKind::UnixStream, &SocketAddress::Unix(Some(path.to_owned())), backlog)?;
        self.add(fd, Door::Unix);
        if let Some(mode) = mode {
            let _ = self.sys.set_attr(path, &SetAttr { mode: Some(mode), ..SetAttr::default() });
        }
        Ok(())
    }
}

impl Events {
    /// Nothing open yet.
    pub fn new(sys: Sys, log: LogBuffer, names: SharedNames) -> Events {
        Events {
            sys,
            log,
            listeners: Vec::new(),
            connections: BTreeMap::new(),
            children: Vec::new(),
            scripts: Scripts::default(),
            names,
            feeder: None,
            told: 0,
        }
    }

    /// Serves until the process is to end.
    pub async fn run(&mut self, server: &mut Server) -> ExitCode {
        loop {
            if let Some(code) = self.act(server).await {
                return code;
            }
            self.feed_child(server).await;
            self.flush(server).await;
            if let Some(code) = self.act(server).await {
                return code;
            }
            flush_log(&self.sys, server.config.text(config::LOGFILE), &self.log).await;
            let (mut fds, owners) = self.interests(server);
            let now = (self.sys.now().0 / 1000) as i64;
            let wait = if self.feeder.is_some() { 0 } else { (server.next_wakeup() - now).max(0) };
            let wait = Duration::from_micros(wait.unsigned_abs());
            match self.sys.poll(&mut fds, Some(wait)).await {
                Ok(_) => {
                    for (poll, owner) in fds.iter().zip(owners) {
                        if poll.is_ready() {
                            self.serve(server, poll, owner).await;
                        }
                    }
                }
                Err(Errno::EINTR) => {}
                Err(_) => return ExitCode::FAILURE,
            }
            self.signals(server);
            self.scripts.collect(&self.sys, server);
            if super::names::look_up(&self.names, &self.sys).await {
                server.names_are_known();
            }
            server.tick();
            self.tell_memory(server);
            let work = server.scripting.take_work() + server.take_load_cost();
            if work > 0 {
                self.sys.tick(work).await;
            }
        }
    }

    /// Tells the machine what the server holds: what `docker stats` shows, and what limits apply to.
    fn tell_memory(&mut self, server: &Server) {
        let resident = server.resident_memory().saturating_sub(SHARED);
        if resident.abs_diff(self.told) >= TELL {
            self.told = resident;
            // Past RLIMIT_AS an allocation fails, and Redis ends itself then; the limit is not enforced here.
            let _ = self.sys.set_memory(resident);
        }
    }

    /// What to wait for. Owners: a listener's number, or a connection.
    fn interests(&self, server: &mut Server) -> (Vec<PollFd>, Vec<Owner>) {
        let mut fds = Vec::new();
        let mut owners = Vec::new();
        for (n, (fd, _)) in self.listeners.iter().enumerate() {
            fds.push(PollFd::readable(*fd));
            owners.push(Owner::Listener(n));
        }
        for (id, connection) in &self.connections {
            let mut poll = PollFd::readable(connection.fd);
            poll.read = !connection.connecting;
            poll.write = connection.connecting || server.output(*id).is_some_and(|o| !o.is_empty());
            fds.push(poll);
            owners.push(Owner::Connection(*id));
        }
        (fds, owners)
    }

    async fn serve(&mut self, server: &mut Server, poll: &PollFd, owner: Owner) {
        match owner {
            Owner::Listener(n) => self.accept(server, n).await,
            Owner::Connection(id) => {
                let Some(connection) = self.connections.get_mut(&id) else { return };
                if connection.connecting {
                    connection.connecting = false;
                    let fd = connection.fd;
                    let result = match self.sys.socket_error(fd) {
                        Ok(()) => Ok(self.sys.socket_name(fd).map(|a| show(&a)).unwrap_or_default()),
                        Err(error) => Err(error.message().to_owned()),
                    };
                    let failed = result.is_err();
                    server.connected(id, result);
                    if failed {
                        self.close(id);
                    }
                } else if poll.ready.readable || poll.ready.hangup || poll.ready.error {
                    self.read(server, id).await;
                }
            }
        }
    }

    async fn accept(&mut self, server: &mut Server, listener: usize) {
        let Some((fd, door)) = self.listeners.get(listener).copied() else { return };
        while let Ok((client, from)) = self.sys.accept(fd).await {
            let _ = self.sys.set_nonblocking(client, true);
            let local = self.sys.socket_name(client).map(|a| show(&a)).unwrap_or_default();
            let peer = if door == Door::Unix { local.clone() } else { show(&from) };
            let id = server.accepted(door, &peer, &local, i64::from(client.0));
            self.connections.insert(id, Connection { fd: client, connecting: false });
        }
    }

    async fn read(&mut self, server: &mut Server, id: u64) {
        let Some(connection) = self.connections.get(&id) else { return };
        match self.sys.read_vec(connection.fd, READ_SIZE).await {
            Ok(data) if data.is_empty() => {
                self.close(id);
                server.disconnected(id);
            }
            Ok(data) => {
                server.received(id, &data);
                self.sys.tick(REQUEST_COST + data.len() as u64 * 4).await;
            }
            Err(Errno::EAGAIN | Errno::EINTR) => {}
            Err(_) => {
                self.close(id);
                server.disconnected(id);
            }
        }
    }

    fn close(&mut self, id: u64) {
        if let Some(connection) = self.connections.remove(&id) {
            let _ = self.sys.close(connection.fd);
        }
    }

    /// Sends what can be sent.
    async fn flush(&mut self, server: &mut Server) {
        let mut ready = server.take_ready();
        let begun: std::collections::BTreeSet<u64> = ready.iter().copied().collect();
        ready.extend(self.connections.keys().copied().filter(|id| !begun.contains(id)));
        for id in ready {
            let Some(connection) = self.connections.get(&id) else { continue };
            if connection.connecting {
                continue;
            }
            let fd = connection.fd;
            while let Some(out) = server.output(id).filter(|o| !o.is_empty()) {
                match self.sys.write(fd, out).await {
                    Ok(0) => break,
                    Ok(n) => server.sent(id, n),
                    Err(Errno::EAGAIN | Errno::EINTR) => break,
                    Err(_) => {
                        self.close(id);
                        server.disconnected(id);
                        break;
                    }
                }
            }
        }
    }

    /// Does what the engine asks for. A status ends the process.
    async fn act(&mut self, server: &mut Server) -> Option<ExitCode> {
        for action in server.take_actions() {
            match action {
                Action::Close(id) => self.close(id),
                Action::Connect { conn, host, port } => self.connect(server, conn, &host, port).await,
                Action::Listen => {
                    launch::listen(server, self);
                }
                Action::Exit(code) => {
                    self.flush(server).await;
                    return Some(ExitCode(code));
                }
                Action::Run { argv } => self.scripts.run(&self.sys, server, argv),
                Action::KillScript(pid) => self.scripts.kill(&self.sys, pid),
                Action::StartChild(plan) => self.start_child(server, plan),
                Action::KillChild => {
                    self.feeder = None;
                    for pid in &self.children {
                        let _ = self.sys.kill(*pid, Some(Signal::USR1));
                    }
                }
            }
        }
        None
    }

    async fn connect(&mut self, server: &mut Server, id: u64, host: &str, port: u16) {
        let source = server.config.text(config::BIND_SOURCE_ADDR).parse().ok();
        let result = self.start_connect(host, port, source).await;
        match result {
            Ok(fd) => {
                self.connections.insert(id, Connection { fd, connecting: true });
            }
            Err(reason) => server.connected(id, Err(reason)),
        }
    }

    async fn start_connect(&self, host: &str, port: u16, source: Option<IpAddr>) -> Result<Fd, String> {
        let ip = match host.parse::<IpAddr>() {
            Ok(ip) => ip,
            Err(_) => {
                let found = machine::net::resolve(&self.sys, host).await.unwrap_or_default();
                *found.first().ok_or("Name or service not known")?
            }
        };
        let kind = if ip.is_ipv4() { SocketKind::Tcp4 } else { SocketKind::Tcp6 };
        let fd = self.sys.socket(kind).map_err(|e| e.message().to_owned())?;
        let _ = self.sys.set_nonblocking(fd, true);
        let bound = match source.filter(|source| source.is_ipv4() == ip.is_ipv4()) {
            Some(source) => self.sys.bind(fd, &SocketAddress::Inet(SocketAddr::new(source, 0))),
            None => Ok(()),
        };
        let begun = match bound {
            Ok(()) => self.sys.connect(fd, &SocketAddress::Inet(SocketAddr::new(ip, port))).await,
            Err(error) => Err(error),
        };
        match begun {
            Ok(()) | Err(Errno::EINPROGRESS) => Ok(fd),
            Err(error) => {
                let _ = self.sys.close(fd);
                Err(error.message().to_owned())
            }
        }
    }

    /// Starts a child process, and gives it what a slice makes of the data: all, where that is little.
    fn start_child(&mut self, server: &mut Server, plan: Plan) {
        match Feeder::start(&self.sys, server, plan) {
            Ok((feeder, pid)) => {
                self.children.push(pid);
                server.child_started(pid.0 as u32);
                self.feeder = Some(feeder);
            }
            Err(error) => {
                server.warn(&format!("Can't save in background: fork: {}", error.message()));
                server.child_done(false);
            }
        }
    }

    /// Gives the child that writes a snapshot the next slice.
    async fn feed_child(&mut self, server: &mut Server) {
        let Some(feeder) = &self.feeder else { return };
        let (last, cost) = feeder.feed(server);
        if last {
            self.feeder = None;
        }
        self.sys.tick(cost).await;
    }

    fn signals(&mut self, server: &mut Server) {
        while let Some(signal) = self.sys.take_signal() {
            let interrupt = signal == Signal::INT;
            if interrupt || signal == Signal::TERM {
                server.shut_down_on_signal(interrupt);
            }
        }
        self.children.retain(|pid| match ended(&self.sys, *pid) {
            Ok(Some((_, status))) => {
                self.feeder = None;
                match status {
                    WaitStatus::Signaled(signal) => server.child_killed(signal.number()),
                    status => server.child_done(status == WaitStatus::Exited(0)),
                }
                false
            }
            Ok(None) => true,
            Err(_) => false,
        });
    }
}

/// What became of a child process, if it ended.
pub(super) fn ended(sys: &Sys, pid: machine::Pid) -> Result<Option<(machine::Pid, WaitStatus)>, Errno> {
    let options = WaitOptions { no_hang: true, ..WaitOptions::default() };
    let mut future = std::pin::pin!(sys.waitpid(WaitFor::Process(pid), options));
    match future.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
        std::task::Poll::Ready(result) => result,
        std::task::Poll::Pending => Ok(None),
    }
}

#[derive(Clone, Copy)]
enum Owner {
    Listener(usize),
    Connection(u64),
}

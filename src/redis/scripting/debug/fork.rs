//! SCRIPT DEBUG YES: the script runs in a copy of the server, which has the client's connection and is thrown away
//! with it. Where the real server forks, this makes a second engine from a snapshot of the first: its clock is the
//! first one's, it writes no files, and nobody but the client can reach it.

use super::Mode;
use crate::launch;
use crate::server::connections::Door;
use crate::server::host::{FileResult, Host, Level, System};
use crate::server::{Action, Cx, Fail, Res, Server};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// Bytes of data that a copy is made of at most.
const MAX_DATA: usize = 64 << 20;
/// Copies at the same time at most.
const MAX_FORKS: usize = 4;

/// What the copy shares with the server that made it.
#[derive(Debug, Default)]
struct Shared {
    wall: Cell<i64>,
    mono: Cell<i64>,
    log: RefCell<Vec<(Level, String)>>,
}

/// A copy of a server that debugs one client's script.
pub struct Fork {
    server: Box<Server>,
    shared: Rc<Shared>,
}

/// The copy's world.
struct ForkHost {
    shared: Rc<Shared>,
    seed: u64,
    pid: u32,
    dir: String,
    system: System,
}

impl Host for ForkHost {
    fn wall_us(&self) -> i64 {
        self.shared.wall.get()
    }
    fn mono_us(&self) -> i64 {
        self.shared.mono.get()
    }
    fn random(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = (self.seed >> 56) as u8;
        }
    }
    fn read_file(&mut self, _path: &str) -> FileResult<Option<Vec<u8>>> {
        Ok(None)
    }
    fn write_file(&mut self, _path: &str, _data: &[u8]) -> FileResult<()> {
        Ok(())
    }
    fn append_file(&mut self, _path: &str, _data: &[u8]) -> FileResult<()> {
        Ok(())
    }
    fn rename_file(&mut self, _from: &str, _to: &str) -> FileResult<()> {
        Ok(())
    }
    fn remove_file(&mut self, _path: &str) -> FileResult<()> {
        Ok(())
    }
    fn make_dir(&mut self, _path: &str) -> FileResult<()> {
        Ok(())
    }
    fn change_dir(&mut self, _path: &str) -> FileResult<String> {
        Ok(self.dir.clone())
    }
    fn current_dir(&mut self) -> String {
        self.dir.clone()
    }
    fn log(&mut self, _role: char, level: Level, text: &str) {
        self.shared.log.borrow_mut().push((level, text.to_owned()));
    }
    fn log_raw(&mut self, _text: &str) {}
    fn pid(&self) -> u32 {
        self.pid
    }
    fn system(&self) -> System {
        self.system.clone()
    }
}

/// EVAL of a client that debugs. True if the command is dealt with: a copy of the server has the client now.
pub fn begin(cx: &mut Cx<'_>) -> Result<bool, Fail> {
    // Inside a transaction a script is not debugged here, nor is one that another copy runs.
    let Some(mode) = cx.s.client(cx.client).debug.filter(|_| !cx.no_block) else { return Ok(false) };
    match mode {
        Mode::Sync => {
            cx.s.begin_debugging(cx.client, cx.arg(1));
            Ok(false)
        }
        Mode::Forked => fork(cx).map(|()| true),
    }
}

fn fork(cx: &mut Cx<'_>) -> Res {
    let s = &mut *cx.s;
    if s.used_memory() > MAX_DATA || s.scripting.forks.len() >= MAX_FORKS {
        return Err("ERR Fork() failed: can't run EVAL in debugging mode: Cannot allocate memory".into());
    }
    let shared = Rc::new(Shared::default());
    let fork = Fork { server: Box::new(s.copy(&shared)?), shared };
    s.count.forks += 1;
    s.scripting.forks.insert(cx.client, fork);
    let mut request = Vec::new();
    resp::encode_request(&mut request, cx.argv);
    let (id, pid, wall) = (cx.client, s.host.pid(), s.now_us);
    let line = launch::line(pid, 'C', wall, Level::Notice, "Redis forked for debugging eval");
    s.host.log_raw(&line);
    let described = Described::of(s, id);
    s.with_fork(id, |copy| {
        copy.next_conn = id;
        let client = copy.accepted(Door::Clients, &described.addr, &described.laddr, described.fd);
        described.apply(copy, client);
        copy.received(id, &request);
    });
    // The client is the copy's now.
    s.close_soon(id);
    Ok(())
}

/// What the copy knows of its client.
struct Described {
    addr: String,
    laddr: String,
    fd: i64,
    name: Vec<u8>,
    user: String,
    db: usize,
    resp3: bool,
}

impl Described {
    fn of(s: &Server, id: u64) -> Described {
        let client = s.client(id);
        Described {
            addr: client.addr.clone(),
            laddr: client.laddr.clone(),
            fd: client.fd,
            name: client.name.clone(),
            user: client.user.clone(),
            db: client.db,
            resp3: client.resp3,
        }
    }

    fn apply(self, s: &mut Server, id: u64) {
        let client = s.client_mut(id);
        client.authenticated = true;
        client.name = self.name;
        client.user = self.user;
        client.db = self.db;
        client.resp3 = self.resp3;
        client.out.resp3 = self.resp3;
        client.debug = Some(Mode::Sync);
    }
}

impl crate::scripting::Scripting {
    /// Whether a copy of the server has a connection.
    pub(crate) fn forked(&self, id: u64) -> bool {
        self.forks.contains_key(&id)
    }

    /// The connection of a copy is gone, and the copy with it. False if there is no such copy.
    pub(crate) fn end_fork(&mut self, id: u64) -> bool {
        self.forks.remove(&id).is_some()
    }
}

impl Server {
    /// A copy of this server with the same data, rights and place in the cluster.
    fn copy(&mut self, shared: &Rc<Shared>) -> Result<Server, Fail> {
        let (data, _) = self.snapshot();
        shared.wall.set(self.host.wall_us());
        shared.mono.set(self.host.mono_us());
        let host = ForkHost {
            shared: shared.clone(),
            seed: self.random(),
            pid: self.host.pid(),
            dir: self.host.current_dir(),
            system: self.host.system(),
        };
        let mut copy = Server::new(Box::new(host), self.config.clone());
        copy.loading = true;
        let loaded = copy.load_snapshot(data);
        copy.loading = false;
        copy.dirty = 0;
        copy.acl = self.acl.clone();
        copy.cluster.clone_from(&self.cluster);
        copy.scripting.is_copy = true;
        copy.repl.master.clone_from(&self.repl.master);
        shared.log.borrow_mut().clear();
        loaded.map_err(|bad| Fail::from(bad.text()))?;
        Ok(copy)
    }

    /// Does something with the copy that has a connection. False if none has it.
    pub(crate) fn with_fork(&mut self, id: u64, act: impl FnOnce(&mut Server)) -> bool {
        if self.scripting.forks.is_empty() {
            return false;
        }
        let Some(mut fork) = self.scripting.forks.remove(&id) else { return false };
        let (wall, mono) = (self.host.wall_us(), self.host.mono_us());
        fork.shared.wall.set(wall);
        fork.shared.mono.set(mono);
        act(&mut fork.server);
        let pid = self.host.pid();
        for (level, text) in fork.shared.log.take() {
            let line = launch::line(pid, 'C', wall, level, &text);
            self.host.log_raw(&line);
        }
        if fork.server.ready_output.remove(&id) {
            self.ready_output.insert(id);
        }
        if fork.server.take_actions().contains(&Action::Close(id)) {
            self.actions.push(Action::Close(id));
            self.ready_output.remove(&id);
        } else {
            self.scripting.forks.insert(id, fork);
        }
        true
    }

    /// Lets the scripts of all copies go on.
    pub(crate) fn tick_forks(&mut self) {
        let running = self.scripting.forks.iter().filter(|(_, fork)| fork.server.script_runs());
        for id in running.map(|(id, _)| *id).collect::<Vec<u64>>() {
            self.with_fork(id, Server::script_tick);
        }
    }

    /// Whether a copy has a script to go on with.
    pub(crate) fn forks_run(&self) -> bool {
        self.scripting.forks.values().any(|fork| fork.server.script_runs())
    }

    /// Whether a script waits for its next slice, and not for its debugger.
    pub(crate) fn script_runs(&self) -> bool {
        self.script_parked() && !self.debugger_waits()
    }

    /// Bytes that a copy has for its client.
    pub(crate) fn fork_output(&mut self, id: u64) -> Option<&[u8]> {
        self.scripting.forks.get_mut(&id)?.server.output(id)
    }

    /// Ends all copies: the server ends.
    pub(crate) fn kill_forks(&mut self) {
        for id in std::mem::take(&mut self.scripting.forks).into_keys() {
            let pid = self.host.pid();
            self.notice(&format!("Killing debugging session {pid}"));
            self.actions.push(Action::Close(id));
        }
    }
}

//! The engine as a wasm module that JavaScript calls in its own process: one server without files or
//! sockets, one client. `cargo task bench redis` measures it in Node.

use redis::config::Config;
use redis::server::connections::Door;
use redis::server::host::{FileResult, Host, Level, System};
use redis::server::{Action, Server};
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;

/// What JavaScript says of the world: the time, in microseconds since 1970.
struct Caller(Rc<Cell<i64>>);

const NO_FILES: &str = "Read-only file system";

impl Host for Caller {
    fn wall_us(&self) -> i64 {
        self.0.get()
    }

    fn mono_us(&self) -> i64 {
        self.0.get()
    }

    fn random(&mut self, bytes: &mut [u8]) {
        let mut state = self.0.get() as u64 | 1;
        for byte in bytes {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            *byte = (state >> 56) as u8;
        }
    }

    fn read_file(&mut self, _: &str) -> FileResult<Option<Vec<u8>>> {
        Ok(None)
    }

    fn write_file(&mut self, _: &str, _: &[u8]) -> FileResult<()> {
        Err(NO_FILES.into())
    }

    fn append_file(&mut self, _: &str, _: &[u8]) -> FileResult<()> {
        Err(NO_FILES.into())
    }

    fn rename_file(&mut self, _: &str, _: &str) -> FileResult<()> {
        Ok(())
    }
    fn remove_file(&mut self, _: &str) -> FileResult<()> {
        Ok(())
    }

    fn make_dir(&mut self, _: &str) -> FileResult<()> {
        Err(NO_FILES.into())
    }

    fn change_dir(&mut self, _: &str) -> FileResult<String> {
        Ok("/".into())
    }

    fn current_dir(&mut self) -> String {
        "/".into()
    }

    fn log(&mut self, _: char, _: Level, _: &str) {}

    fn log_raw(&mut self, _: &str) {}

    fn pid(&self) -> u32 {
        1
    }

    fn system(&self) -> System {
        System::default()
    }
}

/// A server and its client. Requests and replies lie in the module's memory, where JavaScript writes
/// and reads them in place.
#[wasm_bindgen]
pub struct Redis {
    server: Server,
    now: Rc<Cell<i64>>,
    client: u64,
    input: Vec<u8>,
    /// How many bytes of replies the last call left.
    replies: usize,
}

#[wasm_bindgen]
impl Redis {
    /// An empty server. `now_ms`: Unix milliseconds.
    #[wasm_bindgen(constructor)]
    pub fn new(now_ms: f64) -> Redis {
        let now = Rc::new(Cell::new((now_ms * 1000.0) as i64));
        let mut server = Server::new(Box::new(Caller(now.clone())), Config::default());
        let client = server.accepted(Door::Clients, "127.0.0.1:1", "127.0.0.1:6379", 1);
        Redis { server, now, client, input: Vec::new(), replies: 0 }
    }

    /// Where requests of up to `size` bytes are to be written.
    pub fn input(&mut self, size: usize) -> *const u8 {
        if self.input.len() < size {
            self.input.resize(size, 0);
        }
        self.input.as_ptr()
    }

    /// Serves the first `size` bytes of the input, requests in RESP. Where the replies lie, one for each request unless
    /// replies are off.
    pub fn serve(&mut self, now_ms: f64, size: usize) -> *const u8 {
        self.now.set((now_ms * 1000.0) as i64);
        self.server.sent(self.client, self.replies);
        self.server.received(self.client, self.input.get(..size).unwrap_or_default());
        if self.server.next_wakeup() <= self.now.get() {
            self.server.tick();
        }
        let replies = self.server.output(self.client).unwrap_or_default();
        // They stay where they are until the next call.
        self.replies = replies.len();
        let at = replies.as_ptr();
        self.server.ready_output.clear();
        // Without files and sockets nothing can be done about these.
        if !self.server.actions.is_empty() {
            let saves = self.server.take_actions().iter().any(|action| matches!(action, Action::StartChild(_)));
            if saves {
                self.server.child_done(false);
            }
        }
        at
    }
}

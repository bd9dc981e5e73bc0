//! A world: what the page, the native command and the tests hold.

use std::collections::BTreeMap;

use machine::tty::WindowSize;
use machine::{Console, Errno, Instant, Machine, Stopped};

use crate::event::{Event, LogEntry};
use crate::host::{self, BootOptions};

/// Terminals at once.
const MOST_TTYS: usize = 32;
/// Bytes of one input: more is refused, so that a paste cannot swamp the machine.
const MOST_INPUT: usize = 1 << 20;

/// A machine with a host on it, its terminals and its log.
pub struct World {
    machine: Machine,
    consoles: BTreeMap<String, Console>,
    log: Vec<LogEntry>,
}

/// How far a world came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Advance {
    /// The clock, in nanoseconds since boot.
    pub now_ns: u64,
    /// When something happens next without input.
    pub next_event_ns: Option<u64>,
    /// Nothing is left to do at this instant.
    pub ready: bool,
}

/// A name in a folder of the host.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DirEntry {
    /// The name.
    pub name: String,
    /// Whether it is a folder.
    pub is_dir: bool,
}

impl World {
    /// A fresh world.
    pub fn boot(options: &BootOptions) -> World {
        World { machine: host::boot(options), consoles: BTreeMap::new(), log: Vec::new() }
    }

    /// The clock, in nanoseconds since boot.
    pub fn now_ns(&self) -> u64 {
        self.machine.now().0
    }

    /// Gives an input, stamped with the clock. One that is refused leaves everything as it was, says why, and
    /// does not go to the log.
    pub fn input(&mut self, event: Event) -> Result<(), String> {
        let at_ns = self.now_ns();
        self.apply(&event)?;
        self.log.push(LogEntry { at_ns, event });
        Ok(())
    }

    fn apply(&mut self, event: &Event) -> Result<(), String> {
        match event {
            Event::OpenTty { tty, cols, rows } => self.open(tty, *cols, *rows),
            Event::CloseTty { tty } => {
                self.consoles.remove(tty).map(drop).ok_or_else(|| format!("no terminal {tty:?}"))
            }
            Event::Keys { tty, bytes } if bytes.len() > MOST_INPUT => {
                Err(format!("{} bytes are too much at once for terminal {tty:?}", bytes.len()))
            }
            Event::Keys { tty, bytes } => {
                self.console(tty)?.type_bytes(bytes);
                Ok(())
            }
            Event::Resize { tty, cols, rows } => {
                let size = window(*cols, *rows)?;
                self.console(tty)?.resize(size);
                Ok(())
            }
            Event::WriteFile { path, data } if data.len() > MOST_INPUT => {
                Err(format!("{path}: {} bytes are too much for a file written here", data.len()))
            }
            Event::WriteFile { path, data } => self.write_file(path, data).map_err(|e| format!("{path}: {e}")),
        }
    }

    fn open(&mut self, tty: &str, cols: u16, rows: u16) -> Result<(), String> {
        let size = window(cols, rows)?;
        if self.consoles.contains_key(tty) {
            return Err(format!("terminal {tty:?} is open already"));
        }
        if self.consoles.len() >= MOST_TTYS {
            return Err(format!("{MOST_TTYS} terminals are open, no more at once"));
        }
        let console = self.machine.open_console(size, host::login).map_err(|e| e.to_string())?;
        self.consoles.insert(tty.to_string(), console);
        Ok(())
    }

    fn console(&self, tty: &str) -> Result<&Console, String> {
        self.consoles.get(tty).ok_or_else(|| format!("no terminal {tty:?}"))
    }

    fn write_file(&self, path: &str, data: &[u8]) -> Result<(), Errno> {
        if !path.starts_with('/') {
            return Err(Errno::EINVAL);
        }
        let sys = self.machine.init();
        for (at, _) in path.match_indices('/').skip(1) {
            match sys.mkdir(&path[..at], 0o755) {
                Ok(()) | Err(Errno::EEXIST) => {}
                Err(error) => return Err(error),
            }
        }
        // A file that exists keeps its owner and mode, as an editor leaves them.
        let mode = sys.stat(path).map_or(0o644, |attr| attr.mode);
        sys.put_file(path, data.to_vec().into(), mode)
    }

    /// Runs until the clock shows `until_ns`, at most so many slices.
    pub fn advance(&mut self, until_ns: u64, max_slices: u32) -> Advance {
        self.machine.run(Instant(until_ns), u64::from(max_slices));
        self.reached()
    }

    /// Runs until nothing is left to do at this instant, or as [`World::advance`].
    pub fn settle(&mut self, until_ns: u64, max_slices: u32) -> Advance {
        self.machine.run_until(Instant(until_ns), u64::from(max_slices), &|| true);
        self.reached()
    }

    /// Runs until the program in front of a terminal waits for input with nothing left to do at this instant;
    /// true when it does. False at `until_ns`, out of slices, or when its session ended.
    pub fn run_until_prompt(&mut self, tty: &str, until_ns: u64, max_slices: u64) -> Result<bool, String> {
        let console = self.console(tty)?;
        let met = || console.waits_for_input() || console.is_over();
        let stopped = self.machine.run_until(Instant(until_ns), max_slices, &met);
        Ok(stopped == Stopped::AtCondition && !console.is_over() || console.waits_for_input())
    }

    fn reached(&self) -> Advance {
        let next = self.machine.next_event();
        Advance { now_ns: self.now_ns(), next_event_ns: next.map(|at| at.0), ready: next != Some(self.machine.now()) }
    }

    /// What each terminal showed since the last call, in the order of their names.
    pub fn take_output(&mut self) -> Vec<(String, Vec<u8>)> {
        let all = self.consoles.iter().map(|(tty, console)| (tty.clone(), console.take_output()));
        all.filter(|(_, bytes)| !bytes.is_empty()).collect()
    }

    /// What one terminal showed since the last call.
    pub fn take_tty_output(&mut self, tty: &str) -> Result<Vec<u8>, String> {
        Ok(self.console(tty)?.take_output())
    }

    /// Whether a terminal of this name is open.
    pub fn has_tty(&self, tty: &str) -> bool {
        self.consoles.contains_key(tty)
    }

    /// Whether a terminal's session ended.
    pub fn is_over(&self, tty: &str) -> bool {
        self.consoles.get(tty).is_none_or(Console::is_over)
    }

    /// The shell's `$?` where it has the terminal.
    pub fn shell_status(&self, tty: &str) -> Option<u8> {
        self.consoles.get(tty)?.shell_status()
    }

    /// A file of the host.
    pub fn read_file(&self, path: &str) -> Result<Vec<u8>, String> {
        self.machine.init().read_file(path).map_err(|e| format!("{path}: {e}"))
    }

    /// The names in a folder of the host, folders first, each sorted.
    pub fn list_dir(&self, path: &str) -> Result<Vec<DirEntry>, String> {
        let sys = self.machine.init();
        let names = sys.read_dir(path).map_err(|e| format!("{path}: {e}"))?;
        let is_dir = |name: &str| sys.stat(&format!("{}/{name}", path.trim_end_matches('/'))).is_ok_and(|a| a.is_dir());
        let mut entries: Vec<DirEntry> =
            names.into_iter().map(|e| DirEntry { is_dir: is_dir(&e.name), name: e.name }).collect();
        entries.sort_by(|a, b| b.is_dir.cmp(&a.is_dir).then_with(|| a.name.cmp(&b.name)));
        Ok(entries)
    }

    /// All inputs so far.
    pub fn log(&self) -> &[LogEntry] {
        &self.log
    }
}

fn window(cols: u16, rows: u16) -> Result<WindowSize, String> {
    if cols == 0 || rows == 0 || cols > 1000 || rows > 1000 {
        return Err(format!("a window of {cols} by {rows} is no window"));
    }
    Ok(WindowSize { columns: cols, rows })
}

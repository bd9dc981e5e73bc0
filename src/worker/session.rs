//! One session: a world, what its terminals got, and the rest of a replay.

use crate::convert;
use crate::records::{Change, Records};
use playground::{Advance, BootOptions, Event, World};
use share::{Action, Entry, Link};
use std::collections::{BTreeSet, VecDeque};

/// Inputs are stamped with multiples of this. Keys typed by hand then lie one or two grid steps apart, which takes a
/// bit or two in a link, where exact times would take a byte and more for each key. The machine is brought forward to
/// the stamp at once, so an echo does not wait for it.
const STAMP_GRID_NS: u64 = share::STAMP_GRID_NS;
/// A machine that is so busy that it does not reach the stamp in this many slices takes the input where it is.
const STAMP_SLICES: u32 = 4096;

/// A world and its surroundings.
pub struct Session {
    world: World,
    seed: u64,
    build: u32,
    records: Records,
    /// Terminals whose sessions run.
    running: BTreeSet<String>,
    rest: VecDeque<Entry>,
    total: usize,
}

impl Session {
    /// A fresh world.
    pub fn boot(seed: u64, build: u32) -> Session {
        let options = BootOptions { seed, ..BootOptions::default() };
        Session {
            world: World::boot(&options),
            seed,
            build,
            records: Records::default(),
            running: BTreeSet::new(),
            rest: VecDeque::new(),
            total: 0,
        }
    }

    /// A world that [`Session::replay_step`] brings to a link's end.
    pub fn replay(link: Link, build: u32) -> Session {
        let mut session = Session::boot(link.seed, build);
        session.total = link.log.len();
        session.rest = link.log.into();
        session
    }

    /// Runs the replay on: inputs done, in all, virtual now, 1 at the end.
    pub fn replay_step(&mut self, slices: u32) -> Vec<f64> {
        let mut now = 0;
        if let Some(at_ns) = self.rest.front().map(|entry| entry.at_ns) {
            let reached = self.world.advance(at_ns, slices);
            now = reached.now_ns;
            self.collect();
            if now >= at_ns
                && let Some(entry) = self.rest.pop_front()
            {
                self.note(&entry.action);
                // The log holds only what the world took. Another engine build may refuse some: the replay goes on, and
                // the page has said that it may differ.
                let _ = self.input(convert::event(entry.action));
            }
        }
        let done = self.total - self.rest.len();
        vec![done as f64, self.total as f64, now as f64, f64::from(self.rest.is_empty())]
    }

    fn note(&mut self, action: &Action) {
        match action {
            Action::Open { tty, cols, rows } => self.records.change(tty, Change::Opened(*cols, *rows)),
            Action::Resize { tty, cols, rows } => self.records.change(tty, Change::Resized(*cols, *rows)),
            // That a terminal has closed is seen from the world.
            Action::Close { .. } | Action::Keys { .. } | Action::Write { .. } => {}
        }
    }

    /// Runs the machine on: virtual now, and when the next thing is due.
    pub fn advance(&mut self, until: u64, slices: u32) -> Vec<f64> {
        let reached = self.world.advance(until, slices);
        self.reached(reached)
    }

    /// Runs the machine on until nothing is left to do at this instant.
    pub fn advance_until_idle(&mut self, until: u64, slices: u32) -> Vec<f64> {
        let reached = self.world.settle(until, slices);
        self.reached(reached)
    }

    fn reached(&mut self, reached: Advance) -> Vec<f64> {
        self.collect();
        let next = match reached.next_event_ns {
            _ if !reached.ready => reached.now_ns as f64,
            Some(next) => next as f64,
            None => -1.0,
        };
        vec![reached.now_ns as f64, next]
    }

    /// Brings virtual time to the grid's next point at or after `target`, as far as a busy machine lets it.
    pub fn stamp_for(&mut self, target: u64) -> u64 {
        let target = target.max(self.world.now_ns());
        let stamp = target.div_ceil(STAMP_GRID_NS) * STAMP_GRID_NS;
        self.advance(stamp, STAMP_SLICES);
        self.world.now_ns()
    }

    /// Gives the world an input, stamped with virtual now.
    pub fn input(&mut self, event: Event) -> Result<(), String> {
        let opened = if let Event::OpenTty { tty, .. } = &event { Some(tty.clone()) } else { None };
        self.world.input(event)?;
        self.running.extend(opened);
        Ok(())
    }

    fn collect(&mut self) {
        for (tty, bytes) in self.world.take_output() {
            self.records.output(&tty, &bytes);
        }
        let (world, records) = (&self.world, &mut self.records);
        self.running.retain(|tty| {
            let over = world.is_over(tty);
            if over {
                records.change(tty, Change::Closed);
            }
            !over
        });
    }

    /// What the terminals got since the last call.
    pub fn take_output(&mut self) -> Vec<u8> {
        self.collect();
        self.records.take()
    }

    /// A file of the host.
    pub fn read_file(&self, path: &str) -> Result<Vec<u8>, String> {
        self.world.read_file(path)
    }

    /// A folder of the host as JSON.
    pub fn list_dir(&self, path: &str) -> Result<String, String> {
        let entries = self.world.list_dir(path)?;
        let list = entries.iter().map(|entry| serde_json::json!({"name": entry.name, "dir": entry.is_dir}));
        Ok(serde_json::Value::Array(list.collect()).to_string())
    }

    /// The session so far as a link's text.
    pub fn link(&self) -> Result<String, String> {
        let log = convert::to_link(self.world.log());
        share::encode(&Link { build: self.build, seed: self.seed, log }).map_err(|error| error.to_string())
    }
}

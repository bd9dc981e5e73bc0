//! What happened, for `docker events`.

use std::cell::RefCell;
use std::collections::VecDeque;

use docker_api::types::{Actor, Event, Map};
use machine::{UnixTime, WaitQueue};

/// So many events are remembered.
const KEPT: usize = 1024;

/// The log of events.
#[derive(Default)]
pub struct Events {
    log: RefCell<Log>,
    /// Woken at each event.
    pub wake: WaitQueue,
}

#[derive(Default)]
struct Log {
    first: u64,
    events: VecDeque<Event>,
}

impl Events {
    /// Records an event. `from` is the image of a container.
    pub fn emit(&self, now: UnixTime, kind: &str, action: &str, id: &str, attributes: Map<String>) {
        let mut event = Event {
            kind: kind.into(),
            action: action.into(),
            actor: Actor { id: id.into(), attributes },
            scope: "local".into(),
            time: now.seconds(),
            time_nano: now.0,
            ..Event::default()
        };
        if kind == "container" || kind == "image" {
            event.status = action.into();
            event.id = id.into();
        }
        if kind == "container" {
            event.from = event.actor.attributes.get("image").cloned().unwrap_or_default();
        }
        {
            let mut log = self.log.borrow_mut();
            log.events.push_back(event);
            if log.events.len() > KEPT {
                log.events.pop_front();
                log.first += 1;
            }
        }
        self.wake.wake();
    }

    /// The number that the next event will have.
    pub fn next_number(&self) -> u64 {
        let log = self.log.borrow();
        log.first + log.events.len() as u64
    }

    /// The event with that number, or the oldest one kept after it, and the number behind it.
    pub fn get(&self, number: u64) -> Option<(Event, u64)> {
        let log = self.log.borrow();
        let number = number.max(log.first);
        let event = log.events.get((number - log.first) as usize)?;
        Some((event.clone(), number + 1))
    }
}

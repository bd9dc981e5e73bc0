//! Names of other hosts. The engine asks and wants an answer at once; the machine's resolver takes its time. So what is
//! asked is looked up before the next event, and the answer of before is good until then.

use crate::server::host::Found;
use machine::Sys;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::rc::Rc;

/// How long an answer is good, in microseconds.
const FRESH: i64 = 1_000_000;

/// So many answers are kept.
const MOST: usize = 1024;

/// Names and what they stand for.
#[derive(Debug, Default)]
pub struct Names {
    /// Each with the time of the answer, in microseconds of the monotonic clock.
    known: BTreeMap<String, (Option<IpAddr>, i64)>,
    wanted: BTreeSet<String>,
}

/// The same for everybody who asks.
pub type SharedNames = Rc<RefCell<Names>>;

impl Names {
    /// What a name stands for, as far as that is known.
    pub fn address(&mut self, name: &str, now: i64) -> Found {
        let known = self.known.get(name).copied();
        if known.is_none_or(|(_, asked)| now - asked > FRESH) {
            self.wanted.insert(name.to_owned());
        }
        match known {
            Some((Some(address), _)) => Found::Address(address),
            Some((None, _)) => Found::Nothing,
            None => Found::Later,
        }
    }
}

/// Looks up what was asked. Whether there was anything.
pub async fn look_up(names: &SharedNames, sys: &Sys) -> bool {
    let wanted = std::mem::take(&mut names.borrow_mut().wanted);
    if names.borrow().known.len() + wanted.len() > MOST {
        names.borrow_mut().known.clear();
    }
    for name in &wanted {
        let found = machine::net::resolve(sys, name).await.unwrap_or_default();
        let now = (sys.now().0 / 1000) as i64;
        names.borrow_mut().known.insert(name.clone(), (found.first().copied(), now));
    }
    !wanted.is_empty()
}

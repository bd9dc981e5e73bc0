//! Beginning to watch.

use super::Sentinel;
use crate::config::{self, Config, Setting};
use crate::launch::Refusal;
use crate::server::{Host, Level, Server};

/// What is otherwise in Sentinel mode unless it is configured.
pub fn defaults(config: &mut Config) {
    config.sentinel_mode = true;
    config.put(config::PORT, Setting::Int(super::PORT));
    config.put(config::PROTECTED_MODE, Setting::Bool(false));
}

/// Reads the `sentinel` lines, and sees to it that the file can be written: all that is learnt is kept there.
pub fn prepare(host: &mut dyn Host, config: &mut Config, file: Option<&str>) -> Result<Sentinel, Refusal> {
    let now = host.wall_us() / 1000;
    let lines = std::mem::take(&mut config.sentinel_lines);
    let sentinel = Sentinel::load(&lines, host, now).map_err(|bad| bad.message(&config.version))?;
    // There is nothing to be saved.
    config.save.clear();
    let trouble = match file {
        None => "Sentinel needs config file on disk to save state. Exiting...".to_owned(),
        Some(path) => match host.can_write(path) {
            Ok(()) => return Ok(sentinel),
            Err(reason) => format!("Sentinel config file {path} is not writable: {reason}. Exiting..."),
        },
    };
    host.log('X', Level::Warning, &trouble);
    Err(Refusal::new())
}

impl Server {
    /// The Sentinel is ready: it says who it is and whom it watches.
    pub fn sentinel_is_running(&mut self) {
        let fresh = self.sentinel.as_ref().is_some_and(|me| me.my_id.bytes().all(|digit| digit == 0));
        let id = self.random_id();
        self.as_sentinel(|watch| {
            watch.me.previous_time = watch.now();
            if fresh {
                watch.me.my_id = id;
                watch.save();
            }
            let text = format!("Sentinel ID is {}", watch.me.my_id);
            watch.server.notice(&text);
            for master in watch.me.all_masters() {
                let quorum = watch.me.at(master).quorum;
                watch.event(Level::Warning, "+monitor", master, &format!(" quorum {quorum}"));
            }
        });
    }
}

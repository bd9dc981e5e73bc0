//! Events: lines of the log, messages on a channel called like the event, calls of the notification script.

use super::{Id, Kind, Sentinel, Watch};
use crate::server::Level;

impl Sentinel {
    /// An instance as events name it: kind, name, address, and the same of its master.
    pub fn describe(&self, id: Id) -> String {
        let one = |id: Id| {
            let instance = self.at(id);
            format!("{} {} {}", instance.name, self.shown(&instance.addr), instance.addr.port)
        };
        let kind = self.at(id).kind.word();
        match self.at(id).master {
            Some(master) => format!("{kind} {} @ {}", one(id), one(master)),
            None => format!("{kind} {}", one(id)),
        }
    }
}

impl Watch<'_> {
    /// An event about an instance; `more` comes behind its description.
    pub(super) fn event(&mut self, level: Level, name: &str, about: Id, more: &str) {
        let text = self.me.describe(about) + more;
        self.tell(level, name, Some(about), &text);
    }

    /// An event with a text of its own; `about` whom it is, for the script.
    pub(super) fn tell(&mut self, level: Level, name: &str, about: Option<Id>, text: &str) {
        self.server.log(level, &format!("{name} {text}"));
        if level != Level::Debug {
            self.server.publish(name.as_bytes(), &machine::text::to_bytes(text), false);
        }
        let script = about.map(|id| self.me.master_of(id)).and_then(|id| self.me.at(id).notification_script.clone());
        if level == Level::Warning
            && let Some(script) = script
        {
            self.schedule(vec![script, name.to_owned(), text.to_owned()]);
        }
    }

    /// Writes everything that is to be remembered to the configuration file.
    pub(super) fn save(&mut self) -> bool {
        let path = self.server.config_file.clone().unwrap_or_default();
        let lines = self.me.lines();
        match self.server.rewrite_config(&path, false, &lines) {
            Ok(()) => {
                self.server.notice("Sentinel new configuration saved on disk");
                true
            }
            Err(reason) => {
                self.server.warn(&format!(
                    "WARNING: Sentinel was not able to save the new configuration on disk!!!: {reason}"
                ));
                false
            }
        }
    }

    /// An epoch newer than all before.
    pub(super) fn say_epoch(&mut self, about: Id) {
        let epoch = self.me.current_epoch.to_string();
        self.tell(Level::Warning, "+new-epoch", Some(about), &epoch);
    }

    /// Kind of an instance.
    pub(super) fn is(&self, id: Id, kind: Kind) -> bool {
        self.me.at(id).kind == kind
    }
}

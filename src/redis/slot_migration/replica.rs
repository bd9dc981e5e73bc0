//! A replica knows what its master is doing, so that it can clean up after it when it takes its place.

use super::{Event, Operation, State, Task};
use crate::server::Server;

impl Server {
    /// Tells the replicas of a task.
    pub(super) fn tell_replicas_of_task(&mut self, text: &str) {
        let words = [b"CLUSTER".as_slice(), b"SYNCSLOTS", b"CONF", b"ASM-TASK", text.as_bytes()];
        self.feed_replicas(None, &words.map(<[u8]>::to_vec));
    }

    /// The task under way, for a snapshot; empty where there is none.
    pub(crate) fn task_for_snapshot(&self) -> String {
        let migration = &self.slot_migration;
        let replica = self.cluster.as_ref().is_some_and(|c| !c.me().is_master());
        let masters = migration.master_task.as_deref().filter(|task| replica && !task.state.is_over());
        let own = migration.task().filter(|task| task.state != State::None && !task.state.is_over());
        masters.or(own).map(Task::encode).unwrap_or_default()
    }

    /// Whether a slot range is all the master's.
    fn master_has_all(&self, task: &Task) -> bool {
        let Some(cluster) = &self.cluster else { return false };
        task.slots.slots().all(|slot| cluster.owners.get(slot) == Some(&cluster.my_master()))
    }

    /// What the master says of its task; an empty text says that it has none. False where that makes no sense.
    pub(crate) fn hear_masters_task(&mut self, text: &str) -> bool {
        if self.cluster.as_ref().is_none_or(|c| c.me().is_master()) {
            return false;
        }
        self.slot_migration.master_task.take_if(|task| task.operation == Operation::Migrate);
        if text.is_empty() {
            let all_there = self.slot_migration.master_task.as_deref().is_some_and(|task| self.master_has_all(task));
            if let Some(task) = self.slot_migration.master_task.as_deref_mut().filter(|task| !task.state.is_over()) {
                task.state = if all_there { State::Completed } else { State::Failed };
            }
            return true;
        }
        let Some(task) = Task::decode(text, self.now_ms) else { return false };
        self.slot_migration.master_task = Some(Box::new(task));
        true
    }

    /// This node takes its master's place: what the master did not finish is dropped.
    pub(crate) fn finish_masters_task(&mut self) {
        let Some(mut task) = self.slot_migration.master_task.take() else { return };
        let mut over = task.state;
        if task.operation == Operation::Import && !over.is_over() {
            let (id, slots) = (&task.id, &task.slots);
            self.warn(&format!("Import task {id} from old master failed: slots={slots}"));
            task.state = State::Failed;
            over = State::Failed;
            if self.is_cluster_master() {
                self.tell_replicas_of_task(&task.encode());
                self.migration_event_said(&task.id, Event::ImportFailed, &task.slots.to_string());
            }
        }
        let drops = match task.operation {
            Operation::Import => over == State::Failed,
            Operation::Migrate => over != State::Failed,
        };
        if drops {
            self.trim_what_is_not_owned(&task.slots);
        }
    }
}

//! CLUSTER MIGRATION <IMPORT start-slot end-slot [start-slot end-slot ...] | CANCEL <ID task-id | ALL> |
//! STATUS <ID task-id | ALL>>

use super::super::prelude::*;
use crate::slot_migration::{Operation, SlotRanges, State, Task};

/// The command's description.
pub static COMMAND: Command = Command {
    name: "cluster|migration",
    arity: -4,
    flags: flag::ADMIN | flag::STALE | flag::NO_ASYNC_LOADING,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Start, monitor and cancel slot migration.",
        since: "8.4.0",
        group: "cluster",
        complexity: "O(N) where N is the total number of the slots between the start slot and end slot arguments.",
        args: "subcommand:o(import:b*=IMPORT(start-slot:i end-slot:i) cancel:o=CANCEL(task-id:s=ID all:t=ALL) status:o=STATUS(task-id:s?=ID all:t?=ALL))",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::cluster(cx)?;
    match cx.arg(2).to_ascii_lowercase().as_slice() {
        b"import" => import(cx),
        b"status" => status(cx),
        b"cancel" => cancel(cx),
        _ => Err(UNKNOWN.into()),
    }
}

const UNKNOWN: &str = "ERR unknown argument";

fn arity(cx: &Cx<'_>) -> Fail {
    crate::server::errors::arity(cx.cmd.name).into()
}

fn import(cx: &mut Cx<'_>) -> Res {
    let words = cx.argv.get(3..).unwrap_or_default();
    if words.is_empty() || !words.len().is_multiple_of(2) {
        return Err(arity(cx));
    }
    let slots = SlotRanges::of_words(words)?;
    let id = cx.s.import_slots(slots).map_err(|error| format!("ERR {error}"))?;
    cx.out.text(&id);
    Ok(())
}

/// `ID task-id` or `ALL`.
fn which<'a>(cx: &Cx<'a>) -> Result<Option<&'a [u8]>, Fail> {
    match cx.argc() {
        4 | 5 if cx.is(3, "ID") => (cx.argc() == 5).then(|| Some(cx.arg(4))).ok_or_else(|| arity(cx)),
        4 | 5 if cx.is(3, "ALL") => (cx.argc() == 4).then_some(None).ok_or_else(|| arity(cx)),
        4 | 5 => Err(UNKNOWN.into()),
        _ => Err(arity(cx)),
    }
}

fn cancel(cx: &mut Cx<'_>) -> Res {
    let id = which(cx)?;
    let cancelled = cx.s.cancel_migrations("user request", |task| id.is_none_or(|id| task.id.as_bytes() == id));
    cx.out.len(cancelled);
    Ok(())
}

fn status(cx: &mut Cx<'_>) -> Res {
    let id = which(cx)?;
    let wanted = |task: &&Task| id.is_none_or(|id| task.id.as_bytes() == id);
    let tasks: Vec<&Task> = cx.s.slot_migration.all().filter(wanted).collect();
    cx.out.array(tasks.len());
    for task in tasks {
        describe(cx.out, task);
    }
    Ok(())
}

fn describe(out: &mut resp::Reply, task: &Task) {
    let (slots, operation) = (task.slots.to_string(), task.operation.name());
    let over = task.operation == Operation::Migrate && task.state == State::Completed;
    let texts = [
        ("id", task.id.as_str()),
        ("slots", &slots),
        ("source", &task.source),
        ("dest", &task.dest),
        ("operation", operation),
        ("state", task.state.name()),
        ("last_error", &task.error),
    ];
    let numbers = [
        ("retries", task.retries as i64),
        ("create_time", task.created),
        ("start_time", task.started),
        ("end_time", task.ended),
        ("write_pause_ms", if over { task.ended - task.paused } else { 0 }),
    ];
    out.map(texts.len() + numbers.len());
    for (name, text) in texts {
        out.text(name);
        out.text(text);
    }
    for (name, n) in numbers {
        out.text(name);
        out.int(n);
    }
}

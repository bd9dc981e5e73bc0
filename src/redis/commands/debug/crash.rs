//! DEBUG SEGFAULT, PANIC, ASSERT and OOM: the process ends as one that crashed.

use super::super::prelude::*;

/// What a shell shows of a process that a signal ended.
const KILLED_BY: u8 = 128;
const SEGV: u8 = 11;
const ABRT: u8 = 6;

fn crash(cx: &mut Cx<'_>, signal: u8, lines: &[String]) -> Res {
    cx.s.warn("=== REDIS BUG REPORT START: Cut & paste starting from here ===");
    for line in lines {
        cx.s.warn(line);
    }
    cx.s.warn("=== REDIS BUG REPORT END. Make sure to include from START to END. ===");
    cx.s.exit(KILLED_BY + signal);
    Ok(())
}

pub(super) fn segfault(cx: &mut Cx<'_>) -> Res {
    let lines = [format!("Redis {} crashed by signal: {SEGV}, si_code: 2", cx.s.config.version)];
    crash(cx, SEGV, &lines)
}

pub(super) fn panic(cx: &mut Cx<'_>) -> Res {
    let now = cx.s.now_ms / 1000;
    let lines = [
        "------------------------------------------------".to_owned(),
        "!!! Software Failure. Press left mouse button to continue".to_owned(),
        format!("Guru Meditation: DEBUG PANIC called at Unix time {now} #debug.c:490"),
        "------------------------------------------------".to_owned(),
    ];
    crash(cx, ABRT, &lines)
}

pub(super) fn assert(cx: &mut Cx<'_>) -> Res {
    let lines =
        ["=== ASSERTION FAILED CLIENT CONTEXT ===".to_owned(), "==> debug.c:510 '1 == 2' is not true".to_owned()];
    crash(cx, ABRT, &lines)
}

pub(super) fn out_of_memory(cx: &mut Cx<'_>) -> Res {
    let size = usize::MAX / 2;
    cx.s.warn(&format!("Out Of Memory allocating {size} bytes!"));
    crash(cx, ABRT, &[format!("Guru Meditation: Redis aborting for OUT OF MEMORY. Allocating {size} bytes!")])
}

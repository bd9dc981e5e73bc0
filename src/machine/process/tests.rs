//! Processes as programs see them.

use std::cell::RefCell;
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use super::cgroup::CgroupLimits;
use super::{Disposition, Pid, Signal, WaitFor, WaitOptions, WaitStatus};
use crate::tty::WindowSize;
use crate::{Errno, ExitCode, Fd, Instant, Machine, MachineConfig, Sys, UnixTime};

fn machine() -> Machine {
    Machine::boot(&MachineConfig { seed: 1, boot: UnixTime(0), hostname: "test".into() })
}

/// Runs a program to its end (at most a virtual hour) and gives what it noted.
fn check<F: Future<Output = ()> + 'static>(body: impl FnOnce(Sys, Rc<RefCell<Vec<String>>>) -> F, expected: &[&str]) {
    let machine = machine();
    let notes = Rc::new(RefCell::new(Vec::new()));
    let theirs = notes.clone();
    let started = machine.start(move |sys| {
        let run = body(sys, theirs);
        async move {
            run.await;
            ExitCode::SUCCESS
        }
    });
    assert!(started.is_ok());
    machine.run(Instant(3_600_000_000_000), u64::MAX);
    assert_eq!(*notes.borrow(), expected);
}

#[test]
fn children_are_waited_for_once() {
    check(
        |sys, notes| async move {
            let child = sys.fork(|_| async { ExitCode(7) }).expect("room");
            let any = WaitOptions::default();
            let got = sys.waitpid(WaitFor::Process(child), any).await;
            assert_eq!(got, Ok(Some((child, WaitStatus::Exited(7)))));
            let again = sys.waitpid(WaitFor::Any, any).await;
            notes.borrow_mut().push(format!("{again:?}"));
        },
        &["Err(ECHILD)"],
    );
}

#[test]
fn a_signal_ends_a_sleeper_and_its_code_runs_no_further() {
    check(
        |sys, notes| async move {
            let theirs = notes.clone();
            let child = sys
                .fork(|sys| async move {
                    let _ = sys.sleep(Duration::from_secs(1000)).await;
                    theirs.borrow_mut().push("woke".into());
                    ExitCode::SUCCESS
                })
                .expect("room");
            let _ = sys.sleep(Duration::from_secs(1)).await;
            assert_eq!(sys.kill(child, Some(Signal::TERM)), Ok(()));
            let got = sys.waitpid(WaitFor::Any, WaitOptions::default()).await;
            assert_eq!(got, Ok(Some((child, WaitStatus::Signaled(Signal::TERM)))));
            notes.borrow_mut().push(format!("{}", sys.now().0 / 1_000_000_000));
        },
        &["1"],
    );
}

#[test]
fn a_caught_signal_interrupts_and_is_taken() {
    check(
        |sys, notes| async move {
            let parent = sys.getpid();
            let _ = sys.sigaction(Signal::USR1, Disposition::Catch);
            let _ = sys.fork(move |sys| async move {
                let _ = sys.sleep(Duration::from_secs(1)).await;
                let _ = sys.kill(parent, Some(Signal::USR1));
                ExitCode::SUCCESS
            });
            let slept = sys.sleep(Duration::from_secs(100)).await;
            notes.borrow_mut().push(format!("{slept:?}"));
            notes.borrow_mut().push(format!("{:?} {:?}", sys.take_signal(), sys.take_signal()));
        },
        &["Err(EINTR)", "Some(SIGUSR1) None"],
    );
}

#[test]
fn stopped_processes_stand_still_until_continued() {
    check(
        |sys, notes| async move {
            let theirs = notes.clone();
            let child = sys
                .fork(|sys| async move {
                    let _ = sys.sleep(Duration::from_secs(2)).await;
                    theirs.borrow_mut().push(format!("child at {}", sys.now().0 / 1_000_000_000));
                    ExitCode::SUCCESS
                })
                .expect("room");
            let _ = sys.sleep(Duration::from_secs(1)).await;
            let _ = sys.kill(child, Some(Signal::STOP));
            let stopped = sys.waitpid(WaitFor::Any, WaitOptions { stopped: true, ..Default::default() }).await;
            notes.borrow_mut().push(format!("{:?}", stopped.map(|s| s.map(|s| s.1))));
            let _ = sys.sleep(Duration::from_secs(9)).await;
            let _ = sys.kill(child, Some(Signal::CONT));
            let _ = sys.waitpid(WaitFor::Any, WaitOptions::default()).await;
        },
        &["Ok(Some(Stopped(SIGSTOP)))", "child at 10"],
    );
}

#[test]
fn orphans_go_to_process_one() {
    check(
        |sys, notes| async move {
            let theirs = notes.clone();
            let child = sys.fork(|sys| async move {
                let _ = sys.fork(|sys| async move {
                    let _ = sys.sleep(Duration::from_secs(1)).await;
                    theirs.borrow_mut().push(format!("parent {}", sys.getppid()));
                    ExitCode::SUCCESS
                });
                ExitCode::SUCCESS
            });
            assert!(child.is_ok());
            let _ = sys.waitpid(WaitFor::Any, WaitOptions::default()).await;
            let _ = sys.sleep(Duration::from_secs(2)).await;
            notes.borrow_mut().push(format!("{} left", sys.processes().len()));
        },
        &["parent 1", "2 left"],
    );
}

#[test]
fn a_fork_bomb_meets_the_limit() {
    fn bomb(sys: Sys) -> std::pin::Pin<Box<dyn Future<Output = ExitCode>>> {
        Box::pin(async move {
            loop {
                match sys.fork(bomb) {
                    Ok(_) => sys.tick(1000).await,
                    Err(error) => {
                        assert_eq!(error, Errno::EAGAIN);
                        let _ = sys.sleep(Duration::from_secs(1)).await;
                    }
                }
            }
        })
    }
    let machine = machine();
    let first = machine.start(bomb).expect("room");
    machine.run(Instant(5_000_000_000), u64::MAX);
    let sys = machine.init();
    assert_eq!(sys.processes().len() as u64, sys.limits().processes);
    let group = sys.getpgid(first).expect("it lives");
    assert_eq!(sys.kill(Pid(-group.0), Some(Signal::KILL)), Ok(()));
    machine.run(Instant(6_000_000_000), u64::MAX);
    assert_eq!(sys.processes().len(), 1);
}

#[test]
fn a_busy_loop_stops_no_clock() {
    let machine = machine();
    let _ = machine.start(|sys| async move {
        loop {
            sys.tick(1000).await;
        }
    });
    let woke = Rc::new(RefCell::new(0));
    let theirs = woke.clone();
    let _ = machine.start(move |sys| async move {
        let _ = sys.sleep(Duration::from_secs(1)).await;
        *theirs.borrow_mut() = sys.now().0;
        ExitCode::SUCCESS
    });
    machine.run(Instant(2_000_000_000), u64::MAX);
    assert!((1_000_000_000..1_010_000_000).contains(&*woke.borrow()));
}

#[test]
fn a_busy_loop_behind_is_no_news() {
    let machine = machine();
    let console = machine.open_console(WindowSize { columns: 80, rows: 24 }, |sys| async move {
        let _ = sys.fork(|sys| async move {
            loop {
                sys.tick(1000).await;
            }
        });
        let _ = sys.sleep(Duration::from_secs(1)).await;
        let _ = sys.read_vec(Fd::STDIN, 100).await;
        ExitCode::SUCCESS
    });
    let console = console.expect("a terminal");
    machine.run_until(Instant(9_000_000_000), u64::MAX, &|| console.waits_for_input());
    assert!((1_000_000_000..1_010_000_000).contains(&machine.now().0), "{:?}", machine.now());
}

#[test]
fn a_namespace_dies_with_its_first_process() {
    check(
        |sys, notes| async move {
            let flags = super::CloneFlags { pid: true, ..Default::default() };
            let theirs = notes.clone();
            let init = sys
                .clone_process(flags, |sys| async move {
                    theirs.borrow_mut().push(format!("I am {}", sys.getpid()));
                    let _ = sys.fork(|sys| async move {
                        let _ = sys.sleep(Duration::from_secs(1000)).await;
                        ExitCode::SUCCESS
                    });
                    let _ = sys.kill(Pid(1), Some(Signal::TERM));
                    let _ = sys.sleep(Duration::from_secs(5)).await;
                    ExitCode::SUCCESS
                })
                .expect("allowed");
            let _ = sys.waitpid(WaitFor::Process(init), WaitOptions::default()).await;
            // Its own signal did nothing to it: process 1 is spared what it does not catch.
            notes.borrow_mut().push(format!("{} s, {} left", sys.now().0 / 1_000_000_000, sys.processes().len()));
        },
        &["I am 1", "5 s, 2 left"],
    );
}

/// Types on a console whose program is `body`: what it showed after each piece of typing.
fn on_console<F>(body: impl FnOnce(Sys) -> F, typed: &[&[u8]]) -> Vec<(String, bool)>
where
    F: Future<Output = ExitCode> + 'static,
{
    let machine = machine();
    let console = machine.open_console(WindowSize { columns: 80, rows: 24 }, body).expect("a terminal");
    let mut shown = Vec::new();
    for bytes in typed {
        console.type_bytes(bytes);
        let until = machine.now() + Duration::from_secs(10);
        machine.run_until(until, u64::MAX, &|| console.waits_for_input());
        shown.push((String::from_utf8_lossy(&console.take_output()).into_owned(), console.waits_for_input()));
    }
    shown
}

#[test]
fn a_console_tells_when_its_program_waits() {
    let shown = on_console(
        |sys| async move {
            loop {
                let line = sys.read_vec(Fd::STDIN, 100).await.unwrap_or_default();
                if line.is_empty() {
                    return ExitCode::SUCCESS;
                }
                let _ = sys.sleep(Duration::from_secs(3)).await;
                let _ = sys.write_all(Fd::STDOUT, &line).await;
            }
        },
        &[b"", b"hi\r", b"\x04"],
    );
    assert_eq!(shown, [(String::new(), true), ("hi\r\nhi\r\n".into(), true), (String::new(), false)]);
}

#[test]
fn a_console_that_is_behind_with_output_does_not_wait() {
    let shown = on_console(
        |sys| async move {
            // Who shows what another prints is behind, and the other waits already.
            let _ = sys.fork(|sys| async move {
                let _ = sys.write_all(Fd::STDOUT, &[b'x'; 100_000]).await;
                ExitCode::SUCCESS
            });
            let _ = sys.read_vec(Fd::STDIN, 100).await;
            ExitCode::SUCCESS
        },
        &[b""],
    );
    assert_eq!(shown.iter().map(|(text, waits)| (text.len(), *waits)).collect::<Vec<_>>(), [(100_000, true)]);
}

#[test]
fn interrupt_reaches_the_foreground() {
    let shown = on_console(
        |sys| async move {
            let _ = sys.sigaction(Signal::INT, Disposition::Catch);
            let error = sys.sleep(Duration::from_secs(15)).await;
            let _ = sys.write_all(Fd::STDOUT, format!("{error:?} {:?}\n", sys.take_signal()).as_bytes()).await;
            ExitCode::SUCCESS
        },
        &[b"", b"\x03"],
    );
    assert_eq!(shown[1].0, "^CErr(EINTR) Some(SIGINT)\r\n");
}

#[test]
fn a_relayed_terminal_waits_where_the_relay_ends() {
    let shown = on_console(
        |sys| async move {
            let (from, to) = sys.pipe(false).expect("room");
            let _ = sys.fork(move |sys| async move {
                let _ = sys.sleep(Duration::from_secs(2)).await;
                let got = sys.read_vec(from, 100).await.unwrap_or_default();
                let _ = sys.write_all(Fd::STDOUT, &got).await;
                ExitCode::SUCCESS
            });
            let _ = sys.close(from);
            let _ = sys.relay(Fd::STDIN, to, |bytes| Some(bytes.to_vec())).await;
            ExitCode::SUCCESS
        },
        &[b"", b"x\r"],
    );
    // Only when the reader behind the pipe waits does the terminal, which took two seconds.
    assert!(shown[0].1);
    assert_eq!(shown[1].0, "x\r\nx\r\n");
}

#[test]
fn the_same_instant_is_the_same_state_however_it_was_reached() {
    let run = |step: u64| {
        let machine = machine();
        let log = Rc::new(RefCell::new(Vec::new()));
        for worker in 0..5u64 {
            let log = log.clone();
            let _ = machine.start(move |sys| async move {
                for _ in 0..50 {
                    let _ = sys.sleep(Duration::from_micros(100 * (worker + 1) + sys.random_u64() % 50)).await;
                    sys.tick(worker * 3000).await;
                    log.borrow_mut().push((worker, sys.now().0));
                }
                ExitCode::SUCCESS
            });
        }
        while machine.now().0 < 20_000_000 {
            let next = (machine.now().0 / step + 1) * step;
            machine.run(Instant(next.min(20_000_000)), 7);
        }
        log.take()
    };
    assert_eq!(run(20_000_000), run(33_333));
}

/// Starts a process that tells to hold so many bytes, and says how it ended.
async fn holding(sys: &Sys, group: Option<CgroupLimits>, bytes: u64) -> WaitStatus {
    let group = group.map(|limits| sys.cgroup_create(limits).expect("a control group"));
    let child = sys
        .fork(move |sys| async move {
            if let Some(group) = group {
                let _ = sys.cgroup_enter(group);
            }
            let _ = sys.set_memory(bytes);
            let _ = sys.sleep(Duration::from_secs(1)).await;
            ExitCode::SUCCESS
        })
        .expect("room");
    match sys.waitpid(WaitFor::Process(child), WaitOptions::default()).await {
        Ok(Some((_, status))) => status,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_kernel_kills_what_holds_more_than_there_is() {
    check(
        |sys, notes| async move {
            let small = CgroupLimits { memory: 20 << 20, ..CgroupLimits::default() };
            for (group, bytes) in [(None, 1 << 29), (None, 1 << 30), (Some(small), 10 << 20), (Some(small), 21 << 20)] {
                let ended = holding(&sys, group, bytes).await;
                notes.borrow_mut().push(format!("{ended:?}"));
            }
        },
        &["Exited(0)", "Signaled(SIGKILL)", "Exited(0)", "Signaled(SIGKILL)"],
    );
}

#[test]
fn what_is_killed_for_memory_ends_its_slice_first() {
    let machine = machine();
    let notes = Rc::new(RefCell::new(Vec::new()));
    let theirs = notes.clone();
    let started = machine.start(|sys| async move {
        let told = sys.set_memory(3 << 30);
        // Nobody waits for this process: were it gone at once, no call could be answered.
        theirs.borrow_mut().push((told, sys.processes().len()));
        sys.yield_now().await;
        theirs.borrow_mut().push((Err(Errno::ESRCH), 0));
        ExitCode::SUCCESS
    });
    assert!(started.is_ok());
    machine.run(Instant(1_000_000_000), u64::MAX);
    assert_eq!(*notes.borrow(), [(Ok(()), 2)]);
    assert_eq!(machine.init().processes().len(), 1);
}

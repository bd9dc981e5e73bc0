//! SHUTDOWN and the signals that mean the same.

use super::client::BlockedOn;
use super::{Level, Server};
use crate::config;
use crate::launch;

/// How to end.
#[derive(Clone, Copy, Debug, Default)]
pub struct How {
    /// Save even without save points.
    pub save: bool,
    /// Don't save.
    pub nosave: bool,
    /// Don't wait for replicas.
    pub now: bool,
    /// End even if saving fails.
    pub force: bool,
}

/// An end that waits for replicas.
#[derive(Clone, Copy, Debug)]
pub struct Pending {
    /// How.
    pub how: How,
    /// Until when, in milliseconds.
    pub until: i64,
}

impl Server {
    /// SIGINT (`interrupt`) or SIGTERM came: the next tick deals with it. A second SIGINT ends at once.
    pub fn shut_down_on_signal(&mut self, interrupt: bool) {
        let (pid, wall) = (self.host.pid(), self.host.wall_us());
        if self.shutdown.is_some() || self.shutdown_signal.is_some() {
            if interrupt {
                self.host.log_raw(&launch::signal_line(pid, wall, "You insist... exiting now."));
                self.exit(1);
            }
            return;
        }
        let name = if interrupt { "SIGINT" } else { "SIGTERM" };
        self.host.log_raw(&launch::signal_line(pid, wall, &format!("Received {name} scheduling shutdown...")));
        self.shutdown_signal = Some(interrupt);
    }

    /// What the configuration says about a signal.
    fn how_on_signal(&self, interrupt: bool) -> How {
        let id = if interrupt { config::SHUTDOWN_ON_SIGINT } else { config::SHUTDOWN_ON_SIGTERM };
        How {
            save: self.config.is(id, "save"),
            nosave: self.config.is(id, "nosave"),
            now: self.config.is(id, "now"),
            force: self.config.is(id, "force"),
        }
    }

    /// Begins to end. True if the process ends now.
    pub fn prepare_shutdown(&mut self, how: How) -> bool {
        if self.shutdown.is_some() {
            // It is on its way already.
            return false;
        }
        self.refresh_time();
        self.warn_or_notice("User requested shutdown...");
        self.cancel_migrations("server shutdown", |_| true);
        let timeout = self.config.int(config::SHUTDOWN_TIMEOUT);
        if !how.now && timeout > 0 && !self.replicas_caught_up() {
            self.ask_replicas();
            self.notice("Waiting for replicas before shutting down.");
            self.pause = Some((i64::MAX, true));
            self.shutdown = Some(Pending { how, until: self.now_ms + timeout * 1000 });
            return false;
        }
        self.finish_shutdown(how)
    }

    fn warn_or_notice(&mut self, text: &str) {
        self.log(Level::Notice, text);
    }

    /// Ends: saves and says so. False if that failed.
    pub fn finish_shutdown(&mut self, mut how: How) -> bool {
        // What is not all there yet must not take the place of what was saved.
        how.nosave |= self.loading;
        how.save &= !self.loading;
        self.shutdown = None;
        self.report_replicas();
        self.kill_forks();
        if self.child_saves() {
            self.warn("There is a child saving an .rdb. Killing it!");
            self.kill_save();
        }
        if self.child_rewrites() {
            if self.persist.aof_on() && !self.persist.aof_complete() {
                // Without its first base the append only file says nothing.
                if !how.force {
                    self.warn("Writing initial AOF, can't exit.");
                    return self.shutdown_failed();
                }
                self.warn("Writing initial AOF. Exit anyway.");
            }
            self.warn("There is a child rewriting the AOF. Killing it!");
            self.kill_rewrite();
        }
        if self.persist.aof_on() {
            self.flush_aof();
            self.notice("Calling fsync() on the AOF file.");
        }
        let saves = !self.sentinel_mode && ((!self.config.save.is_empty() && !how.nosave) || how.save);
        if saves {
            self.notice("Saving the final RDB snapshot before exiting.");
            if let Err(error) = self.save_now() {
                let _ = error;
                if !how.force {
                    self.warn("Error trying to save the DB, can't exit.");
                    return self.shutdown_failed();
                }
                self.warn("Error trying to save the DB, shutting down anyway.");
            }
        }
        let pidfile = self.config.text(config::PIDFILE).to_owned();
        if self.config.bool(config::DAEMONIZE) || !pidfile.is_empty() {
            self.notice("Removing the pid file.");
            let path = if pidfile.is_empty() { "/var/run/redis.pid".to_owned() } else { pidfile };
            let _ = self.host.remove_file(&path);
        }
        let socket = self.config.text(config::UNIXSOCKET).to_owned();
        if !socket.is_empty() {
            self.notice("Removing the unix socket file.");
            let _ = self.host.remove_file(&socket);
        }
        let what = if self.sentinel_mode { "Sentinel" } else { "Redis" };
        self.warn(&format!("{what} is now ready to exit, bye bye..."));
        self.exit(0);
        true
    }

    /// The process goes on.
    fn shutdown_failed(&mut self) -> bool {
        self.warn("Errors trying to shut down the server. Check the logs for more information.");
        self.cancel_shutdown_waiters();
        self.pause = None;
        false
    }

    fn cancel_shutdown_waiters(&mut self) {
        let waiting: Vec<u64> =
            self.blocked().filter(|(_, blocked)| matches!(blocked.on, BlockedOn::Shutdown)).map(|(id, _)| id).collect();
        for id in waiting {
            self.unblock(id);
            self.client_mut(id).out.error("ERR Errors trying to SHUTDOWN. Check logs.");
            self.ready_output.insert(id);
        }
    }

    /// SHUTDOWN ABORT. False if there is none to abort.
    pub fn abort_shutdown(&mut self) -> bool {
        let signal = self.shutdown_signal.take().is_some();
        if self.shutdown.take().is_none() && !signal {
            return false;
        }
        self.notice("Shutdown manually aborted.");
        self.cancel_shutdown_waiters();
        self.end_pause();
        true
    }

    pub(super) fn shutdown_cron(&mut self) {
        if let Some(interrupt) = self.shutdown_signal.take() {
            self.prepare_shutdown(self.how_on_signal(interrupt));
            return;
        }
        if let Some(pending) = self.shutdown
            && (self.now_ms >= pending.until || self.replicas_caught_up())
        {
            self.finish_shutdown(pending.how);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::server::Action;
    use crate::testing::Bench;

    #[test]
    fn a_signal_waits_for_the_next_tick_and_can_be_taken_back() {
        let mut bench = Bench::start("");
        assert_eq!(bench.run("SHUTDOWN ABORT"), "ERR No shutdown in progress.");
        bench.server.shut_down_on_signal(false);
        assert_eq!(bench.run("SHUTDOWN ABORT"), "OK");
        bench.pass(200);
        assert!(!bench.server.take_actions().contains(&Action::Exit(0)));
        bench.server.shut_down_on_signal(false);
        bench.pass(200);
        assert!(bench.server.take_actions().contains(&Action::Exit(0)));
    }
}

//! Sending what the user typed: reconnecting, redirections, and the commands that change redis-cli's own state.

use std::time::Duration;

use resp::reply::Reply;

use crate::console::Run;
use crate::help::Help;
use crate::session::{Failed, Pushes, Session};
use crate::words::{atoi, is};

type Words<'a> = &'a [Vec<u8>];

/// Whether a command's text reply is shown as it is in every mode.
fn is_verbatim(words: Words<'_>) -> bool {
    let (Some(name), count) = (words.first(), words.len()) else { return false };
    let sub = |names: &[&str]| words.get(1).is_some_and(|s| names.iter().any(|n| is(s, n)));
    is(name, "info")
        || is(name, "lolwut")
        || (is(name, "debug") && sub(&["htstats", "htstats-key", "client-eviction"]))
        || (is(name, "memory") && sub(&["malloc-stats", "doctor"]))
        || (is(name, "cluster") && count == 2 && sub(&["nodes", "info"]))
        || (is(name, "client") && sub(&["list", "info"]))
        || (is(name, "latency") && ((count == 3 && sub(&["graph"])) || (count == 2 && sub(&["doctor"]))))
        || (is(name, "proxy") && sub(&["info"]))
}

impl Session {
    /// Issues a command as often as wanted, connecting first where that is needed and following redirections.
    pub async fn issue(&mut self, words: Words<'_>, repeat: i64) -> Run<Result<(), Failed>> {
        // The debugger has a help of its own.
        if !self.debugging() && words.first().is_some_and(|w| is(w, "help") || is(w, "?")) {
            self.init_help().await?;
            let topic = words.get(1..).unwrap_or_default();
            if let Some(help) = &self.help {
                self.out.print(help.show(topic));
            }
            return Ok(Ok(()));
        }
        loop {
            let broken = self.link.as_ref().is_none_or(|l| l.error.is_some());
            if self.redirected || broken {
                if self.connect(false).await.is_err() {
                    self.interrupted()?;
                    self.tell_error().await;
                    self.redirected = false;
                    return Ok(Err(Failed));
                }
                self.database = 0;
                _ = self.select().await;
            }
            self.redirected = false;
            if self.asking && self.send_asking().await.is_err() {
                self.interrupted()?;
                self.tell_error().await;
                return Ok(Err(Failed));
            }
            if self.send_command(words, repeat).await?.is_err() {
                self.tell_error().await;
                self.link = None;
                return Ok(Err(Failed));
            }
            if !(self.options.cluster_mode && self.redirected) {
                return Ok(Ok(()));
            }
        }
    }

    /// Asks the server what it knows about commands, once.
    pub async fn init_help(&mut self) -> Run<()> {
        if self.help.is_some() {
            return Ok(());
        }
        if self.link.is_none() {
            _ = self.connect(true).await;
        }
        let docs = match &mut self.link {
            Some(link) => link.command(&["COMMAND", "DOCS"]).await.ok(),
            None => None,
        };
        self.interrupted()?;
        self.help = Some(Help::new(docs.as_ref()));
        Ok(())
    }

    async fn send_command(&mut self, words: Words<'_>, mut repeat: i64) -> Run<Result<(), Failed>> {
        let Some(name) = words.first() else { return Ok(Ok(())) };
        let verbatim = is_verbatim(words);
        self.note_debugging(words);
        self.shutdown |= is(name, "shutdown");
        self.monitor |= is(name, "monitor");
        let subscribe = ["subscribe", "psubscribe", "ssubscribe"].iter().any(|n| is(name, n));
        let unsubscribe = ["unsubscribe", "punsubscribe", "sunsubscribe"].iter().any(|n| is(name, n));
        let replicate = is(name, "sync") || is(name, "psync");
        // A negative count goes on for ever.
        while repeat != 0 {
            repeat -= i64::from(repeat > 0);
            self.out.settle().await;
            if let Some(link) = &mut self.link {
                // A failure shows when the reply is read.
                _ = link.send(words).await;
            }
            if self.monitor {
                return self.watch(verbatim).await;
            }
            if replicate {
                self.out.print("Entering replica output mode...  (press Ctrl-C to quit)\n");
                self.out.settle().await;
                crate::modes::replica::follow(self).await?;
                return Ok(Err(Failed));
            }
            let mut awaited = 0;
            if subscribe || unsubscribe {
                awaited = words.len().saturating_sub(1).max(1);
                self.pushes = Pushes::Take;
            }
            if self.read_answer(words, verbatim, subscribe, awaited).await?.is_err() {
                return Ok(Err(Failed));
            }
            self.note_state(words, subscribe || unsubscribe).await;
            if self.redirected {
                break;
            }
            if self.options.interval > 0 {
                _ = self.sys.sleep(Duration::from_micros(self.options.interval)).await;
                self.interrupted()?;
            }
            self.out.flush().await;
        }
        Ok(Ok(()))
    }

    /// MONITOR: prints what comes until Ctrl-C.
    async fn watch(&mut self, verbatim: bool) -> Run<Result<(), Failed>> {
        loop {
            if self.read_reply(verbatim).await?.is_err() {
                self.tell_error().await;
                return Err(crate::console::Exit(1));
            }
            if matches!(self.last, Some(Reply::Error(_))) {
                self.monitor = false;
            }
            if !self.monitor {
                return Ok(Ok(()));
            }
        }
    }

    /// Reads the reply, or as many confirmations as (un)subscribing brings.
    async fn read_answer(
        &mut self,
        words: Words<'_>,
        verbatim: bool,
        subscribe: bool,
        mut awaited: usize,
    ) -> Run<Result<(), Failed>> {
        loop {
            if self.read_reply(verbatim).await?.is_err() {
                return Ok(Err(Failed));
            }
            if !self.subscribed && awaited == 0 {
                return Ok(Ok(()));
            }
            match self.pushed_kind() {
                Some(kind) if awaited > 0 && words.first().is_some_and(|n| n.eq_ignore_ascii_case(&kind)) => {
                    self.subscribed |= subscribe;
                    awaited -= 1;
                    if awaited == 0 {
                        return Ok(Ok(()));
                    }
                }
                Some(_) => {}
                None if matches!(self.last, Some(Reply::Push(_))) => {}
                None => return Ok(Ok(())),
            }
        }
    }

    /// `message`, `subscribe` … if the last reply is one of publish/subscribe.
    fn pushed_kind(&self) -> Option<Vec<u8>> {
        let items = match (&self.last, self.resp3) {
            (Some(Reply::Push(items)), true) | (Some(Reply::Array(items)), false) => items,
            _ => return None,
        };
        let Some(Reply::Bulk(kind)) = items.first().filter(|_| items.len() >= 3) else { return None };
        (kind.ends_with(b"message") || kind.ends_with(b"subscribe")).then(|| kind.clone())
    }

    /// Keeps up with commands that change the connection's state.
    async fn note_state(&mut self, words: Words<'_>, about_channels: bool) {
        let Some(name) = words.first() else { return };
        let failed = matches!(self.last, Some(Reply::Error(_)));
        let count = words.len();
        if is(name, "select") && count == 2 && !failed {
            self.database = words.get(1).map_or(0, |w| atoi(&String::from_utf8_lossy(w)));
            self.target.database = self.database;
        } else if is(name, "auth") && (count == 2 || count == 3) {
            _ = self.select().await;
        } else if is(name, "multi") && count == 1 && !failed {
            self.in_multi = true;
            self.database_before_multi = self.database;
        } else if is(name, "exec") && count == 1 && self.in_multi {
            self.in_multi = false;
            if failed || matches!(self.last, Some(Reply::Nil)) {
                self.back_to_database();
            }
        } else if is(name, "discard") && count == 1 && !failed {
            self.in_multi = false;
            self.back_to_database();
        } else if is(name, "reset") && count == 1 && !failed {
            self.in_multi = false;
            self.database = 0;
            self.target.database = 0;
            self.resp3 = false;
            self.subscribed = false;
            self.restore_pushes();
        } else if is(name, "hello") {
            match self.last {
                Some(Reply::Map(_)) => self.resp3 = true,
                Some(Reply::Array(_)) => self.resp3 = false,
                _ => {}
            }
        } else if about_channels && !self.subscribed {
            self.restore_pushes();
        }
    }

    fn back_to_database(&mut self) {
        self.database = self.database_before_multi;
        self.target.database = self.database;
    }

    fn restore_pushes(&mut self) {
        self.pushes = if self.options.show_pushes { Pushes::Print } else { Pushes::Drop };
    }
}
